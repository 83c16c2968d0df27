"""Health of the server: clock, database, scheduler and migrations."""

import asyncio
from typing import Literal
from weakref import WeakSet

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.database import Database, execute
from daka.migrations import describe_missing, is_current, missing_parts
from daka.scheduler.service import is_alive
from daka.schema import Schema
from daka.today.overdue import what_is_overdue

ANSWER_SECONDS = 3.0
"""Docker's check waits for four."""


class Health(Schema):
    status: Literal["ok", "failing"]
    version: str
    checks: dict[str, str]


async def health_of(database: Database) -> Health:
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.read() as session:
            await execute(session, sa.text("SELECT 1"))
            tables = await _tables_check(session, database)
            checks = {
                "clock": _clock_check(),
                "database": "ok",
                "scheduler": await _scheduler_check(session) if tables == "ok" else "unknown",
                "migrations": tables,
            }
    except (OSError, sa.exc.SQLAlchemyError):
        checks = {
            "clock": _clock_check(),
            "database": "unreachable",
            "scheduler": "unknown",
            "migrations": "unknown",
        }
    return Health(status="ok" if set(checks.values()) == {"ok"} else "failing", version=__version__, checks=checks)


def _clock_check() -> str:
    return "ok" if clock.is_plausible() else f"nothing is sent while the clock is wrong: {clock.describe_doubt()}"


async def _tables_check(session: AsyncSession, database: Database) -> str:
    if not await is_current(session):
        return "pending"
    if database not in _complete:  # tables are compared once; they do not change while the server runs
        if missing := await missing_parts(session):
            return f"{describe_missing(missing)}; see daka doctor"
        _complete.add(database)
    return "ok"


_complete: WeakSet[Database] = WeakSet()
"""Databases that were found to have every table and column."""


async def _scheduler_check(session: AsyncSession) -> str:
    if not clock.is_plausible():
        return "waiting"
    now = clock.now()
    alive, _ = await is_alive(session, now)
    if not alive:
        return "stale"
    overdue = await what_is_overdue(session, now)
    return f"{overdue} overdue" if overdue else "ok"
