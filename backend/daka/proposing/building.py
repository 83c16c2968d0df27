"""Makes the model of a team's roster: cells, shifts as moments, needs, leave, wishes, contracts and the last weeks. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from daka.proposing.model import Band, Costs, DayRules, Model, Pairs, Person, Tally
from daka.proposing.wish_kinds import WishKind
from daka.roster.calendar import dates_between
from daka.roster.holidays.models import DayKind
from daka.roster.rules import LONGEST_RUN_DAYS, SHORTEST_REST, needed_people
from daka.shifts.times import Period, spans

BEFORE = timedelta(days=14)
"""So many days before the span count for runs and rests."""
AFTER = timedelta(days=7)
"""So many days after the span that are planned already limit what precedes them."""
HISTORY = timedelta(weeks=8)
"""So long nights, weekends, holidays and hours are remembered for a fair share."""
FREE_KINDS = (DayKind.WEEKEND, DayKind.HOLIDAY)

MISSING, SURPLUS, SHORT_REST = 100.0, 10.0, 50.0
ALONE, SPLIT_WEEKEND, CHANGE, CHANGED_CELL = 8.0, 10.0, 1.0, 15.0
WISH_FREE, WISH_SHIFT = 5.0, 3.0
FAIR, HOUR_SHORT = 4.0, 1.0
WORK_DAY_MINUTES = 480
IMPORTANCE = {"off": 0.0, "normal": 1.0, "important": 4.0}

Importance = Literal["off", "normal", "important"]
Key = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each soft rule matters; the planner's words."""

    wishes: Importance = "normal"
    fairness: Importance = "normal"
    free_days: Importance = "normal"
    """At least two together, and no single day of work."""
    weekends: Importance = "normal"
    """Worked whole or not at all."""
    steadiness: Importance = "normal"
    """The same shift rather than another the day after."""
    contract_hours: Importance = "normal"


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """A shift as its team works it. One without periods is a rest shift."""

    id: int
    periods: tuple[Period, ...]
    is_night: bool


@dataclass(frozen=True, slots=True)
class WishFacts:
    day: date
    kind: WishKind
    shift_id: int | None = None


