"""Writes rosters into Feishu attendance (飞书考勤排班). Only groups of the type 2 (排班制) are scheduled day by day.

Calls: `user_daily_shifts/batch_create` (50 entries; a rest is shift 0; it answers `code 0` also where it applies nothing:
`msg` then names people and dates), `groups`, `groups/{id}/list_user` and `shifts` (50 a page).
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from daka.reminders.punches.feishu import Asking, FeishuAttendance
from daka.roster.cells import chunks
from daka.syncing.feishu import ATTENDANCE, Pages, described_days, get, kind, schedules
from daka.syncing.feishu_rows import NO_GROUP, ROSTER_GROUP, ScheduleRow, read_group, read_shift
from daka.syncing.reader import Asked
from daka.syncing.reading import Days
from daka.syncing.writer import Entry, GroupThere, RosterWriter, ShiftThere, There
from daka.vendors.replies import rows_of

ENTRIES_PER_CALL = 50
MOST_PAGES = 20
REST_SHIFT = "0"


class FeishuWriter(RosterWriter):
    kind: ClassVar[str] = FeishuAttendance.name

    async def there(self, session: Asking, asked: Asked) -> There:
        there = There()
        rows = await _rows(session, asked, there.refused)
        there.days = await described_days(session, asked, rows)
        groups = await _groups(session, asked)
        there.groups = {row.userid: groups[row.group_id] for row in rows if row.group_id in groups}
        missing = set(asked.userids) - there.groups.keys() - there.refused
        for group in groups.values():
            if missing:  # they have no schedule yet
                there.groups |= {userid: group for userid in await _members(session, group) if userid in missing}
                missing -= there.groups.keys()
        there.shifts = {shift.id: shift for shift in await _shifts(session)}
        return there

    async def days(self, session: Asking, asked: Asked) -> Days:
        return await described_days(session, asked, await _rows(session, asked, set()))

    async def write(self, session: Asking, operator_userid: str, entries: Sequence[Entry]) -> set[tuple[str, date]]:
        refused: set[tuple[str, date]] = set()
        for some in chunks(entries, ENTRIES_PER_CALL):
            body = {
                "user_daily_shifts": [
                    {
                        "group_id": entry.group_id,
                        "shift_id": entry.shift_id or REST_SHIFT,
                        "month": int(f"{entry.day:%Y%m}"),
                        "user_id": entry.userid,
                        "day_no": entry.day.day,
                        "is_clear_schedule": entry.shift_id is None,
                    }
                    for entry in some
                ]
            }
            path = f"{ATTENDANCE}/user_daily_shifts/batch_create?employee_type=employee_id"
            answer = await kind().answer(session, path, body)
            refused |= not_applied_by_name(answer.get("msg"), some)
        return refused


def not_applied_by_name(said: Any, entries: Sequence[Entry]) -> set[tuple[str, date]]:
    """The entries that a `msg` of `{person: [dates]}` names. Dates may be `20260105` or `2026-01-05`, and the object a text."""
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except ValueError:
            return set()
    if not isinstance(said, dict):
        return set()
    named = {
        (userid, "".join(filter(str.isdigit, str(day))))
        for userid, days in said.items()
        for day in (days if isinstance(days, list) else [days])
    }
    return {(entry.userid, entry.day) for entry in entries if (entry.userid, f"{entry.day:%Y%m%d}") in named}


async def _rows(session: Asking, asked: Asked, refused: set[str]) -> list[ScheduleRow]:
    return [row async for some in schedules(session, asked, refused) for row in some]


async def _groups(session: Asking, asked: Asked) -> dict[str, GroupThere]:
    """The groups by id. One in another time zone cannot be written: its days are not the team's."""
    groups = {}
    now = datetime.combine(asked.first, datetime.min.time())
    async for page in Pages(session, MOST_PAGES).of(f"{ATTENDANCE}/groups"):
        for row in rows_of(page.get("group_list")):
            group_id, name = str(row.get("group_id") or ""), str(row.get("group_name") or row.get("group_id"))
            if group_id in ("", NO_GROUP):
                continue
            path = f"{ATTENDANCE}/groups/{quote(group_id, safe='')}"
            found = await get(session, path, employee_type="employee_id", dept_type="open_id")
            zone = read_group(found).zone
            is_here = (
                zone is not None and now.replace(tzinfo=zone).utcoffset() == now.replace(tzinfo=asked.zone).utcoffset()
            )
            groups[group_id] = GroupThere(group_id, name, is_here and str(found.get("group_type")) == ROSTER_GROUP)
    return groups


async def _members(session: Asking, group: GroupThere) -> set[str]:
    path = f"{ATTENDANCE}/groups/{quote(group.id, safe='')}/list_user"
    who = {"employee_type": "employee_id", "dept_type": "open_id", "member_clock_type": "1"}
    return {
        str(row["user_id"])
        async for page in Pages(session, MOST_PAGES).of(path, **who)
        for row in rows_of(page.get("users"))
        if row.get("user_id")
    }


async def _shifts(session: Asking) -> list[ShiftThere]:
    """The shifts whose times are known."""
    shifts = []
    async for page in Pages(session, MOST_PAGES).of(f"{ATTENDANCE}/shifts"):
        for row in rows_of(page.get("shift_list")):
            found, shift_id = read_shift(row), str(row.get("shift_id") or "")
            if not shift_id or found is None or found.is_rest or not found.sections:
                continue
            definition = found.definition
            times = tuple((_clock(start), _clock(end)) for start, end in found.sections)
            shifts.append(
                ShiftThere(shift_id, definition.name, times, definition.flexible_minutes, definition.asks_clock_out)
            )
    return shifts


def _clock(offset: timedelta) -> str:
    return f"{offset.seconds // 3600:02}:{offset.seconds // 60 % 60:02}"
