"""Records results: punches, checks, and the status of sources."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import execute
from daka.identity.models import User
from daka.outbound.quota import next_month
from daka.reminders.models import Reminder
from daka.reminders.punch_records import record_punch
from daka.reminders.punches.check_batches import NO_ANSWER, CheckBatch
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.results import CheckResult, CheckResults, Point, SourceError, SourceErrorKind

log = logging.getLogger(__name__)

FAILURES_UNTIL_SHOWN = 3


@dataclass(slots=True)
class CheckOutcome:
    """The results of a batch, and the worst error."""

    results: CheckResults = field(default_factory=dict)
    error: SourceError | None = None
    is_answered: bool = False
    learned: dict[int, str] = field(default_factory=dict)
    """Ids at the vendor that were looked up, by user id."""


async def write_punch(session: AsyncSession, point: Point, result: CheckResult, source: PunchSource) -> None:
    user = await session.get(User, point.user_id)
    if user is not None:
        await record_punch(
            session,
            user,
            point.kind,
            at=result.at or clock.now(),
            work_date=point.work_date,
            period=point.period,
            source=source.kind,
        )


async def record_checks(session: AsyncSession, batch: CheckBatch, results: CheckResults) -> None:
    ids = [point.reminder_id for point in batch.points]
    if not ids:
        return
    # A reminder may have been deleted with its shift during the check.
    there = select(Reminder.id).where(Reminder.id.in_(ids)).order_by(Reminder.id).with_for_update()
    still_there = list(await session.exec(there))
    source_id, now = batch.source.id, clock.now()
    await session.exec(sa.delete(PunchCheck).where(PunchCheck.source_id == source_id, PunchCheck.reminder_id.in_(ids)))
    rows = [
        {
            "reminder_id": reminder_id,
            "source_id": source_id,
            "state": results[reminder_id].state,
            "reason": results[reminder_id].reason[:40],
            "asked_at": now,
        }
        for reminder_id in still_there
    ]
    if rows:
        await execute(session, sa.insert(PunchCheck), rows)


def note_state(session: AsyncSession, source: PunchSource, outcome: CheckOutcome) -> None:
    """Update the source's status after a check. Planners see a change on Today."""
    now, before = clock.now(), source.status
    error = outcome.error
    if outcome.is_answered:
        source.answered_at = now
    if error is None:
        source.status, source.status_reason, source.status_hint = SourceStatus.OK, "", ""
        source.failures, source.throttled_until = 0, None
    else:
        source.failures = source.failures + 1 if not outcome.is_answered else 0
        status, hold = state_after(error, source.failures, now)
        if status is not None:
            source.status = status
            source.status_reason = error.reason
            source.status_hint = error.hint[:40]
        source.throttled_until = hold
    if source.status is not before:
        source.status_at = now
        publish(session, Topic.PUNCH, team_id=source.team_id)
        if source.status is not SourceStatus.OK:
            log.warning(
                "Punch source does not work",
                extra={"fields": {"source_id": source.id, "kind": source.kind, "reason": source.status_reason}},
            )


def state_after(error: SourceError, failures: int, now: datetime) -> tuple[SourceStatus | None, datetime | None]:
    """The status after an error (None: unchanged), and until when not to ask, given the number of failures in a row."""
    match error.kind:
        case SourceErrorKind.BROKEN:
            return SourceStatus.BROKEN, now + (error.hold or timedelta(minutes=10))
        case SourceErrorKind.OVER_BUDGET:
            return SourceStatus.OVER_BUDGET, now + error.hold if error.hold else next_month(now)
        case SourceErrorKind.THROTTLED | SourceErrorKind.PASSING:
            hold = now + error.hold if error.hold else None
            if failures < FAILURES_UNTIL_SHOWN:
                return None, hold
            pause = min(timedelta(seconds=15) * 2 ** min(failures - FAILURES_UNTIL_SHOWN, 6), timedelta(minutes=10))
            return SourceStatus.FAILING, max(hold or now, now + pause)


_SEVERITY = (SourceErrorKind.PASSING, SourceErrorKind.THROTTLED, SourceErrorKind.OVER_BUDGET, SourceErrorKind.BROKEN)


def worse(one: SourceError | None, other: SourceError) -> SourceError:
    if one is None or _SEVERITY.index(other.kind) > _SEVERITY.index(one.kind):
        return other
    return one


def reason_of(error: SourceError | None) -> str:
    if error is None:
        return "no_value"
    return NO_ANSWER if error.kind is SourceErrorKind.PASSING else f"source_{error.kind}"
