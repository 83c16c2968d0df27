"""Records punches, and ends the reminders that they settle."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic
from daka.database import execute
from daka.errors import Conflict, Invalid
from daka.identity.access import publish_about
from daka.identity.models import User
from daka.reminders.models import Punch, Reminder
from daka.reminders.states import OPEN, UNANSWERED, ReminderStatus
from daka.reminders.steps import settles
from daka.reminders.transitions import end, window_of
from daka.roster.models import Assignment
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind
from daka.statements import insert_new

NEAR = timedelta(hours=12)
LONGEST_AGO = timedelta(days=366)


async def record_punch(
    session: AsyncSession,
    user: User,
    kind: PunchKind | None,
    *,
    at: datetime,
    work_date: date | None,
    source: str,
    period: int | None = None,
) -> Punch:
    """Record a punch, and end the reminder that it settles. Recording the same punch again changes nothing.

    A punch with a work date (and period) belongs there; one without, to the nearest punch point that it can settle. One
    without a kind settles the punch point that is being reminded of, else the nearest; of two at the same moment, such as the
    end of one period and the start of the next, the one that is still missing.
    """
    reminder = await punch_point_at(session, user, kind, at, work_date, period)
    if reminder is None and work_date is None:
        raise Conflict("no_punch_point", "No punch point is near that moment; name the work_date")
    if kind is None:
        if reminder is None:
            raise Conflict("no_punch_point", f"There is no punch point on {work_date}; name the kind")
        kind = reminder.kind
    if work_date is not None:
        since = (at.date() - work_date).days
        if since < -1:
            raise Invalid("in_the_future", "A punch belongs to a work date that has begun", loc=("body", "work_date"))
        # Today's shift may be assigned after the punch was told, one of the past will not be.
        if reminder is None and since > 1 and not await _works_on(session, user.id, work_date):
            raise Conflict("no_punch_point", f"There is no shift on {work_date}")
    day, period = (reminder.work_date, reminder.period) if reminder else (cast(date, work_date), period or 0)
    known = select(Punch).where(
        Punch.user_id == user.id, Punch.work_date == day, Punch.period == period, Punch.kind == kind
    )
    punch = (await session.exec(known)).first()
    if punch is None:  # of two concurrent calls, the second finds the row of the first
        values = {
            "user_id": user.id,
            "work_date": day,
            "period": period,
            "kind": kind,
            "at": at,
            "source": source,
            "created_at": clock.now(),
        }
        await execute(session, insert_new(session, Punch).values(**values))
        punch = (await session.exec(known)).one()
    if reminder is not None and reminder.status in (*OPEN, *UNANSWERED):
        end(reminder, ReminderStatus.PUNCHED, source, clock.now())
        publish_about(session, Topic.REMINDER, user)
    await session.flush()
    publish_about(session, Topic.PUNCH, user)
    return punch


async def _works_on(session: AsyncSession, user_id: int, day: date) -> bool:
    shift = select(Shift.id).join(Assignment, Assignment.shift_id == Shift.id)
    assigned = shift.where(Assignment.user_id == user_id, Assignment.work_date == day, Shift.is_rest == sa.false())
    return (await session.exec(assigned)).first() is not None


async def punch_point_at(
    session: AsyncSession,
    user: User,
    kind: PunchKind | None,
    at: datetime,
    work_date: date | None = None,
    period: int | None = None,
) -> Reminder | None:
    """The reminder that a punch at this moment would settle; the row is locked."""
    asked = select(Reminder).where(Reminder.user_id == user.id).with_for_update()
    if kind is not None:
        asked = asked.where(Reminder.kind == kind)
    if work_date is not None:
        asked = asked.where(Reminder.work_date == work_date)
        if period is not None:
            asked = asked.where(Reminder.period == period)
    else:
        asked = asked.where(Reminder.point_at.between(at - NEAR, at + NEAR))
    candidates: Sequence[Reminder] = [
        found for found in await session.exec(asked) if work_date is not None or settles(at, found.point_at)
    ]

    def place(found: Reminder) -> tuple[bool, timedelta, bool]:
        is_asked_for = kind is None and found.status in OPEN and found.opens_at <= at < window_of(found).ends_at
        is_missing = found.status in (*OPEN, *UNANSWERED)  # of two at one moment, the one that nobody has told of
        return not is_asked_for, abs(found.point_at - at), not is_missing

    return min(candidates, key=place, default=None)


def moment_of_punch(at: datetime | None) -> datetime:
    """The moment of a punch: the given one, with an offset and not in the future; or now."""
    now = clock.now()
    if at is None:
        return now
    if at.tzinfo is None:
        raise Invalid("timezone_missing", "`at` needs an offset, such as +08:00", loc=("body", "at"))
    if at > now + timedelta(minutes=5):
        raise Invalid("in_the_future", "A punch cannot be in the future", loc=("body", "at"))
    if at < now - LONGEST_AGO:
        raise Invalid("too_long_ago", "A punch this old is no longer accepted", loc=("body", "at"))
    return at
