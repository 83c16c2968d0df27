"""Sends queued deliveries: claim lanes with a lease, send, record the answer. A crash at any point loses nothing.

A *lane* is one robot, address or key. A sender leases lanes, not deliveries, so that whatever goes to one robot is sent in
order and under one rate limit, however many processes there are. When a sender dies its leases run out, and another one goes
on with the same idempotency keys.
"""

import asyncio
import json
import logging
import random
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.announcements import Topic, announce
from daka.database import Database, execute
from daka.delivery import outbox
from daka.delivery.channels.kind import ChannelKind, Exchange, Rate, Verdict, Way, verdict_without_answer
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.tokens import AppTokens
from daka.delivery.hints import Hint
from daka.delivery.http import OVERALL_SECONDS, NoAnswer, Outbound
from daka.delivery.masking import masked
from daka.delivery.messages import Line, Message, Note, note
from daka.delivery.models import (
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryAttempt,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    MessageTemplate,
    Occasion,
    Outcome,
)
from daka.delivery.routing import Usefulness
from daka.delivery.templates import Templates, Variant
from daka.errors import ConfigurationError
from daka.reminders.links import link
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN
from daka.security import SecretBox
from daka.settings import Settings

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=25)
CLOCKS_DIFFER = timedelta(seconds=3)
"""How far apart the clocks of two servers may be without both sending from one lane."""
SURE_FOR = LEASE - timedelta(seconds=OVERALL_SECONDS) - CLOCKS_DIFFER
"""So long after a claim an attempt may start: it ends before anybody else takes the lane."""
DELIVERIES_PER_LANE = 20
RETRIES_WAIT = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts; the last one repeats until the delivery expires."""
MOST_COUNTED_SENDS = 100
STUMBLES_BEFORE_ANOTHER_WAY = 4
"""After so many attempts in vain, some seconds after the first, other channels are told too; this one goes on trying."""
THROTTLED_WAIT = timedelta(minutes=1)
"""How long a lane is held when the provider does not say."""
LONGEST_HOLD = timedelta(hours=1)
"""How long a lane is held at most, whatever the provider says."""
LONGEST_WAIT = LONGEST_HOLD + timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)
"""Longer than any pause between attempts, and than what vendors ask to be spread over."""
CLAIMS_APART_SECONDS = 0.1
RECORD_AGAIN_SECONDS = 0.25
OTHERS_FIRST_SECONDS = 2.0
"""After the database was away, every process first records what it had sent; only then does anybody claim."""
MOST_KEPT_CONFIGS = 5000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery with everything that an attempt needs, read in the claim's transaction."""

    delivery: Delivery
    channel: Channel
    lease: str
    """Names the claim. Whoever records must still hold it, or may only say that the message arrived."""
    open_reminder_ids: frozenset[int]
    templates: Templates = field(default_factory=dict)


@dataclass(slots=True)
class ClaimedLane:
    """A leased lane and what waits in it."""

    key: str
    lease: str
    leased_until: datetime
    sure_until: float
    """The end of `SURE_FOR` on the event loop's clock, which no time service sets."""
    recent_sends: list[float]
    jobs: list[Job] = field(default_factory=list)
    done: "list[Result]" = field(default_factory=list)

    def is_surely_held(self) -> bool:
        """Whether an attempt that starts now ends before the lease does, whichever of the two clocks was disturbed."""
        by_wall_clock = clock.now() < self.leased_until - (LEASE - SURE_FOR)
        return by_wall_clock and asyncio.get_running_loop().time() < self.sure_until


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job."""

    job: Job
    verdict: Verdict | None
    """None: nothing was sent, because nobody needed it any more or its time was over."""
    at: datetime
    latency: timedelta
    is_late: bool = False
    note: Note | None = None
    """The words, for kinds that keep them in the transaction that records a success (the inbox)."""
    exchanges: tuple[Exchange, ...] = ()
    """What went over the wire, for the eyes of the channel's owner; never stored."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider said to a note, and what went over the wire, secrets masked."""

    verdict: Verdict
    latency: timedelta
    exchanges: tuple[Exchange, ...] = ()


