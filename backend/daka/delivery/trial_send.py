"""Test sends, in the channel's lane and under its rate limit.

Of a saved channel it is a delivery like any other, and recorded. Of settings that are not saved nothing is kept but what
counts against the limits.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import cast

from pydantic import ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database
from daka.delivery import outbox, remedies
from daka.delivery.channels.kind import Rate
from daka.delivery.channels.people import rows_of_nobody
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.lanes import LEASE, LEASE_SAFE_FOR, MOST_COUNTED_SENDS, ClaimedLane, Job, Result, release_lanes
from daka.delivery.messages import MessageContent
from daka.delivery.models import Channel, DeliveryAttempt, DeliveryStatus, Lane, Occasion, Outcome
from daka.delivery.rate_limit import allowance, lane_allowance
from daka.delivery.recipients import mention_of, namesakes
from daka.delivery.records import count_calls_of, record, throttled_by
from daka.delivery.remedies import REMEDIES, remedy_text
from daka.delivery.schemas import Called, CalledPerson, ChannelTry
from daka.delivery.sender import Sender
from daka.delivery.service import own_channel, tried_channel
from daka.errors import Conflict, TooMany
from daka.identity.access import Principal
from daka.identity.models import MAY_SIGN_IN, User
from daka.identity.teams import languages_of
from daka.languages import Language, said
from daka.outbound.config import Config, readable
from daka.statements import insert_new

USEFUL_FOR = timedelta(minutes=1)
RETRY_SECONDS = 0.2
ATTEMPTS = 50


TRIES = Rate(10, timedelta(minutes=1))
"""So many tests of settings that are not saved may one person send."""


async def send_test(
    database: Database, sender: Sender, channel_id: int, by: Principal
) -> tuple[Result, Channel, Called]:
    """Send a test message that mentions the user, once, and record it like any other delivery; also whom reminders would call.

    Raises:
        NotFound: the user has no such channel.
        TooMany: the provider throttles the channel, or its rate limit is reached.
        Conflict: a sender keeps the channel's lane leased for too long.
    """

    async with database.read() as session:
        channel = await own_channel(session, channel_id, by)
    if await sender.leaves_to_others(channel):
        return await _sent_by_another(database, channel_id, by)

    async def claim(session: AsyncSession) -> ClaimedLane | None:
        channel = await own_channel(session, channel_id, by)
        return await _claimed(session, channel, by, is_kept=True)

    lane = await _when_free(database, claim)
    try:
        result = await sender.attempt(lane.jobs[0])
        lane.done.append(result)
    finally:
        async with database.write() as session:
            await record(session, lane.done, [lane])
    channel = lane.jobs[0].channel
    async with database.read() as session:
        return result, channel, await called_by(session, channel)


async def _sent_by_another(database: Database, channel_id: int, by: Principal) -> tuple[Result, Channel, Called]:
    """Queue the test for the process that holds the connection, and wait for what it records."""
    async with database.write() as session:
        channel, now = await own_channel(session, channel_id, by), clock.now()
        language = (await languages_of(session, [by.user]))[by.id]
        message = message_of_a_test(channel, by.user, language)
        delivery = outbox.queue(session, channel, message, due_at=now, expires_at=now + USEFUL_FOR)
        session.info.pop("unlinked", None)
        await session.flush()
        job = Job(delivery, channel, "", {}, language=language)
    verdict, latency = Verdict(Outcome.RETRY, "timeout", "no answer in time"), timedelta(0)
    for _ in range(ATTEMPTS):
        async with database.read() as session:
            recorded = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery.id)
            if (found := (await session.exec(recorded)).first()) is not None:
                hint = REMEDIES.get(found.hint, remedies.NONE)
                verdict = Verdict(found.outcome, found.provider_code, found.provider_message, hint)
                latency = timedelta(milliseconds=found.latency_ms)
                break
        await asyncio.sleep(RETRY_SECONDS)
    async with database.read() as session:
        return Result(job, verdict, now, latency), channel, await called_by(session, channel)


async def try_settings(
    database: Database, sender: Sender, asked: ChannelTry, by: Principal
) -> tuple[Result, Config, Called]:
    """The same for settings that are not saved: the same words, lane, guard and limits, but no trace of them is kept.

    Raises as `send_test` does, and:
        Invalid: the settings do not fit the kind.
        Forbidden, NotFound: the user may not save such a channel.
    """
    settings: list[Config] = []

    async def claim(session: AsyncSession) -> ClaimedLane | None:
        channel, config = await tried_channel(session, by, asked)
        person = await _locked_lane(session, f"tries-{by.id}")
        now = clock.now()
        free, again_at = allowance(TRIES, person.recent_sends, now)
        if not free and again_at is not None:
            raise _too_many(again_at, now)
        channel.lane = channel.lane or f"try-{by.id}"
        lane = await _claimed(session, channel, by, is_kept=False)
        if lane is not None:
            person.recent_sends = [*person.recent_sends, now.timestamp()][-TRIES.messages :]
            settings[:] = [config]
        return lane

    lane = await _when_free(database, claim)
    try:
        result = await sender.attempt(lane.jobs[0])
        lane.done.append(result)
    finally:
        async with database.write() as session:
            await count_calls_of(session, lane.done)
            await release_lanes(session, [lane], throttled_by(lane.done))
    async with database.read() as session:
        return result, settings[0], await called_by(session, lane.jobs[0].channel)


async def _when_free(database: Database, claim: Callable[[AsyncSession], Awaitable[ClaimedLane | None]]) -> ClaimedLane:
    """What `claim` leases, as soon as no sender has it."""
    for _ in range(ATTEMPTS):
        async with database.write() as session:
            if (lane := await claim(session)) is not None:
                return lane
        await asyncio.sleep(RETRY_SECONDS)
    raise Conflict("channel_busy", "Messages are being sent on this channel; try again in a moment")


async def _locked_lane(session: AsyncSession, key: str) -> Lane:
    await session.exec(insert_new(session, Lane).values(key=key, recent_sends=[], leased_by=""))
    return cast(Lane, await session.get(Lane, key, with_for_update=True, populate_existing=True))


async def _claimed(session: AsyncSession, channel: Channel, by: Principal, *, is_kept: bool) -> ClaimedLane | None:
    """The channel's lane, leased for one test; None while a sender has it."""
    lane = await _locked_lane(session, channel.lane)
    now = clock.now()
    if lane.throttled_until is not None and lane.throttled_until > now:
        raise _too_many(lane.throttled_until, now)
    if lane.leased_until is not None and lane.leased_until >= now:
        return None
    kind, recent = KINDS.get(channel.kind), list(lane.recent_sends)
    free, again_at = lane_allowance(kind, recent, now)
    if not free and again_at is not None:
        raise _too_many(again_at, now)
    language = (await languages_of(session, [by.user]))[by.id]
    message = message_of_a_test(channel, by.user, language)
    if is_kept:
        delivery = outbox.queue(session, channel, message, due_at=now, expires_at=now + USEFUL_FOR)
        session.info.pop("unlinked", None)  # a test is about nobody's reminder
    else:
        delivery = outbox.unsaved(channel, message, due_at=now, expires_at=now + USEFUL_FOR)
    delivery.status = DeliveryStatus.SENDING
    lane.leased_until, lane.leased_by, lane.throttled_until = now + LEASE, f"test/{secrets.token_hex(8)}", None
    if kind and kind.rate:
        lane.recent_sends = [*recent, now.timestamp()][-MOST_COUNTED_SENDS:]
    await session.flush()
    safe_until = asyncio.get_running_loop().time() + LEASE_SAFE_FOR.total_seconds()
    job = Job(delivery, channel, lane.leased_by, {}, language=language)
    return ClaimedLane(lane.key, lane.leased_by, lane.leased_until, safe_until, recent, [job])


