"""Tables of the roster: cells and their changes, required headcounts, patterns, feeds and notices."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column


class Assignment(Table, table=True):
    """排班: one user, one work date, one shift."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date] = Field(index=True)
    shift_id: Mapped[int] = Field(foreign_key="shift.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    """The team that the shift is worked in: its zone and policy apply, also after the person has moved to another team."""
    updated_at: Mapped[datetime]


class DraftCell(Table, table=True):
    """草稿: what a cell will be once it is published. The assignments are what is published; a cell without a draft stays."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date] = Field(index=True)
    shift_id: Mapped[int | None] = Field(default=None, foreign_key="shift.id", index=True)
    """None: blank."""
    base_shift_id: Mapped[int | None] = Field(default=None)
    """What was published when this was drafted."""
    drafted_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    updated_at: Mapped[datetime]


class CellNote(Table, table=True):
    """A planner's words about one cell, for the planners of that person."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date] = Field(index=True)
    text: Mapped[str] = Field(max_length=200)
    written_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    at: Mapped[datetime] = Field(default_factory=clock.now)


class ActionKind(StrEnum):
    """What a planner did to the roster."""

    EDITED = "edited"
    FILLED = "filled"
    COPIED = "copied"
    IMPORTED = "imported"
    PROPOSED = "proposed"
    PULLED = "pulled"


class RosterAction(Table, table=True):
    """What a planner did at once and undoes at once: its changes have its id, those of undoing and redoing it do not."""

    __table_args__ = (
        sa.UniqueConstraint("made_by", "key"),
        sa.Index("ix_roster_action_made_by_at", "made_by", "at"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    kind: Mapped[ActionKind] = Field(sa_type=enum_column(ActionKind))
    made_by: Mapped[int] = Field(foreign_key="user.id")
    key: Mapped[str | None] = Field(default=None, max_length=24)
    """The client's name for it: later requests with the same key belong to the same action."""
    at: Mapped[datetime] = Field(default_factory=clock.now)
    undone_at: Mapped[datetime | None] = Field(default=None)


class RosterChange(Table, table=True):
    """One changed cell. Its id is the roster's revision; a client that has a lower one for this team is out of date."""

    __table_args__ = (sa.Index("ix_roster_change_team_id_id", "team_id", "id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date]
    before_shift_id: Mapped[int | None] = Field(default=None)
    after_shift_id: Mapped[int | None] = Field(default=None)
    changed_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    action_id: Mapped[int | None] = Field(default=None, foreign_key="roster_action.id", index=True)
    is_draft: Mapped[bool] = Field(default=False)
    """A change of the draft: for planners; nobody is told, and nothing is planned for it."""
    at: Mapped[datetime] = Field(index=True)


class NoticeChoice(Table, table=True):
    """A person's roster notices: which they want, and which they have received."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    tells_changes: Mapped[bool] = Field(default=True)
    tomorrow_at: Mapped[str | None] = Field(default=None, max_length=5)
    """HH:MM at which tomorrow's shift is sent; None: never."""
    told_change_id: Mapped[int] = Field(default=0)
    """The latest `RosterChange` included in a notice."""
    told_tomorrow: Mapped[date | None] = Field(default=None)
    """The latest date announced as tomorrow."""
    tells_month: Mapped[bool] = Field(default=False)
    """Whether the report of the last month also goes to their own channels."""
    told_month: Mapped[date | None] = Field(default=None)
    """The first day of the latest month reported on."""


class CalendarFeed(Table, table=True):
    """A secret address that serves shifts as iCalendar: the owner's, or those of one of their teams."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    name: Mapped[str] = Field(max_length=80)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    token_version: Mapped[int]
    """The account's when this was made, see `identity.grants`."""
    alarm_minutes: Mapped[int | None] = Field(default=None)
    """An alarm this long before each start, and one at each end; None: no alarms."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    last_read_at: Mapped[datetime | None] = Field(default=None)


class CoverageNeed(Table, table=True):
    """The required headcount of a shift in a team, for one day type."""

    __table_args__ = (sa.UniqueConstraint("team_id", "shift_id", "day"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id")
    shift_id: Mapped[int] = Field(foreign_key="shift.id")
    day: Mapped[str] = Field(max_length=16)
    """`any`, a weekday (`mon` … `sun`) or a day kind; see `rules.needed_people`."""
    people: Mapped[int]


class Pattern(Table, table=True):
    """A named shift cycle for filling rosters."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    """None: shared by all teams."""
    name: Mapped[str] = Field(max_length=40)
    cycle: Mapped[list[int | None]] = Field(sa_type=json_column())
    """Shift ids; None means a day without a shift."""
    starts_on_monday: Mapped[bool] = Field(default=False)
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
