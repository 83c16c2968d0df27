"""Table of backups: what was made, by whom, and how it went."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import Mapped, enum_column


class BackupTrouble(StrEnum):
    """Why there is no backup, for people; `error` has the exact words."""

    NO_SPACE = "no_space"
    NOT_WRITABLE = "not_writable"
    DATABASE = "database"
    """It could not be read."""
    OTHER_VERSION = "other_version"
    """The tables are not this version's."""
    NOT_WHOLE = "not_whole"
    """What was written could not be read again."""
    INTERRUPTED = "interrupted"
    """Its process ended in the middle."""
    UNKNOWN = "unknown"


class BackupRun(SQLModel, table=True):
    """备份: one backup. Inserting it is the claim, so that one of many workers makes it."""

    __tablename__ = "backup_run"
    id: Mapped[int] = Field(default=None, primary_key=True)
    started_at: Mapped[datetime] = Field(index=True)
    finished_at: Mapped[datetime | None] = Field(default=None)
    """None while it runs, or when its process ended in the middle."""
    error: Mapped[str] = Field(default="", max_length=400)
    """Why there is no backup; empty if there is one."""
    trouble: Mapped[BackupTrouble | None] = Field(default=None, sa_type=enum_column(BackupTrouble))
    file: Mapped[str] = Field(default="", max_length=400)
    size_bytes: Mapped[int] = Field(default=0, sa_type=sa.BigInteger)
    row_count: Mapped[int] = Field(default=0, sa_type=sa.BigInteger)
    made_by: Mapped[str] = Field(default="", max_length=80)
