"""日期类型 of mainland China, compared with the State Council's notices for 2025 and 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.roster.calendar import Day, dates_between, day_kinds, is_built_in, provisional_years
from daka.roster.holidays.models import DayKind

OFF = {
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 "
        "05-05 05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08"
    ),
    2026: (
        "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 "
        "05-02 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 "
        "10-07"
    ),
}
"""Days off of each year's notice; weekends inside them are among them."""

MAKEUP = {
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
"""Weekend days on which people work (调休)."""

YEARS = sorted(OFF)


def days(year: int, listed: dict[int, str]) -> set[date]:
    return {date.fromisoformat(f"{year}-{month_and_day}") for month_and_day in listed[year].split()}


def kinds_in(year: int) -> dict[date, Day]:
    return day_kinds(date(year, 1, 1), date(year, 12, 31), {})


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_the_year_is_of_the_kind_that_the_notice_says(year: int) -> None:
    off, makeup = days(year, OFF), days(year, MAKEUP)
    for day, found in kinds_in(year).items():
        if day in off:
            expected = {DayKind.HOLIDAY}
        elif day in makeup:
            expected = {DayKind.MAKEUP_WORKDAY}
        else:
            expected = {DayKind.WEEKEND} if day.weekday() >= 5 else {DayKind.WORKDAY}
        assert found.kind in expected, f"{day} is {found.kind}"


@pytest.mark.parametrize("year", YEARS)
def test_the_year_has_as_many_days_of_each_kind_as_the_notice(year: int) -> None:
    found = [day.kind for day in kinds_in(year).values()]
    assert found.count(DayKind.HOLIDAY) == {2025: 28, 2026: 33}[year]
    assert found.count(DayKind.MAKEUP_WORKDAY) == {2025: 5, 2026: 6}[year]


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 1, 1), DayKind.HOLIDAY, "元旦"),
        (date(2026, 2, 17), DayKind.HOLIDAY, "春节"),
        (date(2026, 4, 5), DayKind.HOLIDAY, "清明"),
        (date(2026, 5, 1), DayKind.HOLIDAY, "劳动节"),
        (date(2026, 6, 19), DayKind.HOLIDAY, "端午"),
        (date(2026, 9, 25), DayKind.HOLIDAY, "中秋"),
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆"),
        (date(2026, 2, 14), DayKind.MAKEUP_WORKDAY, "春节"),
        (date(2026, 11, 23), DayKind.WORKDAY, ""),
        (date(2026, 11, 22), DayKind.WEEKEND, ""),
    ],
)
def test_a_holiday_has_a_chinese_name(day: date, kind: DayKind, name: str) -> None:
    assert day_kinds(day, day, {}) == {day: Day(kind, name)}


def test_a_day_that_was_set_comes_before_the_built_in_one() -> None:
    national_day = date(2026, 10, 1)
    ours = {national_day: Day(DayKind.WORKDAY, "盘点")}
    assert day_kinds(national_day, date(2026, 10, 2), ours) == {
        national_day: Day(DayKind.WORKDAY, "盘点"),
        date(2026, 10, 2): Day(DayKind.HOLIDAY, "国庆"),
    }


@given(st.dates(date(1990, 1, 1), date(2110, 12, 31)))
def test_a_year_without_data_knows_its_weekends_and_never_raises(day: date) -> None:
    found = day_kinds(day, day, {})[day]
    if not is_built_in(day.year):
        assert found.kind is (DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY)


def test_a_year_is_provisional_until_its_holidays_are_known() -> None:
    assert provisional_years([2026, 2199, 2198, 2199], frozenset()) == [2198, 2199]
    assert provisional_years([2026, 2199, 2198], frozenset({2199})) == [2198]


def test_a_span_has_both_its_ends() -> None:
    assert dates_between(date(2028, 2, 28), date(2028, 3, 1)) == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]
    assert dates_between(date(2026, 12, 31), date(2026, 12, 31)) == [date(2026, 12, 31)]
