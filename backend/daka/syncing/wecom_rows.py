"""Reads what WeCom says of rules, schedules and people. Pure.

Times are seconds since the midnight with which the work date begins; more than a day's are on the next date. Rules of fixed hours
(固定时间上下班) are computed for each date; rules by shift (按班次上下班) have a schedule; free ones (自由上下班) plan nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any

from daka.outbound.quota import BEIJING
from daka.roster.calendar import Day
from daka.roster.holidays.models import DayKind
from daka.syncing.directory import USERID, Department, DirectoryPerson
from daka.syncing.reading import FLEXIBLE_FROM_MINUTES, Days, PlannedDay, ShiftDefinition, Times, times_of
from daka.vendors.replies import object_of, rows_of

DAY_SECONDS = 24 * 60 * 60
MONDAY = 1
Row = Mapping[str, Any]
Definitions = dict[tuple[str, str], ShiftDefinition | None]


class RuleType(IntEnum):
    FIXED = 1
    BY_SHIFT = 2
    FREE = 3


@dataclass(frozen=True, slots=True)
class Hours:
    """One line of a rule of fixed hours: its weekdays (Sunday is 0) and its times."""

    weekdays: frozenset[int]
    times: Any
    definition: ShiftDefinition


@dataclass(frozen=True, slots=True)
class Rule:
    """打卡规则."""

    id: str
    name: str
    type: RuleType
    hours: Sequence[Hours] = ()
    working: Mapping[date, Any] = field(default_factory=dict)
    """Dates that are worked although the week says otherwise, with their times."""
    off: frozenset[date] = frozenset()
    follows_holidays: bool = False
    shifts: Mapping[str, ShiftDefinition] = field(default_factory=dict)
    """Definitions by the shift's id."""


def read_rules(answer: Row) -> dict[str, Rule | None]:
    """The rule of each person in an answer of `checkin/getcheckinoption`, by userid in small letters. None: it cannot be
    understood.
    """
    return {
        userid.casefold(): _rule(row.get("group"))
        for row in rows_of(answer.get("info"))
        if isinstance(userid := row.get("userid"), str)
    }


def _rule(group: Any) -> Rule | None:
    if not isinstance(group, dict) or group.get("grouptype") not in list(RuleType):
        return None
    name = str(group.get("groupname") or "").strip() or "打卡"
    lines = [line for line in rows_of(group.get("checkindate")) if line.get("workdays")]
    return Rule(
        id=str(group.get("groupid")),
        name=name,
        type=RuleType(group["grouptype"]),
        hours=[
            Hours(frozenset(_weekdays(line["workdays"])), line.get("checkintime"), _definition(line, name))
            for line in lines
        ],
        working={
            day: row.get("checkintime")
            for row in rows_of(group.get("spe_workdays"))
            if (day := _date(row.get("timestamp"))) is not None
        },
        off=frozenset(
            day for row in rows_of(group.get("spe_offdays")) if (day := _date(row.get("timestamp"))) is not None
        ),
        follows_holidays=group.get("sync_holidays") is True,
        shifts={
            str(row.get("schedule_id")): _definition(row, str(row.get("schedule_name") or ""))
            for row in rows_of(group.get("schedulelist"))
        },
    )


def read_shifts(answer: Row, day: date) -> dict[str, tuple[ShiftDefinition, Times]]:
    """The shifts of the rules in an answer of `checkin/getcheckinoption` whose times are known, by rule and shift as in
    `scheduled_days`; `day` is any date.
    """
    found = {}
    for row in rows_of(answer.get("info")):
        group = object_of(row, "group")
        for shift in rows_of(group.get("schedulelist")):
            name, times = str(shift.get("schedule_name") or "").strip(), _times(day, shift.get("time_section"))
            if times and name and _is_number(shift.get("schedule_id")):
                found[f"{group['groupid']}/{shift['schedule_id']}"] = _definition(shift, name), times
    return found


def _definition(row: Row, name: str) -> ShiftDefinition:
    late = _seconds(row.get("max_allow_arrive_late")) or 0
    if row.get("allow_flex") in (True, 1):
        late = max(late, _seconds(row.get("flex_on_duty_time")) or 0)
    return ShiftDefinition(
        name.strip()[:40],
        flexible_minutes=late // 60 if late // 60 >= FLEXIBLE_FROM_MINUTES else 0,
        asks_clock_out=row.get("noneed_offwork") is not True,
    )


