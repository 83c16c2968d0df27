"""Who shares a message: notifications grouped by destination, and cut to what one message may hold. Pure.

Sending and the preview both group with these functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import Mention
from daka.delivery.models import Channel, Occasion
from daka.delivery.routing import Channels, Usefulness, escalation_route
from daka.identity.models import User
from daka.shifts.times import PunchKind

MOST_IN_ONE_REPORT = 50
"""People in one escalation of a kind whose reminders are for one person each."""

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel that a message takes, and who reads it there, where the kind sends to persons."""

    channel: Channel
    reader: Mention | None = None

    @property
    def destination(self) -> str:
        """De-duplication key: an escalation is sent once per destination."""
        if self.reader is not None:
            return f"{self.channel.lane} {self.reader.dingtalk_userid}"
        return self.channel.audience or str(self.channel.id)


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the people of one message have in common."""

    destination: str
    occasion: Occasion
    kind: PunchKind


@dataclass(frozen=True, slots=True)
class Notification(Generic[Line]):
    """One person's punch point, and who receives a message about it. `line` stands for it in the message."""

    occasion: Occasion
    kind: PunchKind
    recipients: Sequence[Recipient]
    line: Line


@dataclass(frozen=True, slots=True)
class Group(Generic[Line]):
    """The lines of one recipient's message."""

    key: GroupKey
    recipient: Recipient
    lines: list[Line] = field(default_factory=list)

    @property
    def people_per_message(self) -> int:
        kind = KINDS[self.recipient.channel.kind]
        is_report = self.key.occasion is Occasion.ESCALATION and kind.sends_to_persons
        return MOST_IN_ONE_REPORT if is_report else kind.people_per_message


def group_key(occasion: Occasion, kind: PunchKind, recipient: Recipient) -> GroupKey:
    """Reminders share a message within one channel; escalations also across channels with one destination."""
    destination = recipient.destination if occasion is Occasion.ESCALATION else str(recipient.channel.id)
    return GroupKey(destination, occasion, kind)


def grouped(notifications: Iterable[Notification[Line]]) -> list[Group[Line]]:
    """One group per key, in the order in which the keys come."""
    groups: dict[GroupKey, Group[Line]] = {}
    for found in notifications:
        for recipient in found.recipients:
            key = group_key(found.occasion, found.kind, recipient)
            groups.setdefault(key, Group(key, recipient)).lines.append(found.line)
    return list(groups.values())


def parts(lines: Sequence[Line], size: int) -> list[Sequence[Line]]:
    """The lines of each message, at most `size` in one."""
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def escalation_recipients(
    channels: Channels,
    team_id: int | None,
    planners: Mapping[int, Sequence[User]],
    now: datetime,
    useful: Usefulness | None = None,
) -> list[Recipient]:
    """The channels of a team and of its planners, each destination once; readers where a kind sends to planners."""
    team_planners = planners.get(team_id or 0, ())
    recipients: dict[str, Recipient] = {}
    ids = [planner.id for planner in team_planners]
    for channel in escalation_route(channels, team_id=team_id, planner_ids=ids, now=now, useful=useful):
        readers: list[Mention] = []
        if KINDS[channel.kind].goes_by_profile:
            readers = [
                Mention(planner.display_name, planner.mobile, planner.dingtalk_userid, user_id=planner.id)
                for planner in team_planners
                if channel.user_id in (None, planner.id) and planner.dingtalk_userid
            ]
        for recipient in [Recipient(channel, reader) for reader in readers] or [Recipient(channel)]:
            recipients.setdefault(recipient.destination, recipient)
    return list(recipients.values())
