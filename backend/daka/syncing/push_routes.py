"""HTTP of publishing a team's roster to its attendance system."""

from typing import Annotated

from daka.database import SessionDep
from daka.identity.access import DatabaseDep, Planner, PlannerApart
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.reminders.punches.service import own_source
from daka.routing import Router, of_app
from daka.syncing import pushes
from daka.syncing.models import Direction
from daka.syncing.push_schemas import DirectionBody, PublishOrder, PushesRead, PushOrder, PushPreview, PushRead
from daka.syncing.pushes import RosterPusher
from daka.syncing.schemas import RosterSourceState
from daka.syncing.service import source_read

router = Router(prefix="/api/v1/punch-sources/{source_id}/roster", tags=["punch sources"])


PusherDep = Annotated[RosterPusher, of_app("roster_pusher")]


@router.put("/direction", operation_id="roster_source_direct", responses=problems(403, 404, 409))
async def set_direction(source_id: RowId, body: DirectionBody, by: Planner, session: SessionDep) -> RosterSourceState:
    """Publish the roster to this source, or neither that nor read it: never both."""
    row = await pushes.set_direction(session, await own_source(session, source_id, by), Direction(body.direction))
    return RosterSourceState(source=source_read(row))


@router.post("/push/preview", operation_id="roster_push_preview", responses=problems(403, 404, 409))
async def preview(
    source_id: RowId, order: PushOrder, by: PlannerApart, database: DatabaseDep, pusher: PusherDep
) -> PushPreview:
    """What publishing would write, cell by cell, and what it cannot and why. Nothing is written; only calls are counted."""
    async with database.read() as session:
        await own_source(session, source_id, by)
    return await pusher.preview(source_id, order)


@router.post("/push", operation_id="roster_push", responses=problems(403, 404, 409))
async def push(
    source_id: RowId, order: PublishOrder, by: PlannerApart, database: DatabaseDep, pusher: PusherDep
) -> PushRead:
    """Write what the preview showed; refused if anything differs by now. It is read back after half a minute and after five.

    It cannot be undone: after an undo here, the roster differs from what is there, and can be published again.
    """
    async with database.read() as session:
        await own_source(session, source_id, by)
    return await pusher.push(source_id, order, by)


@router.get("/pushes", operation_id="roster_pushes_list", responses=problems(403, 404))
async def list_pushes(source_id: RowId, by: Planner, session: SessionDep) -> PushesRead:
    """The latest publications, newest first, and whether they show there."""
    await own_source(session, source_id, by)
    return await pushes.latest_pushes(session, source_id)
