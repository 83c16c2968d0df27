"""Writes rosters into DingTalk attendance (钉钉考勤排班). Only groups of the type TURN (排班制) are scheduled day by day.

Calls: `group/schedule/async` (200 entries; a rest is shift 1, shift −2 clears; it answers before it applies), `shift/list`,
`group/member/list` (its people, and departments that are not resolved).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from daka import clock
from daka.reminders.punches.dingtalk import Asking, DingTalkAttendance
from daka.reminders.punches.kind import PersonRefused
from daka.reminders.punches.results import SourceError
from daka.roster.cells import chunks
from daka.syncing.dingtalk import ATTENDANCE, GROUPS_PER_PAGE, Schedules, kind
from daka.syncing.dingtalk_rows import is_true, midnight, read_groups, read_members, read_operator, read_shift_times
from daka.syncing.reader import Asked, PlanRead
from daka.syncing.reading import Days
from daka.syncing.writer import REST, Entry, GroupThere, RosterWriter, ShiftThere, There
from daka.vendors.replies import object_of, rows_of

ENTRIES_PER_CALL = 200
MOST_PAGES = 20
FORGET_SHIFTS = timedelta(minutes=10)
"""From a preview to its publication. The times of a shift may change without its name."""
REST_SHIFT, NO_SHIFT = 1, -2
WRITABLE = "TURN"


class DingTalkWriter(RosterWriter):
    kind: ClassVar[str] = DingTalkAttendance.name

    def __init__(self) -> None:
        self._shifts: dict[tuple[str, str, str, str], tuple[datetime, ShiftThere | None]] = {}
        """By base URL, app, shift and name, and when it was read; a renamed one is asked about again."""

    async def there(self, session: Asking, asked: Asked) -> There:
        groups, operator = await _groups(session, asked.operator_userid)
        there = There(operator_userid=operator)
        schedules = await self._schedules(session, asked, operator)
        there.days, there.refused = schedules.plan.days, schedules.plan.refused
        there.groups = {
            userid: groups[group_id] for userid, group_id in schedules.group_ids.items() if group_id in groups
        }
        missing = set(asked.userids) - there.groups.keys() - there.refused
        for group in groups.values():
            if missing and group.is_writable:  # they have no schedule yet; the others' groups tell their schedules
                there.groups |= {
                    userid: group for userid in await _members(session, operator, group) if userid in missing
                }
                missing -= there.groups.keys()
        there.shifts = await self._all_shifts(session, operator)
        return there

    async def days(self, session: Asking, asked: Asked) -> Days:
        return (await self._schedules(session, asked, asked.operator_userid)).plan.days

    async def write(self, session: Asking, operator_userid: str, entries: Sequence[Entry]) -> set[tuple[str, date]]:
        refused: set[tuple[str, date]] = set()
        for group_id in sorted({entry.group_id for entry in entries}):
            for some in chunks([entry for entry in entries if entry.group_id == group_id], ENTRIES_PER_CALL):
                body = {
                    "op_user_id": operator_userid,
                    "group_id": int(group_id),
                    "schedules": [
                        {
                            "userid": entry.userid,
                            "work_date": midnight(entry.day),
                            "shift_id": REST_SHIFT if entry.shift_id == REST else int(entry.shift_id or NO_SHIFT),
                            "is_rest": entry.shift_id == REST,
                        }
                        for entry in some
                    ],
                }
                try:
                    answer = await kind().call(session, f"{ATTENDANCE}/group/schedule/async", body)
                except PersonRefused:
                    refused |= {(entry.userid, entry.day) for entry in some}
                    continue
                if not is_true(answer.get("success", True)):
                    raise SourceError.broken("refused", "not accepted", hint="dingtalk_unknown")
        return refused

    async def _schedules(self, session: Asking, asked: Asked, operator: str) -> Schedules:
        schedules = Schedules(session, PlanRead(operator_userid=operator))
        await schedules.ask_all(asked)
        return schedules

    async def _all_shifts(self, session: Asking, operator: str) -> dict[str, ShiftThere]:
        """Every shift whose times are known: `shift/list` has only names, so that each costs a call."""
        app, now = (session.outbound.origins.get("dingtalk", ""), session.config.app_key), clock.now()
        listed: dict[str, str] = {}
        cursor: int | None = 0
        for _ in range(MOST_PAGES):
            if cursor is None:
                break
            answer = await kind().call(session, f"{ATTENDANCE}/shift/list", {"op_user_id": operator, "cursor": cursor})
            found = object_of(answer, "result")
            listed |= {
                str(row["id"]): str(row.get("name"))
                for row in rows_of(found.get("result"))
                if str(row.get("id")).isdigit()
            }
            following = str(found.get("cursor"))
            cursor = int(following) if is_true(found.get("has_more")) and following.isdigit() else None
        shifts = {}
        for shift_id, name in listed.items():
            key = (*app, shift_id, name)
            if key not in self._shifts or abs(now - self._shifts[key][0]) > FORGET_SHIFTS:
                body = {"op_user_id": operator, "shift_id": int(shift_id)}
                read = read_shift_times(await kind().call(session, f"{ATTENDANCE}/shift/query", body))
                self._shifts[key] = now, read and ShiftThere(shift_id, *read)
            if shift := self._shifts[key][1]:
                shifts[shift_id] = shift
        return shifts


async def _groups(session: Asking, operator: str) -> tuple[dict[str, GroupThere], str]:
    """The groups by id, and somebody in whose name schedules are written. Raises SourceError: there is none."""
    groups: dict[str, GroupThere] = {}
    for page in range(MOST_PAGES):
        body = {"offset": page * GROUPS_PER_PAGE, "size": GROUPS_PER_PAGE}
        answer = await kind().call(session, f"{ATTENDANCE}/getsimplegroups", body)
        operator = operator or read_operator(answer) or ""
        found, has_more = read_groups(answer)
        groups |= {group_id: GroupThere(group_id, name, type_ == WRITABLE) for group_id, name, type_ in found}
        if not has_more:
            break
    if not operator:
        raise SourceError.broken("no_group", "there is no attendance group", hint="roster_no_group")
    return groups, operator


async def _members(session: Asking, operator: str, group: GroupThere) -> set[str]:
    """The people who are named as members of a group; those of departments in it are not."""
    members: set[str] = set()
    cursor: int | None = 0
    for _ in range(MOST_PAGES):
        if cursor is None:
            break
        body = {"op_user_id": operator, "group_id": int(group.id), "cursor": cursor}
        found, cursor = read_members(await kind().call(session, f"{ATTENDANCE}/group/member/list", body))
        members |= found
    return members
