"""Tables of proposals, of what people's contracts say about their rosters, and of what people wish for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column
from daka.proposing.wish_kinds import WishKind


class ProposalStatus(StrEnum):
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    """Nothing could be computed; `outcome` says why."""
    APPLIED = "applied"
    INTERRUPTED = "interrupted"
    """The process that computed it ended."""


class Proposal(Table, table=True):
    """建议排班: cells proposed for a team and a span; nothing of it is in the roster before it is applied."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id", index=True)
    first_date: Mapped[date]
    last_date: Mapped[date]
    status: Mapped[ProposalStatus] = Field(sa_type=enum_column(ProposalStatus))
    asked: Mapped[dict[str, Any]] = Field(sa_type=json_column())
    """The request, with the seed: the same again gives the same on the same roster."""
    revision: Mapped[int]
    """Of the roster that it was computed from."""
    progress: Mapped[dict[str, Any] | None] = Field(default=None, sa_type=json_column())
    outcome: Mapped[dict[str, Any] | None] = Field(default=None, sa_type=json_column())
    stop_asked: Mapped[bool] = Field(default=False)
    created_by: Mapped[int] = Field(foreign_key="user.id", index=True)
    created_at: Mapped[datetime] = Field(default_factory=clock.now, index=True)
    seen_at: Mapped[datetime] = Field(default_factory=clock.now)
    """When the process that computes it last reported."""


class WorkTerms(Table, table=True):
    """What one person's contract says. Without a row: every shift, and no limit of hours."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    shift_ids: Mapped[list[int] | None] = Field(default=None, sa_type=json_column())
    """The shifts that may be proposed; None: all."""
    least_hours: Mapped[float | None] = Field(default=None)
    """In a calendar month."""
    most_hours: Mapped[float | None] = Field(default=None)
    most_days: Mapped[int | None] = Field(default=None)
    """In a row; None: as for everybody."""


class WishCall(Table, table=True):
    """A planner asks a team's people for wishes: for which days, and until when. A team has one at a time."""

    team_id: Mapped[int] = Field(foreign_key="team.id", primary_key=True, ondelete="CASCADE")
    first_date: Mapped[date]
    last_date: Mapped[date]
    closes_on: Mapped[date]
    """The last day, in the team's time zone, on which wishes may change."""
    most: Mapped[int]
    """So many days each person may wish for."""


class Wish(Table, table=True):
    """意愿: what somebody would like for one work date. It binds nobody; proposals weigh it."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    work_date: Mapped[date] = Field(primary_key=True)
    kind: Mapped[WishKind] = Field(sa_type=enum_column(WishKind))
    shift_id: Mapped[int | None] = Field(default=None, foreign_key="shift.id")
    """Which shift is wanted or not; None where a free day is."""
