"""How a reminder's row is ended and reopened, and the window that it stores. Pure."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.reminders.steps import Window, first_evaluation, next_evaluation, snoozed, snoozed_evaluation


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
    """End a reminder: nothing is due any more."""
    reminder.status = status
    reminder.next_due_at = None
    reminder.snoozed_until = None
    reminder.ended_at = now
    reminder.ended_by = by
    reminder.updated_at = now


def reopen(reminder: Reminder, now: datetime, *, at_once: bool = False) -> None:
    """Reopen a reminder that had ended."""
    reminder.status = (
        ReminderStatus.NAGGING if reminder.steps_sent and now >= reminder.opens_at else ReminderStatus.SCHEDULED
    )
    if reminder.status is ReminderStatus.SCHEDULED:
        reminder.steps_sent = 0
        reminder.escalated_at = None
    reminder.next_due_at = next_evaluation_of(reminder, now, at_once=at_once)
    reminder.ended_at = None
    reminder.ended_by = ""
    reminder.updated_at = now


def next_evaluation_of(reminder: Reminder, now: datetime, *, at_once: bool = False) -> datetime:
    """When the row is evaluated next. A snooze goes on, inside the window; what is due already is due at once.

    `at_once` reminds at once in an open window, although the person was reminded before: of another punch point.
    """
    window, escalated = window_of(reminder), reminder.escalated_at is not None
    if reminder.snoozed_until is not None and reminder.snoozed_until > now:
        reminder.snoozed_until = snoozed(window, now, reminder.snoozed_until - now)
        if reminder.snoozed_until is not None:
            return snoozed_evaluation(window, reminder.snoozed_until, escalated=escalated)
    if at_once or not reminder.steps_sent or now < window.opens_at or _is_overdue(reminder, window, now):
        return first_evaluation(window, now, escalated=escalated) or now
    if not escalated and window.escalation_at is not None and window.escalation_at <= now:
        return window.escalation_at
    return next_evaluation(window, now, escalated=escalated) or now


def _is_overdue(reminder: Reminder, window: Window, now: datetime) -> bool:
    """Whether a step came while the reminder had ended, or before the worker has looked: it is due, not dropped."""
    if reminder.ended_at is not None:
        step = window.step_after(reminder.ended_at)
    elif reminder.next_due_at is None or reminder.next_due_at > now:
        return False
    elif reminder.snoozed_until is not None:  # it has come back
        return True
    else:
        step = window.step_after(reminder.next_due_at - timedelta(microseconds=1))
    return step is not None and step <= now
