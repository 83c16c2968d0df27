"""HTTP of health: what a server that nobody uses is asked, before anything else is loaded."""

from fastapi import Request, Response

from daka.identity.access import DatabaseDep
from daka.routing import Router
from daka.today.health import Health, health_of

router = Router()


@router.head("/api/health", include_in_schema=False)
@router.get("/health", include_in_schema=False, response_model=Health)
@router.get("/healthz", include_in_schema=False, response_model=Health)
@router.get(
    "/api/health",
    operation_id="health_read",
    tags=["health"],
    response_model=Health,
    responses={503: {"model": Health, "description": "A check fails, see `checks`"}},
)
async def read_health(request: Request, response: Response, database: DatabaseDep) -> Health:
    """Check whether everything works. The status is 503 as soon as reminders might not be sent."""
    health = await health_of(database)
    response.status_code = 200 if health.status == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return health
