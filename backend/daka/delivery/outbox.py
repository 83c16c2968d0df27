"""Turns due reminders into queued deliveries, in one transaction: claim, group people who share a channel, write."""

import logging
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.change_events import Topic, publish
from daka.database import Database, advisory_lock, execute, settings_in
from daka.delivery.channels.registry import KINDS
from daka.delivery.grouping import GroupKey, Notification, Recipient, escalation_recipients, group_key, grouped, parts
from daka.delivery.messages import MessageContent, ReminderLine
from daka.delivery.models import Channel, Delivery, DeliveryReminder, DeliveryStatus, Occasion
from daka.delivery.recipients import give_inboxes, load_channels, namesakes, planners_of, step_channels
from daka.delivery.routing import Usefulness
from daka.reminders import claims
from daka.reminders.punches.service import unverified
from daka.reminders.states import ReminderStatus
from daka.reminders.transitions import end

log = logging.getLogger(__name__)

AT_ONCE = 2000
"""Reminders claimed in one transaction: enough for a whole company at 09:00, so that a robot's group is not split."""
KEYS_AT_ONCE = 5000
DUE_LOCK = 0x64756521
TRY_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Queued:
    """What one transaction did."""

    claimed: int
    deliveries: int
    lateness: timedelta


DueLine = tuple[ReminderLine, datetime]
"""A line, and when it was due."""


async def queue_due(session: AsyncSession, *, limit: int = AT_ONCE, without: Collection[int] = ()) -> Queued:
    """Claim due reminders, queue their deliveries, and end those whose window has closed.

    One process at a time: two that claimed at the same second would each group a part of one robot's people. While reminding
    is paused nothing moves; reminders `without` wait a moment longer (see `claims.claim_due`).
    """
    await advisory_lock(session, DUE_LOCK)
    if await claims.is_on_hold(session):
        return Queued(0, 0, timedelta(0))
    now = clock.now()
    claimed = await claims.claim_due(session, now, limit, without=without)
    session.info["claimed"] = [found.reminder.id for found in claimed]
    if not claimed:
        return Queued(0, 0, timedelta(0))
    await _expire(session, [found for found in claimed if found.decision.end], now)
    groups = grouped(await _notifications(session, claimed, now))
    unsent = await _unsent(session, {group.recipient.channel.lane for group in groups})
    rows: list[dict[str, Any]] = []
    carried: list[tuple[str, int]] = []
    superseded: list[tuple[Delivery, str]] = []
    for group in groups:
        channel, reader = group.recipient.channel, group.recipient.reader
        earlier = unsent.get(group.key, [])
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
            rows.append(_row(channel, message, due_at=due_at, expires_at=expires_at, now=now))
            carried += [(rows[-1]["key"], line.reminder_id) for line, _ in part]
            publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
        superseded += [(delivery, rows[-1]["key"]) for delivery in earlier]
    await _write(session, rows, carried, superseded)
    for team_id in {found.user.team_id for found in claimed}:
        publish(session, Topic.REMINDER, team_id=team_id)
    return Queued(len(claimed), len(rows), now - min(found.due_at for found in claimed))


async def _notifications(
    session: AsyncSession, claimed: Sequence[claims.Claimed], now: datetime
) -> list[Notification[DueLine]]:
    """What the claimed reminders ask for: reminders to people, and escalations to teams and planners."""
    to_remind = [found for found in claimed if found.decision.remind]
    to_escalate = [found for found in claimed if found.decision.escalate]
    planners = await planners_of(session, {found.user.team_id for found in to_escalate})
    all_planners = [planner for found in planners.values() for planner in found]
    channels = await load_channels(
        session,
        user_ids={found.user.id for found in to_remind} | {planner.id for planner in all_planners},
        team_ids={found.user.team_id for found in [*to_remind, *to_escalate] if found.user.team_id is not None},
    )
    concerned = {found.reminder.id: found for found in [*to_remind, *to_escalate]}
    doubts = await unverified(
        session,
        [(reminder_id, found.user.id, found.user.team_id) for reminder_id, found in concerned.items()],
        now,
    )
    alike: set[int] = set()
    if any(channel.config.get("people") for of_team in channels.of_team.values() for channel in of_team):
        alike = await namesakes(session, channels.of_team)
    lines = {
        reminder_id: (line_of(found, session, doubts, has_namesake=found.user.id in alike), found.due_at)
        for reminder_id, found in concerned.items()
    }
    notifications = []
    for found in to_remind:
        team_from = found.reminder.team_from_at
        route = await step_channels(
            session,
            channels,
            found.user,
            found.reminder.kind,
            now,
            useful=Usefulness.of(point_at=found.reminder.point_at, ends_at=found.window.ends_at, now=now),
            includes_team=team_from is not None and found.due_at >= team_from,
        )
        recipients = [Recipient(channel) for channel in route]
        notifications.append(Notification(Occasion.REMINDER, found.reminder.kind, recipients, lines[found.reminder.id]))
    await give_inboxes(session, channels, all_planners)
    reported = {
        team_id: escalation_recipients(channels, team_id, planners)
        for team_id in {found.user.team_id for found in to_escalate}
    }
    notifications += [
        Notification(Occasion.ESCALATION, found.reminder.kind, reported[found.user.team_id], lines[found.reminder.id])
        for found in to_escalate
    ]
    return notifications


