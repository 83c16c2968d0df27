"""What the API says of the calendar of day kinds."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from daka.identity.schemas import Body
from daka.roster.holidays.models import DayKind
from daka.roster.schemas import DayRead, WorkDate


class SaidBy(StrEnum):
    """Where a day kind comes from."""

    OVERRIDE = "override"
    IMPORT = "import"
    BUILT_IN = "built_in"
    WEEKDAY = "weekday"


class CalendarDayRead(DayRead):
    source: SaidBy = Field(
        description="`override` and `import` can be taken back; `weekday`: this year is not known yet"
    )


class CalendarYear(BaseModel):
    year: int
    provisional: bool = Field(description="Its holidays are not known yet: weekends only")
    days: dict[dt.date, CalendarDayRead] = Field(description="Every day of the year")


class CalendarDayBody(BaseModel):
    kind: DayKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class CalendarYearBody(Body):
    """Dates that are not named stay as they are."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {"days": {"2026-12-25": {"kind": "holiday", "name": "厂休"}, "2026-12-26": None}}
        },
    )
    days: dict[WorkDate, CalendarDayBody | None] = Field(max_length=366, description="Null takes an override back")


class CalendarDifference(BaseModel):
    date: dt.date
    before: DayRead
    after: DayRead


class CalendarImported(BaseModel):
    """What an import changes, or would change."""

    is_dry_run: bool
    years: list[int]
    days: int = Field(description="Days in the file")
    changed: list[CalendarDifference]
    kept: list[dt.date] = Field(description="Dates that somebody set by hand; an import does not touch them")
