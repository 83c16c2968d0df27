"""Tables of punch sources and of their latest results."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column
from daka.reminders.punches.results import PunchState


class SourceStatus(StrEnum):
    OK = "ok"
    UNTRIED = "untried"
    """Shown, never stored: it has not answered yet."""
    BROKEN = "broken"
    """Does not work until a person changes something."""
    FAILING = "failing"
    """No usable answer, several times in a row."""
    OVER_BUDGET = "over_budget"
    """This month's calls are used up."""


class PunchSource(Table, table=True):
    """打卡数据源: an external service that is asked who punched. Belongs to a team, or (no team) serves the whole server."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    name: Mapped[str] = Field(max_length=80)
    kind: Mapped[str] = Field(max_length=32)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    environment_name: Mapped[str | None] = Field(default=None, max_length=32, unique=True)
    """`CHECK_URL` for the source set in the environment: it serves the people whom no other source serves."""
    config: Mapped[dict[str, object]] = Field(sa_type=json_column())
    """Settings except the secret ones."""
    sealed_secrets: Mapped[str] = Field(default="")
    """The secret settings, encrypted."""
    account: Mapped[str] = Field(max_length=40)
    """Hash of the account whose monthly calls it uses (see `SourceKind.account`)."""
    is_enabled: Mapped[bool] = Field(default=True)

    status: Mapped[SourceStatus] = Field(default=SourceStatus.OK, sa_type=enum_column(SourceStatus))
    status_reason: Mapped[str] = Field(default="", max_length=400)
    """The provider's own code and words."""
    status_hint: Mapped[str] = Field(default="", max_length=40)
    """Code of the remedy (see `remedies.HINTS`)."""
    status_at: Mapped[datetime | None] = Field(default=None)
    failures: Mapped[int] = Field(default=0)
    """Checks in a row without a usable answer."""
    throttled_until: Mapped[datetime | None] = Field(default=None)
    """Not asked before then."""
    asked_at: Mapped[datetime | None] = Field(default=None)
    answered_at: Mapped[datetime | None] = Field(default=None)
    leased_until: Mapped[datetime | None] = Field(default=None)
    leased_by: Mapped[str] = Field(default="", max_length=80)
    """Token of the running check, so that no two processes ask the same."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    deleted_at: Mapped[datetime | None] = Field(default=None)


class PunchCheck(Table, table=True):
    """A source's latest result for one reminder's punch point."""

    reminder_id: Mapped[int] = Field(foreign_key="reminder.id", primary_key=True, ondelete="CASCADE")
    source_id: Mapped[int] = Field(foreign_key="punch_source.id", primary_key=True, index=True, ondelete="CASCADE")
    state: Mapped[PunchState] = Field(sa_type=enum_column(PunchState))
    reason: Mapped[str] = Field(default="", max_length=40)
    asked_at: Mapped[datetime] = Field(index=True)