def retry_at(now: datetime, attempts: int, chance: Callable[[], float] = random.random) -> datetime:
    """When to try again after so many attempts: exponential, with a quarter of jitter."""
    wait = RETRIES_WAIT[min(attempts, len(RETRIES_WAIT)) - 1]
    return now + timedelta(seconds=wait * (1 + chance() / 4))


def allowance(rate: Rate | None, recent_sends: Sequence[float], now: datetime) -> tuple[int, datetime | None]:
    """How many messages a lane may send now, and when it may send the next one if that is none."""
    if rate is None:
        return DELIVERIES_PER_LANE, None
    since = now.timestamp() - rate.per.total_seconds()
    until = now.timestamp() + rate.per.total_seconds()  # later ones were noted by a clock that was set back since
    counted = [sent for sent in recent_sends if since < sent <= until]
    free = rate.messages - len(counted)
    if free > 0:
        return min(free, DELIVERIES_PER_LANE), None
    return 0, now + timedelta(seconds=min(counted) - since)


def lane_allowance(
    kind: ChannelKind[Any] | None, recent_sends: Sequence[float], now: datetime
) -> tuple[int, datetime | None]:
    """The same for a kind with its limit in the long and in the short run."""
    limits = [
        allowance(rate, recent_sends, now) for rate in ((kind.rate, kind.burst) if kind else ()) if rate is not None
    ]
    free = min((free for free, _ in limits), default=DELIVERIES_PER_LANE)
    return free, max((again_at for _, again_at in limits if again_at is not None), default=None)


# --- claim -----------------------------------------------------------------------------------------------------------


async def claim_lanes(session: AsyncSession, worker_id: str, limit: int) -> list[ClaimedLane]:
    """Lease up to `limit` free lanes in which something waits, and load it. Lanes over their rate are put to sleep instead."""
    now, sure_until = clock.now(), asyncio.get_running_loop().time() + SURE_FOR.total_seconds()
    lease = f"{worker_id[:70]}/{secrets.token_hex(4)}"
    waiting = (
        select(col(Delivery.lane).label("lane"), sa.func.min(Delivery.next_attempt_at).label("since"))
        .where(col(Delivery.next_attempt_at) <= now)
        .group_by(col(Delivery.lane))
        .subquery()
    )
    free = (
        select(Lane.key, Lane.recent_sends)
        .join(waiting, waiting.c.lane == Lane.key)
        .where(
            or_(col(Lane.leased_until).is_(None), col(Lane.leased_until) < now),
            or_(col(Lane.held_until).is_(None), col(Lane.held_until) <= now),
        )
        .order_by(waiting.c.since, col(Lane.key))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Lane)
    )
    lanes = dict(list(await session.exec(free)))
    if not lanes:
        return []
    claimed, asleep = [], []
    leased: list[dict[str, Any]] = []
    for key, mine in (await _jobs(session, list(lanes), lease, now)).items():
        kind = KINDS.get(mine[0].channel.kind)
        recent = list(lanes[key])
        free_now, again_at = lane_allowance(kind, recent, now)
        if not free_now:
            asleep.append({"b_key": key, "held_until": again_at})
            continue
        # Counted before they are sent, so that a crash cannot make a robot exceed its rate.
        counted = [*recent, *(now.timestamp() for _ in mine[:free_now])] if kind and kind.rate else recent
        leased.append({"b_key": key, "recent_sends": counted[-MOST_COUNTED_SENDS:]})
        claimed.append(ClaimedLane(key, lease, now + LEASE, sure_until, recent, mine[:free_now]))
    table = cast(sa.Table, sa.inspect(Lane).local_table)
    one = sa.update(table).where(table.c.key == sa.bindparam("b_key"))
    if asleep:
        await execute(session, one.values(held_until=sa.bindparam("held_until")), asleep)
    if claimed:
        mine_now = {"leased_until": now + LEASE, "leased_by": lease, "held_until": None}
        await session.exec(
            sa.update(Lane).where(col(Lane.key).in_([lane.key for lane in claimed])).values(**mine_now),
            execution_options={"synchronize_session": False},
        )
        if rated := [row for row in leased if row["recent_sends"]]:
            await execute(session, one.values(recent_sends=sa.bindparam("recent_sends")), rated)
        sending = [cast(int, job.delivery.id) for lane in claimed for job in lane.jobs]
        await session.exec(
            sa.update(Delivery).where(col(Delivery.id).in_(sending)).values(status=DeliveryStatus.SENDING),
            execution_options={"synchronize_session": False},
        )
    return claimed


