"""Paginated lists: `{items, next_cursor}`. A cursor is the sort key of the last row, opaque to clients."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import sqlalchemy as sa
from fastapi import Query
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Invalid
from daka.schema import Schema

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=500, description="Maximum number of items")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the previous page")]


class Page(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = None


def cursor_of(*key: Any) -> str:
    """The cursor after a row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def key_of(cursor: str | None, *types: type) -> list[Any] | None:
    """The sort key inside a cursor, or None without one. Raises Invalid: the cursor was not made by `cursor_of`."""
    if cursor is None:
        return None
    try:
        key: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _not_of_this_list() from error
    fits = (
        isinstance(key, list)
        and len(key) == len(types)
        and all(type(part) is kind for part, kind in zip(key, types, strict=True))
    )
    if not fits or any(isinstance(part, int) and not 0 <= part < 2**31 for part in key):
        raise _not_of_this_list()
    return list(key)


def moment_and_id(cursor: str | None) -> tuple[datetime, int] | None:
    """The place inside the cursor of a list in the order of moments. Raises Invalid: as `key_of`."""
    if (key := key_of(cursor, str, int)) is None:
        return None
    return _moment(key[0]), key[1]


def beyond(after: tuple[datetime, int] | None, at: Any, row_id: Any, *, newest_first: bool = True) -> list[Any]:
    """Conditions for the rows after a place, in a form in which an index that goes on with these columns begins there."""
    if after is None:
        return []
    moment, last = after
    if newest_first:
        return [at <= moment, sa.or_(at < moment, row_id < last)]
    return [at >= moment, sa.or_(at > moment, row_id > last)]


def _not_of_this_list() -> Invalid:
    return Invalid("bad_cursor", "This is not a cursor of this list", loc=("query", "cursor"))


def cut(rows: Sequence[Any], limit: int) -> tuple[list[Any], Any | None]:
    """The first `limit` of up to `limit + 1` rows, and the last of them if there are more."""
    kept = list(rows[:limit])
    return kept, kept[-1] if len(rows) > limit else None


async def page_of(
    session: AsyncSession,
    asked: Any,
    row_id: Any,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool = True,
    at: Any = None,
) -> tuple[list[Any], str | None]:
    """One page of a query, and the cursor of the next page.

    It is in the order of `at`, a moment, if one is given, and then of `row_id`: columns of the query's first table, which an
    index should begin with. Raises Invalid: as `key_of`.
    """
    order = [row_id] if at is None else [at, row_id]
    if key := key_of(cursor, int) if at is None else moment_and_id(cursor):
        row = sa.tuple_(*order)
        last_row = sa.tuple_(*(sa.literal(part, column.type) for part, column in zip(key, order, strict=True)))
        asked = asked.where(row < last_row if newest_first else row > last_row)
    directed = [column.desc() for column in order] if newest_first else order
    kept, last = cut(list(await session.exec(asked.order_by(*directed).limit(limit + 1))), limit)
    if last is None:
        return kept, None
    last = last[0] if isinstance(last, sa.Row) else last
    return kept, cursor_of(*([] if at is None else [getattr(last, at.key).isoformat()]), last.id)


def _moment(text: str) -> datetime:
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    raise _not_of_this_list()


def given(values: Mapping[Any, Any]) -> list[Any]:
    """Conditions on columns for the values that are given: `{User.team_id: 1, User.role: None}` asks about the team only."""
    return [column == value for column, value in values.items() if value is not None]
