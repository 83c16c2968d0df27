"""The book of reminders: which are due, and what a person does with theirs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.changes import PlanChange, plan_changed
from daka.database import advisory_lock, execute, insert_new, settings_in
from daka.errors import Conflict, Invalid, NotFound
from daka.identity.access import Principal
from daka.identity.models import Team, User
from daka.reminders.models import Punch, Reminder, SchedulerState
from daka.reminders.planner import PLANNING_LOCK, end, reopen, window_of
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.steps import Decision, Window, evaluate, settles, snoozed
from daka.roster.models import Absence, AbsenceKind
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind

UNDO_FOR = timedelta(minutes=5)
SNOOZE_MINUTES = 10


_NAMED = (User.team_id, User.display_name, User.mobile, User.dingtalk_userid)
ONLY_FOR_MESSAGES = (
    load_only(*cast(Any, _NAMED), raiseload=True),
    load_only(cast(Any, Shift.name), raiseload=True),
    load_only(cast(Any, Team.timezone), raiseload=True),
)
"""Of thousands of people only what their messages say: policies and periods are documents that would be read for each."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due reminder that this transaction holds, with everything that its message needs."""

    reminder: Reminder
    user: User
    shift: Shift
    team: Team | None
    due_at: datetime
    window: Window
    decision: Decision


async def is_paused(session: AsyncSession) -> bool:
    """Whether nothing is to be sent: by an administrator, or by REMINDER_ENABLED=false."""
    if not settings_in(session).reminder_enabled:
        return True
    asked = select(SchedulerState.paused_at).where(SchedulerState.id == 1)
    return (await session.exec(asked)).first() is not None


async def claim_due(
    session: AsyncSession, now: datetime, limit: int, *, without: Collection[int] = ()
) -> list[Claimed]:
    """Take up to `limit` due reminders and move each to its next look. Others cannot take them: they are locked, and then moved.

    Reminders whose window has ended are taken too, with `look.end`; how they ended is for the caller to say. Those `without`
    stay: an answer about them is on its way.
    """
    asked = (
        select(Reminder, User, Shift, Team)
        .join(User, User.id == Reminder.user_id)
        .join(Shift, Shift.id == Reminder.shift_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(Reminder.next_due_at <= now, Reminder.id.not_in(without))
        .order_by(Reminder.next_due_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Reminder)
        .options(*ONLY_FOR_MESSAGES)
    )
    claimed = []
    moved: dict[tuple[datetime | None, bool, bool], list[int]] = defaultdict(list)
    for reminder, user, shift, team in await session.exec(asked):
        due_at = cast(datetime, reminder.next_due_at)
        window = window_of(reminder)
        found = evaluate(window, due_at, now, escalated=reminder.escalated_at is not None)
        claimed.append(Claimed(reminder, user, shift, team, due_at, window, found))
        if not found.end:
            moved[found.next_at, found.remind, found.escalate].append(reminder.id)
    # Whoever is due together mostly moves on together: a few statements for a whole company.
    for (next_at, remind, escalate), ids in moved.items():
        values: dict[str, Any] = {
            "next_due_at": next_at,
            "snoozed_until": None,
            "status": ReminderStatus.NAGGING,
            "steps_sent": Reminder.steps_sent + int(remind),
            "updated_at": now,
        }
        if escalate:
            values["escalated_at"] = now
        await session.exec(
            sa.update(Reminder).where(Reminder.id.in_(ids)).values(**values),
            execution_options={"synchronize_session": False},
        )
    return claimed


async def next_due_at(session: AsyncSession) -> datetime | None:
    """The earliest moment at which any reminder wants to be looked at."""
    # The condition names the partial index: without it SQLite reads the whole table.
    asked = select(func.min(Reminder.next_due_at)).where(Reminder.next_due_at.is_not(None))
    return (await session.exec(asked)).one()


async def own_reminder(
    session: AsyncSession, reminder_id: int, by: Principal, *, replans: bool = False
) -> tuple[Reminder, User]:
    """A reminder of the asker or of somebody whom they plan; to others it does not exist. Locked for changes.

    What replans takes its turn with other planning first: whoever plans locks reminders after that, never before.
    """
    if replans:
        await advisory_lock(session, PLANNING_LOCK)
    asked = (
        select(Reminder, User)
        .join(User, User.id == Reminder.user_id)
        .where(Reminder.id == reminder_id)
        .with_for_update(of=Reminder)
    )
    found = (await session.exec(asked)).first()
    if found is None or not by.sees_user(found[1]):
        raise NotFound("reminder_not_found", f"There is no reminder {reminder_id}")
    return found


def acknowledge(session: AsyncSession, reminder: Reminder, user: User, source: str) -> None:
    """我已打卡. Doing it twice is doing it once; after the window it still sets the record right."""
    if reminder.status in (ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED):
        return
    if reminder.status is ReminderStatus.SKIPPED:
        raise Conflict("reminder_ended", "This reminder was skipped")
    end(reminder, ReminderStatus.ACKNOWLEDGED, source, clock.now())
    session.add(reminder)
    publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)


def snooze(session: AsyncSession, reminder: Reminder, user: User, minutes: int = SNOOZE_MINUTES) -> None:
    """10 分钟后提醒, at the latest with the window's last moment."""
    _refuse_ended(reminder)
    now = clock.now()
    back_at = snoozed(window_of(reminder), now, timedelta(minutes=minutes))
    if back_at is None:
        raise Conflict("reminder_ended", "The time for this reminder is over")
    reminder.next_due_at = reminder.snoozed_until = back_at
    reminder.updated_at = now
    session.add(reminder)
    publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)


