"""Tables of roster sources and of the departments from which a team's people come."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.database import Mapped, Table, enum_column, json_column


class PullStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    """No usable answer; the roster stays as it was."""
    STALE = "stale"
    """Too many days were gone at once; the roster stays until a planner agrees."""


class RosterSource(Table, table=True):
    """排班数据源: a team's roster is read from an attendance system, with the app of the team's punch source."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    punch_source_id: Mapped[int] = Field(foreign_key="punch_source.id", unique=True)
    operator_userid: Mapped[str] = Field(max_length=64)
    """In whose name DingTalk reads schedules: somebody who manages an attendance group."""
    started_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    """Who had the roster read first: pulls are their actions, which they can undo."""
    imported: Mapped[dict[str, int | None]] = Field(default_factory=dict, sa_type=json_column())
    """What the last pull left in each cell from its day on: `{"12 2026-01-05": shift id or null}`."""
    leaves: Mapped[dict[str, int]] = Field(default_factory=dict, sa_type=json_column())
    """Absence by what it covers, from the last pull's day on: `{"12 2026-01-05": id, "12 2026-01-06 clock_in 0": id}`."""
    status: Mapped[PullStatus] = Field(default=PullStatus.OK, sa_type=enum_column(PullStatus))
    reason: Mapped[str] = Field(default="", max_length=400)
    """The provider's own code and words."""
    hint: Mapped[str] = Field(default="", max_length=40)
    pulled_at: Mapped[datetime | None] = Field(default=None)
    """When a pull last succeeded."""
    next_at: Mapped[datetime] = Field(index=True)
    changed: Mapped[int] = Field(default=0)
    """Cells that the last pull changed."""
    kept: Mapped[int] = Field(default=0)
    """Cells that differ from the vendor's because a planner changed them here."""
    newcomers: Mapped[int] = Field(default=0)
    """People in the team's departments who have no account here."""
    leavers: Mapped[int] = Field(default=0)
    """Accounts of the team whose person the vendor no longer has."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class SyncedDepartment(Table, table=True):
    """A vendor's department whose people belong to the team of a punch source, with those of the departments below it."""

    __table_args__ = (sa.UniqueConstraint("punch_source_id", "department_id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    punch_source_id: Mapped[int] = Field(foreign_key="punch_source.id")
    department_id: Mapped[str] = Field(max_length=64)
