"""Refuses to open a new installation beside the SQLite database of a former one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlmodel import select

from daka.database import Database
from daka.errors import ConfigurationError
from daka.identity.models import User
from daka.settings import Settings


async def refuse_data_left_behind(database: Database, settings: Settings) -> None:
    """On an empty PostgreSQL database, the first visitor would become administrator although the data folder holds users.

    Raises ConfigurationError: names the SQLite file and the commands that move it.
    """
    if database.is_sqlite:
        return
    async with database.read() as session:
        if (await session.exec(select(User.id).limit(1))).first() is not None:
            return
    file = settings.data_dir / "app.db"
    if _has_users(file):
        raise ConfigurationError(
            f"DATABASE_URL: this PostgreSQL database is empty, but {file} holds the data of an installation with users. Move it: "
            f"DATABASE_URL=sqlite:///{file.absolute()} daka backup move.jsonl.gz, then "
            "daka restore --replace --keep-sessions move.jsonl.gz (deploy/install.sh --postgres does that); "
            "or rename the file to start anew"
        )


def _has_users(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return (
                connection.execute("SELECT 1 FROM user WHERE password_hash IS NOT NULL LIMIT 1").fetchone() is not None
            )
    except sqlite3.Error:  # another program's file, or one that cannot be read
        return False
