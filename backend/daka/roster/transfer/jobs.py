"""Runs imports: small files within the request, large ones as a task in the process that received the file.

A file is parsed and compared without a lock. Only writing takes a transaction; on SQLite it blocks all other writers, so its
progress is kept in memory. Cancellation is signalled in memory too and has no effect once everything is written.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import cast

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database, when_free
from daka.errors import NotFound, Problem, TooMany
from daka.file_reader import RETRY_AFTER_SECONDS, FileReader
from daka.identity.access import Principal, confirmed, planned_teams
from daka.identity.models import User
from daka.roster.cells import lock_roster
from daka.roster.transfer.found import RosterInFile
from daka.roster.transfer.models import ImportStatus, RosterImport
from daka.roster.transfer.options import Options
from daka.roster.transfer.schemas import ImportOutcome, ImportRead
from daka.roster.transfer.service import Cancelled, Comparison, compare, failed_outcome, is_current, read_apart, write
from daka.spreadsheets.sheet import BadFile

log = logging.getLogger(__name__)

SAVE_PROGRESS_EVERY = timedelta(seconds=0.5)
GONE_AFTER = timedelta(seconds=90)
"""An import without progress for this long is shown as interrupted."""
AT_ONCE = 2
MOST_JOBS = 10
MOST_JOBS_OF_ONE = 3
"""Imports of one person that run or wait: each keeps its file in memory."""


class Imports:
    """The imports running in this process."""

    def __init__(self, database: Database, files: FileReader) -> None:
        self._database = database
        self._files = files
        self._jobs_of: Counter[int] = Counter()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._percent: dict[int, int] = {}
        self._cancelled: set[int] = set()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> "Imports":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once; unfinished imports are rolled back and shown as interrupted."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def start(self, by: Principal, body: bytes, options: Options) -> ImportRead:
        """Start an import without waiting for its end. Raises TooMany: too many are running or waiting."""
        if self._jobs_of.total() >= MOST_JOBS or self._jobs_of[by.id] >= MOST_JOBS_OF_ONE:
            raise TooMany("files_busy", RETRY_AFTER_SECONDS, "Too many files are being imported; try again later")
        self._jobs_of[by.id] += 1
        try:
            async with self._database.write() as session:
                row = await add_import(session, await confirmed(session, by), options)
        except BaseException:
            self._jobs_of[by.id] -= 1
            raise
        task = asyncio.create_task(self._run(row.id, by.id, body, options))
        self._tasks[row.id] = task
        task.add_done_callback(lambda _: self._remove(row.id, by.id))
        return import_read(row, self)

    def _remove(self, import_id: int, user_id: int) -> None:
        self._jobs_of[user_id] -= 1
        self._tasks.pop(import_id, None)
        self._percent.pop(import_id, None)
        self._cancelled.discard(import_id)

    def percent(self, import_id: int) -> int | None:
        """Progress of an import running in this process; None for others."""
        return self._percent.get(import_id, 0) if import_id in self._tasks else None

    def cancel(self, import_id: int) -> bool:
        """Cancel an import running in this process; False for others."""
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
                await self._end(import_id, ImportStatus.REFUSED, failed_outcome(error))
            except (SQLAlchemyError, OSError):
                log.exception("An import failed")
                await self._end(import_id, ImportStatus.INTERRUPTED, None)

    async def _work(self, import_id: int, user_id: int, body: bytes, options: Options) -> None:
        reading = self._progress(import_id, 0, 40, can_write=True)
        found = await read_apart(self._files, user_id, body, options, reading)
        comparing = self._progress(import_id, 40, 70, can_write=True)
        async with self._database.read() as session:
            compared = await compare(session, await _principal(session, user_id), found, options, comparing)
        compared.outcome.preview = options.preview_of(body) if options.is_dry_run else None
        if compared.status is not ImportStatus.DONE:
            await self._end(import_id, compared.status, compared.outcome)
            return

        # Parsing and comparing are done: other writers wait for the writing only.
        async def write_if_current() -> Comparison:
            async with self._database.write() as session:
                by = await _principal(session, user_id)
                await lock_roster(session)
                present = compared
                if not await is_current(session, by, compared):
                    silent = self._progress(import_id, 40, 70, can_write=False)
                    present = await compare(session, by, found, options, silent)
                if present.status is ImportStatus.DONE:
                    writing = self._progress(import_id, 70, 99, can_write=not self._database.is_sqlite)
                    outcome = await write(session, by, present, options, writing)
                    # The outcome is committed together with the roster.
                    _finish(cast(RosterImport, await session.get(RosterImport, import_id)), ImportStatus.DONE, outcome)
                else:
                    await session.rollback()
            return present

        present = await when_free(write_if_current)
        if present.status is not ImportStatus.DONE:
            await self._end(import_id, present.status, present.outcome)

    def _progress(
        self, import_id: int, first: int, last: int, *, can_write: bool
    ) -> Callable[[float], Awaitable[None]]:
        saved_at = clock.now()

        async def report(share: float) -> None:
            nonlocal saved_at
            self._percent[import_id] = first + int((last - first) * share)
            if import_id in self._cancelled:
                raise Cancelled
            if can_write and clock.now() - saved_at >= SAVE_PROGRESS_EVERY:
                saved_at = clock.now()
                if await when_free(lambda: self._save(import_id, saved_at)):
                    raise Cancelled

        return report

    async def _save(self, import_id: int, at: datetime) -> bool:
        """Store the progress. Returns whether the import was cancelled in another process."""
        async with self._database.write() as session:
            row = cast(RosterImport, await session.get(RosterImport, import_id))
            row.percent, row.seen_at = self._percent[import_id], at
            return row.cancel_asked

    async def _end(self, import_id: int, status: ImportStatus, outcome: ImportOutcome | None) -> None:
        async def write() -> None:
            async with self._database.write() as session:
                _finish(cast(RosterImport, await session.get(RosterImport, import_id)), status, outcome)

        await when_free(write)


async def _principal(session: AsyncSession, user_id: int) -> Principal:
    user = await session.get(User, user_id)
    if user is None or not user.is_active:
        raise Cancelled
    return Principal(user, await planned_teams(session, user))


def _finish(row: RosterImport, status: ImportStatus, outcome: ImportOutcome | None) -> None:
    row.status, row.percent, row.seen_at = status, 100, clock.now()
    row.outcome = outcome.model_dump(mode="json") if outcome else None


async def add_import(session: AsyncSession, by: Principal, options: Options) -> RosterImport:
    """Record an import that begins."""
    now = clock.now()
    row = RosterImport(
        file_name=options.file_name,
        is_dry_run=options.is_dry_run,
        status=ImportStatus.RUNNING,
        created_by=by.id,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def _no_progress(_share: float) -> None:
    return None


async def import_at_once(
    database: Database, files: FileReader, by: Principal, body: bytes, options: Options
) -> RosterImport:
    """Import a small file. It is read before the transaction begins. A refused import is rolled back."""
    found: RosterInFile | BadFile
    try:
        found = await read_apart(files, by.id, body, options, _no_progress)
    except BadFile as refusal:
        found = refusal
    async with database.write() as session:
        by = await confirmed(session, by)
        row = await add_import(session, by, options)
        if isinstance(found, BadFile):
            _finish(row, ImportStatus.REFUSED, failed_outcome(found))
        else:
            status, outcome = await _write_at_once(session, by, found, options)
            outcome.preview = options.preview_of(body) if options.is_dry_run else None
            _finish(row, status, outcome)
    return row


async def _write_at_once(
    session: AsyncSession, by: Principal, found: RosterInFile, options: Options
) -> tuple[ImportStatus, ImportOutcome]:
    try:
        await lock_roster(session)
        compared = await compare(session, by, found, options, _no_progress)
        if compared.status is not ImportStatus.DONE:
            return compared.status, compared.outcome
        async with session.begin_nested():
            return ImportStatus.DONE, await write(session, by, compared, options, _no_progress)
    except Problem as error:
        if error.code == "cells_imported":  # not about the file: the same one is accepted by somebody who agrees
            raise
        return ImportStatus.REFUSED, failed_outcome(error)


async def latest_imports(session: AsyncSession, by: Principal) -> Sequence[RosterImport]:
    asked = select(RosterImport).where(RosterImport.created_by == by.id).order_by(RosterImport.id.desc()).limit(20)
    return (await session.exec(asked)).all()


async def find_own_import(session: AsyncSession, by: Principal, import_id: int) -> RosterImport:
    """Raises NotFound: there is no such import, or somebody else started it."""
    row = await session.get(RosterImport, import_id)
    if row is None or row.created_by != by.id:
        raise NotFound("import_not_found", f"You have no import {import_id}")
    return row


def import_read(row: RosterImport, imports: Imports) -> ImportRead:
    percent = imports.percent(row.id)
    is_gone = percent is None and clock.now() - row.seen_at > GONE_AFTER
    is_running = row.status is ImportStatus.RUNNING
    return ImportRead(
        **row.model_dump(include={"id", "file_name", "is_dry_run", "created_at"}),
        status=ImportStatus.INTERRUPTED if is_running and is_gone else row.status,
        percent=percent if is_running and percent is not None else row.percent,
        outcome=ImportOutcome.model_validate(row.outcome) if row.outcome else None,
    )
