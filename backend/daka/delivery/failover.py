"""When a channel does not work: its owner is alerted, and its messages go over other channels."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.change_events import Topic, publish
from daka.delivery import remedies
from daka.delivery.channels.registry import INBOX
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.grouping import Recipient
from daka.delivery.lanes import OpenDelivery
from daka.delivery.messages import MessageContent, ReminderLine
from daka.delivery.models import Channel, Delivery, DeliveryReminder, DeliveryStatus, Lane, Occasion, Outcome
from daka.delivery.outbox import key_on, link_reminders, queue
from daka.delivery.recipients import (
    administrators,
    ensure_inbox,
    load_channels,
    personal_channels,
    planners_of,
    step_channels,
)
from daka.delivery.routing import Usefulness, arrives, is_in_time, own_route
from daka.identity.models import User
from daka.identity.teams import languages_of
from daka.languages import Language, said
from daka.reminders import claims

ATTEMPTS_BEFORE_FAILOVER = 4
"""After this many failed attempts, some seconds after the first, other channels get the message too; this one keeps trying."""
ALERT_USEFUL_FOR = timedelta(hours=1)
NOTICE_USEFUL_FOR = timedelta(hours=12)
"""A notice that a channel failed to send is kept in the inbox for this long."""
NOTICES = (Occasion.ROSTER, Occasion.ALERT, Occasion.BACKUP)
"""What concerns one person and no punch point."""
CHANNEL_OFF = Verdict(
    Outcome.BAD_MESSAGE,
    "channel_off",
    "the channel was switched off or removed, or its owner is gone",
    remedies.CHANNEL_OFF,
)
"""What the log says of messages that waited in such a channel."""


def is_off(channel: Channel) -> bool:
    """Whether nothing goes out over it any more. An inbox that is switched off still takes what nothing else can."""
    return (not channel.is_enabled or channel.deleted_at is not None) and channel.kind != INBOX.name


async def alert_about_broken(session: AsyncSession, channel: Channel) -> None:
    """Alert the owner of a broken channel over other channels: the person, or the team's planners."""
    now = clock.now()
    if channel.user_id is not None:
        owners = [channel.user_id]
    elif channel.team_id is not None:
        owners = [planner.id for planner in (await planners_of(session, {channel.team_id}))[channel.team_id]]
    else:
        owners = []
    if not owners:
        owners = [admin.id for admin in await administrators(session)]
    channels = await load_channels(session, user_ids=owners, team_ids=[])
    people = {user.id: user for user in await session.exec(select(User).where(User.id.in_(owners)))}
    languages = await languages_of(session, people.values())
    for owner_id in owners:
        message = broken_alert(channel, languages[owner_id])
        key = f"{alert_prefix(channel)}{security.new_token()[:16]}"
        route = await personal_channels(
            session, channels, owner_id, now, useful_for=ALERT_USEFUL_FOR, without=channel.id
        )
        for found in route:
            queue(session, found, message, due_at=now, expires_at=now + ALERT_USEFUL_FOR, key=key_on(key, found))
    publish(session, Topic.CHANNEL, team_id=channel.team_id, user_id=channel.user_id)
    await link_reminders(session)


def broken_alert(channel: Channel, language: Language) -> MessageContent:
    """That a channel does not work, with its provider's words."""
    name, reason = channel.name, channel.status_reason
    title = (f"通知渠道「{name}」发不出去", f"Channel “{name}” cannot send")
    text = (
        f"服务商返回：{reason or '没有说明'}。修复之前，提醒会改用其他渠道发送。",
        f"Its provider says: {reason or 'nothing'}. Until it is mended, reminders go through other channels.",
    )
    return MessageContent(occasion=Occasion.ALERT, title=said(title, language), text=said(text, language))


def alert_prefix(channel: Channel) -> str:
    """How the keys of the alerts about a channel begin."""
    return f"channel-{channel.id}-"


