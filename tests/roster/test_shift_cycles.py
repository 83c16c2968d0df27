"""Cycles over dates, as tables; and what holds for every cycle."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.roster.calendar import day_kinds
from daka.roster.holidays.models import DayKind
from daka.roster.shift_cycles import Cycle, copied_dates, filled, offset_after, rhythm_of

DAY, NIGHT, REST = 1, 2, 9
FIRST = date(2026, 12, 1)
"""A Tuesday."""
NAMES = {DAY: "白", NIGHT: "夜", REST: "休", None: "·"}


def is_rest(shift_id: int) -> bool:
    return shift_id == REST


def row(slots, first: date, days: int, *, offset: int = 0, follows: bool = False, anchor: date | None = None) -> str:
    kinds = {day: found.kind for day, found in day_kinds(first, first + timedelta(days=days - 1), {}).items()}
    cells = filled(Cycle(tuple(slots), anchor or first), {7: offset}, kinds, follows_calendar=follows, is_rest=is_rest)
    return "".join(NAMES[cells[7, day]] for day in kinds)


WORK_5_OF_7 = [DAY] * 5 + [REST] * 2
BIG_AND_SMALL = WORK_5_OF_7 + [DAY] * 6 + [REST]
MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("slots", "first", "options", "expected"),
    [
        ([DAY, NIGHT, REST, REST], FIRST, {}, "白夜休休白夜休休白夜休休"),
        ([DAY, NIGHT, REST, REST], FIRST, {"offset": 1}, "夜休休白夜休休白夜休休白"),
        ([DAY, NIGHT, REST, REST], FIRST, {"offset": -1}, "休白夜休休白夜休休白夜休"),
        ([DAY] * 4 + [None] * 2, FIRST, {}, "白白白白··白白白白··"),
        # The month begins on a Tuesday, the cycle on a Monday.
        (WORK_5_OF_7, FIRST, {"anchor": MONDAY}, "白白白白休休白白白白白休"),
        # The anchor may lie after the dates: cycles have no beginning.
        (WORK_5_OF_7, FIRST, {"anchor": MONDAY + timedelta(days=700)}, "白白白白休休白白白白白休"),
        (BIG_AND_SMALL, MONDAY, {}, "白白白白白休休白白白白白"),
        (BIG_AND_SMALL, MONDAY, {"offset": 7}, "白白白白白白休白白白白白"),
        ([DAY], FIRST, {}, "白" * 12),
    ],
)
def test_a_cycle_repeats_from_its_anchor(slots, first, options, expected) -> None:
    assert row(slots, first, 12, **options) == expected


@pytest.mark.parametrize(
    ("slots", "first", "days", "expected"),
    [
        # National Day 2026: off from Thursday 1 to Wednesday 7 October, Saturday 10 is worked.
        (WORK_5_OF_7, date(2026, 9, 28), 14, "白白白休休休休休休休白白白休"),
        # A cycle without a rest shift leaves the day empty; the make-up workday takes its first work.
        ([DAY, None, None, NIGHT], date(2026, 10, 1), 10, "·······夜白白"),
        # A cycle that never works is not made to work, one that never rests gets blank holidays.
        ([REST], date(2026, 10, 7), 4, "休休休·"),
        ([DAY], date(2026, 10, 7), 4, "·白白白"),
    ],
)
def test_following_the_calendar_holidays_are_off_and_make_up_workdays_are_worked(slots, first, days, expected) -> None:
    assert row(slots, first, days, follows=True) == expected


@pytest.mark.parametrize(
    ("block", "onto", "by_weekday", "expected"),
    [
        # A week repeated over ten days.
        (("2026-12-07", "2026-12-13"), ("2026-12-14", "2026-12-23"), False, [7, 8, 9, 10, 11, 12, 13, 7, 8, 9]),
        (("2026-12-07", "2026-12-13"), ("2026-12-14", "2026-12-23"), True, [7, 8, 9, 10, 11, 12, 13, 7, 8, 9]),
        # From the middle of a week, weekday by weekday: a Thursday takes the Thursday.
        (("2026-12-07", "2026-12-13"), ("2026-12-17", "2026-12-21"), True, [10, 11, 12, 13, 7]),
        # December onto January: the 1st is a Friday and takes the first Friday, or the 1st by date.
        (("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-03"), False, [1, 2, 3]),
        (("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-03"), True, [4, 5, 6]),
        # What the block is too short for takes its last week again.
        (("2026-12-01", "2026-12-31"), ("2027-01-27", "2027-01-31"), True, [2, 3, 4, 5, 6]),
        (("2026-12-01", "2026-12-08"), ("2026-12-08", "2026-12-18"), True, [1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 4]),
    ],
)
def test_which_date_a_copied_date_repeats(block, onto, by_weekday, expected) -> None:
    first, last, start, end = (date.fromisoformat(text) for text in (*block, *onto))
    sources = copied_dates(first, last, start, end, by_weekday=by_weekday)
    assert [day.day for day in sources.values()] == expected
    assert list(sources) == [start + timedelta(days=index) for index in range(len(expected))]


def test_a_block_shorter_than_a_week_has_no_weekdays_to_keep() -> None:
    with pytest.raises(ValueError, match="a week"):
        copied_dates(FIRST, FIRST + timedelta(days=5), FIRST, FIRST, by_weekday=True)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("白夜休休白夜休休", 0),
        ("夜休休白夜休休白", 1),
        ("白夜休休白夜休", 3),
        ("白夜休休白夜休白", 0),  # one day was swapped
        ("白夜休休····", 0),  # stopped four days ago: the calendar went on
        ("白白白白白白白白", None),
        ("白夜", None),  # too little to know
        ("", None),
    ],
)
def test_a_cycle_goes_on_where_somebody_stopped(before: str, expected: int | None) -> None:
    kinds = {"白": DAY, "夜": NIGHT, "休": REST}
    days = {
        FIRST - timedelta(days=len(before) - index): kinds[name] for index, name in enumerate(before) if name in kinds
    }
    assert offset_after(Cycle((DAY, NIGHT, REST, REST), FIRST), days, FIRST) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([DAY, NIGHT, REST, REST] * 7 + [DAY, NIGHT], [DAY, NIGHT, REST, REST]),
        (
            [DAY, NIGHT, REST, REST] * 3 + [DAY, DAY, REST, REST] + [DAY, NIGHT, REST, REST] * 4,
            [DAY, NIGHT, REST, REST],
        ),
        ([DAY] * 31, [DAY]),
        ([*[DAY] * 6, REST] * 4, [*[DAY] * 6, REST]),
        ([None] * 31, None),
        ([DAY, NIGHT, REST, REST, DAY, REST, NIGHT, DAY, REST, NIGHT], None),
        ([], None),
    ],
)
def test_a_rhythm_is_found_in_a_row_of_days(days: list[int | None], expected: list[int | None] | None) -> None:
    assert rhythm_of(days) == expected


dates = st.dates(date(2000, 1, 1), date(2100, 1, 1))
slots = st.lists(st.sampled_from([DAY, NIGHT, REST, None]), min_size=1, max_size=40)


@given(slots, dates, dates, st.integers(-400, 400))
def test_every_cycle_comes_round_and_an_offset_is_a_shift_in_time(cycle_slots, anchor, day, offset) -> None:
    cycle = Cycle(tuple(cycle_slots), anchor)
    assert cycle.slot_on(day, offset) == cycle.slot_on(day + timedelta(days=len(cycle_slots)), offset)
    assert cycle.slot_on(day, offset) == cycle.slot_on(day + timedelta(days=offset))
    assert cycle.slot_on(anchor) == cycle_slots[0]


@given(slots, st.integers(0, 300), st.sampled_from(list(DayKind)))
def test_following_the_calendar_changes_only_holidays_and_make_up_workdays(cycle_slots, number, kind) -> None:
    day = FIRST + timedelta(days=number)
    cycle = Cycle(tuple(cycle_slots), FIRST)
    plain = filled(cycle, {7: 0}, {day: kind}, follows_calendar=False, is_rest=is_rest)
    followed = filled(cycle, {7: 0}, {day: kind}, follows_calendar=True, is_rest=is_rest)
    if kind in (DayKind.WORKDAY, DayKind.WEEKEND):
        assert followed == plain
    if kind is DayKind.HOLIDAY:
        assert followed[7, day] in (None, REST)


@given(dates, st.integers(7, 62), dates, st.integers(1, 62))
def test_copied_by_weekday_every_day_keeps_its_weekday_and_stays_in_the_block(first, length, onto, days) -> None:
    last = first + timedelta(days=length - 1)
    sources = copied_dates(first, last, onto, onto + timedelta(days=days - 1), by_weekday=True)
    assert len(sources) == days
    assert all(target.weekday() == source.weekday() for target, source in sources.items())
    assert all(first <= source <= last for source in sources.values())
