"""Reminder policy as stored and transferred: minutes around a punch point. It is evaluated in `reminders/steps.py`."""

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from daka.schema import Schema

LONGEST_LEAD_MINUTES = 12 * 60

Minutes = Annotated[int, Field(strict=True, ge=-LONGEST_LEAD_MINUTES, le=LONGEST_LEAD_MINUTES)]


class PunchPolicy(Schema):
    """Reminders of one punch. Minutes count from the punch point, negative before it; overtime moves the clock-out point."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Minutes = Field(description="First reminder, minutes from the punch point; negative is before it")
    every: int | None = Field(
        default=5, strict=True, ge=1, le=240, description="Minutes between reminders; null reminds only once"
    )
    until: Minutes = Field(description="Last reminder, minutes from the punch point")
    escalate: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=LONGEST_LEAD_MINUTES,
        description="When the reminder escalates to team and planners, minutes from the punch point; null for never",
    )
    also_team_from: Minutes | None = Field(
        default=None,
        description="From this minute on, reminders also go to the team's channels; null for the person's own channels only",
    )

    @model_validator(mode="after")
    def _window_is_not_empty(self) -> Self:
        if self.until < self.start:
            raise ValueError("until must not be before start")
        return self


class QuietHours(Schema):
    """Local hours during which reminders and escalations of clock-out are held back. Those of clock-in are always sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["23:00"])
    end: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["06:30"])

    @model_validator(mode="after")
    def _hours_are_not_empty(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours must not start and end at the same time")
        return self


class Policy(Schema):
    """Reminder policy of a shift, a team or a person. The default repeats until punched, within bounds."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "clock_in": {"start": -15, "every": 5, "until": 10, "escalate": None},
                "clock_out": {"start": 0, "every": 5, "until": 30, "escalate": None},
            }
        },
    )

    clock_in: PunchPolicy = PunchPolicy(start=-15, every=5, until=10)
    clock_out: PunchPolicy = PunchPolicy(start=0, every=5, until=30)
    quiet_hours: QuietHours | None = Field(default=None, description="Null: messages are sent at any hour")


NAG = Policy()
ONCE = Policy(
    clock_in=PunchPolicy(start=-10, every=None, until=10),
    clock_out=PunchPolicy(start=0, every=None, until=30),
)
NAG_AND_ESCALATE = Policy(
    clock_in=PunchPolicy(start=-15, every=5, until=10, escalate=5),
    clock_out=PunchPolicy(start=0, every=5, until=30, escalate=20),
)
PRESETS = {"once": ONCE, "nag": NAG, "nag_and_escalate": NAG_AND_ESCALATE}
"""只提醒一次 · 提醒到打卡为止 · 提醒并上报."""


def readable(stored: object) -> Policy | None:
    """A stored policy; None if it is missing or cannot be read (written by another version, or edited by hand)."""
    try:
        return Policy.model_validate(stored)
    except ValidationError:
        return None


StoredPolicy = Annotated[Policy | None, BeforeValidator(readable)]
"""For responses: one unreadable row must not make a whole list fail."""
