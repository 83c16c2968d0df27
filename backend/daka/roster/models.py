"""Tables of the roster: who works which shift on which work date, and what keeps them from it."""

import datetime as dt
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import enum_column, json_column
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
    at: datetime = Field(index=True)


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


class DaySource(StrEnum):
    """Who says what kind of day it is, strongest first; below them come the built-in calendar and the weekday."""

    OVERRIDE = "override"
    IMPORT = "import"


class CalendarDay(SQLModel, table=True):
    """A day kind that a person set or a file brought. Both may speak of one date: the person wins."""

    __tablename__ = "calendar_day"
    date: dt.date = Field(primary_key=True)
    source: DaySource = Field(primary_key=True, sa_type=enum_column(DaySource))
    kind: DayKind = Field(sa_type=enum_column(DayKind))
    name: str = Field(default="", max_length=40)


class Pattern(SQLModel, table=True):
    """A named cycle of shifts that planners fill rosters with."""

    id: int | None = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    """None: shared by all teams."""
    name: str = Field(max_length=40)
    cycle: list[int | None] = Field(sa_type=json_column())
    """Shift ids; None is a day without a shift."""
    starts_on_monday: bool = False
    created_at: datetime


class CoverageNeed(SQLModel, table=True):
    """How many people a team needs on a shift, on days of one sort."""

    __tablename__ = "coverage_need"
    __table_args__ = (sa.UniqueConstraint("team_id", "shift_id", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    shift_id: int = Field(foreign_key="shift.id")
    day: str = Field(max_length=16)
    """`any`, a weekday (`mon` … `sun`) or a day kind; see `rules.needed_people`."""
    people: int


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
    id: int | None = Field(default=None, primary_key=True)
    file_name: str = Field(max_length=200)
    is_dry_run: bool
    status: ImportStatus = Field(sa_type=enum_column(ImportStatus))
    percent: int = 0
    outcome: dict[str, object] | None = Field(default=None, sa_type=json_column())
    cancel_asked: bool = False
    created_by: int = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(index=True)
    seen_at: datetime
    """When the process that works on it last said so."""


class ImportWord(SQLModel, table=True):
    """What a word of a team's files meant the last time, so that nobody has to say it each month."""

    __tablename__ = "import_word"
    __table_args__ = (sa.UniqueConstraint("team_id", "kind", "word_key"),)
    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    kind: str = Field(max_length=6)
    """`person` or `shift`."""
    word_key: str = Field(max_length=200)
    """The word without width, case and blanks."""
    word: str = Field(max_length=200)
    meaning: str = Field(max_length=5)
    """`user`, `shift`, `skip` or `clear`."""
    user_id: int | None = Field(default=None, foreign_key="user.id")
    shift_id: int | None = Field(default=None, foreign_key="shift.id")
    used_at: datetime


class CalendarFeed(SQLModel, table=True):
    """A secret address at which a phone reads shifts as iCalendar: of its owner, or of one of their teams."""

    __tablename__ = "calendar_feed"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    name: str = Field(max_length=80)
    token_hash: str = Field(max_length=64, unique=True)
    alarm_minutes: int | None = None
    """An alarm this long before each start and at each end; None: no alarms."""
    created_at: datetime
    last_read_at: datetime | None = None


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
    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    """Who asks."""
    with_user_id: int = Field(foreign_key="user.id", index=True)
    work_date: date
    return_date: date | None = None
    """The day on which the favour is returned; None trades only `work_date`."""
    cells: list[dict[str, object]] = Field(sa_type=json_column())
    """The cells as they were when it was asked: `{"user_id", "date", "shift_id"}`."""
    status: SwapStatus = Field(sa_type=enum_column(SwapStatus))
    reason: str = Field(default="", max_length=200)
    decided_by: int | None = Field(default=None, foreign_key="user.id")
    created_at: datetime
    updated_at: datetime


class NoticeChoice(SQLModel, table=True):
    """What a person wants to be told of their roster, and what they were told already."""

    __tablename__ = "notice_choice"
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    tells_changes: bool = True
    tomorrow_at: str | None = Field(default=None, max_length=5)
    """HH:MM at which tomorrow's shift is told; None: never."""
    told_change_id: int = 0
    told_tomorrow: date | None = None
    """The newest date that was told as tomorrow."""
