"""Calendar feeds: their secret addresses and their contents."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.errors import Conflict, NotFound
from daka.identity.access import Principal, find_team, planned_teams
from daka.identity.grants import is_current
from daka.identity.models import User
from daka.identity.teams import team_of
from daka.roster.feeds.ical import WorkEvent, calendar_text
from daka.roster.feeds.schemas import FeedCreate
from daka.roster.models import Assignment, CalendarFeed, RosterChange
from daka.roster.requests.leaves import whole_days_away
from daka.shifts.models import Shift
from daka.shifts.service import periods_of
from daka.shifts.times import spans

BACK, AHEAD = timedelta(days=31), timedelta(days=92)
MOST_FEEDS = 20


async def feeds(session: AsyncSession, user: User) -> list[CalendarFeed]:
    asked = select(CalendarFeed).where(
        CalendarFeed.user_id == user.id, is_current(CalendarFeed.user_id, CalendarFeed.token_version)
    )
    return list(await session.exec(asked.order_by(CalendarFeed.id)))


async def open_feed(session: AsyncSession, by: Principal, new: FeedCreate) -> tuple[CalendarFeed, str]:
    """Create a feed. The second value is its secret, of which only the hash is stored."""
    team = await find_team(session, new.team_id, by) if new.team_id is not None else None
    if len(await feeds(session, by.user)) >= MOST_FEEDS:
        raise Conflict("too_many_feeds", f"At most {MOST_FEEDS} calendar feeds; delete one first")
    secret = security.new_token()
    feed = CalendarFeed(
        user_id=by.id,
        team_id=new.team_id,
        name=new.name or (f"{team.name}排班" if team else "我的排班"),
        token_hash=security.token_hash(secret),
        token_version=by.user.token_version,
        alarm_minutes=new.alarm_minutes,
    )
    session.add(feed)
    await session.flush()
    return feed, secret


async def revoke_feed(session: AsyncSession, by: Principal, feed_id: int) -> None:
    """Delete a feed; its address stops working."""
    feed = await session.get(CalendarFeed, feed_id)
    if feed is None or feed.user_id != by.id:
        raise NotFound("feed_not_found", f"You have no calendar feed {feed_id}")
    await session.delete(feed)


async def find_feed(session: AsyncSession, secret: str) -> tuple[CalendarFeed, User]:
    """The feed with this secret and its owner, unless their account has changed or they no longer see the team."""
    asked = (
        select(CalendarFeed, User)
        .join(User, User.id == CalendarFeed.user_id)
        .where(
            CalendarFeed.token_hash == security.token_hash(secret),
            is_current(CalendarFeed.user_id, CalendarFeed.token_version),
        )
    )
    row = (await session.exec(asked)).first()
    if row is not None:
        feed, user = row
        if feed.team_id is None or Principal(user, await planned_teams(session, user)).sees_team(feed.team_id):
            return feed, user
    raise NotFound("feed_not_found", "There is no calendar at this address")


async def feed_text(session: AsyncSession, feed: CalendarFeed, owner: User) -> bytes:
    """The feed as iCalendar: the past month and the next three."""
    _, zone = await team_of(session, owner.team_id if feed.team_id is None else feed.team_id)
    today = clock.now().astimezone(zone).date()
    span = (today - BACK, today + AHEAD)
    if feed.team_id is None:
        events = await _own_events(session, owner, zone, *span)
    else:
        events = await _team_events(session, feed.team_id, zone, *span)
    return calendar_text(feed.name, zone, events, alarm_minutes=feed.alarm_minutes)


async def _own_events(session: AsyncSession, user: User, zone: ZoneInfo, first: date, last: date) -> list[WorkEvent]:
    away = await whole_days_away(session, [user.id], first, last)
    asked = (
        select(Assignment, Shift)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(Assignment.user_id == user.id, Assignment.work_date.between(first, last))
        .order_by(Assignment.work_date)
    )
    events = [
        WorkEvent(f"leave-{user.id}-{day}@daka", "请假", leave.created_at, day) for (_, day), leave in away.items()
    ]
    for assignment, shift in await session.exec(asked):
        day = assignment.work_date
        if (assignment.user_id, day) not in away:
            for index, span in enumerate(spans(day, periods_of(shift), zone)):
                uid = f"work-{user.id}-{day}-{index}@daka"
                events.append(WorkEvent(uid, shift.name, max(assignment.updated_at, shift.updated_at), day, span))
    return events


async def _team_events(session: AsyncSession, team_id: int, zone: ZoneInfo, first: date, last: date) -> list[WorkEvent]:
    asked = (
        select(Assignment, Shift, User)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(User, User.id == Assignment.user_id)
        .where(
            User.team_id == team_id,
            User.is_active == sa.true(),
            Shift.is_rest == sa.false(),
            Assignment.work_date.between(first, last),
        )
        .order_by(Assignment.work_date, Shift.id, User.id)
    )
    rows = list(await session.exec(asked))
    away = await whole_days_away(session, [user.id for _, _, user in rows], first, last)
    groups: dict[tuple[date, int], list[tuple[Assignment, Shift, User]]] = defaultdict(list)
    for assignment, shift, user in rows:
        if (assignment.user_id, assignment.work_date) not in away:
            groups[assignment.work_date, shift.id].append((assignment, shift, user))
    # Somebody who left a group is in none of its rows.
    changes = (
        select(RosterChange.work_date, sa.func.max(RosterChange.at))
        .where(
            RosterChange.team_id == team_id,
            RosterChange.work_date.between(first, last),
            RosterChange.is_draft == sa.false(),
        )
        .group_by(RosterChange.work_date)
    )
    changed = dict(list(await session.exec(changes)))
    return [
        event for (day, _), group in groups.items() for event in _group_events(team_id, group, zone, changed.get(day))
    ]


def _group_events(
    team_id: int, group: list[tuple[Assignment, Shift, User]], zone: ZoneInfo, day_changed_at: datetime | None
) -> Iterator[WorkEvent]:
    assignment, shift, _ = group[0]
    changed_at: datetime = max(shift.updated_at, *(found.updated_at for found, _, _ in group))
    if day_changed_at is not None:
        changed_at = max(changed_at, day_changed_at)
    names = "、".join(user.display_name for _, _, user in group)
    for index, span in enumerate(spans(assignment.work_date, periods_of(shift), zone)):
        yield WorkEvent(
            f"team-{team_id}-{shift.id}-{assignment.work_date}-{index}@daka",
            f"{shift.name} · {len(group)} 人",
            changed_at,
            assignment.work_date,
            span,
            names,
        )
