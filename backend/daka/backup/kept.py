"""The list of backups for administrators: the files in BACKUP_DIR, combined with the runs in the database."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.models import BackupRun
from daka.backup.retention import SEALED, made_at
from daka.backup.schemas import BackupRead, BackupsRead, BackupStatus
from daka.backup.service import backup_summary, is_running, next_backup_at
from daka.database import settings_in

MOST_SHOWN = 400
"""More than a year of daily backups."""


async def backups_read(session: AsyncSession) -> BackupsRead:
    """The state of backups, and the list of them."""
    settings, now = settings_in(session), clock.now()
    # In this order: a run that ends meanwhile is still listed as running, never as kept without its file or its state.
    runs = list(await session.exec(select(BackupRun).order_by(BackupRun.id.desc()).limit(MOST_SHOWN)))
    files = await asyncio.to_thread(kept_files, settings.backup_folder)
    summary = await backup_summary(session, now)
    last_good = summary.last_good
    shown = [read for run in runs if (read := _of_run(run, files, is_newest=run is last_good)) is not None]
    known = {read.name for read in shown}
    shown += [
        _of_file(name, size, made) for name, size in files.items() if name not in known and (made := made_at(name))
    ]
    return BackupsRead(
        state=summary.state,
        is_running=any(is_running(run, now) for run in runs[:1]),
        last_good_at=last_good.started_at if last_good else None,
        next_at=next_backup_at(settings, now, summary),
        every_hours=settings.backup_every_hours,
        keep=settings.backup_keep,
        keep_days=settings.backup_keep_days,
        is_encrypting=bool(settings.backup_key),
        folder=str(settings.backup_folder.absolute()),
        items=sorted(shown, key=lambda read: read.started_at, reverse=True)[:MOST_SHOWN],
    )


def kept_files(folder: Path) -> dict[str, int]:
    """File name → size in bytes of the backups in a folder; empty if the folder is missing or unreadable."""
    try:
        return {
            path.name: path.stat().st_size
            for path in folder.iterdir()
            if made_at(path.name) is not None and path.is_file() and not path.is_symlink()
        }
    except OSError:
        return {}


def _of_run(run: BackupRun, files: dict[str, int], *, is_newest: bool) -> BackupRead | None:
    """None for a backup that was removed since or written to another path."""
    name = Path(run.file).name
    if run.finished_at is None:
        status = BackupStatus.RUNNING
    elif run.error:
        status = BackupStatus.FAILED
    elif name in files:
        status = BackupStatus.KEPT
    elif is_newest:
        status = BackupStatus.MISSING
    else:
        return None
    return BackupRead(
        status=status,
        name=run.file if status is BackupStatus.MISSING else name,
        started_at=run.started_at,
        finished_at=run.finished_at,
        size_bytes=files.get(name, run.size_bytes),
        row_count=run.row_count,
        is_encrypted=name.endswith(SEALED),
        trouble=run.trouble,
        error=run.error,
    )


def _of_file(name: str, size_bytes: int, made: datetime) -> BackupRead:
    return BackupRead(
        status=BackupStatus.KEPT,
        name=name,
        started_at=made,
        finished_at=None,
        size_bytes=size_bytes,
        row_count=None,
        is_encrypted=name.endswith(SEALED),
        trouble=None,
        error="",
    )
