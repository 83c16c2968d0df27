"""A backup made while others write, restored into a new place of either kind, is the same, row by row."""

import asyncio
import gzip
import json
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, func, select

import daka.migrations
from conftest import SECRET, Clock, Workplace, WorkplaceMaker, eventually
from conftest import test_settings as settings_with
from daka import clock
from daka.backup.archive import BackupDamaged, contents_of
from daka.backup.copying import copy_out, kind_of
from daka.backup.kept import backups_read
from daka.backup.models import BackupRun
from daka.backup.restoring import DatabaseInUse, Restored, TargetNotEmpty
from daka.backup.restoring import restore as restore_and_settle
from daka.backup.schemas import BackupStatus
from daka.backup.service import BackupState, back_up, backup_summary
from daka.database import Database
from daka.delivery.models import Channel, Delivery
from daka.errors import ConfigurationError
from daka.identity.models import Role, Team, User
from daka.key_rotation import rotate_key
from daka.migrations import migrate, newest_revision, revisions, upgrade
from daka.privacy.after_restore import AfterRestore
from daka.scheduler.models import Worker
from daka.security import SecretBox
from daka.settings import Settings
from daka.wiring import HOOKS

KEY = "a passphrase of some length"


async def restore(settings: Settings, file: Path, **how: Any) -> Restored:
    """As it was, for comparing row by row."""
    return await restore_and_settle(settings, file, after=AfterRestore(HOOKS, keeps_sessions=True), **how)


def tables_in(file: Path) -> dict[str, str]:
    """Table → checksum of its rows."""
    found, name = {}, ""
    with gzip.open(file) as lines:
        for line in lines:
            if not line.startswith(b"["):
                said = json.loads(line)
                name = said.get("table", name)
                if "sha256" in said:
                    found[name] = said["sha256"]
    return found


@asynccontextmanager
async def database_at(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings)
    try:
        yield database
    finally:
        await database.dispose()


async def fill(workplace: Workplace) -> None:
    """A team at work: shifts across midnight, a robot with a secret, reminders sent and planned, Chinese and emoji."""
    early = await workplace.alice.post(
        "/api/v1/shifts", {"name": "早班 🌅", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    )
    cells = [{"user_id": workplace.bob.id, "date": f"2026-11-{day}", "shift_id": early["id"]} for day in (23, 24, 25)]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})
    robot = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=abc", "secret": "SEC" + "0" * 64}
    await workplace.bob.post("/api/v1/channels", {"name": "机器人", "kind": "dingtalk_robot", "config": robot})
    async with workplace.database.write() as session:  # a reference from an earlier row to a later one
        (channel,) = (await session.exec(select(Channel).limit(1))).all()
        moments = {"due_at": clock.now(), "expires_at": clock.now(), "created_at": clock.now()}
        made = [
            Delivery(key=key, channel_id=channel.id, lane="x", occasion="test", message={}, status="sent", **moments)
            for key in ("first", "second")
        ]
        session.add_all(made)
        await session.flush()
        made[0].superseded_by = made[1].id


@pytest.fixture
async def full(make_workplace: WorkplaceMaker, frozen: Clock) -> AsyncIterator[Workplace]:
    async with make_workplace() as workplace:
        await fill(workplace)
        yield workplace


async def backed_up(workplace: Workplace, file: Path, key: str = "") -> Path:
    await copy_out(workplace.database, file, key=key, secret=SECRET)
    return file


async def test_what_is_restored_is_what_was_there_row_by_row(full: Workplace, new_place: str, tmp_path: Path) -> None:
    first = await backed_up(full, tmp_path / "first")
    held = contents_of(first, "")
    assert held.rows["reminder"] == 4
    assert held.sealed == 1
    settings = settings_with(database_url=new_place)
    done = await restore(settings, first, key="")
    assert done.contents.rows == held.rows
    async with database_at(settings) as database:
        await copy_out(database, tmp_path / "second", key="", secret=SECRET)
        assert tables_in(tmp_path / "second") == tables_in(first)
        async with database.write() as session:  # the next number is a new one
            team = Team(name="Team D", timezone="Asia/Shanghai", created_at=clock.now())
            session.add(team)
            await session.flush()
            assert team.id == max(full.team_a, full.team_c) + 1
            sealed = (await session.exec(select(Channel.sealed_secrets).where(Channel.sealed_secrets != ""))).one()
    assert SecretBox(SECRET).open(sealed)["secret"].startswith("SEC")


