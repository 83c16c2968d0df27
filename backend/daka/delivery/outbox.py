"""From due reminders to queued deliveries, in one transaction: group people who share a channel, write, move the reminders on."""

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
from daka.delivery.messages import Line, MessageContent
from daka.delivery.models import (
    UNFINISHED,
    Channel,
    Delivery,
    DeliveryReminder,
    DeliveryStatus,
    Occasion,
)
from daka.delivery.recipients import (
    Recipient,
    load_channels,
    people_in_one,
    planners_of,
    step_channels,
    told_of_escalation,
)
from daka.delivery.routing import Usefulness
from daka.reminders import claims
from daka.reminders.claims import Claimed
from daka.reminders.models import Reminder
from daka.reminders.planner import end
from daka.reminders.punches.service import unverified
from daka.reminders.states import ReminderStatus
from daka.shifts.times import PunchKind

log = logging.getLogger(__name__)

AT_ONCE = 2000
"""Reminders claimed in one transaction: a whole company's 09:00 stays together, so that a robot's group is not split."""
KEYS_AT_ONCE = 5000
DUE_LOCK = 0x64756521
BY_WINDOW = "window"
"""`ended_by` of a reminder that nobody answered until its window closed."""
TRY_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Queued:
    """What one look at the book did."""

    claimed: int
    deliveries: int
    lateness: timedelta


@dataclass(frozen=True, slots=True)
class Group:
    """Whose message several people share: those of one channel who are reminded; who is told of others, at one address."""

    lane: str
    address: str
    occasion: Occasion
    kind: PunchKind


async def queue_due(session: AsyncSession, *, limit: int = AT_ONCE, without: Collection[int] = ()) -> Queued:
    """Claim due reminders, queue their deliveries, and close the books of those whose window has ended.

    One process at a time: two that looked at the same second would each group a part of one robot's people. While reminding
    is paused nothing moves; reminders `without` wait a moment longer (see `claims.claim_due`).
    """
    await advisory_lock(session, DUE_LOCK)
    if await claims.is_paused(session):
        return Queued(0, 0, timedelta(0))
    now = clock.now()
    claimed = await claims.claim_due(session, now, limit, without=without)
    session.info["claimed"] = [found.reminder.id for found in claimed]
    if not claimed:
        return Queued(0, 0, timedelta(0))
    await _close_books(session, [found for found in claimed if found.decision.end], now)
    to_remind = [found for found in claimed if found.decision.remind]
    to_escalate = [found for found in claimed if found.decision.escalate]
    planners = await planners_of(session, {found.user.team_id for found in to_escalate})
    channels = await load_channels(
        session,
        user_ids={found.user.id for found in to_remind} | {planner for ids in planners.values() for planner in ids},
        team_ids={found.user.team_id for found in [*to_remind, *to_escalate] if found.user.team_id is not None},
    )
    concerned = {found.reminder.id: found for found in [*to_remind, *to_escalate]}
    doubts = await unverified(
        session,
        [(reminder_id, found.user.id, found.user.team_id) for reminder_id, found in concerned.items()],
        now,
    )
    groups: dict[Group, list[Claimed]] = defaultdict(list)
    told_by: dict[Group, Recipient] = {}
    for found in to_remind:
        team_from = found.reminder.team_from_at
        is_team_told = team_from is not None and found.due_at >= team_from
        useful = Usefulness.of(point_at=found.reminder.point_at, ends_at=found.window.ends_at, now=now)
        route = await step_channels(
            session, channels, found.user, found.reminder.kind, now, useful=useful, is_team_told=is_team_told
        )
        for channel in route:
            group = Group(channel.lane, str(channel.id), Occasion.REMINDER, found.reminder.kind)
            told_by[group] = Recipient(channel)
            groups[group].append(found)
    escalations = {
        team_id: await told_of_escalation(session, channels, team_id, planners)
        for team_id in {found.user.team_id for found in to_escalate}
    }
    lane_of: dict[str, str] = {}  # one audience may be reached through several lanes: the first one takes its report
    for found in to_escalate:
        for told in escalations[found.user.team_id]:
            lane = lane_of.setdefault(told.address, told.channel.lane)
            group = Group(lane, told.address, Occasion.ESCALATION, found.reminder.kind)
            told_by.setdefault(group, told)
            groups[group].append(found)
    unsent = await _unsent(session, {group.lane for group in groups})
    rows: list[dict[str, Any]] = []
    carried: list[tuple[str, int]] = []
    superseded: list[tuple[Delivery, str]] = []
    for group, members in groups.items():
        channel, reader = told_by[group].channel, told_by[group].reader
        earlier = unsent.get(group, [])
        lines = {found.reminder.id: (line_of(found, session, doubts), found.due_at) for found in members}
        for delivery in earlier:
            for line in MessageContent.model_validate(delivery.message).lines:
                if now < line.ends_at:
                    lines.setdefault(line.reminder_id, (line, delivery.due_at))
        in_order = sorted(lines.values(), key=lambda each: (each[0].point_at, each[0].user_id))
        parts = _parts(in_order, people_in_one(channel, group.occasion))
        for part in parts:
            row = _row(
                channel,
                MessageContent(
                    occasion=group.occasion,
                    lines=tuple(line for line, _ in part),
                    readers=(reader,) if reader else (),
                ),
                due_at=min(due_at for _, due_at in part),
                expires_at=max(line.ends_at for line, _ in part),
                now=now,
            )
            rows.append(row)
            carried += [(row["key"], line.reminder_id) for line, _ in part]
            publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)
        superseded += [(delivery, rows[-len(parts)]["key"]) for delivery in earlier]
    await _write(session, rows, carried, superseded)
    for team_id in {found.user.team_id for found in claimed}:
        publish(session, Topic.REMINDER, team_id=team_id)
    return Queued(len(claimed), len(rows), now - min(found.due_at for found in claimed))


