"""Due roster notices, each exactly once. The worker queues what `take_due` returns in the same transaction."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import advisory_lock
from daka.identity.models import MAY_SIGN_IN, User
from daka.identity.teams import languages_of, zones_of
from daka.roster.models import Assignment, NoticeChoice, RosterChange
from daka.roster.notices.messages import change_message, day_changes, day_to_announce, is_settled, tomorrow_message
from daka.roster.requests.leaves import whole_days_away
from daka.shifts.models import Shift
from daka.shifts.service import times_of

NOTICE_LOCK = 0x6E6F7465
LOOK_BACK = timedelta(hours=24)
"""Older changes are no longer announced."""


class NoticeKind(StrEnum):
    CHANGED = "changed"
    TOMORROW = "tomorrow"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person. `key` is an idempotency key."""

    key: str
    user_id: int
    kind: NoticeKind
    title: str
    text: str


async def choice_of(session: AsyncSession, user_id: int) -> NoticeChoice:
    """A person's notice settings; by default changes, but not tomorrow's shift."""
    return await session.get(NoticeChoice, user_id) or NoticeChoice(user_id=user_id)


async def take_due(session: AsyncSession, now: datetime) -> list[Notice]:
    """Notices due now, marked as sent in this transaction; queue the messages in the same one.

    May be called from any number of processes: each notice is returned once.
    """
    await advisory_lock(session, NOTICE_LOCK)
    return [*await _changed(session, now), *await _tomorrow(session, now)]


async def _changed(session: AsyncSession, now: datetime) -> list[Notice]:
    asked = (
        select(RosterChange, User, NoticeChoice)
        .join(User, User.id == RosterChange.user_id)
        .join(NoticeChoice, NoticeChoice.user_id == RosterChange.user_id, isouter=True)
        .where(
            RosterChange.at > now - LOOK_BACK,
            RosterChange.is_draft == sa.false(),
            RosterChange.id > func.coalesce(NoticeChoice.told_change_id, 0),
            MAY_SIGN_IN,
        )
    )
    histories: dict[int, list[RosterChange]] = defaultdict(list)
    people: dict[int, User] = {}
    choices: dict[int, NoticeChoice] = {}
    for change, user, choice in await session.exec(asked):
        people[change.user_id] = user
        if choice is not None:
            choices[change.user_id] = choice
        histories[change.user_id].append(change)
    settled = {user_id: changes for user_id, changes in histories.items() if is_settled(changes, now)}
    if not settled:
        return []
    zones = await zones_of(session, [people[user_id] for user_id in settled])
    languages = await languages_of(session, [people[user_id] for user_id in settled])
    names = {shift.id: shift.name for shift in await session.exec(select(Shift))}
    notices = []
    for user_id, changes in sorted(settled.items()):
        choice = choices.get(user_id) or NoticeChoice(user_id=user_id)
        choice.told_change_id = max(change.id for change in changes)
        session.add(choice)
        today = now.astimezone(zones[user_id]).date()
        reported = day_changes(changes, today)
        if reported and choice.tells_changes:
            title, text = change_message(reported, names, today, languages[user_id])
            key = f"roster-{user_id}-{choice.told_change_id}"
            notices.append(Notice(key, user_id, NoticeKind.CHANGED, title, text))
    await session.flush()
    return notices


async def _tomorrow(session: AsyncSession, now: datetime) -> list[Notice]:
    asked = (
        select(NoticeChoice, User)
        .join(User, User.id == NoticeChoice.user_id)
        .where(
            NoticeChoice.tomorrow_at.is_not(None),
            or_(
                NoticeChoice.told_tomorrow.is_(None),
                # Dates in other time zones differ by at most a day.
                NoticeChoice.told_tomorrow <= (now + timedelta(days=1)).date() + timedelta(days=1),
            ),
            MAY_SIGN_IN,
        )
        .order_by(User.id)
    )
    rows = list(await session.exec(asked))
    people = [user for _, user in rows]
    zones, languages = await zones_of(session, people), await languages_of(session, people)
    due: dict[int, tuple[NoticeChoice, date, ZoneInfo]] = {}
    for choice, user in rows:
        zone = zones[user.id]
        chosen = time.fromisoformat(cast(str, choice.tomorrow_at))
        if tomorrow := day_to_announce(chosen, now.astimezone(zone), choice.told_tomorrow):
            due[choice.user_id] = (choice, tomorrow, zone)
    if not due:
        return []
    dates = [tomorrow for _, tomorrow, _ in due.values()]
    planned: dict[tuple[int, date], Shift] = {
        (user_id, day): shift
        for user_id, day, shift in await session.exec(
            select(Assignment.user_id, Assignment.work_date, Shift)
            .join(Shift, Shift.id == Assignment.shift_id)
            .where(Assignment.user_id.in_(list(due)), Assignment.work_date.between(min(dates), max(dates)))
        )
    }
    away = await whole_days_away(session, due.keys(), min(dates), max(dates))
    notices = []
    for user_id, (choice, tomorrow, _) in due.items():
        choice.told_tomorrow = tomorrow
        session.add(choice)
        shift = planned.get((user_id, tomorrow))
        name, times = (shift.name, times_of(shift, languages[user_id])) if shift else (None, "")
        title, text = tomorrow_message(
            tomorrow, name, times, is_away=(user_id, tomorrow) in away, language=languages[user_id]
        )
        notices.append(Notice(f"tomorrow-{user_id}-{tomorrow}", user_id, NoticeKind.TOMORROW, title, text))
    await session.flush()
    return notices
