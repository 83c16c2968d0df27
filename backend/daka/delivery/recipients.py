"""People's and teams' channels, and the inbox when nothing else works."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.delivery.channels.registry import INBOX
from daka.delivery.messages import Mention
from daka.delivery.models import Channel, Lane
from daka.delivery.routing import Channels, Usefulness, is_in_time, own_route, step_route
from daka.identity.models import MAY_SIGN_IN, Role, TeamPlanner, User
from daka.shifts.times import PunchKind
from daka.statements import among

INBOX_NAME = "收件箱"


def mention_of(user: User, *, has_namesake: bool = False) -> Mention:
    """A person as a message mentions them."""
    return Mention(user.display_name, user.mobile, user.dingtalk_userid, has_namesake)


_CHANNELS = (
    select(Channel, Lane.throttled_until)
    .outerjoin(Lane, sa.and_(Lane.key == Channel.lane, Lane.throttled_until > sa.bindparam("now")))
    .where(
        or_(
            among(Channel.user_id, "users"),
            among(Channel.team_id, "teams"),
            Channel.environment_name.is_not(None),
        ),
        Channel.is_enabled == sa.true(),
        Channel.deleted_at.is_(None),
    )
    .order_by(Channel.id)
)


async def load_channels(session: AsyncSession, *, user_ids: Iterable[int], team_ids: Iterable[int]) -> Channels:
    """The enabled channels of these people and teams, and the environment's."""
    users, teams = list(user_ids), list(team_ids)
    channels = Channels()
    given = {"users": users, "teams": teams, "now": clock.now()}
    for channel, throttled_until in await session.exec(_CHANNELS, params=given):
        if channel.user_id is not None:
            channels.of_user.setdefault(channel.user_id, []).append(channel)
        elif channel.team_id is not None:
            channels.of_team.setdefault(channel.team_id, []).append(channel)
        elif channel.environment_name is not None:
            channels.of_environment[channel.environment_name] = channel
        if throttled_until is not None:
            channels.throttled[channel.lane] = throttled_until
    return channels


async def step_channels(
    session: AsyncSession,
    channels: Channels,
    user_id: int,
    person: Mention,
    team_id: int | None,
    kind: PunchKind,
    now: datetime,
    *,
    useful: Usefulness,
    includes_team: bool = False,
    without: frozenset[int] = frozenset(),
) -> list[Channel]:
    """The channels of one step, and the inbox if none of them reaches the person in time, so that no reminder is lost."""
    route, is_reached = step_route(
        channels,
        user_id=user_id,
        person=person,
        team_id=team_id,
        kind=kind,
        includes_team=includes_team,
        now=now,
        useful=useful,
        without=without,
    )
    if is_reached:
        return route
    inbox = await ensure_inbox(session, user_id)
    channels.of_user.setdefault(user_id, []).append(inbox)
    return [*(channel for channel in route if channel.id != inbox.id), inbox]


async def ensure_inbox(session: AsyncSession, user_id: int) -> Channel:
    """A person's own inbox; it is made if they have none."""
    mine = (
        select(Channel)
        .where(Channel.user_id == user_id, Channel.kind == INBOX.name, Channel.deleted_at.is_(None))
        .limit(1)
    )
    if (found := (await session.exec(mine)).first()) is not None:
        return found
    lane = Lane(key=f"inbox-{security.new_token()[:24]}")
    session.add(lane)
    await session.flush()
    channel = Channel(
        name=INBOX_NAME,
        kind=INBOX.name,
        user_id=user_id,
        config={},
        lane=lane.key,
        is_fallback=True,
    )
    session.add(channel)
    await session.flush()
    return channel


async def administrators(session: AsyncSession) -> list[User]:
    """The administrators of this server who can sign in."""
    asked = select(User).where(User.role == Role.ADMIN, MAY_SIGN_IN)
    return list(await session.exec(asked))


async def planners_of(session: AsyncSession, team_ids: Iterable[int | None]) -> dict[int, list[User]]:
    """The planners of each team, in order of id: those who belong to it and those who were appointed."""
    planners: dict[int, dict[int, User]] = {team_id: {} for team_id in team_ids if team_id is not None}
    if planners:
        own = select(User.team_id, User).where(User.team_id.in_(planners), User.role == Role.PLANNER, MAY_SIGN_IN)
        appointed = (
            select(TeamPlanner.team_id, User)
            .join(User, User.id == TeamPlanner.user_id)
            .where(TeamPlanner.team_id.in_(planners), MAY_SIGN_IN)
        )
        for asked in (own, appointed):
            for team_id, user in await session.exec(asked):
                planners[cast(int, team_id)].setdefault(user.id, user)
    return {team_id: [found[user_id] for user_id in sorted(found)] for team_id, found in planners.items()}


async def namesakes(session: AsyncSession, team_ids: Iterable[int]) -> set[int]:
    """The people in these teams whose name somebody else in the same team has, by id."""
    same = sa.func.lower(sa.func.replace(User.display_name, " ", ""))
    here = (User.team_id.in_(list(team_ids)), MAY_SIGN_IN)
    twice = select(User.team_id, same).where(*here).group_by(User.team_id, same).having(sa.func.count() > 1)
    return set(await session.exec(select(User.id).where(sa.tuple_(User.team_id, same).in_(twice), *here)))


async def namesakes_among(session: AsyncSession, channels: Channels) -> set[int]:
    """The same in the teams of these channels, if one of them tells people apart by name."""
    if any(channel.config.get("people") for of_team in channels.of_team.values() for channel in of_team):
        return await namesakes(session, channels.of_team)
    return set()


async def give_inboxes(
    session: AsyncSession, channels: Channels, planners: Iterable[User], useful: Usefulness | None
) -> None:
    """Give each planner whom no channel reaches in time an inbox, so that no escalation is lost."""
    for planner in planners:
        if not any(is_in_time(channels, channel, useful) for channel in channels.of_user.get(planner.id, ())):
            channels.of_user.setdefault(planner.id, []).append(await ensure_inbox(session, planner.id))


async def personal_channels(
    session: AsyncSession,
    channels: Channels,
    user_id: int,
    now: datetime,
    *,
    useful_for: timedelta,
    without: int | None = None,
) -> list[Channel]:
    """Where a notice to one person goes: their own channels, and the inbox if none of them sends it while it is useful."""
    useful = Usefulness.until(now + useful_for)
    route = own_route(channels, user_id, now, useful, without=without)
    if any(is_in_time(channels, channel, useful) for channel in route):
        return route
    inbox = await ensure_inbox(session, user_id)
    return [*(channel for channel in route if channel.id != inbox.id), inbox]
