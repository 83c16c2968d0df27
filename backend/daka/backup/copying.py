"""Copies tables to an archive and back without using the models: an older backup is restored into the tables of its version."""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.sql.sqltypes import UTCDateTime

from daka import __version__, clock
from daka.backup.archive import ArchiveReader, ArchiveWriter, Contents, Manifest, contents_of, written
from daka.database import Database
from daka.errors import ConfigurationError
from daka.migrations import newest_revision, revision_of
from daka.security import SecretBox
from daka.tables import metadata

ROWS_AT_ONCE = 1000
FETCH = {"yield_per": ROWS_AT_ONCE}
KINDS: dict[str, sa.types.TypeEngine[Any]] = {
    "bool": sa.Boolean(),
    "int": sa.BigInteger(),
    "float": sa.Float(),
    "date": sa.Date(),
    "time": sa.Time(),
    "moment": UTCDateTime(),
    "json": sa.JSON(none_as_null=True),
    "bytes": sa.LargeBinary(),
    "text": sa.String(),
}
_OF_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (sa.Boolean, "bool"),
    (sa.Integer, "int"),
    ((sa.Float, sa.Numeric), "float"),
    (UTCDateTime, "moment"),
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "bytes"),
    (sa.String, "text"),
)
_READ: dict[str, Any] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "moment": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    "bytes": base64.b64decode,
}


def kind_of(column: sa.Column[Any]) -> str:
    """How a column's values are serialised. Raises TypeError: there is no serialisation for this type yet."""
    declared = column.type
    kind = declared.impl_instance if isinstance(declared, sa.types.TypeDecorator) else declared
    for of_type, name in _OF_TYPES:
        if isinstance(declared, of_type) or isinstance(kind, of_type):
            return name
    raise TypeError(f"a backup cannot hold {column.table.name}.{column.name}: {declared!r}")


def described_tables() -> dict[str, dict[str, str]]:
    """All tables of this version, referenced tables first."""
    return {table.name: {column.name: kind_of(column) for column in table.columns} for table in metadata.sorted_tables}


def plain_table(name: str, columns: dict[str, str]) -> sa.TableClause:
    """A table without enums and models, so that any stored value can be read and written."""
    return sa.table(name, *(sa.column(column, KINDS[kind]) for column, kind in columns.items()))


async def copy_out(database: Database, file: Path, *, key: str, secret: str) -> Contents:
    """Write a consistent snapshot of the database to the file without blocking writers, then read the file again to verify it.

    Memory use does not depend on the amount of data. Raises ConfigurationError: the schema is not that of this version.
    """
    async with database.engine.connect() as connection:
        if not database.is_sqlite:  # SQLite's transaction is a snapshot in any case
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        revision = await connection.run_sync(revision_of)
        if revision != newest_revision():
            raise ConfigurationError(
                f"the database is at revision {revision}, this version works with {newest_revision()}; "
                "run daka migrate, or make the backup with the matching version"
            )
        manifest = Manifest(
            app=__version__,
            revision=revision,
            made_at=clock.now().isoformat(timespec="seconds"),
            canary=SecretBox(secret).seal({"canary": "sings"}),
            tables=described_tables(),
        )
        with written(file, key) as stream:
            archive = ArchiveWriter(stream, manifest)
            sealed = 0
            for name in manifest.tables:
                sealed += await _copy_table_out(connection, archive, name)
            archive.end(sealed)
    return contents_of(file, key)


async def _copy_table_out(connection: AsyncConnection, archive: ArchiveWriter, name: str) -> int:
    columns = archive.contents.manifest.tables[name]
    table = plain_table(name, columns)
    keys = [table.c[column.name] for column in metadata.tables[name].primary_key]
    sealed_places = [place for place, column in enumerate(columns) if column.startswith("sealed_")]
    sealed = 0
    archive.begin_table(name)
    rows = await connection.stream(sa.select(table).order_by(*keys), execution_options=FETCH)
    async for batch in rows.partitions():
        lines = [to_json(list(row), bytes_mode="base64") for row in batch]
        archive.write_rows(b"\n".join(lines) + b"\n", len(lines))
        sealed += sum(bool(row[place]) for row in batch for place in sealed_places)
    archive.end_table()
    return sealed


async def copy_in(connection: AsyncConnection, archive: ArchiveReader) -> None:
    """Insert all rows of the archive into empty tables, in the caller's transaction."""
    for name, rows in archive.tables():
        columns = archive.contents.manifest.tables[name]
        insert = sa.insert(plain_table(name, columns))
        for batch in _batches(_values(columns, rows)):
            await connection.execute(insert, batch)


def _values(columns: dict[str, str], rows: Iterable[list[Any]]) -> Iterator[dict[str, Any]]:
    readers = [(name, _READ.get(kind)) for name, kind in columns.items()]
    for row in rows:
        yield {
            name: value if read is None or value is None else read(value)
            for (name, read), value in zip(readers, row, strict=True)
        }


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
