"""Turns due reminders into queued deliveries, in one transaction: claim, group people who share a channel, write."""

import logging
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.change_events import Topic, publish
from daka.database import Database, advisory_lock, execute
from daka.delivery.channels.registry import KINDS
from daka.delivery.grouping import GroupKey, Notification, Recipient, escalation_recipients, group_key, grouped, parts
from daka.delivery.lanes import (
    OPEN_DELIVERY,
    Claimant,
    ClaimedLane,
    Job,
    OpenDelivery,
    claim_new,
    languages_of_channels,
    templates_of,
)
from daka.delivery.messages import MessageContent, ReminderLine
from daka.delivery.models import (
    FAILURES,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryFailure,
    DeliveryReminder,
    DeliveryStatus,
    Lane,
    Occasion,
)
from daka.delivery.recipients import give_inboxes, load_channels, namesakes_among, planners_of, step_channels
from daka.delivery.routing import Usefulness
from daka.reminders import claims
from daka.reminders.models import Reminder
from daka.reminders.punches.serving import unverified
from daka.reminders.states import ReminderStatus
from daka.reminders.transitions import end
from daka.scheduler.service import is_on_hold
from daka.statements import among, insert_rows, new_ids

log = logging.getLogger(__name__)

AT_ONCE = 2000
"""Reminders claimed in one transaction: enough for a whole company at 09:00, so that a robot's group is not split."""
DUE_LOCK = 0x64756521
TRY_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Queued:
    """What one transaction did."""

    claimed: int
    deliveries: int
    lateness: timedelta
    lanes: Sequence[ClaimedLane] = ()
    """Leased for the claimant, to be sent at once."""


NOTHING = Queued(0, 0, timedelta(0))
DueLine = tuple[ReminderLine, datetime]
"""A line, and when it was due."""


async def due_at(
    session: AsyncSession, now: datetime, limit: int = AT_ONCE, *, without: Collection[int] = ()
) -> tuple[list[list[int]], list[int]]:
    """What is due at that moment, to be queued in slices: the reminders of each person who shares no message, and the rest.

    Nobody shares a message whose own channels work, as long as nothing goes to their team as well. A look at fewer than all
    tells nothing of the rest, and of nobody who has another reminder that is due.
    """
    works = (
        select(Channel.id)
        .join(Lane, Lane.key == Channel.lane)
        .where(
            Channel.user_id == Reminder.user_id,
            Channel.is_enabled == sa.true(),
            Channel.deleted_at.is_(None),
            Channel.is_fallback == sa.false(),
            Channel.status != ChannelStatus.BROKEN,
            sa.or_(Lane.throttled_until.is_(None), Lane.throttled_until <= now),
        )
        .exists()
    )
    is_reported = sa.and_(Reminder.escalated_at.is_(None), Reminder.escalate_at <= now)
    goes_to_team = sa.func.coalesce(sa.or_(is_reported, Reminder.team_from_at <= now), sa.false())
    is_alone = sa.and_(works, ~goes_to_team)
    if limit == AT_ONCE:
        return await claims.due_at(session, now, limit, is_alone, without=without)
    other = aliased(Reminder)
    has_others = select(other.id).where(
        other.user_id == Reminder.user_id, other.id != Reminder.id, other.next_due_at <= now
    )
    alone, rest = await claims.due_at(session, now, limit, sa.and_(is_alone, ~has_others.exists()), without=without)
    return alone, rest if len(alone) + len(rest) < limit else []


