"""Routes for the roster."""

from typing import Annotated

from fastapi import Depends, Query

from daka.database import SessionDep
from daka.identity.access import Planner, Principal, member_with
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.roster import revisions, service
from daka.roster.drafts.routes import router as drafts
from daka.roster.feeds.routes import public as calendar_feeds
from daka.roster.feeds.routes import router as feeds
from daka.roster.holidays.routes import router as holidays
from daka.roster.notices.routes import router as notices
from daka.roster.patterns.routes import router as patterns
from daka.roster.requests.routes import router as requests
from daka.roster.review.routes import router as review
from daka.roster.schemas import OverImported, Roster, RosterChangeBody, RosterChanges, RosterSaved, SpanDep, WithDrafts
from daka.roster.transfer.routes import router as transfer
from daka.roster.undo.routes import router as undo
from daka.routing import Router, joined
from daka.shifts.service import planned_shift

api = Router(prefix="/api/v1")


@api.get("/roster", operation_id="roster_read", tags=["roster"], responses=problems(403))
async def read_roster(
    by: Annotated[Principal, Depends(member_with("roster:read"))],
    session: SessionDep,
    span: SpanDep,
    team_id: RowId | None = None,
    user_id: RowId | None = None,
    drafts: WithDrafts = False,
) -> Roster:
    """The roster you may see, people × days: your teams', or your own."""
    return await service.read_roster(session, by, *span, team_id=team_id, user_id=user_id, drafts=drafts)


@api.get("/roster/changes", operation_id="roster_changes", tags=["roster"], responses=problems(403))
async def read_changes(
    by: Annotated[Principal, Depends(member_with("roster:read"))],
    session: SessionDep,
    since: Annotated[int, Query(ge=0, lt=2**31, description="Revision")],
    team_id: RowId | None = None,
    drafts: WithDrafts = False,
) -> RosterChanges:
    """Cells that changed after a revision, so that a client can follow changes without reading the roster again."""
    return await revisions.read_changes(session, by, since, team_id=team_id, drafts=drafts)


@api.put("/roster", operation_id="roster_update", tags=["roster"], responses=problems(403, 409, 413))
async def update_roster(
    change: RosterChangeBody, by: Planner, session: SessionDep, over_imported: OverImported = False
) -> RosterSaved:
    """Set or clear cells, all or nothing. Reminders are re-planned in the same transaction.

    In a team that uses drafts, the changes are drafts: nothing follows from them until they are published.
    """
    return await service.change_roster(session, by, change.assignments, change.revision, over_imported=over_imported)


@api.delete(
    "/shifts/{shift_id}",
    operation_id="shifts_delete",
    tags=["shifts"],
    status_code=204,
    responses=problems(403, 404, 409),
)
async def delete_shift(
    shift_id: RowId,
    by: Planner,
    session: SessionDep,
    replace_with: RowId | None = None,
    over_imported: OverImported = False,
) -> None:
    """Delete a shift; `replace_with` moves its assignments to another one."""
    shift = await planned_shift(session, shift_id, by)
    await service.retire_shift(session, by, shift, replace_with, over_imported=over_imported)


router = joined(api, patterns, transfer, holidays, review, requests, feeds, notices, undo, drafts, calendar_feeds)
