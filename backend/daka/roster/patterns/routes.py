"""Routes for patterns."""

from daka.database import SessionDep
from daka.identity.access import Planner
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems
from daka.roster.patterns import filling, service
from daka.roster.patterns.schemas import CopyBody, FillBody, Filled, PatternCreate, PatternRead, PatternUpdate
from daka.roster.schemas import OverImported, WorkDate
from daka.routing import Router

router = Router(prefix="/api/v1/roster", tags=["roster"])


@router.post("/fill", operation_id="roster_fill", responses=problems(403, 409))
async def fill(body: FillBody, by: Planner, session: SessionDep, over_imported: OverImported = False) -> Filled:
    """Fill people and dates with a shift cycle."""
    return await filling.fill(session, by, body, over_imported=over_imported)


@router.post("/copy", operation_id="roster_copy", responses=problems(403, 409))
async def copy(body: CopyBody, by: Planner, session: SessionDep, over_imported: OverImported = False) -> Filled:
    """Copy a block of days, such as a week or a month, to other dates."""
    return await filling.copy(session, by, body, over_imported=over_imported)


@router.get("/patterns", operation_id="roster_patterns_list", responses=problems(403, 404))
async def list_patterns(
    by: Planner, session: SessionDep, team_id: RowId | None = None, before: WorkDate | None = None
) -> Page[PatternRead]:
    """The built-in patterns (做五休二, 大小周, 四班三倒 and others) with the team's shifts, and saved ones.

    With `before`, each says how many of the team's people worked it last, in the eight weeks before.
    """
    return Page(items=await service.patterns(session, by, team_id, before))


@router.post("/patterns", operation_id="roster_patterns_create", status_code=201, responses=problems(403, 404, 409))
async def save_pattern(new: PatternCreate, by: Planner, session: SessionDep) -> PatternRead:
    """Save a cycle as a pattern."""
    return await service.save_pattern(session, by, new)


@router.patch("/patterns/{pattern_id}", operation_id="roster_patterns_update", responses=problems(403, 404, 409))
async def update_pattern(pattern_id: RowId, change: PatternUpdate, by: Planner, session: SessionDep) -> PatternRead:
    """Update a pattern."""
    return await service.update_pattern(session, by, pattern_id, change)


@router.delete(
    "/patterns/{pattern_id}", operation_id="roster_patterns_delete", status_code=204, responses=problems(403, 404)
)
async def delete_pattern(pattern_id: RowId, by: Planner, session: SessionDep) -> None:
    """Delete a pattern; rosters stay unchanged."""
    await service.delete_pattern(session, by, pattern_id)
