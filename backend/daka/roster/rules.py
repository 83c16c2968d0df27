"""Checks of a roster: short rests, long runs, understaffed days, and each person's share of the work. Pure.

Findings never block a change. Each has a stable code, which the web app translates, and the numbers in its sentence.
The minimum of 11 hours between two shifts is that of Directive 2003/88/EC, article 3; one day off in seven, that of
article 38 of the labour law of the People's Republic of China.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from daka.roster.holidays.models import DayKind
from daka.roster.schemas import CoverageRead, WarningCode

SHORTEST_REST = timedelta(hours=11)
LONGEST_RUN_DAYS = 6
MORNING_ENDS = time(12)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkDay:
    """A person's planned work on one work date. A rest shift has no spans."""

    work_date: date
    shift_id: int
    spans: tuple[tuple[datetime, datetime], ...] = ()
    is_night: bool = False
    is_away: bool = False
    """On leave for the whole day."""
    leave_type: str | None = None

    @property
    def is_worked(self) -> bool:
        return bool(self.spans) and not self.is_away

    @property
    def worked(self) -> timedelta:
        return sum((end - start for start, end in self.spans), timedelta()) if self.is_worked else timedelta()


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule that one cell breaks."""

    work_date: date
    code: WarningCode
    values: Mapping[str, float] = field(default_factory=dict)


def findings(days: Iterable[WorkDay], zone: ZoneInfo) -> Iterator[RuleFinding]:
    """The findings in one person's days, each at the day that completes it."""
    previous: WorkDay | None = None
    for day, run in _counted(days):
        if previous is not None and (found := _rest(previous, day, zone)):
            yield found
        if run > LONGEST_RUN_DAYS:
            yield RuleFinding(day.work_date, "long_run", {"days": run})
        previous = day


def _counted(days: Iterable[WorkDay]) -> Iterator[tuple[WorkDay, int]]:
    """The days at work in their order, and the how manyeth in a row each of them is."""
    previous, run = date.min, 0
    for day in sorted((day for day in days if day.is_worked), key=lambda day: day.work_date):
        run = run + 1 if day.work_date - previous == timedelta(days=1) else 1
        previous = day.work_date
        yield day, run


def _rest(before: WorkDay, after: WorkDay, zone: ZoneInfo) -> RuleFinding | None:
    rest = after.spans[0][0] - before.spans[-1][1]
    if rest >= SHORTEST_REST:
        return None
    hours = round(rest / timedelta(hours=1), 1)
    if rest < timedelta():
        return RuleFinding(after.work_date, "overlap", {"hours": -hours})
    starts_in_the_morning = after.spans[0][0].astimezone(zone).time() < MORNING_ENDS
    code: WarningCode = "night_before_morning" if before.is_night and starts_in_the_morning else "short_rest"
    return RuleFinding(after.work_date, code, {"hours": hours})


SENTENCES: Mapping[WarningCode, str] = {
    "short_rest": "与前一班之间只休息 {hours:g} 小时，少于 11 小时",
    "night_before_morning": "夜班之后紧接早班，中间只有 {hours:g} 小时",
    "overlap": "与前一班重叠 {hours:g} 小时",
    "long_run": "连续上班第 {days:g} 天",
    "inactive": "该成员已停用",
    "not_planned": "{month:g} 月还没有排班",
}


def sentence(finding: RuleFinding) -> str:
    """The finding as a Chinese sentence, for clients that do not translate the code."""
    return SENTENCES[finding.code].format(**finding.values)


# --- coverage --------------------------------------------------------------------------------------------------------


def needed_people(needs: Mapping[tuple[int, str], int], shift_id: int, day: date, kind: DayKind) -> int | None:
    """The required headcount of a shift on a day; None if there is none.

    `needs` is by shift and day type. The most specific one applies: holiday or makeup workday, then weekday, then workday or
    weekend, then any day.
    """
    weekday = WEEKDAYS[day.weekday()]
    special = (kind.value,) if kind in (DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY) else ()
    # A makeup workday is staffed like a workday unless it has a requirement of its own.
    ordinary = DayKind.WORKDAY.value if kind is DayKind.MAKEUP_WORKDAY else kind.value
    order = (*special, *((ordinary,) if special else ()), weekday, ordinary, "any")
    return next((needs[shift_id, sort] for sort in order if (shift_id, sort) in needs), None)


def coverage(
    team_id: int,
    needs: Mapping[tuple[int, str], int],
    kinds: Mapping[date, DayKind],
    planned: Mapping[tuple[date, int], int],
) -> list[CoverageRead]:
    """The headcount of every shift of a team with a requirement on every day."""
    shift_ids = sorted({shift_id for shift_id, _ in needs})
    return [
        CoverageRead(
            team_id=team_id, date=day, shift_id=shift_id, planned=planned.get((day, shift_id), 0), needed=needed
        )
        for day, kind in sorted(kinds.items())
        for shift_id in shift_ids
        if (needed := needed_people(needs, shift_id, day, kind)) is not None
    ]


# --- shares ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One person's totals over a span of days; `shifts` is the number of days by shift id.

    `leave_types` is the number of days of leave by type; "" where none was given.
    """

    work_days: int
    rest_days: int
    leave_days: int
    leave_types: dict[str, int]
    nights: int
    weekends: int
    holidays: int
    hours: float
    longest_run: int
    shifts: dict[int, int]


def share(
    days: Sequence[WorkDay], kinds: Mapping[date, DayKind], first: date = date.min, last: date = date.max
) -> Share:
    """One person's totals from `first` to `last`; a run counts from its own first day, which may be before.

    Hours after midnight count for the work date.
    """
    longest_run = max((run for day, run in _counted(days) if first <= day.work_date <= last), default=0)
    days = [day for day in days if first <= day.work_date <= last]
    worked = [day for day in days if day.is_worked]
    return Share(
        work_days=len(worked),
        rest_days=sum(not day.is_away and not day.spans for day in days),
        leave_days=sum(day.is_away for day in days),
        leave_types=dict(sorted(Counter(day.leave_type or "" for day in days if day.is_away).items())),
        nights=sum(day.is_night for day in worked),
        weekends=sum(kinds.get(day.work_date) is DayKind.WEEKEND for day in worked),
        holidays=sum(kinds.get(day.work_date) is DayKind.HOLIDAY for day in worked),
        hours=round(sum((day.worked for day in worked), timedelta()) / timedelta(hours=1), 2),
        longest_run=longest_run,
        shifts=dict(sorted(Counter(day.shift_id for day in days).items())),
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of an amount over people."""

    least: float
    most: float
    mean: float


def spread(amounts: Sequence[float]) -> Spread:
    """Least, most and mean; zeros without people."""
    if not amounts:
        return Spread(0, 0, 0)
    return Spread(min(amounts), max(amounts), round(sum(amounts) / len(amounts), 2))
