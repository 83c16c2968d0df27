"""Sends queued deliveries: claim lanes with a lease, send, record the answer. A crash at any point loses nothing.

A *lane* is one robot, address or key. A sender leases lanes, not deliveries, so that whatever goes to one robot is sent in
order and under one rate limit, however many processes there are. When a sender dies its leases run out, and another one goes
on with the same idempotency keys.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.announcements import Topic, announce
from daka.database import Database, execute
from daka.delivery import outbox
from daka.delivery.channels.inbox import Inbox
from daka.delivery.channels.kind import Rate, Verdict, verdict_without_answer
from daka.delivery.channels.registry import KINDS
from daka.delivery.http import OVERALL_SECONDS, NoAnswer, Outbound
from daka.delivery.messages import Line, Message, Note, note
from daka.delivery.models import (
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryAttempt,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    Outcome,
)
from daka.errors import ConfigurationError
from daka.reminders.links import link
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN
from daka.security import SecretBox
from daka.settings import Settings

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
DELIVERIES_PER_LANE = 20
RETRIES_WAIT = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts; the last one repeats until the delivery expires."""
MOST_COUNTED_SENDS = 100
THROTTLED_WAIT = timedelta(minutes=1)
"""How long a lane is held when the provider does not say."""


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery with everything that an attempt needs, read in the claim's transaction."""

    delivery: Delivery
    channel: Channel
    open_lines: tuple[Line, ...]
    """Those whose reminders are still open."""


@dataclass(slots=True)
class ClaimedLane:
    """A leased lane and what waits in it."""

    key: str
    leased_until: datetime
    recent_sends: list[float]
    jobs: list[Job] = field(default_factory=list)
    done: "list[Result]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job."""

    job: Job
    verdict: Verdict | None
    """None: nothing was sent, because nobody needed it any more or its time was over."""
    at: datetime
    latency: timedelta
    is_late: bool = False


def retry_at(now: datetime, attempts: int, chance: Callable[[], float] = random.random) -> datetime:
    """When to try again after so many attempts: exponential, with a quarter of jitter."""
    wait = RETRIES_WAIT[min(attempts, len(RETRIES_WAIT)) - 1]
    return now + timedelta(seconds=wait * (1 + chance() / 4))


def allowance(rate: Rate | None, recent_sends: Sequence[float], now: datetime) -> tuple[int, datetime | None]:
    """How many messages a lane may send now, and when it may send the next one if that is none."""
    if rate is None:
        return DELIVERIES_PER_LANE, None
    since = now.timestamp() - rate.per.total_seconds()
    counted = [sent for sent in recent_sends if sent > since]
    free = rate.messages - len(counted)
    if free > 0:
        return min(free, DELIVERIES_PER_LANE), None
    return 0, now + timedelta(seconds=min(counted) - since)


# --- claim -----------------------------------------------------------------------------------------------------------


async def claim_lanes(session: AsyncSession, worker_id: str, limit: int) -> list[ClaimedLane]:
    """Lease up to `limit` free lanes in which something waits, and load it. Lanes over their rate are put to sleep instead."""
    now = clock.now()
    is_free = and_(
        or_(col(Lane.leased_until).is_(None), col(Lane.leased_until) < now),
        or_(col(Lane.held_until).is_(None), col(Lane.held_until) <= now),
    )
    waiting = (
        select(Delivery.lane)
        .join(Lane, col(Lane.key) == Delivery.lane)
        .where(col(Delivery.next_attempt_at) <= now, is_free)
        .group_by(Delivery.lane)
        .order_by(sa.func.min(Delivery.next_attempt_at))
        .limit(limit)
    )
    keys = list(await session.exec(waiting))
    if not keys:
        return []
    rows = list(
        await session.exec(select(Lane).where(col(Lane.key).in_(keys), is_free).with_for_update(skip_locked=True))
    )
    lanes = {row.key: row for row in rows}
    jobs = await _jobs(session, list(lanes), now)
    claimed = []
    for key, lane in lanes.items():
        if not (mine := jobs.get(key, [])):
            continue
        rate = KINDS[mine[0].channel.kind].rate
        free, again_at = allowance(rate, lane.recent_sends, now)
        if not free:
            lane.held_until = again_at
            session.add(lane)
            continue
        lane.leased_until, lane.leased_by, lane.held_until = now + LEASE, worker_id, None
        session.add(lane)
        claimed.append(ClaimedLane(key, now + LEASE, list(lane.recent_sends), mine[:free]))
    sending = [cast(int, job.delivery.id) for lane in claimed for job in lane.jobs]
    await session.flush()
    if sending:
        await session.exec(
            sa.update(Delivery).where(col(Delivery.id).in_(sending)).values(status=DeliveryStatus.SENDING)
        )
    return claimed


