"""Tells each person at the start of a month how the last one went: on Today, and on their channels if they want that."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import advisory_lock, settings_in
from daka.delivery.messages import MessageContent
from daka.delivery.models import Occasion
from daka.delivery.outbox import queue
from daka.delivery.recipients import ensure_inbox, load_channels, mention_of, personal_channels
from daka.delivery.routing import Channels
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.identity.teams import languages_of
from daka.notices.month_report import AskedPunch, MonthReport, month_report, report_words
from daka.reminders.models import Punch, Reminder
from daka.roster.models import NoticeChoice
from daka.scheduler.service import is_on_hold

REPORT_LOCK = 0x6D6F6E74
TOLD_FROM = time(9)
TOLD_ON_DAYS = 3
"""The first days of a month; who had no report by then gets none."""
PEOPLE_AT_ONCE = 200
USEFUL_FOR = timedelta(days=3)


def month_to_report(local_now: datetime) -> date | None:
    """The first day of the month to report on now; None if it is not the time for it."""
    if local_now.day > TOLD_ON_DAYS or local_now.time() < TOLD_FROM:
        return None
    return (local_now.date().replace(day=1) - timedelta(days=1)).replace(day=1)


async def report_of(session: AsyncSession, user_id: int, month: date) -> MonthReport:
    """A person's report of the month that begins with this day."""
    channels = await load_channels(session, user_ids=[user_id], team_ids=[])
    punches = (await _punches(session, [user_id], month))[user_id]
    return month_report(punches, has_own_channel=_has_own(channels, user_id))


async def queue_month_reports(session: AsyncSession) -> int:
    """Queue the reports that are due, each once, for some people at a time. Returns the number of deliveries."""
    now, default = clock.now(), settings_in(session).zone
    if not _is_time_anywhere(now) or await is_on_hold(session):
        return 0
    await advisory_lock(session, REPORT_LOCK)
    zones = {team.id: ZoneInfo(team.timezone) for team in await session.exec(select(Team))}
    months = {zone: month_to_report(now.astimezone(zone)) for zone in {*zones.values(), default}}
    month = next((found for found in months.values() if found), None)
    if month is None:
        return 0
    asked = (
        select(User, NoticeChoice)
        .join(NoticeChoice, NoticeChoice.user_id == User.id, isouter=True)
        .where(
            MAY_SIGN_IN,
            or_(NoticeChoice.told_month.is_(None), NoticeChoice.told_month < month),
            sa.exists().where(Reminder.user_id == User.id, Reminder.work_date.between(month, _last_of(month))),
            or_(User.team_id.in_([team_id for team_id, zone in zones.items() if months[zone]]), User.team_id.is_(None)),
        )
        .order_by(User.id)
        .limit(PEOPLE_AT_ONCE)
    )
    people = list(await session.exec(asked))
    if not people:
        return 0
    users = [user for user, _ in people]
    punches = await _punches(session, [user.id for user in users], month)
    languages = await languages_of(session, users)
    channels = await load_channels(session, user_ids=[user.id for user in users], team_ids=[])
    queued = 0
    for user, choice in people:
        choice = choice or NoticeChoice(user_id=user.id)
        choice.told_month = month
        session.add(choice)
        report = month_report(punches[user.id], has_own_channel=_has_own(channels, user.id))
        if not report.asked:
            continue
        title, text = report_words(report, month, languages[user.id])
        message = MessageContent(occasion=Occasion.ROSTER, title=title, text=text, mentions=(mention_of(user),))
        if choice.tells_month:
            route = await personal_channels(session, channels, user.id, now, useful_for=USEFUL_FOR)
        else:
            route = [await ensure_inbox(session, user.id)]
        for channel in route:
            key = f"month-{month:%Y-%m}-{user.id}-{channel.id}"
            queue(session, channel, message, due_at=now, expires_at=now + USEFUL_FOR, key=key)
            queued += 1
    await session.flush()
    return queued


def _is_time_anywhere(now: datetime) -> bool:
    """Cheap: whether some zone may have one of the first days of a month."""
    return (now + timedelta(hours=14)).day <= TOLD_ON_DAYS + 1 or (now - timedelta(hours=12)).day <= TOLD_ON_DAYS


def _last_of(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _has_own(channels: Channels, user_id: int) -> bool:
    return any(not channel.is_fallback for channel in channels.of_user.get(user_id, ()))


async def _punches(session: AsyncSession, user_ids: Iterable[int], month: date) -> dict[int, list[AskedPunch]]:
    same = sa.and_(
        Punch.user_id == Reminder.user_id,
        Punch.work_date == Reminder.work_date,
        Punch.period == Reminder.period,
        Punch.kind == Reminder.kind,
    )
    asked = (
        select(Reminder, Punch.at)
        .outerjoin(Punch, same)
        .where(Reminder.user_id.in_(list(user_ids)), Reminder.work_date.between(month, _last_of(month)))
    )
    found: dict[int, list[AskedPunch]] = defaultdict(list)
    for reminder, punched_at in await session.exec(asked):
        found[reminder.user_id].append(
            AskedPunch(
                reminder.kind,
                reminder.point_at,
                reminder.opens_at,
                reminder.closes_at,
                reminder.status,
                punched_at or reminder.ended_at,
                reminder.ended_at,
            )
        )
    return found
