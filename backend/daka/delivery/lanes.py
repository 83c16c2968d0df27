"""Lanes: leases on robots, addresses and keys, with the deliveries that wait in each.

A *lane* is one robot, address or key. A sender leases lanes, not deliveries, so that messages to one robot are sent in order and
under one rate limit, however many processes there are. When a sender dies its leases expire, and another process continues with
the same idempotency keys.
"""

import asyncio
import math
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from daka.delivery.messages import Mention, MessageContent, ReminderLine, RenderedMessage
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryCard,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    MessageTemplate,
    Occasion,
    Outcome,
)
from daka.delivery.rate_limit import DELIVERIES_PER_LANE, lane_allowance
from daka.delivery.recipients import mention_of, planners_of
from daka.delivery.templates import Templates, Variant
from daka.identity.models import Team, User
from daka.identity.teams import language_column
from daka.languages import Language
from daka.outbound.requests import OVERALL_SECONDS
from daka.reminders.claims import Current, current
from daka.reminders.models import Reminder
from daka.statements import among, update_rows

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
class OpenDelivery:
    """A delivery as far as an attempt needs it: objects of its table cost more than the attempt's own work."""

    id: int
    key: str
    lane: str
    channel_id: int
    occasion: Occasion
    message: dict[str, object] | MessageContent
    due_at: datetime
    expires_at: datetime
    attempt_count: int = 0


