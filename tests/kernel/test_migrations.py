"""Migrations lead to exactly the tables that the code expects, on both databases."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel.sql.sqltypes import AutoString

from daka.database import Database
from daka.tables import metadata


def _is_other_type(
    _context: object, _inspected: object, _column: object, is_now: object, wanted: object
) -> bool | None:
    return False if isinstance(is_now, sa.Text) and isinstance(wanted, AutoString) and not wanted.length else None


async def test_migrations_lead_to_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": _is_other_type})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
