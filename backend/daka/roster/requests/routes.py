"""Routes for leave, swaps and open shifts."""

from typing import Annotated

from fastapi import Query

from daka.database import SessionDep
from daka.identity.access import Member, Planner
from daka.identity.schemas import RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems
from daka.roster.requests import leaves, open_shifts, swaps
from daka.roster.requests.schemas import (
    LeaveCreate,
    LeaveRead,
    LeaveSearch,
    OpenShiftCreate,
    OpenShiftRead,
    SwapCreate,
    SwapRead,
)
from daka.roster.schemas import OverImported, RosterWarning
from daka.routing import Router, joined

leave_routes = Router(prefix="/api/v1/leaves", tags=["leaves"])
swap_routes = Router(prefix="/api/v1/swaps", tags=["swaps"])
open_shift_routes = Router(prefix="/api/v1/open-shifts", tags=["open shifts"])


@leave_routes.get("", operation_id="leaves_list")
async def list_leaves(by: Member, session: SessionDep, search: Annotated[LeaveSearch, Query()]) -> Page[LeaveRead]:
    """Leave and skipped days of yourself and of the people you plan, newest first."""
    items, next_cursor = await leaves.list_leaves(session, by, search)
    return Page(items=items, next_cursor=next_cursor)


@leave_routes.post("", operation_id="leaves_create", status_code=201, responses=problems(403, 404, 409))
async def take_leave(new: LeaveCreate, by: Member, session: SessionDep) -> LeaveRead:
    """Record leave: no reminders on these work dates. The shifts stay on the roster."""
    return await leaves.take_leave(session, by, new)


@leave_routes.delete("/{leave_id}", operation_id="leaves_delete", status_code=204, responses=problems(403, 404))
async def end_leave(leave_id: RowId, by: Member, session: SessionDep) -> None:
    """Delete leave; reminders still to come are planned again."""
    await leaves.end_leave(session, by, leave_id)


