"""API schemas of coverage and the report."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from daka.identity.schemas import Body, RowId, example
from daka.roster.rules import Share, Spread
from daka.roster.schemas import CoverageRead, RosterWarning, WorkDate
from daka.schema import Schema

NeedDay = Literal[
    "any", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "weekend", "holiday", "makeup_workday"
]


class Need(Body):
    """The required headcount of a shift for one day type."""

    shift_id: RowId
    day: NeedDay = Field(
        default="any", description="The most specific one applies: holiday or makeup workday, weekday, day kind, any"
    )
    people: int = Field(ge=0, le=10_000)


class NeedsBody(Body):
    model_config = example({"needs": [{"shift_id": 1, "day": "workday", "people": 3}]})
    needs: list[Need] = Field(max_length=500)


class Needs(Schema):
    team_id: int
    needs: list[Need]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShare(Share):
    """One person's totals over the span; `shifts` is the number of days by shift id."""

    user_id: int
    display_name: str
    team_id: int | None
    is_active: bool


class CandidateRead(Schema):
    """A person who might take a shift on a day, with what they have in that month besides."""

    user_id: int
    display_name: str
    fit: Literal["free", "warned", "busy", "away"] = Field(
        description="Free and rested; free, with warnings; at work already; on leave"
    )
    shift_id: int | None = Field(description="What the person has on that day now")
    nights: int
    work_days: int
    hours: float
    warnings: list[RosterWarning] = Field(description="Those that the shift would cause")


class CellHistoryEntry(Schema):
    """One change of a cell."""

    at: dt.datetime
    by_name: str = Field(description="Empty for the system")
    before_shift_id: int | None
    shift_id: int | None
    is_draft: bool = Field(description="A change of the draft; otherwise it was published, or published at once")


class CellNoteBody(Body):
    model_config = example({"user_id": 3, "date": "2026-12-24", "text": "跟王师傅学习"})
    user_id: RowId
    date: WorkDate
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        description="Empty takes the note away"
    )


class CellNoteRead(Schema):
    """A planner's words about one cell."""

    user_id: int
    date: dt.date
    text: str
    by_name: str = Field(description="Empty if the account is gone")
    at: dt.datetime


class Fairness(Schema):
    """How evenly work is distributed over active people."""

    nights: Spread
    weekends: Spread
    holidays: Spread
    hours: Spread


class RosterReport(Schema):
    first_date: dt.date
    last_date: dt.date
    people: list[PersonShare]
    fairness: Fairness
    warnings: list[RosterWarning]
    coverage: list[CoverageRead] = Field(description="Every shift with a required headcount on every day")
    provisional_years: list[int]
