"""Rotation of SECRET_KEY: everything encrypted at rest is decrypted with the former key and encrypted with the new one."""

import logging

import sqlalchemy as sa

from daka.database import Database, execute
from daka.errors import ConfigurationError
from daka.security import SecretBox
from daka.tables import metadata

log = logging.getLogger(__name__)


def sealed_columns() -> list[sa.Column[str]]:
    """All columns with encrypted values, of every feature: their names begin with `sealed_`."""
    return [column for table in metadata.sorted_tables for column in table.columns if column.name.startswith("sealed_")]


async def rotate_key(database: Database, *, former: str, present: str) -> int:
    """Re-encrypt everything in one transaction. Returns how many values were changed; a second run changes none.

    Sessions and one-tap links signed with the former key become invalid. Stop the workers first: one that still runs with the
    former key cannot decrypt the new values.
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
                    raise ConfigurationError(f"Neither key decrypts a secret in {table.name}; nothing was changed")
                this_row = [part == row[place] for place, part in enumerate(keys, 1)]
                anew = sa.update(table).where(*this_row).values({column.name: new.seal(old.open(sealed))})
                await execute(session, anew)
                changed += 1
    return changed


async def warn_of_another_key(database: Database, secret: str) -> None:
    """At the start, by one value of each column: what is encrypted cannot be used, and few people look for that themselves."""
    box = SecretBox(secret)
    async with database.read() as session:
        for column in sealed_columns():
            sealed = (await execute(session, sa.select(column).where(column != "").limit(1))).scalar()
            if sealed and not box.opens(sealed):
                log.error(
                    "SECRET_KEY cannot decrypt stored secrets; what needs them sends nothing. Restore the former key, or run "
                    "daka rotate-key, or enter them again",
                    extra={"fields": {"table": column.table.name}},
                )
