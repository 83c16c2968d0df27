"""How a reminder's row is ended and reopened, and the window that it stores. Pure."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.reminders.steps import SENDING_GRACE, Window, first_evaluation, next_evaluation, snoozed, snoozed_evaluation


def window_of(reminder: Reminder | sa.Row[Any]) -> Window:
    """The window that the row stores; or a row with these columns of it."""
    return Window(
        point_at=reminder.point_at,
        opens_at=reminder.opens_at,
        closes_at=reminder.closes_at,
        every=timedelta(minutes=reminder.every_minutes) if reminder.every_minutes else None,
        escalate_at=reminder.escalate_at,
        team_from_at=reminder.team_from_at,
        quiet=tuple(
            (datetime.fromisoformat(begins), datetime.fromisoformat(until))
            for begins, until in reminder.quiet_spans or ()
        ),
    )


def window_values(window: Window) -> dict[str, Any]:
    """The columns that store a window."""
    values = asdict(window)
    every, quiet = values.pop("every"), values.pop("quiet")
    return {
        **values,
        "every_minutes": int(every.total_seconds() // 60) if every else None,
        "quiet_spans": [[moment.isoformat() for moment in span] for span in quiet] or None,
    }


def end(reminder: Reminder, status: ReminderStatus, by: str, now: datetime) -> None:
    """End a reminder: nothing is due any more. A snooze is kept where the end may be taken back."""
    reminder.status = status
    reminder.next_due_at = None
    if status not in (ReminderStatus.ACKNOWLEDGED, ReminderStatus.SKIPPED):
        reminder.snoozed_until = None
    reminder.ended_at = now
    reminder.ended_by = by
    reminder.updated_at = now


def reopen(reminder: Reminder, now: datetime, *, at_once: bool = False, former: Window | None = None) -> None:
    """Reopen a reminder that had ended. For `at_once` and `former` see `next_evaluation_of`."""
    reminder.status = (
        ReminderStatus.NAGGING if reminder.steps_sent and now >= reminder.opens_at else ReminderStatus.SCHEDULED
    )
    if reminder.status is ReminderStatus.SCHEDULED:
        reminder.steps_sent = 0
    reminder.next_due_at = next_evaluation_of(reminder, now, at_once=at_once, former=former)
    reminder.ended_at = None
    reminder.ended_by = ""
    reminder.updated_at = now


def next_evaluation_of(
    reminder: Reminder, now: datetime, *, at_once: bool = False, former: Window | None = None
) -> datetime:
    """When the row is evaluated next. A snooze goes on, inside the window; what is due already is due at once.

    `at_once` reminds at once in an open window, although the person was reminded before: of another punch point. `former` is
    the window by whose steps the person was reminded so far.
    """
    window, escalated = window_of(reminder), reminder.escalated_at is not None
    if reminder.snoozed_until is not None and reminder.snoozed_until > now:
        reminder.snoozed_until = snoozed(window, now, reminder.snoozed_until - now)
        if reminder.snoozed_until is not None:
            return snoozed_evaluation(window, reminder.snoozed_until, escalated=escalated)
    if at_once or not reminder.steps_sent or now < window.opens_at or _is_overdue(reminder, former, now):
        due_at = first_evaluation(window, now, escalated=escalated) or now
        is_just_over = window.last_step_at < now <= window.last_step_at + SENDING_GRACE
        return window.last_step_at if is_just_over else due_at  # a step at the last moment still has this long
    if not escalated and window.escalation_at is not None and window.escalation_at <= now:
        return window.escalation_at
    return next_evaluation(window, now, escalated=escalated) or now


def _is_overdue(reminder: Reminder, former: Window | None, now: datetime) -> bool:
    """Whether a step came since the person was reminded last: while the reminder had ended, before the worker has looked, or by
    steps that they were not reminded by. It is due, not dropped.
    """
    window = window_of(reminder)
    if reminder.snoozed_until is not None and reminder.snoozed_until <= now:  # it has come back
        return True
    if reminder.ended_at is not None:
        until = reminder.ended_at
    elif reminder.next_due_at is not None:
        until = reminder.next_due_at - timedelta(microseconds=1)
    else:
        return False
    told, step = (former or window).step_before(min(now, until)), window.step_before(now)
    return step is not None and (told is None or step > told)
