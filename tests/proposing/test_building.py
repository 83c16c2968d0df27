"""From a roster to the model: a table of dated examples, and short searches over whole rosters."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
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
    rest_shift,
)
from daka.proposing.search import Search
from daka.roster.calendar import day_kinds
from daka.roster.holidays.models import DayKind
from daka.shifts.times import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLY, LATE, NIGHT, REST = 11, 12, 13, 14
SHIFTS = (
    ShiftFacts(EARLY, (Period(time(7), time(15)),), is_night=False),
    ShiftFacts(LATE, (Period(time(15), time(23)),), is_night=False),
    ShiftFacts(NIGHT, (Period(time(23), time(7)),), is_night=True),
    ShiftFacts(REST, (), is_night=False),
)
E, L, N = 1, 2, 3
MONDAY = date(2026, 11, 2)


def facts(people: list[PersonFacts], first: date = MONDAY, days: int = 7, **more: Any) -> Facts:
    last = first + timedelta(days=days - 1)
    kinds = {
        day: found.kind for day, found in day_kinds(first - timedelta(days=60), last + timedelta(days=10), {}).items()
    }
    given: dict[str, Any] = {
        "zone": SHANGHAI,
        "today": first - timedelta(days=20),
        "kinds": kinds,
        "shifts": SHIFTS,
        "needs": {(EARLY, "any"): 1, (LATE, "any"): 1, (NIGHT, "any"): 1},
    }
    return Facts(first=first, last=last, people=people, **{**given, **more})


def person(user_id: int = 1, planned: Mapping[date, int] | None = None, **more: Any) -> PersonFacts:
    return PersonFacts(user_id=user_id, planned=planned or {}, **more)


def found(given: Facts, rounds: int = 40) -> tuple[Built, list[list[int]]]:
    built = build(given)
    search = Search(built.model, 1)
    done = iter(range(rounds + 1))
    for _ in search.rounds(lambda: next(done) / rounds):
        pass
    return built, search.best.rows


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


# --- what may stand in a cell ------------------------------------------------------------------------------------------

ANY = (0, E, L, N)


@pytest.mark.parametrize(
    ("who", "more", "expected"),
    [
        (person(), {}, ANY),
        (person(allowed_shift_ids=frozenset({EARLY})), {}, (0, E)),
        (person(away=frozenset({MONDAY})), {}, (0,)),
        (person(planned={MONDAY: LATE}, away=frozenset({MONDAY})), {}, (0,)),
        (person(not_there=frozenset({MONDAY})), {}, (0,)),
        (person(planned={MONDAY: LATE}), {}, (L,)),
        (person(planned={MONDAY: LATE}), {"keeps_planned": False}, ANY),
        (person(planned={MONDAY: REST}), {}, (0,)),
        (person(planned={MONDAY: LATE}), {"fixed": {(1, MONDAY): EARLY}}, (E,)),
        (person(planned={MONDAY: LATE}), {"fixed": {(1, MONDAY): None}}, (0,)),
        (person(), {"today": MONDAY}, (0,)),
        (person(can_change=False), {}, (0,)),
        (person(), {"needs": {(EARLY, "any"): 1}}, (0, E)),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_may_stand_in_a_cell(who: PersonFacts, more: dict[str, Any], expected: tuple[int, ...]) -> None:
    assert build(facts([who], **more)).model.people[0].cells[0] == expected


# --- needs on holidays and make-up workdays ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "kind", "expected"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY, 2),
        (date(2026, 10, 7), DayKind.HOLIDAY, 2),
        (date(2026, 10, 10), DayKind.MAKEUP_WORKDAY, 5),
        (date(2026, 10, 11), DayKind.WEEKEND, 3),
        (date(2026, 10, 12), DayKind.WORKDAY, 5),
        (date(2026, 2, 17), DayKind.HOLIDAY, 2),
        (date(2026, 2, 28), DayKind.MAKEUP_WORKDAY, 5),
    ],
    ids=str,
)
def test_needs_know_holidays_and_makeup_workdays(on: date, kind: DayKind, expected: int) -> None:
    needs = {(EARLY, "workday"): 5, (EARLY, "weekend"): 3, (EARLY, "holiday"): 2}
    given = facts([person()], first=on, days=1, needs=needs)
    assert given.kinds[on] is kind
    assert build(given).model.needs[0][E] == expected


def test_a_makeup_saturday_is_no_half_of_a_free_weekend() -> None:
    built = build(facts([person()], first=date(2026, 10, 5), days=14))
    assert [built.days[index] for index, rules in enumerate(built.model.days) if rules.ends_weekend] == [
        date(2026, 10, 18)
    ]


# --- rest --------------------------------------------------------------------------------------------------------------


def test_which_shift_may_follow_which() -> None:
    rules = build(facts([person()])).model.days[0]
    assert rules.next_day == {(L, E), (N, E), (N, L)}
    assert rules.second_day == frozenset()


def test_a_long_night_still_counts_two_days_later() -> None:
    long = ShiftFacts(20, (Period(time(20), time(8)), Period(time(9), time(20))), is_night=True)
    early = ShiftFacts(21, (Period(time(6), time(14)),), is_night=False)
    built = build(facts([person()], shifts=(long, early), needs={(20, "any"): 1, (21, "any"): 1}))
    assert built.model.days[0].second_day == {(1, 2)}


@pytest.mark.parametrize(
    ("on", "may_follow"), [(date(2026, 10, 25), True), (date(2026, 3, 29), False), (date(2026, 6, 7), False)]
)
def test_rest_is_counted_in_real_hours_where_clocks_change(on: date, may_follow: bool) -> None:
    """Late until 22:00, early from 08:30: 10.5 hours, but 11.5 in the night in which clocks are set back."""
    shifts = (
        ShiftFacts(1, (Period(time(14), time(22)),), is_night=False),
        ShiftFacts(2, (Period(time(8, 30), time(16)),), is_night=False),
    )
    given = facts([person()], first=on, days=1, shifts=shifts, zone=ZoneInfo("Europe/Berlin"), needs={(1, "any"): 1})
    assert ((1, 2) not in build(given).model.days[0].next_day) is may_follow


def test_days_worked_before_the_span_count_for_the_longest_run() -> None:
    before = {day(-number): EARLY for number in range(1, 6)}
    built, rows = found(facts([person(planned=before)], needs={(EARLY, "any"): 1}))
    assert rows[0][:2] == [E, 0]
    unmet = scores.unmet(built.model, rows)
    assert (unmet[0].day, unmet[0].obstacles[0].code, unmet[0].obstacles[0].value) == (1, "long_run", 7)


def test_what_is_planned_after_the_span_limits_its_last_days() -> None:
    after = {day(number): EARLY for number in range(7, 13)}
    _, rows = found(facts([person(planned=after)], needs={(EARLY, "any"): 1}))
    assert rows[0][6] == 0
    _, rows = found(facts([person(planned={day(7): EARLY})], days=7, needs={(LATE, "sun"): 1}))
    assert rows[0][6] == 0


# --- leave, contracts, wishes, fairness --------------------------------------------------------------------------------


def test_nobody_works_on_leave_and_the_reason_is_said() -> None:
    away = frozenset({day(2)})
    built, rows = found(facts([person(away=away)], needs={(EARLY, "any"): 1}))
    assert rows[0][2] == 0
    said = {each.day: each.obstacles[0].code for each in scores.unmet(built.model, rows)}
    assert said[2] == "away"


def test_contract_hours_limit_and_attract() -> None:
    """At most 40 hours a month: 9 in a week, one shift. At least 160: more than is needed."""
    _, rows = found(facts([person(most_hours=40)], needs={(EARLY, "any"): 1}))
    assert sum(value > 0 for value in rows[0]) == 1
    people = [person(1, least_hours=120), person(2)]
    _, rows = found(
        facts(people, needs={(EARLY, "any"): 1}, weights=Weights(fairness="off", contract_hours="important"))
    )
    assert sum(value > 0 for value in rows[0]) >= 4


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (WishFacts(MONDAY, WishKind.FREE), {0}),
        (WishFacts(MONDAY, WishKind.WANTED, LATE), {L}),
        (WishFacts(MONDAY, WishKind.UNWANTED, EARLY), {0, L}),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_wishes_are_met_where_needs_allow(wish: WishFacts, expected: set[int]) -> None:
    people = [person(1, wishes=(wish,)), person(2), person(3)]
    _, rows = found(facts(people, days=1, needs={(EARLY, "any"): 1, (LATE, "any"): 1}))
    assert rows[0][0] in expected


def test_who_had_more_nights_gets_fewer() -> None:
    people = [
        person(1, past=PastTotals(days=56, nights=12, minutes=19_200)),
        person(2, past=PastTotals(days=56, nights=2, minutes=19_200)),
    ]
    _, rows = found(facts(people, days=7, needs={(NIGHT, "any"): 1}))
    nights = [row.count(N) for row in rows]
    assert nights[1] > nights[0]
    assert sum(nights) == 7


def test_who_may_not_work_nights_owes_none() -> None:
    people = [person(1, allowed_shift_ids=frozenset({EARLY})), person(2), person(3)]
    bands = [each.bands[1] for each in build(facts(people)).model.people]
    assert [(band.target, band.weight > 0) for band in bands] == [(0.0, False), (3.5, True), (3.5, True)]


# --- the way back ------------------------------------------------------------------------------------------------------


def test_only_differences_are_changes() -> None:
    given = facts(
        [person(1, {day(0): EARLY, day(1): REST, day(2): LATE}, away=frozenset({day(5)}))], keeps_planned=False
    )
    built = build(given)
    row = [E, 0, 0, N, 0, N, 0]
    assert changes(built, given, [row]) == {(1, day(2)): None, (1, day(3)): NIGHT}
    assert changes(built, replace(given, fixed={(1, day(4)): LATE}), [row])[1, day(4)] == LATE


@pytest.mark.parametrize(
    ("rests", "planned", "written"),
    [
        ([REST], [EARLY, REST, LATE], REST),
        ([REST], [EARLY, LATE], None),  # a team that leaves days of rest blank
        ([REST], [], REST),  # a team's first roster
        ([REST, 98], [], None),  # which of them is not guessed
        ([98, REST], [REST, 98, REST, EARLY], REST),
        ([98], [REST, EARLY], None),  # the one that was written is archived
        ([], [], None),
    ],
)
def test_the_rest_shift_of_a_team(rests: list[int], planned: list[int], written: int | None) -> None:
    assert rest_shift(rests, planned) == written


def test_rest_is_written_where_the_team_writes_it() -> None:
    given = facts([person(1, {day(0): EARLY}, away=frozenset({day(5)}))], rest_shift_id=REST)
    built = build(given)
    assert set(changes(built, given, [[E, 0, 0, 0, 0, 0, 0]]).items()) == {
        ((1, day(number)), REST) for number in (1, 2, 3, 4, 6)
    }
