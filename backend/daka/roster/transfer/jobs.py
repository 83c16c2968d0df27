"""Imports that take a while: one task each in the process that received the file, with progress that any process can read.

A file is read and compared with nothing locked; only the writing is a transaction, which on SQLite keeps all other writers
waiting and so tells its progress from memory. A cancel is told in memory too; once all is written it comes too late.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import cast

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database
from daka.errors import Problem
from daka.identity.access import Principal, planned_teams
from daka.identity.models import User
from daka.roster.cells import take_roster_turn
from daka.roster.transfer.models import ImportStatus, RosterImport
from daka.roster.transfer.schemas import ImportOutcome
from daka.roster.transfer.service import (
    Cancelled,
    Options,
    compare,
    read_in_thread,
    refusal,
    still_holds,
    write,
)
from daka.roster.transfer.sheets import BadFile

log = logging.getLogger(__name__)

SAID_EVERY = timedelta(seconds=0.5)
GONE_AFTER = timedelta(seconds=90)
"""An import that nobody has worked on for this long was interrupted."""
AT_ONCE = 2


class Imports:
    """The imports that this process works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._percent: dict[int, int] = {}
        self._cancelled: set[int] = set()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> "Imports":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once; what was not finished is rolled back and shows as interrupted."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def start(self, import_id: int, user_id: int, body: bytes, options: Options) -> None:
        """Begin to work on an import whose row is committed; does not wait for its end."""
        task = asyncio.create_task(self._run(import_id, user_id, body, options))
        self._tasks[import_id] = task
        task.add_done_callback(lambda _: self._forget(import_id))

    def _forget(self, import_id: int) -> None:
        self._tasks.pop(import_id, None)
        self._percent.pop(import_id, None)
        self._cancelled.discard(import_id)

    def percent(self, import_id: int) -> int | None:
        """How far an import of this process is; None if it is not one."""
        return self._percent.get(import_id, 0) if import_id in self._tasks else None

    def cancel(self, import_id: int) -> bool:
        """Stop an import of this process; False if it is not one."""
        if import_id not in self._tasks:
            return False
        self._cancelled.add(import_id)
        return True

    async def _run(self, import_id: int, user_id: int, body: bytes, options: Options) -> None:
        async with self._free:
            try:
                await self._work(import_id, user_id, body, options)
            except Cancelled:
                await self._end(import_id, ImportStatus.CANCELLED, None)
            except (BadFile, Problem) as error:
                await self._end(import_id, ImportStatus.REFUSED, refusal(error))
            except (SQLAlchemyError, OSError):
                log.exception("An import failed")
                await self._end(import_id, ImportStatus.INTERRUPTED, None)

    async def _work(self, import_id: int, user_id: int, body: bytes, options: Options) -> None:
        found = await read_in_thread(body, options, self._progress(import_id, 0, 40, can_write=True))
        comparing = self._progress(import_id, 40, 70, can_write=True)
        async with self._database.read() as session:
            compared = await compare(session, await _principal(session, user_id), found, options, comparing)
        if compared.status is not ImportStatus.DONE:
            await self._end(import_id, compared.status, compared.outcome)
            return
        # Everything is at hand: others wait for as long as it takes to write, not to read and compare.
        async with self._database.write() as session:
            by = await _principal(session, user_id)
            await take_roster_turn(session)
            if not await still_holds(session, by, compared):
                silent = self._progress(import_id, 40, 70, can_write=False)
                compared = await compare(session, by, found, options, silent)
            if compared.status is ImportStatus.DONE:
                writing = self._progress(import_id, 70, 99, can_write=not self._database.is_sqlite)
                outcome = await write(session, by, compared, options, writing)
                # The outcome is committed with the roster itself.
                _finish(cast(RosterImport, await session.get(RosterImport, import_id)), ImportStatus.DONE, outcome)
                return
            await session.rollback()
        await self._end(import_id, compared.status, compared.outcome)

    def _progress(
        self, import_id: int, first: int, last: int, *, can_write: bool
    ) -> Callable[[float], Awaitable[None]]:
        said_at = clock.now()

        async def say(share: float) -> None:
            nonlocal said_at
            self._percent[import_id] = first + int((last - first) * share)
            if import_id in self._cancelled:
                raise Cancelled
            if can_write and clock.now() - said_at >= SAID_EVERY:
                said_at = clock.now()
                async with self._database.write() as session:
                    row = cast(RosterImport, await session.get(RosterImport, import_id))
                    row.percent, row.seen_at = self._percent[import_id], said_at
                    is_cancelled = row.cancel_asked
                if is_cancelled:
                    raise Cancelled

        return say

    async def _end(self, import_id: int, status: ImportStatus, outcome: ImportOutcome | None) -> None:
        async with self._database.write() as session:
            _finish(cast(RosterImport, await session.get(RosterImport, import_id)), status, outcome)


async def _principal(session: AsyncSession, user_id: int) -> Principal:
    user = await session.get(User, user_id)
    if user is None or not user.is_active:
        raise Cancelled
    return Principal(user, await planned_teams(session, user))


def _finish(row: RosterImport, status: ImportStatus, outcome: ImportOutcome | None) -> None:
    row.status, row.percent, row.seen_at = status, 100, clock.now()
    row.outcome = outcome.model_dump(mode="json") if outcome else None
