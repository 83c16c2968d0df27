"""Engine, sessions and transactions on SQLite and PostgreSQL.

`Database.read()` opens a session for queries. `Database.write()` is one transaction that commits when the block ends; on SQLite
it takes the write lock at once (BEGIN IMMEDIATE), so that a transaction that reads before it writes cannot deadlock.
"""

import asyncio
import json
import logging
import math
import re
import select
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar, cast

import sqlalchemy as sa
from fastapi import Depends, Request
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio.session import async_sessionmaker
from sqlalchemy.ext.compiler import compiles
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import ConfigurationError
from daka.hooks import Hooks
from daka.settings import Settings

log = logging.getLogger(__name__)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped as Mapped
else:

    class Mapped:
        """Type of a table's field: `Reminder.next_due_at` is a column, `reminder.next_due_at` its value.

        SQLModel declares fields as plain values, so a type checker mistakes columns for values and every `in_` needs `col()`.
        SQLAlchemy's own descriptor type is correct for both; pydantic sees the plain type.
        """

        def __class_getitem__(cls, kind: object) -> object:
            return kind


class Table(SQLModel):
    """Base of all tables. A table has the name of its class in snake case."""

    model_config = {"defer_build": True}  # nothing validates rows (see `Schema`)

    @sa.orm.declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


SQLITE_BUSY_SECONDS = 15.0
"""How long a statement waits for SQLite's write lock. A request then answers 503; background work waits on (`when_free`)."""
ALIVE_FOR_SECONDS = 1.0
"""A connection that was used so recently is taken to be alive, unless its server has closed it."""
LOCK_IDLE_TIMEOUT = "20s"
"""PostgreSQL ends a transaction that holds an advisory lock and stays idle for longer than this."""


class PartialIndex(sa.Index):
    """An index of the rows that fulfil a condition. Naming both databases in `Index` itself would load what both need."""

    def __init__(self, name: str, *columns: str, where: str) -> None:
        super().__init__(name, *columns)
        self._condition = where

    @cached_property
    def dialect_options(self) -> Any:  # asked for where tables are made or compared
        options = super().dialect_options
        for dialect in ("sqlite", "postgresql"):
            options[dialect]["where"] = sa.text(self._condition)
        return options


def enum_column(kind: type[StrEnum]) -> sa.Enum:
    """Column type that stores an enum's values as text on both databases and loads them as the enum."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda members: [member.value for member in members]
    )


def json_column() -> sa.JSON:
    """Column type for small JSON documents; None is stored as SQL NULL."""
    return sa.JSON(none_as_null=True)


BUSY_PAUSE_SECONDS = 0.2
Result = TypeVar("Result")
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]


def before_commit(session: AsyncSession, prepare: BeforeCommit) -> None:
    """Call `prepare` once at the end of this write transaction, while it can still write."""
    session.info.setdefault("before_commit", {})[prepare] = None


class Database:
    """The engine and its two kinds of sessions. `async with Database(settings) as database:` disposes of it at the end."""

    def __init__(self, settings: Settings, *, hooks: Hooks | None = None) -> None:
        """Without hooks, whatever changes the plan raises `HooksMissing`; see `daka.wiring`."""
        self.settings = settings
        url = settings.async_database_url
        self.engine: AsyncEngine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        info = {"settings": settings, "hooks": hooks}
        self._read = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False, info=info)
        self._write = async_sessionmaker(
            writing, class_=AsyncSession, expire_on_commit=False, info={**info, "writes": True}
        )
        self.before_commit: list[BeforeCommit] = []
        self.after_commit: list[Callable[[AsyncSession], None]] = []
        """Called with the session after each committed write transaction (see `change_events`)."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for queries; nothing is committed."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._write() as session:
            yield session
            for prepare in (*session.info.get("before_commit", ()), *self.before_commit):
                await prepare(session)
            await session.commit()
            for notify in self.after_commit:
                notify(session)

    async def dispose(self) -> None:
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.dispose()


def settings_in(session: AsyncSession) -> Settings:
    """The settings of the process that opened the session."""
    return cast(Settings, session.info["settings"])


def is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


async def execute(
    session: AsyncSession, statement: sa.Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None
) -> sa.CursorResult[Any]:
    """Run a Core statement in the session's transaction, once per row if rows are given, or with these parameters."""
    await session.flush()
    connection = await session.connection()
    return await connection.execute(statement, rows)


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
        rows = [{**row, **{name: _as_json(row[name]) for name in documents}} for row in rows]
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


