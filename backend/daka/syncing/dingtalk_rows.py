"""Reads what DingTalk says of schedules, shifts, leave and people. Pure.

One row is one card point, not one day. `plan_check_time` is what is to be reminded of; the shift only gives it a name.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from daka.outbound.quota import BEIJING
from daka.syncing.directory import USERID, Department, DirectoryPerson
from daka.syncing.leaves import LeaveSpan
from daka.syncing.reading import FLEXIBLE_FROM_MINUTES, Days, PlannedDay, ShiftDefinition, Times, times_of
from daka.vendors.replies import number_of, object_of, rows_of

REST_IDS = ("0", "1")
"""A rest has shift 0; where schedules are written it is 1."""
SECONDS_END = 100_000_000_000
"""Numbers below are seconds, others milliseconds."""


def read_days(rows: Any, first: date, last: date) -> Days:
    """The days from `first` to `last` that the rows of `schedule/listbyusers` tell of; rows of other days are ignored."""
    grouped: dict[tuple[str, date], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows_of(rows):
        userid, day = row.get("userid"), local_time(row.get("work_date"))
        if isinstance(userid, str) and day is not None and first <= day.date() <= last:
            grouped[userid, day.date()].append(row)
    return {key: _day(key[1], found) for key, found in grouped.items()}


def _day(day: date, rows: list[Mapping[str, Any]]) -> PlannedDay | None:
    if all(is_true(row.get("is_rest")) or _is_rest_id(row) for row in rows):
        return PlannedDay()
    points: set[tuple[datetime, str]] = set()
    for row in rows:
        at = local_time(row.get("plan_check_time"))
        if at is None:
            return None
        points.add((at.replace(second=0), str(row.get("check_type")).lower()))
    # At one moment a period ends before the next begins.
    ordered = sorted(points, key=lambda point: (point[0], point[1] == "onduty"))
    if [kind for _, kind in ordered] != ["onduty", "offduty"] * (len(ordered) // 2):
        return None
    times = times_of(day, [at.replace(tzinfo=BEIJING) for at, _ in ordered], BEIJING)
    if times is None:
        return None
    return PlannedDay(times, str(rows[0].get("shift_id", "")), str(rows[0].get("shift_version", "")))


def _is_rest_id(row: Mapping[str, Any]) -> bool:
    return str(row.get("shift_id")) in REST_IDS and not row.get("plan_check_time")


def midnight(day: date) -> int:
    """The beginning of a day in China, in milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp() * 1000)


def local_time(value: Any) -> datetime | None:
    """A wall clock time of China: of `2026-01-05 09:00:00`, or of seconds or milliseconds since 1970."""
    if isinstance(value, str) and not value.isdigit():
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    number = int(value)
    try:
        moment = datetime.fromtimestamp(number if number < SECONDS_END else number / 1000, BEIJING)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=None)


def read_group_ids(rows: Any) -> dict[str, str]:
    """The attendance group of each person, by userid, in the rows of `schedule/listbyusers`."""
    return {
        row["userid"]: str(row["group_id"])
        for row in rows_of(rows)
        if isinstance(row.get("userid"), str) and str(row.get("group_id")).isdigit()
    }


def is_true(value: Any) -> bool:
    """DingTalk writes booleans in several ways."""
    return value is True or (isinstance(value, str) and value.lower() in ("y", "true"))


def read_shift(answer: Mapping[str, Any]) -> ShiftDefinition | None:
    """A shift as `shift/query` describes it; None if it does not."""
    found = object_of(answer, "result")
    name = found.get("name")
    if not isinstance(name, str) or not name.strip():
        return None
    punches = [punch for section in rows_of(found.get("sections")) for punch in rows_of(section.get("punches"))]
    free = [(str(punch.get("check_type")).lower(), is_true(punch.get("free_check"))) for punch in punches]
    is_any_free = any(each for _, each in free)
    is_free = is_any_free and all(each for _, each in free)
    is_only_clock_out_free = is_any_free and all(each == (kind == "offduty") for kind, each in free)
    flexible = [
        minutes
        for punch in punches
        if str(punch.get("check_type")).lower() == "onduty"
        and (minutes := number_of(punch.get("permit_minutes")) or 0) >= FLEXIBLE_FROM_MINUTES
    ]
    return ShiftDefinition(
        name.strip(),
        is_free,
        is_partly_free=is_any_free and not is_free and not is_only_clock_out_free,
        flexible_minutes=max(flexible, default=0),
        asks_clock_out=not is_only_clock_out_free,
    )


