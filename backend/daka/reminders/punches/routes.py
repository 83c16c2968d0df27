"""HTTP of punch sources."""

from typing import Annotated

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import SessionDep
from daka.errors import NotFound
from daka.identity.access import DatabaseDep, Planner, PlannerApart, Principal, SettingsDep, find_user
from daka.identity.models import User
from daka.identity.schemas import RowId
from daka.outbound.proofs import proof_of
from daka.paging import Page
from daka.problems import problems
from daka.reminders.punches import service
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.recording import CheckOutcome
from daka.reminders.punches.remedies import DOUBTS, remedy
from daka.reminders.punches.results import Point, PunchState, unknown
from daka.reminders.punches.schemas import (
    CheckResultRead,
    PunchSourceCreate,
    PunchSourceRead,
    PunchSourceTest,
    PunchSourceTestResult,
    PunchSourceTry,
    PunchSourceUpdate,
    SourceKindRead,
)
from daka.routing import Router, of_app

router = Router(prefix="/api/v1/punch-sources", tags=["punch sources"])


CheckerDep = Annotated[PunchChecker, of_app("punch_checker")]


@router.get("/kinds", operation_id="punch_sources_kinds", responses=problems(403))
async def list_kinds(by: Planner) -> Page[SourceKindRead]:
    """The kinds of punch sources, with the JSON schemas of their settings."""
    return Page(items=service.kinds())


@router.get("", operation_id="punch_sources_list", responses=problems(403))
async def list_sources(by: Planner, session: SessionDep) -> Page[PunchSourceRead]:
    """The sources of the teams that the caller plans and those that serve the whole server, with their status."""
    return Page(items=await service.source_reads(session, await service.visible_sources(session, by), by))


@router.post("", operation_id="punch_sources_create", status_code=201, responses=problems(403, 404, 409))
async def create_source(new: PunchSourceCreate, by: Planner, session: SessionDep) -> PunchSourceRead:
    """Add a source to a team that the caller plans, or (administrators) for the whole server."""
    source = await service.create_source(session, by, new)
    return (await service.source_reads(session, [source], by))[0]


@router.post("/test", operation_id="punch_sources_try", responses=problems(403, 404, 409))
async def try_settings(
    asked: PunchSourceTry, by: PlannerApart, database: DatabaseDep, settings: SettingsDep, checker: CheckerDep
) -> PunchSourceTestResult:
    """Ask a source with settings that are not saved, as `punch_sources_test` does. Nothing is kept but the count of calls.

    If it knew of a punch point, `proof` lets the source start as tried when these settings are saved within the hour.
    """
    async with database.read() as session:
        source, config = await service.tried_source(session, by, asked)
        user = await _person(session, by, asked.user_id)
    tried = await checker.try_settings(source, user)
    outcome = tried[0]
    works = outcome.error is None and any(found.state is not PunchState.UNKNOWN for found in outcome.results.values())
    proof = proof_of(settings, by.id, source.kind, config, at=clock.now()) if works else None
    return _test_result(tried, user, proof)


@router.get("/{source_id}", operation_id="punch_sources_read", responses=problems(403, 404))
async def read_source(source_id: RowId, by: Planner, session: SessionDep) -> PunchSourceRead:
    """One source, without its secrets."""
    source = await service.visible_source(session, source_id, by)
    return (await service.source_reads(session, [source], by))[0]


@router.patch("/{source_id}", operation_id="punch_sources_update", responses=problems(403, 404, 409))
async def update_source(
    source_id: RowId, change: PunchSourceUpdate, by: Planner, session: SessionDep
) -> PunchSourceRead:
    """Change a source. Secrets that the request leaves out are kept."""
    source = await service.own_source(session, source_id, by)
    await service.update_source(session, source, change, by)
    return (await service.source_reads(session, [source], by))[0]


@router.delete("/{source_id}", operation_id="punch_sources_delete", status_code=204, responses=problems(403, 404, 409))
async def delete_source(source_id: RowId, by: Planner, session: SessionDep) -> None:
    """Delete a source and its secrets."""
    await service.delete_source(session, await service.own_source(session, source_id, by))


@router.post("/{source_id}/test", operation_id="punch_sources_test", responses=problems(403, 404))
async def try_source(
    source_id: RowId,
    by: PlannerApart,
    database: DatabaseDep,
    checker: CheckerDep,
    about: PunchSourceTest | None = None,
) -> PunchSourceTestResult:
    """Ask the source about one person's punches of today and return the results. No punch is recorded."""
    async with database.read() as session:
        source = await service.own_source(session, source_id, by)
        user = await _person(session, by, about.user_id if about else None)
    return _test_result(await checker.try_out(source, user), user, proof=None)


async def _person(session: AsyncSession, by: Principal, user_id: int | None) -> User:
    """Whom a test is about."""
    user = await find_user(session, user_id) if user_id else by.user
    if not by.sees_user(user):
        raise NotFound("user_not_found", f"There is no user {user.id}")
    return user


def _test_result(tried: tuple[CheckOutcome, list[Point], int], user: User, proof: str | None) -> PunchSourceTestResult:
    outcome, points, latency_ms = tried
    error = outcome.error
    results = [(point, outcome.results.get(point.reminder_id, unknown(""))) for point in points]
    return PunchSourceTestResult(
        outcome=error.kind.value if error else "ok",
        provider_code=error.code if error else "",
        provider_message=error.message if error else "",
        hint=error.hint if error else "",
        remedy=remedy(error.hint, error.message) if error else {},
        latency_ms=latency_ms,
        user_id=user.id,
        proof=proof,
        results=[
            CheckResultRead(
                kind=point.kind,
                state=found.state,
                at=found.at,
                reason=found.reason,
                reason_text=DOUBTS.get(found.reason, {}),
            )
            for point, found in results
        ],
    )
