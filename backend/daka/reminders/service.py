"""Reads reminders and punches, as far as the asker may see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Forbidden, Invalid
from daka.identity.access import Principal, find_user
from daka.identity.models import User
from daka.paging import cursor_of, cut, key_of
from daka.reminders.actions import UNDO_FOR
from daka.reminders.models import Punch, Reminder
from daka.reminders.punch_records import moment_of_punch, record_punch
from daka.reminders.schemas import PunchCreate, ReminderRead
from daka.reminders.states import ReminderStatus
from daka.shifts.models import Shift

UNDOABLE = (ReminderStatus.ACKNOWLEDGED, ReminderStatus.SKIPPED)


def reminder_read(reminder: Reminder, user: User, shift: Shift) -> ReminderRead:
    can_undo = (
        reminder.status in UNDOABLE and reminder.ended_at is not None and reminder.ended_by not in ("leave", "roster")
    )
    return ReminderRead(
        **reminder.model_dump(include=set(ReminderRead.model_fields)),
        display_name=user.display_name,
        team_id=user.team_id,
        shift_name=shift.name,
        shift_code=shift.code,
        can_undo_until=cast(datetime, reminder.ended_at) + UNDO_FOR if can_undo else None,
    )


def only_seen(asked: Any, by: Principal) -> Any:
    """Narrow a query over users to the asker and the people whom they plan."""
    if by.is_admin:
        return asked
    return asked.where(or_(User.team_id.in_(by.planned_team_ids), User.id == by.id))


async def list_reminders(
    session: AsyncSession,
    by: Principal,
    *,
    first: date | None = None,
    last: date | None = None,
    user_id: int | None = None,
    status: ReminderStatus | None = None,
    limit: int,
    cursor: str | None,
) -> tuple[list[ReminderRead], str | None]:
    """Reminders by punch point, earliest first."""
    asked = only_seen(
        select(Reminder, User, Shift)
        .join(User, User.id == Reminder.user_id)
        .join(Shift, Shift.id == Reminder.shift_id),
        by,
    )
    if first is not None:
        asked = asked.where(Reminder.work_date >= first)
    if last is not None:
        asked = asked.where(Reminder.work_date <= last)
    if user_id is not None:
        asked = asked.where(Reminder.user_id == user_id)
    if status is not None:
        asked = asked.where(Reminder.status == status)
    if key := key_of(cursor, str, int):
        point_at, row_id = _moment(key[0]), key[1]
        asked = asked.where(
            or_(Reminder.point_at > point_at, and_(Reminder.point_at == point_at, Reminder.id > row_id))
        )
    rows = list(await session.exec(asked.order_by(Reminder.point_at, Reminder.id).limit(limit + 1)))
    kept, last_row = cut(rows, limit)
    next_cursor = cursor_of(last_row[0].point_at.isoformat(), last_row[0].id) if last_row else None
    return [reminder_read(*row) for row in kept], next_cursor


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("bad_cursor", "This cursor is not from this list", loc=("query", "cursor")) from error
    if moment.tzinfo is None:
        raise Invalid("bad_cursor", "This cursor is not from this list", loc=("query", "cursor"))
    return moment


async def read_one(session: AsyncSession, reminder: Reminder, user: User) -> ReminderRead:
    shift = cast(Shift, await session.get(Shift, reminder.shift_id))
    return reminder_read(reminder, user, shift)


async def create_punch(session: AsyncSession, by: Principal, new: PunchCreate) -> Punch:
    """Record a punch of one's own, or of somebody whom one plans."""
    user = by.user if new.user_id is None else await find_user(session, new.user_id)
    if user.id != by.id and not by.plans_user(user):
        raise Forbidden("not_your_team", "You may only record punches of your own or of people whom you plan")
    at = moment_of_punch(new.at)
    return await record_punch(session, user, new.kind, at=at, work_date=new.work_date, source=new.source)


async def list_punches(
    session: AsyncSession,
    by: Principal,
    *,
    first: date | None,
    last: date | None,
    user_id: int | None,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Punch], str | None]:
    """Punches, newest first."""
    asked = only_seen(select(Punch).join(User, User.id == Punch.user_id), by)
    if first is not None:
        asked = asked.where(Punch.work_date >= first)
    if last is not None:
        asked = asked.where(Punch.work_date <= last)
    if user_id is not None:
        asked = asked.where(Punch.user_id == user_id)
    if key := key_of(cursor, int):
        asked = asked.where(Punch.id < key[0])
    kept, last_row = cut(list(await session.exec(asked.order_by(Punch.id.desc()).limit(limit + 1))), limit)
    return kept, cursor_of(last_row.id) if last_row else None
