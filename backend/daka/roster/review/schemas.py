"""What the API says of coverage and of everybody's share."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from daka.identity.schemas import Body, RowId
from daka.roster.schemas import CoverageRead, RosterWarning

NeedDay = Literal[
    "any", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "weekend", "holiday", "makeup_workday"
]


class Need(Body):
    """How many people a shift needs on days of one sort."""

    shift_id: RowId
    day: NeedDay = Field(
        default="any", description="The most particular one counts: holiday or make-up workday, weekday, day kind, any"
    )
    people: int = Field(ge=0, le=10_000)


class NeedsBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"needs": [{"shift_id": 1, "day": "workday", "people": 3}]}}
    )
    needs: list[Need] = Field(max_length=500)


class Needs(BaseModel):
    team_id: int
    needs: list[Need]


class PersonShare(BaseModel):
    """One person's part of the span."""

    user_id: int
    display_name: str
    team_id: int | None
    is_active: bool
    work_days: int
    rest_days: int
    leave_days: int
    nights: int
    weekends: int
    holidays: int
    hours: float
    longest_run: int
    shifts: dict[int, int] = Field(description="Days by shift")


class SpreadRead(BaseModel):
    least: float
    most: float
    mean: float


class Fairness(BaseModel):
    """How evenly the span is shared among active people."""

    nights: SpreadRead
    weekends: SpreadRead
    holidays: SpreadRead
    hours: SpreadRead


class RosterReport(BaseModel):
    first_date: dt.date
    last_date: dt.date
    people: list[PersonShare]
    fairness: Fairness
    warnings: list[RosterWarning]
    coverage: list[CoverageRead] = Field(description="Every shift with a need on every day")
    provisional_years: list[int]