async def _jobs(session: AsyncSession, lanes: Sequence[str], now: datetime) -> dict[str, list[Job]]:
    asked = (
        select(Delivery, Channel)
        .join(Channel, col(Channel.id) == Delivery.channel_id)
        .where(col(Delivery.lane).in_(lanes), col(Delivery.next_attempt_at) <= now)
        .order_by(col(Delivery.id))
    )
    found: dict[str, list[tuple[Delivery, Channel]]] = defaultdict(list)
    for delivery, channel in await session.exec(asked):
        if len(found[delivery.lane]) < DELIVERIES_PER_LANE:
            found[delivery.lane].append((delivery, channel))
    ids = [cast(int, delivery.id) for pairs in found.values() for delivery, _ in pairs]
    still_open = (
        select(Reminder.id)
        .join(DeliveryReminder, col(DeliveryReminder.reminder_id) == Reminder.id)
        .where(col(DeliveryReminder.delivery_id).in_(ids), col(Reminder.status).in_(OPEN))
    )
    open_ids = set(await session.exec(still_open))
    return {
        lane: [
            Job(
                delivery,
                channel,
                tuple(line for line in Message.model_validate(delivery.message).lines if line.reminder_id in open_ids),
            )
            for delivery, channel in pairs
        ]
        for lane, pairs in found.items()
    }


# --- send ------------------------------------------------------------------------------------------------------------


class Sender:
    """Makes attempts. Knows how to talk; what an attempt means for the tables is `record`'s business."""

    def __init__(self, database: Database, settings: Settings, outbound: Outbound) -> None:
        self._database = database
        self._settings = settings
        self._outbound = outbound
        self._box = SecretBox(settings.secret)

    def config_of(self, channel: Channel) -> Any:
        """A channel's settings with its secrets, as its kind's own type."""
        secrets = self._box.open(channel.sealed_secrets) if channel.sealed_secrets else {}
        return KINDS[channel.kind].parsed({**channel.config, **secrets})

    async def attempt(self, job: Job) -> Result:
        """One attempt at one delivery. Never raises for anything that a provider or a person did."""
        now = clock.now()
        message = Message.model_validate(job.delivery.message)
        if message.lines:
            if not job.open_lines or now >= job.delivery.expires_at:
                return Result(job, None, now, timedelta(0))
            message = message.model_copy(update={"lines": job.open_lines})
        elif now >= job.delivery.expires_at:
            return Result(job, None, now, timedelta(0))
        words = note(message, key=job.delivery.key, due_at=job.delivery.due_at, now=now, link_for=self._link_for)
        verdict, latency = await self.tell(job.channel, words)
        return Result(job, verdict, now, latency, words.is_late)

    async def tell(self, channel: Channel, words: Note) -> tuple[Verdict, timedelta]:
        """Give a note to a channel and say what its provider answered. The test button takes the same way."""
        kind = KINDS[channel.kind]
        started = clock.now()
        if isinstance(kind, Inbox):
            async with self._database.write() as session:
                verdict = await kind.keep(session, channel, words)
            return verdict, clock.now() - started
        try:
            request = kind.request(self.config_of(channel), words, self._settings)
        except (ValidationError, ConfigurationError) as error:
            reason = str(error) if isinstance(error, ConfigurationError) else "the stored settings do not fit"
            return Verdict(Outcome.BROKEN_CHANNEL, "settings", reason, "settings"), timedelta(0)
        try:
            answer = await self._outbound.send(request)
        except NoAnswer as failure:
            return verdict_without_answer(failure), clock.now() - started
        return kind.verdict(answer), timedelta(seconds=answer.latency)

    def _link_for(self, lines: Sequence[Line]) -> str:
        return link(
            self._settings, [line.reminder_id for line in lines], expires_at=max(line.ends_at for line in lines)
        )


# --- record ----------------------------------------------------------------------------------------------------------


