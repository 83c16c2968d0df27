"""Alembic's environment: online only, on the connection that the caller holds or on DATABASE_URL."""

import asyncio
from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from daka.database import Database
from daka.settings import Settings
from daka.tables import metadata


def rendered(kind: str, found: object, _context: object) -> str | Literal[False]:
    """Short names for SQLModel's column types in new migrations."""
    if kind == "type" and isinstance(found, AutoString):
        return f"sa.String(length={found.length})" if found.length else "sa.Text()"
    return "UTCDateTime()" if kind == "type" and isinstance(found, UTCDateTime) else False


def is_other_type(_context: object, _inspected: object, _column: object, is_now: object, wanted: object) -> bool | None:
    """Text without a limit has two names that mean the same; None leaves everything else to alembic."""
    return False if isinstance(is_now, sa.Text) and isinstance(wanted, AutoString) and not wanted.length else None


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=is_other_type,
        render_item=rendered,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_on_own_connection() -> None:
    async with Database(Settings()) as database, database.engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_on_own_connection())
