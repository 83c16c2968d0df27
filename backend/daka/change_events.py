"""Change events: written in the transaction of the change, sent to browsers and idle workers after its commit.

The row in `change_event` is the durable part: any process can read what the others did, and a browser that reconnects
resumes from the last id it saw. The wake-up (LISTEN/NOTIFY on PostgreSQL, an event within a process) is only a hint; a
listener that misses it finds the row the next time it reads the table.
"""

import asyncio
import logging
import sqlite3
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Field, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.columns import Mapped, Table, enum_column
from daka.database import Database, before_commit, execute, is_postgres
from daka.statements import insert_rows

log = logging.getLogger(__name__)

NOTIFY_CHANNEL = "daka"
_NOTIFY = sa.text(f"SELECT pg_notify('{NOTIFY_CHANNEL}', '')")
SQLITE_POLL_SECONDS = 0.5
RECONNECT_SECONDS = 2.0
KEEPALIVE_SECONDS = 30.0
KEEPALIVE_TIMEOUT_SECONDS = 5.0
KEEP = timedelta(hours=1)


class Topic(StrEnum):
    """Names of the server-sent events."""

    REMINDER = "reminder"
    DELIVERY = "delivery"
    ROSTER = "roster"
    PROPOSAL = "proposal"
    DRAFT = "draft"
    """Of a roster: for the team's planners only."""
    PUNCH = "punch"
    CHANNEL = "channel"
    INBOX = "inbox"
    SHIFT = "shift"
    SCHEDULER = "scheduler"


class ChangeEvent(Table, table=True):
    """A change of one topic for one team, for one person, or (both empty) for everybody."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    at: Mapped[datetime] = Field(index=True)
    topic: Mapped[Topic] = Field(sa_type=enum_column(Topic))
    team_id: Mapped[int | None] = Field(default=None)
    user_id: Mapped[int | None] = Field(default=None)


def publish(session: AsyncSession, topic: Topic, *, team_id: int | None = None, user_id: int | None = None) -> None:
    """Publish a change with this transaction; the same change is published once, however often this is called."""
    session.info.setdefault("changes", {})[topic, team_id, user_id] = None
    before_commit(session, _insert_events)


async def last_event_id(session: AsyncSession) -> int:
    """The id of the newest event; 0 if there is none. A stream that resumes from it has what comes after it."""
    return (await session.exec(select(func.max(ChangeEvent.id)))).one() or 0


def wake_listeners(session: AsyncSession) -> None:
    """Wake the listeners after this transaction without an event, because who may receive events has changed."""
    session.info["wake_listeners"] = True


def _has_changes(session: AsyncSession) -> bool:
    return bool(session.info.get("changes") or session.info.get("wake_listeners"))


async def _insert_events(session: AsyncSession) -> None:
    """Insert the transaction's events in one statement: at 09:00 a whole company has thousands."""
    now = clock.now()
    rows = [
        {"at": now, "topic": topic, "team_id": team_id, "user_id": user_id}
        for topic, team_id, user_id in session.info.get("changes", ())
    ]
    await insert_rows(session, ChangeEvent, rows)


async def _wake_other_processes(session: AsyncSession) -> None:
    """Wake other processes (PostgreSQL delivers this with the commit; on SQLite they poll the file)."""
    if _has_changes(session) and is_postgres(session):
        await execute(session, _NOTIFY)


class ChangeNotifier:
    """Wakes the tasks of this process after each commit that published a change, here or in another process."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def wake_all(self) -> None:
        for waiter in self._waiting:
            waiter.set()

    def listener(self) -> "ChangeListener":
        return ChangeListener(self._waiting)

    def attach_to(self, database: Database) -> None:
        """Notify this and the other processes after each commit that published a change."""
        database.before_commit.append(_wake_other_processes)
        database.after_commit.append(lambda session: self.wake_all() if _has_changes(session) else None)


class ChangeListener:
    """One waiter; a notification between two waits is not lost."""

    def __init__(self, waiting: set[asyncio.Event]) -> None:
        self._waiting = waiting
        self._event = asyncio.Event()
        waiting.add(self._event)

    async def wait(self, timeout_seconds: float) -> bool:
        """True if it was woken, False after the timeout."""
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the event.
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True

    def close(self) -> None:
        self._waiting.discard(self._event)


async def listen_to_other_processes(database: Database, notifier: ChangeNotifier) -> None:
    """Wake the listeners when another process commits a change. Runs until it is cancelled."""
    listen = _watch_sqlite_file if database.is_sqlite else _listen_to_postgres
    lost: tuple[type[Exception], ...] = (OSError, sqlite3.Error, sa.exc.SQLAlchemyError)
    if not database.is_sqlite:
        import asyncpg  # here, so that it takes no memory on SQLite

        lost += (asyncpg.PostgresError, asyncpg.InterfaceError)
    while True:
        try:
            await listen(database, notifier)
        except lost as error:
            log.warning(
                "Lost the connection that listens for changes; retrying",
                extra={"fields": {"error": type(error).__name__}},
            )
        notifier.wake_all()  # changes committed meanwhile were missed
        await asyncio.sleep(RECONNECT_SECONDS)


async def _watch_sqlite_file(database: Database, notifier: ChangeNotifier) -> None:
    # `data_version` changes when another connection commits; the query takes microseconds and reads no table.
    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        seen = None
        while True:
            cursor = await cast(Any, raw.driver_connection).execute("PRAGMA data_version")
            (version,) = await cursor.fetchone()
            await cursor.close()
            if version != seen:
                seen = version
                notifier.wake_all()
            await asyncio.sleep(SQLITE_POLL_SECONDS)


async def _listen_to_postgres(database: Database, notifier: ChangeNotifier) -> None:
    async with database.engine.connect() as connection:
        raw = cast(Any, (await connection.get_raw_connection()).driver_connection)
        closed = asyncio.Event()
        raw.add_termination_listener(lambda _: closed.set())
        await raw.add_listener(NOTIFY_CHANNEL, lambda *_: notifier.wake_all())
        try:
            notifier.wake_all()  # changes committed before the listener was there
            while not closed.is_set():
                try:
                    async with asyncio.timeout(KEEPALIVE_SECONDS):
                        await closed.wait()
                except TimeoutError:
                    # A server that vanished (a cut cable, a lost machine) does not close the connection.
                    await raw.execute("SELECT 1", timeout=KEEPALIVE_TIMEOUT_SECONDS)
        finally:
            await connection.invalidate()  # a connection with a listener must not go back into the pool
