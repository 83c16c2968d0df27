"""Tables of reminders and punches."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from daka.columns import Mapped, PartialIndex, Table, enum_column, json_column
from daka.reminders.states import ReminderStatus
from daka.shifts.times import PunchKind


class Reminder(Table, table=True):
    """提醒: the durable row of one punch point: when it is due next, until when, and how it ended."""

    __table_args__ = (
        sa.UniqueConstraint("user_id", "work_date", "period", "kind"),
        # For the worker. Ended reminders leave the index, so its cost does not grow with history.
        PartialIndex("ix_reminder_next_due_at", "next_due_at", where="next_due_at IS NOT NULL"),
        # For lists, in their order, and for metrics.
        sa.Index("ix_reminder_point_at", "point_at", "id", "status"),
        sa.Index("ix_reminder_user_id", "user_id", "point_at", "id"),
        sa.Index("ix_reminder_work_date", "work_date", "point_at", "id"),
        # For Today.
        sa.Index("ix_reminder_status", "work_date", "status", "closes_at"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date]
    period: Mapped[int]
    """Index of the period inside the shift, from 0."""
    kind: Mapped[PunchKind] = Field(sa_type=enum_column(PunchKind))
    shift_id: Mapped[int] = Field(foreign_key="shift.id")

    point_at: Mapped[datetime]
    """When the person must punch."""
    asked_at: Mapped[datetime | None] = Field(default=None)
    """The punch point with its overtime: as planned, or once answered, as it was then. None: not planned since this is kept."""
    former_answers: Mapped[list[list[str]] | None] = Field(default=None, sa_type=json_column())
    """What was answered before the punch point moved away, for if it comes back: `asked_at`, status, `ended_by`, `ended_at`."""
    opens_at: Mapped[datetime]
    """The first step."""
    closes_at: Mapped[datetime]
    """The last moment at which a step may be due."""
    every_minutes: Mapped[int | None] = Field(default=None)
    """Minutes between steps; None reminds once."""
    escalate_at: Mapped[datetime | None] = Field(default=None)
    """When it is escalated to the team's channels and planners."""
    team_from_at: Mapped[datetime | None] = Field(default=None)
    """From then on reminders also go to the team's channels."""
    quiet_spans: Mapped[list[list[str]] | None] = Field(default=None, sa_type=json_column())
    """Quiet hours that overlap the window, as first moment and end. The steps inside become one step at the end."""

    status: Mapped[ReminderStatus] = Field(sa_type=enum_column(ReminderStatus))
    next_due_at: Mapped[datetime | None] = Field(default=None)
    """When the worker evaluates it next; None once it has ended."""
    steps_sent: Mapped[int] = Field(default=0)
    escalated_at: Mapped[datetime | None] = Field(default=None)
    snoozed_until: Mapped[datetime | None] = Field(default=None)
    ended_at: Mapped[datetime | None] = Field(default=None)
    ended_by: Mapped[str] = Field(default="", max_length=40)
    """What ended it: `web`, `link`, `api`, `chat`, `leave`, `skip`, `roster`, `window`, `assigned_too_late`, or a source."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PendingReplan(Table, table=True):
    """A person whose reminders the worker has yet to plan, after a change of very many people."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    first_date: Mapped[date | None] = Field(default=None)
    """None: from the first day that planning covers."""
    last_date: Mapped[date | None] = Field(default=None)


class Punch(Table, table=True):
    """打卡: a fact that the user did clock in or out, with its source."""

    __table_args__ = (
        sa.UniqueConstraint("user_id", "work_date", "period", "kind"),
        # For lists, in their order.
        sa.Index("ix_punch_user_id", "user_id", "id"),
        sa.Index("ix_punch_work_date", "work_date", "id"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date]
    period: Mapped[int]
    kind: Mapped[PunchKind] = Field(sa_type=enum_column(PunchKind))
    at: Mapped[datetime]
    source: Mapped[str] = Field(max_length=40)
    created_at: Mapped[datetime]
