"""Shifts: visibility, creation and changes."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.hooks import PlanChange, plan_changed
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import Team
from daka.languages import Language, listed
from daka.shifts.models import Shift
from daka.shifts.nights import NIGHT, is_night, night_of
from daka.shifts.schemas import ShiftCreate, ShiftRead, ShiftUpdate
from daka.shifts.times import Period


def periods_of(shift: Shift) -> list[Period]:
    """A shift's periods as times; a rest shift has none."""
    if shift.is_rest:
        return []
    return [
        Period(time.fromisoformat(found["start"]), time.fromisoformat(found["end"]), shift.asks_clock_out)
        for found in shift.periods
    ]


def times_of(shift: Shift, language: Language) -> str:
    """08:30–12:00、13:00–17:30"""
    return listed((f"{period['start']}–{period['end']}" for period in shift.periods or []), language)


def only_rest_shift(shifts: Sequence[Shift]) -> Shift | None:
    """The shift that `REST_WORDS` mean: the team's rest shift, if there is exactly one."""
    rest = [shift for shift in shifts if shift.is_rest]
    return rest[0] if len(rest) == 1 else None


def overtime_of(shift: Shift, default_minutes: int) -> timedelta:
    minutes = shift.overtime_minutes if shift.overtime_minutes is not None else default_minutes
    return timedelta(minutes=minutes)


Nights = Mapping[int | None, Period]


async def shift_nights(session: AsyncSession) -> Nights:
    """What counts as night in each team that has set it."""
    asked = select(Team.id, Team.night).where(Team.night.is_not(None))
    return {team_id: night_of(night) for team_id, night in await session.exec(asked)}


def shift_values(shift: Shift) -> dict[str, Any]:
    """The fields as they are stored."""
    return shift.model_dump(exclude={"created_at", "updated_at", "archived_at"})


def is_night_in(shift: Shift, nights: Nights, team_id: int | None) -> bool:
    return is_night(periods_of(shift), nights.get(team_id, NIGHT))


def shift_read(shift: Shift, nights: Nights, team_id: int | None) -> ShiftRead:
    """A shift as the API returns it. What counts as night: the shift's own team says, for shared shifts `team_id`."""
    night = is_night_in(shift, nights, shift.team_id or team_id)
    return ShiftRead.model_validate({**shift_values(shift), "is_night": night})


async def visible_shifts(session: AsyncSession, by: Principal, *, team_id: int | None = None) -> list[Shift]:
    """Shared shifts and those of the teams that `by` sees."""
    asked = select(Shift).where(Shift.archived_at.is_(None)).order_by(Shift.id)
    teams = by.visible_team_ids if team_id is None else frozenset({team_id})
    if teams is not None:
        asked = asked.where(or_(Shift.team_id.is_(None), Shift.team_id.in_(teams)))
    return list(await session.exec(asked))


async def visible_shift(session: AsyncSession, shift_id: int, by: Principal) -> Shift:
    """A shift that `by` sees. Raises NotFound: it does not exist, or `by` does not see it."""
    shift = await session.get(Shift, shift_id)
    if shift is None or shift.archived_at is not None or not (shift.team_id is None or by.sees_team(shift.team_id)):
        raise NotFound("shift_not_found", f"There is no shift {shift_id}")
    return shift


async def planned_shift(session: AsyncSession, shift_id: int, by: Principal) -> Shift:
    """A shift that `by` may change: one of a team they plan; shared ones for administrators only."""
    shift = await visible_shift(session, shift_id, by)
    if not by.plans(shift.team_id):
        raise Forbidden("not_your_shift", "This shift is shared by all teams; only administrators can change it")
    return shift


async def create_shift(session: AsyncSession, by: Principal, new: ShiftCreate) -> Shift:
    """Create a shift: by default in the planner's own team, or shared if an administrator creates it."""
    team_id = new.team_id if new.team_id is not None or by.is_admin else by.user.team_id
    await refuse_foreign_team(session, by, team_id)
    await _refuse_taken_code(session, new.code, team_id)
    shift = Shift(**{**new.model_dump(), "team_id": team_id})
    session.add(shift)
    await session.flush()
    audit(session, "shift.created", shift.id, shift.name, after=shift_values(shift))
    publish(session, Topic.SHIFT, team_id=team_id)
    return shift


PLANNED_BY = ("is_rest", "periods", "asks_clock_out", "policy", "overtime_minutes")
"""The fields by which reminders are planned."""


async def update_shift(session: AsyncSession, shift: Shift, change: ShiftUpdate) -> Shift:
    """Update a shift and re-plan everyone assigned to it in the same transaction."""
    fields = change.model_dump(exclude_unset=True)
    for required in ("name", "code", "color", "is_rest", "periods", "asks_clock_out"):
        if fields.get(required, "") is None:
            del fields[required]
    if "code" in fields and fields["code"] != shift.code:
        await _refuse_taken_code(session, fields["code"], shift.team_id)
    if fields.get("is_rest") and "periods" not in fields:
        fields["periods"] = []
    before = shift_values(shift)
    for name, value in fields.items():
        setattr(shift, name, value)
    if shift.is_rest and shift.periods:
        raise Invalid("rest_has_periods", "A rest shift has no periods", loc=("body", "periods"))
    if not shift.is_rest and not shift.periods:
        raise Invalid("periods_missing", "A shift needs one to three periods, or is_rest", loc=("body", "periods"))
    if (after := shift_values(shift)) != before:
        shift.updated_at = clock.now()
    session.add(shift)
    await session.flush()
    audit(session, "shift.updated", shift.id, shift.name, before=before, after=after)
    publish(session, Topic.SHIFT, team_id=shift.team_id)
    if any(before[name] != after[name] for name in PLANNED_BY):
        await plan_changed(session, PlanChange.of_shift(shift.id))
    return shift


async def _refuse_taken_code(session: AsyncSession, code: str, team_id: int | None) -> None:
    taken = select(Shift.id).where(Shift.code == code, Shift.archived_at.is_(None))
    if team_id is not None:
        taken = taken.where(or_(Shift.team_id.is_(None), Shift.team_id == team_id))
    if (await session.exec(taken.limit(1))).first() is not None:
        raise Conflict("shift_code_taken", f"The shift code {code} is already in use")
