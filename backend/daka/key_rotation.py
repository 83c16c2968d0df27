"""A new SECRET_KEY: everything that is encrypted at rest is opened with the former one and sealed with the new one."""

import sqlalchemy as sa

from daka.database import Database, execute
from daka.errors import ConfigurationError
from daka.security import SecretBox
from daka.tables import metadata


def sealed_columns() -> list[sa.Column[str]]:
    """Every column that holds sealed secrets, wherever a feature has one: their names begin with `sealed_`."""
    return [column for table in metadata.sorted_tables for column in table.columns if column.name.startswith("sealed_")]


async def rotate_key(database: Database, *, former: str, present: str) -> int:
    """Seal everything anew, in one transaction. Returns how many values were changed; run again, it changes none.

    Sign-ins and one-tap links that were signed with the former key end. Stop the workers first: one that still runs with the
    former key could not open what is sealed with the new one.

    Raises:
        ConfigurationError: something opens with neither key; nothing is changed then.
    """
    old, new = SecretBox(former), SecretBox(present)
    changed = 0
    async with database.write() as session:
        for column in sealed_columns():
            table = column.table
            keys = list(table.primary_key.columns)
            rows = list(await execute(session, sa.select(column, *keys).where(column != "")))
            for row in rows:
                sealed: str = row[0]
                if new.opens(sealed):
                    continue
                if not old.opens(sealed):
                    raise ConfigurationError(f"A secret in {table.name} opens with neither key; nothing was changed")
                this_row = [part == row[place] for place, part in enumerate(keys, 1)]
                anew = sa.update(table).where(*this_row).values({column.name: new.seal(old.open(sealed))})
                await execute(session, anew)
                changed += 1
    return changed
