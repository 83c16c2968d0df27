"""Filling a roster with a pattern, copying blocks of it, and saving patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from typing import Literal

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal, find_team, refuse_foreign_team
from daka.identity.models import MAY_SIGN_IN, User
from daka.roster.models import Pattern
from daka.roster.patterns.filling import _days_before
from daka.roster.patterns.schemas import PatternCreate, PatternRead, PatternUpdate
from daka.roster.shift_cycles import Cycle, Slot, missing_slots, offset_after
from daka.shifts.models import Shift
from daka.shifts.service import Nights, is_night_in, periods_of, shift_nights, visible_shifts


@dataclass(frozen=True, slots=True)
class BuiltInPattern:
    """A common pattern in words: 班 and 白 are day shifts, 早 one of the morning, 中 one of the afternoon, 夜 a night shift."""

    name: str
    slots: str
    starts_on_monday: bool = False
    calendar: Literal["follow", "ignore"] = "ignore"


BUILT_IN = (
    BuiltInPattern("做五休二", "班班班班班休休", starts_on_monday=True, calendar="follow"),
    BuiltInPattern("大小周", "班班班班班休休班班班班班班休", starts_on_monday=True, calendar="follow"),
    BuiltInPattern("做六休一", "班班班班班班休", starts_on_monday=True),
    BuiltInPattern("上二休二", "班班休休"),
    BuiltInPattern("上四休二", "班班班班休休"),
    BuiltInPattern("白夜休休", "白夜休休"),
    BuiltInPattern("四班三倒", "早早中中夜夜休休"),
    BuiltInPattern("四班两倒", "白白夜夜休休休休"),
    BuiltInPattern("三班两倒", "白白夜夜休休"),
)


def shifts_by_word(shifts: Sequence[Shift], nights: Nights, team_id: int | None) -> dict[str, Slot]:
    """The shift of each word in a built-in pattern: the team's first that fits. Without a rest shift, 休 is a blank day."""
    by_day = next((shift.id for shift in shifts if not shift.is_rest and not is_night_in(shift, nights, team_id)), None)
    by_night = next((shift.id for shift in shifts if not shift.is_rest and is_night_in(shift, nights, team_id)), None)
    rest = next((shift.id for shift in shifts if shift.is_rest), None)
    words: dict[str, Slot] = {"休": rest}
    for shift in reversed(shifts):
        if not shift.is_rest and not is_night_in(shift, nights, team_id):
            words["早" if periods_of(shift)[0].start < time(12) else "中"] = shift.id
    of_word = {"班": by_night if by_day is None else by_day, "白": by_day, "夜": by_night}
    return words | {word: shift_id for word, shift_id in of_word.items() if shift_id is not None}


def _in_order(slots: str, shifts: Sequence[Shift], words: Mapping[str, Slot]) -> list[str]:
    """The slots of a built-in pattern. A night that begins after midnight comes first: after a late shift it leaves no rest."""
    night = next((shift for shift in shifts if shift.id == words.get("夜")), None)
    if night is None or periods_of(night)[0].start >= time(12):
        return list(slots)
    work = slots.rstrip("休")
    return [*sorted(work, key=lambda slot: slot != "夜"), *slots[len(work) :]]


async def patterns(session: AsyncSession, by: Principal, team_id: int | None, before: date | None) -> list[PatternRead]:
    """The built-in patterns with the team's shifts, then saved ones; how many people worked each before a date."""
    if team_id is not None:
        await find_team(session, team_id, by)
    shifts = await visible_shifts(session, by, team_id=team_id)
    words = shifts_by_word(shifts, await shift_nights(session), team_id)
    found = [
        PatternRead(
            **{**asdict(built_in), "slots": slots},
            id=None,
            cycle=[] if (missing := missing_slots(slots, words)) else [words[slot] for slot in slots],
            team_id=None,
            missing=missing,
        )
        for built_in in BUILT_IN
        for slots in [_in_order(built_in.slots, shifts, words)]
    ]
    asked = select(Pattern).order_by(Pattern.name, Pattern.id)
    teams = by.visible_team_ids if team_id is None else frozenset({team_id})
    if teams is not None:
        asked = asked.where(or_(Pattern.team_id.is_(None), Pattern.team_id.in_(teams)))
    codes = {shift.id: shift.code for shift in shifts}
    found += [pattern_read(pattern, codes) for pattern in await session.exec(asked)]
    if team_id is None or before is None:
        return found
    worked = await _sample_before(session, team_id, before)
    for pattern in found:
        if 0 < len(pattern.cycle) <= LONGEST_COUNTED:
            cycle = Cycle(tuple(pattern.cycle), before)
            pattern.people = sum(
                offset_after(cycle, days, max(days) + timedelta(days=1)) is not None for days in worked
            )
    return found


