"""Routes for shifts."""

from typing import Annotated

from fastapi import Depends, Query

from daka.database import SessionDep
from daka.identity.access import Member, Planner, Principal, member_with
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.policy import PRESETS
from daka.problems import problems
from daka.routing import Router
from daka.shifts import service
from daka.shifts.models import Shift
from daka.shifts.schemas import Presets, ShiftCreate, ShiftRead, ShiftUpdate

router = Router(prefix="/api/v1/shifts", tags=["shifts"])


@router.get("", operation_id="shifts_list")
async def list_shifts(
    by: Annotated[Principal, Depends(member_with("roster:read"))],
    session: SessionDep,
    team_id: RowId | None = None,
    night_team_id: Annotated[
        RowId | None, Query(description="The team whose night decides `is_night` of shared shifts; default: your own")
    ] = None,
) -> Page[ShiftRead]:
    """Shared shifts and those of your teams."""
    if team_id is not None and not by.sees_team(team_id):
        return Page(items=[])
    shifts = await service.visible_shifts(session, by, team_id=team_id)
    night_team = team_id or night_team_id or by.user.team_id
    nights = await service.shift_nights(session)
    return Page(items=[service.shift_read(shift, nights, night_team) for shift in shifts])


@router.get("/presets", operation_id="shifts_presets")
async def read_presets(by: Member) -> Presets:
    """The preset policies 只提醒一次, 提醒到打卡为止 and 提醒并上报."""
    return Presets(**PRESETS)


@router.post("", operation_id="shifts_create", status_code=201, responses=problems(403, 404, 409))
async def create_shift(new: ShiftCreate, by: Planner, session: SessionDep) -> ShiftRead:
    """Create a shift."""
    return await _read(session, by, await service.create_shift(session, by, new))


@router.get("/{shift_id}", operation_id="shifts_read", responses=problems(404))
async def read_shift(shift_id: RowId, by: Member, session: SessionDep) -> ShiftRead:
    """Read a shift."""
    return await _read(session, by, await service.visible_shift(session, shift_id, by))


@router.patch("/{shift_id}", operation_id="shifts_update", responses=problems(403, 404, 409))
async def update_shift(shift_id: RowId, change: ShiftUpdate, by: Planner, session: SessionDep) -> ShiftRead:
    """Update a shift. Reminders of everyone assigned to it are re-planned in the same transaction."""
    shift = await service.planned_shift(session, shift_id, by)
    return await _read(session, by, await service.update_shift(session, shift, change))


async def _read(session: SessionDep, by: Principal, shift: Shift) -> ShiftRead:
    return service.shift_read(shift, await service.shift_nights(session), by.user.team_id)