async def advisory_lock(session: AsyncSession, lock: int, *, is_shared: bool = False) -> None:
    """Hold a PostgreSQL advisory lock until this transaction ends. Does nothing on SQLite, which has a single writer.

    Any number may share it while nobody holds it alone. A process that hangs while holding it (suspended, network lost) loses
    the transaction instead of blocking all others.
    """
    if is_postgres(session):
        timeout = sa.func.set_config("idle_in_transaction_session_timeout", LOCK_IDLE_TIMEOUT, sa.true())
        locked = sa.func.pg_advisory_xact_lock_shared(lock) if is_shared else sa.func.pg_advisory_xact_lock(lock)
        await execute(session, sa.select(timeout, locked))


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


_as_json = partial(json.dumps, default=to_jsonable_python)
"""JSON for a column, also of pydantic models. Erasing people relies on its form (`privacy`)."""


def _sqlite_engine(url: str) -> AsyncEngine:
    parsed = sa.make_url(url)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError("DATABASE_URL: SQLite needs a file, for example sqlite:///data/app.db")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    file = _file_of_our_own(Path(parsed.database))
    engine = create_async_engine(parsed.set(database=str(file)), pool_size=5, max_overflow=10, json_serializer=_as_json)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}",
            "temp_store=MEMORY",
            "secure_delete=ON",  # what is erased leaves no trace in the file
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _file_of_our_own(asked: Path) -> Path:
    """The file itself, or one beside it (`app.daka.db`) if it holds another program's tables.

    The previous system used the same default path; its data is left untouched.
    """
    if not asked.exists() or asked.stat().st_size == 0:
        return asked
    try:
        with closing(sqlite3.connect(f"{asked.resolve().as_uri()}?mode=ro", uri=True, timeout=15)) as connection:
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"DATABASE_URL: {asked} cannot be read as an SQLite database ({error})") from error
    if not found or "alembic_version" in found:
        return asked
    own = asked.with_suffix(f".daka{asked.suffix}")
    log.warning(
        "DATABASE_URL points to another program's database; using a file beside it",
        extra={"fields": {"file": str(own)}},
    )
    return own


def _postgres_engine(url: str) -> AsyncEngine:
    """Connections that were idle are asked whether they are alive before they are used again.

    `pool_pre_ping` asks all of them, which takes three round trips for each transaction, also amid a burst.
    """
    engine = create_async_engine(url, pool_size=5, max_overflow=15, json_serializer=_as_json)
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        is_known_dead = connection.driver_connection.is_closed()
        idle_seconds = time.monotonic() - record.info.get("used_at", math.inf)
        if not is_known_dead and idle_seconds < ALIVE_FOR_SECONDS and not _has_unread(connection.driver_connection):
            return
        if is_known_dead or not _answers(dialect, connection):
            raise sa.exc.InvalidatePoolError

    return engine


def _has_unread(connection: Any) -> bool:
    """Whether a server has sent something that nobody asked for: its last words before it closes the connection."""
    if (socket := connection._transport.get_extra_info("socket")) is None:
        return True
    unread = select.poll()
    unread.register(socket, select.POLLIN)
    return bool(unread.poll(0))


def _answers(dialect: sa.Dialect, connection: Any) -> bool:
    try:
        return bool(dialect.do_ping(connection))
    except cast(Any, dialect).loaded_dbapi.Error:
        return False


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction per request. It ends before the response is sent, so that a client never sees 201 before the row exists."""
    database = cast(Database, request.app.state.database)
    opened = database.read() if request.method in {"GET", "HEAD"} else database.write()
    async with opened as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


DEADLOCK = "40P01"
"""PostgreSQL's code for one of several transactions that waited for one another: this one was ended, the others go on."""


def is_too_busy(error: Exception) -> bool:
    """Whether the same will work once others are done: no connection became free, SQLite's write lock was held too long, or
    this transaction was the one that a deadlock ended.
    """
    if isinstance(error, sa.exc.DBAPIError) and getattr(error.orig, "sqlstate", None) == DEADLOCK:
        return True
    if isinstance(error, sa.exc.OperationalError):
        return "database is locked" in str(error.orig)
    return isinstance(error, sa.exc.TimeoutError)


async def when_free(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do work of the background, again and again as long as the database is too busy: that ends, and is not a failure."""
    while True:
        try:
            return await work()
        except sa.exc.SQLAlchemyError as error:
            if not is_too_busy(error):
                raise
        log.info("The database is busy; waiting for it")
        await asyncio.sleep(BUSY_PAUSE_SECONDS)


async def wait_until_ready(database: Database, *, attempts: int = 30) -> None:
    """Wait for a database server that is still starting (Compose starts both at once)."""
    for attempt in range(attempts):
        try:
            async with database.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
            return
        except (OSError, sa.exc.DBAPIError):
            if attempt == attempts - 1:
                raise
            await asyncio.sleep(1)
