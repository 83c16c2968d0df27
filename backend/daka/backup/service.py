"""Makes backups: on request, and by one of the workers when one is due."""

import asyncio
import errno
import logging
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.backup.models import BackupRun, BackupTrouble
from daka.backup.retention import file_name, next_due, superfluous
from daka.database import Database, advisory_lock, settings_in, when_free
from daka.errors import ConfigurationError, Conflict, DakaError
from daka.settings import Settings

log = logging.getLogger(__name__)

CLAIM_LOCK = 0x6261636B
TIMEOUT = timedelta(hours=2)
"""After this time an unfinished backup counts as failed: its process has ended."""
KEEP_RUNS = timedelta(days=90)
STOP_TIMEOUT_SECONDS = 3.0


class BackupState(StrEnum):
    """The overall state of backups, for metrics, Today and `daka doctor`."""

    OK = "ok"
    OFF = "off"
    """BACKUP_EVERY_HOURS=0."""
    NONE = "none"
    """No backup has been made yet."""
    FAILED = "failed"
    """The latest one failed."""
    OLD = "old"
    """The last good one is older than twice the interval."""


@dataclass(frozen=True, slots=True)
class BackupSummary:
    state: BackupState
    last_good: BackupRun | None
    last_failed: BackupRun | None = None
    """The latest one, if it failed."""

    @property
    def is_trouble(self) -> bool:
        return self.state in (BackupState.FAILED, BackupState.OLD)

    @property
    def error(self) -> str:
        return self.last_failed.error if self.last_failed else ""


async def claim(session: AsyncSession, now: datetime) -> BackupRun | None:
    """Claim the backup that is due, so that no other worker makes it; None if none is due or another one is running."""
    if not settings_in(session).backup_every_hours:
        return None
    await advisory_lock(session, CLAIM_LOCK)
    if await _is_one_running(session, now):
        return None
    due = next_backup_at(settings_in(session), now, await backup_summary(session, now))
    return await begin(session, now) if due is not None and due <= now else None


async def begin_by_hand(session: AsyncSession, now: datetime) -> BackupRun:
    """Claim a backup on request, whether one is due or not. Raises Conflict: a backup is running."""
    await advisory_lock(session, CLAIM_LOCK)
    if await _is_one_running(session, now):
        raise Conflict("backup_running", "A backup is already running; wait until it is done")
    run = await begin(session, now)
    audit(session, "backup.started", run.id)
    return run


def is_running(run: BackupRun, now: datetime) -> bool:
    """Whether the backup is running and has not timed out."""
    return run.finished_at is None and -clock.AHEAD < now - run.started_at < TIMEOUT


async def begin(session: AsyncSession, now: datetime) -> BackupRun:
    """Record the start of a backup, and mark runs that timed out as failed."""
    current = BackupRun.started_at.between(now - TIMEOUT, now + clock.AHEAD)
    ended = sa.update(BackupRun).where(BackupRun.finished_at.is_(None), sa.not_(current))
    why = {"error": "the backup did not finish in time", "trouble": BackupTrouble.INTERRUPTED}
    await session.exec(ended.values(finished_at=now, **why))
    run = BackupRun(started_at=now, made_by=f"{socket.gethostname()[:60]}:{os.getpid()}")
    session.add(run)
    await session.flush()
    return run


async def back_up(database: Database, settings: Settings, *, to: Path | None, run_id: int | None = None) -> BackupRun:
    """Make a backup and record the result. Without `to`, write it to BACKUP_DIR and delete old backups there.

    Raises DakaError: the backup failed; the message has the reason.
    """
    from daka.backup.copying import copy_out

    now = clock.now()
    if to is not None and to.exists():
        raise DakaError(f"{to} already exists")
    async with database.write() as session:
        run = await session.get(BackupRun, run_id) if run_id else await begin(session, now)
    if run is None:
        raise DakaError(f"there is no backup run {run_id}")
    file = (to or settings.backup_folder / file_name(now, is_sealed=bool(settings.backup_key))).absolute()
    try:
        contents = await copy_out(database, file, key=settings.backup_key, secret=settings.secret)
    except (OSError, sa.exc.SQLAlchemyError, DakaError) as error:
        why = str(error) if isinstance(error, OSError | DakaError) else type(error).__name__
        await _finish(database, run, error=why[:400] or type(error).__name__, trouble=trouble_of(error))
        raise DakaError(f"the backup failed: {why}") from error
    await _finish(database, run, file=str(file), size_bytes=file.stat().st_size, row_count=contents.row_count)
    if to is None:
        names = [found.name for found in file.parent.iterdir()]
        for name in superfluous(names, now, keep=settings.backup_keep, keep_days=settings.backup_keep_days):
            (file.parent / name).unlink(missing_ok=True)
    return run