SAMPLE, LONGEST_COUNTED = 20, 28


async def _sample_before(session: AsyncSession, team_id: int, before: date) -> list[dict[date, Slot]]:
    """The days before a date of some people from all parts of a team, who may be several crews."""
    asked = select(User).where(User.team_id == team_id, MAY_SIGN_IN).order_by(User.id)
    people = {user.id: user for user in await session.exec(asked)}
    ids = list(people)[:: max(1, -(-len(people) // SAMPLE))]
    return list(
        (await _days_before(session, {each: people[each] for each in ids}, before, 2 * LONGEST_COUNTED)).values()
    )


def pattern_read(pattern: Pattern, codes: Mapping[int, str]) -> PatternRead:
    """A saved pattern. Slots with a deleted shift are missing."""
    gone = [str(slot) for slot in pattern.cycle if slot is not None and slot not in codes]
    return PatternRead(
        **pattern.model_dump(include={"id", "name", "starts_on_monday", "team_id"}),
        cycle=[] if gone else pattern.cycle,
        calendar="ignore",
        slots=[codes.get(slot, "?") if slot is not None else "休" for slot in pattern.cycle],
        missing=sorted(set(gone)),
    )


async def save_pattern(session: AsyncSession, by: Principal, new: PatternCreate) -> PatternRead:
    """Save a cycle as a pattern. Raises Conflict: the team already has a pattern with this name."""
    team_id = new.team_id if new.team_id is not None or by.is_admin else by.user.team_id
    await refuse_foreign_team(session, by, team_id)
    await _refuse_taken_name(session, new.name, team_id)
    codes = await _refuse_unknown_slots(session, by, new.cycle, team_id)
    pattern = Pattern(**new.model_dump(exclude={"team_id"}), team_id=team_id)
    session.add(pattern)
    await session.flush()
    return pattern_read(pattern, codes)


async def update_pattern(session: AsyncSession, by: Principal, pattern_id: int, change: PatternUpdate) -> PatternRead:
    pattern = await _planned_pattern(session, by, pattern_id)
    if change.name is not None and change.name != pattern.name:
        await _refuse_taken_name(session, change.name, pattern.team_id)
        pattern.name = change.name
    if change.starts_on_monday is not None:
        pattern.starts_on_monday = change.starts_on_monday
    codes = await _refuse_unknown_slots(session, by, change.cycle or [], pattern.team_id)
    if change.cycle is not None:
        pattern.cycle = change.cycle
    await session.flush()
    return pattern_read(pattern, codes)


async def delete_pattern(session: AsyncSession, by: Principal, pattern_id: int) -> None:
    await session.delete(await _planned_pattern(session, by, pattern_id))


async def _planned_pattern(session: AsyncSession, by: Principal, pattern_id: int) -> Pattern:
    pattern = await session.get(Pattern, pattern_id)
    if pattern is None or not (pattern.team_id is None or by.sees_team(pattern.team_id)):
        raise NotFound("pattern_not_found", f"There is no pattern {pattern_id}")
    if not by.plans(pattern.team_id):
        raise Forbidden("not_your_team", "This pattern is shared by all teams; only administrators can change it")
    return pattern


async def _refuse_taken_name(session: AsyncSession, name: str, team_id: int | None) -> None:
    same_team = Pattern.team_id.is_(None) if team_id is None else Pattern.team_id == team_id
    taken = select(Pattern.id).where(Pattern.name == name, same_team)
    is_built_in = any(built_in.name == name for built_in in BUILT_IN)
    if is_built_in or (await session.exec(taken.limit(1))).first() is not None:
        raise Conflict("pattern_name_taken", f"A pattern named {name} already exists")


async def _refuse_unknown_slots(
    session: AsyncSession, by: Principal, cycle: Sequence[Slot], team_id: int | None
) -> dict[int, str]:
    """Codes of the shifts that the team can use; without a team, of the shared shifts."""
    shifts = await visible_shifts(session, by, team_id=team_id)
    usable = {shift.id: shift.code for shift in shifts if team_id is not None or shift.team_id is None}
    for index, slot in enumerate(cycle):
        if slot is not None and slot not in usable:
            raise Invalid("unknown_shift", f"The team has no shift {slot}", loc=("body", "cycle", index))
    return usable
