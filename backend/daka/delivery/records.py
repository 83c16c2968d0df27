"""Records results, many in one transaction, and starts failover when a channel is broken or too slow."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import execute
from daka.delivery import failover
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.lanes import LONGEST_THROTTLING, ClaimedLane, OpenDelivery, Result, lease_holders, release_lanes
from daka.delivery.messages import MessageContent, ReminderLine
from daka.delivery.models import (
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryAttempt,
    DeliveryCard,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    Occasion,
    Outcome,
)
from daka.delivery.outbox import note_failures
from daka.delivery.rate_limit import retry_at
from daka.delivery.sender import SendResult
from daka.outbound.quota import count_calls
from daka.statements import insert_new, insert_rows, update_rows

log = logging.getLogger(__name__)

FIRST_POLL_AFTER = timedelta(seconds=20)
"""When a message's receipt is polled first."""
THROTTLED_WAIT = timedelta(minutes=1)
"""How long a lane is throttled when the provider does not say."""
_IS_NOT_SENT = Delivery.status != DeliveryStatus.SENT
_IS_BEING_SENT = Delivery.status == DeliveryStatus.SENDING
SHORTEST_THROTTLING = timedelta(seconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


async def record(session: AsyncSession, results: Sequence[Result], finished: Sequence[ClaimedLane]) -> None:
    """Record the results of jobs and release their lanes, many in one transaction.

    A process that has lost its lease may only record that a message arrived; failures are for the present holder to record.
    """
    lanes = {result.job.delivery.lane for result in results} | {lane.key for lane in finished}
    leases = await lease_holders(session, lanes)
    mine = [result for result in results if leases.get(result.job.delivery.lane) == result.job.lease]
    sent = [result for result in results if result.outcome is Outcome.DONE]
    others = [result for result in mine if result.outcome is not Outcome.DONE]
    for some, condition in ((sent, _IS_NOT_SENT), (others, _IS_BEING_SENT)):
        await update_rows(session, Delivery, [_delivery_row(result) for result in some], by=("id",), where=condition)
    for result in sent:
        if result.lines is not None:
            await _say_what_was_sent(session, result.job.delivery, result.lines)
    attempts = [
        attempt_row(result.job.delivery.id, result.at, result.verdict, result.latency)
        for result in results
        if result.verdict is not None
    ]
    await insert_rows(session, DeliveryAttempt, attempts)
    refused = [it.job.delivery.id for it in results if it.verdict is not None and it.outcome is not Outcome.DONE]
    await note_failures(session, refused, refused_at=clock.now())
    await note_failures(session, [result.job.delivery.id for result in others if result.verdict is None])
    if accepted := [result for result in sent if result.verdict and result.verdict.ticket]:
        await execute(session, sa.insert(DeliveryReceipt), [_receipt_row(result) for result in accepted])
    if cards := [result for result in sent if result.verdict and result.verdict.card]:
        await execute(session, insert_new(session, DeliveryCard), [_card_row(result) for result in cards])
    await count_calls_of(session, results)
    for result in results:
        publish(session, Topic.DELIVERY, team_id=result.job.channel.team_id, user_id=result.job.channel.user_id)
        if result.message is not None and result.outcome is Outcome.DONE:
            await KINDS[result.job.channel.kind].keep(session, result.job.channel, result.message)
    throttled = throttled_by(mine)
    await release_lanes(session, finished, throttled)
    recovered = {
        result.job.channel.id
        for result in sent
        if result.job.channel.status is not ChannelStatus.OK or result.job.channel.status_at is None
    }
    if recovered:
        now = clock.now()
        works = {
            "status": ChannelStatus.OK,
            "status_reason": "",
            "status_hint": "",
            "status_since": now,
            "status_at": now,
        }
        await session.exec(sa.update(Channel).where(Channel.id.in_(recovered)).values(**works))
    broken = {result.job.channel.id: result for result in mine if result.outcome is Outcome.BROKEN_CHANNEL}
    for result in broken.values():
        await mark_broken(session, result.job.channel, cast(Verdict, result.verdict))
    await failover.fail_over_once(session, await _to_hand_over(session, mine, throttled))


async def _say_what_was_sent(
    session: AsyncSession, delivery: Delivery | OpenDelivery, lines: Sequence[ReminderLine]
) -> None:
    """Who answered while the message waited is not in it, and who moved is told of another punch point."""
    message = MessageContent.model_validate(delivery.message).model_copy(update={"lines": tuple(lines)})
    its = sa.update(Delivery).where(Delivery.id == delivery.id)
    await execute(session, its.values(message=message.model_dump(mode="json")))
    left_out = DeliveryReminder.reminder_id.not_in([line.reminder_id for line in lines])
    await execute(session, sa.delete(DeliveryReminder).where(DeliveryReminder.delivery_id == delivery.id, left_out))


def throttled_by(results: Sequence[Result]) -> dict[str, datetime]:
    """The lanes that their providers throttle, and until when."""
    return {
        result.job.delivery.lane: result.at + _throttle_time(result.verdict)
        for result in results
        if result.outcome is Outcome.THROTTLED
    }


async def count_calls_of(session: AsyncSession, results: Sequence[Result | SendResult]) -> None:
    """Count the attempts against their apps' monthly calls."""
    used: Counter[str] = Counter()
    for result in results:
        if result.budget is not None and result.calls:
            used[result.budget.account] += result.calls
    for account, calls in sorted(used.items()):
        await count_calls(session, account, calls)


async def _to_hand_over(
    session: AsyncSession, results: Sequence[Result], throttled: Mapping[str, datetime]
) -> list[Delivery | OpenDelivery]:
    """Deliveries that other channels should take over: failed, failing repeatedly, or throttled for too long."""
    found: dict[int, Delivery | OpenDelivery] = {}
    for result in results:
        attempts = result.job.delivery.attempt_count + 1
        keeps_failing = result.outcome is Outcome.RETRY and attempts == failover.ATTEMPTS_BEFORE_FAILOVER
        if keeps_failing or _delivery_row(result)["status"] is DeliveryStatus.FAILED:
            found[result.job.delivery.id] = result.job.delivery
    if throttled:
        waiting = select(Delivery).where(Delivery.lane.in_(throttled), Delivery.next_attempt_at.is_not(None))
        for delivery in await session.exec(waiting):
            if delivery.hand_over_at is not None and delivery.hand_over_at <= throttled[delivery.lane]:
                found[delivery.id] = delivery
    return list(found.values())


def _receipt_row(result: Result) -> dict[str, Any]:
    sent_at = result.at + result.latency
    return {
        "delivery_id": result.job.delivery.id,
        "ticket": cast(Verdict, result.verdict).ticket,
        "sent_at": sent_at,
        "poll_at": sent_at + FIRST_POLL_AFTER,
        "polls": 0,
    }


def _card_row(result: Result) -> dict[str, Any]:
    return {
        "delivery_id": result.job.delivery.id,
        "card": cast(Verdict, result.verdict).card[:200],
        "shown": "",
        "seen_at": result.at,
        "next_try_at": result.at,
        "tries": 0,
    }


def attempt_row(
    delivery_id: int | None, at: datetime, verdict: Verdict, latency: timedelta, *, is_receipt: bool = False
) -> dict[str, Any]:
    """A provider's answer as a row of the log."""
    return {
        "delivery_id": delivery_id,
        "at": at,
        "outcome": verdict.outcome,
        "http_status": verdict.http_status,
        "provider_code": storable(verdict.provider_code)[:64],
        "provider_message": storable(verdict.provider_message)[:400],
        "hint": verdict.hint,
        "latency_ms": int(latency.total_seconds() * 1000),
        "is_receipt": is_receipt,
    }


def storable(text: str) -> str:
    """A provider's text without what a database refuses: NUL (PostgreSQL) and lone surrogates (not UTF-8)."""
    return _UNSTORABLE.sub("\ufffd", text)


def _throttle_time(verdict: Verdict | None) -> timedelta:
    asked = (verdict and verdict.retry_after) or THROTTLED_WAIT
    return min(max(asked, SHORTEST_THROTTLING), LONGEST_THROTTLING)


def _delivery_row(result: Result) -> dict[str, Any]:
    delivery, verdict = result.job.delivery, result.verdict
    attempts = delivery.attempt_count + (verdict is not None)
    values: dict[str, Any] = {
        "id": delivery.id,
        "status": DeliveryStatus.EXPIRED,
        "next_attempt_at": None,
        "attempt_count": attempts,
        "sent_at": None,
        "is_late": result.is_late,
    }
    match result.outcome:
        case Outcome.DONE:
            values |= {"status": DeliveryStatus.SENT, "sent_at": result.at + result.latency}
        case Outcome.RETRY:
            values |= _again(delivery, DeliveryStatus.QUEUED, retry_at(result.at + result.latency, attempts))
        case Outcome.THROTTLED:
            values |= _again(delivery, DeliveryStatus.THROTTLED, result.at + _throttle_time(verdict))
        case Outcome.BROKEN_CHANNEL | Outcome.BAD_MESSAGE:
            values |= {"status": DeliveryStatus.FAILED}
    return values


def _again(delivery: Delivery | OpenDelivery, status: DeliveryStatus, at: datetime) -> dict[str, Any]:
    """Wait for the next attempt, or fail if that would be after the delivery expires."""
    if at >= delivery.expires_at or delivery.occasion is Occasion.TEST:  # the tester is waiting for the answer
        return {"status": DeliveryStatus.FAILED}
    return {"status": status, "next_attempt_at": at}


async def hand_over_waiting(session: AsyncSession, channel: Channel) -> None:
    """End what waits in a channel that was switched off or removed: other channels take it over, and the log says why.

    What is being sent just now ends as its provider answers; what would be tried again ends in `Sender.attempt`.
    """
    if not failover.is_off(channel):
        return
    asked = select(Delivery).where(
        Delivery.channel_id == channel.id,
        Delivery.next_attempt_at.is_not(None),
        Delivery.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.THROTTLED)),
    )
    waiting = list(await session.exec(asked.order_by(Delivery.id).with_for_update()))
    now = clock.now()
    for delivery in waiting:
        delivery.status, delivery.next_attempt_at = DeliveryStatus.FAILED, None
        session.add(delivery)
    await session.flush()
    await note_failures(session, [delivery.id for delivery in waiting], refused_at=now)
    rows = [attempt_row(delivery.id, now, failover.CHANNEL_OFF, timedelta(0)) for delivery in waiting]
    await insert_rows(session, DeliveryAttempt, rows)
    publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
    await failover.fail_over(session, waiting)


async def mark_broken(session: AsyncSession, channel: Channel, verdict: Verdict) -> None:
    """Mark a channel as broken, and alert its owner if it was not marked before."""
    row = cast(Channel, await session.get(Channel, channel.id, with_for_update=True))
    is_new = row.status is not ChannelStatus.BROKEN
    row.status = ChannelStatus.BROKEN
    row.status_reason = storable(f"{verdict.provider_code} {verdict.provider_message}".strip())[:400]
    row.status_hint = verdict.hint
    row.status_at = clock.now()
    if is_new:
        row.status_since = row.status_at
        log.warning(
            "Channel %s is broken",
            row.id,
            extra={"fields": {"channel_id": row.id, "kind": row.kind, "provider_code": verdict.provider_code}},
        )
        await failover.alert_about_broken(session, row)
