"""Alembic migrations, run at start under a lock."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import Database, wait_until_ready
from daka.errors import ConfigurationError

MIGRATION_LOCK = 0x6D696772


def alembic_config() -> Config:
    """The same as in pyproject.toml, for an installed package without it."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


@lru_cache
def newest_revision() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def is_current(session: AsyncSession) -> bool:
    """Whether the tables are those that this version expects."""
    connection = await session.connection()
    found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return found == newest_revision()


async def migrate(database: Database) -> None:
    """Bring the tables up to date. Several processes may start at once; the first one does it."""
    await wait_until_ready(database)
    async with database.read() as session:
        if await is_current(session):
            return
    async with _alone(database), database.engine.connect() as connection:
        await connection.run_sync(_upgrade)
        await connection.commit()


def _upgrade(connection: sa.Connection) -> None:
    tables = set(sa.inspect(connection).get_table_names())
    if tables & {"shift", "user", "team"} and "alembic_version" not in tables:
        raise ConfigurationError(
            "DATABASE_URL: another program keeps its tables in this database; Daka needs one of its own"
        )
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextlib.asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.execute(sa.select(sa.func.pg_advisory_lock(MIGRATION_LOCK)))
            try:
                yield
            finally:
                await connection.execute(sa.select(sa.func.pg_advisory_unlock(MIGRATION_LOCK)))
        return
    file = Path(str(database.engine.url.database) + ".migrating")
    with file.open("w") as handle:  # noqa: ASYNC230 - an empty file beside the database
        await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
