"""What people do with their reminders: acknowledge, snooze, skip, resend and undo."""

from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic
from daka.database import advisory_lock
from daka.errors import Conflict, NotFound
from daka.hooks import PlanChange, plan_changed
from daka.identity.access import Principal, publish_about
from daka.identity.models import User
from daka.reminders.models import Reminder
from daka.reminders.plan_rules import SAME_POINT, covers
from daka.reminders.planner import PLANNING_LOCK
from daka.reminders.states import ANSWERED, OPEN, ReminderStatus, SkipScope
from daka.reminders.steps import snoozed, snoozed_evaluation
from daka.reminders.transitions import end, reopen, window_of
from daka.roster.requests.models import Absence, AbsenceKind

UNDO_FOR = timedelta(minutes=5)
SNOOZE_MINUTES = 10
Action = Literal["ack", "snooze", "skip", "skip_work_date", "undo"]


async def own_reminder(
    session: AsyncSession, reminder_id: int, by: Principal, *, replans: bool = False
) -> tuple[Reminder, User]:
    """A reminder of the asker or of somebody whom they plan; to others it does not exist. The row is locked.

    Actions that replan take the planning lock first, because planning locks reminders after it, never before.
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
    """我已打卡. Idempotent; after the window it still corrects how the reminder ended."""
    if reminder.status in ANSWERED:
        return
    if reminder.status is ReminderStatus.SKIPPED:
        raise Conflict("reminder_ended", "This reminder was skipped")
    end(reminder, ReminderStatus.ACKNOWLEDGED, source, clock.now())
    session.add(reminder)
    publish_about(session, Topic.REMINDER, user)


def snooze(session: AsyncSession, reminder: Reminder, user: User, minutes: int = SNOOZE_MINUTES) -> None:
    """10 分钟后提醒, at the latest at the punch point or, after it, at the last step. An escalation does not wait for it."""
    _refuse_ended(reminder)
    now = clock.now()
    back_at = snoozed(window_of(reminder), now, timedelta(minutes=minutes))
    if back_at is None:
        raise Conflict("reminder_ended", "The window of this reminder has closed")
    reminder.snoozed_until = back_at
    reminder.next_due_at = snoozed_evaluation(window_of(reminder), back_at, escalated=reminder.escalated_at is not None)
    reminder.updated_at = now
    session.add(reminder)
    publish_about(session, Topic.REMINDER, user)


def resend(session: AsyncSession, reminder: Reminder, user: User) -> None:
    """Remind once more right now, outside the schedule."""
    _refuse_ended(reminder)
    now = clock.now()
    if now > window_of(reminder).last_step_at:
        raise Conflict("reminder_ended", "The window of this reminder has closed")
    reminder.next_due_at = reminder.updated_at = now
    reminder.snoozed_until = None
    session.add(reminder)
    publish_about(session, Topic.REMINDER, user)


async def skip(
    session: AsyncSession,
    reminder: Reminder,
    user: User,
    by_user_id: int | None,
    scope: SkipScope = SkipScope.PUNCH,
) -> None:
    """这次跳过: no more reminders of this punch; 今天都不提醒: none of its whole work date, also after one punch was skipped."""
    is_punch = scope is SkipScope.PUNCH
    if reminder.status is ReminderStatus.SKIPPED:
        if is_punch or any(found.punch_kind is None for found in await _skips_of(session, reminder)):
            return
    else:
        _refuse_ended(reminder)
    session.add(
        Absence(
            user_id=user.id,
            kind=AbsenceKind.SKIP,
            first_date=reminder.work_date,
            last_date=reminder.work_date,
            punch_kind=reminder.kind if is_punch else None,
            period=reminder.period if is_punch else None,
            created_by=by_user_id,
        )
    )
    await plan_changed(session, PlanChange.of_users([user.id], reminder.work_date, reminder.work_date))


async def undo(session: AsyncSession, reminder: Reminder, user: User) -> None:
    """Undo 我已打卡 or a skip within five minutes: every skip that covers this punch, so that it is reminded again."""
    now = clock.now()
    if reminder.ended_at is None or now - reminder.ended_at > UNDO_FOR:
        raise Conflict("too_late_to_undo", "This can no longer be undone")
    if reminder.status is ReminderStatus.ACKNOWLEDGED:
        if now >= window_of(reminder).ends_at:
            raise Conflict("too_late_to_undo", "The window of this reminder has closed")
        reopen(reminder, now)
        session.add(reminder)
        publish_about(session, Topic.REMINDER, user)
    elif reminder.status is ReminderStatus.SKIPPED and reminder.ended_by == AbsenceKind.SKIP:
        for found in await _skips_of(session, reminder):
            await session.delete(found)
        await plan_changed(session, PlanChange.of_users([user.id], reminder.work_date, reminder.work_date))
    else:
        raise Conflict("nothing_to_undo", "There is nothing to undo")


async def perform(
    session: AsyncSession,
    action: Action,
    reminder: Reminder,
    user: User,
    *,
    source: str = "link",
    by_user_id: int | None = None,
    told: datetime | None = None,
) -> bool:
    """Do what a button says. False if that was done before: a second tap puts nothing off once more.
    Raises Conflict: it is too late for that, or too early.

    `told` is the punch point that the button's message was about, with its overtime: an answer holds for that one. One that has
    moved since is asked about anew.
    """
    asked_at = reminder.asked_at or reminder.point_at
    if told is not None and action != "undo" and abs(asked_at - told) > SAME_POINT:
        raise Conflict(
            "reminder_moved", "The shift has changed since this message; another one is about the new moment"
        )
    if _is_done(action, reminder):
        return False
    if action == "ack":
        acknowledge(session, reminder, user, source)
    elif action == "snooze":
        snooze(session, reminder, user)
    elif action == "skip":
        await skip(session, reminder, user, by_user_id)
    elif action == "skip_work_date":
        await skip(session, reminder, user, by_user_id, SkipScope.WORK_DATE)
    else:
        await undo(session, reminder, user)
    await session.flush()
    return True


def _is_done(action: Action, reminder: Reminder) -> bool:
    match action:
        case "ack":
            return reminder.status in ANSWERED
        case "snooze":
            until = reminder.snoozed_until
            return reminder.status in OPEN and until is not None and until > clock.now()
        case "skip":
            return reminder.status is ReminderStatus.SKIPPED
        case "skip_work_date":  # other punches of the date may be left
            return False
        case "undo":
            return reminder.status in OPEN


async def _skips_of(session: AsyncSession, reminder: Reminder) -> list[Absence]:
    """The skips of the reminder's own work date that cover its punch."""
    asked = select(Absence).where(
        Absence.user_id == reminder.user_id,
        Absence.kind == AbsenceKind.SKIP,
        Absence.first_date == reminder.work_date,
        Absence.last_date == reminder.work_date,
    )
    found = await session.exec(asked)
    return [each for each in found if covers(each, reminder.work_date, reminder.kind, reminder.period)]


def _refuse_ended(reminder: Reminder) -> None:
    if reminder.status not in OPEN:
        raise Conflict("reminder_ended", "This reminder has already ended")
