"""Writes rosters into WeCom attendance (企业微信打卡排班). Only rules by shift (按班次上下班) are scheduled day by day.

Call: `checkin/setcheckinschedulist`, for one rule and one month at a time; a rest is shift 0. Each rule has its own shifts, and a
day cannot be left without a schedule again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar

from daka.reminders.punches.kind import PersonRefused
from daka.reminders.punches.wecom import Asking, WecomAttendance
from daka.roster.cells import chunks
from daka.syncing.reader import Asked
from daka.syncing.reading import Days, day_spans
from daka.syncing.wecom import WecomRoster, kind, midnight, of_people
from daka.syncing.wecom_rows import RuleType, read_rules, read_shifts
from daka.syncing.writer import Entry, GroupThere, RosterWriter, ShiftThere, There

ENTRIES_PER_CALL = 100
DAYS_PER_CALL = 30
REST_SHIFT = 0


class WecomWriter(RosterWriter):
    kind: ClassVar[str] = WecomAttendance.name
    can_clear: ClassVar[bool] = False

    async def there(self, session: Asking, asked: Asked) -> There:
        there = There()
        ours = {userid.casefold(): userid for userid in asked.userids}
        body = {"datetime": midnight(asked.first)}
        for answer in await of_people(session, "/checkin/getcheckinoption", body, asked.userids, there.refused):
            for userid, rule in read_rules(answer).items():
                if rule is not None and userid in ours:
                    is_writable = rule.type is RuleType.BY_SHIFT
                    there.groups[ours[userid]] = GroupThere(rule.id, rule.name, is_writable)
            for shift_id, (definition, times) in read_shifts(answer, asked.first).items():
                group_id, _, _ = shift_id.rpartition("/")
                there.shifts[shift_id] = ShiftThere(
                    shift_id,
                    definition.name,
                    times,
                    definition.flexible_minutes,
                    definition.asks_clock_out,
                    group_id=group_id,
                )
        there.days = await self._days(session, asked, there.refused)
        return there

    async def days(self, session: Asking, asked: Asked) -> Days:
        return await self._days(session, asked, set())

    async def _days(self, session: Asking, asked: Asked, refused: set[str]) -> Days:
        days: Days = {}
        for first, last in day_spans(asked.first, asked.days, DAYS_PER_CALL):
            there = [userid for userid in asked.userids if userid not in refused]
            span = replace(asked, userids=there, first=first, days=(last - first).days + 1)
            plan = await WecomRoster().read(session, span)
            days |= plan.days
            refused |= plan.refused
        return days

    async def write(self, session: Asking, operator_userid: str, entries: Sequence[Entry]) -> set[tuple[str, date]]:
        refused: set[tuple[str, date]] = set()
        for group_id, month in sorted({(entry.group_id, f"{entry.day:%Y%m}") for entry in entries}):
            mine = [each for each in entries if (each.group_id, f"{each.day:%Y%m}") == (group_id, month)]
            for some in chunks(mine, ENTRIES_PER_CALL):
                items = [
                    {
                        "userid": entry.userid,
                        "day": entry.day.day,
                        "schedule_id": int((entry.shift_id or "").rpartition("/")[2] or REST_SHIFT),
                    }
                    for entry in some
                ]
                body = {"groupid": int(group_id), "items": items, "yearmonth": int(month)}
                try:
                    await kind().call(session, "/checkin/setcheckinschedulist", body)
                except PersonRefused:
                    refused |= {(entry.userid, entry.day) for entry in some}
        return refused
