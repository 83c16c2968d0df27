"""Tables of the roster: who works which shift on which work date, and what keeps them from it."""

import datetime as dt
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import Mapped, enum_column, json_column
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
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date] = Field(index=True)
    shift_id: Mapped[int] = Field(foreign_key="shift.id", index=True)
    updated_at: Mapped[datetime]


class RosterChange(SQLModel, table=True):
    """One changed cell. Its id is the roster's revision: a planner who saw a lower one for this team is behind."""

    __tablename__ = "roster_change"
    __table_args__ = (sa.Index("ix_roster_change_team_id_id", "team_id", "id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date]
    before_shift_id: Mapped[int | None] = Field(default=None)
    after_shift_id: Mapped[int | None] = Field(default=None)
    changed_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    at: Mapped[datetime] = Field(index=True)


class AbsenceKind(StrEnum):
    """Why nobody is to be reminded: 请假 or 跳过."""

    LEAVE = "leave"
    SKIP = "skip"


class Absence(SQLModel, table=True):
    """请假 / 跳过: work dates (first and last included), or one of their two punches, on which nobody is reminded."""

    __table_args__ = (sa.Index("ix_absence_user_id_dates", "user_id", "first_date", "last_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    kind: Mapped[AbsenceKind] = Field(sa_type=enum_column(AbsenceKind))
    first_date: Mapped[date]
    last_date: Mapped[date]
    punch_kind: Mapped[PunchKind | None] = Field(default=None, sa_type=enum_column(PunchKind))
    """Only this punch of each day; None is the whole day."""
    reason: Mapped[str] = Field(default="", max_length=200)
    created_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime]


class DaySource(StrEnum):
    """Who says what kind of day it is, strongest first; below them come the built-in calendar and the weekday."""

    OVERRIDE = "override"
    IMPORT = "import"


class CalendarDay(SQLModel, table=True):
    """A day kind that a person set or a file brought. Both may speak of one date: the person wins."""

    __tablename__ = "calendar_day"
    date: Mapped[dt.date] = Field(primary_key=True)
    source: Mapped[DaySource] = Field(primary_key=True, sa_type=enum_column(DaySource))
    kind: Mapped[DayKind] = Field(sa_type=enum_column(DayKind))
    name: Mapped[str] = Field(default="", max_length=40)


class Pattern(SQLModel, table=True):
    """A named cycle of shifts that planners fill rosters with."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    """None: shared by all teams."""
    name: Mapped[str] = Field(max_length=40)
    cycle: Mapped[list[int | None]] = Field(sa_type=json_column())
    """Shift ids; None is a day without a shift."""
    starts_on_monday: Mapped[bool] = Field(default=False)
    created_at: Mapped[datetime]


class CoverageNeed(SQLModel, table=True):
    """How many people a team needs on a shift, on days of one sort."""

    __tablename__ = "coverage_need"
    __table_args__ = (sa.UniqueConstraint("team_id", "shift_id", "day"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id")
    shift_id: Mapped[int] = Field(foreign_key="shift.id")
    day: Mapped[str] = Field(max_length=16)
    """`any`, a weekday (`mon` … `sun`) or a day kind; see `rules.needed_people`."""
    people: Mapped[int]


class ImportStatus(StrEnum):
    RUNNING = "running"
    CHECKED = "checked"
    """A dry run that came to its end."""
    DONE = "done"
    REFUSED = "refused"
    """Nothing was written: the file has problems, or cannot be read."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The process that worked on it is gone; nothing was written."""


class RosterImport(SQLModel, table=True):
    """One import of a file: its progress while it runs, its outcome afterwards."""

    __tablename__ = "roster_import"
    id: Mapped[int] = Field(default=None, primary_key=True)
    file_name: Mapped[str] = Field(max_length=200)
    is_dry_run: Mapped[bool]
    status: Mapped[ImportStatus] = Field(sa_type=enum_column(ImportStatus))
    percent: Mapped[int] = Field(default=0)
    outcome: Mapped[dict[str, object] | None] = Field(default=None, sa_type=json_column())
    cancel_asked: Mapped[bool] = Field(default=False)
    created_by: Mapped[int] = Field(foreign_key="user.id", index=True)
    created_at: Mapped[datetime] = Field(index=True)
    seen_at: Mapped[datetime]
    """When the process that works on it last said so."""


class ImportMapping(SQLModel, table=True):
    """What a word of a team's files meant the last time, so that nobody has to say it each month."""

    __tablename__ = "import_mapping"
    __table_args__ = (sa.UniqueConstraint("team_id", "kind", "word_key"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id")
    kind: Mapped[str] = Field(max_length=6)
    """`person` or `shift`."""
    word_key: Mapped[str] = Field(max_length=200)
    """The word without width, case and blanks."""
    word: Mapped[str] = Field(max_length=200)
    meaning: Mapped[str] = Field(max_length=5)
    """`user`, `shift`, `skip` or `clear`."""
    user_id: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    shift_id: Mapped[int | None] = Field(default=None, foreign_key="shift.id")
    used_at: Mapped[datetime]


class CalendarFeed(SQLModel, table=True):
    """A secret address at which a phone reads shifts as iCalendar: of its owner, or of one of their teams."""

    __tablename__ = "calendar_feed"
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    name: Mapped[str] = Field(max_length=80)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    alarm_minutes: Mapped[int | None] = Field(default=None)
    """An alarm this long before each start and at each end; None: no alarms."""
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None] = Field(default=None)


class SwapStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    """By the other person; a planner has the last word."""
    APPROVED = "approved"
    DECLINED = "declined"
    """By the other person or by a planner."""
    WITHDRAWN = "withdrawn"


OPEN_SWAPS = (SwapStatus.ASKED, SwapStatus.ACCEPTED)


class Swap(SQLModel, table=True):
    """换班: two people trade their cells on one or two work dates."""

    __table_args__ = (sa.Index("ix_swap_status", "status"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id", index=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    """Who asks."""
    with_user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    work_date: Mapped[date]
    return_date: Mapped[date | None] = Field(default=None)
    """The day on which the favour is returned; None trades only `work_date`."""
    cells: Mapped[list[dict[str, object]]] = Field(sa_type=json_column())
    """The cells as they were when it was asked: `{"user_id", "date", "shift_id"}`."""
    status: Mapped[SwapStatus] = Field(sa_type=enum_column(SwapStatus))
    reason: Mapped[str] = Field(default="", max_length=200)
    decided_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class NoticeChoice(SQLModel, table=True):
    """What a person wants to be told of their roster, and what they were told already."""

    __tablename__ = "notice_choice"
    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    tells_changes: Mapped[bool] = Field(default=True)
    tomorrow_at: Mapped[str | None] = Field(default=None, max_length=5)
    """HH:MM at which tomorrow's shift is told; None: never."""
    told_change_id: Mapped[int] = Field(default=0)
    told_tomorrow: Mapped[date | None] = Field(default=None)
    """The newest date that was told as tomorrow."""
