"""The older system kept its tables at the same DATABASE_URL: they are left alone, and the start does not fail on them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from daka.database import Database
from daka.errors import ConfigurationError
from daka.migrations import migrate
from daka.settings import Settings


def _older(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT)")
        connection.execute("CREATE TABLE shift (id INTEGER PRIMARY KEY, code TEXT)")
        connection.execute("INSERT INTO user VALUES (1, 'admin')")


def _tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


async def _started(file: Path) -> None:
    database = Database(Settings(_env_file=None, database_url=f"sqlite:///{file}"))  # type: ignore[call-arg]
    await migrate(database)
    await database.dispose()


async def test_the_older_systems_file_stays_as_it_is_and_ours_lies_beside_it(tmp_path: Path) -> None:
    _older(tmp_path / "app.db")
    before = (tmp_path / "app.db").read_bytes()
    await _started(tmp_path / "app.db")
    await _started(tmp_path / "app.db")
    assert (tmp_path / "app.db").read_bytes() == before
    assert "assignment" in _tables(tmp_path / "app.daka.db")


async def test_our_own_file_is_used_again(tmp_path: Path) -> None:
    await _started(tmp_path / "app.db")
    await _started(tmp_path / "app.db")
    assert "assignment" in _tables(tmp_path / "app.db")
    assert not (tmp_path / "app.daka.db").exists()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "app.db").write_bytes, b"no database at all, only words" * 100)
    with pytest.raises(ConfigurationError, match=r"app\.db cannot be read as an SQLite database"):
        await _started(tmp_path / "app.db")


async def test_a_full_disk_is_not_called_a_file_that_is_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.db").write_text("what SQLite cannot open for want of room is not damaged")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(ConfigurationError, match="is full; free up space"):
        await _started(tmp_path / "app.db")


async def test_another_programs_tables_on_a_server_are_refused_in_one_sentence(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("a file of another program is left alone")
    await _rename(database, "alembic_version", "theirs")
    try:
        with pytest.raises(ConfigurationError, match="use a separate database for Daka"):
            await migrate(database)
    finally:
        await _rename(database, "theirs", "alembic_version")
    await migrate(database)


async def _rename(database: Database, old: str, new: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))
