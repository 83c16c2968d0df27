"""How a reminder's row is ended and reopened, and the window that it stores. Pure."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.reminders.steps import Window, first_evaluation, next_evaluation


def window_of(reminder: Reminder) -> Window:
    """The window that the row stores."""
    return Window(
        point_at=reminder.point_at,
        opens_at=reminder.opens_at,
        closes_at=reminder.closes_at,
        every=timedelta(minutes=reminder.every_minutes) if reminder.every_minutes else None,
        escalate_at=reminder.escalate_at,
        team_from_at=reminder.team_from_at,
        quiet_from=reminder.quiet_from,
        quiet_until=reminder.quiet_until,
    )


def window_values(window: Window) -> dict[str, Any]:
    """The columns that store a window."""
    values = asdict(window)
    every = values.pop("every")
    return {**values, "every_minutes": int(every.total_seconds() // 60) if every else None}


def end(reminder: Reminder, status: ReminderStatus, by: str, now: datetime) -> None:
    """End a reminder: nothing is due any more."""
    reminder.status = status
    reminder.next_due_at = None
    reminder.snoozed_until = None
    reminder.ended_at = now
    reminder.ended_by = by
    reminder.updated_at = now


def reopen(reminder: Reminder, now: datetime) -> None:
    """Reopen a reminder that had ended."""
    reminder.status = (
        ReminderStatus.NAGGING if reminder.steps_sent and now >= reminder.opens_at else ReminderStatus.SCHEDULED
    )
    if reminder.status is ReminderStatus.SCHEDULED:
        reminder.steps_sent = 0
        reminder.escalated_at = None
    reminder.next_due_at = next_evaluation_of(reminder, now)
    reminder.ended_at = None
    reminder.ended_by = ""
    reminder.updated_at = now


def next_evaluation_of(reminder: Reminder, now: datetime) -> datetime:
    window = window_of(reminder)
    if reminder.steps_sent and now >= window.opens_at:
        return next_evaluation(window, now, escalated=reminder.escalated_at is not None) or now
    return first_evaluation(window, now) or now
