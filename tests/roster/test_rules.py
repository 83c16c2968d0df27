"""Findings, needs and shares as tables."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.roster.holidays.models import DayKind
from daka.roster.rules import WorkDay, coverage, findings, needed_people, sentence, share, spread
from daka.shifts.nights import is_night
from daka.shifts.times import Period, spans

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 12, 7)
SHIFTS = {
    "白": [(9, 18)],
    "早": [(6, 14)],
    "中": [(14, 22)],
    "夜": [(22, 6)],
    "长": [(8, 20)],
    "分": [(9, 12), (17, 22)],
    "休": [],
}


def day(work_date: date, name: str, zone: ZoneInfo = SHANGHAI, **more) -> WorkDay:
    periods = [Period(time(start), time(end)) for start, end in SHIFTS[name]]
    shift_id = list(SHIFTS).index(name)
    return WorkDay(work_date, shift_id, tuple(spans(work_date, periods, zone)), is_night(periods), **more)


def week(row: str, **more) -> list[WorkDay]:
    """One day a letter, · is not planned."""
    return [day(MONDAY + timedelta(days=index), name, **more) for index, name in enumerate(row) if name != "·"]


def found(row: str) -> list[tuple[int, str, dict[str, float]]]:
    return [
        ((finding.work_date - MONDAY).days, finding.code, dict(finding.values))
        for finding in findings(week(row), SHANGHAI)
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("", []),
        ("白白白白白休休", []),
        # 22:00 to 06:00 the next day: 8 hours.
        ("中早", [(1, "short_rest", {"hours": 8})]),
        # 20:00 to 08:00: 12 hours are enough.
        ("长长", []),
        # 22:00 to 09:00: exactly 11 hours are enough.
        ("中白", []),
        ("分早", [(1, "short_rest", {"hours": 8})]),
        # The night of the first day ends at 06:00 of the second.
        ("夜白", [(1, "night_before_morning", {"hours": 3})]),
        ("夜早", [(1, "night_before_morning", {"hours": 0})]),
        ("夜中", [(1, "short_rest", {"hours": 8})]),
        ("夜夜", []),
        ("夜休白", []),
        ("夜·白", []),
        # A rest day in between does not shorten the rest.
        ("中休早", []),
        ("白白白白白白", []),
        ("白白白白白白白", [(6, "long_run", {"days": 7})]),
        ("白白白白白白白白", [(6, "long_run", {"days": 7}), (7, "long_run", {"days": 8})]),
        ("白白白休白白白白", []),
        ("白白白·白白白白", []),
    ],
)
def test_what_a_planner_should_see(row, expected) -> None:
    assert found(row) == expected


def test_shifts_that_overlap_are_named_as_such() -> None:
    late = WorkDay(MONDAY, 1, tuple(spans(MONDAY, [Period(time(20), time(10))], SHANGHAI)), True)
    (finding,) = findings([day(MONDAY + timedelta(days=1), "白"), late], SHANGHAI)
    assert (finding.code, dict(finding.values)) == ("overlap", {"hours": 1})


def test_a_day_of_leave_ends_a_run_and_is_no_short_rest() -> None:
    days = [day(MONDAY + timedelta(days=index), "白", is_away=index == 3) for index in range(8)]
    assert list(findings(days, SHANGHAI)) == []


def test_in_the_night_of_a_time_change_the_real_hours_count() -> None:
    """In New York the clocks go forward on 2026-03-08 at 02:00: 23:00 to 10:00 is only ten hours."""
    new_york = ZoneInfo("America/New_York")
    evening = WorkDay(date(2026, 3, 7), 1, tuple(spans(date(2026, 3, 7), [Period(time(15), time(23))], new_york)))
    morning = WorkDay(date(2026, 3, 8), 1, tuple(spans(date(2026, 3, 8), [Period(time(10), time(18))], new_york)))
    (finding,) = findings([evening, morning], new_york)
    assert (finding.code, dict(finding.values)) == ("short_rest", {"hours": 10})


def test_every_finding_has_a_sentence() -> None:
    assert [sentence(finding) for finding in findings(week("中早夜白·白"), SHANGHAI)] == [
        "与前一班之间只休息 8 小时，少于 11 小时",
        "夜班之后紧接早班，中间只有 3 小时",
    ]


@given(st.text("白早中夜长分休·", max_size=40))
def test_findings_never_depend_on_the_order_of_days_and_rest_shifts_never_matter(row) -> None:
    days = week(row)
    assert list(findings(days, SHANGHAI)) == list(findings(reversed(days), SHANGHAI))
    assert list(findings(days, SHANGHAI)) == list(findings([one for one in days if one.spans], SHANGHAI))


@pytest.mark.parametrize(
    ("needs", "day", "kind", "expected"),
    [
        ({}, MONDAY, DayKind.WORKDAY, None),
        ({"any": 2}, MONDAY, DayKind.WORKDAY, 2),
        ({"any": 2, "workday": 3}, MONDAY, DayKind.WORKDAY, 3),
        ({"any": 2, "workday": 3, "mon": 4}, MONDAY, DayKind.WORKDAY, 4),
        ({"any": 2, "mon": 4}, MONDAY + timedelta(days=1), DayKind.WORKDAY, 2),
        ({"any": 2, "mon": 4, "holiday": 0}, MONDAY, DayKind.HOLIDAY, 0),
        ({"any": 2, "weekend": 1}, MONDAY + timedelta(days=5), DayKind.WEEKEND, 1),
        # A make-up workday is a Saturday or Sunday that is staffed like a workday.
        ({"any": 2, "sat": 1, "workday": 3}, MONDAY + timedelta(days=5), DayKind.MAKEUP_WORKDAY, 3),
        ({"any": 2, "workday": 3, "makeup_workday": 5}, MONDAY + timedelta(days=5), DayKind.MAKEUP_WORKDAY, 5),
    ],
)
def test_the_most_particular_need_counts(needs, day, kind, expected) -> None:
    assert needed_people({(1, sort): people for sort, people in needs.items()}, 1, day, kind) == expected


def test_coverage_names_every_shift_with_a_need_on_every_day() -> None:
    saturday = MONDAY + timedelta(days=5)
    cover = coverage(
        7,
        {(1, "workday"): 2, (2, "any"): 1},
        {MONDAY: DayKind.WORKDAY, saturday: DayKind.WEEKEND},
        {(MONDAY, 1): 3, (saturday, 1): 1, (MONDAY, 9): 4},
    )
    assert [(one.date, one.shift_id, one.planned, one.needed) for one in cover] == [
        (MONDAY, 1, 3, 2),
        (MONDAY, 2, 0, 1),
        (saturday, 2, 0, 1),
    ]


def test_everybodys_share_is_counted_by_work_date() -> None:
    days = week("白夜休长分白")  # Monday to Saturday
    days.append(day(MONDAY + timedelta(days=6), "白", is_away=True))
    kinds = {MONDAY + timedelta(days=index): DayKind.WORKDAY for index in range(7)}
    kinds[MONDAY] = DayKind.HOLIDAY
    kinds[MONDAY + timedelta(days=5)] = kinds[MONDAY + timedelta(days=6)] = DayKind.WEEKEND
    mine = share(days, kinds)
    assert (mine.work_days, mine.rest_days, mine.leave_days) == (5, 1, 1)
    assert (mine.nights, mine.weekends, mine.holidays) == (1, 1, 1)
    assert mine.hours == 9 + 8 + 12 + 8 + 9
    assert mine.longest_run == 3
    assert sum(mine.shifts.values()) == 7


@pytest.mark.parametrize(
    ("row", "first", "last", "run"),
    [
        ("白白白休白白", 0, 5, 3),
        ("白白白休白白", 1, 5, 3),
        ("白白白休白白", 3, 5, 2),
        ("白白白休白白", 3, 3, 0),
        ("白白白白白", 1, 2, 3),
    ],
)
def test_a_run_counts_from_its_own_first_day_as_in_the_warnings(row: str, first: int, last: int, run: int) -> None:
    mine = share(week(row), {}, MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    assert (mine.longest_run, mine.work_days) == (run, row[first : last + 1].count("白"))


def test_how_evenly_something_is_shared() -> None:
    assert spread([]) == spread([0])
    assert (spread([2, 4, 3]).least, spread([2, 4, 3]).most, spread([2, 4, 3]).mean) == (2, 4, 3)