async def queue_due(
    session: AsyncSession,
    *,
    limit: int = AT_ONCE,
    without: Collection[int] = (),
    only: Collection[int] | None = None,
    are_alone: bool = False,
    by: Claimant | None = None,
) -> Queued:
    """Claim due reminders, queue their deliveries, and end those whose window has closed.

    One process at a time: two that claimed at the same second would each group a part of one robot's people. Slices of people
    who share no message (`are_alone`) go side by side: a row that one process has locked is skipped by the others. While
    reminding is paused nothing moves; reminders `without` wait a moment longer (see `claims.claim_due`). `only` queues a slice
    of what is due. The claimant has the lanes in which nothing else waits.
    """
    await advisory_lock(session, DUE_LOCK, is_shared=are_alone)
    if await is_on_hold(session):
        return NOTHING
    now = clock.now()
    claimed = await claims.claim_due(session, now, limit, without=without, only=only)
    session.info["claimed"] = [found.reminder_id for found in claimed]
    if not claimed:
        return NOTHING
    await _expire(session, [found.reminder_id for found in claimed if found.decision.end], now)
    groups = grouped(await _notifications(session, claimed, now))
    unsent = await _unsent(session, {group.recipient.channel.lane for group in groups})
    rows: list[dict[str, Any]] = []
    channels: list[Channel] = []
    superseded: list[tuple[Delivery, dict[str, Any]]] = []
    for group in groups:
        channel, reader = group.recipient.channel, group.recipient.reader
        earlier = unsent.get(group.key, [])
        hand_over_at = [found.hand_over_at for found in earlier if found.hand_over_at is not None]
        lines = {line.reminder_id: (line, due_at) for line, due_at in group.lines}
        for delivery in earlier:
            for line in MessageContent.model_validate(delivery.message).lines:
                if now < line.ends_at:
                    lines.setdefault(line.reminder_id, (line, delivery.due_at))
        in_order = sorted(lines.values(), key=lambda each: (each[0].point_at, each[0].user_id))
        for part in parts(in_order, group.people_per_message):
            message = MessageContent(
                occasion=group.key.occasion,
                lines=tuple(line for line, _ in part),
                readers=(reader,) if reader else (),
            )
            due_at, expires_at = min(due_at for _, due_at in part), max(line.ends_at for line, _ in part)
            row = _row(channel, message, due_at=due_at, expires_at=expires_at, now=now)
            rows.append(row | {"hand_over_at": min(row["hand_over_at"], *hand_over_at)} if hand_over_at else row)
            channels.append(channel)
            publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
        superseded += [(delivery, rows[-1]) for delivery in earlier]
    for row, delivery_id in zip(rows, await new_ids(session, Delivery, len(rows)), strict=True):
        row["id"] = delivery_id
    lanes = await _claim(session, by, rows, channels, now) if by and rows else []
    await _write(session, rows, superseded)
    for team_id in {found.team_id for found in claimed}:
        publish(session, Topic.REMINDER, team_id=team_id)
    return Queued(len(claimed), len(rows), now - min(found.due_at for found in claimed), lanes)


async def _notifications(
    session: AsyncSession, claimed: Sequence[claims.Claimed], now: datetime
) -> list[Notification[DueLine]]:
    """What the claimed reminders ask for: reminders to people, and escalations to teams and planners."""
    to_remind = [found for found in claimed if found.decision.remind]
    to_escalate = [found for found in claimed if found.decision.escalate]
    planners = await planners_of(session, {found.team_id for found in to_escalate})
    all_planners = [planner for found in planners.values() for planner in found]
    channels = await load_channels(
        session,
        user_ids={found.user_id for found in to_remind} | {planner.id for planner in all_planners},
        team_ids={found.team_id for found in [*to_remind, *to_escalate] if found.team_id is not None},
    )
    concerned = {found.reminder_id: found for found in [*to_remind, *to_escalate]}
    doubts = await unverified(
        session,
        [(reminder_id, found.user_id, found.team_id) for reminder_id, found in concerned.items()],
        now,
    )
    alike = await namesakes_among(session, channels)
    lines = {
        reminder_id: (line_of(found, doubts, has_namesake=found.user_id in alike), found.due_at)
        for reminder_id, found in concerned.items()
    }
    notifications = []
    for found in to_remind:
        window = found.window
        route = await step_channels(
            session,
            channels,
            found.user_id,
            lines[found.reminder_id][0].person,
            found.team_id,
            found.kind,
            now,
            useful=Usefulness.of(point_at=window.point_at, ends_at=window.ends_at, now=now),
            includes_team=window.team_from_at is not None and now >= window.team_from_at,
        )
        recipients = [Recipient(channel) for channel in route]
        notifications.append(Notification(Occasion.REMINDER, found.kind, recipients, lines[found.reminder_id]))
    times = [
        Usefulness.of(point_at=found.window.point_at, ends_at=found.window.ends_at, now=now) for found in to_escalate
    ]
    useful = min(times, key=lambda each: (each.best_before, each.ends_at), default=None)
    await give_inboxes(session, channels, all_planners, useful)
    reported = {
        team_id: escalation_recipients(channels, team_id, planners, now, useful)
        for team_id in {found.team_id for found in to_escalate}
    }
    notifications += [
        Notification(Occasion.ESCALATION, found.kind, reported[found.team_id], lines[found.reminder_id])
        for found in to_escalate
    ]
    return notifications


async def _claim(
    session: AsyncSession, by: Claimant, rows: Sequence[dict[str, Any]], channels: Sequence[Channel], now: datetime
) -> list[ClaimedLane]:
    """Lease the lanes of these new deliveries for the claimant, as far as nothing else waits in them."""
    templates = await templates_of(session, [row["message"] for row in rows])
    languages = await languages_of_channels(session, {channel.id for channel in channels})
    jobs: dict[str, list[Job]] = defaultdict(list)
    for row, channel in zip(rows, channels, strict=True):
        if row["next_attempt_at"] <= now:
            delivery = OpenDelivery(**{name: row[name] for name in OPEN_DELIVERY})
            as_written = dict.fromkeys(line.reminder_id for line in row["message"].lines)
            language = languages[channel.id]
            jobs[channel.lane].append(Job(delivery, channel, by.lease, as_written, templates, language))
    lanes = await claim_new(session, by, jobs, now)
    sending = {job.delivery.id for lane in lanes for job in lane.jobs}
    for row in rows:
        if row["id"] in sending:
            row["status"] = DeliveryStatus.SENDING
    return lanes


