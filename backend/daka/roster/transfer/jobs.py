"""Imports that take a while: one task each in the process that received the file, with progress that any process can read.

On SQLite the last part of an import holds the write lock, so its progress is told from memory only. A cancel is told to the
import in memory too; once its reminders are being planned it comes too late, and the import is whole.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import cast

from sqlalchemy.exc import SQLAlchemyError

from daka import clock
from daka.database import Database
from daka.errors import Problem
from daka.identity.access import Principal, planned_teams
from daka.identity.models import User
from daka.roster.models import ImportStatus, RosterImport
from daka.roster.transfer.schemas import ImportOutcome
from daka.roster.transfer.service import Cancelled, Options, carry_out, read_in_thread, refusal
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
        opened = self._database.read() if options.is_dry_run else self._database.write()
        async with opened as session:
            user = await session.get(User, user_id)
            if user is None or not user.is_active:
                raise Cancelled
            by = Principal(user, await planned_teams(session, user))
            can_write = options.is_dry_run or not self._database.is_sqlite
            status, outcome = await carry_out(
                session, by, found, options, self._progress(import_id, 40, 99, can_write=can_write)
            )
            if options.is_dry_run or status is not ImportStatus.DONE:
                await session.rollback()
            else:  # the outcome is committed with the roster itself
                _finish(cast(RosterImport, await session.get(RosterImport, import_id)), status, outcome)
                return
        await self._end(import_id, status, outcome)

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


def _finish(row: RosterImport, status: ImportStatus, outcome: ImportOutcome | None) -> None:
    row.status, row.percent, row.seen_at = status, 100, clock.now()
    row.outcome = outcome.model_dump(mode="json") if outcome else None
