"""Which channels a person's message takes. Pure, over channels that were loaded before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daka.delivery.models import Channel, ChannelStatus
from daka.shifts.times import PunchKind

TRY_BROKEN_AGAIN_AFTER = timedelta(minutes=30)
"""A broken channel gets a message again after this long, beside the ones that work: it may have been mended elsewhere."""

ENVIRONMENT_NAMES = {PunchKind.CLOCK_IN: "WORKING_URL", PunchKind.CLOCK_OUT: "NO_WORK_URL"}


@dataclass(frozen=True, slots=True)
class Channels:
    """Every enabled channel that may be asked for, by owner."""

    of_user: dict[int, list[Channel]] = field(default_factory=dict)
    of_team: dict[int, list[Channel]] = field(default_factory=dict)
    of_environment: dict[str, Channel] = field(default_factory=dict)
    held: dict[str, datetime] = field(default_factory=dict)
    """Until when their providers hold which lanes."""


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How long a message is of use: best before the punch point, at the latest until its window ends."""

    best_before: datetime
    ends_at: datetime

    @classmethod
    def of(cls, *, point_at: datetime, ends_at: datetime, now: datetime) -> "Usefulness":
        """Before the punch point a message is to come before it; after it, before the window ends."""
        return cls(point_at if now < point_at else ends_at, ends_at)


def works(channel: Channel) -> bool:
    return channel.is_enabled and channel.deleted_at is None and channel.status is not ChannelStatus.BROKEN


def is_worth_another_try(channel: Channel, now: datetime) -> bool:
    is_broken = channel.is_enabled and channel.deleted_at is None and channel.status is ChannelStatus.BROKEN
    return is_broken and (channel.status_at is None or now - channel.status_at >= TRY_BROKEN_AGAIN_AFTER)


def is_in_time(channels: Channels, channel: Channel, useful: Usefulness | None) -> bool:
    """Whether the channel works, and is not held by its provider until it is too late."""
    throttled_until = channels.held.get(channel.lane)
    return works(channel) and (useful is None or throttled_until is None or throttled_until < useful.best_before)


def is_late_but_useful(channels: Channels, channel: Channel, useful: Usefulness | None) -> bool:
    """Whether the channel is held past the best moment, but not past the last one."""
    throttled_until = channels.held.get(channel.lane)
    is_late = works(channel) and not is_in_time(channels, channel, useful)
    return is_late and useful is not None and throttled_until is not None and throttled_until < useful.ends_at


def personal_route(
    channels: Channels,
    *,
    user_id: int,
    team_id: int | None,
    kind: PunchKind,
    now: datetime,
    useful: Usefulness | None = None,
    without: frozenset[int] = frozenset(),
) -> list[Channel]:
    """A person's own channels; without a working one their team's; without those the environment's. Empty: none at all.

    The inbox that the system made for somebody (`is_fallback`) is nobody's choice, so it is not among their own.
    Broken channels do not count, nor do those that their provider holds for too long. After a while the broken ones are
    tried along with the ones that do, and so are held ones whose hold still ends within the window.
    """
    environment = channels.of_environment.get(ENVIRONMENT_NAMES[kind])
    tiers: Sequence[Sequence[Channel]] = (
        [channel for channel in channels.of_user.get(user_id, ()) if not channel.is_fallback],
        channels.of_team.get(team_id, ()) if team_id is not None else (),
        (environment,) if environment else (),
    )
    again: list[Channel] = []
    for tier in tiers:
        asked = [channel for channel in tier if channel.id not in without]
        again += [channel for channel in asked if is_worth_another_try(channel, now)]
        again += [channel for channel in asked if is_late_but_useful(channels, channel, useful)]
        if working := [channel for channel in asked if is_in_time(channels, channel, useful)]:
            return [*working, *again]
    return again


def own_route(channels: Channels, user_id: int, now: datetime) -> list[Channel]:
    """A person's own working channels, and broken ones that are worth another try beside them. Empty: none works."""
    own = [channel for channel in channels.of_user.get(user_id, ()) if not channel.is_fallback]
    if working := [channel for channel in own if works(channel)]:
        return [*working, *(channel for channel in own if is_worth_another_try(channel, now))]
    return []


def step_route(
    channels: Channels,
    *,
    user_id: int,
    team_id: int | None,
    kind: PunchKind,
    is_team_told: bool,
    now: datetime,
    useful: Usefulness | None = None,
    without: frozenset[int] = frozenset(),
) -> list[Channel]:
    """The channels of one step: the person's route, and from the policy's moment on their team's channels too."""
    route = personal_route(
        channels, user_id=user_id, team_id=team_id, kind=kind, now=now, useful=useful, without=without
    )
    if not is_team_told or team_id is None:
        return route
    known = {channel.id for channel in route}
    return [*route, *(found for found in channels.of_team.get(team_id, ()) if works(found) and found.id not in known)]


def escalation_route(channels: Channels, *, team_id: int | None, planner_ids: Sequence[int]) -> list[Channel]:
    """The working channels of a team and of its planners, each once."""
    if team_id is None:
        return []
    owners = [channels.of_team.get(team_id, []), *(channels.of_user.get(planner, []) for planner in planner_ids)]
    return list({found.id: found for owned in owners for found in owned if works(found)}.values())


def has_working(route: Sequence[Channel]) -> bool:
    return any(works(channel) for channel in route)