def read_shift_times(answer: Mapping[str, Any]) -> tuple[str, Times, int] | None:
    """The name, the times and the flexible minutes of a shift of `shift/query`. None: no roster can have it.

    A shift of which only some punches are asked for is none either: here all or none are.
    """
    definition = read_shift(answer)
    if definition is None or definition.is_free or definition.is_partly_free or not definition.asks_clock_out:
        return None
    times = []
    sections = answer["result"].get("sections")
    for section in sections if isinstance(sections, list) else []:
        punches = rows_of(object_of(section).get("punches"))
        at = {str(punch.get("check_type")).lower(): local_time(punch.get("check_time")) for punch in punches}
        start, end = at.get("onduty"), at.get("offduty")
        if start is None or end is None:
            return None
        times.append((f"{start:%H:%M}", f"{end:%H:%M}"))
    return (definition.name, tuple(times), definition.flexible_minutes) if times else None


def read_groups(answer: Mapping[str, Any]) -> tuple[list[tuple[str, str, str]], bool]:
    """Id, name and type (FIXED, TURN, NONE) of the groups of an answer of `getsimplegroups`, and whether there are more."""
    result = object_of(answer, "result")
    groups = [
        (str(row["group_id"]), str(row.get("group_name") or row["group_id"]), str(row.get("type")).upper())
        for row in rows_of(result.get("groups"))
        if str(row.get("group_id")).isdigit()
    ]
    return groups, is_true(result.get("has_more"))


def read_members(answer: Mapping[str, Any]) -> tuple[set[str], int | None]:
    """The people (not the departments) of an answer of `group/member/list`, and the cursor of the next page."""
    result = object_of(answer, "result")
    people = {
        str(row["member_id"])
        for row in rows_of(result.get("result"))
        if str(row.get("type")) == "0" and row.get("member_id")
    }
    following = str(result.get("cursor"))
    return people, int(following) if is_true(result.get("has_more")) and following.isdigit() else None


def read_operator(answer: Mapping[str, Any]) -> str | None:
    """Somebody who manages an attendance group, of an answer of `getsimplegroups`: schedules are read in their name."""
    for group in rows_of(object_of(answer, "result").get("groups")):
        managers = group.get("manager_list")
        for userid in [group.get("owner_user_id"), *(managers if isinstance(managers, list) else [])]:
            if isinstance(userid, str) and userid:
                return userid
    return None


# --- leave ---


def read_leaves(answer: Mapping[str, Any]) -> tuple[list[LeaveSpan], bool]:
    """The leave in an answer of `getleavestatus`, and whether there are more pages. Raises ValueError: it has no list."""
    result = object_of(answer, "result")
    if not isinstance(result.get("leave_status"), list):
        raise ValueError("no list of leave")
    found = []
    for row in rows_of(result["leave_status"]):
        if not isinstance(row.get("userid"), str):
            continue
        start, end = local_time(row.get("start_time")), local_time(row.get("end_time"))
        if start is None or end is None or end < start:
            continue
        percent = str(row.get("duration_percent"))
        is_whole = row.get("duration_unit") == "percent_day" and percent.isdigit() and int(percent) % 100 == 0
        found.append(LeaveSpan(row["userid"], start, end, int(percent) // 100 if is_whole else None))
    return found, is_true(result.get("has_more"))


def leave_window(first: date, days: int) -> tuple[int, int]:
    """The span that is asked about, in milliseconds."""
    return midnight(first), midnight(first + timedelta(days=days))


# --- people ---


def read_departments(answer: Mapping[str, Any]) -> list[Department]:
    """The departments in an answer of `v2/department/listsub`."""
    return [
        Department.told(row, department_id, _id(row.get("parent_id")))
        for row in rows_of(answer.get("result"))
        if (department_id := _id(row.get("dept_id")))
    ]


def read_people(answer: Mapping[str, Any], department_id: str) -> tuple[list[DirectoryPerson], int | None]:
    """The people in an answer of `v2/user/list`, and the cursor of the next page. Lists may be written as texts."""
    result = object_of(answer, "result")
    people = [
        DirectoryPerson.told(row, userid, _ids(row.get("dept_id_list")) or (department_id,))
        for row in rows_of(result.get("list"))
        if USERID.fullmatch(userid := str(row.get("userid") or ""))
    ]
    following = _id(result.get("next_cursor"))
    return people, int(following) if is_true(result.get("has_more")) and following else None


def _id(value: Any) -> str | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() else None


def _ids(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = value.split(",")
    return tuple(found for each in value if (found := _id(each))) if isinstance(value, list) else ()