async def test_a_backup_is_one_moment_while_others_write(full: Workplace, new_place: str, tmp_path: Path) -> None:
    written = 0
    stop = asyncio.Event()

    async def go_on_writing() -> None:
        nonlocal written
        while not stop.is_set():
            async with full.database.write() as session:
                team = Team(name=f"Team {written}", timezone="Asia/Shanghai", created_at=clock.now())
                session.add(team)
                await session.flush()
                session.add(
                    User(
                        username=f"user{written}", display_name="x", role=Role.MEMBER, team_id=team.id,
                        password_hash="-", created_at=clock.now(),
                    )
                )  # fmt: skip
            written += 1

    writing = asyncio.create_task(go_on_writing())

    async def is_writing() -> bool:
        return written >= 20

    await eventually(is_writing)
    before = written
    file = await backed_up(full, tmp_path / "backup", KEY)
    after = written
    stop.set()
    await writing
    assert after > before, "nobody was held up"
    assert SECRET.encode() not in file.read_bytes()

    settings = settings_with(database_url=new_place)
    held = (await restore(settings, file, key=KEY)).contents
    assert held.rows["user"] - 4 == held.rows["team"] - 2, "each came with its team, or not at all"
    assert before <= held.rows["team"] - 2 <= after
    async with database_at(settings) as database, database.read() as session:
        assert (await session.exec(select(func.count()).select_from(User))).one() == held.rows["user"]
        lost = select(func.count()).select_from(User).where(col(User.team_id).not_in(select(Team.id)))
        assert (await session.exec(lost)).one() == 0
        if database.is_sqlite:
            connection = await session.connection()
            assert (await connection.exec_driver_sql("PRAGMA integrity_check")).scalar() == "ok"
            assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1


async def test_references_are_checked_again_after_a_restore(full: Workplace, new_place: str, tmp_path: Path) -> None:
    settings = settings_with(database_url=new_place)
    await restore(settings, await backed_up(full, tmp_path / "backup"), key="")
    async with database_at(settings) as database:
        with pytest.raises(sa.exc.IntegrityError):
            async with database.write() as session:
                session.add(Delivery(
                    key="x", channel_id=999_999, lane="x", occasion="test", message={}, status="sent",
                    due_at=clock.now(), expires_at=clock.now(), created_at=clock.now(),
                ))  # fmt: skip


@pytest.mark.parametrize("key", ["", KEY], ids=["plain", "sealed"])
async def test_a_truncated_backup_is_refused_and_nothing_is_touched(
    full: Workplace, new_place: str, tmp_path: Path, key: str
) -> None:
    file = await backed_up(full, tmp_path / "backup", key)
    file.write_bytes(file.read_bytes()[:-20])
    settings = settings_with(database_url=new_place)
    with pytest.raises(BackupDamaged):
        await restore(settings, file, key=key)
    assert not (tmp_path / "new").exists()
    async with database_at(settings) as database:
        await migrate(database)
        async with database.read() as session:
            assert (await session.exec(select(func.count()).select_from(Team))).one() == 0


