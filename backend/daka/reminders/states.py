"""States of a reminder."""

from enum import StrEnum


class ReminderStatus(StrEnum):
    """How a reminder stands: the first two are open, the others say how it ended."""

    SCHEDULED = "scheduled"
    """Planned; nothing has been sent yet."""
    NAGGING = "nagging"
    """At least one step is due or sent, and the window is open."""
    ACKNOWLEDGED = "acknowledged"
    """The person said so: 我已打卡."""
    PUNCHED = "punched"
    """A punch source said so."""
    SKIPPED = "skipped"
    """Leave, skip, or no longer on the roster."""
    EXPIRED = "expired"
    """The person was told and did not punch before the window closed."""
    MISSED = "missed"
    """The window passed without anything being sent: the server was down or paused."""
    FAILED = "failed"
    """Something was sent, and no provider confirmed any of it."""


OPEN = (ReminderStatus.SCHEDULED, ReminderStatus.NAGGING)
