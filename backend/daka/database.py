"""Engine, sessions and transactions on SQLite and PostgreSQL.

`Database.read()` opens a session for queries. `Database.write()` is one transaction that commits when the block ends; on SQLite
it takes the write lock at once (BEGIN IMMEDIATE), so that a transaction that reads before it writes cannot deadlock.
"""

import asyncio
import json
import logging
import math
import select
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, cast

import sqlalchemy as sa
from fastapi import Depends, Request
from pydantic_core import to_jsonable_python
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio.session import async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import ConfigurationError
from daka.hooks import Hooks
from daka.settings import Settings

log = logging.getLogger(__name__)

SQLITE_BUSY_SECONDS = 15.0
"""How long a statement waits for SQLite's write lock. A request then answers 503; background work waits on (`when_free`)."""
ALIVE_FOR_SECONDS = 1.0
"""A connection that was used so recently is taken to be alive, unless its server has closed it."""
LOCK_IDLE_TIMEOUT = "20s"
"""PostgreSQL ends a transaction that holds an advisory lock and stays idle for longer than this."""
BUSY_PAUSE_SECONDS = 0.2
CONNECT_SECONDS = 10.0
"""How long PostgreSQL may take to accept a connection; asyncpg waits for a minute where nothing answers."""
READY_SECONDS = 30.0
NO_ROOM_BYTES = 64 * 1024
"""With less, SQLite cannot make the 32 kB beside its file, and says no more than that there was an error of the disk."""
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


async def advisory_lock(session: AsyncSession, lock: int, *, is_shared: bool = False) -> None:
    """Hold a PostgreSQL advisory lock until this transaction ends. Does nothing on SQLite, which has a single writer.

    Any number may share it while nobody holds it alone. A process that hangs while holding it (suspended, network lost) loses
    the transaction instead of blocking all others.
    """
    if is_postgres(session):
        timeout = sa.func.set_config("idle_in_transaction_session_timeout", LOCK_IDLE_TIMEOUT, sa.true())
        locked = sa.func.pg_advisory_xact_lock_shared(lock) if is_shared else sa.func.pg_advisory_xact_lock(lock)
        await execute(session, sa.select(timeout, locked))


as_json = partial(json.dumps, default=to_jsonable_python)
"""JSON for a column, also of pydantic models. Erasing people relies on its form (`privacy`)."""


def _sqlite_engine(url: str) -> AsyncEngine:
    parsed = sa.make_url(url)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError("DATABASE_URL: SQLite needs a file, for example sqlite:///data/app.db")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    file = _file_of_our_own(Path(parsed.database))
    engine = create_async_engine(parsed.set(database=str(file)), pool_size=5, max_overflow=10, json_serializer=as_json)

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
        if shutil.disk_usage(asked.parent).free < NO_ROOM_BYTES:
            raise ConfigurationError(f"DATABASE_URL: the disk of {asked} is full; free up space") from error
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
    engine = create_async_engine(url, pool_size=5, max_overflow=15, json_serializer=as_json)
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **{"timeout": CONNECT_SECONDS} | options)
        except OSError as error:
            raise sa.exc.OperationalError("connect", None, error, connection_invalidated=True) from error

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


class DatabaseState(StrEnum):
    """Why a database cannot do now what it could do before; the code of the answer."""

    BUSY = "busy"
    """It will once others are done: no connection became free, SQLite's write lock was held too long, or this transaction was
    the one that a deadlock ended.
    """
    AWAY = "database_away"
    """Its server is down, starting or stopping, or cut the connection; amid a commit, which may have been done."""
    FULL = "disk_full"
    READ_ONLY = "database_read_only"


_STATES = {
    "40P01": DatabaseState.BUSY,  # deadlock_detected
    "53300": DatabaseState.BUSY,  # too_many_connections
    "53100": DatabaseState.FULL,
    "25006": DatabaseState.READ_ONLY,
    "57P01": DatabaseState.AWAY,  # admin_shutdown
    "57P02": DatabaseState.AWAY,  # crash_shutdown
    "57P03": DatabaseState.AWAY,  # cannot_connect_now
    "28000": DatabaseState.AWAY,  # invalid_authorization_specification
    "28P01": DatabaseState.AWAY,  # invalid_password
    "3D000": DatabaseState.AWAY,  # invalid_catalog_name
}
"""PostgreSQL's, by SQLSTATE."""
_SQLITE_WORDS = {
    "database is locked": DatabaseState.BUSY,
    "database or disk is full": DatabaseState.FULL,
    "attempt to write a readonly database": DatabaseState.READ_ONLY,
}


def database_state(error: BaseException) -> DatabaseState | None:
    """None: it is another failure."""
    if isinstance(error, sa.exc.TimeoutError):
        return DatabaseState.BUSY
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    code = getattr(error.orig, "sqlstate", None) or ""
    if found := _STATES.get(code):
        return found
    if error.connection_invalidated or code.startswith("08"):  # class 08: connection exceptions
        return DatabaseState.AWAY
    return next((state for words, state in _SQLITE_WORDS.items() if words in str(error.orig)), None)


def is_too_busy(error: BaseException) -> bool:
    return database_state(error) is DatabaseState.BUSY


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


async def wait_until_ready(database: Database) -> None:
    """Wait for a database server that is still starting (Compose starts both at once)."""
    started = time.monotonic()
    while True:
        try:
            async with database.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
            return
        except sa.exc.DBAPIError as error:
            if database.is_sqlite or time.monotonic() - started > READY_SECONDS:
                raise
            log.warning("Waiting for the database", extra={"fields": {"error": str(error.orig)}})
            await asyncio.sleep(1)
