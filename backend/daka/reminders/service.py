"""Reads reminders and punches, as far as the asker may see them."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.errors import Forbidden
from daka.identity.access import Principal, find_user, only_seen
from daka.identity.models import User
from daka.identity.teams import languages_of, team_of
from daka.languages import Words, said
from daka.merging import Leg, merged
from daka.paging import beyond, given, key_of, moment_and_id, page_of
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
EARLIEST, LATEST = timedelta(hours=14), timedelta(days=5)
"""How long before and after the midnight (UTC) of a work date its punch points can lie, in any zone and after any overtime."""
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
    asked: Any = (
        select(Reminder, User, Shift).join(User, User.id == Reminder.user_id).join(Shift, Shift.id == Reminder.shift_id)
    )
    wanted = [*_within(Reminder.work_date, search), *given({Reminder.status: search.status})]
    if search.first is not None:
        wanted.append(Reminder.point_at >= datetime.combine(search.first, time(), UTC) - EARLIEST)
    if search.last is not None:
        wanted.append(Reminder.point_at <= datetime.combine(search.last, time(), UTC) + LATEST)
    if _is_of_everybody(by, search):
        asked = asked.where(*wanted)
    else:
        wanted += beyond(moment_and_id(search.cursor), Reminder.point_at, Reminder.id, newest_first=False)
        owned = (Reminder.user_id, Reminder.point_at, Reminder.id)
        leg = Leg(_seen(by, search), *owned, wanted, (Reminder, Reminder.point_at), Reminder, newest_first=False)
        asked = asked.where(Reminder.id.in_(await merged(session, [leg], search.limit + 1)))
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
    within = _within(Punch.work_date, search)
    asked: Any = select(Punch).where(*within)
    if within and not _is_of_everybody(by, search):
        asked = asked.where(Punch.user_id.in_(_seen(by, search)))
    elif not _is_of_everybody(by, search):
        key = key_of(search.cursor, int)
        before = [Punch.id < key[0]] if key else []
        leg = Leg(_seen(by, search), Punch.user_id, Punch.id, Punch.id, before, (Punch, Punch.id), Punch)
        asked = select(Punch).where(Punch.id.in_(await merged(session, [leg], search.limit + 1)))
    return await page_of(session, asked, Punch.id, limit=search.limit, cursor=search.cursor)


def _is_of_everybody(by: Principal, search: PunchSearch) -> bool:
    return by.is_admin and search.user_id is None


def _seen(by: Principal, search: PunchSearch) -> Any:
    """The ids of the people whom the asker may see and the search is about."""
    return only_seen(select(User.id).where(*given({User.id: search.user_id})), by)


def _within(work_date: Any, search: PunchSearch) -> list[Any]:
    """Conditions for the work dates of a search. One day is read by an index in the order of lists."""
    if search.first is not None and search.first == search.last:
        return [work_date == search.first]
    first = [work_date >= search.first] if search.first is not None else []
    return first + ([work_date <= search.last] if search.last is not None else [])
