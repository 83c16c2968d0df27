"""Restores a backup into an empty database of either kind. The current database stays untouched until the backup is verified."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.archive import BackupDamaged, Contents, contents_of, opened
from daka.backup.copying import copy_in, plain_table
from daka.backup.models import BackupRun
from daka.backup.retention import made_at
from daka.database import Database
from daka.errors import ConfigurationError, DakaError
from daka.hooks import Hooks
from daka.migrations import MIGRATION_LOCK, revisions, upgrade
from daka.security import SecretBox
from daka.settings import Settings

ALIVE = timedelta(seconds=60)
"""A worker that ticked within this time counts as running."""
LOCK_TIMEOUT = "10s"


class TargetNotEmpty(DakaError):
    """The database is not empty."""


class DatabaseInUse(DakaError):
    """The database is in use."""


class Aftermath(Protocol):
    """What the replaced database knows and the restored one must not forget, see `privacy.after_restore`."""

    hooks: Hooks

    async def remember(self, present: AsyncConnection) -> None:
        """Read the database that will be replaced."""

    async def settle(self, session: AsyncSession) -> None:
        """Change the restored database, in the transaction in which it appears."""


@dataclass(frozen=True, slots=True)
class Restored:
    contents: Contents
    kept: Path | None
    """The path to which the former SQLite database was moved."""
    opens_secrets: bool
    """Whether the current SECRET_KEY decrypts the secrets in the backup."""


async def restore(
    settings: Settings, file: Path, *, key: str, after: Aftermath, replace: bool = False, other_key: bool = False
) -> Restored:
    """Verify the backup, restore it into an empty database, verify the result, and migrate it to this version.

    Args:
        replace: move the current contents of the database aside (SQLite) or delete them (PostgreSQL).
        other_key: restore even if SECRET_KEY cannot decrypt the secrets; `daka rotate-key` can re-encrypt them later.

    Raises:
        BackupDamaged, WrongBackupKey: nothing was changed.
        TargetNotEmpty, DatabaseInUse, ConfigurationError: nothing was changed.
    """
    contents = contents_of(file, key)
    if contents.manifest.revision not in revisions():
        raise ConfigurationError(
            f"this backup was made by a newer version ({contents.manifest.app}, revision {contents.manifest.revision}); "
            "restore it with that version or a later one"
        )
    secret = settings.existing_secret
    opens_secrets = secret is not None and SecretBox(secret).opens(contents.manifest.canary)
    if contents.sealed and not opens_secrets and not other_key:
        raise ConfigurationError(
            f"SECRET_KEY cannot decrypt the {contents.sealed} stored secrets (robots, keys) of this backup. Set the key of the "
            "backup (or copy its secret.key into DATA_DIR) and restore again; or restore with --other-key, and then run "
            "daka rotate-key with the former key, or enter the secrets again"
        )
    if settings.database_file is not None:
        kept = await _restore_sqlite(settings, settings.database_file, file, key, contents, after, replace=replace)
    else:
        kept = None
        await _restore_postgres(settings, file, key, contents, after, replace=replace)
    return Restored(contents, kept, opens_secrets or not contents.sealed)


async def _restore_sqlite(
    settings: Settings, place: Path, file: Path, key: str, contents: Contents, after: Aftermath, *, replace: bool
) -> Path | None:
    """Restore into a new file beside the database, which replaces the database once it is verified."""
    if place.exists():
        try:
            async with Database(settings) as present, present.engine.connect() as connection:
                place = Path(str(present.engine.url.database))
                if await _refuse_what_is_in_use(connection, replace=replace):
                    await after.remember(connection)
        except (ConfigurationError, sa.exc.DatabaseError):  # a damaged database file can be replaced, too
            if not replace:
                raise TargetNotEmpty(f"{place} cannot be read; restore with --replace to move it aside") from None
    building = place.with_name(place.name + ".restoring")
    _remove(building)
    beside = Settings(_env_file=None, **settings.model_dump() | {"database_url": f"sqlite:///{building.absolute()}"})
    try:
        async with Database(beside) as database:
            async with database.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
                await _fill(connection, file, key, contents)
                await connection.commit()
            async with database.engine.connect() as connection:
                await _refuse_broken_sqlite(connection)
                await _settle(connection, settings, file, contents, after)
                await connection.commit()
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        _remove(building)
        raise
    kept = None
    if place.exists():
        kept = place.with_name(f"{place.name}.before-{clock.now():%Y%m%dT%H%M%SZ}")
        for end in ("-wal", "-shm", ""):
            if (former := Path(f"{place}{end}")).exists():
                former.rename(f"{kept}{end}")
    building.rename(place)
    _remove(building)
    return kept


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm", ".migrating"):
        Path(f"{file}{end}").unlink(missing_ok=True)


async def _refuse_broken_sqlite(connection: AsyncConnection) -> None:
    words = list((await connection.exec_driver_sql("PRAGMA integrity_check")).scalars())
    if words != ["ok"]:
        raise BackupDamaged(f"the restored database is corrupt: {words[0]}")
    if lost := (await connection.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first():
        raise BackupDamaged(
            f"the backup is not consistent: a row of {lost['table']} refers to a missing row of {lost['parent']}"
        )


async def _settle(
    connection: AsyncConnection, settings: Settings, file: Path, contents: Contents, after: Aftermath
) -> None:
    """Migrate to this version, and change what must not be as it was."""
    await connection.run_sync(upgrade)
    async with AsyncSession(
        connection, expire_on_commit=False, info={"settings": settings, "hooks": after.hooks}
    ) as session:
        await session.exec(sa.delete(BackupRun).where(BackupRun.finished_at.is_(None)))  # the run of this backup itself
        if (when := made_at(file.name)) is not None:
            size, rows = file.stat().st_size, contents.row_count
            run = BackupRun(
                started_at=when, finished_at=when, file=str(file.absolute()), size_bytes=size, row_count=rows
            )
            session.add(run)
        await after.settle(session)
        await session.flush()


async def _restore_postgres(
    settings: Settings, file: Path, key: str, contents: Contents, after: Aftermath, *, replace: bool
) -> None:
    """Restore in one transaction: until it commits, others see the former contents, and a failure leaves them unchanged."""
    async with Database(settings) as database, database.engine.connect() as connection:
        await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        if await _refuse_what_is_in_use(connection, replace=replace):
            await after.remember(connection)
        try:
            for name in await _table_names(connection):
                quoted = connection.dialect.identifier_preparer.quote(name)
                await connection.exec_driver_sql(f"DROP TABLE {quoted} CASCADE")
            await _fill(connection, file, key, contents)
            await _settle(connection, settings, file, contents, after)
            await connection.commit()
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == "55P03":  # lock_not_available
                raise DatabaseInUse(
                    "the database is in use; stop the servers and workers, then restore again"
                ) from None
            raise


async def _table_names(connection: AsyncConnection) -> list[str]:
    return await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())


async def _refuse_what_is_in_use(connection: AsyncConnection, *, replace: bool) -> bool:
    """Whether there are accounts, which may be replaced."""
    names = set(await _table_names(connection))
    if not names:
        return False
    if "alembic_version" not in names:
        raise TargetNotEmpty("the database contains tables of another program; use a separate database for Daka")
    people = await _count(connection, "user") if "user" in names else 0
    if people and not replace:
        raise TargetNotEmpty(
            f"the database is not empty ({people} accounts); restore into an empty one, or use --replace"
        )
    if "worker" not in names:
        return people > 0
    worker = plain_table("worker", {"last_tick_at": "moment"})
    last: datetime | None = (await connection.execute(sa.select(sa.func.max(worker.c.last_tick_at)))).scalar()
    if last is not None and clock.now() - last.astimezone(UTC) < ALIVE:
        raise DatabaseInUse(
            "a worker ticked within the last minute; stop the servers and workers, wait a minute, then restore again"
        )
    return people > 0


async def _count(connection: AsyncConnection, name: str) -> int:
    counted = await connection.execute(sa.select(sa.func.count()).select_from(sa.table(name)))
    return int(counted.scalar_one())


async def _fill(connection: AsyncConnection, file: Path, key: str, contents: Contents) -> None:
    """Create the tables of the backup's version, insert the rows and compare their numbers."""
    await connection.run_sync(upgrade, contents.manifest.revision)
    await connection.run_sync(_refuse_other_columns, contents)
    postgres = connection.dialect.name == "postgresql"
    references = await _drop_foreign_keys(connection) if postgres else []
    if not postgres:
        await connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    with opened(file, key) as archive:
        await copy_in(connection, archive)
    for again in references:
        await connection.exec_driver_sql(again)
    if postgres:
        await _advance_sequences(connection, contents)
    for name, rows in contents.rows.items():
        if (found := await _count(connection, name)) != rows:
            raise BackupDamaged(f"{found} rows of {name} were restored, but the backup has {rows}")


