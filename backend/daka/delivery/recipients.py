"""Who is told where: people's and teams' channels, and the inbox when nothing else works."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.delivery.channels.registry import INBOX, KINDS
from daka.delivery.messages import Mention
from daka.delivery.models import (
    Channel,
    Lane,
    Occasion,
)
from daka.delivery.routing import Channels, Usefulness, escalation_route, is_in_time, step_route, works
from daka.identity.models import Role, TeamPlanner, User
from daka.shifts.times import PunchKind

INBOX_NAME = "收件箱"
MOST_IN_ONE_REPORT = 50
"""People in one message of a kind that otherwise has a message for each."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel that a message takes, and who reads it there, where the kind sends to persons."""

    channel: Channel
    reader: Mention | None = None

    @property
    def address(self) -> str:
        """De-duplication key: an escalation is sent once per destination."""
        if self.reader is not None:
            return f"{self.channel.lane} {self.reader.dingtalk_userid}"
        return self.channel.audience or str(self.channel.id)


def people_in_one(channel: Channel, occasion: Occasion) -> int:
    """How many people one message there may be about."""
    kind = KINDS[channel.kind]
    is_report = occasion is Occasion.ESCALATION and kind.sends_to_persons
    return MOST_IN_ONE_REPORT if is_report else kind.people_per_message


async def load_channels(session: AsyncSession, *, user_ids: Iterable[int], team_ids: Iterable[int]) -> Channels:
    """The enabled channels of these people and teams, and the environment's."""
    users, teams = list(user_ids), list(team_ids)
    channels = Channels()
    wanted = or_(Channel.user_id.in_(users), Channel.team_id.in_(teams), Channel.environment_name.is_not(None))
    asked = (
        select(Channel)
        .where(wanted, Channel.is_enabled == sa.true(), Channel.deleted_at.is_(None))
        .order_by(Channel.id)
    )
    for channel in await session.exec(asked):
        if channel.user_id is not None:
            channels.of_user.setdefault(channel.user_id, []).append(channel)
        elif channel.team_id is not None:
            channels.of_team.setdefault(channel.team_id, []).append(channel)
        elif channel.environment_name is not None:
            channels.of_environment[channel.environment_name] = channel
    held = select(Lane.key, Lane.throttled_until).join(Channel, Channel.lane == Lane.key)
    for key, throttled_until in await session.exec(held.where(wanted, Lane.throttled_until > clock.now())):
        channels.held[key] = cast(datetime, throttled_until)
    return channels


async def step_channels(
    session: AsyncSession,
    channels: Channels,
    user: User,
    kind: PunchKind,
    now: datetime,
    *,
    useful: Usefulness,
    is_team_told: bool = False,
    without: frozenset[int] = frozenset(),
) -> list[Channel]:
    """The channels of one step; the inbox when nothing else works in time, so that no reminder goes nowhere."""
    user_id = user.id
    route = step_route(
        channels,
        user_id=user_id,
        team_id=user.team_id,
        kind=kind,
        is_team_told=is_team_told,
        now=now,
        useful=useful,
        without=without,
    )
    if any(is_in_time(channels, channel, useful) for channel in route):
        return route
    inbox = await ensure_inbox(session, user)
    channels.of_user.setdefault(user_id, []).append(inbox)
    return [*(channel for channel in route if channel.id != inbox.id), inbox]


async def ensure_inbox(session: AsyncSession, user: User) -> Channel:
    """A person's own inbox, made when they have none."""
    mine = (
        select(Channel)
        .where(Channel.user_id == user.id, Channel.kind == INBOX.name, Channel.deleted_at.is_(None))
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
        user_id=user.id,
        config={},
        lane=lane.key,
        is_fallback=True,
        created_at=clock.now(),
    )
    session.add(channel)
    await session.flush()
    return channel


async def administrators(session: AsyncSession) -> list[User]:
    """The administrators of this server who can sign in."""
    asked = select(User).where(User.role == Role.ADMIN, User.is_active == sa.true(), User.deleted_at.is_(None))
    return list(await session.exec(asked))


async def planners_of(session: AsyncSession, team_ids: set[int | None]) -> dict[int, list[int]]:
    """The planners of each team: those who belong to it and those who were appointed."""
    teams = [team_id for team_id in team_ids if team_id is not None]
    planners: dict[int, list[int]] = {team_id: [] for team_id in teams}
    if not teams:
        return planners
    active = (User.is_active == sa.true(), User.deleted_at.is_(None))
    own = select(User.team_id, User.id).where(User.team_id.in_(teams), User.role == Role.PLANNER, *active)
    appointed = (
        select(TeamPlanner.team_id, TeamPlanner.user_id)
        .join(User, User.id == TeamPlanner.user_id)
        .where(TeamPlanner.team_id.in_(teams), *active)
    )
    for asked in (own, appointed):
        for team_id, user_id in await session.exec(asked):
            if user_id not in planners[cast(int, team_id)]:
                planners[cast(int, team_id)].append(user_id)
    return planners


async def told_of_escalation(
    session: AsyncSession, channels: Channels, team_id: int | None, planners: dict[int, list[int]]
) -> list[Recipient]:
    """The team's channels and those of its planners; a planner without a working one is told in the inbox."""
    planner_ids = planners.get(team_id or 0, [])
    for planner_id in planner_ids:
        if not any(works(channel) for channel in channels.of_user.get(planner_id, [])):
            inbox = await ensure_inbox(session, cast(User, await session.get(User, planner_id)))
            channels.of_user.setdefault(planner_id, []).append(inbox)
    told: list[Recipient] = []
    for channel in escalation_route(channels, team_id=team_id, planner_ids=planner_ids):
        readers: list[Mention] = []
        if KINDS[channel.kind].goes_by_profile:
            ids = planner_ids if channel.user_id is None else [channel.user_id]
            known = [cast(User, await session.get(User, reader_id)) for reader_id in ids]
            readers = [Mention(user.display_name, user.mobile, user.dingtalk_userid) for user in known]
        told += [Recipient(channel, reader) for reader in readers if reader.dingtalk_userid] or [Recipient(channel)]
    return told
