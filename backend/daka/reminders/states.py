"""States of a reminder."""

from enum import StrEnum

from daka.languages import Words


class ReminderStatus(StrEnum):
    """The state of a reminder: the first two are open, the others say how it ended."""

    SCHEDULED = "scheduled"
    """Planned; nothing has been sent yet."""
    NAGGING = "nagging"
    """At least one step is due or sent, and the window is open."""
    ACKNOWLEDGED = "acknowledged"
    """The person confirmed: 我已打卡."""
    PUNCHED = "punched"
    """A punch was recorded."""
    SKIPPED = "skipped"
    """Leave, skip, or no longer on the roster."""
    EXPIRED = "expired"
    """The person was reminded and did not punch before the window closed."""
    MISSED = "missed"
    """The window passed without anything being sent: the server was down or paused, or the shift was assigned later."""
    FAILED = "failed"
    """Something was sent, but no provider confirmed any of it."""


STATUS_WORDS: dict[ReminderStatus, Words] = {
    ReminderStatus.SCHEDULED: ("待提醒", "Scheduled"),
    ReminderStatus.NAGGING: ("提醒中", "Reminding"),
    ReminderStatus.ACKNOWLEDGED: ("已打卡", "Punched"),
    ReminderStatus.PUNCHED: ("已打卡", "Punched"),
    ReminderStatus.SKIPPED: ("已跳过", "Skipped"),
    ReminderStatus.EXPIRED: ("未打卡", "No punch"),
    ReminderStatus.MISSED: ("未提醒", "Not reminded"),
    ReminderStatus.FAILED: ("未送达", "Not delivered"),
}

OPEN = (ReminderStatus.SCHEDULED, ReminderStatus.NAGGING)
ANSWERED = (ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED)
UNANSWERED = (ReminderStatus.EXPIRED, ReminderStatus.MISSED, ReminderStatus.FAILED)
"""Its window is over, and nobody punched."""


class SkipScope(StrEnum):
    """What a skip covers."""

    PUNCH = "punch"
    """This punch only: 这次跳过."""
    WORK_DATE = "work_date"
    """Every punch of the work date: 今天都不提醒."""
