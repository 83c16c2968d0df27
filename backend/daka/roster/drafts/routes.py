"""Routes for drafts."""

from daka.database import SessionDep
from daka.identity.access import Planner
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.roster.drafts import service
from daka.roster.drafts.schemas import (
    DiscardBody,
    Drafts,
    DraftsSwitch,
    DraftsSwitched,
    DraftWarnings,
    PublishBody,
    Published,
)
from daka.roster.schemas import RosterSaved, SpanDep
from daka.routing import Router

router = Router(prefix="/api/v1/roster/drafts", tags=["roster"])


@router.get("", operation_id="roster_drafts_read", responses=problems(403, 404))
async def read_drafts(by: Planner, session: SessionDep, span: SpanDep, team_id: RowId) -> Drafts:
    """A team's drafts beside what is published: what publishing would change, for whom."""
    return await service.read_drafts(session, by, team_id, *span)


@router.put("", operation_id="roster_drafts_switch", responses=problems(403, 404, 409))
async def switch(body: DraftsSwitch, by: Planner, session: SessionDep) -> DraftsSwitched:
    """Let a team's edits be drafts until they are published, or no longer. What is published stays."""
    return await service.switch(session, by, body)


@router.get("/warnings", operation_id="roster_drafts_warnings", responses=problems(403, 404))
async def read_warnings(by: Planner, session: SessionDep, span: SpanDep, team_id: RowId) -> DraftWarnings:
    """The warnings that publishing would make."""
    return DraftWarnings(items=await service.warnings_of(session, by, team_id, *span))


@router.post("/publish", operation_id="roster_drafts_publish", responses=problems(403, 404, 409))
async def publish(body: PublishBody, by: Planner, session: SessionDep) -> Published:
    """Publish a team's drafts: reminders and calendars follow them, and everybody concerned receives one notice."""
    return await service.publish_drafts(session, by, body)


@router.post("/discard", operation_id="roster_drafts_discard", responses=problems(403, 404))
async def discard(body: DiscardBody, by: Planner, session: SessionDep) -> RosterSaved:
    """Discard drafts: the cells are what is published again."""
    return await service.discard(session, by, body)