async def test_a_database_with_people_is_only_replaced_when_asked(full: Workplace, tmp_path: Path) -> None:
    file = await backed_up(full, tmp_path / "backup")
    await full.add_person("Dora", team_id=full.team_a)
    with pytest.raises(TargetNotEmpty, match="5 accounts"):
        await restore(full.settings, file, key="")
    async with full.database.write() as session:
        session.add(Worker(id="w", started_at=clock.now(), last_tick_at=clock.now() - timedelta(seconds=20)))
    with pytest.raises(DatabaseInUse, match="stop the servers"):
        await restore(full.settings, file, key="", replace=True)
    async with full.database.write() as session:
        await session.exec(sa.delete(Worker))
    done = await restore(full.settings, file, key="", replace=True)
    async with database_at(full.settings) as database, database.read() as session:
        assert (await session.exec(select(func.count()).select_from(User))).one() == 4
    if full.database.is_sqlite:
        assert done.kept is not None
        async with (
            database_at(settings_with(database_url=f"sqlite:///{done.kept}")) as former,
            former.read() as session,
        ):
            assert (await session.exec(select(func.count()).select_from(User))).one() == 5


@pytest.mark.parametrize(("name", "states"), [("", BackupState.OK), ("moving.jsonl.gz", BackupState.NONE)])
async def test_a_restored_database_knows_its_backup_as_made_and_whole(
    full: Workplace, new_place: str, tmp_path: Path, name: str, states: BackupState
) -> None:
    """The rows of a backup were read while it was running."""
    settings = settings_with(database_url=new_place, backup_dir=tmp_path / "backups")
    made = await back_up(full.database, settings, to=tmp_path / name if name else None)
    await restore(settings, Path(made.file), key="")
    async with database_at(settings) as database, database.read() as session:
        runs = list(await session.exec(select(BackupRun)))
        summary = await backup_summary(session, clock.now())
        shown = (await backups_read(session)).items
    assert summary.state is states
    known = [] if name else [(made.file, made.size_bytes, made.row_count, made.started_at.replace(microsecond=0))]
    assert [(run.file, run.size_bytes, run.row_count, run.started_at) for run in runs] == known
    assert [(read.status, read.name) for read in shown] == [(BackupStatus.KEPT, Path(run[0]).name) for run in known]


async def test_a_broken_database_file_is_put_aside(full: Workplace, tmp_path: Path) -> None:
    file = await backed_up(full, tmp_path / "backup")
    (tmp_path / "app.db").write_bytes(b"what a failing card leaves of a file" * 200)
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db")
    with pytest.raises(TargetNotEmpty, match="--replace"):
        await restore(settings, file, key="")
    done = await restore(settings, file, key="", replace=True)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"what a failing card")


async def test_another_secret_key_is_told_before_anything_happens(
    full: Workplace, new_place: str, tmp_path: Path
) -> None:
    file = await backed_up(full, tmp_path / "backup")
    other = settings_with(database_url=new_place, secret_key="another-secret-0123456789", data_dir=tmp_path)
    with pytest.raises(ConfigurationError, match="SECRET_KEY cannot decrypt the 1 stored secrets"):
        await restore(other, file, key="")
    assert not (await restore(other, file, key="", other_key=True)).opens_secrets
    async with database_at(other) as database:
        assert await rotate_key(database, former=SECRET, present=other.secret) == 1


async def test_a_new_folder_without_a_key_is_told_where_the_key_belongs(full: Workplace, tmp_path: Path) -> None:
    file = await backed_up(full, tmp_path / "backup")
    place = {"database_url": f"sqlite:///{tmp_path}/new/app.db", "data_dir": tmp_path / "new"}
    with pytest.raises(ConfigurationError, match=r"secret\.key into DATA_DIR"):
        await restore(Settings(_env_file=None, **place), file, key="")
    assert not (tmp_path / "new" / "secret.key").exists(), "a key that opens nothing would only be in the way"
    (tmp_path / "new").mkdir(exist_ok=True)
    (tmp_path / "new" / "secret.key").write_text(SECRET)
    assert (await restore(Settings(_env_file=None, **place), file, key="")).opens_secrets


