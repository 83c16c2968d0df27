"""Alembic migrations, run at start under a lock."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import Database, wait_until_ready
from daka.errors import ConfigurationError
from daka.tables import metadata

MIGRATION_LOCK = 0x6D696772
FOLDER = Path(__file__).parent


@lru_cache
def revisions() -> tuple[str, ...]:
    """All revisions of this version, oldest first. Read from the file names, since Alembic is loaded only to migrate."""
    return tuple(sorted(file.name.partition("_")[0] for file in FOLDER.glob("versions/[0-9]*.py")))


def newest_revision() -> str:
    return revisions()[-1]


def revision_of(connection: sa.Connection) -> str | None:
    """The revision of the database; None if it has no tables of Daka."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version"))).scalar()


async def is_current(session: AsyncSession) -> bool:
    """Whether the database is at the newest revision."""
    connection = await session.connection()
    return await connection.run_sync(revision_of) == newest_revision()


async def missing_parts(session: AsyncSession) -> list[str]:
    """Tables and columns that the code expects and the database lacks, such as `team` or `team.zone`; empty if they agree.

    The revision alone does not show it: an unreleased version may have used the same revision for other tables.
    """
    connection = await session.connection()
    return await connection.run_sync(_missing_parts)


def _missing_parts(connection: sa.Connection) -> list[str]:
    found = {
        table: {column["name"] for column in columns}
        for (_, table), columns in sa.inspect(connection).get_multi_columns().items()
    }
    missing = []
    for table in metadata.sorted_tables:
        if table.name not in found:
            missing.append(table.name)
        else:
            missing += [
                f"{table.name}.{column.name}" for column in table.columns if column.name not in found[table.name]
            ]
    return missing


def describe_missing(missing: list[str], *, most: int = 5) -> str:
    """One sentence on missing tables and columns."""
    names = ", ".join(missing[:most]) + (f" and {len(missing) - most} more" if len(missing) > most else "")
    return f"the database is at revision {newest_revision()} but lacks {names}: an unreleased version made it"


async def migrate(database: Database) -> None:
    """Upgrade the database. Several processes may start at once; the first one upgrades.

    Raises:
        ConfigurationError: the tables belong to another program, or to a newer version.
    """
    await wait_until_ready(database)
    async with database.read() as session:
        if await is_current(session):
            return
    async with _alone(database), database.engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.commit()


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Upgrade the database to a revision, in the caller's transaction if there is one."""
    tables = set(sa.inspect(connection).get_table_names())
    if tables & metadata.tables.keys() and "alembic_version" not in tables:
        raise ConfigurationError(
            "DATABASE_URL: the database contains tables of another program; use a separate database for Daka"
        )
    present = revision_of(connection)
    if present is not None and present not in revisions():
        raise ConfigurationError(
            f"the database belongs to a newer version of Daka (revision {present}, this version: {newest_revision()}); "
            "use that version again, or restore a backup from before the upgrade into a new database"
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


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
