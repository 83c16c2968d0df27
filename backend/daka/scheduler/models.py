"""Tables of the scheduler: whether it is paused, and its workers."""

from datetime import datetime

from sqlmodel import Field

from daka.columns import Mapped, Table


class SchedulerState(Table, table=True):
    """One row: whether reminding is paused."""

    id: Mapped[int] = Field(default=1, primary_key=True)
    paused_at: Mapped[datetime | None] = Field(default=None)
    paused_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")


class Worker(Table, table=True):
    """One worker process and its heartbeat."""

    id: Mapped[str] = Field(primary_key=True, max_length=80)
    started_at: Mapped[datetime]
    last_tick_at: Mapped[datetime] = Field(index=True)
    last_lateness_ms: Mapped[int] = Field(default=0)
    """How late the newest claimed reminder was."""
