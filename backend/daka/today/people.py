"""The people of today whom a planner or an administrator sees: all of them, or of very many those who need attention first."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import execute
from daka.identity.access import Principal, only_seen
from daka.identity.models import User
from daka.paging import cursor_of, cut, key_of
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN, UNANSWERED, ReminderStatus
from daka.shifts.models import Shift
from daka.shifts.service import shift_nights, shift_read
from daka.statements import among
from daka.today.schemas import PersonState, ReminderCounts, ReminderSummary, ShiftGroup, ShiftGroupPerson, TodaySearch

MOST_PEOPLE = 200
"""People of whom all are shown at once."""
MOST_OPEN = 1000
"""Open reminders of very many people whose channels are looked at."""
MANY = 5000
"""People who are asked for by name."""
SHOWN_FOR = timedelta(hours=2)
"""How long yesterday's reminders are shown after their window."""
STATUSES = {
    PersonState.TO_PUNCH: (ReminderStatus.SCHEDULED,),
    PersonState.NAGGING: (ReminderStatus.NAGGING,),
    PersonState.MISSED: UNANSWERED,
}
GroupKey = tuple[int | None, date, int]
"""Team, work date and shift."""


@dataclass(frozen=True)
class People:
    counts: ReminderCounts
    groups: list[ShiftGroup]
    next_open: list[Any]
    """Open reminders with their people: all of them, or of very many those that end first."""


async def people_of_today(session: AsyncSession, by: Principal, today: date, now: datetime) -> People:
    """How many reminders are in which state, and the people of today in groups."""
    seen, is_named = await _seen(session, by)
    shown = [*seen, *_of_today(today, now, None if is_named else tuple(ReminderStatus))]
    counted, sizes = await _counted(session, shown)
    if sum(sizes.values()) > MOST_PEOPLE:
        of_urgent = _of_today(today, now, (ReminderStatus.NAGGING, *UNANSWERED))
        urgent = select(Reminder.user_id).where(*seen, *of_urgent).distinct().order_by(Reminder.user_id)
        people = _grouped(await _rows_of(session, await session.exec(urgent.limit(MOST_PEOPLE)), today, now))
        is_next = (*seen, *_of_today(today, now, OPEN))
        rows = await _rows(session, is_next, order=Reminder.closes_at, at_most=MOST_OPEN)
    else:
        rows = await _rows(session, shown)
        people = _grouped(rows)
        sizes = {key: len(its) for key, its in people.items()}
    groups = await _groups(session, people, sizes)
    return People(_counts(counted), groups, [row for row in rows if row.status in OPEN])


async def list_people(
    session: AsyncSession, by: Principal, search: TodaySearch, today: date, now: datetime
) -> tuple[list[ShiftGroup], str | None]:
    """People of today page by page, in groups."""
    shown = _of_today(today, now, STATUSES[search.state] if search.state else tuple(ReminderStatus))
    if search.shift_id is not None:
        shown.append(Reminder.shift_id == search.shift_id)
    if search.work_date is not None:
        shown.append(Reminder.work_date == search.work_date)
    if search.team_id is not None:
        shown.append(User.team_id == (search.team_id or None))
    if (after := key_of(search.cursor, int)) is not None:
        shown.append(Reminder.user_id > after[0])
    seen, _ = await _seen(session, by)
    asked = _of(select(Reminder.user_id)).where(*seen, *shown).distinct().order_by(Reminder.user_id)
    ids, last = cut(list(await session.exec(asked.limit(search.limit + 1))), search.limit)
    people = _grouped(await _rows_of(session, ids, today, now))
    groups = await _groups(session, people, {key: len(its) for key, its in people.items()})
    return groups, None if last is None else cursor_of(last)


def _of_today(today: date, now: datetime, statuses: tuple[ReminderStatus, ...] | None = None) -> list[Any]:
    """Today's reminders, and yesterday's whose window was open a moment ago.

    With statuses, also if these are all, they are found by the index of a day and its statuses; without, by their people.
    """
    yesterday = today - timedelta(days=1)
    still = sa.and_(Reminder.work_date == yesterday, Reminder.closes_at > now - SHOWN_FOR)
    within = Reminder.work_date.between(yesterday, today) if statuses is None else Reminder.status.in_(statuses)
    return [within, sa.or_(Reminder.work_date == today, still)]


