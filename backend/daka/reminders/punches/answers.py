"""What sources said, written down: punches, doubts, and how a source stands."""

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
from daka.reminders.punches.errands import NO_ANSWER, Errand
from daka.reminders.punches.known import (
    Finding,
    Findings,
    Point,
    Trouble,
    TroubleKind,
)
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus

log = logging.getLogger(__name__)

FAILURES_UNTIL_SHOWN = 3


@dataclass(slots=True)
class Outcome:
    """What came of an errand."""

    findings: Findings = field(default_factory=dict)
    trouble: Trouble | None = None
    is_answered: bool = False
    learned: dict[int, str] = field(default_factory=dict)
    """DingTalk user ids by user."""


async def write_punch(session: AsyncSession, point: Point, finding: Finding, source: PunchSource) -> None:
    user = await session.get(User, point.user_id)
    if user is not None:
        await record_punch(
            session,
            user,
            point.kind,
            at=finding.at or clock.now(),
            work_date=point.work_date,
            period=point.period,
            source=source.kind,
        )


async def record_checks(session: AsyncSession, errand: Errand, findings: Findings) -> None:
    ids = [point.reminder_id for point in errand.points]
    if not ids:
        return
    # A reminder may have gone with its shift while its source was asked.
    there = select(Reminder.id).where(Reminder.id.in_(ids)).order_by(Reminder.id).with_for_update()
    still_there = list(await session.exec(there))
    source_id, now = errand.source.id, clock.now()
    await session.exec(sa.delete(PunchCheck).where(PunchCheck.source_id == source_id, PunchCheck.reminder_id.in_(ids)))
    rows = [
        {
            "reminder_id": reminder_id,
            "source_id": source_id,
            "known": findings[reminder_id].known,
            "reason": findings[reminder_id].reason[:40],
            "asked_at": now,
        }
        for reminder_id in still_there
    ]
    if rows:
        await execute(session, sa.insert(PunchCheck), rows)


async def keep_learned(session: AsyncSession, learned: dict[int, str]) -> None:
    """Keep DingTalk user ids that were found by mobile number."""
    for user_id, userid in sorted(learned.items()):
        await session.exec(
            sa.update(User)
            .where(User.id == user_id, User.dingtalk_userid.is_(None))
            .values(dingtalk_userid=userid[:64])
        )


def note_state(session: AsyncSession, source: PunchSource, outcome: Outcome) -> None:
    """How the source stands after an ask. A change is news for planners, once."""
    now, before = clock.now(), source.status
    trouble = outcome.trouble
    if outcome.is_answered:
        source.answered_at = now
    if trouble is None:
        source.status, source.status_reason, source.status_hint = SourceStatus.OK, "", ""
        source.failures, source.throttled_until = 0, None
    else:
        source.failures = source.failures + 1 if not outcome.is_answered else 0
        status, hold = state_after(trouble, source.failures, now)
        if status is not None:
            source.status = status
            source.status_reason = f"{trouble.code} {trouble.message}".strip()[:400]
            source.status_hint = trouble.hint[:40]
        source.throttled_until = hold
    if source.status is not before:
        source.status_at = now
        publish(session, Topic.PUNCH, team_id=source.team_id)
        if source.status is not SourceStatus.OK:
            log.warning(
                "A punch source does not work",
                extra={"fields": {"source_id": source.id, "kind": source.kind, "reason": source.status_reason}},
            )


def state_after(trouble: Trouble, failures: int, now: datetime) -> tuple[SourceStatus | None, datetime | None]:
    """The status that a trouble makes (None: as before) and until when not to ask, after so many failures in a row."""
    match trouble.kind:
        case TroubleKind.BROKEN:
            return SourceStatus.BROKEN, now + (trouble.hold or timedelta(minutes=10))
        case TroubleKind.OVER_BUDGET:
            return SourceStatus.OVER_BUDGET, now + trouble.hold if trouble.hold else next_month(now)
        case TroubleKind.THROTTLED | TroubleKind.PASSING:
            hold = now + trouble.hold if trouble.hold else None
            if failures < FAILURES_UNTIL_SHOWN:
                return None, hold
            pause = min(timedelta(seconds=15) * 2 ** min(failures - FAILURES_UNTIL_SHOWN, 6), timedelta(minutes=10))
            return SourceStatus.FAILING, max(hold or now, now + pause)


_SEVERITY = (TroubleKind.PASSING, TroubleKind.THROTTLED, TroubleKind.OVER_BUDGET, TroubleKind.BROKEN)


def worse(one: Trouble | None, other: Trouble) -> Trouble:
    if one is None or _SEVERITY.index(other.kind) > _SEVERITY.index(one.kind):
        return other
    return one


def reason_of(trouble: Trouble | None) -> str:
    if trouble is None:
        return "no_value"
    return NO_ANSWER if trouble.kind is TroubleKind.PASSING else f"source_{trouble.kind}"
