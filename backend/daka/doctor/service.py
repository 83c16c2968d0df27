"""Checks everything that can go wrong: files, database, workers, channels, backups, and the servers of the channels."""

import asyncio
import sqlite3

import sqlalchemy as sa

from daka.database import Database
from daka.doctor.diagnoses import Diagnosis
from daka.doctor.machine import Browser, machine_findings
from daka.doctor.network import network_findings, origins_of_channels
from daka.doctor.stored import no_database, stored_findings, tables_finding
from daka.doctor.unreachable import unreachable
from daka.errors import DakaError
from daka.hooks import Hooks
from daka.migrations import missing_parts, newest_revision, revision_of
from daka.settings import Settings

DATABASE_SECONDS = 10


async def examine(settings: Settings, hooks: Hooks, *, offline: bool = False) -> list[Diagnosis]:
    """Run all checks, in the order in which problems are best fixed. Sends no message and changes nothing."""
    findings = [*machine_findings(settings)]
    origins: dict[str, bool] = {}
    try:
        if (file := settings.database_file) is not None and not file.exists():
            findings.append(no_database(file))
            return findings
        async with Database(settings, hooks=hooks) as database:
            async with asyncio.timeout(DATABASE_SECONDS), database.read() as session:
                revision = await (await session.connection()).run_sync(revision_of)
            missing: list[str] = []
            if revision == newest_revision():
                async with database.read() as session:
                    missing = await missing_parts(session)
            findings.append(tables_finding(revision, missing))
            if revision == newest_revision() and not missing:
                async with database.read() as session:
                    findings += [found async for found in stored_findings(session, settings)]
                    origins = await origins_of_channels(session, settings)
    except (OSError, TimeoutError, sa.exc.SQLAlchemyError, sqlite3.Error, DakaError) as problem:
        findings.append(unreachable(settings, problem))
    if not offline:
        findings += await network_findings(settings, origins)
    return findings


async def examine_from_within(settings: Settings, database: Database, browser: Browser) -> list[Diagnosis]:
    """The same checks in a running server, which compares itself with the browser that asks. It contacts no other server."""
    findings = await asyncio.to_thread(lambda: list(machine_findings(settings, browser)))
    findings.append(tables_finding(newest_revision()))
    async with database.read() as session:
        findings += [found async for found in stored_findings(session, settings)]
    return findings
