"""API schemas of backups."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Path
from pydantic import Field

from daka.backup.models import BackupTrouble
from daka.backup.service import BackupState
from daka.schema import Schema

FileName = Annotated[str, Path(pattern=r"^daka-[0-9]{8}T[0-9]{6}Z\.jsonl\.gz(\.sealed)?$", max_length=64)]


class BackupStatus(StrEnum):
    RUNNING = "running"
    KEPT = "kept"
    FAILED = "failed"
    MISSING = "missing"
    """The backup succeeded, but its file is not in BACKUP_DIR of the process that answers: written elsewhere, or taken away."""


class BackupRead(Schema):
    status: BackupStatus
    name: str = Field(
        description="The file name, of a missing one its path; empty while the backup is running, and if it failed"
    )
    started_at: datetime
    finished_at: datetime | None
    size_bytes: int
    row_count: int | None = Field(
        description="Null for a file that is unknown to this database, for example from before a restore"
    )
    is_encrypted: bool
    trouble: BackupTrouble | None = Field(description="Reason of the failure")
    error: str = Field(description="The exact error message")


class BackupsRead(Schema):
    state: BackupState
    is_running: bool
    last_good_at: datetime | None
    next_at: datetime | None = Field(description="Null if BACKUP_EVERY_HOURS is 0")
    every_hours: int
    keep: int
    keep_days: int
    is_encrypting: bool = Field(description="Whether BACKUP_KEY is set")
    folder: str
    items: list[BackupRead] = Field(description="Kept, failed and running backups, newest first")