@swap_routes.get("", operation_id="swaps_list")
async def list_swaps(
    by: Member,
    session: SessionDep,
    is_open: Annotated[bool | None, Query(description="Only open swaps, or only closed ones")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[SwapRead]:
    """Your swaps and those of the teams you plan, newest first."""
    items, next_cursor = await swaps.list_swaps(session, by, is_open=is_open, limit=limit, cursor=cursor)
    return Page(items=items, next_cursor=next_cursor)


@swap_routes.post("", operation_id="swaps_create", status_code=201, responses=problems(409))
async def ask_swap(new: SwapCreate, by: Member, session: SessionDep) -> SwapRead:
    """Ask a colleague to swap shifts."""
    return await swaps.ask_swap(session, by, new)


@swap_routes.get("/{swap_id}/warnings", operation_id="swaps_warnings", responses=problems(403, 404, 409))
async def swap_warnings(swap_id: RowId, by: Planner, session: SessionDep) -> Page[RosterWarning]:
    """The warnings that approving a swap would make; 409 if it cannot be approved any more."""
    return Page(items=await swaps.warnings_of(session, by, swap_id), next_cursor=None)


@swap_routes.post("/{swap_id}/accept", operation_id="swaps_accept", responses=problems(403, 404, 409))
async def accept_swap(swap_id: RowId, by: Member, session: SessionDep) -> SwapRead:
    """Accept a swap as the other person; a planner still has to approve it."""
    return await swaps.take_step(session, by, swap_id, "accept")


@swap_routes.post("/{swap_id}/decline", operation_id="swaps_decline", responses=problems(403, 404, 409))
async def decline_swap(swap_id: RowId, by: Member, session: SessionDep) -> SwapRead:
    """Decline a swap, as the other person or as a planner."""
    return await swaps.take_step(session, by, swap_id, "decline")


@swap_routes.post("/{swap_id}/withdraw", operation_id="swaps_withdraw", responses=problems(403, 404, 409))
async def withdraw_swap(swap_id: RowId, by: Member, session: SessionDep) -> SwapRead:
    """Withdraw a swap you requested."""
    return await swaps.take_step(session, by, swap_id, "withdraw")


@swap_routes.post("/{swap_id}/approve", operation_id="swaps_approve", responses=problems(403, 404, 409))
async def approve_swap(
    swap_id: RowId, by: Member, session: SessionDep, over_imported: OverImported = False
) -> SwapRead:
    """Approve a swap as a planner: the cells are exchanged and the reminders re-planned."""
    return await swaps.take_step(session, by, swap_id, "approve", over_imported=over_imported)


@open_shift_routes.get("", operation_id="open_shifts_list")
async def list_open_shifts(
    by: Member,
    session: SessionDep,
    is_open: Annotated[bool | None, Query(description="Only open ones from today on, or only the others")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[OpenShiftRead]:
    """Shifts that you may take or have taken, and those of the teams you plan, newest first."""
    items, next_cursor = await open_shifts.list_open_shifts(session, by, is_open=is_open, limit=limit, cursor=cursor)
    return Page(items=items, next_cursor=next_cursor)


@open_shift_routes.post("", operation_id="open_shifts_create", status_code=201, responses=problems(403, 404))
async def offer_shift(new: OpenShiftCreate, by: Planner, session: SessionDep) -> Page[OpenShiftRead]:
    """Offer a shift to the people of a team; those who are free that day are told."""
    return Page(items=await open_shifts.offer(session, by, new), next_cursor=None)


@open_shift_routes.get(
    "/{open_shift_id}/warnings", operation_id="open_shifts_warnings", responses=problems(403, 404, 409)
)
async def open_shift_warnings(open_shift_id: RowId, by: Planner, session: SessionDep) -> Page[RosterWarning]:
    """The warnings that approving it for the person who took it would make; 409 if that is not possible any more."""
    return Page(items=await open_shifts.warnings_of(session, by, open_shift_id), next_cursor=None)


@open_shift_routes.post("/{open_shift_id}/take", operation_id="open_shifts_take", responses=problems(403, 404, 409))
async def take_open_shift(open_shift_id: RowId, by: Member, session: SessionDep) -> OpenShiftRead:
    """Take a shift that is offered to your team; a planner still has to approve it."""
    return await open_shifts.take_step(session, by, open_shift_id, "take")


@open_shift_routes.post(
    "/{open_shift_id}/give_back", operation_id="open_shifts_give_back", responses=problems(403, 404, 409)
)
async def give_back_open_shift(open_shift_id: RowId, by: Member, session: SessionDep) -> OpenShiftRead:
    """Give a shift back that you took and that is not approved yet."""
    return await open_shifts.take_step(session, by, open_shift_id, "give_back")


@open_shift_routes.post(
    "/{open_shift_id}/approve", operation_id="open_shifts_approve", responses=problems(403, 404, 409)
)
async def approve_open_shift(
    open_shift_id: RowId, by: Planner, session: SessionDep, over_imported: OverImported = False
) -> OpenShiftRead:
    """Plan the shift for the person who took it; the reminders are re-planned."""
    return await open_shifts.take_step(session, by, open_shift_id, "approve", over_imported=over_imported)


@open_shift_routes.post(
    "/{open_shift_id}/decline", operation_id="open_shifts_decline", responses=problems(403, 404, 409)
)
async def decline_open_shift(open_shift_id: RowId, by: Planner, session: SessionDep) -> OpenShiftRead:
    """Decline the person who took it; the others may take it."""
    return await open_shifts.take_step(session, by, open_shift_id, "decline")


@open_shift_routes.post(
    "/{open_shift_id}/withdraw", operation_id="open_shifts_withdraw", responses=problems(403, 404, 409)
)
async def withdraw_open_shift(open_shift_id: RowId, by: Planner, session: SessionDep) -> OpenShiftRead:
    """Offer the shift no longer."""
    return await open_shifts.take_step(session, by, open_shift_id, "withdraw")


router = joined(open_shift_routes, leave_routes, swap_routes)
