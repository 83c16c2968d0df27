"""Asks punch sources and records their results.

If a source does not answer, the reminder is still sent, with 「未能核实」. Several processes may run checks; a lease on the
source prevents duplicate requests.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import or_

from daka import clock
from daka.database import Database, execute
from daka.errors import ConfigurationError
from daka.identity.models import User
from daka.identity.vendor_ids import keep_ids
from daka.outbound.http import Outbound
from daka.outbound.quota import count_calls
from daka.reminders.punches import service
from daka.reminders.punches.check_batches import (
    RETRY,
    CheckBatch,
    batches_at,
    is_of,
    next_check_at,
    points_of_today,
    serves_one_person,
    unchecked,
)
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.recording import CheckOutcome, note_state, reason_of, record_checks, worse, write_punch
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.results import Point, PunchState, SourceError, SourceErrorKind, unknown
from daka.reminders.punches.same_people import SAME_PERSON, not_told_apart
from daka.reminders.punches.serving import checks_of
from daka.roster.cells import chunks
from daka.settings import Settings

ASK_SECONDS = 6.0
"""Timeout of one chunk."""
WAIT_SECONDS = 3.0
"""How long a reminder that is already due waits for an answer."""
LEASE = timedelta(seconds=20)
CHUNKS_AT_ONCE = 4
PUNCHES_PER_TRANSACTION = 50


class PunchChecker:
    """Runs the checks. `check_ahead` returns when to run it next; `awaited` are reminders that wait a moment for their answer."""

    def __init__(self, database: Database, settings: Settings, outbound: Outbound) -> None:
        self._database = database
        self._settings = settings
        self._outbound = outbound
        self._is_synced = False
        self._running: set[asyncio.Task[datetime | None]] = set()
        self._awaited_since: dict[int, float] = {}

    async def check_ahead(self) -> datetime | None:
        """Ask about the people who are reminded within seconds, or were a while ago. Returns when to check next."""
        await self._sync()
        async with self._database.read() as session:
            batches = await batches_at(session, clock.now())
        will_retry = False
        if batches:
            batches = await self._leased(batches)
            outcomes = await asyncio.gather(*(self._run(batch) for batch in batches))
            will_retry = any(found.error and found.error.kind is SourceErrorKind.PASSING for found in outcomes)
        async with self._database.read() as session:
            return await next_check_at(session, clock.now(), will_retry=will_retry)

    async def awaited(self) -> frozenset[int]:
        """Due reminders that wait briefly for an answer; other reminders do not wait for them.

        Those that could not be checked ahead of time are checked now. Checks of other processes are visible in the tables.
        """
        async with self._database.read() as session:
            due = await unchecked(session, clock.now())
        now = time.monotonic()
        is_news = not due <= self._awaited_since.keys()
        self._awaited_since = {reminder_id: self._awaited_since.get(reminder_id, now) for reminder_id in due}
        if is_news or (due and not self._running):
            check = asyncio.create_task(self.check_ahead())
            self._running.add(check)
            check.add_done_callback(self._finished)
        return frozenset(
            reminder_id for reminder_id, since in self._awaited_since.items() if now - since < WAIT_SECONDS
        )

    def _finished(self, check: "asyncio.Task[datetime | None]") -> None:
        self._running.discard(check)
        if not check.cancelled() and (error := check.exception()) is not None:
            log.error("Punch check failed", exc_info=error)

    async def stop(self) -> None:
        """Cancel running checks; their leases expire by themselves."""
        for check in list(self._running):
            check.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _sync(self) -> None:
        if not self._is_synced:
            async with self._database.write() as session:
                await service.sync_environment_source(session, self._settings)
            self._is_synced = True

    async def _leased(self, batches: Sequence[CheckBatch]) -> list[CheckBatch]:
        """The batches whose source is not leased elsewhere, without the points that were checked just now."""
        mine = []
        async with self._database.write() as session:
            now = clock.now()
            for batch in batches:
                lease = secrets.token_hex(8)
                taken = await execute(
                    session,
                    sa.update(PunchSource)
                    .where(
                        PunchSource.id == batch.source.id,
                        or_(PunchSource.leased_until.is_(None), PunchSource.leased_until < now),
                    )
                    .values(leased_until=now + LEASE, leased_by=lease, asked_at=now),
                )
                if taken.rowcount != 1:
                    continue
                checks = await checks_of(session, [point.reminder_id for point in batch.points], since=now - RETRY / 2)
                asked = {check.reminder_id for found in checks.values() for check in found if is_of(check, batch)}
                left = tuple(point for point in batch.points if point.reminder_id not in asked)
                mine.append(CheckBatch(batch.source, left, lease))
        return mine

    async def _run(self, batch: CheckBatch) -> CheckOutcome:
        outcome = CheckOutcome()
        try:
            if batch.points:
                outcome = await self._asked(batch.source, batch.points)
        except Exception:
            # A bug here must not end the other batches, nor count as an answer.
            log.exception("Punch source could not be asked", extra={"fields": {"source_id": batch.source.id}})
            outcome.error = SourceError.passing("internal", "an unexpected failure; see the log")
        for point in batch.points:
            outcome.results.setdefault(point.reminder_id, unknown(reason_of(outcome.error)))
        await self._record(batch, outcome)
        return outcome

    async def _asked(self, source: PunchSource, points: Sequence[Point]) -> CheckOutcome:
        """Ask a source about points, in chunks. Failures are in the outcome, not raised."""
        outcome = CheckOutcome()
        kind = KINDS[source.kind]
        try:
            async with self._database.read() as session:
                config = service.config_of(session, source)
                if not kind.names_people(config) and not await serves_one_person(session, source):
                    raise SourceError(
                        SourceErrorKind.BROKEN,
                        "names_nobody",
                        "the source cannot tell people apart",
                        hint="names_nobody",
                    )
        except SourceError as error:
            outcome.error = error
            return outcome
        except (ValidationError, ConfigurationError) as error:
            reason = str(error) if isinstance(error, ConfigurationError) else "the stored settings do not fit"
            outcome.error = SourceError.broken("settings", reason, hint="settings")
            return outcome

        source_session = self.session_of(source, config)
        outcome.learned = source_session.learned
        turns = asyncio.Semaphore(CHUNKS_AT_ONCE)

        async def ask(chunk: Sequence[Point]) -> None:
            try:
                async with asyncio.timeout(ASK_SECONDS), turns:
                    outcome.results |= await kind.ask(source_session, chunk)
                    outcome.is_answered = True
            except TimeoutError:
                outcome.error = worse(
                    outcome.error, SourceError.passing("timeout", "no answer in time", hint="timeout")
                )
            except SourceError as error:
                outcome.error = worse(outcome.error, error)

        await asyncio.gather(*(ask(chunk) for chunk in kind.chunks(config, points)))
        async with self._database.read() as session:
            fields = kind.identified_by(config)
            alike = await not_told_apart(session, source, fields, points, outcome.learned)
        for point in points:
            if point.user_id in alike:
                outcome.results[point.reminder_id] = unknown(SAME_PERSON)
        return outcome

    def session_of(self, source: PunchSource, config: Any) -> SourceSession[Any]:
        """Access to a source, in which each call counts."""
        count_call = partial(self._count_call, source.account, config.monthly_calls)
        return SourceSession(config, clock.now(), self._outbound, count_call)

    async def _count_call(self, account: str, monthly_calls: int) -> None:
        async with self._database.write() as session:
            calls = await count_calls(session, account, monthly_calls=monthly_calls)
        if calls is None:
            words = f"this month's {monthly_calls} calls are used up"
            raise SourceError(SourceErrorKind.OVER_BUDGET, "budget", words, hint="budget")

    # --- recording ---

    async def _record(self, batch: CheckBatch, outcome: CheckOutcome) -> None:
        punched = [
            (point, result)
            for point in sorted(batch.points, key=lambda point: point.reminder_id)
            if (result := outcome.results[point.reminder_id]).state is PunchState.PUNCHED
        ]
        for some in chunks(punched, PUNCHES_PER_TRANSACTION):
            async with self._database.write() as session:
                for point, result in some:
                    await write_punch(session, point, result, batch.source)
        async with self._database.write() as session:
            await record_checks(session, batch, outcome.results)
            await keep_ids(session, KINDS[batch.source.kind].learns, outcome.learned)
            source = await session.get(PunchSource, batch.source.id, with_for_update=True)
            if source is None or source.leased_by != batch.lease:
                return
            source.leased_until, source.leased_by = None, ""
            if batch.points:
                note_state(session, source, outcome)

    async def try_out(self, source: PunchSource, user: User) -> tuple[CheckOutcome, list[Point], int]:
        """Ask about one person's punches of today; only the source's status is recorded. Also returns the milliseconds."""
        outcome, points, latency_ms = await self.try_settings(source, user)
        async with self._database.write() as session:
            await keep_ids(session, KINDS[source.kind].learns, outcome.learned)
            row = await session.get(PunchSource, source.id, with_for_update=True)
            if row is not None and row.deleted_at is None:
                row.asked_at = clock.now()
                note_state(session, row, outcome)
        return outcome, points, latency_ms

    async def try_settings(self, source: PunchSource, user: User) -> tuple[CheckOutcome, list[Point], int]:
        """The same of settings that are not saved: nothing is recorded but the calls of the month."""
        async with self._database.read() as session:
            points = await points_of_today(session, user)
        started = time.perf_counter()
        outcome = await self._asked(source, points)
        return outcome, points, int((time.perf_counter() - started) * 1000)


log = logging.getLogger(__name__)
