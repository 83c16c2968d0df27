"""Test sends: a delivery like any other, in the channel's lane, under its rate limit, and recorded."""

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database
from daka.delivery import outbox
from daka.delivery.calls import called_by
from daka.delivery.channels.registry import KINDS
from daka.delivery.lanes import LEASE, LEASE_SAFE_FOR, MOST_COUNTED_SENDS, ClaimedLane, Job, Result
from daka.delivery.messages import Mention, MessageContent
from daka.delivery.models import Channel, DeliveryStatus, Lane, Occasion
from daka.delivery.rate_limit import lane_allowance
from daka.delivery.records import record
from daka.delivery.schemas import Called
from daka.delivery.sender import Sender
from daka.delivery.service import own_channel
from daka.errors import Conflict, TooMany
from daka.identity.access import Principal
from daka.identity.models import User

USEFUL_FOR = timedelta(minutes=1)
RETRY_SECONDS = 0.2
ATTEMPTS = 50


async def send_test(
    database: Database, sender: Sender, channel_id: int, by: Principal
) -> tuple[Result, Channel, Called]:
    """Send a test message that mentions the user, once, and record it like any other delivery; also whom reminders would call.

    Raises:
        NotFound: the user has no such channel.
        TooMany: the provider throttles the channel, or its rate limit is reached.
        Conflict: a sender keeps the channel's lane leased for too long.
    """
    for _ in range(ATTEMPTS):
        async with database.write() as session:
            if (lane := await _claimed(session, channel_id, by)) is not None:
                break
        await asyncio.sleep(RETRY_SECONDS)
    else:
        raise Conflict("channel_busy", "Messages are being sent on this channel; try again in a moment")
    try:
        result = await sender.attempt(lane.jobs[0])
        lane.done.append(result)
    finally:
        async with database.write() as session:
            await record(session, lane.done, [lane])
    channel = lane.jobs[0].channel
    async with database.read() as session:
        return result, channel, await called_by(session, channel)


async def _claimed(session: AsyncSession, channel_id: int, by: Principal) -> ClaimedLane | None:
    """The channel's lane, leased for one test; None while a sender has it."""
    channel = await own_channel(session, channel_id, by)
    lane = cast(Lane, await session.get(Lane, channel.lane, with_for_update=True, populate_existing=True))
    now = clock.now()
    if lane.throttled_until is not None and lane.throttled_until > now:
        raise _too_many(lane.throttled_until, now)
    if lane.leased_until is not None and lane.leased_until >= now:
        return None
    kind, recent = KINDS.get(channel.kind), list(lane.recent_sends)
    free, again_at = lane_allowance(kind, recent, now)
    if not free and again_at is not None:
        raise _too_many(again_at, now)
    delivery = outbox.queue(
        session, channel, message_of_a_test(channel, by.user), due_at=now, expires_at=now + USEFUL_FOR
    )
    delivery.status = DeliveryStatus.SENDING
    lane.leased_until, lane.leased_by, lane.throttled_until = now + LEASE, f"test/{secrets.token_hex(8)}", None
    if kind and kind.rate:
        lane.recent_sends = [*recent, now.timestamp()][-MOST_COUNTED_SENDS:]
    session.add(lane)
    session.info.pop("unlinked", None)  # a test is about nobody's reminder
    await session.flush()
    safe_until = asyncio.get_running_loop().time() + LEASE_SAFE_FOR.total_seconds()
    job = Job(delivery, channel, lane.leased_by, frozenset())
    return ClaimedLane(lane.key, lane.leased_by, lane.leased_until, safe_until, recent, [job])


def message_of_a_test(channel: Channel, by: User) -> MessageContent:
    """The test of a channel. It mentions the person who asked for it."""
    return MessageContent(
        occasion=Occasion.TEST,
        title="打卡 · 测试消息",
        text=f"「{channel.name}」可以收到打卡提醒。",
        mentions=(Mention(by.display_name, by.mobile, by.dingtalk_userid),),
    )


def _too_many(until: datetime, now: datetime) -> TooMany:
    return TooMany("channel_throttled", int((until - now).total_seconds()) + 1, "This channel's rate limit is used up")