async def _jobs(session: AsyncSession, lanes: Sequence[str], lease: str, now: datetime) -> dict[str, list[Job]]:
    """The oldest of what waits in each lane, never more than can be sent under one lease."""
    place = sa.func.row_number().over(partition_by=col(Delivery.lane), order_by=col(Delivery.id))
    ranked = (
        select(col(Delivery.id).label("id"), place.label("place"))
        .where(col(Delivery.lane).in_(lanes), col(Delivery.next_attempt_at) <= now)
        .subquery()
    )
    asked = (
        select(Delivery, Channel)
        .join(ranked, ranked.c.id == Delivery.id)
        .join(Channel, col(Channel.id) == Delivery.channel_id)
        .where(ranked.c.place <= DELIVERIES_PER_LANE, col(Delivery.next_attempt_at) <= now)
        .order_by(col(Delivery.id))
        .with_for_update(skip_locked=True, of=Delivery)  # what a later message takes the place of just now is not sent
    )
    rows = list(await session.exec(asked))
    reminders_open = (
        select(DeliveryReminder.delivery_id, DeliveryReminder.reminder_id)
        .join(Reminder, col(Reminder.id) == DeliveryReminder.reminder_id)
        .where(
            col(DeliveryReminder.delivery_id).in_([delivery.id for delivery, _ in rows]), col(Reminder.status).in_(OPEN)
        )
    )
    open_ids: dict[int, set[int]] = defaultdict(set)
    for delivery_id, reminder_id in await session.exec(reminders_open):
        open_ids[delivery_id].add(reminder_id)
    templates = await templates_of(session, (delivery for delivery, _ in rows))
    found: dict[str, list[Job]] = defaultdict(list)
    for delivery, channel in rows:
        still_open = frozenset(open_ids.get(cast(int, delivery.id), ()))
        found[delivery.lane].append(Job(delivery, channel, lease, still_open, templates))
    return found


def _team_ids(delivery: Delivery) -> set[int]:
    """The teams in a stored message. One that cannot be read is the attempt's business, not the claim's."""
    lines = delivery.message.get("lines")
    if not isinstance(lines, list):
        return set()
    return {line["team_id"] for line in lines if isinstance(line, dict) and line.get("team_id") is not None}


async def templates_of(session: AsyncSession, deliveries: Iterable[Delivery]) -> Templates:
    """The templates of every team that has people in these deliveries."""
    team_ids = {team_id for delivery in deliveries for team_id in _team_ids(delivery)}
    if not team_ids:
        return {}
    asked = select(MessageTemplate).where(col(MessageTemplate.team_id).in_(team_ids))
    return {
        (row.team_id, row.stage): tuple(Variant(found["title"], found["line"]) for found in row.variants)
        for row in await session.exec(asked)
    }


# --- send ------------------------------------------------------------------------------------------------------------


