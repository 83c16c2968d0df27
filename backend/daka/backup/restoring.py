"""A backup into an empty database, of either kind. The present database stays untouched until everything has been checked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daka import clock
from daka.backup.archive import BackupDamaged, Contents, contents_of, opened
from daka.backup.copying import copy_in, plain_table
from daka.backup.models import BackupRun
from daka.database import Database
from daka.errors import ConfigurationError, DakaError
from daka.migrations import MIGRATION_LOCK, migrate, revisions, upgrade
from daka.security import SecretBox
from daka.settings import Settings

ALIVE = timedelta(seconds=60)
"""A worker that ticked within this time still runs."""
WAITS_FOR_OTHERS = "10s"


class TargetNotEmpty(DakaError):
    """There is something in the database already."""


class DatabaseInUse(DakaError):
    """Somebody works with the database at this moment."""


@dataclass(frozen=True, slots=True)
class Restored:
    contents: Contents
    kept: Path | None
    """Where the former SQLite database was put aside."""
    opens_secrets: bool
    """Whether the present SECRET_KEY opens what the backup holds sealed."""


async def restore(
    settings: Settings, file: Path, *, key: str, replace: bool = False, other_key: bool = False
) -> Restored:
    """Check the backup, fill an empty database with it, check that, and bring it up to date.

    Args:
        replace: what is in the database is put aside (SQLite) or removed (PostgreSQL).
        other_key: restore although SECRET_KEY does not open the secrets in it; `daka rotate-key` can mend that later.

    Raises:
        BackupDamaged, WrongBackupKey: nothing was touched.
        TargetNotEmpty, DatabaseInUse, ConfigurationError: nothing was touched.
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
            f"SECRET_KEY is not the one of this backup, and {contents.sealed} stored secrets (robots, keys) open only with that "
            "one. Set it (or put its secret.key into DATA_DIR) and restore again; or restore with --other-key, and then run "
            "daka rotate-key with the former key, or enter the secrets anew"
        )
    if settings.database_file is not None:
        kept = await _restore_sqlite(settings, settings.database_file, file, key, contents, replace=replace)
    else:
        kept = None
        await _restore_postgres(settings, file, key, contents, replace=replace)
    async with Database(settings) as database:
        await migrate(database)
        async with database.write() as session:  # the backup that the rows come from was still being made in them
            unfinished = sa.update(BackupRun).where(sa.column("finished_at").is_(None))
            await session.exec(unfinished.values(finished_at=BackupRun.started_at))
    return Restored(contents, kept, opens_secrets or not contents.sealed)


async def _restore_sqlite(
    settings: Settings, place: Path, file: Path, key: str, contents: Contents, *, replace: bool
) -> Path | None:
    """Into a new file beside the database, which takes its place when it is found whole."""
    if place.exists():
        try:
            async with Database(settings) as present, present.engine.connect() as connection:
                place = Path(str(present.engine.url.database))
                await _refuse_what_is_in_use(connection, replace=replace)
        except (ConfigurationError, sa.exc.DatabaseError):  # a broken file is what backups are for
            if not replace:
                raise TargetNotEmpty(f"{place} cannot be read; restore with --replace to put it aside") from None
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
                await connection.rollback()
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
        raise BackupDamaged(f"the restored database is not sound: {words[0]}")
    if lost := (await connection.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first():
        raise BackupDamaged(
            f"the backup is not consistent: a row of {lost['table']} refers to nothing in {lost['parent']}"
        )


async def _restore_postgres(settings: Settings, file: Path, key: str, contents: Contents, *, replace: bool) -> None:
    """In one transaction: whoever looks meanwhile sees what was there before, and a failure leaves it there."""
    async with Database(settings) as database, database.engine.connect() as connection:
        await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{WAITS_FOR_OTHERS}'"))
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        await _refuse_what_is_in_use(connection, replace=replace)
        try:
            for name in await _table_names(connection):
                quoted = connection.dialect.identifier_preparer.quote(name)
                await connection.exec_driver_sql(f"DROP TABLE {quoted} CASCADE")
            await _fill(connection, file, key, contents)
            await connection.commit()
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == "55P03":  # lock_not_available
                raise DatabaseInUse(
                    "the database is in use; stop the servers and workers, then restore again"
                ) from None
            raise


async def _table_names(connection: AsyncConnection) -> list[str]:
    return await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())


async def _refuse_what_is_in_use(connection: AsyncConnection, *, replace: bool) -> None:
    names = set(await _table_names(connection))
    if not names:
        return
    if "alembic_version" not in names:
        raise TargetNotEmpty("the database holds tables of another program; give Daka a database of its own")
    people = await _count(connection, "user") if "user" in names else 0
    if people and not replace:
        raise TargetNotEmpty(
            f"the database is not empty ({people} accounts); restore into an empty one, or with --replace instead of it"
        )
    if "worker" not in names:
        return
    worker = plain_table("worker", {"last_tick_at": "moment"})
    last: datetime | None = (await connection.execute(sa.select(sa.func.max(worker.c.last_tick_at)))).scalar()
    if last is not None and clock.now() - last.astimezone(UTC) < ALIVE:
        raise DatabaseInUse(
            "a worker ticked within the last minute; stop the servers and workers, wait a minute, then restore again"
        )


async def _count(connection: AsyncConnection, name: str) -> int:
    counted = await connection.execute(sa.select(sa.func.count()).select_from(sa.table(name)))
    return int(counted.scalar_one())


async def _fill(connection: AsyncConnection, file: Path, key: str, contents: Contents) -> None:
    """Make the tables of the backup's version, fill them and compare."""
    await connection.run_sync(upgrade, contents.manifest.revision)
    await connection.run_sync(_refuse_other_columns, contents)
    postgres = connection.dialect.name == "postgresql"
    references = await _without_references(connection) if postgres else []
    if not postgres:
        await connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    with opened(file, key) as archive:
        await copy_in(connection, archive)
    for again in references:
        await connection.exec_driver_sql(again)
    if postgres:
        await _number_on(connection, contents)
    for name, rows in contents.rows.items():
        if (found := await _count(connection, name)) != rows:
            raise BackupDamaged(f"{found} rows of {name} were restored, the backup holds {rows}")


def _refuse_other_columns(connection: sa.Connection, contents: Contents) -> None:
    inspector = sa.inspect(connection)
    present = {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}
    present.pop("alembic_version")
    held = {name: set(columns) for name, columns in contents.manifest.tables.items()}
    if present != held:
        names = [name for name in sorted({*present, *held}) if present.get(name) != held.get(name)]
        raise ConfigurationError(
            f"the backup's tables are not those of revision {contents.manifest.revision} in this version ({', '.join(names)}); "
            f"restore it with Daka {contents.manifest.app}, which made it"
        )


async def _without_references(connection: AsyncConnection) -> list[str]:
    """Take the foreign keys away: rows may come in any order. Returns the statements that put them back and check them."""
    found: Any = await connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    again = []
    for table, name, definition in list(found):
        await connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return again


async def _number_on(connection: AsyncConnection, contents: Contents) -> None:
    """Let the numbers that PostgreSQL gives out go on after the highest one that was restored."""
    for name, columns in contents.manifest.tables.items():
        for column in (column for column, kind in columns.items() if kind == "int"):
            owner = sa.select(sa.func.pg_get_serial_sequence(f'"{name}"', column))
            if (sequence := (await connection.execute(owner)).scalar()) is not None:
                highest = sa.func.max(plain_table(name, columns).c[column])
                asked = sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None)))
                await connection.execute(asked)
