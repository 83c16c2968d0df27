"""API schemas of the roster."""

import datetime as dt
from typing import Annotated, Literal, NamedTuple

from fastapi import Depends, Query
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from daka.errors import Invalid
from daka.identity.schemas import Body, RowId, example
from daka.roster.holidays.models import DayKind
from daka.roster.requests.models import AbsenceKind
from daka.schema import Schema
from daka.shifts.times import PunchKind

LONGEST_SPAN_DAYS = 400


def _sane(day: dt.date) -> dt.date:
    if not dt.date(2000, 1, 1) <= day <= dt.date(2100, 12, 31):
        raise ValueError("must be between 2000-01-01 and 2100-12-31")
    return day


WorkDate = Annotated[dt.date, AfterValidator(_sane)]


Revision = Annotated[int | None, Field(ge=0, lt=2**31, description="Null saves without checking for other changes")]


class DateSpan(NamedTuple):
    """Dates from the first to the last, both included."""

    first: dt.date
    last: dt.date


async def _span(
    first: Annotated[WorkDate, Query(alias="from", description="First date")],
    last: Annotated[WorkDate, Query(alias="to", description="Last date, included")],
) -> DateSpan:
    """Raises Invalid if `last` is before `first` or too far after it."""
    if not dt.timedelta(0) <= last - first <= dt.timedelta(days=LONGEST_SPAN_DAYS):
        raise Invalid("bad_span", f"`to` must follow `from` within {LONGEST_SPAN_DAYS} days", loc=("query", "to"))
    return DateSpan(first, last)


SpanDep = Annotated[DateSpan, Depends(_span)]


class DayRead(Schema):
    model_config = ConfigDict(from_attributes=True)
    kind: DayKind
    name: str = Field(description="Name of the holiday, if any")


class RosterRow(Schema):
    id: int
    display_name: str
    team_id: int | None
    shift_ids: list[int | None] = Field(description="One per date; null means not planned")


class RosterMark(Schema):
    """A mark on a person's cells: leave, a skipped day, or an open swap."""

    user_id: int
    kind: AbsenceKind | Literal["swap"]
    first_date: dt.date
    last_date: dt.date
    punch_kind: PunchKind | None = Field(
        default=None, description="Only this punch of each day; null means the whole day"
    )
    leave_type: str | None = Field(default=None, description="Shown to the person and their planners only")
    id: int = Field(description="Id of the leave or the swap")


class Roster(Schema):
    """People × days."""

    dates: list[dt.date]
    days: dict[dt.date, DayRead]
    users: list[RosterRow]
    marks: list[RosterMark]
    revision: int = Field(description="Send it with a change, which is refused if somebody changed the same team since")
    provisional_years: list[int] = Field(description="Years in the span whose holidays are not yet known")


WithDrafts = Annotated[
    bool, Query(description="As planners draft it, in teams that use drafts; false: what is published")
]

OverImported = Annotated[
    bool,
    Query(
        description="Write also over cells that follow an attendance system: they are locked then. "
        "Otherwise `409 cells_imported` names them in `cells`"
    ),
]

ActionKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,24}$")]


class Cell(Body):
    user_id: RowId
    date: WorkDate
    shift_id: RowId | None = Field(description="Null clears the cell")
    action: ActionKey | None = Field(
        default=None,
        description="Your name for the action that this belongs to; cells with one name are undone at once",
    )


class RosterChangeBody(Body):
    model_config = example({"assignments": [{"user_id": 2, "date": "2026-12-01", "shift_id": 1}], "revision": 41})
    assignments: list[Cell] = Field(min_length=1, max_length=20_000)
    revision: Revision = None


class CellChange(Schema):
    """A changed cell."""

    user_id: int
    date: dt.date
    before_shift_id: int | None
    shift_id: int | None
    changed_by: int | None
    at: dt.datetime
    is_draft: bool = Field(default=False, description="Not published yet")


class RosterChanges(Schema):
    """Changes after a revision, in order. A cell that changed twice appears twice."""

    changes: list[CellChange]
    revision: int = Field(description="Revision for the next request")
    is_complete: bool = Field(
        description="False if there are more; request them from `revision`, or read the roster again"
    )


WarningCode = Literal["short_rest", "night_before_morning", "overlap", "long_run", "inactive", "not_planned"]


class RosterWarning(Schema):
    """A warning for planners. Warnings never block a change."""

    user_id: int
    date: dt.date
    code: WarningCode
    detail: str
    values: dict[str, float] = Field(description="The numbers in `detail`: `hours`, `days`, `month`")


class CoverageRead(Schema):
    """Planned and required headcount of a shift on a day."""

    team_id: int
    date: dt.date
    shift_id: int
    planned: int
    needed: int


class RosterSaved(Schema):
    changed: int = Field(description="Number of changed cells")
    revision: int
    warnings: list[RosterWarning] = Field(description="For everyone in the request, around the dates in the request")
    coverage: list[CoverageRead] = Field(description="For every shift with a required headcount, on the changed dates")
    missed: list[CellChange] = Field(
        description="Changes since `revision`, if you sent one, that came before this request"
    )
