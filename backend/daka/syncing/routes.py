"""HTTP of roster sources: a team's roster, read with the app of its punch source."""

from typing import Annotated

from daka.database import SessionDep
from daka.identity.access import DatabaseDep, Planner, PlannerApart, find_team, refuse_foreign_team
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.reminders.punches.service import own_source
from daka.routing import Router, of_app
from daka.syncing import service
from daka.syncing.pulls import RosterPuller, roster_source_of
from daka.syncing.schemas import PeopleOrder, PullOrder, PullRead, RosterSourceState, SyncedRoster

roster_router = Router(prefix="/api/v1/roster/synced", tags=["roster"])
router = Router(prefix="/api/v1/punch-sources/{source_id}/roster", tags=["punch sources"])


NO_CHOICE = PeopleOrder()

PullerDep = Annotated[RosterPuller, of_app("roster_puller")]


@roster_router.get("", operation_id="synced_roster_read", responses=problems(403, 404))
async def read_synced(team_id: RowId, by: Planner, session: SessionDep) -> SyncedRoster:
    """Whether a team's roster is read from an attendance system, how that went last, and which cells come from it."""
    await refuse_foreign_team(session, by, (await find_team(session, team_id, by)).id)
    return await service.synced_roster(session, team_id)


@router.get("", operation_id="roster_source_read", responses=problems(403, 404))
async def read_state(source_id: RowId, by: Planner, session: SessionDep) -> RosterSourceState:
    """Whether the team's roster is read from this source, and how the last pull went."""
    await own_source(session, source_id, by)
    row = await roster_source_of(session, source_id)
    if row is None:
        return RosterSourceState(source=None)
    return RosterSourceState(source=service.source_read(row))


@router.post("/preview", operation_id="roster_source_preview", responses=problems(403, 404))
async def preview(
    source_id: RowId,
    by: PlannerApart,
    database: DatabaseDep,
    puller: PullerDep,
    order: PeopleOrder = NO_CHOICE,
) -> PullRead:
    """Read the roster ahead and say what would change, also for people who would be added. Only calls are counted."""
    async with database.read() as session:
        source = await own_source(session, source_id, by)
        await service.refuse_pushed(session, source)
    return await puller.preview(source, order.departments)


@router.post("/pull", operation_id="roster_source_pull", responses=problems(403, 404))
async def pull(
    source_id: RowId, order: PullOrder, by: PlannerApart, database: DatabaseDep, puller: PullerDep
) -> PullRead:
    """Pull now, and from now on twice a day. Cells that a planner changes here stay."""
    async with database.read() as session:
        await service.refuse_pushed(session, await own_source(session, source_id, by))
    return await puller.pull(source_id, by=by, accepts_gone=order.accepts_gone)


@router.delete("", operation_id="roster_source_end", status_code=204, responses=problems(403, 404))
async def end(source_id: RowId, by: Planner, session: SessionDep) -> None:
    """Do not read the roster from this source any more. What it has read stays."""
    await service.end_source(session, await own_source(session, source_id, by))
