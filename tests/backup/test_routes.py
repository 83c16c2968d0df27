"""What administrators see of backups, and what nobody else does: how they stand, one now, and a file to take away."""

import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import OWN, Clock, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.backup.archive import BackupDamaged, contents_of
from daka.backup.kept import kept_files
from daka.backup.models import BackupTrouble
from daka.backup.service import back_up, begin, trouble_of
from daka.delivery.models import Delivery
from daka.errors import ConfigurationError, DakaError
from daka.identity.models import Role
from daka.notices.backup_alerts import alert_about_backups

BACKUPS = "/api/v1/backups"


@pytest.fixture
async def workplace(make_workplace: WorkplaceMaker, tmp_path: Path, frozen: Clock) -> AsyncIterator[Workplace]:
    async with make_workplace(data_dir=tmp_path) as opened:
        yield opened


async def made(workplace: Workplace) -> str:
    """The name of a new backup."""
    run = await back_up(workplace.database, workplace.settings, to=None)
    return Path(run.file).name


async def failed(workplace: Workplace, error: str = "no room", trouble: BackupTrouble = BackupTrouble.NO_SPACE) -> None:
    async with workplace.database.write() as session:
        run = await begin(session, clock.now())
        run.finished_at, run.error, run.trouble = run.started_at, error, trouble


async def tell(workplace: Workplace) -> int:
    async with workplace.database.write() as session:
        return await alert_about_backups(session)


async def test_a_backup_is_begun_and_made_while_the_answer_is_there_already(
    workplace: Workplace, tmp_path: Path
) -> None:
    begun = await workplace.root.post(BACKUPS, OWN)
    assert begun["is_running"]
    assert [item["status"] for item in begun["items"]] == ["running"]
    again = await workplace.root.http.post(BACKUPS, json=OWN)
    assert (again.status_code, again.json()["code"]) == (409, "backup_running")

    async def is_done() -> Any:
        said = await workplace.root.get(BACKUPS)
        return None if said["is_running"] else said

    said = await eventually(is_done, within_seconds=30)
    (item,) = said["items"]
    assert (item["status"], item["is_encrypted"], item["trouble"]) == ("kept", False, None)
    held = contents_of(tmp_path / "backups" / item["name"], "")
    assert item["row_count"] == held.row_count > 4
    assert item["size_bytes"] == (tmp_path / "backups" / item["name"]).stat().st_size
    assert (said["state"], said["folder"], said["keep"]) == ("ok", str(tmp_path / "backups"), 14)
    (entry,) = (await workplace.root.get("/api/v1/audit", action="backup"))["items"]
    assert (entry["action"], entry["actor_name"]) == ("backup.started", "Root")


async def test_the_next_one_comes_at_half_past_three_or_an_hour_after_a_failure(
    workplace: Workplace, frozen: Clock
) -> None:
    assert (await workplace.root.get(BACKUPS))["next_at"] == "2026-11-23T00:00:00Z", "there is none yet: now"
    await made(workplace)
    said = await workplace.root.get(BACKUPS)
    assert (said["last_good_at"], said["next_at"]) == ("2026-11-23T00:00:00Z", "2026-11-23T19:30:00Z")
    frozen.forward(hours=20)
    await failed(workplace)
    said = await workplace.root.get(BACKUPS)
    assert (said["state"], said["next_at"]) == ("failed", "2026-11-23T21:00:00Z")
    assert said["items"][0] | {"started_at": "", "finished_at": ""} == {
        "status": "failed", "name": "", "started_at": "", "finished_at": "", "size_bytes": 0, "row_count": 0,
        "is_encrypted": False, "trouble": "no_space", "error": "no room",
    }  # fmt: skip
    assert said["items"][1]["status"] == "kept"


async def test_files_that_the_database_does_not_know_are_kept_too_and_lost_ones_are_told(
    workplace: Workplace, tmp_path: Path, frozen: Clock
) -> None:
    name = await made(workplace)
    folder = tmp_path / "backups"
    (folder / "daka-20261101T193000Z.jsonl.gz.sealed").write_bytes(b"from before a restore")
    (folder / "notes.txt").write_text("not a backup")
    (folder / "daka-20261102T193000Z.jsonl.gz").symlink_to("/etc/passwd")
    items = (await workplace.root.get(BACKUPS))["items"]
    assert [(item["name"], item["status"], item["is_encrypted"]) for item in items] == [
        (name, "kept", False),
        ("daka-20261101T193000Z.jsonl.gz.sealed", "kept", True),
    ]
    assert items[1]["row_count"] is None
    (folder / name).unlink()
    assert (await workplace.root.get(BACKUPS))["items"][0]["status"] == "missing"
    assert kept_files(tmp_path / "nowhere") == {}


async def test_a_file_is_for_an_administrator_who_repeats_the_password_and_is_written_down(
    workplace: Workplace, tmp_path: Path
) -> None:
    name = await made(workplace)
    address = f"{BACKUPS}/{name}/file"
    wrong = await workplace.root.http.post(address, json={"current_password": "not the password"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert (await workplace.root.get("/api/v1/audit", action="backup"))["items"] == []
    answer = await workplace.root.http.post(address, json=OWN)
    assert answer.status_code == 200
    assert answer.content == (tmp_path / "backups" / name).read_bytes()
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = (await workplace.root.get("/api/v1/audit", action="backup.downloaded"))["items"]
    assert (entry["actor_name"], entry["subject_name"]) == ("Root", name)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("daka-20200101T000000Z.jsonl.gz", 404),
        ("daka-20261102T193000Z.jsonl.gz", 404),  # a link that leads elsewhere
        ("secret.key", 422),
        ("..%2Fsecret.key", 404),  # which is no address of this route
        ("daka-20261102T193000Z.jsonl.gz%00", 422),
    ],
)
async def test_only_backups_are_given_out(workplace: Workplace, tmp_path: Path, name: str, status: int) -> None:
    await made(workplace)
    (tmp_path / "secret.key").write_text("secret")
    (tmp_path / "backups" / "daka-20261102T193000Z.jsonl.gz").symlink_to(tmp_path / "secret.key")
    answer = await workplace.root.http.post(f"{BACKUPS}/{name}/file", json=OWN)
    assert answer.status_code == status, answer.text