async def _write(
    session: AsyncSession,
    rows: Sequence[dict[str, Any]],
    carried: Sequence[tuple[str, int]],
    superseded: Sequence[tuple[Delivery, str]],
) -> None:
    """Write many deliveries in a few statements, with the reminders they carry and those they supersede, both by key."""
    if not rows:
        return
    await execute(session, sa.insert(Delivery), rows)
    keys = [row["key"] for row in rows]
    ids: dict[str, int] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        asked = select(Delivery.key, Delivery.id).where(Delivery.key.in_(keys[start : start + KEYS_AT_ONCE]))
        ids.update(cast(Any, list(await session.exec(asked))))
    links = [{"delivery_id": ids[key], "reminder_id": reminder_id} for key, reminder_id in carried]
    await execute(session, sa.insert(DeliveryReminder), links)
    for delivery, by in superseded:
        delivery.status, delivery.next_attempt_at, delivery.superseded_by = DeliveryStatus.EXPIRED, None, ids[by]
        session.add(delivery)


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


async def _unsent(session: AsyncSession, lanes: Collection[str]) -> dict[GroupKey, list[Delivery]]:
    """Deliveries that wait in these lanes and are not being sent: the new message includes their lines and supersedes them."""
    if not lanes:
        return {}
    asked = (
        select(Delivery, Channel)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.lane.in_(lanes),
            Delivery.next_attempt_at.is_not(None),
            Delivery.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.THROTTLED)),
            Delivery.occasion.in_((Occasion.REMINDER, Occasion.ESCALATION)),
        )
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    found: dict[GroupKey, list[Delivery]] = defaultdict(list)
    for delivery, channel in await session.exec(asked):
        message = MessageContent.model_validate(delivery.message)
        recipient = Recipient(channel, message.readers[0] if message.readers else None)
        found[group_key(delivery.occasion, message.lines[0].kind, recipient)].append(delivery)
    return found


def line_of(
    found: claims.Claimed, session: AsyncSession, doubts: Mapping[int, str], *, has_namesake: bool = False
) -> ReminderLine:
    """A claimed reminder as a line of a message. `doubts` has the code why it could not be verified, by reminder."""
    return ReminderLine(
        reminder_id=found.reminder.id,
        user_id=found.user.id,
        name=found.user.display_name,
        mobile=found.user.mobile,
        dingtalk_userid=found.user.dingtalk_userid,
        has_namesake=has_namesake,
        work_date=found.reminder.work_date,
        kind=found.reminder.kind,
        point_at=found.reminder.point_at,
        ends_at=found.window.ends_at,
        shift_name=found.shift.name,
        zone=found.team.timezone if found.team else settings_in(session).timezone,
        team_id=found.user.team_id,
        unverified=doubts.get(found.reminder.id, ""),
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
    delivery = Delivery(**(row if key is None else {**row, "key": key}))
    session.add(delivery)
    session.info.setdefault("unlinked", []).append((delivery, [line.reminder_id for line in message.lines]))
    publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
    return delivery


def unsaved(channel: Channel, message: MessageContent, *, due_at: datetime, expires_at: datetime) -> Delivery:
    """A delivery that is written nowhere: for a test of settings that are not saved."""
    return Delivery(id=0, **_row(channel, message, due_at=due_at, expires_at=expires_at, now=clock.now()))


def _row(
    channel: Channel, message: MessageContent, *, due_at: datetime, expires_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "key": f"daka-{security.new_token()[:22]}",
        "channel_id": channel.id,
        "lane": channel.lane,
        "occasion": message.occasion,
        "message": message.model_dump(mode="json"),
        "status": DeliveryStatus.QUEUED,
        "due_at": due_at,
        "expires_at": expires_at,
        "next_attempt_at": now + _jitter(channel, due_at),
        "created_at": now,
    }


def _jitter(channel: Channel, due_at: datetime) -> timedelta:
    """Off the full and the half hour, where the vendor asks for that."""
    kind = KINDS.get(channel.kind)
    if kind is None or due_at.minute % 30:
        return timedelta(0)
    return kind.jitter * random.random()  # noqa: S311  # nosec B311


async def link_reminders(session: AsyncSession) -> None:
    """Link the deliveries of `queue` with their reminders."""
    await session.flush()
    unlinked: list[tuple[Delivery, list[int]]] = session.info.pop("unlinked", [])
    rows = [
        {"delivery_id": delivery.id, "reminder_id": reminder_id} for delivery, ids in unlinked for reminder_id in ids
    ]
    if rows:
        await execute(session, sa.insert(DeliveryReminder), rows)


# --- how it ended ----------------------------------------------------------------------------------------------------


async def _expire(session: AsyncSession, ended: Sequence[claims.Claimed], now: datetime) -> None:
    """End reminders whose window has closed: as `expired`, `failed` or `missed`."""
    if not ended:
        return
    statuses = await statuses_of(session, [found.reminder.id for found in ended])
    for found in ended:
        end(found.reminder, ended_as(statuses[found.reminder.id]), claims.BY_WINDOW, now)
        session.add(found.reminder)


async def statuses_of(session: AsyncSession, reminder_ids: Sequence[int]) -> dict[int, set[DeliveryStatus]]:
    """The statuses of the deliveries to the people themselves, by reminder."""
    asked = (
        select(DeliveryReminder.reminder_id, Delivery.status)
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .where(DeliveryReminder.reminder_id.in_(reminder_ids), Delivery.occasion == Occasion.REMINDER)
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
