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
from daka.database import execute
from daka.delivery import remedies
from daka.delivery.channels.registry import INBOX
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.grouping import Notification, Recipient, grouped, parts
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
from daka.delivery.routing import Usefulness, is_in_time, knows, own_route
from daka.identity.models import User
from daka.identity.teams import languages_of
from daka.languages import Language, said
from daka.reminders import claims
from daka.statements import among

ATTEMPTS_BEFORE_FAILOVER = 4
"""After this many failed attempts, some seconds after the first, other channels get the message too; this one keeps trying."""
HANDED_OVER_AT_ONCE = 100
_MAY_ARRIVE = and_(Delivery.next_attempt_at.is_not(None), Delivery.hand_over_at.is_not(None))
"""It waits, and no other channel has taken it over."""
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


async def late(session: AsyncSession) -> list[int]:
    """Deliveries that others should take over, because they still wait and little time is left; the first ones, by id."""
    asked = select(Delivery.id).where(Delivery.next_attempt_at.is_not(None), Delivery.hand_over_at <= clock.now())
    return list(await session.exec(asked.order_by(Delivery.hand_over_at, Delivery.id).limit(HANDED_OVER_AT_ONCE)))


async def hand_over_late(session: AsyncSession, delivery_ids: Sequence[int]) -> int:
    """Let others take over those of the deliveries that still wait, and that nobody holds. Returns how many."""
    asked = select(Delivery).where(Delivery.id.in_(delivery_ids), _MAY_ARRIVE).order_by(Delivery.id)
    waiting = (await session.exec(asked.with_for_update(skip_locked=True))).all()
    await fail_over_once(session, waiting)
    return len(waiting)


async def fail_over_once(session: AsyncSession, failed: Sequence[Delivery | OpenDelivery]) -> None:
    """Let other channels take over, once. What still waits is tried on."""
    if not failed:
        return
    done = sa.update(Delivery).where(among(Delivery.id, [each.id for each in failed]))
    await execute(session, done.values(hand_over_at=None))
    await fail_over(session, failed)


async def fail_over(session: AsyncSession, failed: Sequence[Delivery | OpenDelivery]) -> None:
    """Let other channels take over what these could not send, or not in time.

    Only people who have no delivery of the same step on another channel get one, on the channels that work now. A channel that
    others take over from at this step, or that is throttled, is none that works: two that fail would wait for each other. Whom
    none of them reaches, and no message that is on its way may reach yet, finds it in the inbox.
    """
    steps: dict[datetime, list[tuple[int, ReminderLine]]] = defaultdict(list)
    for each in failed:
        if each.occasion in NOTICES:
            await _keep_in_inbox(session, each)
            continue
        message = MessageContent.model_validate(each.message)
        if message.occasion is Occasion.ESCALATION:
            await _fail_over_escalation(session, each, message)
        elif message.occasion is Occasion.REMINDER:
            steps[each.due_at] += [(each.channel_id, line) for line in message.lines]
    for due_at, lines in steps.items():
        await _fail_over_step(session, due_at, lines)