async def _write(
    session: AsyncSession,
    rows: Sequence[dict[str, Any]],
    carried: Sequence[tuple[str, int]],
    superseded: Sequence[tuple[Delivery, str]],
) -> None:
    """Write many deliveries in a few statements: what each carries, and whose place some of them take (both by key)."""
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
    """The same after a failure: one reminder a transaction, so that only the one at fault has to wait, and not everybody."""
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
                again = sa.update(Reminder).where(Reminder.id.in_(at_fault), Reminder.next_due_at.is_not(None))
                await session.exec(again.values(next_due_at=clock.now() + TRY_AGAIN_AFTER))


def _parts(lines: list[tuple[Line, datetime]], size: int) -> list[list[tuple[Line, datetime]]]:
    return [lines[start : start + size] for start in range(0, len(lines), size)]


async def _unsent(session: AsyncSession, lanes: Collection[str]) -> dict[Group, list[Delivery]]:
    """What still waits in these lanes and nobody is sending: a new step says it too, so that one message is enough."""
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
    found: dict[Group, list[Delivery]] = defaultdict(list)
    for delivery, channel in await session.exec(asked):
        message = MessageContent.model_validate(delivery.message)
        told = Recipient(channel, message.readers[0] if message.readers else None)
        address = told.address if delivery.occasion is Occasion.ESCALATION else str(channel.id)
        found[Group(delivery.lane, address, delivery.occasion, message.lines[0].kind)].append(delivery)
    return found


def line_of(found: Claimed, session: AsyncSession, doubts: Mapping[int, str]) -> Line:
    """A claimed reminder as a line of a message. `doubts` says why no punch source could be believed, by reminder."""
    return Line(
        reminder_id=found.reminder.id,
        user_id=found.user.id,
        name=found.user.display_name,
        mobile=found.user.mobile,
        dingtalk_userid=found.user.dingtalk_userid,
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
    """Off the round minute, where the vendor asks for that; only what is due at the full or the half hour."""
    kind = KINDS.get(channel.kind)
    if kind is None or due_at.minute % 30:
        return timedelta(0)
    return kind.jitter * random.random()  # noqa: S311  # nosec B311  # nosec B311


async def link_reminders(session: AsyncSession) -> None:
    unlinked: list[tuple[Delivery, list[int]]] = session.info.pop("unlinked", [])
    rows = [
        {"delivery_id": delivery.id, "reminder_id": reminder_id} for delivery, ids in unlinked for reminder_id in ids
    ]
    if rows:
        await execute(session, sa.insert(DeliveryReminder), rows)


# --- how it ended ----------------------------------------------------------------------------------------------------


async def _close_books(session: AsyncSession, ended: Sequence[Claimed], now: datetime) -> None:
    """Say how reminders ended whose window is over: told in vain, never confirmed, or never sent."""
    if not ended:
        return
    statuses = await statuses_of(session, [found.reminder.id for found in ended])
    for found in ended:
        end(found.reminder, ended_as(statuses[found.reminder.id]), BY_WINDOW, now)
        session.add(found.reminder)


async def statuses_of(session: AsyncSession, reminder_ids: Sequence[int]) -> dict[int, set[DeliveryStatus]]:
    """What became of the messages to the people themselves, by reminder."""
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
    """How a reminder ended that nobody answered, by what became of its deliveries."""
    if DeliveryStatus.SENT in statuses:
        return ReminderStatus.EXPIRED
    return ReminderStatus.FAILED if statuses else ReminderStatus.MISSED


async def queue_length(session: AsyncSession) -> int:
    """Deliveries that wait to be sent."""
    asked: Any = select(sa.func.count()).select_from(Delivery).where(Delivery.status.in_(UNFINISHED))
    return int((await session.exec(asked)).one())