def resend(session: AsyncSession, reminder: Reminder, user: User) -> None:
    """Remind once more right now, out of turn."""
    _refuse_ended(reminder)
    now = clock.now()
    if now > window_of(reminder).last_step_at:
        raise Conflict("reminder_ended", "The time for this reminder is over")
    reminder.next_due_at = reminder.updated_at = now
    session.add(reminder)
    publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)


async def skip(session: AsyncSession, reminder: Reminder, user: User, by_user_id: int | None) -> None:
    """今天跳过: nothing more about this work date."""
    if reminder.status is ReminderStatus.SKIPPED:
        return
    _refuse_ended(reminder)
    session.add(
        Absence(
            user_id=user.id,
            kind=AbsenceKind.SKIP,
            first_date=reminder.work_date,
            last_date=reminder.work_date,
            created_by=by_user_id,
            created_at=clock.now(),
        )
    )
    await plan_changed(session, PlanChange.of_users([user.id], reminder.work_date, reminder.work_date))


async def undo(session: AsyncSession, reminder: Reminder, user: User) -> None:
    """Take back 我已打卡 or 今天跳过 within five minutes."""
    now = clock.now()
    if reminder.ended_at is None or now - reminder.ended_at > UNDO_FOR:
        raise Conflict("too_late_to_undo", "This can no longer be taken back")
    if reminder.status is ReminderStatus.ACKNOWLEDGED:
        if now >= window_of(reminder).ends_at:
            raise Conflict("too_late_to_undo", "The time for this reminder is over")
        reopen(reminder, now)
        session.add(reminder)
        publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)
    elif reminder.status is ReminderStatus.SKIPPED and reminder.ended_by == AbsenceKind.SKIP:
        await session.exec(
            sa.delete(Absence).where(
                Absence.user_id == user.id,
                Absence.kind == AbsenceKind.SKIP,
                Absence.first_date == reminder.work_date,
                Absence.last_date == reminder.work_date,
            )
        )
        await plan_changed(session, PlanChange.of_users([user.id], reminder.work_date, reminder.work_date))
    else:
        raise Conflict("nothing_to_undo", "There is nothing to take back")


def _refuse_ended(reminder: Reminder) -> None:
    if reminder.status not in OPEN:
        raise Conflict("reminder_ended", "This reminder has ended already")


# --- punches ---------------------------------------------------------------------------------------------------------


async def record_punch(
    session: AsyncSession,
    user: User,
    kind: PunchKind,
    *,
    at: datetime,
    work_date: date | None,
    source: str,
    period: int | None = None,
) -> Punch:
    """Note that somebody punched, and end the reminder it settles. The same punch told again changes nothing.

    With a period of the work date it belongs there; without a work date to the nearest punch point that it can settle.
    """
    reminder = await _settled_by(session, user, kind, at, work_date, period)
    if reminder is None and work_date is None:
        raise Conflict("no_punch_point", "No punch point is near that moment; name the work_date")
    day, period = (reminder.work_date, reminder.period) if reminder else (cast(date, work_date), period or 0)
    known = select(Punch).where(
        Punch.user_id == user.id, Punch.work_date == day, Punch.period == period, Punch.kind == kind
    )
    punch = (await session.exec(known)).first()
    if punch is None:  # told twice at the same moment, the second one finds the first one's
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
    if reminder is not None and reminder.status in (
        *OPEN,
        ReminderStatus.EXPIRED,
        ReminderStatus.MISSED,
        ReminderStatus.FAILED,
    ):
        end(reminder, ReminderStatus.PUNCHED, source, clock.now())
        session.add(reminder)
        publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)
    await session.flush()
    publish(session, Topic.PUNCH, team_id=user.team_id, user_id=None if user.team_id else user.id)
    return punch


NEAR = timedelta(hours=12)
LONGEST_AGO = timedelta(days=366)


async def _settled_by(
    session: AsyncSession, user: User, kind: PunchKind, at: datetime, work_date: date | None, period: int | None
) -> Reminder | None:
    asked = select(Reminder).where(Reminder.user_id == user.id, Reminder.kind == kind).with_for_update()
    if work_date is not None:
        asked = asked.where(Reminder.work_date == work_date)
        if period is not None:
            asked = asked.where(Reminder.period == period)
    else:
        asked = asked.where(Reminder.point_at.between(at - NEAR, at + NEAR))
    candidates: Sequence[Reminder] = [
        found for found in await session.exec(asked) if work_date is not None or settles(at, found.point_at)
    ]
    return min(candidates, key=lambda found: abs(found.point_at - at), default=None)


def moment_of_punch(at: datetime | None) -> datetime:
    """The moment of a punch: given with an offset and not in the future, or now."""
    now = clock.now()
    if at is None:
        return now
    if at.tzinfo is None:
        raise Invalid("timezone_missing", "`at` needs an offset, such as +08:00", loc=("body", "at"))
    if at > now + timedelta(minutes=5):
        raise Invalid("in_the_future", "A punch cannot lie in the future", loc=("body", "at"))
    if at < now - LONGEST_AGO:
        raise Invalid("too_long_ago", "A punch that old changes nothing any more", loc=("body", "at"))
    return at