async def _seen(session: AsyncSession, by: Principal) -> tuple[list[Any], bool]:
    """The condition for whom the asker sees, and whether it names them: then what everybody else does today is not read."""
    if by.is_admin:
        return [], False
    asked = only_seen(select(User.id), by)
    ids = list(await session.exec(asked.limit(MANY + 1)))
    is_named = len(ids) <= MANY
    return [among(Reminder.user_id, ids) if is_named else Reminder.user_id.in_(asked)], is_named


async def _rows_of(session: AsyncSession, ids: Iterable[int], today: date, now: datetime) -> list[Any]:
    named = list(ids)
    return await _rows(session, [among(Reminder.user_id, named), *_of_today(today, now)]) if named else []


def _of(asked: Any) -> Any:
    return asked.join(User, User.id == Reminder.user_id)


async def _rows(
    session: AsyncSession, shown: Collection[Any], *, order: Any = None, at_most: int | None = None
) -> list[Any]:
    columns = (*(getattr(Reminder, name) for name in ReminderSummary.model_fields), Reminder.user_id)
    of_person = (User.display_name, User.team_id, User.mobile, User.dingtalk_userid)
    asked = _of(sa.select(*columns, Reminder.work_date, Reminder.shift_id, Reminder.closes_at, *of_person))
    rows = await execute(session, asked.where(*shown).order_by(order).limit(at_most))
    return sorted(rows, key=lambda row: (row.point_at, row.user_id))


async def _counted(
    session: AsyncSession, shown: Collection[Any]
) -> tuple[Counter[ReminderStatus], dict[GroupKey, int]]:
    """Reminders by state, and people by group: as many as have one and the same punch point."""
    of_group = (User.team_id, Reminder.work_date, Reminder.shift_id)
    point = (*of_group, Reminder.period, Reminder.kind, Reminder.status)
    asked = _of(sa.select(*point, sa.func.count().label("number")).select_from(Reminder)).where(*shown)
    counted: Counter[ReminderStatus] = Counter()
    of_points: dict[GroupKey, Counter[Any]] = defaultdict(Counter)
    for row in await execute(session, asked.group_by(*point)):
        counted[row.status] += row.number
        of_points[row.team_id, row.work_date, row.shift_id][row.period, row.kind] += row.number
    return counted, {key: max(numbers.values()) for key, numbers in of_points.items()}


def _counts(counted: Counter[ReminderStatus]) -> ReminderCounts:
    return ReminderCounts(
        to_punch=counted[ReminderStatus.SCHEDULED],
        nagging=counted[ReminderStatus.NAGGING],
        missed=sum(counted[status] for status in UNANSWERED),
        done=counted[ReminderStatus.ACKNOWLEDGED] + counted[ReminderStatus.PUNCHED],
    )


def _grouped(rows: Iterable[Any]) -> dict[GroupKey, list[ShiftGroupPerson]]:
    groups: dict[GroupKey, dict[int, ShiftGroupPerson]] = defaultdict(dict)
    for row in rows:
        people = groups[row.team_id, row.work_date, row.shift_id]
        if (person := people.get(row.user_id)) is None:
            person = ShiftGroupPerson(user_id=row.user_id, display_name=row.display_name, reminders=[])
            people[row.user_id] = person
        person.reminders.append(ReminderSummary.model_validate(row, from_attributes=True))
    return {key: list(people.values()) for key, people in groups.items()}


async def _groups(
    session: AsyncSession, people: dict[GroupKey, list[ShiftGroupPerson]], sizes: dict[GroupKey, int]
) -> list[ShiftGroup]:
    """The groups in the order of their people; in one of their own where not everybody is known."""
    nights = await shift_nights(session)
    is_all = sizes.keys() == people.keys()
    keys = [*people] if is_all else sorted({*people, *sizes}, key=lambda key: (key[1], key[2], key[0] or 0))
    shifts = {
        shift.id: shift for shift in await session.exec(select(Shift).where(Shift.id.in_({key[2] for key in keys})))
    }
    return [
        ShiftGroup(
            team_id=team_id,
            work_date=work_date,
            shift=shift_read(shifts[shift_id], nights, team_id),
            count=max(sizes[key], len(people.get(key, ()))),
            people=people.get(key, []),
        )
        for key in keys
        for team_id, work_date, shift_id in [key]
    ]
