"""Tables of the roster: who works which shift on which work date, and what keeps them from it."""

import datetime as dt
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import enum_column
from daka.shifts.times import PunchKind


class DayKind(StrEnum):
    """日期类型."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class Assignment(SQLModel, table=True):
    """排班: one user, one work date, one shift."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    work_date: date = Field(index=True)
    shift_id: int = Field(foreign_key="shift.id", index=True)
    updated_at: datetime


class RosterChange(SQLModel, table=True):
    """One changed cell. Its id is the roster's revision: a planner who saw a lower one for this team is behind."""

    __tablename__ = "roster_change"
    __table_args__ = (sa.Index("ix_roster_change_team_id_id", "team_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    user_id: int = Field(foreign_key="user.id")
    work_date: date
    before_shift_id: int | None = None
    after_shift_id: int | None = None
    changed_by: int | None = Field(default=None, foreign_key="user.id")
    at: datetime


class AbsenceKind(StrEnum):
    """Why nobody is to be reminded: 请假 or 跳过."""

    LEAVE = "leave"
    SKIP = "skip"


class Absence(SQLModel, table=True):
    """请假 / 跳过: work dates (first and last included), or one of their two punches, on which nobody is reminded."""

    __table_args__ = (sa.Index("ix_absence_user_id_dates", "user_id", "first_date", "last_date"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    kind: AbsenceKind = Field(sa_type=enum_column(AbsenceKind))
    first_date: date
    last_date: date
    punch_kind: PunchKind | None = Field(default=None, sa_type=enum_column(PunchKind))
    """Only this punch of each day; None is the whole day."""
    reason: str = Field(default="", max_length=200)
    created_by: int | None = Field(default=None, foreign_key="user.id")
    created_at: datetime


class CalendarDay(SQLModel, table=True):
    """A day kind that an import or a person set, before the built-in calendar."""

    __tablename__ = "calendar_day"
    date: dt.date = Field(primary_key=True)
    kind: DayKind = Field(sa_type=enum_column(DayKind))
    name: str = Field(default="", max_length=40)
    source: str = Field(default="override", max_length=20)