async def _fail_over_step(session: AsyncSession, due_at: datetime, failed: Sequence[tuple[int, ReminderLine]]) -> None:
    """Each line with a channel that could not send it."""
    lines = {line.reminder_id: line for _, line in failed}
    now = clock.now()
    nagging = await claims.still_nagging(session, list(lines), now)
    channels = await load_channels(
        session,
        user_ids=[user.id for user in nagging.values()],
        team_ids={user.team_id for user in nagging.values() if user.team_id is not None},
    )
    tried = await _channels_that_have(session, list(nagging), due_at)
    for channel_id, line in failed:
        tried[line.reminder_id][channel_id] = DeliveryStatus.FAILED
    notifications = []
    for reminder_id, line in lines.items():
        if (user := nagging.get(reminder_id)) is None:
            continue
        fates = tried[reminder_id]
        useful = Usefulness.of(point_at=line.point_at, ends_at=line.ends_at, now=now)
        without = frozenset(found for found, fate in fates.items() if fate is DeliveryStatus.FAILED)
        route = await step_channels(
            session, channels, user.id, line.person, user.team_id, line.kind, now, useful=useful, without=without
        )
        takers = [
            channel
            for channel in route
            if channel.kind == INBOX.name or (is_in_time(channels, channel, useful) and knows(channel, line.person))
        ]
        new = [channel for channel in takers if channel.id not in fates]
        may_arrive = any(fates.get(channel.id) is DeliveryStatus.QUEUED for channel in takers)
        if not new and not may_arrive and DeliveryStatus.SENT not in fates.values():
            inbox = await ensure_inbox(session, user.id)
            new = [] if inbox.id in fates else [inbox]
        notifications.append(Notification(Occasion.REMINDER, line.kind, [Recipient(each) for each in new], line))
    for group in grouped(notifications):
        for part in parts(group.lines, group.people_per_message):
            queue(
                session,
                group.recipient.channel,
                MessageContent(occasion=Occasion.REMINDER, lines=tuple(part)),
                due_at=due_at,
                expires_at=max(line.ends_at for line in part),
            )
    await link_reminders(session)


async def _keep_in_inbox(session: AsyncSession, failed: Delivery | OpenDelivery) -> None:
    """Put a notice that one channel failed to send into the person's inbox, unless another one has sent it or still may."""
    channel = await session.get(Channel, failed.channel_id)
    if channel is None or channel.user_id is None:
        return
    owner = await session.get(User, channel.user_id)
    if owner is None or not owner.may_sign_in:
        return
    notice_key = failed.key.rpartition("-")[0]
    inbox = await ensure_inbox(session, channel.user_id)
    key = key_on(notice_key, inbox)
    elsewhere = select(Delivery.id).where(
        Delivery.key.startswith(f"{notice_key}-", autoescape=True),
        Delivery.channel_id.in_(select(Channel.id).where(Channel.user_id == owner.id)),
        Delivery.id != failed.id,
        or_(Delivery.key == key, Delivery.status == DeliveryStatus.SENT, _MAY_ARRIVE),
    )
    if failed.key == key or (await session.exec(elsewhere.limit(1))).first() is not None:
        return
    message = MessageContent.model_validate(failed.message)
    queue(session, inbox, message, due_at=failed.due_at, expires_at=clock.now() + NOTICE_USEFUL_FOR, key=key)
    await session.flush()


async def _fail_over_escalation(
    session: AsyncSession, failed: Delivery | OpenDelivery, message: MessageContent
) -> None:
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
    now = clock.now()
    useful = Usefulness.of(point_at=message.lines[0].point_at, ends_at=failed.expires_at, now=now)
    for owner_id in owners:
        if any(
            Recipient(found).destination != destination
            and is_in_time(channels, found, useful)
            and not all(tried[line.reminder_id].get(found.id) is DeliveryStatus.FAILED for line in message.lines)
            for found in own_route(channels, owner_id, now)
        ):
            continue
        inbox = await ensure_inbox(session, owner_id)
        if not all(inbox.id in tried[line.reminder_id] for line in message.lines):
            queue(session, inbox, message, due_at=failed.due_at, expires_at=failed.expires_at)
    await link_reminders(session)


async def _channels_that_have(
    session: AsyncSession, reminder_ids: Sequence[int], due_at: datetime, occasion: Occasion = Occasion.REMINDER
) -> dict[int, dict[int, DeliveryStatus]]:
    """For each reminder, the channels that have a delivery of this step or a later one: `sent`, `queued` or `failed`.

    One that is throttled, or that other channels took over from, counts as failed, although it keeps trying.
    """
    is_free = or_(Lane.throttled_until.is_(None), Lane.throttled_until <= clock.now())
    fate = sa.case(
        (Delivery.status == DeliveryStatus.SENT, 2),
        (and_(_MAY_ARRIVE, is_free), 1),
        else_=0,
    )
    asked = (
        select(DeliveryReminder.reminder_id, Delivery.channel_id, sa.func.max(fate))
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .join(Lane, Lane.key == Delivery.lane)
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
