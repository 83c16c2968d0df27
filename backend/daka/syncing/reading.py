"""What vendors' attendance systems say of a roster, in one form, and what differs from the roster here. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from daka.shifts.schemas import Periods
from daka.shifts.times import Period, PunchKind, spans

FLEXIBLE_FROM_MINUTES = 30
"""A shorter leave to be late is a tolerance: people are reminded of the time itself."""
_PERIODS: TypeAdapter[Any] = TypeAdapter(Periods)

T = TypeVar("T")

Times = tuple[tuple[str, str], ...]
"""Periods of a day in the wall clock of the team: `(("09:00", "18:00"),)`."""


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A person's day: its periods, none for a rest, and the vendor's shift with its version."""

    periods: Times = ()
    shift_id: str = ""
    version: str = ""


Days = dict[tuple[str, date], PlannedDay | None]
"""Days by (userid, work date). None: there are rows that cannot be understood."""


@dataclass(frozen=True, slots=True)
class ShiftDefinition:
    """A shift of the vendor: its name, and whether none or only some of its card points need a punch."""

    name: str
    is_free: bool = False
    is_partly_free: bool = False
    flexible_minutes: int = 0
    """So much later than planned everybody may come, and then leaves as much later."""
    asks_clock_out: bool = True


def times_of(day: date, points: Sequence[datetime], zone: ZoneInfo) -> Times | None:
    """The periods of a shift that has exactly these punch points (in and out by turns) on a work date of this zone.

    None: no shift has them.
    """
    walls = [point.astimezone(zone) for point in points]
    times = tuple((f"{start:%H:%M}", f"{end:%H:%M}") for start, end in zip(walls[::2], walls[1::2], strict=True))
    try:
        _PERIODS.validate_python([{"start": start, "end": end} for start, end in times])
    except ValidationError:
        return None
    periods = [Period(time.fromisoformat(start), time.fromisoformat(end)) for start, end in times]
    ours = [moment.timestamp() for span in spans(day, periods, zone) for moment in span]
    return times if ours == [point.timestamp() for point in points] else None


def latest(times: Times, minutes: int) -> Times:
    """The latest moments of a flexible day. Unchanged if it would then begin on the next day."""

    def later(text: str) -> str:
        at = datetime.combine(date.min, time.fromisoformat(text)) + timedelta(minutes=minutes)
        return f"{at:%H:%M}"

    moved = tuple((later(start), later(end)) for start, end in times)
    return moved if moved and moved[0][0] > times[0][0] else times


def standing_times(days: Iterable[PlannedDay | None]) -> dict[str, Times]:
    """The usual times of each shift: those of most of its days. Other days were moved, for example by half a day's leave."""
    counts: dict[str, Counter[Times]] = defaultdict(Counter)
    for day in days:
        if day and day.periods:
            counts[day.shift_id][day.periods] += 1
    return {shift_id: min(found, key=lambda times: (-found[times], times)) for shift_id, found in counts.items()}


# --- comparing -------------------------------------------------------------------------------------------------------

MOST_GONE = 0.3
"""A larger share of days that are gone at once is rather a fault than a plan."""

FEWEST_GONE = 2
"""One day that is gone is not a person's whole future."""

Cell = tuple[int, date]


def key_of(user_id: int, day: date, kind: PunchKind | None = None, period: int | None = None) -> str:
    """A cell, or one punch point of it, as the key of a JSON object."""
    return f"{user_id} {day}" if kind is None else f"{user_id} {day} {kind} {period}"


def cell_of(key: str) -> Cell:
    user_id, day, *_ = key.split()
    return int(user_id), date.fromisoformat(day)


def cells_of(stored: Mapping[str, int | None], first: date = date.min) -> dict[Cell, int | None]:
    """The shifts of stored cells from `first` on."""
    return {cell: shift_id for key, shift_id in stored.items() if (cell := cell_of(key))[1] >= first}