def fixed_days(userid: str, rule: Rule, calendar: Mapping[date, Day]) -> tuple[Days, Definitions]:
    """A person's days under a rule of fixed hours, on each date of the calendar."""
    days: Days = {}
    definitions: Definitions = {}
    for day, kind in calendar.items():
        line = _hours_on(day, rule, kind)
        if line is None:
            days[userid, day] = PlannedDay()
            continue
        shift_id = f"{rule.id}/{line}"
        hours = rule.hours[line]
        times = _times(day, rule.working.get(day) or hours.times)
        days[userid, day] = PlannedDay(times, shift_id) if times else None
        definitions[shift_id, ""] = hours.definition
    return days, definitions


def _hours_on(day: date, rule: Rule, kind: Day) -> int | None:
    """Which line of the rule is worked on a date; None: it is off.

    A date that the rule names as worked is, whatever else it says: a reminder too many is better than none.
    """
    weekday = day.isoweekday() % 7
    of_weekday = next((index for index, hours in enumerate(rule.hours) if weekday in hours.weekdays), None)
    of_monday = next((index for index, hours in enumerate(rule.hours) if MONDAY in hours.weekdays), 0)
    instead = (of_weekday if of_weekday is not None else of_monday) if rule.hours else None
    if day in rule.working:
        return instead
    if day in rule.off:
        return None
    if rule.follows_holidays and kind.kind is DayKind.HOLIDAY:
        return None
    if rule.follows_holidays and kind.kind is DayKind.MAKEUP_WORKDAY:
        return instead
    return of_weekday


def scheduled_days(answer: Row, rules: Mapping[str, Rule | None], first: date, last: date) -> tuple[Days, Definitions]:
    """The days from `first` to `last` in an answer of `checkin/getcheckinschedulist`, by userid in small letters."""
    days: Days = {}
    definitions: Definitions = {}
    for month in rows_of(answer.get("schedule_list")):
        userid = month.get("userid")
        listed = object_of(month, "schedule").get("scheduleList")  # this spelling is WeCom's
        if not isinstance(userid, str):
            continue
        userid = userid.casefold()
        for row in rows_of(listed):
            day = _day_of_month(month.get("yearmonth"), row.get("day"))
            if day is None or not first <= day <= last:
                continue
            info = object_of(row, "schedule_info")
            if not _is_number(info.get("schedule_id")):
                days[userid, day] = None
            elif info["schedule_id"] == 0:
                days[userid, day] = PlannedDay()
            else:
                rule, number = rules.get(userid), str(info["schedule_id"])
                shift_id = f"{month.get('groupid')}/{number}"
                times = _times(day, info.get("time_section"))
                days[userid, day] = PlannedDay(times, shift_id) if times else None
                name = str(info.get("schedule_name") or "").strip()[:40]
                known = rule.shifts.get(number) if rule else None
                definitions[shift_id, ""] = known or (ShiftDefinition(name) if name else None)
    return days, definitions


def _times(day: date, sections: Any) -> Times | None:
    points: list[datetime] = []
    midnight = datetime.combine(day, time(), BEIJING)
    for section in rows_of(sections):
        start, end = _seconds(section.get("work_sec")), _seconds(section.get("off_work_sec"))
        if start is None or end is None:
            return None
        end += DAY_SECONDS if end <= start else 0
        points += [midnight + timedelta(seconds=start), midnight + timedelta(seconds=end)]
    whole = [point.replace(second=0) for point in points]
    return times_of(day, whole, BEIJING) if whole else None


def _weekdays(values: Any) -> list[int]:
    return [value % 7 for value in values if _is_number(value)] if isinstance(values, list) else []


def _day_of_month(month: Any, day: Any) -> date | None:
    if not _is_number(month) or not _is_number(day):
        return None
    try:
        return date(month // 100, month % 100, day)
    except ValueError:
        return None


def _date(seconds: Any) -> date | None:
    if not _is_number(seconds) or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, BEIJING).date()
    except (ValueError, OverflowError, OSError):
        return None


def _seconds(value: Any) -> int | None:
    return value if _is_number(value) and 0 <= value < 2 * DAY_SECONDS else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# --- people ---


def read_departments(answer: Row, root: str) -> list[Department]:
    """The departments in an answer of `department/list`, those that hang on none of them on `root`. Names may be left out."""
    rows = {str(row["id"]): row for row in rows_of(answer.get("department")) if _is_number(row.get("id"))}
    return [
        Department.told(
            row, number, parent if (parent := str(row.get("parentid"))) in rows and parent != number else root
        )
        for number, row in rows.items()
    ]


def read_people(answer: Row, department_id: str) -> list[DirectoryPerson]:
    """The people in an answer of `user/simplelist`. WeCom tells no numbers, and perhaps no names."""
    return [
        DirectoryPerson.told(row, row["userid"], tuple(map(str, row.get("department") or ())) or (department_id,))
        for row in rows_of(answer.get("userlist"))
        if isinstance(row.get("userid"), str) and USERID.fullmatch(row["userid"])
    ]
