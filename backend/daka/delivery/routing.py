"""Which channels a person's message takes, out of channels that are loaded already. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daka.delivery.channels.people import found_in
from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import Mention
from daka.delivery.models import Channel, ChannelStatus
from daka.shifts.times import PunchKind

TRY_BROKEN_AGAIN_AFTER = timedelta(minutes=30)
"""After this long a broken channel is tried again beside the working ones: it may have been repaired at the provider."""

PATIENCE = timedelta(minutes=2)
"""After the punch point a message waits no longer than this for a provider that throttles, before others take it over."""

LAST_CALL = timedelta(minutes=1)
"""So long before it is too late, others take over what still waits for whatever reason; of little time, in its last quarter."""

ENVIRONMENT_NAMES = {PunchKind.CLOCK_IN: "WORKING_URL", PunchKind.CLOCK_OUT: "NO_WORK_URL"}


@dataclass(frozen=True, slots=True)
class Channels:
    """The enabled channels that may be needed, by owner."""

    of_user: dict[int, list[Channel]] = field(default_factory=dict)
    of_team: dict[int, list[Channel]] = field(default_factory=dict)
    of_environment: dict[str, Channel] = field(default_factory=dict)
    throttled: dict[str, datetime] = field(default_factory=dict)
    """Until when which lanes are throttled by their providers."""


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How long a message is useful: best before the punch point, at the latest until its window ends."""

    best_before: datetime
    ends_at: datetime

    @classmethod
    def of(cls, *, point_at: datetime, ends_at: datetime, now: datetime) -> "Usefulness":
        """Before the punch point a message should arrive before it; after it, soon.

        A window may end before its punch point: then nothing arrives after that.
        """
        best_before = point_at if now < point_at else now + PATIENCE
        return cls(min(best_before, ends_at), ends_at)

    @classmethod
    def until(cls, moment: datetime) -> "Usefulness":
        """Of a message that is as good at any time before the moment."""
        return cls(moment, moment)

    def hand_over_at(self, now: datetime) -> datetime:
        """When other channels take over what is written now, if it still waits then."""
        return self.best_before - min(LAST_CALL, (self.best_before - now) / 4)


def works(channel: Channel) -> bool:
    return channel.is_enabled and channel.deleted_at is None and channel.status is not ChannelStatus.BROKEN


def is_worth_another_try(channel: Channel, now: datetime) -> bool:
    is_broken = channel.is_enabled and channel.deleted_at is None and channel.status is ChannelStatus.BROKEN
    return is_broken and (channel.status_at is None or now - channel.status_at >= TRY_BROKEN_AGAIN_AFTER)


def knows(channel: Channel, person: Mention) -> bool:
    """Whether a reminder to this person has a recipient there, where each person has an id of their own."""
    kind = KINDS.get(channel.kind)
    if kind is None or not kind.sends_to_persons:
        return True
    if kind.goes_by_profile:
        return bool(person.dingtalk_userid)
    table = str(channel.config.get("people") or "")
    return not table or bool(found_in(table, person).id)


def is_in_time(channels: Channels, channel: Channel, useful: Usefulness | None) -> bool:
    """Whether the channel works and is not throttled for too long."""
    throttled_until = channels.throttled.get(channel.lane)
    return works(channel) and (useful is None or throttled_until is None or throttled_until < useful.best_before)


def is_late_but_useful(channels: Channels, channel: Channel, useful: Usefulness | None) -> bool:
    """Whether the channel is throttled past the best moment, but not past the last one."""
    throttled_until = channels.throttled.get(channel.lane)
    is_late = works(channel) and not is_in_time(channels, channel, useful)
    return is_late and useful is not None and throttled_until is not None and throttled_until < useful.ends_at


def step_route(
    channels: Channels,
    *,
    user_id: int,
    person: Mention,
    team_id: int | None,
    kind: PunchKind,
    now: datetime,
    includes_team: bool = False,
    useful: Usefulness | None = None,
    without: frozenset[int] = frozenset(),
) -> tuple[list[Channel], bool]:
    """The channels of one step: a person's own; without a working one their team's; without those the environment's. And whether
    one of them knows the person and works in time; otherwise the inbox takes it as well.

    Empty: none at all. With `includes_team` (by the policy) the team's working channels come on top.

    An inbox that the system made (`is_fallback`) was nobody's choice, so it does not count as a person's own channel. Nor do
    broken channels, those that are throttled for too long, and those that do not know the person. Broken ones are tried again
    after a while, beside the working ones; so are throttled ones that become free within the window. Those that do not know
    the person are tried only where no other works, so that the log says what is missing.
    """
    environment = channels.of_environment.get(ENVIRONMENT_NAMES[kind])
    tiers: Sequence[Sequence[Channel]] = (
        [channel for channel in channels.of_user.get(user_id, ()) if not channel.is_fallback],
        channels.of_team.get(team_id, ()) if team_id is not None else (),
        (environment,) if environment else (),
    )
    route: list[Channel] = []
    strangers: list[Channel] = []
    for tier in tiers:
        left = [channel for channel in tier if channel.id not in without]
        asked = [channel for channel in left if knows(channel, person)]
        strangers += [channel for channel in left if works(channel) and not knows(channel, person)]
        route = [*_in_time_first(channels, asked, now, useful), *route]
        if any(is_in_time(channels, channel, useful) for channel in asked):
            break
    else:
        route += strangers
    of_team = tiers[1] if includes_team else ()
    known = {channel.id for channel in route}
    added = [channel for channel in of_team if works(channel) and knows(channel, person) and channel.id not in known]
    route += added
    return route, any(is_in_time(channels, channel, useful) and knows(channel, person) for channel in route)


def own_route(
    channels: Channels, user_id: int, now: datetime, useful: Usefulness | None = None, *, without: int | None = None
) -> list[Channel]:
    """A person's own channels that work in time, then those that are worth a try although they may not."""
    own = [
        channel for channel in channels.of_user.get(user_id, ()) if not channel.is_fallback and channel.id != without
    ]
    return _in_time_first(channels, own, now, useful)


def _in_time_first(
    channels: Channels, tier: Sequence[Channel], now: datetime, useful: Usefulness | None
) -> list[Channel]:
    return [
        *(channel for channel in tier if is_in_time(channels, channel, useful)),
        *(channel for channel in tier if is_worth_another_try(channel, now)),
        *(channel for channel in tier if is_late_but_useful(channels, channel, useful)),
    ]


def escalation_route(
    channels: Channels,
    *,
    team_id: int | None,
    planner_ids: Sequence[int],
    now: datetime,
    useful: Usefulness | None = None,
) -> list[Channel]:
    """The channels of a team and of its planners, each once. An inbox that the system made counts for planners whom no other
    channel reaches in time.
    """
    if team_id is None:
        return []
    route = _in_time_first(channels, channels.of_team.get(team_id, ()), now, useful)
    for planner in planner_ids:
        own = own_route(channels, planner, now, useful)
        route += own
        if not any(is_in_time(channels, channel, useful) for channel in own):
            route += [
                channel for channel in channels.of_user.get(planner, ()) if channel.is_fallback and works(channel)
            ]
    return list({found.id: found for found in route}.values())


def has_working(route: Sequence[Channel]) -> bool:
    return any(works(channel) for channel in route)
