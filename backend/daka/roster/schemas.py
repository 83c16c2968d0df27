"""What the API says of the roster."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from daka.errors import Invalid
from daka.identity.schemas import Body, RowId
from daka.roster.holidays.models import DayKind
from daka.roster.requests.models import AbsenceKind
from daka.shifts.times import PunchKind

LONGEST_SPAN_DAYS = 400


def _sane(day: dt.date) -> dt.date:
    if not dt.date(2000, 1, 1) <= day <= dt.date(2100, 12, 31):
        raise ValueError("must be between 2000-01-01 and 2100-12-31")
    return day


WorkDate = Annotated[dt.date, AfterValidator(_sane)]


def refuse_bad_span(first: dt.date, last: dt.date) -> None:
    """The span of a question: `to` is not before `from`, and not too far after it.

    Raises:
        Invalid: it is.
    """
    if not dt.timedelta(0) <= last - first <= dt.timedelta(days=LONGEST_SPAN_DAYS):
        raise Invalid("bad_span", f"`to` must follow `from` within {LONGEST_SPAN_DAYS} days", loc=("query", "to"))


class DayRead(BaseModel):
    kind: DayKind
    name: str = Field(description="The holiday, if it belongs to one")


class RosterRow(BaseModel):
    id: int
    display_name: str
    team_id: int | None
    shift_ids: list[int | None] = Field(description="One per date, null is not planned")


class RosterMark(BaseModel):
    """Something over somebody's cells: leave, a skipped day, or a swap that waits for a decision."""

    user_id: int
    kind: AbsenceKind | Literal["swap"]
    first_date: dt.date
    last_date: dt.date
    punch_kind: PunchKind | None = Field(default=None, description="Only this punch of each day; null is the whole day")
    id: int = Field(description="Of the leave or the swap")


class Roster(BaseModel):
    """People × days."""

    dates: list[dt.date]
    days: dict[dt.date, DayRead]
    users: list[RosterRow]
    marks: list[RosterMark]
    revision: int = Field(description="Send it back with a change; it is refused if somebody else came first")
    provisional_years: list[int] = Field(description="Years in the span whose holidays are not known yet")


class Cell(Body):
    user_id: RowId
    date: WorkDate
    shift_id: RowId | None = Field(description="Null clears the cell")


class RosterChangeBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"assignments": [{"user_id": 2, "date": "2026-12-01", "shift_id": 1}], "revision": 41}
        }
    )
    assignments: list[Cell] = Field(min_length=1, max_length=20_000)
    revision: int | None = Field(default=None, ge=0, lt=2**62, description="Null saves whatever others did")


class CellChange(BaseModel):
    """One cell that somebody changed."""

    user_id: int
    date: dt.date
    before_shift_id: int | None
    shift_id: int | None
    changed_by: int | None
    at: dt.datetime


class RosterChanges(BaseModel):
    """What happened after a revision, in order. A cell that changed twice is there twice."""

    changes: list[CellChange]
    revision: int = Field(description="Ask again from here")
    is_complete: bool = Field(description="False: there is more; ask again from `revision`, or read the roster anew")


class RosterWarning(BaseModel):
    """Something a planner should see; it never blocks."""

    user_id: int
    date: dt.date
    code: str = Field(
        description="`short_rest`, `night_before_morning`, `overlap`, `long_run`, `inactive` or `not_planned`"
    )
    detail: str
    values: dict[str, float] = Field(description="The numbers in the sentence: `hours`, `days`, `month`")


class CoverageRead(BaseModel):
    """People on a shift on a day, against the team's need."""

    team_id: int
    date: dt.date
    shift_id: int
    planned: int
    needed: int


class RosterSaved(BaseModel):
    changed: int = Field(description="Cells that are different now")
    revision: int
    warnings: list[RosterWarning] = Field(
        description="Of everybody whose cells were sent, around the dates that were sent"
    )
    coverage: list[CoverageRead] = Field(description="Of every shift with a need, on the dates that changed")
    missed: list[CellChange] = Field(
        description="What others changed since the revision that was sent, in teams that this change did not touch"
    )
