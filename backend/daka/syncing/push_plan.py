"""What publishing a roster to a vendor would write, what cannot be written and why, and whether it was applied. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from daka.syncing.reading import Cell, Days, PlannedDay, Times
from daka.syncing.writer import REST, Entry, ShiftThere, There


class Unwritable(StrEnum):
    """Why a cell cannot be written."""

    PERSON = "person"
    """Unknown there."""
    SAME_ID = "same_id"
    """Another account of the team has the same id there."""
    NO_GROUP = "no_group"
    """In no attendance group that the app can see."""
    GROUP = "group"
    """In a group whose people are not scheduled day by day."""
    SHIFT = "shift"
    """No shift there is certainly the same: the planner is asked which one it is."""
    UNCLEAR = "unclear"
    """What is there could not be understood; it is not written over."""
    PAST = "past"
    FAR = "far"
    """Further ahead than the vendor takes schedules."""


@dataclass(frozen=True, slots=True)
class PersonHere:
    id: int
    name: str
    userid: str | None
    shares_id: bool = False


@dataclass(frozen=True, slots=True)
class ShiftHere:
    id: int
    name: str
    times: Times
    """None for a rest."""
    asks_clock_out: bool = True

    @property
    def is_rest(self) -> bool:
        return not self.times


@dataclass(frozen=True, slots=True)
class PushChange:
    """A cell that would be written: what is there (None: no schedule) and what would be."""

    person: PersonHere
    day: date
    before: PlannedDay | None
    shift_id: int | None
    entry: Entry


@dataclass(slots=True)
class PushPlan:
    changes: list[PushChange] = field(default_factory=list)
    obstacles: dict[tuple[Unwritable, int, int | None], int] = field(default_factory=dict)
    """Number of days, by reason, person and (for `SHIFT`) the shift here."""
    unknown_shifts: set[int] = field(default_factory=set)
    """Shifts here of which the planner is asked what they are there."""
    same: int = 0
    blank: int = 0
    """Cells that are empty here and scheduled there; they stay unless the planner wants them cleared."""
    compared: dict[Cell, int | None] = field(default_factory=dict)
    """Every cell that is equal there, or will be."""

    def add(self, why: Unwritable, person: PersonHere, shift_id: int | None = None) -> None:
        key = (why, person.id, shift_id)
        self.obstacles[key] = self.obstacles.get(key, 0) + 1

    @property
    def token(self) -> str:
        """Stands for everything that would be written and what it would be written over: only that is written."""
        shown = [
            [*_json(change.entry), change.before and [change.before.shift_id, change.before.periods]]
            for change in self.changes
        ]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _json(entry: Entry) -> list[str | None]:
    return [entry.userid, entry.day.isoformat(), entry.group_id, entry.shift_id]


def match_shift(here: ShiftHere, there: Iterable[ShiftThere], chosen: ShiftThere | None) -> str | None:
    """The vendor's shift: as the planner chose, else the only one with these times, or of several the one with this name.

    Where each group has its own shifts, the choice stands for the equal one of another group.
    None: it is not certain. A name alone is not enough: another 白班 may begin at another time.
    """
    if here.is_rest:
        return REST
    there = list(there)
    if chosen is not None:
        equal = [shift.id for shift in there if replace(shift, id=chosen.id, group_id=chosen.group_id) == chosen]
        if chosen.id in equal or len(equal) == 1:
            return chosen.id if chosen.id in equal else equal[0]
    fitting = [shift for shift in there if shift.fits(here.times, asks_clock_out=here.asks_clock_out)]
    if len(fitting) > 1:
        fitting = [shift for shift in fitting if shift.name == here.name]
    return fitting[0].id if len(fitting) == 1 else None


def plan_push(
    people: Sequence[PersonHere],
    dates: Sequence[date],
    cells: Mapping[Cell, int],
    shifts: Mapping[int, ShiftHere],
    there: There,
    *,
    today: date,
    last: date,
    chosen: Mapping[int, str],
    clears: bool,
) -> PushPlan:
    """Compare the published roster with what is there. `last`: the last day that the vendor takes."""
    plan = PushPlan()
    for person in people:
        for day in dates:
            shift_id = cells.get((person.id, day))
            why = _outside(day, today, last)
            if why is None and (person.userid is None or person.userid in there.refused):
                why = Unwritable.SAME_ID if person.shares_id else Unwritable.PERSON
            if why is None:
                here = shifts[shift_id] if shift_id is not None else None
                _plan_cell(plan, person, day, here, there, chosen, clears=clears)
            elif shift_id is not None:
                plan.add(why, person)
    return plan


def _outside(day: date, today: date, last: date) -> Unwritable | None:
    return Unwritable.PAST if day < today else Unwritable.FAR if day > last else None


def _plan_cell(
    plan: PushPlan,
    person: PersonHere,
    day: date,
    here: ShiftHere | None,
    there: There,
    chosen: Mapping[int, str],
    *,
    clears: bool,
) -> None:
    assert person.userid is not None
    key = (person.userid, day)
    before, group = there.days.get(key), there.groups.get(person.userid)
    wanted = None
    if here is not None:
        known = (shift for shift in there.shifts.values() if shift.group_id in (None, group.id if group else None))
        wanted = match_shift(here, known, there.shifts.get(chosen.get(here.id, "")))
    if key in there.days and before is None:
        plan.add(Unwritable.UNCLEAR, person)
    elif here is None and (before is None or not before.periods):
        plan.compared[person.id, day] = None
    elif here is None and not clears:
        plan.blank += 1
    elif here is not None and before is not None and is_same(before, wanted, here.times):
        plan.same += 1
        plan.compared[person.id, day] = here.id
    elif group is None or not group.is_writable:
        plan.add(Unwritable.GROUP if group else Unwritable.NO_GROUP, person)
    elif here is not None and wanted is None:
        plan.unknown_shifts.add(here.id)
        plan.add(Unwritable.SHIFT, person, here.id)
    else:
        shift_id = here.id if here else None
        plan.changes.append(PushChange(person, day, before, shift_id, Entry(person.userid, day, group.id, wanted)))
        plan.compared[person.id, day] = shift_id


def is_same(day: PlannedDay, wanted: str | None, times: Times) -> bool:
    """Whether a day there is as it is wanted. The shift decides, also where leave has moved its times; else equal times do.

    `wanted` is None where it is not known which shift is meant.
    """
    if not day.periods or not times:
        return not day.periods and not times
    return day.shift_id == wanted or day.periods == times


def not_applied(entries: Iterable[Entry], days: Days) -> list[Entry]:
    """The entries that do not show when the days are read back."""

    def shows(entry: Entry) -> bool:
        key = (entry.userid, entry.day)
        day = days.get(key)
        if day is None:  # no schedule, or one that is not understood
            return key not in days and entry.shift_id in (None, REST)
        return not day.periods if entry.shift_id in (None, REST) else day.shift_id == entry.shift_id

    return [entry for entry in entries if not shows(entry)]