async def record(
    session: AsyncSession, results: Sequence[Result], finished: Sequence[ClaimedLane], worker_id: str
) -> None:
    """Write what became of jobs and give their lanes back, many in one transaction."""
    broken: dict[int, tuple[Channel, Verdict]] = {}
    recovered: set[int] = set()
    held: dict[str, datetime] = {}
    attempts, updates, failed = [], [], []
    for result in results:
        delivery, verdict = result.job.delivery, result.verdict
        values = _delivery_values(result)
        updates.append({"b_id": delivery.id, **values})
        announce(session, Topic.DELIVERY, team_id=result.job.channel.team_id, user_id=result.job.channel.user_id)
        if verdict is None:
            continue
        attempts.append(
            {
                "delivery_id": delivery.id,
                "at": result.at,
                "outcome": verdict.outcome,
                "http_status": verdict.http_status,
                "provider_code": verdict.provider_code[:64],
                "provider_message": verdict.provider_message[:400],
                "hint": verdict.hint,
                "latency_ms": int(result.latency.total_seconds() * 1000),
            }
        )
        if verdict.outcome is Outcome.BROKEN_CHANNEL:
            broken[delivery.channel_id] = (result.job.channel, verdict)
            failed.append(delivery)
        elif verdict.outcome is Outcome.THROTTLED:
            held[delivery.lane] = result.at + (verdict.retry_after or THROTTLED_WAIT)
        elif verdict.outcome is Outcome.DONE and result.job.channel.status is not ChannelStatus.OK:
            recovered.add(delivery.channel_id)
    if updates:
        table = cast(sa.Table, sa.inspect(Delivery).local_table)
        change = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("b_id"))
            .values({name: sa.bindparam(name) for name in updates[0] if name != "b_id"})
        )
        await execute(session, change, updates)
    if attempts:
        await execute(session, sa.insert(DeliveryAttempt), attempts)
    await _give_back(session, finished, held, worker_id)
    if recovered:
        await session.exec(
            sa.update(Channel)
            .where(col(Channel.id).in_(recovered))
            .values(status=ChannelStatus.OK, status_reason="", status_hint="", status_at=clock.now())
        )
    for channel, verdict in broken.values():
        await mark_broken(session, channel, verdict)
    for delivery in failed:
        await outbox.send_another_way(session, delivery)


def _delivery_values(result: Result) -> dict[str, Any]:
    delivery, verdict = result.job.delivery, result.verdict
    attempts = delivery.attempt_count + (verdict is not None)
    values: dict[str, Any] = {
        "status": DeliveryStatus.EXPIRED,
        "next_attempt_at": None,
        "attempt_count": attempts,
        "sent_at": None,
        "is_late": result.is_late,
    }
    match verdict.outcome if verdict else None:
        case Outcome.DONE:
            values |= {"status": DeliveryStatus.SENT, "sent_at": result.at + result.latency}
        case Outcome.RETRY:
            values |= _again(delivery, DeliveryStatus.QUEUED, retry_at(result.at + result.latency, attempts))
        case Outcome.THROTTLED:
            wait = cast(Verdict, verdict).retry_after or THROTTLED_WAIT
            values |= _again(delivery, DeliveryStatus.THROTTLED, result.at + wait)
        case Outcome.BROKEN_CHANNEL | Outcome.BAD_MESSAGE:
            values |= {"status": DeliveryStatus.FAILED}
    return values


def _again(delivery: Delivery, status: DeliveryStatus, at: datetime) -> dict[str, Any]:
    """Wait for the next attempt; what would come after the end of its usefulness has failed."""
    if at >= delivery.expires_at:
        return {"status": DeliveryStatus.FAILED}
    return {"status": status, "next_attempt_at": at}


