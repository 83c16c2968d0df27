"""Each thing that may be wrong is found, named in one line and comes with a remedy."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import SECRET, Clock
from conftest import test_settings as settings_with
from daka import clock
from daka.backup.models import BackupRun
from daka.backup.service import back_up
from daka.database import Database
from daka.delivery.channels.registry import KINDS
from daka.delivery.models import Channel, ChannelStatus, Lane
from daka.doctor.diagnoses import Diagnosis, Severity, clock_offset, disk, exit_status, public_url, secret_key
from daka.doctor.origins import origin_of
from daka.doctor.service import examine
from daka.migrations import newest_revision
from daka.scheduler.models import SchedulerState, Worker
from daka.security import SecretBox
from daka.settings import Settings
from fakes.server import Asked, FakeResponse, FakeServer

PUBLIC = {"public_url": "https://daka.example.com"}


def the(findings: list[Diagnosis], check: str) -> Diagnosis:
    """The worst of what was found about something."""
    order = [Severity.ERROR, Severity.WARNING, Severity.OK]
    return min((found for found in findings if found.check == check), key=lambda found: order.index(found.level))


@pytest.fixture
async def healthy(database: Database, frozen: Clock, tmp_path: Path) -> Settings:
    """An installation that nothing is wrong with."""
    settings = settings_with(
        database_url=database.engine.url.render_as_string(hide_password=False)
        .replace("+asyncpg", "")
        .replace("+aiosqlite", ""),
        data_dir=tmp_path,
        **PUBLIC,
    )
    frozen.set(datetime.now(UTC))  # the database server's clock cannot be set
    async with database.write() as session:
        session.add(Worker(id="w", started_at=clock.now(), last_tick_at=clock.now()))
        session.add(Lane(key="lane"))
        await session.flush()
        session.add(
            Channel(
                name="robot", kind="webhook", config={}, lane="lane", created_at=clock.now(), status_at=clock.now(),
                sealed_secrets=SecretBox(SECRET).seal({"url": "https://hooks.example.com/secret-path"}),
            )
        )  # fmt: skip
    await back_up(database, settings, to=None)
    return settings


async def test_a_clock_before_this_version_is_named(healthy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EARLIEST", clock.now() + timedelta(days=1))
    found = the(await examine(healthy, offline=True), "clock")
    assert found.level is Severity.ERROR
    assert f"it says {clock.now():%Y-%m-%d}" in found.message.en


async def test_nothing_is_wrong_with_a_healthy_one(healthy: Settings) -> None:
    findings = await examine(healthy, offline=True)
    wrong = [
        found.line() for found in findings if found.level is not Severity.OK and found.check not in ("calendar", "disk")
    ]
    assert wrong == []
    assert {found.check for found in findings} >= {
        "secret", "address", "zone", "disk", "tables", "database", "worker", "calendar", "channels", "backup",
    }  # fmt: skip


async def change(database: Database, statement: Any) -> None:
    async with database.write() as session:
        await session.exec(statement)


@pytest.mark.parametrize(
    ("check", "level", "says", "statement"),
    [
        ("worker", Severity.ERROR, "no worker is running", sa.delete(Worker)),
        ("channels", Severity.WARNING, "1 cannot send", sa.update(Channel).values(status=ChannelStatus.BROKEN)),
        ("channels", Severity.WARNING, "1 not tried yet", sa.update(Channel).values(status_at=None)),
        ("channels", Severity.WARNING, "built-in inbox", sa.update(Channel).values(is_enabled=False)),
        ("backup", Severity.ERROR, "the disk is full", sa.update(BackupRun).values(error="the disk is full")),
        ("backup", Severity.WARNING, "there is no backup", sa.delete(BackupRun)),
        ("backup", Severity.WARNING, "not on this machine", sa.update(BackupRun).values(file="/nowhere")),
        (
            "secret",
            Severity.ERROR,
            "cannot decrypt 1 stored secrets",
            sa.update(Channel).values(sealed_secrets="gAAAAA"),
        ),
        ("reminding", Severity.WARNING, "paused", sa.insert(SchedulerState).values(id=1, paused_at=datetime.now(UTC))),
        ("tables", Severity.ERROR, "a newer version", sa.text("UPDATE alembic_version SET version_num = '9999'")),
    ],
)
async def test_what_the_database_knows_is_found(
    healthy: Settings, database: Database, check: str, level: Severity, says: str, statement: Any
) -> None:
    try:
        await change(database, statement)
        found = the(await examine(healthy, offline=True), check)
        assert (found.level, bool(found.remedy)) == (level, True)
        assert (
            says in found.message.en
            if check != "channels"
            else any(says in one.message.en for one in await examine(healthy, offline=True))
        )
    finally:
        await change(database, sa.text(f"UPDATE alembic_version SET version_num = '{newest_revision()}'"))


async def test_an_old_backup_is_found(healthy: Settings, frozen: Clock) -> None:
    frozen.forward(days=3)
    assert the(await examine(healthy, offline=True), "backup").level is Severity.ERROR


async def test_a_year_whose_holidays_are_not_known_is_found(healthy: Settings, frozen: Clock) -> None:
    frozen.set(datetime(2031, 12, 20, tzinfo=UTC))
    found = the(await examine(healthy, offline=True), "calendar")
    assert (found.level, "2031" in found.message.en) == (Severity.WARNING, True)


async def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    settings = settings_with(database_url="postgresql://nobody@127.0.0.1:1/none", data_dir=tmp_path, **PUBLIC)
    findings = await examine(settings, offline=True)
    assert the(findings, "database").level is Severity.ERROR
    assert exit_status(findings) == 1


async def test_looking_makes_no_database(tmp_path: Path) -> None:
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db", data_dir=tmp_path, **PUBLIC)
    assert the(await examine(settings, offline=True), "tables").message.en == "the database is empty"
    assert os.listdir(tmp_path) == []


async def test_a_file_that_is_damaged_is_found(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"no database at all, only words" * 100)
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db", data_dir=tmp_path, **PUBLIC)
    assert the(await examine(settings, offline=True), "database").level is Severity.ERROR


# --- servers elsewhere ------------------------------------------------------------------------------------------------


class Provider(FakeServer):
    """Tells the time, which may be wrong."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        super().__init__()
        self.ahead = ahead

    def answer(self, asked: Asked) -> FakeResponse:
        return FakeResponse({}, headers={"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)})


async def use(database: Database, address: str) -> None:
    await change(database, sa.update(Channel).values(sealed_secrets=SecretBox(SECRET).seal({"url": address})))


async def test_a_provider_is_asked_for_nothing_and_tells_the_time(healthy: Settings, database: Database) -> None:
    settings = healthy.model_copy(update={"allow_private_targets": ("127.0.0.1",)})
    async with Provider(timedelta(minutes=2)).running() as provider:
        await use(database, f"{provider.base_url}/secret-path?access_token=abc")
        findings = await examine(settings)
    assert the(findings, "network").level is Severity.OK
    assert [(asked.method, asked.path, asked.body) for asked in provider.asked] == [("HEAD", "/", b"")]
    assert "secret-path" not in str(findings)
    assert the(findings, "clock").level is Severity.ERROR
    assert the(findings, "clock").message.en.endswith("behind the providers")


async def test_a_provider_that_cannot_be_reached_is_found(healthy: Settings, database: Database) -> None:
    settings = healthy.model_copy(update={"allow_private_targets": ("127.0.0.1",)})
    await use(database, "http://127.0.0.1:9/hook")
    found = the(await examine(settings), "network")
    assert (found.level, found.message.en.split(":")[0]) == (Severity.ERROR, "http")


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in ("inbox", "email")])
def test_where_each_kind_goes_is_known(kind: str) -> None:
    origin = origin_of(kind, dict(KINDS[kind].example), settings_with())
    assert origin is not None
    assert origin[0].startswith("http")
    assert "/" not in origin[0].split("://")[1]