async def test_planners_members_and_strangers_see_nothing_of_it(workplace: Workplace) -> None:
    name = await made(workplace)
    for person in (workplace.alice, workplace.bob, workplace.charlie):
        for answer in (
            await person.http.get(BACKUPS),
            await person.http.post(BACKUPS, json=OWN),
            await person.http.post(f"{BACKUPS}/{name}/file", json=OWN),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "admins_only")
    assert len((await workplace.root.get(BACKUPS))["items"]) == 1, "and nothing was begun"


async def test_guessing_the_password_is_throttled(workplace: Workplace) -> None:
    name = await made(workplace)
    answers = [
        (await workplace.root.http.post(f"{BACKUPS}/{name}/file", json={"current_password": f"guess {n}"})).status_code
        for n in range(10)
    ]
    assert answers[-1] == 429


# --- a backup that is missing makes itself heard ----------------------------------------------------------------------


async def test_administrators_are_told_once_for_each_time_that_it_goes_wrong(
    workplace: Workplace, frozen: Clock
) -> None:
    second = await workplace.add_person("Ruth", team_id=None, role=Role.ADMIN)
    assert await tell(workplace) == 0, "none is due yet"
    await made(workplace)
    frozen.forward(hours=20)
    await failed(workplace)
    assert await tell(workplace) == 2
    frozen.forward(hours=1)
    await failed(workplace)
    assert await tell(workplace) == 0, "the same trouble is told once"
    await workplace.tick()
    for admin in (workplace.root, second):
        (message,) = (await admin.get("/api/v1/inbox"))["items"]
        assert message["title"] == "备份失败"
        assert "磁盘满了" in message["text"]
        assert "2026-11-23 08:00" in message["text"], "the last good one, in the installation's zone"
    assert (await workplace.alice.get("/api/v1/inbox"))["items"] == []
    await made(workplace)
    assert await tell(workplace) == 0
    frozen.forward(hours=49)
    assert await tell(workplace) == 2, "overdue after one that went well is new trouble"


async def test_nothing_is_told_while_reminding_is_paused(workplace: Workplace, frozen: Clock) -> None:
    await failed(workplace)
    await workplace.root.post("/api/v1/scheduler/pause")
    assert await tell(workplace) == 0
    await workplace.root.post("/api/v1/scheduler/resume")
    assert await tell(workplace) == 1


async def test_their_own_channel_gets_it_in_its_own_words(workplace: Workplace, frozen: Clock) -> None:
    await workplace.root.post(
        "/api/v1/channels", {"name": "我的", "kind": "webhook", "config": {"url": "https://hooks.example.com/x"}}
    )
    await failed(workplace)
    await tell(workplace)
    async with workplace.database.read() as session:
        (delivery,) = (await session.exec(select(Delivery))).all()
    assert (delivery.occasion, delivery.key.rpartition("-")[0]) == ("backup", "backup-after-0")


async def test_today_says_it_to_administrators_only(workplace: Workplace, frozen: Clock) -> None:
    await made(workplace)
    assert (await workplace.root.get("/api/v1/dashboard"))["team"]["no_backup"] is None
    frozen.forward(hours=20)
    await failed(workplace)
    told = {"trouble": "no_space", "last_good_at": "2026-11-23T00:00:00Z"}
    assert (await workplace.root.get("/api/v1/dashboard"))["team"]["no_backup"] == told
    assert (await workplace.alice.get("/api/v1/dashboard"))["team"]["no_backup"] is None


async def test_what_is_to_be_mended_is_told_by_a_code(workplace: Workplace, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be")
    with pytest.raises(DakaError):
        await made(workplace)
    (item,) = (await workplace.root.get(BACKUPS))["items"]
    assert (item["status"], item["trouble"]) == ("failed", "not_writable")


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), BackupTrouble.NO_SPACE),
        (PermissionError(errno.EACCES, "Permission denied"), BackupTrouble.NOT_WRITABLE),
        (BackupDamaged("cut off"), BackupTrouble.NOT_WHOLE),
        (ConfigurationError("revision 0001"), BackupTrouble.OTHER_VERSION),
        (sa.exc.OperationalError("SELECT", {}, Exception()), BackupTrouble.DATABASE),
        (DakaError("whatever"), BackupTrouble.UNKNOWN),
    ],
)
def test_each_failure_has_its_remedy(error: Exception, trouble: BackupTrouble) -> None:
    assert trouble_of(error) is trouble


async def test_one_that_a_stop_ends_is_made_again_at_the_next_start(workplace: Workplace, frozen: Clock) -> None:
    async with workplace.database.write() as session:
        run = await begin(session, clock.now())
    workplace.app.state.backups.start(run.id)
    await workplace.app.state.backups.stop()
    said = await workplace.root.get(BACKUPS)
    assert [(item["status"], item["trouble"]) for item in said["items"]] == [("failed", "interrupted")]
    assert not said["is_running"]
