"""Reads reminders and punches, as far as the asker may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.errors import Forbidden
from daka.identity.access import Principal, find_user, only_seen
from daka.identity.models import User
from daka.identity.teams import languages_of, team_of
from daka.languages import Words, said
from daka.paging import given, page_of
from daka.reminders.actions import UNDO_FOR
from daka.reminders.models import Punch, Reminder
from daka.reminders.punch_records import moment_of_punch, punch_point_at, record_punch
from daka.reminders.schemas import CurrentPunch, PunchCreate, PunchSearch, ReminderRead, ReminderSearch
from daka.reminders.states import OPEN, UNANSWERED, ReminderStatus
from daka.reminders.transitions import window_of
from daka.shifts.models import Shift
from daka.shifts.times import KIND_WORDS

NO_PUNCH_DUE: Words = ("现在没有要打的卡", "No punch is due now")
PUNCH_MISSING: Words = ("{time} {kind}：还没有打卡记录", "No punch on record: {kind} at {time}")
PUNCH_KNOWN: Words = ("{time} {kind}：不用再打", "Nothing to do: {kind} at {time}")
UNDOABLE = (ReminderStatus.ACKNOWLEDGED, ReminderStatus.SKIPPED)


def reminder_read(reminder: Reminder, user: User, shift: Shift) -> ReminderRead:
    ends_at = window_of(reminder).ends_at
    can_undo = (
        reminder.status in UNDOABLE and reminder.ended_at is not None and reminder.ended_by not in ("leave", "roster")
    ) and (reminder.status is ReminderStatus.SKIPPED or reminder.ended_at < ends_at)
    return ReminderRead(
        **reminder.model_dump(include=set(ReminderRead.model_fields) - {"snoozed_until"}),
        snoozed_until=reminder.snoozed_until if reminder.status in OPEN else None,
        ends_at=ends_at,
        display_name=user.display_name,
        team_id=user.team_id,
        shift_name=shift.name,
        shift_code=shift.code,
        can_undo_until=cast(datetime, reminder.ended_at) + UNDO_FOR if can_undo else None,
    )


async def list_reminders(
    session: AsyncSession, by: Principal, search: ReminderSearch
) -> tuple[list[ReminderRead], str | None]:
    """Reminders by punch point, earliest first."""
    asked = only_seen(
        select(Reminder, User, Shift)
        .join(User, User.id == Reminder.user_id)
        .join(Shift, Shift.id == Reminder.shift_id),
        by,
    ).where(
        *_within(Reminder.work_date, search),
        *given({Reminder.user_id: search.user_id, Reminder.status: search.status}),
    )
    rows, next_cursor = await page_of(
        session, asked, Reminder.id, at=Reminder.point_at, limit=search.limit, cursor=search.cursor, newest_first=False
    )
    return [reminder_read(*row) for row in rows], next_cursor


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


async def current_punch(session: AsyncSession, by: Principal) -> CurrentPunch:
    """What a punch right now would settle, and whether it is missing."""
    now = clock.now()
    language = (await languages_of(session, [by.user]))[by.id]
    found = await punch_point_at(session, by.user, None, now)
    if found is None or now < found.opens_at:
        return CurrentPunch(is_missing=False, text=said(NO_PUNCH_DUE, language))
    _, zone = await team_of(session, by.user.team_id)
    is_missing = found.status in (*OPEN, *UNANSWERED)
    text = said(PUNCH_MISSING if is_missing else PUNCH_KNOWN, language).format(
        time=f"{found.point_at.astimezone(zone):%H:%M}", kind=said(KIND_WORDS[found.kind], language)
    )
    return CurrentPunch(
        is_missing=is_missing, text=text, kind=found.kind, work_date=found.work_date, point_at=found.point_at
    )


async def list_punches(session: AsyncSession, by: Principal, search: PunchSearch) -> tuple[Sequence[Punch], str | None]:
    """Punches, newest first."""
    asked = only_seen(select(Punch).join(User, User.id == Punch.user_id), by)
    asked = asked.where(*_within(Punch.work_date, search), *given({Punch.user_id: search.user_id}))
    return await page_of(session, asked, Punch.id, limit=search.limit, cursor=search.cursor)


def _within(work_date: Any, search: PunchSearch) -> list[Any]:
    """Conditions for the work dates of a search."""
    first = [work_date >= search.first] if search.first is not None else []
    return first + ([work_date <= search.last] if search.last is not None else [])
