"""What the API says of the roster."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from daka.identity.schemas import Body, RowId
from daka.roster.models import DayKind

LONGEST_SPAN_DAYS = 400


def _sane(day: dt.date) -> dt.date:
    if not dt.date(2000, 1, 1) <= day <= dt.date(2100, 12, 31):
        raise ValueError("must be between 2000-01-01 and 2100-12-31")
    return day


WorkDate = Annotated[dt.date, AfterValidator(_sane)]


class DayRead(BaseModel):
    kind: DayKind
    name: str = Field(description="The holiday, if it belongs to one")


class RosterRow(BaseModel):
    id: int
    display_name: str
    team_id: int | None
    shift_ids: list[int | None] = Field(description="One per date, null is not planned")


class Roster(BaseModel):
    """People × days."""

    dates: list[dt.date]
    days: dict[dt.date, DayRead]
    users: list[RosterRow]
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
    revision: int | None = Field(default=None, ge=0, description="Null saves whatever others did")


class RosterWarning(BaseModel):
    """Something a planner should see; it never blocks."""

    user_id: int
    date: dt.date
    code: str
    detail: str


class RosterSaved(BaseModel):
    changed: int = Field(description="Cells that are different now")
    revision: int
    warnings: list[RosterWarning]
