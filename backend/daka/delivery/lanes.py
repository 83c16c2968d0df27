"""Lanes: leases on robots, addresses and keys, with the deliveries that wait in each.

A *lane* is one robot, address or key. A sender leases lanes, not deliveries, so that messages to one robot are sent in order and
under one rate limit, however many processes there are. When a sender dies its leases expire, and another process continues with
the same idempotency keys.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import execute
from daka.delivery.channels.kind import Budget, ExchangeRead
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryCard,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    MessageTemplate,
    Outcome,
)
from daka.delivery.rate_limit import DELIVERIES_PER_LANE, lane_allowance
from daka.delivery.templates import Templates, Variant
from daka.identity.models import Team, User
from daka.identity.teams import language_column
from daka.languages import Language
from daka.outbound.http import OVERALL_SECONDS
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN

LEASE = timedelta(seconds=25)
MAX_CLOCK_SKEW = timedelta(seconds=3)
"""The clocks of two servers may differ by this much without both sending from one lane."""
LEASE_SAFE_FOR = LEASE - timedelta(seconds=OVERALL_SECONDS) - MAX_CLOCK_SKEW
"""An attempt that starts this soon after the claim ends before another process can take the lane."""
MOST_COUNTED_SENDS = 100
LONGEST_THROTTLING = timedelta(hours=25)
"""The longest that a lane is throttled, whatever the provider says: a daily quota is renewed at the provider's midnight."""
LONGEST_WAIT = timedelta(hours=1, minutes=1)
"""Throttling beyond this is dropped after a clock jump: at worst the provider throttles once more."""
LONGEST_PAUSE = timedelta(minutes=10)
"""Longer than any pause between attempts, and than any jitter."""


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery with everything that an attempt needs, read in the claim's transaction."""

    delivery: Delivery
    channel: Channel
    lease: str
    """Names the claim. A process that has lost the lease may only record that the message arrived."""
    open_reminder_ids: frozenset[int]
    templates: Templates = field(default_factory=dict)
    language: Language = Language.CHINESE
    """Of whom the channel belongs to."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job."""

    job: Job
    verdict: Verdict | None
    """None: nothing was sent, because nobody needed it any more or it had expired."""
    at: datetime
    latency: timedelta
    is_late: bool = False
    message: RenderedMessage | None = None
    """The rendered message, for kinds that store it in the transaction that records a success (the inbox)."""
    exchanges: tuple[ExchangeRead, ...] = ()
    """Requests and answers, shown to the channel's owner; never stored."""
    budget: Budget | None = None
    calls: int = 0
    """Calls of the budget that it used."""

    @property
    def outcome(self) -> Outcome | None:
        return self.verdict.outcome if self.verdict else None


@dataclass(slots=True)
class ClaimedLane:
    """A leased lane and what waits in it."""

    key: str
    lease: str
    leased_until: datetime
    safe_until: float
    """The end of `LEASE_SAFE_FOR` on the event loop's monotonic clock."""
    recent_sends: list[float]
    jobs: list[Job] = field(default_factory=list)
    done: "list[Result]" = field(default_factory=list)

    def is_lease_safe(self) -> bool:
        """Whether an attempt that starts now ends before the lease does, by both the wall clock and the monotonic clock."""
        by_wall_clock = clock.now() < self.leased_until - (LEASE - LEASE_SAFE_FOR)
        return by_wall_clock and asyncio.get_running_loop().time() < self.safe_until


async def claim_lanes(
    session: AsyncSession,
    worker_id: str,
    limit: int,
    *,
    takes_over: bool = True,
    without: Collection[str] = frozenset(),
) -> list[ClaimedLane]:
    """Lease up to `limit` free lanes with waiting deliveries, and load those. Lanes over their rate are throttled instead.
    Those in `without` are left to other processes.

    `takes_over` is whether a lane is free once its lease has expired: not while a clock that was set may have made it expire.
    """
    now, safe_until = clock.now(), asyncio.get_running_loop().time() + LEASE_SAFE_FOR.total_seconds()
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
            Lane.key.not_in(without),
            or_(Lane.leased_until.is_(None), Lane.leased_until < now) if takes_over else Lane.leased_until.is_(None),
            or_(Lane.throttled_until.is_(None), Lane.throttled_until <= now),
        )
        .order_by(waiting.c.since, Lane.key)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Lane)
    )
    lanes = dict(list(await session.exec(free)))
    if not lanes:
        return []
    claimed, over_rate = [], []
    leased: list[dict[str, Any]] = []
    for key, mine in (await _jobs(session, list(lanes), lease, now)).items():
        kind = KINDS.get(mine[0].channel.kind)
        recent = list(lanes[key])
        free_now, again_at = lane_allowance(kind, recent, now)
        if not free_now:
            over_rate.append({"b_key": key, "throttled_until": again_at})
            continue
        # Counted before they are sent, so that a crash cannot make a robot exceed its rate.
        counted = [*recent, *(now.timestamp() for _ in mine[:free_now])] if kind and kind.rate else recent
        leased.append({"b_key": key, "recent_sends": counted[-MOST_COUNTED_SENDS:]})
        claimed.append(ClaimedLane(key, lease, now + LEASE, safe_until, recent, mine[:free_now]))
    table = cast(sa.Table, sa.inspect(Lane).local_table)
    one = sa.update(table).where(table.c.key == sa.bindparam("b_key"))
    if over_rate:
        await execute(session, one.values(throttled_until=sa.bindparam("throttled_until")), over_rate)
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
    """The oldest deliveries that wait in each lane, at most as many as can be sent under one lease."""
    place = sa.func.row_number().over(partition_by=Delivery.lane, order_by=Delivery.id)
    ranked = (
        select(Delivery.id.label("id"), place.label("place"))
        .where(Delivery.lane.in_(lanes), Delivery.next_attempt_at <= now)
        .subquery()
    )
    asked = (
        select(Delivery, Channel, language_column())
        .join(ranked, ranked.c.id == Delivery.id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(User, User.id == Channel.user_id, isouter=True)
        .join(Team, Team.id == sa.func.coalesce(Channel.team_id, User.team_id), isouter=True)
        # The lane again: a delivery moves when its channel's address changes, perhaps between reading and locking it.
        .where(ranked.c.place <= DELIVERIES_PER_LANE, Delivery.next_attempt_at <= now, Delivery.lane.in_(lanes))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)  # one that is being superseded right now is not sent
    )
    rows = list(await session.exec(asked))
    reminders_open = (
        select(DeliveryReminder.delivery_id, DeliveryReminder.reminder_id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(DeliveryReminder.delivery_id.in_([delivery.id for delivery, *_ in rows]), Reminder.status.in_(OPEN))
    )
    open_ids: dict[int, set[int]] = defaultdict(set)
    for delivery_id, reminder_id in await session.exec(reminders_open):
        open_ids[delivery_id].add(reminder_id)
    templates = await templates_of(session, (delivery for delivery, *_ in rows))
    found: dict[str, list[Job]] = defaultdict(list)
    for delivery, channel, language in rows:
        still_open = frozenset(open_ids.get(delivery.id, ()))
        found[delivery.lane].append(Job(delivery, channel, lease, still_open, templates, language))
    return found


def _team_ids(delivery: Delivery) -> set[int]:
    """The teams in a stored message. A message that cannot be read fails in the attempt, not in the claim."""
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
        (row.team_id, row.stage, row.language): tuple(Variant(found["title"], found["line"]) for found in row.variants)
        for row in await session.exec(asked)
    }