async def _write(
    session: AsyncSession, rows: Sequence[dict[str, Any]], superseded: Sequence[tuple[Delivery, dict[str, Any]]]
) -> None:
    """Write deliveries, with the reminders they carry and those they supersede."""
    links = [link for row in rows for link in _links(row["id"], row["due_at"], row["message"])]
    await insert_rows(session, Delivery, rows)
    await insert_rows(session, DeliveryReminder, links)
    for delivery, row in superseded:
        delivery.status, delivery.next_attempt_at, delivery.superseded_by = DeliveryStatus.EXPIRED, None, row["id"]
        session.add(delivery)
    await note_failures(session, [delivery.id for delivery, _ in superseded])


def _links(delivery_id: int, due_at: datetime, message: MessageContent) -> list[dict[str, Any]]:
    """What says which reminders a delivery carries."""
    its = {"delivery_id": delivery_id, "due_at": due_at, "occasion": message.occasion, "failure": None}
    return [{**its, "reminder_id": line.reminder_id, "user_id": line.user_id} for line in message.lines]


_FAILURE = (
    sa.select(
        sa.case(
            (Delivery.status.in_([*FAILURES]), sa.cast(Delivery.status, sa.String)),
            (Delivery.refused_at.is_not(None), DeliveryFailure.REFUSED.value),
        )
    )
    .where(Delivery.id == DeliveryReminder.delivery_id)
    .scalar_subquery()
)


async def note_failures(
    session: AsyncSession, deliveries: Collection[int], *, refused_at: datetime | None = None
) -> None:
    """Say what went wrong with deliveries where the log of their people is searched by it, after each change of it."""
    if not deliveries:
        return
    if refused_at is not None:
        await execute(session, sa.update(Delivery).where(among(Delivery.id, deliveries)).values(refused_at=refused_at))
    carried = sa.update(DeliveryReminder).where(among(DeliveryReminder.delivery_id, deliveries))
    await execute(session, carried.values(failure=_FAILURE))


async def queue_due_one_by_one(database: Database, *, without: Collection[int] = ()) -> None:
    """Queue after a failure: one reminder a transaction, so that only the one at fault is delayed."""
    for _ in range(AT_ONCE):
        try:
            async with database.write() as session:
                if not (await queue_due(session, limit=1, without=without)).claimed:
                    return
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            if not (at_fault := session.info.get("claimed")):
                raise
            log.exception("A reminder could not be queued", extra={"fields": {"reminder_ids": at_fault}})
            async with database.write() as session:
                await claims.postpone(session, at_fault, clock.now() + TRY_AGAIN_AFTER)


_UNSENT = (
    select(Delivery, Channel)
    .join(Channel, Channel.id == Delivery.channel_id)
    .where(
        among(Delivery.lane, "lanes"),
        Delivery.next_attempt_at.is_not(None),
        Delivery.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.THROTTLED)),
        Delivery.occasion.in_((Occasion.REMINDER, Occasion.ESCALATION)),
    )
    .order_by(Delivery.id)
    .with_for_update(skip_locked=True, of=Delivery)
)


async def _unsent(session: AsyncSession, lanes: Collection[str]) -> dict[GroupKey, list[Delivery]]:
    """Deliveries that wait in these lanes and are not being sent: the new message includes their lines and supersedes them."""
    if not lanes:
        return {}
    found: dict[GroupKey, list[Delivery]] = defaultdict(list)
    for delivery, channel in await session.exec(_UNSENT, params={"lanes": lanes}):
        message = MessageContent.model_validate(delivery.message)
        recipient = Recipient(channel, message.readers[0] if message.readers else None)
        found[group_key(delivery.occasion, message.lines[0].kind, recipient)].append(delivery)
    return found


def line_of(found: claims.Claimed, doubts: Mapping[int, str], *, has_namesake: bool = False) -> ReminderLine:
    """A claimed reminder as a line of a message. `doubts` has the code why it could not be verified, by reminder."""
    return ReminderLine(
        reminder_id=found.reminder_id,
        user_id=found.user_id,
        name=found.name,
        mobile=found.mobile,
        dingtalk_userid=found.dingtalk_userid,
        has_namesake=has_namesake,
        work_date=found.work_date,
        kind=found.kind,
        point_at=found.window.point_at,
        asked_at=found.asked_at,
        ends_at=found.window.ends_at,
        shift_name=found.shift_name,
        zone=found.zone,
        team_id=found.team_id,
        unverified=doubts.get(found.reminder_id, ""),
    )


