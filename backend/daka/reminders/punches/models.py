"""Tables of punch sources: where punches are asked for, what they said last, and how many calls the month has seen."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import enum_column, json_column
from daka.reminders.punches.known import Known


class SourceStatus(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    """Cannot work until a person changes something."""
    FAILING = "failing"
    """No usable answer, several times in a row."""
    OVER_BUDGET = "over_budget"
    """The month's calls are used up."""


class PunchSource(SQLModel, table=True):
    """打卡数据源: an outside place that is asked who punched. Owned by a team, or (no team) serving the whole server."""

    __tablename__ = "punch_source"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    kind: str = Field(max_length=32)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    environment_name: str | None = Field(default=None, max_length=32, unique=True)
    """`CHECK_URL` for the source that the environment makes: it serves the people whom no other source serves."""
    config: dict[str, object] = Field(sa_type=json_column())
    """Settings that may be shown."""
    sealed_secrets: str = ""
    """Settings that may not, encrypted."""
    account: str = Field(max_length=40)
    """Hash of whose monthly budget its calls use up."""
    is_enabled: bool = True

    status: SourceStatus = Field(default=SourceStatus.OK, sa_type=enum_column(SourceStatus))
    status_reason: str = Field(default="", max_length=400)
    """The provider's own code and words."""
    status_hint: str = Field(default="", max_length=40)
    """Code of the remedy, which the web app translates."""
    status_at: datetime | None = None
    failures: int = 0
    """Asks in a row without a usable answer."""
    held_until: datetime | None = None
    """Not asked before then."""
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    leased_until: datetime | None = None
    leased_by: str = Field(default="", max_length=80)
    """The process that asks right now, so that no two of them ask the same."""
    created_at: datetime
    deleted_at: datetime | None = None


class PunchCheck(SQLModel, table=True):
    """What a source said last of one reminder's punch point."""

    __tablename__ = "punch_check"
    reminder_id: int = Field(foreign_key="reminder.id", primary_key=True, ondelete="CASCADE")
    source_id: int = Field(foreign_key="punch_source.id", primary_key=True, index=True, ondelete="CASCADE")
    known: Known = Field(sa_type=enum_column(Known))
    reason: str = Field(default="", max_length=40)
    asked_at: datetime = Field(index=True)


class PunchBudget(SQLModel, table=True):
    """How many calls an account has used in a calendar month, for questions and for messages."""

    __tablename__ = "punch_budget"
    __table_args__ = (sa.CheckConstraint("calls >= 0", name="calls"),)
    account: str = Field(primary_key=True, max_length=40)
    month: str = Field(primary_key=True, max_length=7)
    """`2026-11`, in Beijing's calendar, by which the vendors bill."""
    calls: int = 0
