"""Lanes: leases on robots, addresses and keys, with what waits in each.

A *lane* is one robot, address or key. A sender leases lanes, not deliveries, so that whatever goes to one robot is sent in
order and under one rate limit, however many processes there are. When a sender dies its leases run out, and another one goes
on with the same idempotency keys.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import execute
from daka.delivery.channels.kind import Budget, Exchange, Verdict
from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    MessageTemplate,
)
from daka.delivery.rate_limit import DELIVERIES_PER_LANE, lane_allowance
from daka.delivery.templates import Templates, Variant
from daka.outbound.http import OVERALL_SECONDS
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN

LEASE = timedelta(seconds=25)
CLOCKS_DIFFER = timedelta(seconds=3)
"""How far apart the clocks of two servers may be without both sending from one lane."""
SURE_FOR = LEASE - timedelta(seconds=OVERALL_SECONDS) - CLOCKS_DIFFER
"""So long after a claim an attempt may start: it ends before anybody else takes the lane."""
MOST_COUNTED_SENDS = 100
LONGEST_HOLD = timedelta(hours=25)
"""How long a lane is held at most, whatever the provider says: a daily quota comes back at the provider's midnight."""
LONGEST_WAIT = timedelta(hours=1, minutes=1)
"""What is held for longer is asked anew when the clock was set back: at worst the provider says so once more."""
LONGEST_PAUSE = timedelta(minutes=10)
"""Longer than any pause between attempts, and than what vendors ask to be spread over."""


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery with everything that an attempt needs, read in the claim's transaction."""

    delivery: Delivery
    channel: Channel
    lease: str
    """Names the claim. Whoever records must still hold it, or may only say that the message arrived."""
    open_reminder_ids: frozenset[int]
    templates: Templates = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job."""

    job: Job
    verdict: Verdict | None
    """None: nothing was sent, because nobody needed it any more or its time was over."""
    at: datetime
    latency: timedelta
    is_late: bool = False
    note: RenderedMessage | None = None
    """The words, for kinds that keep them in the transaction that records a success (the inbox)."""
    exchanges: tuple[Exchange, ...] = ()
    """What went over the wire, for the eyes of the channel's owner; never stored."""
    budget: Budget | None = None
    calls: int = 0
    """So many of the budget's calls it used up."""


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


