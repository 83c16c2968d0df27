"""Health of the server: database, scheduler and migrations."""

from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.database import Database, execute
from daka.delivery.liveness import is_alive, what_is_overdue
from daka.migrations import is_current


class Health(BaseModel):
    status: Literal["ok", "failing"]
    version: str
    checks: dict[str, str]


async def health_of(database: Database) -> Health:
    try:
        async with database.read() as session:
            await execute(session, sa.text("SELECT 1"))
            checks = {
                "database": "ok",
                "scheduler": await _scheduler_check(session),
                "migrations": "ok" if await is_current(session) else "pending",
            }
    except (OSError, sa.exc.SQLAlchemyError):
        checks = {"database": "unreachable", "scheduler": "unknown", "migrations": "unknown"}
    return Health(status="ok" if set(checks.values()) == {"ok"} else "failing", version=__version__, checks=checks)


async def _scheduler_check(session: AsyncSession) -> str:
    now = clock.now()
    alive, _ = await is_alive(session, now)
    if not alive:
        return "stale"
    overdue = await what_is_overdue(session, now)
    return f"{overdue} overdue" if overdue else "ok"