async def fail_over(session: AsyncSession, failed: Delivery | OpenDelivery) -> int:
    """Let other channels take over what one could not send, or not in time. Returns the number of new deliveries.

    Only people who have no delivery of the same step on another channel get one, on the channels that work now. A channel that
    fails at this step as well, or is throttled, is none that works: two that fail would wait for each other. Whom none of them
    reaches, and no message that is on its way may reach yet, finds it in the inbox.
    """
    if failed.occasion in NOTICES:
        return await _keep_in_inbox(session, failed)
    message = MessageContent.model_validate(failed.message)
    if message.occasion is Occasion.ESCALATION:
        return await _fail_over_escalation(session, failed, message)
    if message.occasion is not Occasion.REMINDER or not message.lines:
        return 0
    now = clock.now()
    nagging = await claims.still_nagging(session, [line.reminder_id for line in message.lines], now)
    channels = await load_channels(
        session,
        user_ids=[user.id for user in nagging.values()],
        team_ids={user.team_id for user in nagging.values() if user.team_id is not None},
    )
    in_trouble = await _channels_in_trouble(session, list(nagging), failed.due_at)
    tried = await _channels_that_have(session, list(nagging), failed.due_at)
    groups: dict[int, list[ReminderLine]] = defaultdict(list)
    by_id: dict[int, Channel] = {}
    for line in message.lines:
        if (user := nagging.get(line.reminder_id)) is None:
            continue
        useful = Usefulness.of(point_at=line.point_at, ends_at=line.ends_at, now=now)
        without = frozenset({failed.channel_id}) | in_trouble[line.reminder_id]
        fates = tried[line.reminder_id]
        route = await step_channels(
            session, channels, user.id, line.person, user.team_id, line.kind, now, useful=useful, without=without
        )
        takers = [
            channel
            for channel in route
            if channel.kind == INBOX.name or arrives(channels, [channel], line.person, useful)
        ]
        new = [channel for channel in takers if channel.id not in fates]
        may_arrive = any(fates[channel.id] is DeliveryStatus.QUEUED for channel in takers if channel.id in fates)
        if not new and not may_arrive and DeliveryStatus.SENT not in fates.values():
            inbox = await ensure_inbox(session, user.id)
            new = [] if inbox.id in fates else [inbox]
        for channel in new:
            by_id[channel.id] = channel
            groups[channel.id].append(line)
    for channel_id, lines in groups.items():
        queue(
            session,
            by_id[channel_id],
            MessageContent(occasion=Occasion.REMINDER, lines=tuple(lines)),
            due_at=failed.due_at,
            expires_at=max(line.ends_at for line in lines),
        )
    await link_reminders(session)
    return len(groups)


async def _keep_in_inbox(session: AsyncSession, failed: Delivery | OpenDelivery) -> int:
    """Put a notice that one channel failed to send into the person's inbox, unless another one has sent it or still may."""
    channel = await session.get(Channel, failed.channel_id)
    if channel is None or channel.user_id is None:
        return 0
    owner = await session.get(User, channel.user_id)
    if owner is None or not owner.may_sign_in:
        return 0
    notice_key = failed.key.rpartition("-")[0]
    inbox = await ensure_inbox(session, channel.user_id)
    key = key_on(notice_key, inbox)
    elsewhere = select(Delivery.id).where(
        Delivery.key.startswith(f"{notice_key}-", autoescape=True),
        Delivery.channel_id.in_(select(Channel.id).where(Channel.user_id == owner.id)),
        Delivery.id != failed.id,
        or_(Delivery.key == key, Delivery.status.not_in((DeliveryStatus.FAILED, DeliveryStatus.EXPIRED))),
    )
    if failed.key == key or (await session.exec(elsewhere.limit(1))).first() is not None:
        return 0
    message = MessageContent.model_validate(failed.message)
    queue(session, inbox, message, due_at=failed.due_at, expires_at=clock.now() + NOTICE_USEFUL_FOR, key=key)
    await session.flush()
    return 1


