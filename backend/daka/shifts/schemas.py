"""API schemas of shifts."""

from datetime import time
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from daka.identity.schemas import Body, RowId, example
from daka.policy import Policy, StoredPolicy
from daka.schema import Schema
from daka.shifts.times import Period, day_offsets

ClockTime = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(description="Local time, HH:MM", examples=["08:30"]),
]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4, pattern=r"^[^\s\x00-\x1f,]+$")
]
ShiftName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Color = Annotated[
    str,
    StringConstraints(pattern=r"^(#[0-9a-fA-F]{6}|[a-z]{3,16}(-[0-9]{1,2})?)$"),
    Field(description="A palette name (`hue-1` … `hue-12`) or #rrggbb", examples=["hue-3"]),
]


class PeriodBody(Body):
    """A working period. An end at or before the start is on the next day."""

    start: ClockTime
    end: ClockTime

    def as_period(self) -> Period:
        return Period(time.fromisoformat(self.start), time.fromisoformat(self.end))


def _ends_by_the_next_day(periods: list[PeriodBody]) -> list[PeriodBody]:
    offsets = day_offsets([period.as_period() for period in periods])
    if offsets and offsets[-1][1] > 1:
        raise ValueError("the periods must be in order and end by the day after the work date")
    if len(offsets) > 1 and offsets[-1][1] == 1:
        first, last = periods[0].as_period(), periods[-1].as_period()
        if last.end > first.start:
            raise ValueError("the periods must be in order and within 24 hours")
    return periods


Periods = Annotated[list[PeriodBody], Field(max_length=3), AfterValidator(_ends_by_the_next_day)]

_EXAMPLE: dict[str, Any] = {
    "name": "夜班",
    "code": "夜",
    "color": "hue-9",
    "periods": [{"start": "22:00", "end": "06:00"}],
    "policy": None,
}


class ShiftCreate(Body):
    model_config = example(_EXAMPLE)

    name: ShiftName
    code: Code
    color: Color = "hue-1"
    is_rest: bool = False
    overtime_minutes: int | None = Field(
        default=None, ge=0, le=12 * 60, description="Null uses the server's WORK_OVERTIME"
    )
    periods: Periods = Field(default_factory=list)
    asks_clock_out: bool = Field(default=True, description="False: nobody clocks out, so nobody is reminded of it")
    policy: Policy | None = Field(default=None, description="Null uses the team's policy or the default")
    team_id: RowId | None = Field(
        default=None, description="The team it belongs to; null: shared by all teams (administrators only)"
    )

    @model_validator(mode="after")
    def _works_or_rests(self) -> Self:
        if self.is_rest and self.periods:
            raise ValueError("a rest shift has no periods")
        if not self.is_rest and not self.periods:
            raise ValueError("a shift needs one to three periods, or is_rest")
        return self


class ShiftUpdate(Body):
    name: ShiftName | None = None
    code: Code | None = None
    color: Color | None = None
    is_rest: bool | None = None
    overtime_minutes: int | None = Field(default=None, ge=0, le=12 * 60)
    periods: Periods | None = None
    asks_clock_out: bool | None = None
    policy: Policy | None = None


class ShiftRead(Schema):
    id: int
    name: str
    code: str
    color: str
    is_rest: bool
    overtime_minutes: int | None
    periods: list[PeriodBody]
    asks_clock_out: bool
    policy: StoredPolicy
    team_id: int | None
    is_variant: bool = Field(
        description="Moved times of another shift on single days, read from an attendance system; not offered for planning"
    )
    is_night: bool = Field(description="Whether more than two hours or most of it fall into the night")

    @field_validator("periods", mode="before")
    @classmethod
    def _none_is_empty(cls, periods: Any) -> Any:
        return periods or []


class Presets(Schema):
    """The three policies that the web app offers."""

    once: Policy
    nag: Policy
    nag_and_escalate: Policy