async def test_another_programs_database_is_left_alone(full: Workplace, tmp_path: Path, new_place: str) -> None:
    if new_place.startswith("sqlite"):
        pytest.skip("a file of another program is left alone by itself")
    file = await backed_up(full, tmp_path / "backup")
    settings = settings_with(database_url=new_place)
    async with database_at(settings) as database:
        async with database.engine.begin() as connection:
            await connection.execute(sa.text("ALTER TABLE alembic_version RENAME TO theirs"))
        with pytest.raises(TargetNotEmpty, match="another program"):
            await restore(settings, file, key="", replace=True)
        async with database.engine.begin() as connection:
            await connection.execute(sa.text("ALTER TABLE theirs RENAME TO alembic_version"))


# --- versions ---------------------------------------------------------------------------------------------------------

LATER = """
revision = "9999"
down_revision = "{down}"
branch_labels = depends_on = None
import sqlalchemy as sa
from alembic import op


def upgrade():
    with op.batch_alter_table("team") as batch:
        batch.add_column(sa.Column("motto", sa.Text(), nullable=False, server_default="-"))


def downgrade():
    with op.batch_alter_table("team") as batch:
        batch.drop_column("motto")
"""


@asynccontextmanager
async def _later_version(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The next version, with one migration more."""
    shutil.copytree(daka.migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_later.py").write_text(LATER.format(down=newest_revision()))
    with patch.context() as later:
        later.setattr(daka.migrations, "FOLDER", folder)
        revisions.cache_clear()
        yield
    revisions.cache_clear()


@pytest.fixture(autouse=True)
def _revisions_of_this_version() -> Iterator[None]:
    yield
    revisions.cache_clear()


async def test_an_older_backup_is_restored_and_brought_up_to_date(
    full: Workplace, new_place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await backed_up(full, tmp_path / "backup")
    settings = settings_with(database_url=new_place)
    async with _later_version(tmp_path / "later", monkeypatch):
        await restore(settings, file, key="")
        async with database_at(settings) as database, database.engine.connect() as connection:
            assert set((await connection.execute(sa.text("SELECT motto FROM team"))).scalars()) == {"-"}
    async with database_at(settings) as database:  # back to this version
        with pytest.raises(ConfigurationError, match="newer version of Daka"):
            await migrate(database)
        with pytest.raises(ConfigurationError, match="9999"):
            await copy_out(database, tmp_path / "none", key="", secret=SECRET)
    await restore(settings, file, key="", replace=True)
    async with database_at(settings) as database:
        await migrate(database)
        await copy_out(database, tmp_path / "second", key="", secret=SECRET)
    assert tables_in(tmp_path / "second") == tables_in(file)


async def test_a_backup_of_a_newer_version_is_refused(
    full: Workplace, new_place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await backed_up(full, tmp_path / "backup")
    lines = gzip.decompress(file.read_bytes()).replace(
        f'"revision":"{newest_revision()}"'.encode(), b'"revision":"9999"'
    )
    file.write_bytes(gzip.compress(lines))
    with pytest.raises(ConfigurationError, match=r"newer version \(0\..*, revision 9999\)"):
        await restore(settings_with(database_url=new_place), file, key="")


async def test_tables_go_down_to_nothing_and_up_again(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    def down_and_up(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(daka.migrations.FOLDER))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
        upgrade(connection)
        connection.commit()
        assert {table.name for table in SQLModel.metadata.sorted_tables} < set(sa.inspect(connection).get_table_names())

    async with database.engine.connect() as connection:
        await connection.run_sync(down_and_up)


def test_the_newest_revision_is_alembics_head() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(daka.migrations.FOLDER))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [newest_revision()]
    assert sorted(script.revision for script in scripts.walk_revisions()) == list(revisions())


def test_every_column_can_be_written_down() -> None:
    assert {kind_of(column) for table in SQLModel.metadata.sorted_tables for column in table.columns} >= {
        "int", "text", "moment", "date", "json", "bool",
    }  # fmt: skip


async def test_a_backup_is_readable_by_its_owner_alone(full: Workplace, tmp_path: Path) -> None:
    file = await backed_up(full, tmp_path / "folder" / "backup")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
