"""Reminder policy as it is stored and sent: minutes around a punch point. What follows from it: `reminders/steps.py`."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

LONGEST_LEAD_MINUTES = 12 * 60

Minutes = Annotated[int, Field(strict=True, ge=-LONGEST_LEAD_MINUTES, le=LONGEST_LEAD_MINUTES)]


class PunchPolicy(BaseModel):
    """How one punch is reminded. Minutes count from the punch point, negative is before; overtime moves clock-out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Minutes = Field(description="First reminder, minutes from the punch point; negative is before it")
    every: int | None = Field(
        default=5, strict=True, ge=1, le=240, description="Minutes between reminders; null reminds once"
    )
    until: Minutes = Field(description="No reminder later than this many minutes from the punch point")
    escalate: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=LONGEST_LEAD_MINUTES,
        description="When team and planners are told; null is never",
    )
    also_team_from: Minutes | None = Field(
        default=None,
        description="From here on reminders also go to the team's channels; null keeps to the person's own",
    )

    @model_validator(mode="after")
    def _window_is_not_empty(self) -> Self:
        if self.until < self.start:
            raise ValueError("until must not be before start")
        return self


class QuietHours(BaseModel):
    """Wall clock hours in which clock-out reminders and escalations wait. Clock-in reminders always go out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["23:00"])
    end: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["06:30"])

    @model_validator(mode="after")
    def _hours_are_not_empty(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours must end at another time than they start")
        return self


class Policy(BaseModel):
    """Reminder policy of a shift, a team or a person. The default nags until punched, with bounds."""

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
    quiet_hours: QuietHours | None = Field(default=None, description="Null: messages at any hour")


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
    """A policy as it was stored; None if there is none, or none that can be read (another version's, or a hand's work)."""
    try:
        return Policy.model_validate(stored)
    except ValidationError:
        return None


StoredPolicy = Annotated[Policy | None, BeforeValidator(readable)]
"""For answers: one bad row must not keep a whole list from being shown."""
