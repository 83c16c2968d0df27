"""Tables of imports and their remembered mappings."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column


class ImportStatus(StrEnum):
    RUNNING = "running"
    CHECKED = "checked"
    """A finished dry run."""
    DONE = "done"
    REFUSED = "refused"
    """Nothing was written: the file has problems or cannot be read."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The process that ran it ended; nothing was written."""


class RosterImport(Table, table=True):
    """One import of a file: its progress while it runs, then its outcome."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    file_name: Mapped[str] = Field(max_length=200)
    is_dry_run: Mapped[bool]
    status: Mapped[ImportStatus] = Field(sa_type=enum_column(ImportStatus))
    percent: Mapped[int] = Field(default=0)
    outcome: Mapped[dict[str, object] | None] = Field(default=None, sa_type=json_column())
    cancel_asked: Mapped[bool] = Field(default=False)
    created_by: Mapped[int] = Field(foreign_key="user.id", index=True)
    created_at: Mapped[datetime] = Field(default_factory=clock.now, index=True)
    seen_at: Mapped[datetime]
    """When the process that runs it last reported progress."""


class ImportMapping(Table, table=True):
    """What a word in a team's files meant at the last import, so that it need not be mapped every month."""

    __table_args__ = (sa.UniqueConstraint("team_id", "kind", "word_key"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id")
    kind: Mapped[str] = Field(max_length=6)
    """`person` or `shift`."""
    word_key: Mapped[str] = Field(max_length=200)
    """The word normalised by `reading.key`."""
    word: Mapped[str] = Field(max_length=200)
    meaning: Mapped[str] = Field(max_length=5)
    """`user`, `shift`, `skip` or `clear`."""
    user_id: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    shift_id: Mapped[int | None] = Field(default=None, foreign_key="shift.id")
    used_at: Mapped[datetime]
