"""HTTP of Today, the scheduler's state, and health."""

from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.change_events import Topic, publish
from daka.database import SessionDep, execute
from daka.delivery.liveness import is_alive, what_is_overdue
from daka.identity.access import Admin, DatabaseDep, Member, Planner
from daka.migrations import is_current
from daka.problems import problems
from daka.reminders.schemas import SchedulerRead
from daka.today import service
from daka.today.schemas import Dashboard

router = APIRouter()


class Health(BaseModel):
    status: Literal["ok", "failing"]
    version: str
    checks: dict[str, str]


@router.head("/api/health", include_in_schema=False)
@router.get(
    "/api/health",
    operation_id="health_read",
    tags=["health"],
    response_model=Health,
    responses={503: {"model": Health, "description": "Something does not work; `checks` says what"}},
)
async def read_health(request: Request, response: Response, database: DatabaseDep) -> Health:
    """Whether everything works. 503 as soon as reminders might not go out."""
    try:
        async with database.read() as session:
            await execute(session, sa.text("SELECT 1"))
            checks = {
                "database": "ok",
                "scheduler": await _scheduler_check(session),
                "migrations": await _migrations_check(session),
            }
    except (OSError, sa.exc.SQLAlchemyError):
        checks = {"database": "unreachable", "scheduler": "unknown", "migrations": "unknown"}
    is_fine = set(checks.values()) == {"ok"}
    response.status_code = 200 if is_fine else 503
    response.headers["Cache-Control"] = "no-store"
    return Health(status="ok" if is_fine else "failing", version=__version__, checks=checks)


async def _scheduler_check(session: AsyncSession) -> str:
    now = clock.now()
    alive, _ = await is_alive(session, now)
    if not alive:
        return "stale"
    overdue = await what_is_overdue(session, now)
    return f"{overdue} overdue" if overdue else "ok"


async def _migrations_check(session: AsyncSession) -> str:
    return "ok" if await is_current(session) else "pending"


@router.get("/api/v1/dashboard", operation_id="dashboard_read", tags=["today"], responses=problems(401))
async def read_dashboard(by: Member, session: SessionDep) -> Dashboard:
    """One's own day, and for planners the live state of their teams."""
    return await service.dashboard(session, by)


@router.get("/api/v1/scheduler", operation_id="scheduler_read", tags=["scheduler"], responses=problems(401, 403))
async def read_scheduler(by: Planner, session: SessionDep) -> SchedulerRead:
    """Last tick, next due, queue and lateness."""
    return await service.scheduler_state(session)


@router.post(
    "/api/v1/scheduler/pause", operation_id="scheduler_pause", tags=["scheduler"], responses=problems(401, 403)
)
async def pause_scheduler(by: Admin, session: SessionDep) -> SchedulerRead:
    """Stop all reminding. Windows that pass meanwhile are counted as missed."""
    await service.pause(session, by)
    publish(session, Topic.SCHEDULER)
    return await service.scheduler_state(session)


@router.post(
    "/api/v1/scheduler/resume", operation_id="scheduler_resume", tags=["scheduler"], responses=problems(401, 403)
)
async def resume_scheduler(by: Admin, session: SessionDep) -> SchedulerRead:
    """Go on with reminding; what is still in its window goes out at once."""
    await service.pause(session, None)
    publish(session, Topic.SCHEDULER)
    return await service.scheduler_state(session)