def trouble_of(error: Exception) -> BackupTrouble:
    """The reason shown to people."""
    from daka.backup.archive import BackupDamaged

    match error:
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return BackupTrouble.NO_SPACE
        case OSError():
            return BackupTrouble.NOT_WRITABLE
        case BackupDamaged():
            return BackupTrouble.NOT_WHOLE
        case ConfigurationError():
            return BackupTrouble.OTHER_VERSION
        case sa.exc.SQLAlchemyError():
            return BackupTrouble.DATABASE
        case _:
            return BackupTrouble.UNKNOWN


async def _finish(database: Database, run: BackupRun, **values: object) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    finished_at = run.finished_at = clock.now()

    async def write() -> None:
        async with database.write() as session:
            await session.merge(run)
            await session.exec(sa.delete(BackupRun).where(BackupRun.started_at < finished_at - KEEP_RUNS))

    await when_free(write)


async def _is_one_running(session: AsyncSession, now: datetime) -> bool:
    last = (await session.exec(select(BackupRun).order_by(BackupRun.id.desc()).limit(1))).first()
    return last is not None and is_running(last, now)


async def backup_summary(session: AsyncSession, now: datetime) -> BackupSummary:
    """The state of backups with the last good and failed runs."""
    settings = settings_in(session)
    finished = select(BackupRun).where(BackupRun.finished_at.is_not(None)).order_by(BackupRun.id.desc())
    last = (await session.exec(finished.limit(1))).first()
    good = (await session.exec(finished.where(BackupRun.error == "").limit(1))).first()
    if last is not None and last.error:
        return BackupSummary(BackupState.FAILED, good, last)
    if not settings.backup_every_hours:
        return BackupSummary(BackupState.OFF, good)
    if good is None:
        return BackupSummary(BackupState.NONE, None)
    is_old = now - good.started_at > 2 * timedelta(hours=settings.backup_every_hours)
    return BackupSummary(BackupState.OLD if is_old else BackupState.OK, good)


def next_backup_at(settings: Settings, now: datetime, summary: BackupSummary) -> datetime | None:
    """When the next backup is due; None if automatic backups are off."""
    return next_due(
        now,
        every_hours=settings.backup_every_hours,
        zone=settings.zone,
        last_good=summary.last_good.started_at if summary.last_good else None,
        last_failed=summary.last_failed.started_at if summary.last_failed else None,
    )


class BackupJob:
    """Runs scheduled and requested backups, each in a separate process, so that reminders and responses do not wait."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._run_id: int | None = None
        self._by_hand: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """In a worker: claim a backup that is due and make it."""
        async with self._database.write() as session:
            run = await claim(session, clock.now())
        if run is not None:
            await self._make(run.id)

    def start(self, run_id: int | None) -> None:
        """Make a backup whose row is committed, without waiting for its end."""
        self._run_id = run_id
        self._by_hand = asyncio.create_task(self._make(run_id))

    async def _make(self, run_id: int | None) -> None:
        self._run_id = run_id
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daka", "backup", "--claimed", str(run_id)),
            env=os.environ | _environment(self._settings),
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await self._process.wait() != 0:
            log.error("Backup failed; daka doctor shows the reason")
            await self._record_interruption()
        self._run_id = None

    async def _record_interruption(self) -> None:
        """Mark the run as failed if its process ended without recording a result."""
        async with self._database.write() as session:
            left = sa.update(BackupRun).where(BackupRun.id == self._run_id, BackupRun.finished_at.is_(None))
            why = {"error": "the process ended before the backup was finished", "trouble": BackupTrouble.INTERRUPTED}
            await session.exec(left.values(finished_at=clock.now(), **why))

    async def stop(self) -> None:
        """Stop a running backup and record it, so that it is made again at the next start and not only after the timeout."""
        if self._by_hand is not None:
            self._by_hand.cancel()
            await asyncio.gather(self._by_hand, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_SECONDS)
        if self._run_id is not None:
            await self._record_interruption()


def _environment(settings: Settings) -> dict[str, str]:
    """The settings of this process, to override the inherited environment."""
    names = "database_url data_dir secret_key timezone log_level backup_key backup_keep backup_keep_days"
    passed = {name.upper(): str(getattr(settings, name)) for name in names.split()}
    return passed | {"BACKUP_DIR": str(settings.backup_folder)}