class Sender:
    """Makes attempts. Knows how to talk; what an attempt means for the tables is `record`'s business."""

    def __init__(self, database: Database, settings: Settings, outbound: Outbound) -> None:
        self._database = database
        self._settings = settings
        self._outbound = outbound
        self._box = SecretBox(settings.secret)
        self._tokens = AppTokens()
        self._opened = lru_cache(MOST_KEPT_CONFIGS)(self._open)

    def config_of(self, channel: Channel) -> Any:
        """A channel's settings with its secrets, as its kind's own type."""
        return self._settings_of(channel)[0]

    def _settings_of(self, channel: Channel) -> tuple[Any, list[str]]:
        """A channel's settings, and what of them must not be seen."""
        stored = json.dumps(channel.config, sort_keys=True) if channel.config else "{}"
        return self._opened(channel.kind, channel.sealed_secrets, stored)

    def _open(self, kind: str, sealed_secrets: str, stored: str) -> tuple[Any, list[str]]:
        opened = self._box.open(sealed_secrets) if sealed_secrets else {}
        config = KINDS[kind].parsed({**json.loads(stored), **opened})
        return config, KINDS[kind].secrets(config)

    async def attempt(self, job: Job) -> Result:
        """One attempt at one delivery. Never raises for anything that a provider or a person did."""
        now = clock.now()
        message = Message.model_validate(job.delivery.message)
        lines = tuple(line for line in message.lines if line.reminder_id in job.open_reminder_ids)
        if now >= job.delivery.expires_at or (message.lines and not lines):
            return Result(job, None, now, timedelta(0))
        if len(lines) < len(message.lines):
            message = message.model_copy(update={"lines": lines})
        words = note(
            message,
            key=job.delivery.key,
            due_at=job.delivery.due_at,
            now=now,
            link_for=self._link_for,
            templates=job.templates,
        )
        told = await self.tell(job.channel, words)
        return Result(job, told.verdict, now, told.latency, words.is_late, words, told.exchanges)

    async def tell(self, channel: Channel, words: Note) -> Told:
        """Give a note to a channel and say what its provider answered."""
        started = time.perf_counter()
        try:
            kind, (config, hidden) = KINDS[channel.kind], self._settings_of(channel)
        except (KeyError, ValidationError, ConfigurationError) as error:
            reason = str(error) if isinstance(error, ConfigurationError) else "the stored settings do not fit"
            return Told(Verdict(Outcome.BROKEN_CHANNEL, "settings", reason, Hint.SETTINGS), timedelta(0))
        way = Way(channel, self._settings, self._outbound, self._database, self._tokens, list(hidden))
        way.is_watched = words.occasion is Occasion.TEST
        try:
            verdict = await kind.deliver(config, words, way)
        except NoAnswer as failure:
            verdict = verdict_without_answer(failure)
        code, said = masked(verdict.provider_code, way.secrets), masked(verdict.provider_message, way.secrets)
        if (code, said) != (verdict.provider_code, verdict.provider_message):
            verdict = replace(verdict, provider_code=code, provider_message=said)
        return Told(verdict, timedelta(seconds=time.perf_counter() - started), tuple(way.exchanges))

    def _link_for(self, lines: Sequence[Line]) -> str:
        return link(
            self._settings, [line.reminder_id for line in lines], expires_at=max(line.ends_at for line in lines)
        )


# --- record ----------------------------------------------------------------------------------------------------------


