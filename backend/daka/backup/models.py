"""Table of backup runs and their results."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka.columns import Mapped, Table, enum_column


class BackupTrouble(StrEnum):
    """Reason for a failure, shown to people; `error` has the exact message."""

    NO_SPACE = "no_space"
    NOT_WRITABLE = "not_writable"
    DATABASE = "database"
    """The database could not be read."""
    OTHER_VERSION = "other_version"
    """The schema is not that of this version."""
    NOT_WHOLE = "not_whole"
    """The written file failed verification."""
    INTERRUPTED = "interrupted"
    """The process ended before it finished."""
    UNKNOWN = "unknown"


class BackupRun(Table, table=True):
    """备份: one backup run. Inserting the row claims it, so that only one worker makes the backup."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    started_at: Mapped[datetime] = Field(index=True)
    finished_at: Mapped[datetime | None] = Field(default=None)
    """None while it runs, or if its process ended before it finished."""
    error: Mapped[str] = Field(default="", max_length=400)
    """The error message of a failed run; empty on success."""
    trouble: Mapped[BackupTrouble | None] = Field(default=None, sa_type=enum_column(BackupTrouble))
    file: Mapped[str] = Field(default="", max_length=400)
    size_bytes: Mapped[int] = Field(default=0, sa_type=sa.BigInteger)
    row_count: Mapped[int] = Field(default=0, sa_type=sa.BigInteger)
    made_by: Mapped[str] = Field(default="", max_length=80)
