"""The table of day kinds: workdays, weekends, holidays and makeup workdays."""

import datetime as dt
from enum import StrEnum

from sqlmodel import Field

from daka.columns import Mapped, Table, enum_column


class DayKind(StrEnum):
    """日期类型."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class DaySource(StrEnum):
    """Stored sources of day kinds, by precedence; after them come the built-in calendar and the weekday."""

    OVERRIDE = "override"
    IMPORT = "import"


class CalendarDay(Table, table=True):
    """A day kind that was set by hand or imported. If a date has both, the one set by hand applies."""

    date: Mapped[dt.date] = Field(primary_key=True)
    source: Mapped[DaySource] = Field(primary_key=True, sa_type=enum_column(DaySource))
    kind: Mapped[DayKind] = Field(sa_type=enum_column(DayKind))
    name: Mapped[str] = Field(default="", max_length=40)
