"""Tables of reminders and punches."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import enum_column
from daka.reminders.states import ReminderStatus
from daka.shifts.times import PunchKind


class Reminder(SQLModel, table=True):
    """提醒: the durable row for one punch point: when it is due next, until when, and how it ended."""

    __table_args__ = (
        sa.UniqueConstraint("user_id", "work_date", "period", "kind"),
        # The scheduler's question. Ended reminders leave the index, so its cost does not grow with history.
        sa.Index(
            "ix_reminder_next_due_at",
            "next_due_at",
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        ),
        sa.Index("ix_reminder_point_at", "point_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    work_date: date = Field(index=True)
    period: int
    """Index of the period inside the shift, from 0."""
    kind: PunchKind = Field(sa_type=enum_column(PunchKind))
    shift_id: int = Field(foreign_key="shift.id")

    point_at: datetime
    """When the person must punch."""
    opens_at: datetime
    """The first step."""
    closes_at: datetime
    """The last moment at which a step may be due."""
    every_minutes: int | None = None
    """Distance of the steps; None reminds once."""
    escalate_at: datetime | None = None
    """When the team's channel and planners are told."""
    team_from_at: datetime | None = None
    """From here on the team's channels are told along with the person's."""
    quiet_from: datetime | None = None
    quiet_until: datetime | None = None
    """Quiet hours that overlap the window: steps inside are one step at their end."""

    status: ReminderStatus = Field(sa_type=enum_column(ReminderStatus))
    next_due_at: datetime | None = None
    """When the scheduler looks at it next; None once it has ended."""
    steps_sent: int = 0
    escalated_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = Field(default="", max_length=40)
    """What ended it: `web`, `link`, `api`, `leave`, `skip`, `roster`, `window`, or the punch's source."""
    created_at: datetime
    updated_at: datetime


class PlanDebt(SQLModel, table=True):
    """Somebody whose reminders are still to be planned after a change of very many people; the worker does it in slices."""

    __tablename__ = "plan_debt"
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    first_date: date | None = None
    """None: from the first day on that planning looks at."""
    last_date: date | None = None


class Punch(SQLModel, table=True):
    """打卡: a fact that the user did clock in or out, with its source."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date", "period", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    work_date: date = Field(index=True)
    period: int
    kind: PunchKind = Field(sa_type=enum_column(PunchKind))
    at: datetime
    source: str = Field(max_length=40)
    created_at: datetime


class SchedulerState(SQLModel, table=True):
    """One row: whether reminding is paused."""

    __tablename__ = "scheduler_state"
    id: int = Field(default=1, primary_key=True)
    paused_at: datetime | None = None
    paused_by: int | None = Field(default=None, foreign_key="user.id")


class Worker(SQLModel, table=True):
    """One scheduler process and its heartbeat."""

    id: str = Field(primary_key=True, max_length=80)
    started_at: datetime
    last_tick_at: datetime = Field(index=True)
    last_lateness_ms: int = 0
    """How late the newest claimed reminder was."""