def _refuse_other_columns(connection: sa.Connection, contents: Contents) -> None:
    inspector = sa.inspect(connection)
    present = {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}
    present.pop("alembic_version")
    held = {name: set(columns) for name, columns in contents.manifest.tables.items()}
    if present != held:
        names = [name for name in sorted({*present, *held}) if present.get(name) != held.get(name)]
        raise ConfigurationError(
            f"the backup's tables differ from revision {contents.manifest.revision} of this version ({', '.join(names)}); "
            f"restore it with Daka {contents.manifest.app}, which made it"
        )


async def _drop_foreign_keys(connection: AsyncConnection) -> list[str]:
    """Drop the foreign keys, since rows may come in any order. Returns the statements that add and verify them again."""
    found: Any = await connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    again = []
    for table, name, definition in list(found):
        await connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return again


async def _advance_sequences(connection: AsyncConnection, contents: Contents) -> None:
    """Set PostgreSQL's sequences to continue after the highest restored value."""
    for name, columns in contents.manifest.tables.items():
        for column in (column for column, kind in columns.items() if kind == "int"):
            owner = sa.select(sa.func.pg_get_serial_sequence(f'"{name}"', column))
            if (sequence := (await connection.execute(owner)).scalar()) is not None:
                highest = sa.func.max(plain_table(name, columns).c[column])
                asked = sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None)))
                await connection.execute(asked)