@dataclass(frozen=True, slots=True)
class PastTotals:
    """What somebody worked in the weeks before the span, and how many days they were there."""

    days: int = 0
    nights: int = 0
    weekends: int = 0
    holidays: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person. Dates are those of the span and around it."""

    user_id: int
    planned: Mapping[date, int]
    """Shift ids."""
    away: frozenset[date] = frozenset()
    """Leave of the whole day."""
    not_there: frozenset[date] = frozenset()
    """Not yet, or no longer, in the team."""
    allowed_shift_ids: frozenset[int] | None = None
    """None: every shift."""
    least_hours: float | None = None
    """In a month."""
    most_hours: float | None = None
    most_days: int = LONGEST_RUN_DAYS
    """In a row."""
    wishes: tuple[WishFacts, ...] = ()
    past: PastTotals = field(default_factory=PastTotals)
    can_change: bool = True
    """Otherwise their cells stay as they are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a proposal depends on."""

    first: date
    last: date
    zone: ZoneInfo
    today: date
    """Cells up to this day stay."""
    kinds: Mapping[date, DayKind]
    shifts: Sequence[ShiftFacts]
    """Every shift that stands somewhere or is needed."""
    needs: Mapping[tuple[int, str], int]
    people: Sequence[PersonFacts]
    keeps_planned: bool = True
    """Cells that are planned stay."""
    fixed: Mapping[Key, int | None] = field(default_factory=dict)
    """Cells that the planner fixed, whatever is planned there."""
    rest_shift_id: int | None = None
    """Written on days without work, where the team writes it."""
    short_rest_is_hard: bool = True
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Built:
    """A model, and what its numbers stand for."""

    model: Model
    days: list[date]
    """The span, then days after it."""
    shift_ids: list[int]
    """Of the values 1 … n."""
    user_ids: list[int]


def build(facts: Facts) -> Built:
    """The model of a roster."""
    worked = [shift for shift in facts.shifts if shift.periods]
    value_of = {shift.id: value for value, shift in enumerate(worked, 1)}
    days = dates_between(facts.first, _last_day(facts))
    inside = [day <= facts.last for day in days]
    needs = [[0] + [_need(facts, shift, day) for shift in worked] for day in days]
    needed = [value for value in value_of.values() if any(row[value] for row in needs)]
    moments = {
        (day, value): spans(day, shift.periods, facts.zone)
        for day in dates_between(facts.first - timedelta(days=2), days[-1])
        for value, shift in enumerate(worked, 1)
    }
    lengths = [0, *(_minutes(facts.first, shift, facts.zone) for shift in worked)]
    nights = [0, *(int(shift.is_night) for shift in worked)]
    ones = [0, *(1 for _ in worked)]
    free = [facts.kinds.get(day) for day in days]
    tallies = {
        "hours": [lengths if here else [0] * len(ones) for here in inside],
        "nights": [nights if here else [0] * len(ones) for here in inside],
        "weekends": [
            ones if here and kind is DayKind.WEEKEND else [0] * len(ones)
            for here, kind in zip(inside, free, strict=True)
        ],
        "holidays": [
            ones if here and kind is DayKind.HOLIDAY else [0] * len(ones)
            for here, kind in zip(inside, free, strict=True)
        ],
    }
    bands = _bands(facts, needs, tallies, value_of)
    strength = {name: IMPORTANCE[getattr(facts.weights, name)] for name in Weights.__dataclass_fields__}
    return Built(
        model=Model(
            shifts=tuple(str(shift.id) for shift in worked),
            days=tuple(_rules(facts, day, moments, len(worked)) for day in days),
            people=tuple(
                _person(facts, person, days, value_of, needed, mine, strength["wishes"])
                for person, mine in zip(facts.people, bands, strict=True)
            ),
            needs=tuple(map(tuple, needs)),
            under=tuple((0.0, *((MISSING if here else 0.0) for _ in worked)) for here in inside),
            over=tuple((0.0, *((SURPLUS if here else 0.0) for _ in worked)) for here in inside),
            tallies=tuple(Tally(name, tuple(map(tuple, amounts))) for name, amounts in tallies.items()),
            costs=Costs(
                short_rest=SHORT_REST,
                alone=ALONE * strength["free_days"],
                split_weekend=SPLIT_WEEKEND * strength["weekends"],
                change=CHANGE * strength["steadiness"],
            ),
        ),
        days=days,
        shift_ids=list(value_of),
        user_ids=[person.user_id for person in facts.people],
    )


def _last_day(facts: Facts) -> date:
    """The last day, up to a week after the span, on which something is planned."""
    after = (day for person in facts.people for day in person.planned if facts.last < day <= facts.last + AFTER)
    return max(after, default=facts.last)


def _need(facts: Facts, shift: ShiftFacts, day: date) -> int:
    return (needed_people(facts.needs, shift.id, day, facts.kinds[day]) or 0) if day <= facts.last else 0


def _minutes(day: date, shift: ShiftFacts, zone: ZoneInfo) -> int:
    return round(sum((end - start for start, end in spans(day, shift.periods, zone)), timedelta()).total_seconds() / 60)


def _rules(
    facts: Facts, day: date, moments: Mapping[tuple[date, int], Sequence[tuple[datetime, datetime]]], shifts: int
) -> DayRules:
    """Which shifts may not follow which, by their moments: clock changes count."""

    def too_close(days_before: int) -> Pairs:
        return frozenset(
            (a, b)
            for a in range(1, shifts + 1)
            for b in range(1, shifts + 1)
            if moments[day, b][0][0] - moments[day - timedelta(days=days_before), a][-1][1] < SHORTEST_REST
        )

    ends_weekend = all(facts.kinds.get(each) in FREE_KINDS for each in (day - timedelta(days=1), day))
    ends_weekend = ends_weekend and day.weekday() == 6
    next_day, second_day = too_close(1), too_close(2)
    if facts.short_rest_is_hard:
        return DayRules(next_day=next_day, second_day=second_day, ends_weekend=ends_weekend)
    return DayRules(soft_next=next_day, soft_second=second_day, ends_weekend=ends_weekend)


def _person(
    facts: Facts,
    person: PersonFacts,
    days: Sequence[date],
    value_of: Mapping[int, int],
    needed: Sequence[int],
    bands: tuple[Band, ...],
    wish_strength: float,
) -> Person:
    shift_of = {value: shift_id for shift_id, value in value_of.items()}
    allowed = (
        0,
        *(v for v in needed if person.allowed_shift_ids is None or shift_of[v] in person.allowed_shift_ids),
    )
    there = {day: value_of.get(shift_id, 0) for day, shift_id in person.planned.items() if day not in person.away}
    cells: list[tuple[int, ...]] = []
    why: dict[int, str] = {}
    for number, day in enumerate(days):
        found = _fixed(facts, person, day, there, value_of)
        if found is not None:
            cells.append((found[0],))
            why[number] = found[1]
        else:
            cells.append(allowed if day <= facts.last else (0, *value_of.values()))
    first_known = min((day for day in there if facts.first - BEFORE <= day < facts.first), default=facts.first)
    points = [[0.0] * (len(value_of) + 1) for _ in days]
    number_of = {day: number for number, day in enumerate(days)}
    for day, was in there.items():
        if not facts.keeps_planned and day in number_of:
            points[number_of[day]] = [0.0 if value == was else CHANGED_CELL for value in range(len(value_of) + 1)]
    for wish in person.wishes:
        if (at := number_of.get(wish.day)) is None or wish.day > facts.last:
            continue
        for value in range(len(value_of) + 1):
            if not is_met(wish, shift_of.get(value)):
                cost = WISH_FREE if wish.kind is WishKind.FREE else WISH_SHIFT
                points[at][value] += cost * wish_strength
    return Person(
        key=str(person.user_id),
        cells=tuple(cells),
        points=tuple(map(tuple, points)),
        bands=bands,
        most_days=person.most_days,
        before=tuple(there.get(day, 0) for day in dates_between(first_known, facts.first - timedelta(days=1))),
        why_fixed=why,
    )


def _fixed(
    facts: Facts, person: PersonFacts, day: date, there: Mapping[date, int], value_of: Mapping[int, int]
) -> tuple[int, str] | None:
    """The value of a cell that cannot change, and why; None if it can."""
    if day in person.away:
        return 0, "away"
    if day in person.not_there:
        return there.get(day, 0), "not_there"
    if (person.user_id, day) in facts.fixed:
        shift_id = facts.fixed[person.user_id, day]
        return (0 if shift_id is None else value_of.get(shift_id, 0)), "kept"
    if day > facts.last:
        # Nothing planned from here on: the month after is still open.
        return (there.get(day, 0), "kept") if any(each >= day for each in there) else None
    if day <= facts.today or not person.can_change or (facts.keeps_planned and day in person.planned):
        return there.get(day, 0), "kept"
    return None


def is_met(wish: WishFacts, shift_id: int | None) -> bool:
    """Whether a wish holds if the person works this shift that day (None: rests)."""
    if wish.kind is WishKind.FREE:
        return shift_id is None
    return (shift_id == wish.shift_id) == (wish.kind is WishKind.WANTED)


def _bands(
    facts: Facts,
    needs: Sequence[Sequence[int]],
    tallies: Mapping[str, Sequence[Sequence[int]]],
    value_of: Mapping[int, int],
) -> list[tuple[Band, ...]]:
    """Limits and fair shares of each person. A share is in proportion to the days that somebody was and will be there."""
    span = dates_between(facts.first, facts.last)
    strength = FAIR * IMPORTANCE[facts.weights.fairness]
    found: list[list[Band]] = [[] for _ in facts.people]
    for name, amounts in tallies.items():
        past = [getattr(person.past, "minutes" if name == "hours" else name) for person in facts.people]
        takes_part = [
            any(
                facts_amount
                for day in amounts
                for value, facts_amount in enumerate(day)
                if value and _may(person, value, value_of)
            )
            for person in facts.people
        ]
        presence = [
            takes * (person.past.days + sum(day not in person.away | person.not_there for day in span))
            for person, takes in zip(facts.people, takes_part, strict=True)
        ]
        coming = sum(
            count * amount
            for row, day in zip(needs, amounts, strict=True)
            for count, amount in zip(row, day, strict=True)
        )
        total = coming + sum(one for one, takes in zip(past, takes_part, strict=True) if takes)
        for index, person in enumerate(facts.people):
            target = total * presence[index] / sum(presence) - past[index] if presence[index] else 0.0
            weight = strength if presence[index] else 0.0
            unit = WORK_DAY_MINUTES if name == "hours" else 1
            band = Band(target=target, weight=weight, unit=unit)
            found[index].append(_with_contract(band, facts, person, span) if name == "hours" else band)
    return list(map(tuple, found))


def _may(person: PersonFacts, value: int, value_of: Mapping[int, int]) -> bool:
    if person.allowed_shift_ids is None:
        return True
    return any(value_of[shift_id] == value for shift_id in person.allowed_shift_ids if shift_id in value_of)


def _with_contract(band: Band, facts: Facts, person: PersonFacts, span: Sequence[date]) -> Band:
    """The hours of the contract: those of a month for each day of it."""
    minutes = 60 * sum(1 / _days_in_month(day) for day in span)
    return Band(
        most=None if person.most_hours is None else round(person.most_hours * minutes),
        wanted=round(60 * least_hours(person, span)),
        wanted_cost=HOUR_SHORT * WORK_DAY_MINUTES / 60 * IMPORTANCE[facts.weights.contract_hours],
        target=band.target,
        weight=band.weight,
        unit=band.unit,
    )


def least_hours(person: PersonFacts, span: Sequence[date]) -> float:
    """What the contract asks for in these days, without those on which somebody is away."""
    there = sum(day not in person.away | person.not_there for day in span) / len(span)
    return (person.least_hours or 0) * there * sum(1 / _days_in_month(day) for day in span)


def _days_in_month(day: date) -> int:
    first = day.replace(day=1)
    return ((first + timedelta(days=32)).replace(day=1) - first).days


def rest_shift(rests: Collection[int], planned: Collection[int]) -> int | None:
    """What is written on days without work: the rest shift that stands most often in what is planned; where nothing is planned
    yet, the only one that there is. A team that leaves such days blank gets blank ones."""
    written = Counter(shift_id for shift_id in planned if shift_id in rests)
    if written:
        return max(rests, key=lambda rest: written[rest])
    return next(iter(rests)) if not planned and len(rests) == 1 else None


def changes(built: Built, facts: Facts, rows: Iterable[Sequence[int]]) -> dict[Key, int | None]:
    """The cells of a proposal that differ from what is planned."""
    rest_shifts = {shift.id for shift in facts.shifts if not shift.periods}
    found: dict[Key, int | None] = {}
    for facts_of, person, row in zip(facts.people, built.model.people, rows, strict=True):
        for number, (day, value) in enumerate(zip(built.days, row, strict=True)):
            was = facts_of.planned.get(day)
            is_kept = (facts_of.user_id, day) in facts.fixed and day not in facts_of.away | facts_of.not_there
            if day > facts.last or (number in person.why_fixed and not is_kept):
                continue
            now = built.shift_ids[value - 1] if value else None
            if is_kept:
                now = facts.fixed[facts_of.user_id, day]
            elif now is None:
                now = was if was in rest_shifts else facts.rest_shift_id
            if now != was:
                found[facts_of.user_id, day] = now
    return found