async def _give_back(
    session: AsyncSession, finished: Sequence[ClaimedLane], held: dict[str, datetime], worker_id: str
) -> None:
    """Free the lanes, with the sends that their rate counts; what was not reached in time waits again."""
    if not finished:
        return
    rows, unreached = [], []
    for lane in finished:
        is_rated = KINDS[lane.jobs[0].channel.kind].rate is not None
        sends = [result.at.timestamp() for result in lane.done if is_rated and result.verdict is not None]
        rows.append(
            {
                "b_key": lane.key,
                "b_by": worker_id,
                "recent_sends": [*lane.recent_sends, *sends][-MOST_COUNTED_SENDS:],
                "held_until": held.get(lane.key),
            }
        )
        unreached += [cast(int, job.delivery.id) for job in lane.jobs[len(lane.done) :]]
    table = cast(sa.Table, sa.inspect(Lane).local_table)
    change = (
        sa.update(table)
        .where(table.c.key == sa.bindparam("b_key"), table.c.leased_by == sa.bindparam("b_by"))
        .values(
            leased_until=None,
            leased_by="",
            recent_sends=sa.bindparam("recent_sends"),
            held_until=sa.bindparam("held_until"),
        )
    )
    await execute(session, change, rows)
    if unreached:
        await session.exec(
            sa.update(Delivery)
            .where(col(Delivery.id).in_(unreached), col(Delivery.status) == DeliveryStatus.SENDING)
            .values(status=DeliveryStatus.QUEUED)
        )


async def mark_broken(session: AsyncSession, channel: Channel, verdict: Verdict) -> None:
    """Note that a channel's settings cannot work, and tell its owner if that is news."""
    row = cast(Channel, await session.get(Channel, channel.id, with_for_update=True))
    is_news = row.status is not ChannelStatus.BROKEN
    row.status = ChannelStatus.BROKEN
    row.status_reason = f"{verdict.provider_code} {verdict.provider_message}".strip()[:400]
    row.status_hint = verdict.hint
    row.status_at = clock.now()
    session.add(row)
    if is_news:
        log.warning(
            "Channel %s is broken",
            row.id,
            extra={"fields": {"channel_id": row.id, "kind": row.kind, "provider_code": verdict.provider_code}},
        )
        await outbox.tell_about_broken(session, row)


# --- the loop --------------------------------------------------------------------------------------------------------


class SendLoop:
    """Keeps up to `concurrency` lanes in flight and writes results in batches, each as soon as it is there."""

    def __init__(self, database: Database, sender: Sender, worker_id: str, concurrency: int) -> None:
        self._database = database
        self._sender = sender
        self._worker_id = worker_id
        self._concurrency = concurrency
        self._results: list[Result] = []
        self._finished: list[ClaimedLane] = []
        self._news = asyncio.Event()

    async def drain(self) -> int:
        """Send until nothing waits that may be sent now. Returns the number of attempts and decisions."""
        done = 0
        in_flight: set[asyncio.Task[None]] = set()
        try:
            while True:
                free = self._concurrency - len(in_flight)
                # Claiming a lane or two at a time would cost a transaction each; so wait until a good part is free.
                if free >= self._concurrency // 2:
                    async with self._database.write() as session:
                        lanes = await claim_lanes(session, self._worker_id, free)
                    for lane in lanes:
                        task = asyncio.create_task(self._send_lane(lane))
                        in_flight.add(task)
                        task.add_done_callback(in_flight.discard)
                if not in_flight and not self._finished:
                    return done
                await self._news.wait()
                done += await self._flush()
        finally:
            for task in in_flight:
                task.cancel()

    async def _flush(self) -> int:
        self._news.clear()
        results, self._results = self._results, []
        finished, self._finished = self._finished, []
        async with self._database.write() as session:
            await record(session, results, finished, self._worker_id)
        return len(results)

    async def _send_lane(self, lane: ClaimedLane) -> None:
        """Send a lane's deliveries one after the other, as long as its lease surely lasts."""
        try:
            for index, job in enumerate(lane.jobs):
                if index and clock.now() + timedelta(seconds=OVERALL_SECONDS) >= lane.leased_until:
                    break
                result = await self._attempt(job)
                lane.done.append(result)
                self._results.append(result)
                self._news.set()
                if result.verdict is not None and result.verdict.outcome in (Outcome.THROTTLED, Outcome.BROKEN_CHANNEL):
                    break
        finally:
            self._finished.append(lane)
            self._news.set()

    async def _attempt(self, job: Job) -> Result:
        try:
            return await self._sender.attempt(job)
        except Exception:
            # An error of ours must not hold up the lane, nor be taken for an answer.
            log.exception("An attempt failed unexpectedly", extra={"fields": {"delivery_id": job.delivery.id}})
            verdict = Verdict(Outcome.RETRY, "internal", "an unexpected failure; see the log")
            return Result(job, verdict, clock.now(), timedelta(0))
