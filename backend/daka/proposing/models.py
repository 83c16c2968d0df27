"""Tables of proposals, and of what people's contracts say about their rosters."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from daka import clock
from daka.database import Mapped, Table, enum_column, json_column


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
