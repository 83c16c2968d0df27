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


def works(channel: Channel) -> bool:
    return channel.is_enabled and channel.deleted_at is None and channel.status is not ChannelStatus.BROKEN


def is_worth_another_try(channel: Channel, now: datetime) -> bool:
    is_broken = channel.is_enabled and channel.deleted_at is None and channel.status is ChannelStatus.BROKEN
    return is_broken and (channel.status_at is None or now - channel.status_at >= TRY_BROKEN_AGAIN_AFTER)


def personal_route(
    channels: Channels, *, user_id: int, team_id: int | None, kind: PunchKind, now: datetime
) -> list[Channel]:
    """A person's own channels; without a working one their team's; without those the environment's. Empty: none at all.

    The inbox that the system made for somebody (`is_fallback`) is nobody's choice, so it is not among their own.
    Broken channels do not count. After a while they are tried along with the ones that do.
    """
    environment = channels.of_environment.get(ENVIRONMENT_NAMES[kind])
    tiers: Sequence[Sequence[Channel]] = (
        [channel for channel in channels.of_user.get(user_id, ()) if not channel.is_fallback],
        channels.of_team.get(team_id, ()) if team_id is not None else (),
        (environment,) if environment else (),
    )
    again: list[Channel] = []
    for tier in tiers:
        again += [channel for channel in tier if is_worth_another_try(channel, now)]
        if working := [channel for channel in tier if works(channel)]:
            return [*working, *again]
    return again


def step_route(
    channels: Channels, *, user_id: int, team_id: int | None, kind: PunchKind, is_team_told: bool, now: datetime
) -> list[Channel]:
    """The channels of one step: the person's route, and from the policy's moment on their team's channels too."""
    route = personal_route(channels, user_id=user_id, team_id=team_id, kind=kind, now=now)
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
