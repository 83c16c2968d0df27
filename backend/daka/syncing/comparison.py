"""What was read of a team's roster, compared with the roster here: cells, and shifts that are still to be created."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.models import Team
from daka.reminders.punches.models import PunchSource
from daka.roster.calendar import Day, dates_between
from daka.roster.cells import Key, read_cells
from daka.shifts.models import Shift
from daka.syncing.models import RosterSource
from daka.syncing.reader import Asked, PlanRead
from daka.syncing.reading import Differences, PlannedDay, Times, cells_of, differences, latest, standing_times
from daka.syncing.schemas import PullRead


@dataclass(frozen=True, slots=True)
class AskedPerson:
    id: int
    """Negative: somebody who has no account yet."""
    name: str
    userid: str | None
    mobile: str


@dataclass(slots=True)
class AskedTeam:
    """What was read of a team: who was asked about, and what the vendor says."""

    source: PunchSource
    team: Team
    zone: ZoneInfo
    first: date
    days: int
    calendar: Mapping[date, Day]
    people: list[AskedPerson]
    plan: PlanRead
    userids: dict[int, str] = field(default_factory=dict)
    """By user id."""
    learned: dict[int, str] = field(default_factory=dict)
    """Of these, those that were looked up just now."""
    same_ids: set[int] = field(default_factory=set)
    """People who have the same id here as somebody else of the team: nobody says whose it is."""
    newcomers: list[str] = field(default_factory=list)
    """Names of people in the team's departments without an account."""
    leavers: list[str] = field(default_factory=list)
    calls: int = 0

    @property
    def dates(self) -> list[date]:
        return dates_between(self.first, self.first + timedelta(days=self.days - 1))

    def asked(self) -> Asked:
        """What the vendor is asked about them."""
        userids = sorted(set(self.userids.values()))
        return Asked(userids, self.first, self.days, self.zone, operator_userid=self.plan.operator_userid)

    @property
    def not_asked(self) -> set[int]:
        """People of whom the vendor tells nothing: without a userid, or refused."""
        return {
            person.id
            for person in self.people
            if person.id not in self.userids or self.userids[person.id] in self.plan.refused
        }


@dataclass(frozen=True, slots=True)
class NewShift:
    name: str
    code: str
    color: str
    periods: list[dict[str, str]]
    asks_clock_out: bool
    is_variant: bool


