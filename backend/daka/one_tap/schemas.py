"""JSON of the one-tap page."""

from pydantic import Field

from daka.reminders.states import ReminderStatus
from daka.schema import Schema


class LinkAnswer(Schema):
    """What became of an action."""

    statuses: dict[int, ReminderStatus] = Field(description="By reminder")
    refusal: str = Field(description="Code of the refusal, such as `reminder_ended`; empty if the action took effect")