OPEN_DELIVERY = ("id", "key", "lane", "channel_id", "occasion", "message", "due_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery with everything that an attempt needs, read in the claim's transaction."""

    delivery: Delivery | OpenDelivery
    channel: Channel
    lease: str
    """Names the claim. A process that has lost the lease may only record that the message arrived."""
    open_reminders: Mapping[int, Current | None]
    """Those of its reminders that are still open, as they are now; None: as the message says."""
    templates: Templates = field(default_factory=dict)
    language: Language = Language.CHINESE
    """Of whom the channel belongs to."""
    owner: Mention | None = None
    """The person whose channel it is, as they are now; None: not asked, or a channel of nobody in particular."""
    is_owner_gone: bool = False
    """The person whose channel it is has been disabled or deleted since."""
    planners: Mapping[int, Mention] | None = None
    """The planners of an escalation's people, as they are now; None: as the message says."""


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
    lines: tuple[ReminderLine, ...] | None = None
    """Of the message as it was sent, if they had changed since it was written."""

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
    fresh_until: float = math.inf
    """When what was read is too old to begin with it, on the same clock: meanwhile somebody may have punched."""

    def is_lease_safe(self) -> bool:
        """Whether an attempt that starts now ends before the lease does, by both the wall clock and the monotonic clock."""
        by_wall_clock = clock.now() < self.leased_until - (LEASE - LEASE_SAFE_FOR)
        return by_wall_clock and asyncio.get_running_loop().time() < self.safe_until


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims, and how much it can send at once."""

    lease: str
    """Names the claim."""
    room: int
    """Lanes."""
    takes_over: bool = True
    """Whether a lane is free once its lease has expired: not while a clock that was set may have made it expire."""
    without: Collection[str] = frozenset()
    """Lanes that are left to other processes."""


def new_lease(worker_id: str) -> str:
    return f"{worker_id[:70]}/{secrets.token_hex(4)}"


def _of(by: Claimant, now: datetime) -> dict[str, Any]:
    return {"now": now, "others": by.without, "room": by.room, "takes_over": by.takes_over}


_IS_FREE = and_(
    or_(
        Lane.leased_until.is_(None),
        and_(Lane.leased_until < sa.bindparam("now"), sa.bindparam("takes_over", type_=sa.Boolean())),
    ),
    or_(Lane.throttled_until.is_(None), Lane.throttled_until <= sa.bindparam("now")),
    ~among(Lane.key, "others"),
)
_WAITING = (
    select(Delivery.lane.label("lane"), sa.func.min(Delivery.next_attempt_at).label("since"))
    .where(Delivery.next_attempt_at <= sa.bindparam("now"))
    .group_by(Delivery.lane)
    .subquery()
)
_FREE_AND_WAITING: Any = (
    sa.select(Lane.key, Lane.recent_sends)
    .join(_WAITING, _WAITING.c.lane == Lane.key)
    .where(_IS_FREE)
    .order_by(_WAITING.c.since, Lane.key)
    .limit(sa.bindparam("room"))
    .with_for_update(skip_locked=True, of=Lane)
)
_FREE_AND_EMPTY: Any = (
    sa.select(Lane.key, Lane.recent_sends)
    .where(
        among(Lane.key, "keys"),
        _IS_FREE,
        ~sa.exists().where(Delivery.lane == Lane.key, Delivery.next_attempt_at.is_not(None)),
    )
    .order_by(Lane.key)
    .with_for_update(skip_locked=True, of=Lane)
)
_LEASE: Any = (
    sa.update(Lane)
    .where(among(Lane.key, "keys"))
    .values(leased_until=sa.bindparam("until"), leased_by=sa.bindparam("lease"), throttled_until=None)
)


async def claim_lanes(session: AsyncSession, by: Claimant) -> list[ClaimedLane]:
    """Lease as many free lanes with waiting deliveries as there is room for, and load those."""
    now = clock.now()
    lanes = dict(cast(Any, (await execute(session, _FREE_AND_WAITING, _of(by, now))).all()))
    if not lanes:
        return []
    claimed = await _lease(session, by, lanes, await _jobs(session, list(lanes), by.lease, now), now)
    if sending := [job.delivery.id for lane in claimed for job in lane.jobs]:
        await session.exec(
            sa.update(Delivery).where(among(Delivery.id, sending)).values(status=DeliveryStatus.SENDING),
            execution_options={"synchronize_session": False},
        )
    return claimed


async def claim_new(
    session: AsyncSession, by: Claimant, jobs: Mapping[str, list[Job]], now: datetime
) -> list[ClaimedLane]:
    """The same for deliveries that this transaction is about to write, where nothing else waits in their lanes.

    A round trip to the table less: they are sent as soon as the transaction is committed.
    """
    keys = list(jobs)[: by.room]
    free = await execute(session, _FREE_AND_EMPTY, {**_of(by, now), "keys": keys}) if keys else None
    lanes = dict(cast(Any, free.all())) if free else {}
    return await _lease(session, by, lanes, {key: jobs[key] for key in keys if key in lanes}, now)


async def _lease(
    session: AsyncSession,
    by: Claimant,
    lanes: Mapping[str, list[float]],
    jobs: Mapping[str, list[Job]],
    now: datetime,
) -> list[ClaimedLane]:
    """Lease these lanes, which are locked, for these jobs. `lanes` has the latest sends; those over their rate wait."""
    safe_until = asyncio.get_running_loop().time() + LEASE_SAFE_FOR.total_seconds()
    claimed, over_rate, rated = [], [], []
    for key, mine in jobs.items():
        kind = KINDS.get(mine[0].channel.kind)
        recent = list(lanes[key])
        free_now, again_at = lane_allowance(kind, recent, now)
        if not free_now:
            over_rate.append({"key": key, "throttled_until": again_at})
            continue
        if kind and kind.rate:  # counted before they are sent, so that a crash cannot make a robot exceed its rate
            counted = [*recent, *(now.timestamp() for _ in mine[:free_now])]
            rated.append({"key": key, "recent_sends": counted[-MOST_COUNTED_SENDS:]})
        claimed.append(ClaimedLane(key, by.lease, now + LEASE, safe_until, recent, mine[:free_now]))
    await update_rows(session, Lane, over_rate, by=("key",))
    await update_rows(session, Lane, rated, by=("key",))
    if claimed:
        await execute(
            session, _LEASE, {"keys": [lane.key for lane in claimed], "until": now + LEASE, "lease": by.lease}
        )
    return claimed


async def _jobs(session: AsyncSession, lanes: Sequence[str], lease: str, now: datetime) -> dict[str, list[Job]]:
    """The oldest deliveries that wait in each lane, at most as many as can be sent under one lease."""
    place = sa.func.row_number().over(partition_by=Delivery.lane, order_by=Delivery.id)
    ranked = (
        select(Delivery.id.label("id"), place.label("place"))
        .where(among(Delivery.lane, lanes), Delivery.next_attempt_at <= now)
        .subquery()
    )
    asked: Any = (
        sa.select(
            Delivery.id,
            Delivery.key,
            Delivery.lane,
            Delivery.channel_id,
            Delivery.occasion,
            Delivery.message,
            Delivery.due_at,
            Delivery.expires_at,
            Delivery.attempt_count,
            Channel,
            language_column(),
            User.display_name,
            User.mobile,
            User.dingtalk_userid,
            sa.or_(User.is_active == sa.false(), User.deleted_at.is_not(None)),
        )
        .join(ranked, ranked.c.id == Delivery.id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(User, User.id == Channel.user_id, isouter=True)
        .join(Team, Team.id == sa.func.coalesce(Channel.team_id, User.team_id), isouter=True)
        # The lane again: a delivery moves when its channel's address changes, perhaps between reading and locking it.
        .where(ranked.c.place <= DELIVERIES_PER_LANE, Delivery.next_attempt_at <= now, among(Delivery.lane, lanes))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)  # one that is being superseded right now is not sent
    )
    rows = [(OpenDelivery(*row[:-6]), *row[-6:]) for row in await session.exec(asked)]
    carried = select(DeliveryReminder.delivery_id, DeliveryReminder.reminder_id)
    carried = carried.where(among(DeliveryReminder.delivery_id, [delivery.id for delivery, *_ in rows]))
    pairs = list(await session.exec(carried))
    now_open = await current(session, {reminder_id for _, reminder_id in pairs}, now)
    open_reminders: dict[int, dict[int, Current]] = defaultdict(dict)
    for delivery_id, reminder_id in pairs:
        if reminder_id in now_open:
            open_reminders[delivery_id][reminder_id] = now_open[reminder_id]
    templates = await templates_of(session, (delivery.message for delivery, *_ in rows))
    escalated = {
        delivery.id: _team_ids(delivery.message) for delivery, *_ in rows if delivery.occasion is Occasion.ESCALATION
    }
    planners = await planners_of(session, set().union(*escalated.values()))
    found: dict[str, list[Job]] = defaultdict(list)
    for delivery, channel, language, name, mobile, userid, is_gone in rows:
        owner = Mention(name, mobile, userid) if name is not None else None
        job = Job(delivery, channel, lease, open_reminders[delivery.id], templates, language, owner, bool(is_gone))
        if (team_ids := escalated.get(delivery.id)) is not None:
            now_planning = {user.id: mention_of(user) for team_id in team_ids for user in planners[team_id]}
            job = replace(job, planners=now_planning)
        found[delivery.lane].append(job)
    return found


_LANGUAGES: Any = (
    sa.select(Channel.id, language_column())
    .join(User, User.id == Channel.user_id, isouter=True)
    .join(Team, Team.id == sa.func.coalesce(Channel.team_id, User.team_id), isouter=True)
    .where(among(Channel.id, "channels"))
)


async def languages_of_channels(session: AsyncSession, channel_ids: Collection[int]) -> dict[int, Language]:
    return dict(cast(Any, (await execute(session, _LANGUAGES, {"channels": channel_ids})).all()))


def _team_ids(message: dict[str, object] | MessageContent) -> set[int]:
    """The teams in a message. A stored one that cannot be read fails in the attempt, not in the claim."""
    if isinstance(message, MessageContent):
        return {line.team_id for line in message.lines if line.team_id is not None}
    lines = message.get("lines")
    if not isinstance(lines, list):
        return set()
    return {line["team_id"] for line in lines if isinstance(line, dict) and line.get("team_id") is not None}


_TEMPLATES = select(MessageTemplate).where(among(MessageTemplate.team_id, "teams"))


async def templates_of(session: AsyncSession, messages: Iterable[dict[str, object] | MessageContent]) -> Templates:
    """The templates of every team that has people in these messages."""
    team_ids = {team_id for message in messages for team_id in _team_ids(message)}
    if not team_ids:
        return {}
    return {
        (row.team_id, row.stage, row.language): tuple(Variant(found["title"], found["line"]) for found in row.variants)
        for row in await session.exec(_TEMPLATES, params={"teams": team_ids})
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


_HOLDERS: Any = sa.select(Lane.key, Lane.leased_by).where(among(Lane.key, "lanes")).order_by(Lane.key).with_for_update()


async def lease_holders(session: AsyncSession, lanes: set[str]) -> dict[str, str]:
    """Which lease each lane has; the rows are locked until the transaction ends."""
    return dict(cast(Any, (await execute(session, _HOLDERS, {"lanes": lanes})).all())) if lanes else {}


async def release_lanes(session: AsyncSession, finished: Sequence[ClaimedLane], throttled: dict[str, datetime]) -> None:
    """Free the lanes and store the sends that count against their rates; deliveries that were not reached wait again."""
    plain: list[dict[str, Any]] = []
    counted: list[dict[str, Any]] = []
    unreached: list[int] = []
    for lane in sorted(finished, key=lambda lane: lane.key):
        kind = KINDS.get(lane.jobs[0].channel.kind)
        row: dict[str, Any] = {"key": lane.key, "leased_by": lane.lease}
        if lane.key in throttled or (kind is not None and kind.rate is not None):
            sends = [result.at.timestamp() for result in lane.done if kind and kind.rate and result.verdict is not None]
            row["recent_sends"] = [*lane.recent_sends, *sends][-MOST_COUNTED_SENDS:]
            counted.append({**row, "throttled_until": throttled.get(lane.key)})
        else:
            plain.append(row)
        unreached += [job.delivery.id for job in lane.jobs[len(lane.done) :]]
    free = {"leased_until": None, "leased_by": ""}
    await update_rows(session, Lane, counted, by=("key", "leased_by"), also=free)
    await update_rows(session, Lane, plain, by=("key", "leased_by"), also={**free, "throttled_until": None})
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
    waiting = select(Delivery).where(Delivery.next_attempt_at > after, Delivery.status == DeliveryStatus.THROTTLED)
    for delivery in await session.exec(waiting.with_for_update()):
        delivery.next_attempt_at = delivery.next_attempt_at - by if delivery.next_attempt_at else None
    await session.flush()


async def reset_leases_after_clock_jump(session: AsyncSession) -> None:
    """Drop leases that lie so far ahead; called a lease after the clock was set back, when nobody sends under them any more."""
    far_ahead = sa.update(Lane).where(Lane.leased_until > clock.now() + 2 * LEASE)
    await session.exec(far_ahead.values(leased_until=None, leased_by=""))
