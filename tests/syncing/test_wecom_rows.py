"""What WeCom's rules and schedules plan, with dated examples."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from daka.outbound.quota import BEIJING
from daka.roster.calendar import Day, built_in_day, dates_between
from daka.syncing.reading import PlannedDay, ShiftDefinition, Times
from daka.syncing.wecom_rows import fixed_days, read_departments, read_people, read_rules, scheduled_days
from fakes.wecom_attendance import hours, rule, week

HOUR = 3600
NINE_TO_SIX = (9 * HOUR, 18 * HOUR)
DAY: Times = (("09:00", "18:00"),)
FIVE = [1, 2, 3, 4, 5]


def seconds(day: date) -> int:
    return int(datetime.combine(day, time(), BEIJING).timestamp())


def planned(group: dict[str, Any], first: date, days: int) -> list[Any]:
    """The times of each day; an empty tuple is a rest, None is not understood."""
    read = read_rules({"info": [{"userid": "Bob", "group": group}]})["bob"]
    assert read is not None
    calendar = {day: built_in_day(day) for day in dates_between(first, first + timedelta(days=days - 1))}
    found, _ = fixed_days("bob", read, calendar)
    return [each and each.periods for _, each in sorted(found.items(), key=lambda item: item[0])]


MONDAY = date(2026, 1, 5)
NATIONAL_DAY = date(2026, 9, 28)
"""A Monday; from Thursday on it is a holiday."""
MAKEUP_SUNDAY = date(2026, 9, 20)
"""The Friday after it is a holiday."""
REST: Times = ()
FIXED: dict[str, tuple[dict[str, Any], date, list[Any]]] = {
    "five days": (rule(1, "白班", week(FIVE, NINE_TO_SIX)), MONDAY, [DAY] * 5 + [REST] * 2),
    "with Sunday": (rule(1, "白班", week([0, 6], NINE_TO_SIX)), MONDAY, [REST] * 5 + [DAY] * 2),
    "Friday is shorter": (
        rule(1, "白班", week([1, 2, 3, 4], NINE_TO_SIX), week([5], (9 * HOUR, 17 * HOUR))),
        MONDAY,
        [DAY] * 4 + [(("09:00", "17:00"),), REST, REST],
    ),
    "two sections": (
        rule(1, "白班", week([1], (10 * HOUR, 12 * HOUR), (14 * HOUR, 20 * HOUR))),
        MONDAY,
        [(("10:00", "12:00"), ("14:00", "20:00")), *[REST] * 6],
    ),
    "a night": (rule(1, "夜班", week([1], (22 * HOUR, 30 * HOUR))), MONDAY, [(("22:00", "06:00"),), *[REST] * 6]),
    "a night whose end is the next day's": (
        rule(1, "夜班", week([1], (22 * HOUR, 6 * HOUR))),
        MONDAY,
        [(("22:00", "06:00"),), *[REST] * 6],
    ),
    "a day off": (
        rule(1, "白班", week(FIVE, NINE_TO_SIX), spe_offdays=[{"timestamp": seconds(MONDAY), "checkintime": []}]),
        MONDAY,
        [REST, *[DAY] * 4, REST, REST],
    ),
    "a Saturday at other times": (
        rule(
            1,
            "白班",
            week(FIVE, NINE_TO_SIX),
            spe_workdays=[{"timestamp": seconds(date(2026, 1, 10)), "checkintime": hours((10 * HOUR, 16 * HOUR))}],
        ),
        MONDAY,
        [*[DAY] * 5, (("10:00", "16:00"),), REST],
    ),
    "a Saturday without times": (
        rule(
            1,
            "白班",
            week(FIVE, NINE_TO_SIX),
            spe_workdays=[{"timestamp": seconds(date(2026, 1, 10)), "checkintime": []}],
        ),
        MONDAY,
        [*[DAY] * 6, REST],
    ),
    "worked and off at once": (
        rule(
            1,
            "白班",
            week(FIVE, NINE_TO_SIX),
            spe_workdays=[{"timestamp": seconds(MONDAY), "checkintime": hours(NINE_TO_SIX)}],
            spe_offdays=[{"timestamp": seconds(MONDAY)}],
        ),
        MONDAY,
        [*[DAY] * 5, REST, REST],
    ),
    "holidays are not followed": (rule(1, "白班", week(FIVE, NINE_TO_SIX)), NATIONAL_DAY, [DAY] * 5 + [REST] * 2),
    "holidays are followed": (
        rule(1, "白班", week(FIVE, NINE_TO_SIX), sync_holidays=True),
        NATIONAL_DAY,
        [*[DAY] * 3, *[REST] * 4],
    ),
    "a makeup Sunday": (
        rule(1, "白班", week(FIVE, NINE_TO_SIX), sync_holidays=True),
        MAKEUP_SUNDAY,
        [*[DAY] * 5, REST, REST],
    ),
    "worked on a holiday": (
        rule(
            1,
            "白班",
            week(FIVE, NINE_TO_SIX),
            sync_holidays=True,
            spe_workdays=[{"timestamp": seconds(date(2026, 10, 1)), "checkintime": hours(NINE_TO_SIX)}],
        ),
        NATIONAL_DAY,
        [*[DAY] * 4, *[REST] * 3],
    ),
    "unreadable times": (
        rule(1, "白班", {"workdays": [1], "checkintime": [{"work_sec": "9:00", "off_work_sec": 64800}]}),
        MONDAY,
        [None, *[REST] * 6],
    ),
    "milliseconds": (rule(1, "白班", week([1], (32400000, 64800000))), MONDAY, [None, *[REST] * 6]),
}


@pytest.mark.parametrize("case", FIXED)
def test_the_days_of_fixed_hours(case: str) -> None:
    group, first, expected = FIXED[case]
    assert planned(group, first, 7) == expected


DEFINITIONS: dict[str, tuple[dict[str, Any], ShiftDefinition]] = {
    "plain": ({}, ShiftDefinition("白班")),
    "no clock-out": ({"noneed_offwork": True}, ShiftDefinition("白班", asks_clock_out=False)),
    "come an hour later": ({"max_allow_arrive_late": 3600}, ShiftDefinition("白班", flexible_minutes=60)),
    "flexible": ({"allow_flex": True, "flex_on_duty_time": 1800}, ShiftDefinition("白班", flexible_minutes=30)),
    "ten minutes are a tolerance": ({"allow_flex": True, "flex_on_duty_time": 600}, ShiftDefinition("白班")),
    "late, and that is all": ({"flex_on_duty_time": 3600}, ShiftDefinition("白班")),
    "not said": ({"flex_on_duty_time": -1, "flex_time": 300000}, ShiftDefinition("白班")),
}


@pytest.mark.parametrize("case", DEFINITIONS)
def test_what_a_rule_says_of_its_hours(case: str) -> None:
    more, expected = DEFINITIONS[case]
    read = read_rules({"info": [{"userid": "bob", "group": rule(1, "白班", week(FIVE, NINE_TO_SIX, **more))}]})["bob"]
    assert read is not None
    assert [hours.definition for hours in read.hours] == [expected]


@pytest.mark.parametrize("group", [None, [], {}, {"grouptype": 7}, {"grouptype": "1"}], ids=repr)
def test_a_rule_that_is_not_understood_is_none(group: Any) -> None:
    assert read_rules({"info": [{"userid": "bob", "group": group}, {"group": {}}, None]}) == {"bob": None}


def listed(day: Any, number: Any, *sections: tuple[int, int], **more: Any) -> dict[str, Any]:
    times = [{"id": 1, "work_sec": start, "off_work_sec": end} for start, end in sections]
    return {"day": day, "schedule_info": {"schedule_id": number, "schedule_name": "夜", "time_section": times, **more}}


def months(*days: Any, yearmonth: Any = 202601) -> dict[str, Any]:
    schedule = {"scheduleList": list(days)}
    return {"schedule_list": [{"userid": "Bob", "yearmonth": yearmonth, "groupid": 2, "schedule": schedule}]}


NIGHT = (22 * HOUR, 30 * HOUR)
SCHEDULED: dict[str, tuple[dict[str, Any], dict[date, PlannedDay | None]]] = {
    "a night hangs on the date on which it begins": (
        months(listed(5, 221, NIGHT)),
        {MONDAY: PlannedDay((("22:00", "06:00"),), "2/221")},
    ),
    "a rest": (months(listed(5, 0)), {MONDAY: PlannedDay()}),
    "of another month": (months(listed(5, 221, NIGHT), yearmonth=202602), {}),
    "outside the days": (months(listed(1, 221, NIGHT), listed(31, 221, NIGHT)), {}),
    "no such day": (months(listed(31, 221, NIGHT), yearmonth=202602), {}),
    "a text for a day": (months(listed("5", 221, NIGHT)), {}),
    "without a shift": (months({"day": 5}), {MONDAY: None}),
    "without times": (months(listed(5, 221)), {MONDAY: None}),
    "a section without an end": (
        months(listed(5, 221, time_section=[{"work_sec": 32400}])),
        {MONDAY: None},
    ),
    "another spelling is no list": ({"schedule_list": [{"userid": "Bob", "schedule": {"schedulelist": [1]}}]}, {}),
    "nothing": ({}, {}),
}


@pytest.mark.parametrize("case", SCHEDULED)
def test_the_days_of_a_schedule(case: str) -> None:
    answer, expected = SCHEDULED[case]
    found, _ = scheduled_days(answer, {}, date(2026, 1, 5), date(2026, 1, 18))
    assert found == {("bob", day): each for day, each in expected.items()}


def test_a_schedules_shift_is_as_the_rule_describes_it() -> None:
    shifts = [{"schedule_id": 221, "schedule_name": "大夜班", "noneed_offwork": True}]
    rules = read_rules({"info": [{"userid": "bob", "group": rule(2, "倒班", schedulelist=shifts)}]})
    answer = months(listed(5, 221, NIGHT), listed(6, 222, NIGHT))
    _, definitions = scheduled_days(answer, rules, MONDAY, date(2026, 1, 18))
    assert definitions == {
        ("2/221", ""): ShiftDefinition("大夜班", asks_clock_out=False),
        ("2/222", ""): ShiftDefinition("夜"),
    }


def test_days_of_a_year_without_holidays_are_those_of_the_week() -> None:
    read = read_rules({"info": [{"userid": "bob", "group": rule(1, "", week(FIVE, NINE_TO_SIX), sync_holidays=True)}]})
    assert read["bob"] is not None
    found, _ = fixed_days("bob", read["bob"], {date(2099, 10, 1): built_in_day(date(2099, 10, 1))})
    assert [each and each.periods for each in found.values()] == [DAY]


def test_departments_hang_on_what_the_app_may_see() -> None:
    rows = [
        {"id": 12, "name": "二组", "parentid": 3},
        {"id": 3, "parentid": 1},
        {"id": 7, "name": "自己", "parentid": 7},
        {"name": "?"},
    ]
    found = [(each.id, each.name, each.parent_id) for each in read_departments({"department": rows}, "0")]
    assert found == [("12", "二组", "3"), ("3", "3", "0"), ("7", "自己", "0")]


def test_people_may_have_no_names() -> None:
    rows = [{"userid": "Bob", "name": "包 伯", "department": [3, 12]}, {"userid": "u2"}, {"userid": "a b"}, {}, None]
    found = [(each.userid, each.name, each.department_ids) for each in read_people({"userlist": rows}, "3")]
    assert found == [("Bob", "包 伯", ("3", "12")), ("u2", "u2", ("3",))]


def test_the_calendar_is_ours() -> None:
    """A day that somebody set by hand counts, too."""
    group = rule(1, "白班", week(FIVE, NINE_TO_SIX), sync_holidays=True)
    read = read_rules({"info": [{"userid": "bob", "group": group}]})["bob"]
    assert read is not None
    holiday = Day(built_in_day(date(2026, 10, 1)).kind, "厂庆")
    found, _ = fixed_days("bob", read, {MONDAY: holiday})
    assert found == {("bob", MONDAY): PlannedDay()}
