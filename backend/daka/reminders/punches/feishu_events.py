"""What Feishu tells of punches by itself (`attendance.user_task.updated_v1`, `attendance.user_flow.created_v1`). Pure.

Sources: https://open.feishu.cn/document/server-docs/attendance-v1/event/user-task-status-change-event,
…/user-attendance-records-event. Places and devices are not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeGuard

from daka.reminders.punches.attendance import moment_of
from daka.shifts.times import PunchKind
from daka.vendors.replies import number_of

TASK_EVENT = "attendance.user_task.updated_v1"
FLOW_EVENT = "attendance.user_flow.created_v1"
KEPT = {
    TASK_EVENT: ("employee_id", "date", "status_changes"),
    FLOW_EVENT: ("employee_id", "check_time", "type"),
}
"""What is taken over from an event, by its type; the rest is dropped at the door."""
LONGEST_USERID = 64
PUNCHED = ("Normal", "Early", "Late")
BY_OFFICE = ("ManagerModification", "CardReplacement")
PENDING = "CardReplacementApplication"
NO_PUNCH_TYPES = ("3", "4")
"""Made by the system, and a clock-out that is not asked for."""
_KINDS = {"on": PunchKind.CLOCK_IN, "off": PunchKind.CLOCK_OUT}


@dataclass(frozen=True, slots=True)
class SettledPoint:
    """A punch point that Feishu says is punched."""

    userid: str
    day: date
    kind: PunchKind
    period: int
    is_by_office: bool
    """Corrected or approved by somebody, at whatever time."""


def kept(kind: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an event that is passed on."""
    return {name: event[name] for name in KEPT.get(kind, ()) if name in event}


def read_settled(data: Mapping[str, Any]) -> list[SettledPoint]:
    """The points that are punched now, of a change of a person's results."""
    userid, number = data.get("employee_id"), number_of(data.get("date"))
    changes = data.get("status_changes")
    if not _is_userid(userid) or number is None or not isinstance(changes, list):
        return []
    try:
        day = date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return []
    found = []
    for change in changes:
        if not isinstance(change, dict):
            continue
        kind, index = _KINDS.get(str(change.get("work_type"))), number_of(change.get("index"))
        said, more = change.get("current_status"), change.get("current_supplement")
        if kind is None or index is None or said not in PUNCHED or more == PENDING:
            continue
        # Feishu counts from 1. If it ever counts from 0, the point before is meant, which no longer counts.
        found.append(SettledPoint(userid, day, kind, max(index - 1, 0), more in BY_OFFICE))
    return found


def read_flow(data: Mapping[str, Any]) -> tuple[str, datetime] | None:
    """Who punched and when, of a record of a punch; None of what is no punch."""
    userid, seconds = data.get("employee_id"), number_of(data.get("check_time"))
    kind = str(data.get("type"))
    if not _is_userid(userid) or seconds is None or not kind.isdigit() or kind in NO_PUNCH_TYPES:
        return None
    at = moment_of(seconds)
    return (userid, at) if at is not None else None


def _is_userid(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_USERID