def test_a_gateway_instead_of_the_vendor_is_asked_instead() -> None:
    settings = settings_with(dingtalk_base_url="http://gateway.lan:8080/ding")
    assert origin_of("dingtalk_robot", {"webhook_url": "https://oapi.dingtalk.com/robot"}, settings) == (
        "http://gateway.lan:8080",
        True,
    )


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Severity.OK), (-2, Severity.OK), (4, Severity.WARNING), (-31, Severity.ERROR)]
)
def test_a_wrong_clock(seconds: int, level: Severity) -> None:
    assert clock_offset(timedelta(seconds=seconds), "them").level is level


@pytest.mark.parametrize(("free", "level"), [(5e9, Severity.OK), (5e8, Severity.WARNING), (1e8, Severity.ERROR)])
def test_a_full_disk(free: float, level: Severity) -> None:
    assert disk("/data", int(free)).level is level


@pytest.mark.parametrize(
    ("values", "mode", "level"),
    [
        ({"secret_key": "0123456789abcdef" * 4}, None, Severity.OK),
        ({"secret_key": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, None, Severity.WARNING),
        ({"secret_key": "sixteen letters!"}, None, Severity.WARNING),
        ({"secret_key": ""}, 0o100600, Severity.OK),
        ({"secret_key": ""}, 0o100644, Severity.ERROR),
        ({"secret_key": ""}, None, Severity.WARNING),
    ],
)
def test_a_weak_secret(values: dict[str, str], mode: int | None, level: Severity) -> None:
    assert secret_key(settings_with(**values), mode).level is level


def test_a_key_that_was_cut_short() -> None:
    assert "cut short" in secret_key(settings_with(secret_key=""), 0o100600, is_whole=False).message.en


@pytest.mark.parametrize(
    ("address", "level"),
    [("", Severity.WARNING), ("http://localhost:8080", Severity.WARNING), ("http://daka.lan", Severity.WARNING),
     ("https://daka.example.com", Severity.OK)],
)  # fmt: skip
def test_an_address_that_nobody_can_follow(address: str, level: Severity) -> None:
    assert public_url(settings_with(public_url=address)).level is level


def test_the_command_line_says_it_in_lines_and_in_json(tmp_path: Path) -> None:
    def doctor(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "daka", "doctor", "--offline", *options],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
            text=True,
            capture_output=True,
            check=False,
        )

    key = tmp_path / "secret.key"
    key.write_text(SECRET)
    key.chmod(0o644)
    said = doctor()
    assert said.returncode == 1
    assert f"→  chmod 600 {key}" in said.stdout
    key.chmod(0o600)
    found = json.loads(doctor("--json").stdout)
    assert {"check": "secret", "level": "ok"}.items() <= found[0].items()


async def test_tables_of_an_unreleased_version_are_named(healthy: Settings, database: Database) -> None:
    await change(database, sa.text("ALTER TABLE calendar_feed RENAME TO feed_of_old"))
    try:
        found = the(await examine(healthy, offline=True), "tables")
        assert found.level is Severity.ERROR
        assert "lacks calendar_feed" in found.message.en
        assert "restore a backup" in str(found.remedy)
    finally:  # other tests use the same tables
        await change(database, sa.text("ALTER TABLE feed_of_old RENAME TO calendar_feed"))