async def record(session: AsyncSession, results: Sequence[Result], finished: Sequence[ClaimedLane]) -> None:
    """Write what became of jobs and give their lanes back, many in one transaction.

    Whoever no longer holds the lease may only add that a message arrived: what failed is for the present holder to say.
    """
    holders = await _holders(session, {result.job.delivery.lane for result in results})
    mine = [result for result in results if holders.get(result.job.delivery.lane) == result.job.lease]
    sent = [result for result in results if result.verdict and result.verdict.outcome is Outcome.DONE]
    others = [result for result in mine if not (result.verdict and result.verdict.outcome is Outcome.DONE)]
    table = cast(sa.Table, sa.inspect(Delivery).local_table)
    one = sa.update(table).where(table.c.id == sa.bindparam("b_id"))
    for some, condition in (
        (sent, table.c.status != DeliveryStatus.SENT),
        (others, table.c.status == DeliveryStatus.SENDING),
    ):
        if some:
            rows = [{"b_id": result.job.delivery.id, **_delivery_values(result)} for result in some]
            values: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "b_id"}
            await execute(session, one.where(condition).values(values), rows)
    if attempts := [_attempt_row(result, result.verdict) for result in results if result.verdict is not None]:
        await execute(session, sa.insert(DeliveryAttempt), attempts)
    for result in results:
        announce(session, Topic.DELIVERY, team_id=result.job.channel.team_id, user_id=result.job.channel.user_id)
        if result.note is not None and result.verdict and result.verdict.outcome is Outcome.DONE:
            await KINDS[result.job.channel.kind].keep(session, result.job.channel, result.note)
    held = {
        result.job.delivery.lane: result.at + _hold(result.verdict)
        for result in mine
        if result.verdict and result.verdict.outcome is Outcome.THROTTLED
    }
    await _give_back(session, finished, held)
    if recovered := {
        result.job.delivery.channel_id for result in sent if result.job.channel.status is not ChannelStatus.OK
    }:
        await session.exec(
            sa.update(Channel)
            .where(col(Channel.id).in_(recovered))
            .values(status=ChannelStatus.OK, status_reason="", status_hint="", status_at=clock.now())
        )
    broken = [result for result in mine if result.verdict and result.verdict.outcome is Outcome.BROKEN_CHANNEL]
    told: dict[int, tuple[Channel, Verdict]] = {
        result.job.delivery.channel_id: (result.job.channel, cast(Verdict, result.verdict)) for result in broken
    }
    for channel, verdict in told.values():
        await mark_broken(session, channel, verdict)
    for delivery in await _left_behind(session, mine, held):
        await outbox.send_another_way(session, delivery)


async def _left_behind(
    session: AsyncSession, results: Sequence[Result], held: Mapping[str, datetime]
) -> list[Delivery]:
    """What other channels should say: what failed, what stumbles again and again, and what a held lane keeps for too long."""
    found: dict[int | None, Delivery] = {}
    for result in results:
        outcome = result.verdict.outcome if result.verdict else None
        attempts = result.job.delivery.attempt_count + 1
        is_stumbling = outcome is Outcome.RETRY and attempts == STUMBLES_BEFORE_ANOTHER_WAY
        if is_stumbling or outcome in (Outcome.BROKEN_CHANNEL, Outcome.BAD_MESSAGE):
            found[result.job.delivery.id] = result.job.delivery
    if held:
        asked = select(Delivery).where(
            col(Delivery.lane).in_(held),
            col(Delivery.next_attempt_at).is_not(None),
            Delivery.occasion == Occasion.REMINDER,
        )
        stopped = [
            result.job.delivery for result in results if result.verdict and result.verdict.outcome is Outcome.THROTTLED
        ]
        for delivery in [*await session.exec(asked), *stopped]:
            if (until := held.get(delivery.lane)) is not None and _is_too_late(delivery, until):
                found[delivery.id] = delivery
    return list(found.values())


def _is_too_late(delivery: Delivery, held_until: datetime) -> bool:
    """Whether somebody in the delivery would hear of it after their punch point, or after their window."""
    now = clock.now()
    lines = Message.model_validate(delivery.message).lines
    useful = (Usefulness.of(point_at=line.point_at, ends_at=line.ends_at, now=now) for line in lines)
    return any(held_until >= line.best_before for line in useful)


async def _holders(session: AsyncSession, lanes: set[str]) -> dict[str, str]:
    """Who holds these lanes, which stay as they are until the transaction ends."""
    asked = select(Lane.key, Lane.leased_by).where(col(Lane.key).in_(lanes)).order_by(col(Lane.key)).with_for_update()
    return dict(list(await session.exec(asked))) if lanes else {}


def _attempt_row(result: Result, verdict: Verdict) -> dict[str, Any]:
    return {
        "delivery_id": result.job.delivery.id,
        "at": result.at,
        "outcome": verdict.outcome,
        "http_status": verdict.http_status,
        "provider_code": storable(verdict.provider_code)[:64],
        "provider_message": storable(verdict.provider_message)[:400],
        "hint": verdict.hint,
        "latency_ms": int(result.latency.total_seconds() * 1000),
    }


