"""What the page Today shows."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from daka.backup.models import BackupTrouble
from daka.delivery.schemas import RemedyText
from daka.reminders.punches.schemas import BrokenSource
from daka.reminders.schemas import ReminderRead, SchedulerRead
from daka.reminders.states import ReminderStatus
from daka.roster.schemas import DayRead
from daka.shifts.schemas import ShiftRead
from daka.shifts.times import PunchKind


class PeriodSpan(BaseModel):
    start_at: datetime
    end_at: datetime


class UpcomingShift(BaseModel):
    work_date: date
    shift: ShiftRead
    start_at: datetime | None
    end_at: datetime | None


class Mine(BaseModel):
    """One's own day. A night shift that runs past midnight is still yesterday's work date."""

    work_date: date
    day: DayRead
    shift: ShiftRead | None
    periods: list[PeriodSpan]
    reminders: list[ReminderRead] = Field(description="Punch points of this work date, in order")
    next_punch: ReminderRead | None = Field(description="The open punch point that comes first")
    next_shift: UpcomingShift | None
    unread_messages: int


class Punching(BaseModel):
    id: int
    kind: PunchKind
    point_at: datetime
    status: ReminderStatus


class LanePerson(BaseModel):
    user_id: int
    display_name: str
    reminders: list[Punching]


class ShiftLane(BaseModel):
    team_id: int | None
    work_date: date
    shift: ShiftRead
    people: list[LanePerson]


class Counts(BaseModel):
    to_punch: int = Field(description="Scheduled for today")
    nagging: int = Field(description="Being reminded now")
    missed: int = Field(description="Expired, missed or failed")
    done: int


class BrokenChannel(BaseModel):
    id: int
    name: str
    kind: str
    status_reason: str = Field(description="The provider's own words")
    status_hint: str = Field(description="Code of the remedy")
    status_hint_text: RemedyText | None
    status_since: datetime | None


class NoBackup(BaseModel):
    trouble: BackupTrouble | None = Field(description="Why the latest one failed; null if it is overdue")
    last_good_at: datetime | None


class TeamDay(BaseModel):
    """The state of the teams that one plans."""

    counts: Counts
    lanes: list[ShiftLane]
    broken_channels: list[BrokenChannel]
    broken_sources: list[BrokenSource] = Field(description="Punch sources that do not work")
    provisional_years: list[int]
    scheduler: SchedulerRead
    no_backup: NoBackup | None = Field(description="For administrators: the latest backup failed or is overdue")


class Dashboard(BaseModel):
    now: datetime
    timezone: str
    mine: Mine
    team: TeamDay | None = Field(description="For planners and administrators")
