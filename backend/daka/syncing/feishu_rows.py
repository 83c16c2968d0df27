"""Reads what Feishu says of schedules, shifts, groups, leave and people. Pure.

A schedule names a group and a shift; the shift has the times, and the group the time zone in which they are meant.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from daka.shifts.times import instant
from daka.syncing.directory import USERID, Department, DirectoryPerson
from daka.syncing.leaves import LeaveSpan
from daka.syncing.reading import FLEXIBLE_FROM_MINUTES, Days, PlannedDay, ShiftDefinition, times_of
from daka.vendors.replies import number_of, rows_of

REST, DEFAULT_SHIFT, NO_GROUP = "0", "9", "1"
FREE_GROUP, REST_DAY, WHOLE_DAYS = "3", "2", "1"
ROSTER_GROUP = "2"
"""Its people are scheduled day by day."""
DAY_SECONDS = 86_400
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_DEPARTMENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_zones = lru_cache(available_timezones)  # reads hundreds of files


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """The group and the shift of one person's day."""

    userid: str
    day: date
    group_id: str
    shift_id: str


@dataclass(frozen=True, slots=True)
class FeishuGroup:
    zone: ZoneInfo | None
    """None: not told."""
    is_free: bool
    """Nobody in it has a time to come or to leave."""


@dataclass(frozen=True, slots=True)
class FeishuShift:
    definition: ShiftDefinition
    sections: tuple[tuple[timedelta, timedelta], ...] | None
    """From the midnight of the work date: `26:00` is on the next day. None: not understood."""
    is_rest: bool