def storable(text: str) -> str:
    """A provider's words as a database takes them: PostgreSQL refuses NUL, UTF-8 has no lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text)


def _hold(verdict: Verdict | None) -> timedelta:
    return min((verdict and verdict.retry_after) or THROTTLED_WAIT, LONGEST_HOLD)


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
            values |= _again(delivery, DeliveryStatus.THROTTLED, result.at + _hold(verdict))
        case Outcome.BROKEN_CHANNEL | Outcome.BAD_MESSAGE:
            values |= {"status": DeliveryStatus.FAILED}
    return values


def _again(delivery: Delivery, status: DeliveryStatus, at: datetime) -> dict[str, Any]:
    """Wait for the next attempt; what would come after the end of its usefulness has failed."""
    if at >= delivery.expires_at or delivery.occasion is Occasion.TEST:  # somebody waits for the test's answer
        return {"status": DeliveryStatus.FAILED}
    return {"status": status, "next_attempt_at": at}


async def _give_back(session: AsyncSession, finished: Sequence[ClaimedLane], held: dict[str, datetime]) -> None:
    """Free the lanes, with the sends that their rate counts; what was not reached in time waits again."""
    if not finished:
        return
    rows, unreached = [], []
    for lane in finished:
        kind = KINDS.get(lane.jobs[0].channel.kind)
        is_rated = kind is not None and kind.rate is not None
        sends = [result.at.timestamp() for result in lane.done if is_rated and result.verdict is not None]
        rows.append(
            {
                "b_key": lane.key,
                "b_by": lane.lease,
                "recent_sends": [*lane.recent_sends, *sends][-MOST_COUNTED_SENDS:],
                "held_until": held.get(lane.key),
            }
        )
        unreached += [cast(int, job.delivery.id) for job in lane.jobs[len(lane.done) :]]
    rows.sort(key=lambda row: cast(str, row["b_key"]))
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
    row.status_reason = storable(f"{verdict.provider_code} {verdict.provider_message}".strip())[:400]
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


async def forget_waits_of_another_clock(session: AsyncSession) -> None:
    """After the clock was set back: nothing waits for a moment that only the former clock could have meant."""
    now = clock.now()
    await session.exec(
        sa.update(Lane).where(col(Lane.leased_until) > now + 2 * LEASE).values(leased_until=None, leased_by="")
    )
    await session.exec(sa.update(Lane).where(col(Lane.held_until) > now + LONGEST_WAIT).values(held_until=None))
    is_too_far = or_(
        col(Delivery.next_attempt_at) > now + LONGEST_WAIT,
        and_(col(Delivery.status) != DeliveryStatus.THROTTLED, col(Delivery.next_attempt_at) > now + LONGEST_PAUSE),
    )
    await session.exec(sa.update(Delivery).where(is_too_far).values(next_attempt_at=now))


# --- the loop --------------------------------------------------------------------------------------------------------


class SendLoop:
    """Keeps up to `concurrency` lanes in flight and writes results in batches, each as soon as it is there.

    What was sent is kept until it is recorded, however long the database is away; until then nothing more is claimed, and a
    lane sends its next message only when the one before is safe. So a kill leaves at most one doubt in each lane.
    """

    def __init__(
        self, database: Database, sender: Sender, worker_id: str, concurrency: int, news: asyncio.Event | None = None
    ) -> None:
        self._database = database
        self._sender = sender
        self._worker_id = worker_id
        self._concurrency = concurrency
        self._news = news or asyncio.Event()
        """Set when a result is there, and by others when something new waits."""
        self._in_flight: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._finished: list[ClaimedLane] = []
        self._next_batch = asyncio.Event()
        """Set when the batch is recorded that takes the next result."""
        self._unrecorded: list[asyncio.Event] = []
        self._failures = 0
        self._claimed_at = 0.0
        self._others_first_until = 0.0
        self._is_stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def drain(self) -> int:
        """Send until nothing waits that may be sent now. Returns the number of attempts and decisions."""
        done = 0
        self._idle.clear()
        try:
            while True:
                self._news.clear()
                try:
                    done += await self._record()
                    await self._claim()
                except Exception:
                    self._others_first_until = asyncio.get_running_loop().time() + OTHERS_FIRST_SECONDS
                    if not self._is_busy:
                        raise
                    log.exception("Sending stumbled; trying again")
                    await asyncio.sleep(RECORD_AGAIN_SECONDS)
                    continue
                if not self._is_busy:
                    return done
                await self._news.wait()
        finally:
            self._idle.set()

    async def finish(self, within_seconds: float) -> None:
        """Claim nothing more, let attempts that run come to their end, record them and give the lanes back."""
        self._is_stopping = True
        self._news.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._idle.wait()
        for task in self._in_flight:
            task.cancel()

    @property
    def _is_busy(self) -> bool:
        return bool(self._in_flight or self._results or self._finished)

    async def _claim(self) -> None:
        loop = asyncio.get_running_loop()
        free = self._concurrency - len(self._in_flight)
        if self._is_stopping or not free:
            return
        # A transaction for a lane or two costs more than it brings; but nobody waits long for a slow neighbour.
        is_little = free < self._concurrency // 2
        not_before = max(self._others_first_until, self._claimed_at + CLAIMS_APART_SECONDS if is_little else 0.0)
        if loop.time() < not_before:
            loop.call_at(not_before, self._news.set)
            return
        async with self._database.write() as session:
            lanes = await claim_lanes(session, self._worker_id, free)
        self._claimed_at = loop.time()
        for lane in lanes:
            task = asyncio.create_task(self._send_lane(lane))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _record(self) -> int:
        """Write what is there. What cannot be written stays."""
        if not self._results and not self._finished:
            return 0
        results, finished = self._results, self._finished
        self._results, self._finished = [], []
        self._unrecorded.append(self._next_batch)
        self._next_batch = asyncio.Event()
        try:
            async with self._database.write() as session:
                await record(session, results, finished)
        except BaseException as error:
            self._results[:0], self._finished[:0] = results, finished
            self._failures += 1
            if isinstance(error, Exception) and self._failures > 1 and results:
                # It is not only the database that is away: something in the batch may be at fault.
                await self._record_one_by_one()
            raise
        self._failures = 0
        self._tell_lanes()
        return len(results)

    def _tell_lanes(self) -> None:
        for batch in self._unrecorded:
            batch.set()
        self._unrecorded.clear()

    async def _record_one_by_one(self) -> None:
        """Record each result by itself, one that cannot be written with its outcome alone; stop when not even that works."""
        while self._results:
            result = self._results[0]
            try:
                async with self._database.write() as session:
                    await record(session, [result], [])
            except Exception:
                log.exception(
                    "A result could not be recorded", extra={"fields": {"delivery_id": result.job.delivery.id}}
                )
                async with self._database.write() as session:
                    await record(session, [_bare(result)], [])
            self._results.pop(0)
        self._tell_lanes()

    async def _send_lane(self, lane: ClaimedLane) -> None:
        """Send a lane's deliveries one after the other, as long as its lease surely lasts."""
        try:
            batch: asyncio.Event | None = None
            for job in lane.jobs:
                if batch is not None:
                    await batch.wait()
                if self._is_stopping or not lane.is_surely_held():
                    break
                result = await self._attempt(job)
                lane.done.append(result)
                self._results.append(result)
                batch = self._next_batch
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


def _bare(result: Result) -> Result:
    """The outcome without the words, and without what would follow from it."""
    if result.verdict is None:
        return result
    outcome = Outcome.BAD_MESSAGE if result.verdict.outcome is Outcome.BROKEN_CHANNEL else result.verdict.outcome
    return replace(
        result, verdict=Verdict(outcome, "internal", "the answer could not be stored; see the log"), note=None
    )
