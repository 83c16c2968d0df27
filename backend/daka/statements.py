"""Statements that both databases understand, above all about many rows at once."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.ext.compiler import compiles
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import as_json, execute, is_postgres


class _Many(sa.TypeDecorator[Any]):
    """A list as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return sa.ARRAY(self.item, dimensions=1) if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _Among(sa.sql.functions.FunctionElement[bool]):
    inherit_cache = True
    type = sa.Boolean()
    name = "among"

    def self_group(self, against: Any = None) -> Any:
        """As it is: `… IN (…) = 1`, as SQLite would get it, is answered by no index."""
        return self


@compiles(_Among, "postgresql")
def _among_on_postgres(element: _Among, compiler: Any, **values: Any) -> str:
    column, many = (compiler.process(part, **values) for part in element.clauses)
    return f"{column} = ANY ({many})"


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: Any, **values: Any) -> str:
    column, many = (compiler.process(part, **values) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({many}))"  # noqa: S608  # nosec B608 - both are compiled


def among(column: Any, values: Collection[Any] | str) -> sa.ColumnElement[bool]:
    """`column IN values` with one parameter for however many: nothing is written anew for each number of them.

    A text names the parameter of a statement that is built once.
    """
    kind = _Many(column.type)
    return _Among(column, sa.bindparam(values, type_=kind) if isinstance(values, str) else sa.literal(values, kind))


@lru_cache(maxsize=64)
def _many_rows(table: sa.Table, names: tuple[str, ...]) -> Mapping[str, sa.ColumnElement[Any]]:
    """The columns of rows that come as one parameter, JSON. PostgreSQL only.

    An array for each column costs the driver a look at each value, and SQLAlchemy another one.
    """
    kinds = {name: table.c[name].type for name in names}
    columns = (sa.column(name, sa.Text() if isinstance(kind, sa.JSON) else kind) for name, kind in kinds.items())
    given = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON())
    rows = sa.func.json_to_recordset(given).table_valued(*columns, name="many").render_derived(with_types=True)
    return {
        name: sa.cast(rows.c[name], kind) if isinstance(kind, sa.JSON) else rows.c[name] for name, kind in kinds.items()
    }


def _as_parameter(model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The rows for `_many_rows`. A JSON document stays the text that it is in the table."""
    columns = _table_of(model).c
    if documents := [name for name in rows[0] if isinstance(columns[name].type, sa.JSON)]:
        rows = [{**row, **{name: as_json(row[name]) for name in documents}} for row in rows]
    return {"rows": to_json(rows).decode()}


def _table_of(model: type[SQLModel]) -> sa.Table:
    return cast(sa.Table, sa.inspect(model).local_table)


@lru_cache(maxsize=64)
def _insert(model: type[SQLModel], names: tuple[str, ...], on_postgres: bool) -> sa.Insert:
    table = _table_of(model)
    inserted = sa.insert(table)
    return inserted.from_select(list(names), sa.select(*_many_rows(table, names).values())) if on_postgres else inserted


async def insert_rows(session: AsyncSession, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Write many rows with the same columns at once."""
    if rows:
        on_postgres = is_postgres(session)
        given = _as_parameter(model, rows) if on_postgres else rows
        await execute(session, _insert(model, tuple(rows[0]), on_postgres), given)


@lru_cache(maxsize=64)
def _update(
    model: type[SQLModel],
    names: tuple[str, ...],
    by: tuple[str, ...],
    where: sa.ColumnElement[bool] | None,
    also: tuple[tuple[str, Any], ...],
    on_postgres: bool,
) -> sa.Update:
    table = _table_of(model)
    change = sa.update(table).values(dict(also))
    if where is not None:
        change = change.where(where)
    if on_postgres:
        new: Mapping[str, Any] = _many_rows(table, names)
    else:
        new = {name: sa.bindparam(f"all_{name}") for name in names}
    changing = {name: new[name] for name in names if name not in by}
    return change.where(*(table.c[name] == new[name] for name in by)).values(changing)


async def update_rows(
    session: AsyncSession,
    model: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    by: tuple[str, ...],
    where: sa.ColumnElement[bool] | None = None,
    also: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Change many rows at once, each to its own values, and all to those in `also`. The columns in `by` say which rows;
    `where`, a constant of its module, must hold besides.
    """
    if not rows:
        return
    on_postgres = is_postgres(session)
    change = _update(model, tuple(rows[0]), by, where, tuple(also.items()), on_postgres)
    if on_postgres:
        await execute(session, change, _as_parameter(model, rows))
    else:
        await execute(session, change, [{f"all_{name}": value for name, value in row.items()} for row in rows])


async def new_ids(session: AsyncSession, model: type[SQLModel], count: int) -> list[int]:
    """Ids for rows that this transaction is about to write, in order."""
    if is_postgres(session):
        table = _table_of(model)
        sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', "id")
        asked = sa.select(sa.func.nextval(sequence)).select_from(sa.func.generate_series(1, count))
        return list((await execute(session, asked)).scalars())
    last = (await execute(session, sa.select(sa.func.coalesce(sa.func.max(cast(Any, model).id), 0)))).scalar_one()
    return list(range(last + 1, last + 1 + count))


def seconds_between(session: AsyncSession, earlier: Any, later: Any) -> sa.ColumnElement[Any]:
    """The time from one column's moment to another's, in seconds, to the millisecond."""
    if is_postgres(session):
        return sa.func.extract("epoch", later - earlier)
    return sa.func.round((sa.func.julianday(later) - sa.func.julianday(earlier)) * 86400, 3)


async def add_unique(session: AsyncSession, row: SQLModel, taken: Exception) -> None:
    """Write a row with a unique name; raises `taken` if the name is in use, also for concurrent requests."""
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except sa.exc.IntegrityError as error:
        raise taken from error


def _dialect(session: AsyncSession) -> Any:
    return import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")


def insert_new(session: AsyncSession, table: type[SQLModel]) -> Any:
    """An INSERT that skips rows that already exist."""
    return _dialect(session).insert(table).on_conflict_do_nothing()


def insert_or_update(
    session: AsyncSession,
    table: type[SQLModel],
    rows: sa.Select[*tuple[Any, ...]],
    *,
    columns: Sequence[str],
    unique: Sequence[str],
) -> Any:
    """INSERT … SELECT that updates rows that already exist, as identified by the `unique` columns."""
    inserted = _dialect(session).insert(table).from_select(columns, rows, include_defaults=False)
    changing = {name: inserted.excluded[name] for name in columns if name not in unique}
    return inserted.on_conflict_do_update(index_elements=list(unique), set_=changing)
