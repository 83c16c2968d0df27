"""Routes for proposals, contracts and wishes."""

from daka.database import SessionDep
from daka.identity.access import DatabaseDep, Member, Planner, PlannerApart, confirmed
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems
from daka.proposing import service, wishes
from daka.proposing.runs import ProposalsDep
from daka.proposing.schemas import (
    ApplyBody,
    ProposalBody,
    ProposalRead,
    Terms,
    TermsBody,
    WishBody,
    WishCallBody,
    WishCallFound,
    WishCallRead,
    WishRead,
)
from daka.roster.schemas import OverImported, RosterSaved, SpanDep, WorkDate
from daka.routing import Router, joined

router = Router(prefix="/api/v1/roster", tags=["roster"])
wish_routes = Router(prefix="/api/v1/wishes", tags=["wishes"])
call_routes = Router(prefix="/api/v1/wish-call", tags=["wishes"])


@router.post("/proposals", operation_id="roster_proposals_create", status_code=202, responses=problems(403, 404, 429))
async def propose(body: ProposalBody, by: PlannerApart, database: DatabaseDep, proposals: ProposalsDep) -> ProposalRead:
    """Compute cells for a team's empty days, so that needs are met, rest and leave hold, and work is shared fairly.

    It is computed in the background, one proposal at a time; the event `proposal` tells its progress. Nothing is written.
    """
    async with database.write() as session:
        row, job = await service.begin(session, await confirmed(session, by), body)
    proposals.start(row.id, job)
    return service.proposal_read(row)


@router.get("/proposals", operation_id="roster_proposals_list", responses=problems(403, 404))
async def list_proposals(by: Planner, session: SessionDep, team_id: RowId) -> Page[ProposalRead]:
    """A team's proposals of the last seven days, newest first."""
    rows = await service.list_proposals(session, by, team_id)
    return Page(items=[service.proposal_read(row) for row in rows])


@router.get("/proposals/{proposal_id}", operation_id="roster_proposals_read", responses=problems(403, 404))
async def read_proposal(proposal_id: RowId, by: Planner, session: SessionDep) -> ProposalRead:
    """A proposal: its progress, then the cells that would change, its score by rule, and why a need stays unmet."""
    return service.proposal_read(await service.find_proposal(session, by, proposal_id))


@router.post("/proposals/{proposal_id}/stop", operation_id="roster_proposals_stop", responses=problems(403, 404))
async def stop_proposal(proposal_id: RowId, by: Planner, session: SessionDep, proposals: ProposalsDep) -> ProposalRead:
    """Compute no longer, and keep the best so far."""
    row = await service.ask_to_stop(session, by, proposal_id)
    proposals.stop(row.id)
    return service.proposal_read(row)


@router.post("/proposals/{proposal_id}/apply", operation_id="roster_proposals_apply", responses=problems(403, 404, 409))
async def apply_proposal(
    proposal_id: RowId, body: ApplyBody, by: Planner, session: SessionDep, over_imported: OverImported = False
) -> RosterSaved:
    """Write a proposal, or some of its cells, into the roster or its draft: one action, which can be undone."""
    return await service.apply(session, by, proposal_id, body, over_imported=over_imported)


@router.delete(
    "/proposals/{proposal_id}", operation_id="roster_proposals_delete", status_code=204, responses=problems(403, 404)
)
async def discard_proposal(proposal_id: RowId, by: Planner, session: SessionDep, proposals: ProposalsDep) -> None:
    """Discard a proposal, also while it is computed."""
    await service.discard(session, by, proposal_id)
    proposals.end(proposal_id)


@router.get("/work-terms", operation_id="roster_work_terms_list", responses=problems(403, 404))
async def list_terms(by: Planner, session: SessionDep, team_id: RowId) -> Page[Terms]:
    """Which shifts may be proposed to whom, the hours of contracts, and the most days in a row; of whom something is said."""
    return Page(items=await service.team_terms(session, by, team_id))


@router.put("/work-terms/{user_id}", operation_id="roster_work_terms_update", responses=problems(403, 404))
async def set_terms(user_id: RowId, body: TermsBody, by: Planner, session: SessionDep) -> Terms:
    """Say which shifts may be proposed to a person, the hours of their contract, and the most days in a row."""
    return await service.set_terms(session, by, user_id, body)


@wish_routes.get("", operation_id="wishes_list", responses=problems(403, 404))
async def list_wishes(by: Member, session: SessionDep, span: SpanDep, team_id: RowId | None = None) -> Page[WishRead]:
    """Your own wishes; with a team that you plan, those of its people."""
    found = await wishes.list_wishes(session, by, *span, team_id)
    return Page(items=[WishRead.model_validate(wish) for wish in found])


@wish_routes.put("/{date}", operation_id="wishes_update", responses=problems(409))
async def make_wish(date: WorkDate, body: WishBody, by: Member, session: SessionDep) -> WishRead:
    """Wish for a free day, or for or against a shift; in place of an earlier wish for that day."""
    return WishRead.model_validate(await wishes.make_wish(session, by, date, body))


@wish_routes.delete("/{date}", operation_id="wishes_delete", status_code=204, responses=problems(409))
async def take_back(date: WorkDate, by: Member, session: SessionDep) -> None:
    """Take a wish back."""
    await wishes.take_back(session, by, date)


@call_routes.get("", operation_id="wish_call_read", responses=problems(404))
async def read_call(by: Member, session: SessionDep, team_id: RowId | None = None) -> WishCallFound:
    """For which days your team, or one that you see, is asked for wishes, and until when."""
    return WishCallFound(call=await wishes.read_call(session, by, team_id))


@call_routes.put("", operation_id="wish_call_update", responses=problems(403, 404))
async def ask_for_wishes(body: WishCallBody, by: Planner, session: SessionDep, team_id: RowId) -> WishCallRead:
    """Ask a team's people for wishes, and tell them."""
    return await wishes.ask_for_wishes(session, by, team_id, body)


@call_routes.delete("", operation_id="wish_call_delete", status_code=204, responses=problems(403, 404))
async def ask_no_longer(by: Planner, session: SessionDep, team_id: RowId) -> None:
    """Ask for wishes no longer; those that were made stay."""
    await wishes.ask_no_longer(session, by, team_id)


routes = joined(router, wish_routes, call_routes)
