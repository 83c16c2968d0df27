"""The first rows of many owners in one order, such as what some people were sent last.

What is read is what each owner has first: one place in an index for each of them, however many rows they have and however many
are somebody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import execute, is_postgres

GROWING = 8
"""So many times more rows of each owner are read, while those of all are too few."""


@dataclass(frozen=True)
class Leg:
    """Rows of each owner, in the order of an index that begins with the owner and goes on with `at` and `row_id`."""

    owners: Any
    """A query for `id`."""
    owner: Any
    at: Any
    row_id: Any
    conditions: Sequence[Any]
    of: tuple[Any, Any]
    """The table that `row_id` is a row of, and its column that is equal to `at`."""
    source: Any
    """The table of the rows, with what it is joined to."""
    newest_first: bool = True

    def first(self, on_postgres: bool, *, each: int, until: Any) -> Any:
        """So many rows of each owner, as `id` and `at`."""
        owners = self.owners.subquery()
        within = [] if until is None else [self.at >= until if self.newest_first else self.at <= until]
        ordered = (
            sa.select(self.row_id.label("id"), self.at.label("at"))
            .select_from(self.source)
            .where(self.owner == owners.c.id, *self.conditions, *within)
            .order_by(*_directed(self.newest_first, self.at, self.row_id))
            .limit(each)
            .correlate(owners)
        )
        if on_postgres:
            found = ordered.lateral()
            return sa.select(found.c.id, found.c.at).select_from(owners.join(found, sa.true()))
        model, at = self.of
        row = aliased(model)
        its_id = ordered.with_only_columns(self.row_id)
        chosen = sa.select(row.id.label("id"), getattr(row, at.key).label("at"))
        return chosen.select_from(owners).join(row, row.id.in_(its_id))


def _directed(newest_first: bool, *columns: Any) -> list[Any]:
    return [column.desc() if newest_first else column.asc() for column in columns]


async def merged(session: AsyncSession, legs: Sequence[Leg], limit: int) -> list[int]:
    """The ids of the first rows that any of the legs finds.

    The first few of each owner say how far the others have to be read.
    """
    each = 1
    while each < limit:
        first = await _read(session, legs, limit, each=each, until=None)
        if not first:
            return []
        if len(first) == limit:
            return [row.id for row in await _read(session, legs, limit, each=limit, until=first[-1].at)]
        each *= GROWING
    return [row.id for row in await _read(session, legs, limit, each=limit, until=None)]


async def _read(session: AsyncSession, legs: Sequence[Leg], limit: int, *, each: int, until: Any) -> Sequence[Any]:
    found = [leg.first(is_postgres(session), each=each, until=until) for leg in legs]
    both = sa.union(*found).subquery()
    asked = (
        sa.select(both.c.id, both.c.at).order_by(*_directed(legs[0].newest_first, both.c.at, both.c.id)).limit(limit)
    )
    return (await execute(session, asked)).all()
