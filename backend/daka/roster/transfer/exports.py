"""Collects a roster for export."""

from collections import defaultdict
from datetime import date

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.languages import Language, listed
from daka.roster.calendar import dates_between
from daka.roster.holidays.models import DayKind
from daka.roster.holidays.service import calendar_days
from daka.roster.requests.models import AbsenceKind, leave_type_name
from daka.roster.service import read_roster, users_by_id
from daka.roster.transfer.writing import ExportRow, RosterTable
from daka.shifts.models import Shift
from daka.shifts.rest_words import REST_WORDS
from daka.shifts.service import only_rest_shift, times_of, visible_shifts
from daka.shifts.times import PunchKind


async def roster_table(
    session: AsyncSession,
    by: Principal,
    first: date,
    last: date,
    team_id: int | None,
    *,
    user_id: int | None = None,
    is_blank: bool = False,
    drafts: bool = False,
) -> RosterTable:
    """The part of the roster that `by` may see; the template is a blank one."""
    roster = await read_roster(session, by, first, last, team_id=team_id, user_id=user_id, drafts=drafts)
    people = await users_by_id(session, {row.id for row in roster.users})
    codes = {shift.id: shift.code for shift in await session.exec(select(Shift))}
    kinds, _ = await calendar_days(session, first, last)
    shifts = await visible_shifts(session, by, team_id=team_id)
    rest, other_words = only_rest_shift(shifts), f"也可以填：{listed(REST_WORDS, Language.CHINESE)}"
    leave: dict[int, dict[date, str]] = defaultdict(dict)
    for mark in [] if is_blank else roster.marks:
        if mark.kind is AbsenceKind.LEAVE:
            half = {None: "", PunchKind.CLOCK_IN: "，免上班打卡", PunchKind.CLOCK_OUT: "，免下班打卡"}[mark.punch_kind]
            for day in dates_between(max(first, mark.first_date), min(last, mark.last_date)):
                leave[mark.user_id][day] = leave_type_name(mark.leave_type) + half
    return RosterTable(
        dates=roster.dates,
        off=frozenset(day for day, found in kinds.items() if found.kind in (DayKind.WEEKEND, DayKind.HOLIDAY)),
        people=[
            ExportRow(
                row.display_name,
                people[row.id].username,
                ["" if is_blank or shift_id is None else codes[shift_id] for shift_id in row.shift_ids],
                leave[row.id],
            )
            for row in roster.users
        ],
        shifts=[
            (shift.code, shift.name, other_words if shift is rest else times_of(shift, Language.CHINESE))
            for shift in shifts
        ],
    )