async def claim_lanes(session: AsyncSession, worker_id: str, limit: int) -> list[ClaimedLane]:
    """Lease up to `limit` free lanes in which something waits, and load it. Lanes over their rate are put to sleep instead."""
    now, sure_until = clock.now(), asyncio.get_running_loop().time() + SURE_FOR.total_seconds()
    lease = f"{worker_id[:70]}/{secrets.token_hex(4)}"
    waiting = (
        select(Delivery.lane.label("lane"), sa.func.min(Delivery.next_attempt_at).label("since"))
        .where(Delivery.next_attempt_at <= now)
        .group_by(Delivery.lane)
        .subquery()
    )
    free = (
        select(Lane.key, Lane.recent_sends)
        .join(waiting, waiting.c.lane == Lane.key)
        .where(
            or_(Lane.leased_until.is_(None), Lane.leased_until < now),
            or_(Lane.throttled_until.is_(None), Lane.throttled_until <= now),
        )
        .order_by(waiting.c.since, Lane.key)
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
            asleep.append({"b_key": key, "throttled_until": again_at})
            continue
        # Counted before they are sent, so that a crash cannot make a robot exceed its rate.
        counted = [*recent, *(now.timestamp() for _ in mine[:free_now])] if kind and kind.rate else recent
        leased.append({"b_key": key, "recent_sends": counted[-MOST_COUNTED_SENDS:]})
        claimed.append(ClaimedLane(key, lease, now + LEASE, sure_until, recent, mine[:free_now]))
    table = cast(sa.Table, sa.inspect(Lane).local_table)
    one = sa.update(table).where(table.c.key == sa.bindparam("b_key"))
    if asleep:
        await execute(session, one.values(throttled_until=sa.bindparam("throttled_until")), asleep)
    if claimed:
        mine_now = {"leased_until": now + LEASE, "leased_by": lease, "throttled_until": None}
        await session.exec(
            sa.update(Lane).where(Lane.key.in_([lane.key for lane in claimed])).values(**mine_now),
            execution_options={"synchronize_session": False},
        )
        if rated := [row for row in leased if row["recent_sends"]]:
            await execute(session, one.values(recent_sends=sa.bindparam("recent_sends")), rated)
        sending = [job.delivery.id for lane in claimed for job in lane.jobs]
        await session.exec(
            sa.update(Delivery).where(Delivery.id.in_(sending)).values(status=DeliveryStatus.SENDING),
            execution_options={"synchronize_session": False},
        )
    return claimed


async def _jobs(session: AsyncSession, lanes: Sequence[str], lease: str, now: datetime) -> dict[str, list[Job]]:
    """The oldest of what waits in each lane, never more than can be sent under one lease."""
    place = sa.func.row_number().over(partition_by=Delivery.lane, order_by=Delivery.id)
    ranked = (
        select(Delivery.id.label("id"), place.label("place"))
        .where(Delivery.lane.in_(lanes), Delivery.next_attempt_at <= now)
        .subquery()
    )
    asked = (
        select(Delivery, Channel)
        .join(ranked, ranked.c.id == Delivery.id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(ranked.c.place <= DELIVERIES_PER_LANE, Delivery.next_attempt_at <= now)
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)  # what a later message takes the place of just now is not sent
    )
    rows = list(await session.exec(asked))
    reminders_open = (
        select(DeliveryReminder.delivery_id, DeliveryReminder.reminder_id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(DeliveryReminder.delivery_id.in_([delivery.id for delivery, _ in rows]), Reminder.status.in_(OPEN))
    )
    open_ids: dict[int, set[int]] = defaultdict(set)
    for delivery_id, reminder_id in await session.exec(reminders_open):
        open_ids[delivery_id].add(reminder_id)
    templates = await templates_of(session, (delivery for delivery, _ in rows))
    found: dict[str, list[Job]] = defaultdict(list)
    for delivery, channel in rows:
        still_open = frozenset(open_ids.get(delivery.id, ()))
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
    asked = select(MessageTemplate).where(MessageTemplate.team_id.in_(team_ids))
    return {
        (row.team_id, row.stage): tuple(Variant(found["title"], found["line"]) for found in row.variants)
        for row in await session.exec(asked)
    }


async def next_attempt_at(session: AsyncSession) -> datetime | None:
    """When the next waiting delivery may be tried, throttling and lease of its lane considered."""
    asked = (
        select(sa.func.min(Delivery.next_attempt_at), Lane.throttled_until, Lane.leased_until)
        .join(Lane, Lane.key == Delivery.lane)
        .where(Delivery.next_attempt_at.is_not(None))
        .group_by(Lane.key)
    )
    moments = [max(moment for moment in row if moment is not None) for row in await session.exec(asked)]
    return min(moments, default=None)


async def holders(session: AsyncSession, lanes: set[str]) -> dict[str, str]:
    """Who holds these lanes, which stay as they are until the transaction ends."""
    asked = select(Lane.key, Lane.leased_by).where(Lane.key.in_(lanes)).order_by(Lane.key).with_for_update()
    return dict(list(await session.exec(asked))) if lanes else {}


async def give_back(session: AsyncSession, finished: Sequence[ClaimedLane], held: dict[str, datetime]) -> None:
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
                "throttled_until": held.get(lane.key),
            }
        )
        unreached += [job.delivery.id for job in lane.jobs[len(lane.done) :]]
    rows.sort(key=lambda row: cast(str, row["b_key"]))
    table = cast(sa.Table, sa.inspect(Lane).local_table)
    change = (
        sa.update(table)
        .where(table.c.key == sa.bindparam("b_key"), table.c.leased_by == sa.bindparam("b_by"))
        .values(
            leased_until=None,
            leased_by="",
            recent_sends=sa.bindparam("recent_sends"),
            throttled_until=sa.bindparam("throttled_until"),
        )
    )
    await execute(session, change, rows)
    if unreached:
        await session.exec(
            sa.update(Delivery)
            .where(Delivery.id.in_(unreached), Delivery.status == DeliveryStatus.SENDING)
            .values(status=DeliveryStatus.QUEUED)
        )


async def forget_waits_of_another_clock(session: AsyncSession) -> None:
    """After the clock was set back: nothing waits for a moment that only the former clock could have meant."""
    now = clock.now()
    await session.exec(
        sa.update(Lane).where(Lane.leased_until > now + 2 * LEASE).values(leased_until=None, leased_by="")
    )
    await session.exec(sa.update(Lane).where(Lane.throttled_until > now + LONGEST_WAIT).values(throttled_until=None))
    is_too_far = or_(
        Delivery.next_attempt_at > now + LONGEST_WAIT,
        and_(Delivery.status != DeliveryStatus.THROTTLED, Delivery.next_attempt_at > now + LONGEST_PAUSE),
    )
    await session.exec(sa.update(Delivery).where(is_too_far).values(next_attempt_at=now))
