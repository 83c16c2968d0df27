"""An empty PostgreSQL database beside the SQLite file of a former installation."""

import sqlite3
from pathlib import Path

import pytest

from conftest import Workplace, test_settings
from daka.backup.left_behind import refuse_data_left_behind
from daka.database import Database
from daka.errors import ConfigurationError


def former(folder: Path, *, users: int) -> None:
    with sqlite3.connect(folder / "app.db") as connection:
        connection.execute("CREATE TABLE user (id INTEGER, password_hash TEXT)")
        connection.executemany("INSERT INTO user VALUES (?, 'hash')", [(number,) for number in range(users)])


async def test_an_empty_server_does_not_open_beside_users(database: Database, tmp_path: Path) -> None:
    settings = test_settings(data_dir=tmp_path)
    await refuse_data_left_behind(database, settings)
    former(tmp_path, users=1)
    if database.is_sqlite:
        await refuse_data_left_behind(database, settings)
        return
    with pytest.raises(ConfigurationError, match=r"app\.db holds the data .* daka restore --replace"):
        await refuse_data_left_behind(database, settings)


@pytest.mark.parametrize("content", [None, b"", b"something else"])
async def test_other_files_do_not_hold_it_up(database: Database, tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        former(tmp_path, users=0)
    else:
        (tmp_path / "app.db").write_bytes(content)
    await refuse_data_left_behind(database, test_settings(data_dir=tmp_path))


async def test_a_database_with_users_opens_beside_the_file_that_it_was_moved_from(
    workplace: Workplace, tmp_path: Path
) -> None:
    former(tmp_path, users=1)
    await refuse_data_left_behind(workplace.database, test_settings(data_dir=tmp_path))