def read_schedules(data: Mapping[str, Any]) -> list[ScheduleRow]:
    """The rows of `user_daily_shifts/query`. What is no row is left out. Raises ValueError: it has no list."""
    if not isinstance(data.get("user_daily_shifts"), list):
        raise ValueError("no list of schedules")
    found = []
    for row in rows_of(data.get("user_daily_shifts")):
        userid, group_id, shift_id = (_id(row.get(name)) for name in ("user_id", "group_id", "shift_id"))
        month, day = number_of(row.get("month")), number_of(row.get("day_no"))
        if userid is None or month is None or day is None:
            continue
        try:
            work_date = date(month // 100, month % 100, day)
        except ValueError:
            continue
        found.append(ScheduleRow(userid, work_date, group_id or "", shift_id or ""))
    return found


def read_group(data: Mapping[str, Any]) -> FeishuGroup:
    """A group as `groups/{id}` describes it."""
    zone = data.get("time_zone")
    return FeishuGroup(ZoneInfo(zone) if zone in _zones() else None, str(data.get("group_type")) == FREE_GROUP)


def read_shift(data: Mapping[str, Any]) -> FeishuShift | None:
    """A shift as `shifts/{id}` describes it; None if it does not.

    `no_need_on` and `no_need_off` of a section mean one thing where shifts are written and the opposite where they are read (true
    is: needed). On its own such a mark is not believed; a clock-out is not asked for if the shift as a whole says so as well.
    """
    name = data.get("shift_name")
    if not isinstance(name, str) or not name.strip():
        return None
    sections: list[tuple[timedelta, timedelta]] | None = []
    for rule in rows_of(data.get("punch_time_rule")):
        start, end = _time_of_day(rule.get("on_time")), _time_of_day(rule.get("off_time"))
        if start is None or end is None or sections is None:
            sections = None
            break
        sections.append((start, end if end > start else end + timedelta(days=1)))
    minutes = 0
    if data.get("is_flexible") is True:
        late = [number_of(rule.get("flexible_late_minutes")) or 0 for rule in rows_of(data.get("flexible_rule"))]
        minutes = max(late) if late else number_of(data.get("flexible_minutes")) or 0
    rules = rows_of(data.get("punch_time_rule"))
    no_clock_out = data.get("no_need_off") is True and len(rules) == 1 and rules[0].get("no_need_off") is not True
    definition = ShiftDefinition(
        " ".join(name.split()),
        flexible_minutes=minutes if minutes >= FLEXIBLE_FROM_MINUTES else 0,
        asks_clock_out=not no_clock_out,
    )
    is_rest = str(data.get("day_type")) == REST_DAY
    return FeishuShift(definition, tuple(sections) if sections else None, is_rest)


def _time_of_day(text: Any) -> timedelta | None:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None or int(found[1]) > 47 or int(found[2]) > 59:
        return None
    return timedelta(hours=int(found[1]), minutes=int(found[2]))


def planned_days(
    rows: Iterable[ScheduleRow],
    groups: Mapping[str, FeishuGroup | None],
    shifts: Mapping[str, FeishuShift | None],
    zone: ZoneInfo,
    first: date,
    last: date,
) -> tuple[Days, dict[tuple[str, str], ShiftDefinition | None]]:
    """The days in the zone of the team, and the definitions of the shifts that occur.

    A group in another zone is converted: the reminder comes at the same instant, on the date that it has for the team.
    """
    days: Days = {}
    rests: Days = {}
    definitions: dict[tuple[str, str], ShiftDefinition | None] = {}
    for row in rows:
        group = groups.get(row.group_id)
        if row.group_id == NO_GROUP:
            continue  # it has a shift all the same, which means nothing
        key = (row.userid, row.day)
        shift = shifts.get(row.shift_id)
        if row.shift_id == REST or (group and group.is_free) or (shift and shift.is_rest):
            rests[key] = PlannedDay()
            continue
        if shift is None or shift.sections is None or group is None or group.zone is None:
            days[key] = None
            continue
        points = [_at(row.day, offset, group.zone) for section in shift.sections for offset in section]
        work_date = points[0].astimezone(zone).date()
        times = times_of(work_date, points, zone)
        key = (row.userid, work_date)
        if times is None or key in days:
            days[key] = None
            continue
        shift_id = row.shift_id if group.zone.key == zone.key else f"{row.shift_id} {group.zone.key}"
        days[key] = PlannedDay(times, shift_id)
        definitions[shift_id, ""] = shift.definition
    found = {key: day for key, day in (rests | days).items() if first <= key[1] <= last}
    return found, definitions


def _at(day: date, offset: timedelta, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time()) + offset
    return instant(wall.date(), wall.time(), zone)


# --- leave -----------------------------------------------------------------------------------------------------------


def read_leaves(data: Mapping[str, Any], zone: ZoneInfo) -> list[LeaveSpan]:
    """The approved leave in an answer of `user_approvals/query`, in the wall clock of this zone.

    Times are in the zone that the row names; where it names none, they mean nothing. Raises ValueError: it has no list.
    """
    if not isinstance(data.get("user_approvals"), list):
        raise ValueError("no list of leave")
    found: set[LeaveSpan] = set()
    for row in rows_of(data.get("user_approvals")):
        userid, theirs = _id(row.get("user_id")), row.get("time_zone")
        if userid is None or theirs not in _zones():
            continue
        for leave in rows_of(row.get("leaves")):
            start, end = (_moment(leave.get(name), ZoneInfo(theirs), zone) for name in ("start_time", "end_time"))
            if start is None or end is None or end < start:
                continue
            seconds = number_of(leave.get("interval")) or 0
            is_whole = str(leave.get("unit")) == WHOLE_DAYS and seconds > 0 and seconds % DAY_SECONDS == 0
            found.add(LeaveSpan(userid, start, end, seconds // DAY_SECONDS if is_whole else None))
    return sorted(found, key=lambda leave: (leave.userid, leave.start, leave.end))


def _moment(text: Any, theirs: ZoneInfo, ours: ZoneInfo) -> datetime | None:
    try:
        wall = datetime.fromisoformat(str(text)).replace(tzinfo=theirs)
    except ValueError:
        return None
    return wall.astimezone(ours).replace(tzinfo=None)


# --- people ----------------------------------------------------------------------------------------------------------


def read_departments(data: Mapping[str, Any], root: str) -> list[Department]:
    """The departments on a page of `departments/{id}/children`."""
    found = []
    for row in rows_of(data.get("items")):
        department_id = str(row.get("open_department_id") or "")
        if _DEPARTMENT.fullmatch(department_id):
            parent = str(row.get("parent_department_id") or root)
            found.append(Department.told(row, department_id, parent if _DEPARTMENT.fullmatch(parent) else root))
    return found


def read_people(data: Mapping[str, Any], department_id: str) -> tuple[list[DirectoryPerson], bool]:
    """The people on a page of `users/find_by_department` who have not left, and whether all of them have an id."""
    people, all_have_ids = [], True
    for row in rows_of(data.get("items")):
        status = row.get("status")
        if isinstance(status, dict) and (status.get("is_resigned") is True or status.get("is_exited") is True):
            continue
        userid = str(row.get("user_id") or "")
        if not USERID.fullmatch(userid):
            all_have_ids = False
            continue
        ids = row.get("department_ids")
        departments = tuple(map(str, ids)) if isinstance(ids, list) and ids else (department_id,)
        people.append(DirectoryPerson.told(row, userid, departments))
    return people, all_have_ids


def page_token(data: Mapping[str, Any]) -> str | None:
    """Where the next page begins; None on the last one."""
    token = data.get("page_token")
    return token if data.get("has_more") is True and isinstance(token, str) and token else None


def _id(value: Any) -> str | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if USERID.fullmatch(text) else None
