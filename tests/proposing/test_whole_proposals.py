"""Whole proposals, from random rosters to the cells that would be written, read again by a checker of its own.

The checker knows facts and cells only: no model, no values, no tables of what may follow what.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from daka.proposing import scores
from daka.proposing.building import (
    Built,
    Facts,
    PastTotals,
    PersonFacts,
    ShiftFacts,
    Weights,
    WishFacts,
    WishKind,
    build,
    changes,
)
from daka.proposing.search import Search
from daka.roster.calendar import dates_between, day_kinds
from daka.shifts.times import Period

DAY = timedelta(days=1)
REST_SHIFT = 90
SHIFTS = {
    1: ((7, 15),),
    2: ((15, 23),),
    3: ((23, 7),),
    4: ((0, 8),),
    5: ((8, 12), (17, 21)),
    6: ((8, 20),),
    7: ((20, 8),),
    REST_SHIFT: (),
}
"""Hours of the clock; an end before its start is on the next day."""
STARTS = [
    ("Asia/Shanghai", date(2026, 9, 25)),  # National Day and its make-up workdays
    ("Asia/Shanghai", date(2026, 2, 10)),  # Spring Festival
    ("Asia/Shanghai", date(2026, 12, 24)),
    ("Europe/Berlin", date(2026, 3, 20)),
    ("Europe/Berlin", date(2026, 10, 16)),
    ("America/New_York", date(2026, 3, 2)),
    ("Australia/Lord_Howe", date(2026, 9, 28)),
]
Plan = dict[tuple[int, date], int | None]


def shift_facts(shift_id: int) -> ShiftFacts:
    periods = tuple(Period(time(start), time(end)) for start, end in SHIFTS[shift_id])
    return ShiftFacts(shift_id, periods, is_night=shift_id in (3, 4, 7))


def random_facts(chance: random.Random) -> Facts:
    zone, first = chance.choice(STARTS)
    last = first + DAY * chance.randint(6, 16)
    worked = chance.sample([each for each in SHIFTS if each != REST_SHIFT], chance.randint(1, 4))
    kinds = {day: found.kind for day, found in day_kinds(first - 60 * DAY, last + 10 * DAY, {}).items()}
    people = [random_person(chance, number, worked, first, last) for number in range(1, chance.randint(2, 7))]
    sorts = ("any", "workday", "weekend", "holiday", "makeup_workday", "sat")
    needs = {(shift, sort): chance.randint(0, 2) for shift in worked for sort in sorts if chance.random() < 0.4}
    needs[worked[0], "any"] = 1
    keys = [(person.user_id, day) for person in people for day in dates_between(first, last)]
    return Facts(
        first=first,
        last=last,
        zone=ZoneInfo(zone),
        today=first + DAY * chance.choice((-9, -9, -1, 2)),
        kinds=kinds,
        shifts=[shift_facts(shift) for shift in (*sorted(worked), REST_SHIFT)],
        needs=needs,
        people=people,
        keeps_planned=chance.random() < 0.7,
        fixed={key: chance.choice((None, *worked, REST_SHIFT)) for key in chance.sample(keys, chance.randint(0, 4))},
        rest_shift_id=chance.choice((None, REST_SHIFT)),
        short_rest_is_hard=chance.random() < 0.8,
        weights=Weights(
            **{name: chance.choice(("off", "normal", "important")) for name in Weights.__dataclass_fields__}
        ),
    )


def random_person(chance: random.Random, user_id: int, worked: list[int], first: date, last: date) -> PersonFacts:
    around = dates_between(first - 14 * DAY, last + 7 * DAY)
    how_often = chance.choice((0.0, 0.15, 0.3))
    inside = dates_between(first, last)
    return PersonFacts(
        user_id=user_id,
        planned={
            day: chance.choice((*worked, *worked, REST_SHIFT))
            for day in around
            if chance.random() < (0.7 if day < first else how_often)
        },
        away=frozenset(day for day in around if chance.random() < 0.08),
        not_there=frozenset(chance.choice(([], [], inside[:3], inside[-4:]))),
        allowed_shift_ids=chance.choice((None, None, frozenset(chance.sample(worked, chance.randint(0, len(worked)))))),
        least_hours=chance.choice((None, 100)),
        most_hours=chance.choice((None, None, 40, 90, 150)),
        most_days=chance.choice((6, 6, 3, 5)),
        wishes=tuple(
            WishFacts(day, kind, None if kind is WishKind.FREE else chance.choice(worked))
            for day in chance.sample(inside, 3)
            for kind in (chance.choice(list(WishKind)),)
        ),
        past=PastTotals(days=56, nights=chance.randint(0, 9), weekends=chance.randint(0, 9), minutes=9600),
        can_change=chance.random() < 0.9,
    )


def proposed(facts: Facts, seed: int, rounds: int = 10) -> tuple[Built, list[list[int]], Plan]:
    built = build(facts)
    search = Search(built.model, seed)
    done = iter(range(rounds + 1))
    for _ in search.rounds(lambda: next(done) / rounds):
        pass
    return built, search.best.rows, changes(built, facts, search.best.rows)


# --- the checker -------------------------------------------------------------------------------------------------------


def instants(facts: Facts, day: date, shift_id: int) -> list[tuple[datetime, datetime]]:
    found = []
    for start, end in SHIFTS[shift_id]:
        starts = datetime.combine(day, time(start), facts.zone)
        ends = datetime.combine(day + DAY * (end <= start), time(end), facts.zone)
        found.append((starts.astimezone(UTC), ends.astimezone(UTC)))
    return found


def works(person: PersonFacts, plan: Plan, day: date) -> int | None:
    """The shift that somebody really works that day."""
    shift_id = plan.get((person.user_id, day), person.planned.get(day))
    return None if day in person.away or shift_id == REST_SHIFT else shift_id


def complaints(facts: Facts, plan: Plan) -> Iterator[str]:
    for person in facts.people:
        chosen = set()
        for day in dates_between(facts.first, facts.last):
            at, where = (person.user_id, day), f"{person.user_id} {day}"
            is_fixed = at in facts.fixed and day not in person.away | person.not_there
            if is_fixed and plan.get(at, person.planned.get(day)) != facts.fixed[at]:
                yield f"{where}: is not as it was fixed"
            if is_fixed or at not in plan:
                continue
            if day in person.away | person.not_there or day <= facts.today or not person.can_change:
                yield f"{where}: may not change"
            if facts.keeps_planned and day in person.planned:
                yield f"{where}: was planned"
            if (shift_id := works(person, plan, day)) is None:
                continue
            chosen.add(day)
            if person.allowed_shift_ids is not None and shift_id not in person.allowed_shift_ids:
                yield f"{where}: {shift_id} is not allowed"
            if not any(people for (needed, _), people in facts.needs.items() if needed == shift_id):
                yield f"{where}: nobody needs {shift_id}"
        if any(
            key not in dict.fromkeys(dates_between(facts.first, facts.last))
            for user, key in plan
            if user == person.user_id
        ):
            yield f"{person.user_id}: a cell outside the span"
        yield from of_row(facts, person, plan, chosen)


def of_row(facts: Facts, person: PersonFacts, plan: Plan, chosen: set[date]) -> Iterator[str]:
    """Rests, days in a row and hours, where the proposal had a choice."""
    days = dates_between(facts.first - 14 * DAY, facts.last + 7 * DAY)
    worked = [(day, shift_id) for day in days if (shift_id := works(person, plan, day)) is not None]
    for (one, first), (other, second) in pairwise(worked):
        rest = instants(facts, other, second)[0][0] - instants(facts, one, first)[-1][1]
        if facts.short_rest_is_hard and rest < timedelta(hours=11) and {one, other} & chosen:
            yield f"{person.user_id} {other}: {rest} after {one}"
    run: list[date] = []
    for day in [*(day for day, _ in worked), date.max]:
        if run and day - run[-1] != DAY:
            if len(run) > person.most_days and set(run) & chosen:
                yield f"{person.user_id}: {len(run)} days from {run[0]}"
            run = []
        run.append(day)
    if person.most_hours is None or not chosen:
        return
    inside = [(day, shift_id) for day, shift_id in worked if facts.first <= day <= facts.last]
    hours = sum(sum((end - start) for start, end in SHIFTS[shift_id]) % 24 for _, shift_id in inside)
    months = {day.replace(day=1) for day in dates_between(facts.first, facts.last)}
    limit = sum(
        person.most_hours
        * sum(day.replace(day=1) == month for day in dates_between(facts.first, facts.last))
        / ((month + 32 * DAY).replace(day=1) - month).days
        for month in months
    )
    if hours > limit + 1 / 60:
        yield f"{person.user_id}: {hours} of at most {limit} hours"


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 300, 50)], ids=str)
def test_no_proposal_writes_what_may_not_be(seeds: range) -> None:
    for seed in seeds:
        facts = random_facts(random.Random(seed))
        built, rows, plan = proposed(facts, seed)
        assert list(complaints(facts, plan)) == [], seed
        told = {(need.day, need.value): need for need in scores.unmet(built.model, rows)}
        for number, day in enumerate(built.days):
            for value, shift_id in enumerate(built.shift_ids, 1):
                there = sum(works(person, plan, day) == shift_id for person in facts.people)
                missing = built.model.needs[number][value] - there
                assert (told[number, value].missing if (number, value) in told else 0) == max(0, missing), seed
                if missing > 0:
                    assert len(told[number, value].obstacles) == len(facts.people) - there, seed
