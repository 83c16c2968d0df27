"""Checks everything that can go wrong: files, database, workers, channels, backups, and the servers of the channels."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.service import BackupState, backup_summary
from daka.database import Database, execute, is_postgres
from daka.delivery.liveness import is_alive, what_is_overdue
from daka.delivery.models import Channel, ChannelStatus
from daka.doctor.diagnoses import Diagnosis, clock_offset, disk, error, ok, public_url, secret_key, warning
from daka.doctor.origins import origin_of
from daka.errors import DakaError
from daka.key_rotation import sealed_columns
from daka.migrations import describe_missing, missing_parts, newest_revision, revision_of, revisions
from daka.outbound.http import HttpRequest, NoAnswer, Outbound
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.reminders import claims
from daka.roster.holidays.service import calendar_days
from daka.security import SecretBox
from daka.settings import Settings

KEEPALIVE_TIMEOUT_SECONDS = 10
MOST_ORIGINS = 20
HOLIDAY_HORIZON = timedelta(days=60)


async def examine(settings: Settings, *, offline: bool = False) -> list[Diagnosis]:
    """Run all checks, in the order in which problems are best fixed. Sends no message and changes nothing."""
    findings = [*_machine(settings)]
    origins: dict[str, bool] = {}
    try:
        if settings.database_file is not None and not settings.database_file.exists():
            findings.append(_migrations(None))
            return findings
        async with Database(settings) as database:
            async with asyncio.timeout(KEEPALIVE_TIMEOUT_SECONDS), database.read() as session:
                revision = await (await session.connection()).run_sync(revision_of)
            missing: list[str] = []
            if revision == newest_revision():
                async with database.read() as session:
                    missing = await missing_parts(session)
            findings.append(_migrations(revision, missing))
            if revision == newest_revision() and not missing:
                async with database.read() as session:
                    findings += [found async for found in _stored(session, settings)]
                    origins = await _origins(session, settings)
    except (OSError, TimeoutError, sa.exc.SQLAlchemyError, sqlite3.Error, DakaError) as problem:
        why = str(problem) if isinstance(problem, DakaError) else f"cannot be reached ({type(problem).__name__})"
        findings.append(error("database", why, "check DATABASE_URL, and that the database server is running"))
    if not offline:
        findings += await _network(settings, origins)
    return findings


def _machine(settings: Settings) -> Iterator[Diagnosis]:
    yield secret_key(settings, settings.secret_file.stat().st_mode if settings.secret_file.exists() else None)
    yield public_url(settings)
    here = clock.now().astimezone(settings.zone)
    yield ok("zone", f"{settings.timezone}, where it is now {here:%H:%M}")
    if not clock.is_plausible():
        yield error(
            "clock",
            f"nothing is sent while the clock is wrong: {clock.describe_doubt()}",
            "set the clock, and run a time service such as systemd-timesyncd or chrony",
        )
    for name in ignored_proxies(os.environ):
        yield warning(
            "proxy", f"{name} {WORDS}", f"unset {name}, or set the vendors' *_BASE_URL to a gateway of your own"
        )
    if not settings.reminder_enabled:
        yield warning("reminding", "REMINDER_ENABLED is false: nothing is sent", "set it to true")
    seen: set[Path] = set()
    for folder in _folders(settings):
        place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        if place in seen:
            continue
        seen.add(place)
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as problem:
            yield error(
                "disk",
                f"{place} is not writable ({problem.strerror})",
                "make the server's user its owner, and free up space",
            )
        yield disk(str(place), shutil.disk_usage(place).free)


def _folders(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir
    if settings.database_file is not None:
        yield settings.database_file.parent
    if settings.backup_every_hours:
        yield settings.backup_folder


def _migrations(revision: str | None, missing: list[str] | None = None) -> Diagnosis:
    if missing:
        return error(
            "tables",
            describe_missing(missing, most=50),
            "restore a backup into an empty database; without one, start with a new database",
        )
    if revision == newest_revision():
        return ok("tables", f"revision {revision}")
    if revision is None:
        return warning("tables", "the database is empty", "start the server, or run daka migrate")
    if revision in revisions():
        return error("tables", f"revision {revision} of {newest_revision()}", "run daka migrate, or restart the server")
    return error(
        "tables", f"revision {revision} belongs to a newer version", "use that version, or restore an earlier backup"
    )


async def _stored(session: AsyncSession, settings: Settings) -> AsyncIterator[Diagnosis]:
    """The checks that read the database."""
    now = clock.now()
    connection = await session.connection()
    if is_postgres(session):
        theirs: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
        yield clock_offset(clock.now() - theirs.astimezone(UTC), "the database server")
        yield ok("database", "responds")
    else:
        said = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar()
        yield (
            ok("database", "the file is intact")
            if said == "ok"
            else error(
                "database",
                f"the file is damaged: {said}",
                "stop the server and run daka restore --replace with the newest backup",
            )
        )
    if lost := await _secrets_that_do_not_open(session, settings):
        yield error(
            "secret",
            f"SECRET_KEY cannot decrypt {lost} stored secrets",
            "restore the former key, or run daka rotate-key",
        )

    alive, last = await is_alive(session, now)
    if not alive:
        since = f"last tick at {last:%Y-%m-%d %H:%M:%S} UTC" if last else "none has ever run"
        yield error("worker", f"no worker is running: {since}", "start daka serve or daka worker, and check its log")
    elif overdue := await what_is_overdue(session, now):
        yield error("worker", f"{overdue} have been overdue for more than a minute", "check the worker's log")
    else:
        yield ok("worker", "running")
    if settings.reminder_enabled and await claims.is_paused(session):
        yield warning(
            "reminding", "paused by an administrator", "resume it in the settings, or POST /api/v1/scheduler/resume"
        )

    today = now.astimezone(settings.zone).date()
    _, provisional = await calendar_days(session, today, today + HOLIDAY_HORIZON)
    if provisional:
        years = ", ".join(map(str, provisional))
        yield warning(
            "calendar",
            f"the holidays of {years} are not published or imported yet",
            "import the official notice once it is published",
        )
    else:
        yield ok("calendar", f"holidays are complete until {today + HOLIDAY_HORIZON}")
    async for found in _channels(session):
        yield found
    yield await _backups(session)


async def _secrets_that_do_not_open(session: AsyncSession, settings: Settings) -> int:
    secret = settings.existing_secret
    box = SecretBox(secret) if secret else None
    lost = 0
    for column in sealed_columns():
        sealed = (await execute(session, sa.select(column).where(column != ""))).scalars()
        lost += sum(1 for value in sealed if value and not (box and box.opens(value)))
    return lost


async def _channels(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    asked = select(Channel.status, Channel.status_at).where(
        Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox"
    )
    found = list(await session.exec(asked))
    broken = sum(status is ChannelStatus.BROKEN for status, _ in found)
    untried = sum(status is not ChannelStatus.BROKEN and tried_at is None for status, tried_at in found)
    working = len(found) - broken - untried
    if broken:
        yield warning("channels", f"{broken} need attention", "open Channels, which shows each problem and its remedy")
    if untried:
        yield warning("channels", f"{untried} have not sent anything yet", "open Channels and send a test")
    if working:
        yield ok("channels", f"{working} working")
    elif not untried:
        yield warning(
            "channels", "messages go only to the built-in inbox", "add a channel, for example the team's robot"
        )


async def _backups(session: AsyncSession) -> Diagnosis:
    summary = await backup_summary(session, clock.now())
    when = (
        f"the last backup is from {summary.last_good.started_at:%Y-%m-%d %H:%M} UTC"
        if summary.last_good
        else "there is no backup"
    )
    match summary.state:
        case BackupState.FAILED:
            return error(
                "backup", f"the latest one failed: {summary.error}; {when}", "fix the cause, then run daka backup"
            )
        case BackupState.OLD:
            return error("backup", when, "check the workers' logs, then run daka backup")
        case BackupState.NONE:
            return warning("backup", when, "run daka backup; a worker makes the next one tonight")
        case BackupState.OFF:
            return ok("backup", f"BACKUP_EVERY_HOURS=0; {when}")
    if summary.last_good and not os.path.exists(summary.last_good.file):  # noqa: ASYNC240
        return warning(
            "backup",
            f"{when}, but its file is not on this machine",
            "check that BACKUP_DIR is the same as the workers'",
        )
    return ok("backup", when)


async def _origins(session: AsyncSession, settings: Settings) -> dict[str, bool]:
    asked = select(Channel).where(Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox")
    box = SecretBox(settings.existing_secret or "")
    found: dict[str, bool] = {}
    for channel in await session.exec(asked):
        sealed = channel.sealed_secrets
        secrets = box.open(sealed) if sealed and box.opens(sealed) else {}
        if origin := origin_of(channel.kind, {**secrets, **channel.config}, settings):
            found.setdefault(*origin)
    return found


async def _network(settings: Settings, origins: dict[str, bool]) -> list[Diagnosis]:
    """Request each server's front page, to check DNS, route, certificate and clock. No message is sent."""
    findings: list[Diagnosis] = []
    offsets: list[float] = []
    async with Outbound.of(settings) as outbound:

        async def ask(origin: str, is_trusted: bool) -> None:
            asked = HttpRequest(url=f"{origin}/", body=b"", method="HEAD", is_trusted=is_trusted)
            try:
                answer = await outbound.send(asked)
            except NoAnswer as failure:
                remedy = "check this machine's DNS, its internet access and its certificates"
                findings.append(error("network", f"{origin}: {failure}", remedy))
                return
            findings.append(ok("network", f"{origin} responds in {answer.latency * 1000:.0f} ms"))
            if date := answer.headers.get("date"):
                try:
                    theirs = parsedate_to_datetime(date)
                except ValueError:
                    return
                offsets.append((clock.now() - theirs.astimezone(UTC)).total_seconds())

        await asyncio.gather(*(ask(*item) for item in list(origins.items())[:MOST_ORIGINS]))
    if offsets:
        findings.append(clock_offset(timedelta(seconds=median(offsets)), "the providers"))
    return sorted(findings, key=lambda found: found.message)
