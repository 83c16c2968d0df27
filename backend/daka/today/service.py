"""Today: the user's own day, and for planners the live state of their teams."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.service import backup_summary
from daka.delivery import outbox
from daka.delivery.messages import Mention
from daka.delivery.models import Channel, ChannelStatus, InboxMessage
from daka.delivery.recipients import load_channels, namesakes_among
from daka.delivery.remedies import remedy_text
from daka.delivery.routing import Usefulness, step_route
from daka.delivery.schemas import BrokenChannel
from daka.delivery.service import visible_channels
from daka.identity.access import Principal
from daka.identity.models import User
from daka.identity.teams import languages_of, team_of
from daka.notices.month_notices import report_of
from daka.notices.month_report import report_words
from daka.reminders import claims
from daka.reminders.models import Reminder
from daka.reminders.punches.service import broken_sources
from daka.reminders.schemas import ReminderRead
from daka.reminders.service import reminder_read
from daka.reminders.states import OPEN
from daka.reminders.transitions import window_of
from daka.roster.drafts.service import unpublished_teams
from daka.roster.holidays.service import calendar_days
from daka.roster.models import Assignment
from daka.roster.schemas import DayRead
from daka.scheduler.models import SchedulerState, Worker
from daka.scheduler.service import is_alive, is_paused
from daka.shifts.models import Shift
from daka.shifts.service import Nights, periods_of, shift_nights, shift_read
from daka.shifts.times import spans
from daka.syncing.service import roster_troubles
from daka.today.people import list_people, people_of_today
from daka.today.schemas import (
    BackupProblem,
    Dashboard,
    MonthReportRead,
    MyDay,
    PeoplePage,
    PeriodSpan,
    SchedulerRead,
    TeamDay,
    TodaySearch,
    UnreachedPerson,
    UpcomingShift,
)

NEXT_SHIFT_WITHIN = timedelta(days=31)


async def dashboard(session: AsyncSession, by: Principal) -> Dashboard:
    now = clock.now()
    _, zone = await team_of(session, by.user.team_id)
    return Dashboard(
        now=now,
        timezone=zone.key,
        mine=await _mine(session, by.user, zone, now),
        team=await _team_day(session, by, now.astimezone(zone).date(), now) if by.is_planner else None,
    )


async def people_page(session: AsyncSession, by: Principal, search: TodaySearch) -> PeoplePage:
    now = clock.now()
    _, zone = await team_of(session, by.user.team_id)
    groups, next_cursor = await list_people(session, by, search, now.astimezone(zone).date(), now)
    return PeoplePage(items=groups, next_cursor=next_cursor)


async def month_report(session: AsyncSession, by: Principal, month: str | None) -> MonthReportRead:
    """A person's own month, YYYY-MM; the last one by default."""
    _, zone = await team_of(session, by.user.team_id)
    today = clock.now().astimezone(zone).date()
    first = date.fromisoformat(f"{month}-01") if month else (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    report = await report_of(session, by.id, first)
    title, text = report_words(report, first, (await languages_of(session, [by.user]))[by.id])
    return MonthReportRead(month=f"{first:%Y-%m}", **asdict(report), title=title, text=text)


async def _mine(session: AsyncSession, user: User, zone: ZoneInfo, now: datetime) -> MyDay:
    today = now.astimezone(zone).date()
    nights = await shift_nights(session)
    plan = await _plan_between(session, user, today - timedelta(days=1), today + NEXT_SHIFT_WITHIN)
    work_date = await _current_work_date(session, user, plan, zone, today, now)
    shift = plan.get(work_date)
    reminders = await _reminders_on(session, user, work_date)
    days, _ = await calendar_days(session, work_date, work_date)
    unread = (
        select(func.count())
        .select_from(InboxMessage)
        .where(InboxMessage.user_id == user.id, InboxMessage.read_at.is_(None))
    )
    return MyDay(
        work_date=work_date,
        day=DayRead(kind=days[work_date].kind, name=days[work_date].name),
        shift=shift_read(shift, nights, user.team_id) if shift else None,
        periods=[PeriodSpan(start_at=start, end_at=end) for start, end in spans(work_date, periods_of(shift), zone)]
        if shift
        else [],
        reminders=reminders,
        next_punch=next((found for found in reminders if found.status in OPEN), None),
        next_shift=_next_shift(plan, zone, work_date, nights, user.team_id),
        unread_messages=(await session.exec(unread)).one(),
    )


async def _plan_between(session: AsyncSession, user: User, first: date, last: date) -> dict[date, Shift]:
    asked = (
        select(Assignment.work_date, Shift)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(Assignment.user_id == user.id, Assignment.work_date.between(first, last))
        .order_by(Assignment.work_date)
    )
    return dict(list(await session.exec(asked)))


async def _current_work_date(
    session: AsyncSession, user: User, plan: dict[date, Shift], zone: ZoneInfo, today: date, now: datetime
) -> date:
    """Yesterday while its shift runs or its last punch is still open, else today."""
    yesterday = today - timedelta(days=1)
    if (shift := plan.get(yesterday)) is None or not (runs := spans(yesterday, periods_of(shift), zone)):
        return today
    if now < runs[-1][1]:
        return yesterday
    if runs[-1][1].astimezone(zone).date() < today:
        return today
    still_open = select(Reminder).where(
        Reminder.user_id == user.id, Reminder.work_date == yesterday, Reminder.status.in_(OPEN)
    )
    is_open = any(now < window_of(found).ends_at for found in await session.exec(still_open))
    return yesterday if is_open else today


def _next_shift(
    plan: dict[date, Shift], zone: ZoneInfo, after: date, nights: Nights, team_id: int | None
) -> UpcomingShift | None:
    for work_date, shift in plan.items():
        if work_date > after and not shift.is_rest:
            runs = spans(work_date, periods_of(shift), zone)
            read = shift_read(shift, nights, team_id)
            return UpcomingShift(work_date=work_date, shift=read, start_at=runs[0][0], end_at=runs[-1][1])
    return None


async def _reminders_on(session: AsyncSession, user: User, work_date: date) -> list[ReminderRead]:
    asked = (
        select(Reminder, Shift)
        .join(Shift, Shift.id == Reminder.shift_id)
        .where(Reminder.user_id == user.id, Reminder.work_date == work_date)
        .order_by(Reminder.point_at, Reminder.id)
    )
    return [reminder_read(reminder, user, shift) for reminder, shift in await session.exec(asked)]


async def _team_day(session: AsyncSession, by: Principal, today: date, now: datetime) -> TeamDay:
    people = await people_of_today(session, by, today, now)
    _, provisional = await calendar_days(session, today, today + timedelta(days=60))
    return TeamDay(
        counts=people.counts,
        groups=people.groups,
        broken_channels=[
            _broken(channel)
            for channel in await visible_channels(session, by)
            if channel.status is ChannelStatus.BROKEN
        ],
        unreached=await _unreached(session, people.next_open, now),
        broken_sources=await broken_sources(session, by),
        broken_rosters=await roster_troubles(session, by),
        provisional_years=provisional,
        unpublished=await unpublished_teams(session, by),
        scheduler=await scheduler_state(session),
        no_backup=await _no_backup(session, now) if by.is_admin else None,
    )


async def _unreached(
    session: AsyncSession, open_reminders: Sequence[sa.Row[Any]], now: datetime
) -> list[UnreachedPerson]:
    """Whom no channel reaches in time for the reminder that they have next. Nobody's phone rings for what is in an inbox."""
    channels = await load_channels(
        session,
        user_ids={found.user_id for found in open_reminders},
        team_ids={found.team_id for found in open_reminders if found.team_id is not None},
    )
    alike = await namesakes_among(session, channels)
    seen: set[int] = set()
    missed = []
    for found in open_reminders:
        if found.user_id in seen:
            continue
        seen.add(found.user_id)
        person = Mention(found.display_name, found.mobile, found.dingtalk_userid, found.user_id in alike)
        _, is_reached = step_route(
            channels,
            user_id=found.user_id,
            person=person,
            team_id=found.team_id,
            kind=found.kind,
            now=now,
            useful=Usefulness.of(point_at=found.point_at, ends_at=found.closes_at, now=now),
        )
        if not is_reached:
            missed.append(UnreachedPerson(user_id=found.user_id, display_name=found.display_name))
    return missed


async def _no_backup(session: AsyncSession, now: datetime) -> BackupProblem | None:
    backups = await backup_summary(session, now)
    if not backups.is_trouble:
        return None
    return BackupProblem(
        trouble=backups.last_failed.trouble if backups.last_failed else None,
        last_good_at=backups.last_good.started_at if backups.last_good else None,
    )


async def scheduler_state(session: AsyncSession) -> SchedulerRead:
    """Whether reminding is paused, and the state of the workers."""
    now = clock.now()
    alive, last_tick = await is_alive(session, now)
    state = await session.get(SchedulerState, 1)
    living = select(Worker).where(Worker.last_tick_at.between(now - timedelta(minutes=1), now + clock.AHEAD))
    workers = list(await session.exec(living))
    return SchedulerRead(
        is_paused=await is_paused(session),
        is_clock_wrong=not clock.is_plausible(),
        paused_at=state.paused_at if state else None,
        is_alive=alive,
        last_tick_at=last_tick,
        next_due_at=await claims.next_due_at(session),
        queue_length=await outbox.queue_length(session),
        lateness_ms=max((worker.last_lateness_ms for worker in workers), default=0),
        workers=len(workers),
    )


def _broken(channel: Channel) -> BrokenChannel:
    shown = channel.model_dump(include=set(BrokenChannel.model_fields))
    return BrokenChannel.model_validate({**shown, "status_hint_text": remedy_text(channel.status_hint)})
