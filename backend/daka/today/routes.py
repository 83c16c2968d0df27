"""HTTP of Today, the scheduler and metrics."""

import ipaddress
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import PlainTextResponse

from daka import security
from daka.database import SessionDep
from daka.errors import Forbidden
from daka.identity.access import Admin, Member, Planner, SettingsDep
from daka.problems import problems
from daka.routing import joined
from daka.scheduler.service import pause
from daka.today import health_routes, metrics, service
from daka.today.schemas import Dashboard, MonthReportRead, PeoplePage, SchedulerRead, TodaySearch

router = joined(health_routes.router)


@router.get(
    "/api/metrics",
    operation_id="metrics_read",
    tags=["health"],
    response_class=PlainTextResponse,
    responses=problems(403),
)
async def read_metrics(request: Request, session: SessionDep, settings: SettingsDep) -> PlainTextResponse:
    """Get metrics for Prometheus, from this machine or with `Authorization: Bearer METRICS_TOKEN`."""
    if not _may_read_metrics(request, settings.metrics_token):
        raise Forbidden("metrics_token_missing", "Metrics require METRICS_TOKEN, except on this machine")
    return PlainTextResponse(await metrics.metrics(session), media_type=metrics.CONTENT_TYPE)


def _may_read_metrics(request: Request, token: str) -> bool:
    if token and security.same(request.headers.get("authorization", ""), f"Bearer {token}"):
        return True
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    try:
        is_loopback = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        is_loopback = False
    return is_loopback and not is_forwarded


@router.get("/api/v1/dashboard", operation_id="dashboard_read", tags=["today"])
async def read_dashboard(by: Member, session: SessionDep) -> Dashboard:
    """Get your own day and, for planners, the live state of their teams."""
    return await service.dashboard(session, by)


@router.get("/api/v1/dashboard/people", operation_id="dashboard_people", tags=["today"], responses=problems(403))
async def read_people_of_today(by: Planner, session: SessionDep, search: Annotated[TodaySearch, Query()]) -> PeoplePage:
    """Get the people of today whom you plan, page by page: for those who see very many."""
    return await service.people_page(session, by, search)


@router.get("/api/v1/scheduler", operation_id="scheduler_read", tags=["scheduler"], responses=problems(403))
async def read_scheduler(by: Planner, session: SessionDep) -> SchedulerRead:
    """Get the scheduler's state: last tick, next due reminder, queue length and lateness."""
    return await service.scheduler_state(session)


@router.post("/api/v1/scheduler/pause", operation_id="scheduler_pause", tags=["scheduler"], responses=problems(403))
async def pause_scheduler(by: Admin, session: SessionDep) -> SchedulerRead:
    """Pause all reminders. Those whose window passes in the meantime count as missed."""
    await pause(session, by)
    return await service.scheduler_state(session)


@router.post("/api/v1/scheduler/resume", operation_id="scheduler_resume", tags=["scheduler"], responses=problems(403))
async def resume_scheduler(by: Admin, session: SessionDep) -> SchedulerRead:
    """Resume reminders. Those still in their window are sent at once."""
    await pause(session, None)
    return await service.scheduler_state(session)


@router.get("/api/v1/me/month", operation_id="me_month", tags=["me"])
async def read_month_report(
    by: Member,
    session: SessionDep,
    month: Annotated[
        str | None, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Default: the last one")
    ] = None,
) -> MonthReportRead:
    """How your month went: late, missed and corrected punches, and what would have helped."""
    return await service.month_report(session, by, month)