def queue(
    session: AsyncSession,
    channel: Channel,
    message: MessageContent,
    *,
    due_at: datetime,
    expires_at: datetime,
    key: str | None = None,
) -> Delivery:
    """Write one delivery. Its reminders are linked at the end of the transaction (`link_reminders`)."""
    row = _row(channel, message, due_at=due_at, expires_at=expires_at, now=clock.now())
    delivery = _delivery(row if key is None else {**row, "key": key})
    session.add(delivery)
    session.info.setdefault("unlinked", []).append((delivery, message))
    publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
    return delivery


def key_on(notice_key: str, channel: Channel) -> str:
    """A notice's idempotency key on one channel."""
    return f"{notice_key}-{channel.id}"


def unsaved(channel: Channel, message: MessageContent, *, due_at: datetime, expires_at: datetime) -> Delivery:
    """A delivery that is written nowhere: for a test of settings that are not saved."""
    return _delivery({"id": 0, **_row(channel, message, due_at=due_at, expires_at=expires_at, now=clock.now())})


def _delivery(row: Mapping[str, Any]) -> Delivery:
    return Delivery(**{**row, "message": row["message"].model_dump(mode="json")})


def _row(
    channel: Channel, message: MessageContent, *, due_at: datetime, expires_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "key": f"daka-{security.new_token()[:22]}",
        "channel_id": channel.id,
        "lane": channel.lane,
        "occasion": message.occasion,
        "message": message,
        "status": DeliveryStatus.QUEUED,
        "due_at": due_at,
        "expires_at": expires_at,
        "next_attempt_at": now + _jitter(channel, due_at),
        "hand_over_at": _hand_over_at(message, expires_at, now),
        "created_at": now,
    }


def _hand_over_at(message: MessageContent, expires_at: datetime, now: datetime) -> datetime | None:
    if message.occasion is Occasion.TEST:
        return None
    times = [Usefulness.of(point_at=line.point_at, ends_at=line.ends_at, now=now) for line in message.lines]
    return min(useful.hand_over_at(now) for useful in times or [Usefulness.until(expires_at)])


def _jitter(channel: Channel, due_at: datetime) -> timedelta:
    """Off the full and the half hour, where the vendor asks for that."""
    kind = KINDS.get(channel.kind)
    if kind is None or due_at.minute % 30:
        return timedelta(0)
    return kind.jitter * random.random()  # noqa: S311  # nosec B311


async def link_reminders(session: AsyncSession) -> None:
    """Link the deliveries of `queue` with their reminders."""
    await session.flush()
    unlinked: list[tuple[Delivery, MessageContent]] = session.info.pop("unlinked", [])
    rows = [link for delivery, message in unlinked for link in _links(delivery.id, delivery.due_at, message)]
    if rows:
        await execute(session, sa.insert(DeliveryReminder), rows)


# --- how it ended ----------------------------------------------------------------------------------------------------


async def _expire(session: AsyncSession, ended: Sequence[int], now: datetime) -> None:
    """End reminders whose window has closed: as `expired`, `failed` or `missed`."""
    if not ended:
        return
    statuses = await statuses_of(session, ended)
    for reminder in await session.exec(select(Reminder).where(among(Reminder.id, ended))):
        # Without a step, what was sent was about another punch point, before the shift was moved.
        status = ended_as(statuses[reminder.id]) if reminder.steps_sent else ReminderStatus.MISSED
        end(reminder, status, claims.BY_WINDOW, now)


async def statuses_of(session: AsyncSession, reminder_ids: Sequence[int]) -> dict[int, set[DeliveryStatus]]:
    """The statuses of the deliveries to the people themselves, by reminder."""
    asked = (
        select(DeliveryReminder.reminder_id, Delivery.status)
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .where(among(DeliveryReminder.reminder_id, reminder_ids), Delivery.occasion == Occasion.REMINDER)
    )
    statuses: dict[int, set[DeliveryStatus]] = defaultdict(set)
    for reminder_id, status in await session.exec(asked):
        statuses[reminder_id].add(status)
    return statuses


def ended_as(statuses: set[DeliveryStatus]) -> ReminderStatus:
    """How a reminder ends that nobody answered, by the statuses of its deliveries."""
    if DeliveryStatus.SENT in statuses:
        return ReminderStatus.EXPIRED
    return ReminderStatus.FAILED if statuses else ReminderStatus.MISSED


async def queue_length(session: AsyncSession) -> int:
    """Deliveries that wait to be sent."""
    asked: Any = select(sa.func.count()).select_from(Delivery).where(Delivery.next_attempt_at.is_not(None))
    return int((await session.exec(asked)).one())