def message_of_a_test(channel: Channel, by: User, language: Language) -> MessageContent:
    """The test of a channel, in the language of the person who asked for it. It mentions them."""
    name = channel.name
    return MessageContent(
        occasion=Occasion.TEST,
        title=said(("打卡 · 测试消息", "Daka · test message"), language),
        text=said((f"「{name}」可以收到打卡提醒。", f"“{name}” can receive reminders."), language),
        mentions=(mention_of(by),),
    )


def _too_many(until: datetime, now: datetime) -> TooMany:
    return TooMany("channel_throttled", int((until - now).total_seconds()) + 1, "This channel's rate limit is used up")


# --- whom reminders would call ---


async def called_by(session: AsyncSession, channel: Channel) -> Called:
    """Each of the people whose reminders a channel carries: its team's, or its owner. Nobody, if its settings cannot be used."""
    kind = KINDS[channel.kind]
    try:
        config = kind.parsed({**channel.config, **readable(session, channel.sealed_secrets)})
    except ValidationError:
        return Called(people=[], rows_of_nobody=[])
    users = await _served(session, channel)
    alike = await namesakes(session, [] if channel.team_id is None else [channel.team_id])
    mentions = [mention_of(user, has_namesake=user.id in alike) for user in users]
    calls = [(user, kind.call(config, mention)) for user, mention in zip(users, mentions, strict=True)]
    people = [
        CalledPerson(
            user_id=user.id,
            name=user.display_name,
            is_called=bool(call.id),
            reason=call.reason or "",
            reason_text=remedy_text(call.reason or ""),
        )
        for user, call in calls
        if call is not None
    ]
    return Called(people=people, rows_of_nobody=rows_of_nobody(getattr(config, "people", None), mentions))


async def _served(session: AsyncSession, channel: Channel) -> list[User]:
    whose = User.team_id == channel.team_id if channel.team_id is not None else User.id == channel.user_id
    return list(await session.exec(select(User).where(whose, MAY_SIGN_IN).order_by(User.display_name, User.id)))
