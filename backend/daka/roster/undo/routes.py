"""Routes for undoing."""

from daka.database import SessionDep
from daka.identity.access import Planner
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems
from daka.roster.undo import service
from daka.roster.undo.schemas import ActionRead, UndoBody, Undone
from daka.routing import Router

router = Router(prefix="/api/v1/roster/actions", tags=["roster"])


@router.get("", operation_id="roster_actions_list", responses=problems(403))
async def list_actions(by: Planner, session: SessionDep) -> Page[ActionRead]:
    """What you did to rosters today, newest first: edits, filling, copying and imports; and readings of your teams' rosters."""
    return Page(items=await service.actions_today(session, by))


@router.post("/{action_id}/undo", operation_id="roster_actions_undo", responses=problems(403, 404, 409))
async def undo(action_id: RowId, body: UndoBody, by: Planner, session: SessionDep) -> Undone:
    """Restore the cells of one of your actions, or of a reading of your team's roster, all or nothing.

    `409 cells_changed` lists in `cells` those that were changed since: who, when, the shift now (`shift_id`) and the one that
    undoing would restore (`before_shift_id`). `keep_changed` leaves them.
    """
    return await service.undo(session, by, action_id, body)


@router.post("/{action_id}/redo", operation_id="roster_actions_redo", responses=problems(403, 404, 409))
async def redo(action_id: RowId, body: UndoBody, by: Planner, session: SessionDep) -> Undone:
    """Make an undone action's changes again. Conflicts as for undoing."""
    return await service.undo(session, by, action_id, body, is_redo=True)