@dataclass(slots=True)
class VendorCells:
    """The vendor's days as cells. Shifts that are still to be created have negative ids."""

    cells: dict[Key, int | None] = field(default_factory=dict)
    unclear: set[Key] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Of the shifts that occur."""
    new: dict[int, NewShift] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterComparison:
    found: Differences
    read: PullRead
    new: dict[int, NewShift]
    """The shifts to create, by the negative ids in `found`."""


async def compare_roster(
    session: AsyncSession, asked_team: AskedTeam, row: RosterSource | None, *, accepts_gone: bool = False
) -> RosterComparison:
    """The differences from the roster now, given what the last pull left."""
    team_id = asked_team.team.id
    visible = select(Shift).where(Shift.archived_at.is_(None), or_(Shift.team_id == team_id, Shift.team_id.is_(None)))
    shifts = list(await session.exec(visible.order_by(Shift.team_id.is_(None), Shift.id)))
    said = cells_said(asked_team, shifts)
    read_of = {user_id for user_id, _ in said.cells.keys() | said.unclear}
    not_asked, dates = asked_team.not_asked, asked_team.dates
    untold = {(user_id, day) for user_id in not_asked for day in dates}
    present = await read_cells(session, [person.id for person in asked_team.people], dates[0], dates[-1])
    found = differences(
        said.cells,
        frozenset(said.unclear | untold),
        [(person.id, day) for person in asked_team.people for day in dates],
        cells_of(row.imported) if row else {},
        present,
        is_first=row is None or row.pulled_at is None,
        accepts_gone=accepts_gone,
    )
    wanted = set(found.wanted.values())
    silent = [person for person in asked_team.people if person.id not in read_of]
    read = PullRead(
        outcome="ok",
        people=len(read_of),
        without_schedule=[person.name for person in silent if person.id not in not_asked],
        not_found=[person.name for person in asked_team.people if person.id in not_asked - asked_team.same_ids],
        same_ids=[person.name for person in asked_team.people if person.id in asked_team.same_ids],
        shifts=sorted(said.names),
        days=asked_team.days,
        changed=len(found.wanted),
        replaced=sum(key in present for key in found.wanted) - found.gone,
        gone=found.gone + found.held,
        vanished=[person.name for person in asked_team.people if person.id in found.vanished],
        kept=len(found.kept),
        unclear=len(said.unclear - untold),
        leaves=len(asked_team.plan.leaves or ()),
        newcomers=asked_team.newcomers,
        leavers=asked_team.leavers,
        calls=asked_team.calls,
    )
    return RosterComparison(found, read, {place: shift for place, shift in said.new.items() if place in wanted})


def cells_said(asked_team: AskedTeam, shifts: Sequence[Shift]) -> VendorCells:
    """What the vendor says of each cell, given the team's shifts, those of its own first. Pure."""
    plan, said = asked_team.plan, VendorCells()
    rest = next((shift.id for shift in shifts if shift.is_rest), None)
    known: dict[tuple[str, Times, bool], int] = {}
    standing = standing_times(plan.days.values())
    user_of = {userid: user_id for user_id, userid in asked_team.userids.items()}
    for (userid, day), planned in sorted(plan.days.items(), key=lambda item: item[0]):
        if userid not in user_of:
            continue
        key = (user_of[userid], day)
        definition = plan.definitions.get((planned.shift_id, planned.version)) if planned else None
        if planned is None or (definition and definition.is_partly_free):
            said.unclear.add(key)
        elif not planned.periods or (definition and definition.is_free):
            said.cells[key] = rest
        else:
            name = definition.name if definition else _times_in_words(planned)
            said.names.add(name)
            minutes = definition.flexible_minutes if definition else 0
            usual, times = (latest(found, minutes) for found in (standing[planned.shift_id], planned.periods))
            asks = definition.asks_clock_out if definition else True
            if (name, times, asks) not in known:
                if times != usual and (name, usual, asks) not in known:  # the usual times have the name
                    known[name, usual, asks] = _shift_for(shifts, said.new, name, usual, asks)
                known[name, times, asks] = _shift_for(shifts, said.new, name, times, asks, is_variant=times != usual)
            said.cells[key] = known[name, times, asks]
    return said


def _times_in_words(day: PlannedDay) -> str:
    return "、".join(f"{start}–{end}" for start, end in day.periods)[:40]


def _shift_for(
    shifts: Sequence[Shift],
    new: dict[int, NewShift],
    name: str,
    times: Times,
    asks_clock_out: bool,
    *,
    is_variant: bool = False,
) -> int:
    """The shift with these times that asks for the same punches, by preference the one of this name; else a new one, with a
    negative id.
    """
    periods = [{"start": start, "end": end} for start, end in times]
    fitting = [
        shift
        for shift in shifts
        if not shift.is_rest
        and (shift.periods, shift.asks_clock_out) == (periods, asks_clock_out)
        and (is_variant or not shift.is_variant)
    ]
    for place, shift in new.items():
        is_same = (shift.periods, shift.asks_clock_out) == (periods, asks_clock_out)
        if is_same and (is_variant or shift.name == name):
            return place
    if fitting:
        return next((shift for shift in fitting if shift.name == name), fitting[0]).id
    taken_names = {shift.name for shift in shifts} | {shift.name for shift in new.values()}
    taken_codes = {shift.code for shift in shifts} | {shift.code for shift in new.values()}
    visible = "".join(letter for letter in name if letter.isprintable()).strip() or "班次"
    if is_variant or visible[:40] in taken_names:
        visible = f"{visible[:20]} {times[0][0]}–{times[-1][1]}"
    letters = "".join(letter for letter in visible if not letter.isspace() and letter != ",") or "班"
    codes = [letters[:1], letters[:2], *(f"{letters[:1]}{number}" for number in range(2, 1000))]
    code = next(code for code in codes if code not in taken_codes)
    place = -len(new) - 1
    new[place] = NewShift(
        visible[:40], code, f"hue-{(len(shifts) + len(new)) % 12 + 1}", periods, asks_clock_out, is_variant
    )
    return place