def stored_cells(cells: Mapping[Cell, int | None]) -> dict[str, int | None]:
    return {key_of(*cell): shift_id for cell, shift_id in cells.items()}


@dataclass(slots=True)
class Differences:
    """What a pull writes, what a planner has changed here and therefore stays, and what is remembered for the next pull."""

    wanted: dict[Cell, int | None] = field(default_factory=dict)
    kept: set[Cell] = field(default_factory=set)
    gone: int = 0
    """Cells that are cleared."""
    held: int = 0
    """Cells that are gone, but stay: all of these people's are (`vanished`)."""
    vanished: set[int] = field(default_factory=set)
    known: int = 0
    imported: dict[Cell, int | None] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        return self.gone + self.held > MOST_GONE * self.known


def differences(
    said: Mapping[Cell, int | None],
    unclear: frozenset[Cell],
    asked: Iterable[Cell],
    imported: Mapping[Cell, int | None],
    present: Mapping[Cell, int],
    *,
    is_first: bool,
    accepts_gone: bool = False,
) -> Differences:
    """Compare the vendor's cells with those of the last pull and with the roster.

    A cell that is no longer as the last pull left it is a planner's, and stays. The first pull replaces what is there.
    A person of whom no day is left is doubtful, and keeps theirs unless somebody accepts it.
    """
    found = Differences()
    gone: dict[int, list[Cell]] = defaultdict(list)
    left: set[int] = set()
    for cell in asked:
        last, now = imported.get(cell), present.get(cell)
        is_ours = now == last if cell in imported else is_first or now is None
        found.known += last is not None
        if cell not in said and cell not in unclear:
            if last is not None and is_ours:
                gone[cell[0]].append(cell)
            continue
        left.add(cell[0])
        if cell not in unclear and (is_ours or now == said[cell]):
            found.imported[cell] = said[cell]
            if now != said[cell]:
                found.wanted[cell] = said[cell]
            continue
        if cell not in unclear:
            found.kept.add(cell)
        if cell in imported:
            found.imported[cell] = last
    _clear(found, gone, imported, left, accepts_gone=accepts_gone)
    return found


def _clear(
    found: Differences,
    gone: Mapping[int, list[Cell]],
    imported: Mapping[Cell, int | None],
    left: Collection[int],
    *,
    accepts_gone: bool,
) -> None:
    for user_id, cells in gone.items():
        if accepts_gone or user_id in left or len(cells) < FEWEST_GONE:
            found.gone += len(cells)
            found.wanted |= dict.fromkeys(cells)
        else:
            found.vanished.add(user_id)
            found.held += len(cells)
            found.imported |= {cell: imported[cell] for cell in cells}


def day_spans(first: date, days: int, longest: int) -> list[tuple[date, date]]:
    """Spans of at most `longest` days, as many as a call may ask about."""
    last = first + timedelta(days=days - 1)
    starts = [first + timedelta(days=passed) for passed in range(0, days, longest)]
    return [(start, min(start + timedelta(days=longest - 1), last)) for start in starts]


PULL_TIMES = (time(3, 10), time(12, 40))


def in_turn(those: Sequence[T], most: int, now: datetime) -> list[T]:
    """As many of those as one pull asks about; the next pull of a day goes on behind them, and begins again after the last."""
    if len(those) <= most:
        return list(those)
    is_second = now.time() > time(8)  # between the two
    start = (2 * now.toordinal() + is_second) * most % len(those)
    return [*those[start:], *those[:start]][:most]


def next_pull(now: datetime, jitter_minutes: int) -> datetime:
    """The next time to pull: about 03:10 or 12:40 in `now`'s zone, moved by some minutes so that servers do not ask at once."""
    times = [
        datetime.combine(now.date() + timedelta(days=day), moment, now.tzinfo) + timedelta(minutes=jitter_minutes)
        for day in (0, 1)
        for moment in PULL_TIMES
    ]
    return next(at for at in times if at > now)
