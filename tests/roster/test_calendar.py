"""Day kinds as tables: built in, by file, by hand."""

import json
from datetime import date

import pytest

from daka.roster.calendar import Day, built_in_day, day_kinds, provisional_years
from daka.roster.holidays.files import days_in_file
from daka.roster.holidays.models import DayKind
from daka.spreadsheets.sheet import BadFile
from roster.facts import MAKEUP_2025, MAKEUP_2026, OFF_2025, OFF_2026

HOLIDAY_CN = {
    "$schema": "https://example.invalid/schema.json",
    "year": 2027,
    "papers": [],
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
    ],
}
TIMOR = {
    "code": 0,
    "holiday": {
        "01-01": {"holiday": True, "name": "元旦", "wage": 3, "date": "2027-01-01", "rest": 1},
        "01-03": {
            "holiday": False,
            "name": "元旦后补班",
            "after": True,
            "wage": 1,
            "target": "元旦",
            "date": "2027-01-03",
        },
    },
}


@pytest.mark.parametrize(
    ("year", "off", "makeup", "how_many"),
    [(2025, OFF_2025, MAKEUP_2025, (28, 5)), (2026, OFF_2026, MAKEUP_2026, (33, 6))],
)
def test_the_built_in_calendar_knows_every_holiday_and_make_up_workday(year, off, makeup, how_many) -> None:
    kinds = day_kinds(date(year, 1, 1), date(year, 12, 31), {})
    assert [str(day) for day, found in kinds.items() if found.kind is DayKind.HOLIDAY] == off
    assert [str(day) for day, found in kinds.items() if found.kind is DayKind.MAKEUP_WORKDAY] == makeup
    assert (len(off), len(makeup)) == how_many


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-02-17", Day(DayKind.HOLIDAY, "春节")),
        ("2026-02-14", Day(DayKind.MAKEUP_WORKDAY, "春节")),
        ("2026-10-01", Day(DayKind.HOLIDAY, "国庆")),
        ("2026-11-23", Day(DayKind.WORKDAY)),
        ("2026-11-28", Day(DayKind.WEEKEND)),
        # Nobody knows these years: the weekday decides, and nothing is raised.
        ("2031-01-01", Day(DayKind.WORKDAY)),
        ("2031-01-04", Day(DayKind.WEEKEND)),
        ("1999-12-31", Day(DayKind.WORKDAY)),
        ("2100-12-31", Day(DayKind.WORKDAY)),
    ],
)
def test_what_kind_of_day_it_is(day, expected) -> None:
    assert built_in_day(date.fromisoformat(day)) == expected


def test_what_somebody_set_comes_before_the_built_in_calendar() -> None:
    new_year = date(2026, 1, 1)
    assert day_kinds(new_year, new_year, {new_year: Day(DayKind.WORKDAY, "")})[new_year].kind is DayKind.WORKDAY


def test_years_without_data_are_provisional_until_they_are_imported() -> None:
    assert provisional_years([2026, 2031, 2030, 2031], frozenset()) == [2030, 2031]
    assert provisional_years([2026, 2030, 2031], frozenset({2031})) == [2030]


@pytest.mark.parametrize("document", [HOLIDAY_CN, TIMOR], ids=["holiday-cn", "timor.tech"])
def test_both_formats_are_read(document) -> None:
    days = {str(found.day): found for found in days_in_file(("\ufeff" + json.dumps(document)).encode())}
    assert {day: found.is_off for day, found in days.items()} == {"2027-01-01": True, "2027-01-03": False}
    assert days["2027-01-01"].name == "元旦"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "calendar_not_json"),
        ("<html>", "calendar_not_json"),
        ('{"holiday":{"01-01":{"holiday":true},"01-01":{"holiday":false}}}', "calendar_not_json"),
        ("[" * 100_000, "calendar_not_json"),
        ("[]", "calendar_unknown_format"),
        ('{"days": {}}', "calendar_unknown_format"),
        ('{"days": [1]}', "calendar_unknown_format"),
        ('{"code": -1, "msg": "busy"}', "calendar_unknown_format"),
        ('{"year": 2027, "days": []}', "calendar_empty"),
        ('{"code": 0, "holiday": {}}', "calendar_empty"),
        ('{"days": [{"date": "2027-02-30", "isOffDay": true}]}', "calendar_bad_day"),
        ('{"days": [{"date": null, "isOffDay": true}]}', "calendar_bad_day"),
        ('{"days": [{"date": "2027-02-03"}]}', "calendar_bad_day"),
        ('{"days": [{"date": "1027-02-03", "isOffDay": true}]}', "calendar_bad_day"),
        (json.dumps({"days": [{"date": "2027-01-01", "isOffDay": True}] * 121}), "calendar_too_long"),
    ],
)
def test_what_is_no_calendar_is_refused_with_a_reason(text, code) -> None:
    with pytest.raises(BadFile) as refused:
        days_in_file(text.encode())
    assert refused.value.code == code
