"""Reads what DingTalk attendance says of schedules and shifts. Pure.

One row is one card point, not one day. `plan_check_time` is what is to be reminded of; the shift only gives it a name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from daka.outbound.quota import BEIJING
from daka.shifts.schemas import Periods
from daka.shifts.times import Period, spans

REST_IDS = ("0", "1")
"""A rest has shift 0; where schedules are written it is 1."""
SECONDS_END = 100_000_000_000
"""Numbers below are seconds, others milliseconds."""
FLEXIBLE_FROM_MINUTES = 30
"""A shorter leave to be late is a tolerance: people are reminded of the time itself."""
_PERIODS: TypeAdapter[Any] = TypeAdapter(Periods)

Times = tuple[tuple[str, str], ...]
"""Periods of a day: `(("09:00", "18:00"),)`."""


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


def read_days(rows: Iterable[Any], first: date, last: date) -> Days:
    """The days from `first` to `last` that the rows of `schedule/listbyusers` tell of; rows of other days are ignored."""
    grouped: dict[tuple[str, date], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if not isinstance(row, dict):
            continue
        userid, day = row.get("userid"), local_time(row.get("work_date"))
        if isinstance(userid, str) and day is not None and first <= day.date() <= last:
            grouped[userid, day.date()].append(row)
    return {key: _day(key[1], found) for key, found in grouped.items()}


def _day(day: date, rows: list[Mapping[str, Any]]) -> PlannedDay | None:
    if all(is_true(row.get("is_rest")) or _is_rest_id(row) for row in rows):
        return PlannedDay()
    points: set[tuple[datetime, str]] = set()
    for row in rows:
        at = local_time(row.get("plan_check_time"))
        if at is None:
            return None
        points.add((at.replace(second=0), str(row.get("check_type")).lower()))
    # At one moment a period ends before the next begins.
    ordered = sorted(points, key=lambda point: (point[0], point[1] == "onduty"))
    if [kind for _, kind in ordered] != ["onduty", "offduty"] * (len(ordered) // 2):
        return None
    moments = [at for at, _ in ordered]
    times = tuple((f"{start:%H:%M}", f"{end:%H:%M}") for start, end in zip(moments[::2], moments[1::2], strict=True))
    if not _fits(day, times, moments):
        return None
    return PlannedDay(times, str(rows[0].get("shift_id", "")), str(rows[0].get("shift_version", "")))


def _is_rest_id(row: Mapping[str, Any]) -> bool:
    return str(row.get("shift_id")) in REST_IDS and not row.get("plan_check_time")


def _fits(day: date, times: Times, moments: list[datetime]) -> bool:
    """Whether a shift with these times, on this work date, has exactly these punch points."""
    try:
        _PERIODS.validate_python([{"start": start, "end": end} for start, end in times])
    except ValidationError:
        return False
    periods = [Period(time.fromisoformat(start), time.fromisoformat(end)) for start, end in times]
    ours = [moment for span in spans(day, periods, BEIJING) for moment in span]
    return [moment.astimezone(BEIJING).replace(tzinfo=None) for moment in ours] == moments


def local_time(value: Any) -> datetime | None:
    """A wall clock time of China: of `2026-01-05 09:00:00`, or of seconds or milliseconds since 1970."""
    if isinstance(value, str) and not value.isdigit():
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    number = int(value)
    try:
        moment = datetime.fromtimestamp(number if number < SECONDS_END else number / 1000, BEIJING)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=None)


def is_true(value: Any) -> bool:
    """DingTalk writes booleans in several ways."""
    return value is True or (isinstance(value, str) and value.lower() in ("y", "true"))


def read_shift(answer: Mapping[str, Any]) -> ShiftDefinition | None:
    """A shift as `shift/query` describes it; None if it does not."""
    found = answer.get("result")
    name = found.get("name") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(name, str) or not name.strip():
        return None
    sections = [section for section in found.get("sections") or [] if isinstance(section, dict)]
    punches = [punch for section in sections for punch in section.get("punches") or [] if isinstance(punch, dict)]
    free = [is_true(punch.get("free_check")) for punch in punches]
    is_free = bool(free) and all(free)
    flexible = [
        minutes
        for punch in punches
        if str(punch.get("check_type")).lower() == "onduty"
        and (minutes := _number(punch.get("permit_minutes"))) >= FLEXIBLE_FROM_MINUTES
    ]
    return ShiftDefinition(name.strip(), is_free, any(free) and not is_free, max(flexible, default=0))


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isascii() and text.isdigit() else 0


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


def read_operator(answer: Mapping[str, Any]) -> str | None:
    """Somebody who manages an attendance group, of an answer of `getsimplegroups`: schedules are read in their name."""
    result = answer.get("result")
    groups = result.get("groups") if isinstance(result, dict) else None
    for group in groups if isinstance(groups, list) else []:
        managers = group.get("manager_list") if isinstance(group, dict) else None
        for userid in [group.get("owner_user_id"), *(managers if isinstance(managers, list) else [])]:
            if isinstance(userid, str) and userid:
                return userid
    return None


# --- comparing -------------------------------------------------------------------------------------------------------

MOST_GONE = 0.3
"""A larger share of days that are gone at once is rather a fault than a plan."""

Cell = tuple[int, date]


@dataclass(slots=True)
class Differences:
    """What a pull writes, what a planner has changed here and therefore stays, and what is remembered for the next pull."""

    wanted: dict[Cell, int | None] = field(default_factory=dict)
    kept: set[Cell] = field(default_factory=set)
    gone: int = 0
    known: int = 0
    imported: dict[Cell, int | None] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        return self.gone > MOST_GONE * self.known


def differences(
    said: Mapping[Cell, int | None],
    unclear: frozenset[Cell],
    asked: Iterable[Cell],
    imported: Mapping[Cell, int | None],
    present: Mapping[Cell, int],
    *,
    is_first: bool,
) -> Differences:
    """Compare the vendor's cells with those of the last pull and with the roster.

    A cell that is no longer as the last pull left it is a planner's, and stays. The first pull replaces what is there.
    """
    found = Differences()
    for cell in asked:
        is_known, last, now = cell in imported, imported.get(cell), present.get(cell)
        found.known += last is not None
        if cell in unclear:
            if is_known:
                found.imported[cell] = last
        elif cell in said:
            new = said[cell]
            if now == new or (now == last if is_known else is_first or now is None):
                found.imported[cell] = new
                if now != new:
                    found.wanted[cell] = new
            else:
                found.kept.add(cell)
                if is_known:
                    found.imported[cell] = last
        elif last is not None and now == last:
            found.wanted[cell] = None
            found.gone += 1
    return found


def weeks(first: date, days: int) -> list[tuple[date, date]]:
    """Spans of at most seven days, as many as a call may ask about."""
    last = first + timedelta(days=days - 1)
    starts = [first + timedelta(days=passed) for passed in range(0, days, 7)]
    return [(start, min(start + timedelta(days=6), last)) for start in starts]


def next_pull(now: datetime, jitter_minutes: int) -> datetime:
    """The next time to pull: about 03:10 or 12:40 in `now`'s zone, moved by some minutes so that servers do not ask at once."""
    times = [
        datetime.combine(now.date() + timedelta(days=day), moment, now.tzinfo) + timedelta(minutes=jitter_minutes)
        for day in (0, 1)
        for moment in (time(3, 10), time(12, 40))
    ]
    return next(at for at in times if at > now)
