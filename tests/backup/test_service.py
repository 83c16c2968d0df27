"""Who makes the backup that is due, what is written down of it, and how backups stand."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

from conftest import SECRET, Clock
from conftest import test_settings as settings_with
from daka import clock
from daka.backup.archive import contents_of
from daka.backup.kept import backups_read
from daka.backup.models import BackupRun
from daka.backup.service import BackupJob, BackupState, BackupSummary, back_up, backup_summary, claim
from daka.database import Database
from daka.errors import DakaError
from daka.settings import Settings


async def claimed(database: Database) -> bool:
    async with database.write() as session:
        return await claim(session, clock.now()) is not None


async def now_stands(database: Database) -> BackupSummary:
    async with database.read() as session:
        return await backup_summary(session, clock.now())


async def finish_all(database: Database, error: str = "") -> None:
    async with database.write() as session:
        for run in await session.exec(select(BackupRun)):
            run.finished_at = run.finished_at or clock.now()
            run.error = error


async def test_of_many_workers_one_makes_the_backup(database: Database, frozen: Clock) -> None:
    assert sorted(await asyncio.gather(*(claimed(database) for _ in range(8)))) == [False] * 7 + [True]
    await finish_all(database)
    frozen.forward(hours=10)
    assert not await claimed(database), "the next one is due at half past three"
    frozen.forward(hours=10)
    assert await claimed(database)


async def test_after_a_failure_it_is_tried_again_an_hour_later(database: Database, frozen: Clock) -> None:
    assert await claimed(database)
    await finish_all(database, "the disk is full")
    frozen.forward(minutes=59)
    assert not await claimed(database)
    assert (await now_stands(database)).error == "the disk is full"
    frozen.forward(minutes=2)
    assert await claimed(database)


async def test_one_whose_process_ended_is_counted_as_failed_and_made_again(database: Database, frozen: Clock) -> None:
    assert await claimed(database)
    frozen.forward(hours=1, minutes=59)
    assert not await claimed(database)
    frozen.forward(minutes=2)
    assert await claimed(database)
    summary = await now_stands(database)
    assert (summary.state, summary.error) == (BackupState.FAILED, "the backup did not finish in time")


async def test_how_backups_stand(database: Database, tmp_path: Path, frozen: Clock) -> None:
    settings = settings_with(data_dir=tmp_path)
    assert (await now_stands(database)).state is BackupState.NONE
    await back_up(database, settings, to=None)
    assert (await now_stands(database)).state is BackupState.OK
    frozen.forward(hours=47)
    assert (await now_stands(database)).state is BackupState.OK
    frozen.forward(hours=2)
    assert (await now_stands(database)).state is BackupState.OLD


async def test_old_ones_are_removed_when_a_new_one_is_there(database: Database, tmp_path: Path, frozen: Clock) -> None:
    settings = settings_with(data_dir=tmp_path, backup_keep=2)
    made = []
    for _ in range(4):
        made.append(Path((await back_up(database, settings, to=None)).file).name)
        frozen.forward(hours=24)
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == made[-2:]
    assert (await back_up(database, settings, to=tmp_path / "by hand")).error == ""
    assert len(list((tmp_path / "backups").iterdir())) == 2, "one put elsewhere removes nothing"


async def test_a_file_that_is_there_is_not_written_over(database: Database, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("precious")
    with pytest.raises(DakaError, match="already exists"):
        await back_up(database, settings_with(data_dir=tmp_path), to=tmp_path / "there")
    assert (tmp_path / "there").read_text() == "precious"
    async with database.read() as session:
        assert (await session.exec(select(BackupRun))).all() == [], "none that seems to be made for ever"


async def test_one_put_elsewhere_is_found_where_it_was_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (await back_up(database, settings_with(data_dir=tmp_path), to=Path("mine.gz"))).file == f"{tmp_path}/mine.gz"
    async with database.read() as session:
        (shown,) = (await backups_read(session)).items
    assert (shown.status, shown.name) == ("missing", f"{tmp_path}/mine.gz")


async def test_why_there_is_none_is_written_down(database: Database, tmp_path: Path, frozen: Clock) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be")
    with pytest.raises(DakaError, match="the backup failed"):
        await back_up(database, settings_with(data_dir=tmp_path), to=None)
    summary = await now_stands(database)
    assert summary.state is BackupState.FAILED
    assert "backups" in summary.error


async def test_a_worker_lets_a_process_of_its_own_make_it(database_url: str, tmp_path: Path) -> None:
    settings = settings_with(database_url=database_url, data_dir=tmp_path, backup_key="a passphrase of some length")
    database = Database(settings)
    try:
        await BackupJob(database, settings).run()
        (file,) = (tmp_path / "backups").iterdir()
        assert file.name.endswith(".jsonl.gz.sealed")
        async with database.read() as session:
            (run,) = (await session.exec(select(BackupRun))).all()
        assert (run.error, run.file, run.size_bytes) == ("", str(file), file.stat().st_size)
        assert run.row_count == contents_of(file, settings.backup_key).row_count == 1
        assert not await claimed(database)
    finally:
        await database.dispose()


async def test_a_process_that_ends_in_the_middle_is_written_down(database_url: str, tmp_path: Path) -> None:
    settings = settings_with(database_url=database_url, data_dir=tmp_path)
    database = Database(settings)
    try:
        job = BackupJob(database, settings.model_copy(update={"database_url": "nonsense://"}))
        await job.run()
        assert (await now_stands(database)).error == "the process ended before the backup was finished"
    finally:
        await database.dispose()


# --- the command line -------------------------------------------------------------------------------------------------


def daka(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "daka", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": SECRET, **settings},
        text=True,
        capture_output=True,
        check=False,
    )


def test_from_an_old_folder_to_a_new_one_by_the_command_line(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    assert daka(old, "migrate").returncode == 0
    with closing(sqlite3.connect(old / "data" / "app.db")) as connection, connection:
        connection.execute(
            "INSERT INTO team (name, timezone, language, leave_types, crews, roster_order, uses_drafts, created_at)"
            " VALUES ('A', 'Asia/Shanghai', 'zh', '[]', '[]', '[]', 0, '2026-11-23 00:00:00')"
        )
    key = {"BACKUP_KEY": "a passphrase of some length"}
    made = daka(old, "backup", str(tmp_path / "file"), **key)
    assert made.returncode == 0, made.stderr
    assert "2 rows" in made.stdout
    assert "encrypted" in made.stdout

    checked = daka(new, "restore", "--check", str(tmp_path / "file"), **key)
    assert checked.stdout.startswith("intact: 2 rows")
    assert list(new.iterdir()) == []
    assert "BACKUP_KEY" in daka(new, "restore", str(tmp_path / "file")).stderr
    restored = daka(new, "restore", str(tmp_path / "file"), **key)
    assert restored.returncode == 0, restored.stderr
    assert "2 rows" in restored.stdout
    with closing(sqlite3.connect(new / "data" / "app.db")) as connection:
        assert connection.execute("SELECT name FROM team").fetchall() == [("A",)]
        assert connection.execute("SELECT error FROM backup_run").fetchall() == []  # that one is no kept file
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_newer_database_is_one_sentence_at_start(tmp_path: Path) -> None:
    assert daka(tmp_path, "migrate").returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "app.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["serve", "--port", "0"], ["worker"], ["migrate"]):
        said = daka(tmp_path, *command, LOG_LEVEL="WARNING")
        assert said.returncode == 1
        assert "Traceback" not in said.stderr
        (line,) = [line for line in said.stderr.splitlines() if not line.startswith("{")]
        assert line.startswith("daka: the database belongs to a newer version of Daka (revision 9999")
        for logged in said.stderr.splitlines():
            if logged.startswith("{"):
                assert json.loads(logged)["level"] != "error"


def test_the_settings_refuse_a_short_passphrase() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Settings(_env_file=None, backup_key="short")