async def _fail_over_escalation(session: AsyncSession, failed: Delivery | OpenDelivery, message: MessageContent) -> int:
    """Put an escalation that a planner's channel failed to send into their inbox, unless another channel of theirs works.

    One message may have stood for several planners' channels with one destination. An escalation that a team's own channel
    fails to send reaches its planners anyway.
    """
    planners = await planners_of(session, {line.team_id for line in message.lines})
    channel = cast(Channel, await session.get(Channel, failed.channel_id))
    destination = Recipient(channel).destination
    is_shared = bool(channel.audience) and not message.readers
    at_destination = select(Channel.user_id).where(
        Channel.audience == channel.audience if is_shared else Channel.id == channel.id,
        Channel.user_id.in_({planner.id for found in planners.values() for planner in found}),
        or_(Channel.id == channel.id, and_(Channel.is_enabled == sa.true(), Channel.deleted_at.is_(None))),
    )
    owners = sorted(cast(set[int], set(await session.exec(at_destination))))
    channels = await load_channels(session, user_ids=owners, team_ids=[])
    tried = await _channels_that_have(
        session, [line.reminder_id for line in message.lines], failed.due_at, Occasion.ESCALATION
    )
    kept, now = 0, clock.now()
    useful = Usefulness.of(point_at=message.lines[0].point_at, ends_at=failed.expires_at, now=now)
    for owner_id in owners:
        own = [found for found in own_route(channels, owner_id, now) if is_in_time(channels, found, useful)]
        if any(Recipient(found).destination != destination for found in own):
            continue
        inbox = await ensure_inbox(session, owner_id)
        if not all(inbox.id in tried[line.reminder_id] for line in message.lines):
            queue(session, inbox, message, due_at=failed.due_at, expires_at=failed.expires_at)
            kept += 1
    await link_reminders(session)
    return kept


async def _channels_that_have(
    session: AsyncSession, reminder_ids: Sequence[int], due_at: datetime, occasion: Occasion = Occasion.REMINDER
) -> dict[int, dict[int, DeliveryStatus]]:
    """For each reminder, the channels that have a delivery of this step or a later one: `sent`, `queued` or `failed`.

    One that other channels took over from counts as failed, although it keeps trying.
    """
    may_arrive = sa.and_(Delivery.next_attempt_at.is_not(None), Delivery.attempt_count < ATTEMPTS_BEFORE_FAILOVER)
    fate = sa.case(
        (Delivery.status == DeliveryStatus.SENT, 2),
        (may_arrive, 1),
        else_=0,
    )
    asked = (
        select(DeliveryReminder.reminder_id, Delivery.channel_id, sa.func.max(fate))
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .where(
            DeliveryReminder.reminder_id.in_(reminder_ids),
            Delivery.due_at >= due_at,
            Delivery.occasion == occasion,
        )
        .group_by(DeliveryReminder.reminder_id, Delivery.channel_id)
    )
    found: dict[int, dict[int, DeliveryStatus]] = defaultdict(dict)
    for reminder_id, channel_id, best in await session.exec(asked):
        found[reminder_id][channel_id] = (DeliveryStatus.FAILED, DeliveryStatus.QUEUED, DeliveryStatus.SENT)[best]
    return found


async def _channels_in_trouble(
    session: AsyncSession, reminder_ids: Sequence[int], due_at: datetime
) -> dict[int, set[int]]:
    """For each reminder, the channels that have failed to send this step several times, or are throttled with it."""
    asked = (
        select(DeliveryReminder.reminder_id, Delivery.channel_id)
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .join(Lane, Lane.key == Delivery.lane)
        .where(
            DeliveryReminder.reminder_id.in_(reminder_ids),
            Delivery.due_at >= due_at,
            Delivery.occasion == Occasion.REMINDER,
            Delivery.status != DeliveryStatus.SENT,
            or_(Delivery.attempt_count >= ATTEMPTS_BEFORE_FAILOVER - 1, Lane.throttled_until > clock.now()),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for reminder_id, channel_id in await session.exec(asked):
        found[reminder_id].add(channel_id)
    return found
