"""API schemas of the calendar of day kinds."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from daka.identity.schemas import Body, example
from daka.roster.holidays.models import DayKind
from daka.roster.schemas import DayRead, WorkDate
from daka.schema import Schema


class DayOrigin(StrEnum):
    """The source of a day kind."""

    OVERRIDE = "override"
    IMPORT = "import"
    BUILT_IN = "built_in"
    WEEKDAY = "weekday"


class CalendarDayRead(DayRead):
    source: DayOrigin = Field(
        description="`override`: set by hand; `weekday`: the holidays of this year are not yet known"
    )


class CalendarYear(Schema):
    year: int
    provisional: bool = Field(description="The holidays are not yet known: weekends only")
    days: dict[dt.date, CalendarDayRead] = Field(description="Every day of the year")


class CalendarDayBody(Schema):
    kind: DayKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class CalendarYearBody(Body):
    """Days to set. Other days stay unchanged."""

    model_config = example(
        {"days": {"2026-12-25": {"kind": "holiday", "name": "厂休"}, "2026-12-26": None}}, extra="ignore"
    )
    days: dict[WorkDate, CalendarDayBody | None] = Field(max_length=366, description="Null resets the day")


class CalendarDifference(Schema):
    date: dt.date
    before: DayRead
    after: DayRead


class CalendarImported(Schema):
    """The changes that an import makes, or (dry run) would make."""

    is_dry_run: bool
    years: list[int]
    days: int = Field(description="Days in the file")
    changed: list[CalendarDifference]
    kept: list[dt.date] = Field(description="Days set by hand, which an import does not change")
