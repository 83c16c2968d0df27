"""Tables of roster sources, of what was published to them, and of the departments from which a team's people come."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column


class PullStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    """No usable answer; the roster stays as it was."""
    STALE = "stale"
    """Too many days were gone at once; the roster stays until a planner agrees."""


class Direction(StrEnum):
    """Which way a roster goes between here and the attendance system: never both."""

    PULL = "pull"
    PUSH = "push"
    OFF = "off"


class PushStatus(StrEnum):
    WRITING = "writing"
    """Asked for; if the process ended meanwhile, reading back tells how far it came."""
    WRITTEN = "written"
    """Accepted by the vendor, not yet read back for the last time."""
    VERIFIED = "verified"
    DIFFERS = "differs"
    """Some of it does not show there."""
    UNVERIFIED = "unverified"
    """It could not be read back."""


class RosterSource(Table, table=True):
    """排班数据源: a team's roster is read from (or written to) its attendance system, with the app of the team's punch source."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    punch_source_id: Mapped[int] = Field(foreign_key="punch_source.id", unique=True)
    operator_userid: Mapped[str] = Field(default="", max_length=64)
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
    next_at: Mapped[datetime] = Field(default_factory=clock.now, index=True)
    changed: Mapped[int] = Field(default=0)
    """Cells that the last pull changed."""
    kept: Mapped[int] = Field(default=0)
    """Cells that differ from the vendor's because a planner changed them here."""
    newcomers: Mapped[int] = Field(default=0)
    """People in the team's departments who have no account here."""
    leavers: Mapped[int] = Field(default=0)
    """Accounts of the team whose person the vendor no longer has."""
    direction: Mapped[Direction] = Field(default=Direction.PULL, sa_type=enum_column(Direction))
    pushed: Mapped[dict[str, int | None]] = Field(default_factory=dict, sa_type=json_column())
    """What the last publications left there, from their days on, as `imported`."""
    push_shifts: Mapped[dict[str, str]] = Field(default_factory=dict, sa_type=json_column())
    """The vendor's shift by ours, as planners chose: `{"5": "501"}`."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class RosterPush(Table, table=True):
    """发布: cells of a roster that a planner had written into the attendance system, until they were read back."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    punch_source_id: Mapped[int] = Field(foreign_key="punch_source.id", index=True)
    started_by: Mapped[int] = Field(foreign_key="user.id")
    """Who is told if it does not show there."""
    at: Mapped[datetime] = Field(default_factory=clock.now)
    first: Mapped[date]
    last: Mapped[date]
    operator_userid: Mapped[str] = Field(default="", max_length=64)
    cells: Mapped[int]
    entries: Mapped[list[list[Any]]] = Field(sa_type=json_column())
    """`[user id, userid, "2026-01-05", group, vendor's shift ("" a rest, null none), our shift]`, until it was read back."""
    differences: Mapped[list[list[Any]]] = Field(default_factory=list, sa_type=json_column())
    """Those that did not show when last read back."""
    status: Mapped[PushStatus] = Field(sa_type=enum_column(PushStatus))
    checks: Mapped[int] = Field(default=0)
    next_check_at: Mapped[datetime | None] = Field(default=None, index=True)
    """When it is read back; None: it has ended."""
    reason: Mapped[str] = Field(default="", max_length=400)
    """Why not all was written or read back: the provider's own code and words."""


class SyncedDepartment(Table, table=True):
    """A vendor's department whose people belong to the team of a punch source, with those of the departments below it."""

    __table_args__ = (sa.UniqueConstraint("punch_source_id", "department_id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    punch_source_id: Mapped[int] = Field(foreign_key="punch_source.id")
    department_id: Mapped[str] = Field(max_length=64)
