"""News of what changed: written in the transaction that changes it, told to browsers and to sleeping workers after the commit.

A row in `announcement` is the durable part: any process can read what others did, and a browser that lost its connection
goes on from the last id it saw. Waking up is only a hint (LISTEN/NOTIFY on PostgreSQL, an event inside one process): whoever
misses it finds the row at the next look.
"""

import asyncio
import logging
import sqlite3
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

import asyncpg
import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database, Mapped, before_every_commit, enum_column, execute, is_postgres

log = logging.getLogger(__name__)

NOTIFY_CHANNEL = "daka"
SQLITE_LOOKS_EVERY_SECONDS = 0.5
LISTENS_AGAIN_AFTER_SECONDS = 2.0
SAYS_HELLO_EVERY_SECONDS = 30.0
ANSWERS_WITHIN_SECONDS = 5.0
KEEP = timedelta(hours=1)


class Topic(StrEnum):
    """Names of the server-sent events."""

    REMINDER = "reminder"
    DELIVERY = "delivery"
    ROSTER = "roster"
    PUNCH = "punch"
    CHANNEL = "channel"
    INBOX = "inbox"
    SHIFT = "shift"
    SCHEDULER = "scheduler"


class Announcement(SQLModel, table=True):
    """One topic that changed for one team, or for one person, or (both empty) for everybody."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    at: Mapped[datetime] = Field(index=True)
    topic: Mapped[Topic] = Field(sa_type=enum_column(Topic))
    team_id: Mapped[int | None] = Field(default=None)
    user_id: Mapped[int | None] = Field(default=None)


def announce(session: AsyncSession, topic: Topic, *, team_id: int | None = None, user_id: int | None = None) -> None:
    """Say in this transaction that something changed; the same news is told once however often it is announced."""
    session.info.setdefault("announced", {})[topic, team_id, user_id] = None


def look_again(session: AsyncSession) -> None:
    """Wake whoever listens after this transaction although there is no news: who may hear it has changed."""
    session.info["look_again"] = True


def _rings(session: AsyncSession) -> bool:
    return bool(session.info.get("announced") or session.info.get("look_again"))


@before_every_commit
async def _write_down(session: AsyncSession) -> None:
    """Write the transaction's news in one statement: a whole company's 09:00 is thousands of them."""
    now = clock.now()
    rows = [
        {"at": now, "topic": topic, "team_id": team_id, "user_id": user_id}
        for topic, team_id, user_id in session.info.get("announced", ())
    ]
    if rows:
        await execute(session, sa.insert(Announcement), rows)


async def _wake_other_processes(session: AsyncSession) -> None:
    """Ask other processes to look at once (PostgreSQL delivers it with the commit; on SQLite they watch the file)."""
    if _rings(session) and is_postgres(session):
        await execute(session, sa.text(f"SELECT pg_notify('{NOTIFY_CHANNEL}', '')"))


class Bell:
    """Wakes the tasks of this process: rung after each commit that announced something, and by other processes' news."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        for waiter in self._waiting:
            waiter.set()

    def listener(self) -> "BellListener":
        return BellListener(self._waiting)

    def rings_after_commits_of(self, database: Database) -> None:
        """Ring here and in other processes after each commit that announced something."""
        database.before_commit.append(_wake_other_processes)
        database.after_commit.append(lambda session: self.ring() if _rings(session) else None)


class BellListener:
    """One waiter's own ear: a ring between two waits is not lost."""

    def __init__(self, waiting: set[asyncio.Event]) -> None:
        self._waiting = waiting
        self._event = asyncio.Event()
        waiting.add(self._event)

    async def wait(self, timeout_seconds: float) -> bool:
        """True when the bell rang, False when the time was up."""
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the ring.
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True

    def close(self) -> None:
        self._waiting.discard(self._event)


async def hear_other_processes(database: Database, bell: Bell) -> None:
    """Ring the bell when another process committed something. Runs until it is cancelled."""
    listen = _watch_sqlite_file if database.is_sqlite else _listen_to_postgres
    while True:
        try:
            await listen(database, bell)
        except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, sa.exc.SQLAlchemyError) as error:
            log.warning(
                "Lost the connection that listens for news; trying again",
                extra={"fields": {"error": type(error).__name__}},
            )
        bell.ring()  # what was said meanwhile was not heard
        await asyncio.sleep(LISTENS_AGAIN_AFTER_SECONDS)


async def _watch_sqlite_file(database: Database, bell: Bell) -> None:
    # `data_version` changes when another connection commits; asking costs microseconds and reads nothing.
    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        seen = None
        while True:
            cursor = await cast(Any, raw.driver_connection).execute("PRAGMA data_version")
            (version,) = await cursor.fetchone()
            await cursor.close()
            if version != seen:
                seen = version
                bell.ring()
            await asyncio.sleep(SQLITE_LOOKS_EVERY_SECONDS)


async def _listen_to_postgres(database: Database, bell: Bell) -> None:
    async with database.engine.connect() as connection:
        raw = cast(Any, (await connection.get_raw_connection()).driver_connection)
        closed = asyncio.Event()
        raw.add_termination_listener(lambda _: closed.set())
        await raw.add_listener(NOTIFY_CHANNEL, lambda *_: bell.ring())
        try:
            bell.ring()  # what was said before anybody listened
            while not closed.is_set():
                try:
                    async with asyncio.timeout(SAYS_HELLO_EVERY_SECONDS):
                        await closed.wait()
                except TimeoutError:
                    # A server that vanished without a word (a cut cable, a lost machine) closes nothing.
                    await raw.execute("SELECT 1", timeout=ANSWERS_WITHIN_SECONDS)
        finally:
            await connection.invalidate()  # a connection with a listener must not go back into the pool