async def next_attempt_at(session: AsyncSession, *, without: Collection[str] = frozenset()) -> datetime | None:
    """When the next waiting delivery may be tried, throttling and lease of its lane considered."""
    asked = (
        select(sa.func.min(Delivery.next_attempt_at), Lane.throttled_until, Lane.leased_until)
        .join(Lane, Lane.key == Delivery.lane)
        .where(Delivery.next_attempt_at.is_not(None), Lane.key.not_in(without))
        .group_by(Lane.key)
    )
    moments = [max(moment for moment in row if moment is not None) for row in await session.exec(asked)]
    return min(moments, default=None)


async def lease_holders(session: AsyncSession, lanes: set[str]) -> dict[str, str]:
    """Which lease each lane has; the rows are locked until the transaction ends."""
    asked = select(Lane.key, Lane.leased_by).where(Lane.key.in_(lanes)).order_by(Lane.key).with_for_update()
    return dict(list(await session.exec(asked))) if lanes else {}


async def release_lanes(session: AsyncSession, finished: Sequence[ClaimedLane], throttled: dict[str, datetime]) -> None:
    """Free the lanes and store the sends that count against their rates; deliveries that were not reached wait again."""
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
                "throttled_until": throttled.get(lane.key),
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


async def reset_waits_after_clock_jump(
    session: AsyncSession, *, set_back_by: timedelta = timedelta(0), longest: timedelta = LONGEST_WAIT
) -> None:
    """Shorten waits by as much as the clock was set back, and drop those that only a clock set wrongly can have written.

    Those are longer than `longest`.
    """
    now = clock.now()
    too_far = now + longest
    if set_back_by:
        await _move_waits(session, now + set_back_by, set_back_by)
    await session.exec(sa.update(Lane).where(Lane.throttled_until > too_far).values(throttled_until=None))
    is_too_far = or_(
        Delivery.next_attempt_at > too_far,
        and_(Delivery.status != DeliveryStatus.THROTTLED, Delivery.next_attempt_at > now + LONGEST_PAUSE),
    )
    await session.exec(sa.update(Delivery).where(is_too_far).values(next_attempt_at=now))
    await session.exec(sa.update(DeliveryReceipt).where(DeliveryReceipt.poll_at > too_far).values(poll_at=now))
    await session.exec(sa.update(DeliveryCard).where(DeliveryCard.next_try_at > too_far).values(next_try_at=now))
    # A card is changed after its reminders were: what a clock that was ahead has changed would always be the later one.
    await session.exec(sa.update(DeliveryCard).where(DeliveryCard.seen_at > now).values(seen_at=now))
    await session.exec(sa.update(Reminder).where(Reminder.updated_at > now).values(updated_at=now))


async def _move_waits(session: AsyncSession, after: datetime, by: timedelta) -> None:
    """A wait written before the clock was set back ends after `after`; an earlier one was written since then."""
    lanes = await session.exec(select(Lane).where(Lane.throttled_until > after).with_for_update())
    for lane in lanes:
        lane.throttled_until = lane.throttled_until - by if lane.throttled_until else None
        session.add(lane)
    waiting = select(Delivery).where(Delivery.next_attempt_at > after, Delivery.status == DeliveryStatus.THROTTLED)
    for delivery in await session.exec(waiting.with_for_update()):
        delivery.next_attempt_at = delivery.next_attempt_at - by if delivery.next_attempt_at else None
        session.add(delivery)
    await session.flush()


async def reset_leases_after_clock_jump(session: AsyncSession) -> None:
    """Drop leases that lie so far ahead; called a lease after the clock was set back, when nobody sends under them any more."""
    far_ahead = sa.update(Lane).where(Lane.leased_until > clock.now() + 2 * LEASE)
    await session.exec(far_ahead.values(leased_until=None, leased_by=""))
