"""API schemas of the page Today."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from daka.backup.models import BackupTrouble
from daka.delivery.schemas import BrokenChannel
from daka.identity.schemas import RowId
from daka.notices.month_report import Advice
from daka.paging import Cursor, Limit
from daka.reminders.punches.schemas import BrokenSource
from daka.reminders.schemas import ReminderRead
from daka.reminders.states import ReminderStatus
from daka.roster.drafts.schemas import UnpublishedTeam
from daka.roster.schemas import DayRead, WorkDate
from daka.schema import Schema
from daka.shifts.schemas import ShiftRead
from daka.shifts.times import PunchKind
from daka.syncing.schemas import RosterTrouble


class PeriodSpan(Schema):
    start_at: datetime
    end_at: datetime


class UpcomingShift(Schema):
    work_date: date
    shift: ShiftRead
    start_at: datetime | None
    end_at: datetime | None


class MyDay(Schema):
    """The user's own day. A night shift that runs past midnight still belongs to yesterday's work date."""

    work_date: date
    day: DayRead
    shift: ShiftRead | None
    periods: list[PeriodSpan]
    reminders: list[ReminderRead] = Field(description="Reminders of this work date, in order of their punch points")
    next_punch: ReminderRead | None = Field(description="The first open reminder")
    next_shift: UpcomingShift | None
    unread_messages: int


class ReminderSummary(Schema):
    id: int
    kind: PunchKind
    point_at: datetime
    status: ReminderStatus
    ended_by: str


class ShiftGroupPerson(Schema):
    user_id: int
    display_name: str
    reminders: list[ReminderSummary]


class ShiftGroup(Schema):
    team_id: int | None
    work_date: date
    shift: ShiftRead
    count: int = Field(description="How many people it has")
    people: list[ShiftGroupPerson] = Field(
        description="All of them; where one sees very many people, those who are being reminded or have missed a punch"
    )


class PersonState(StrEnum):
    TO_PUNCH = "to_punch"
    NAGGING = "nagging"
    MISSED = "missed"


class TodaySearch(Schema):
    """Which people of today; null means any."""

    state: PersonState | None = None
    team_id: int | None = Field(default=None, ge=0, lt=2**31, description="0: people without a team")
    shift_id: RowId | None = None
    work_date: WorkDate | None = None
    limit: Limit = 100
    cursor: Cursor = None


class PeoplePage(Schema):
    """One page of the people of today, in groups by team, work date and shift."""

    items: list[ShiftGroup]
    next_cursor: str | None


class ReminderCounts(Schema):
    to_punch: int = Field(description="Scheduled for today")
    nagging: int = Field(description="Currently being reminded")
    missed: int = Field(description="Expired, missed or failed")
    done: int


class UnreachedPerson(Schema):
    """Somebody whose reminders are only among the messages on Today: no channel of theirs, their team or the server works."""

    user_id: int
    display_name: str


class BackupProblem(Schema):
    trouble: BackupTrouble | None = Field(description="Why the latest backup failed; null if it is overdue")
    last_good_at: datetime | None


class SchedulerRead(Schema):
    """Whether reminding works right now."""

    is_paused: bool
    is_clock_wrong: bool = Field(
        description="The clock shows a date before this version: nothing is sent until it is set"
    )
    paused_at: datetime | None
    is_alive: bool = Field(description="Whether any worker has a recent heartbeat")
    last_tick_at: datetime | None
    next_due_at: datetime | None
    queue_length: int = Field(description="Deliveries waiting to be sent")
    lateness_ms: int = Field(description="How late the most recently claimed reminder was")
    workers: int


class TeamDay(Schema):
    """The state of the teams that the user plans."""

    counts: ReminderCounts
    groups: list[ShiftGroup] = Field(description="The people of today by team, work date and shift")
    broken_channels: list[BrokenChannel]
    unreached: list[UnreachedPerson] = Field(
        description="People with open reminders today whom no channel reaches: they are kept in the inbox only"
    )
    broken_sources: list[BrokenSource] = Field(description="Punch sources that do not work")
    broken_rosters: list[RosterTrouble] = Field(description="Rosters that are not read from DingTalk any more")
    provisional_years: list[int]
    unpublished: list[UnpublishedTeam] = Field(description="Teams with drafts that are not published")
    scheduler: SchedulerRead
    no_backup: BackupProblem | None = Field(description="For administrators: the latest backup failed or is overdue")


class Dashboard(Schema):
    now: datetime
    timezone: str
    mine: MyDay
    team: TeamDay | None = Field(description="For planners and administrators")


class MonthReportRead(Schema):
    """How a person's month went, in numbers and words."""

    month: str = Field(description="YYYY-MM")
    asked: int = Field(description="Punch points that were not skipped")
    late: int = Field(description="Clock-ins a minute or more after the punch point")
    missed: int = Field(description="Without any record of a punch")
    told_afterwards: int = Field(description="Recorded after reminding had ended")
    advice: list[Advice] = Field(description="What would have helped")
    title: str
    text: str = Field(description="In the language of your messages")
