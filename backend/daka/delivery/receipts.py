"""回执: whether messages that a provider accepted arrived, for kinds whose provider reports it only later.

A poll is claimed by moving its time on, so that any number of workers may poll and a crash only delays one. Each costs a call of
the app's monthly quota; polls stop at half of it, since messages and punch checks are worth more. A message that did not arrive
is sent over other channels.
"""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import Database, execute
from daka.delivery import failover
from daka.delivery.channels.kind import Budget
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    Outcome,
)
from daka.delivery.outbox import ended_as, note_failures, statuses_of
from daka.delivery.records import THROTTLED_WAIT, attempt_row
from daka.delivery.sender import Sender
from daka.errors import ConfigurationError
from daka.identity.access import publish_about
from daka.identity.models import User
from daka.outbound.quota import count_calls
from daka.reminders.claims import BY_WINDOW
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN, ReminderStatus

log = logging.getLogger(__name__)

POLL_INTERVALS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=10))
"""Waits between polls while the provider has no receipt; after the last one the message counts as delivered."""
KEPT_BY_PROVIDER = timedelta(hours=24)
POLL_LEASE = timedelta(minutes=1)
POLLS_AT_ONCE = 20
POLLS_APART_SECONDS = 0.1
"""Per app: at most ten polls a second in a process; DingTalk allows twenty calls of one interface."""
QUOTA_SHARE = 0.5
"""Polls are made while less than this share of the month's calls is used; the rest is for messages and punch checks."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One claimed poll."""

    receipt: DeliveryReceipt
    channel: Channel
    budget: Budget | None


async def next_receipt_at(session: Any) -> datetime | None:
    """When the next poll is due."""
    moment: datetime | None = (await session.exec(select(func.min(DeliveryReceipt.poll_at)))).one()
    return moment


class ReceiptPoller:
    """Polls due receipts, the apps in parallel, the receipts of one app one after the other."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender

    async def poll(self) -> int:
        """Poll every due receipt. Returns the number of messages that did not arrive."""
        lost = 0
        while True:
            async with self._database.write() as session:
                polls, is_end = await self._claim(session)
            by_app: dict[str, list[Poll]] = defaultdict(list)
            for poll in polls:
                by_app[poll.budget.account if poll.budget else poll.channel.lane].append(poll)
            lost += sum(await asyncio.gather(*map(self._poll_one_by_one, by_app.values())))
            if is_end:
                return lost

    async def _claim(self, session: AsyncSession) -> tuple[list[Poll], bool]:
        """The due polls, moved on; without those that nobody needs, that come too late or that exceed the quota."""
        now = clock.now()
        asked = (
            select(DeliveryReceipt, Delivery, Channel)
            .join(Delivery, Delivery.id == DeliveryReceipt.delivery_id)
            .join(Channel, Channel.id == Delivery.channel_id)
            .where(DeliveryReceipt.poll_at <= now)
            .order_by(DeliveryReceipt.poll_at, DeliveryReceipt.id)
            .limit(POLLS_AT_ONCE)
            .with_for_update(skip_locked=True, of=DeliveryReceipt)
        )
        rows = list(await session.exec(asked))
        answered = await _not_needed(session, [delivery.id for _, delivery, _ in rows])
        polls = []
        for receipt, delivery, channel in rows:
            is_needed = delivery.id not in answered and delivery.status is DeliveryStatus.SENT
            is_available = now - receipt.sent_at < KEPT_BY_PROVIDER and receipt.polls <= len(POLL_INTERVALS)
            is_in_use = channel.deleted_at is None and channel.is_enabled
            if (
                is_needed
                and is_available
                and is_in_use
                and (poll := await self._within_quota(session, receipt, channel))
            ):
                receipt.polls += 1
                receipt.poll_at = now + POLL_LEASE
                polls.append(poll)
            else:
                await session.delete(receipt)
        return polls, len(rows) < POLLS_AT_ONCE

    async def _within_quota(self, session: AsyncSession, receipt: DeliveryReceipt, channel: Channel) -> Poll | None:
        """A poll with its call taken from the quota; None if the quota does not allow it, or the settings are invalid."""
        try:
            budget = KINDS[channel.kind].budget(self._sender.config_of(channel))
        except (KeyError, ValidationError, ConfigurationError):
            return None
        if budget is not None:
            # Rounded up: 0 has no limit.
            most = math.ceil(budget.monthly_calls * QUOTA_SHARE)
            if await count_calls(session, budget.account, monthly_calls=most) is None:
                return None
        return Poll(receipt, channel, budget)

    async def _poll_one_by_one(self, polls: Sequence[Poll]) -> int:
        lost = 0
        for number, poll in enumerate(polls):
            if number:
                await asyncio.sleep(POLLS_APART_SECONDS)
            result = await self._sender.poll(poll.channel, poll.receipt.ticket)
            try:
                async with self._database.write() as session:
                    if poll.budget and result.calls > 1:  # the token was refused once
                        await count_calls(session, poll.budget.account, result.calls - 1)
                    lost += await record_receipt(session, poll, result.verdict, result.latency)
                    if _is_refused(result.verdict):
                        until = clock.now() + max(result.verdict.retry_after or THROTTLED_WAIT, THROTTLED_WAIT)
                        await _postpone(session, polls[number:], until)
                        break
            except Exception:
                # It must not keep the others from being recorded; it is polled again.
                log.exception(
                    "A receipt could not be recorded", extra={"fields": {"delivery_id": poll.receipt.delivery_id}}
                )
        return lost


def _is_refused(verdict: Verdict) -> bool:
    """Whether the provider throttles polls, or does not answer at all."""
    return verdict.outcome is Outcome.THROTTLED or (verdict.outcome is Outcome.RETRY and verdict.http_status is None)


async def record_receipt(session: AsyncSession, poll: Poll, verdict: Verdict, latency: timedelta) -> bool:
    """Record a receipt. Returns whether the message did not arrive."""
    now, receipt = clock.now(), poll.receipt
    if verdict.outcome in (Outcome.RETRY, Outcome.THROTTLED) and receipt.polls <= len(POLL_INTERVALS):
        again = sa.update(DeliveryReceipt).where(DeliveryReceipt.id == receipt.id)
        await execute(session, again.values(poll_at=now + POLL_INTERVALS[receipt.polls - 1]))
        return False
    known = await execute(session, sa.delete(DeliveryReceipt).where(DeliveryReceipt.id == receipt.id))
    if known.rowcount != 1:
        return False  # another worker recorded it first
    if verdict.outcome not in (Outcome.DONE, Outcome.BAD_MESSAGE):
        log.info(
            "No receipt is available",
            extra={"fields": {"delivery_id": receipt.delivery_id, "provider_code": verdict.provider_code}},
        )
        return False
    row = attempt_row(receipt.delivery_id, now, verdict, latency, is_receipt=True)
    await execute(session, sa.insert(DeliveryAttempt), [row])
    publish(session, Topic.DELIVERY, team_id=poll.channel.team_id, user_id=poll.channel.user_id)
    if verdict.outcome is Outcome.DONE:
        return False
    reminders = await _reminders_of(session, receipt.delivery_id)  # locked before the delivery, as everywhere
    await note_failures(session, [receipt.delivery_id], refused_at=now)
    asked = select(Delivery).where(Delivery.id == receipt.delivery_id, Delivery.status == DeliveryStatus.SENT)
    delivery = (await session.exec(asked.with_for_update(), execution_options={"populate_existing": True})).first()
    if delivery is None:
        return False  # it is being sent again
    delivery.status, delivery.sent_at = DeliveryStatus.FAILED, None
    await session.flush()
    await note_failures(session, [delivery.id])
    await _correct_endings(session, reminders, now)
    await failover.fail_over(session, [delivery])
    return True


async def _reminders_of(session: AsyncSession, delivery_id: int) -> list[Reminder]:
    asked = (
        select(Reminder)
        .join(DeliveryReminder, DeliveryReminder.reminder_id == Reminder.id)
        .where(DeliveryReminder.delivery_id == delivery_id)
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
    )
    return list(await session.exec(asked))


async def _correct_endings(session: AsyncSession, reminders: Sequence[Reminder], now: datetime) -> None:
    """If their only delivery was dropped, reminders change from `expired` to `failed`."""
    ended = [
        reminder
        for reminder in reminders
        if reminder.status is ReminderStatus.EXPIRED and reminder.ended_by == BY_WINDOW
    ]
    if not ended:
        return
    statuses = await statuses_of(session, [reminder.id for reminder in ended])
    for reminder in ended:
        if ended_as(statuses[reminder.id]) is not ReminderStatus.EXPIRED:
            reminder.status, reminder.updated_at = ReminderStatus.FAILED, now
            session.add(reminder)
            user = cast(User, await session.get(User, reminder.user_id))
            publish_about(session, Topic.REMINDER, user)


async def _not_needed(session: AsyncSession, delivery_ids: Sequence[int]) -> set[int]:
    """Deliveries whose people have all punched, or no longer need to: their receipts no longer matter."""
    asked = (
        select(DeliveryReminder.delivery_id, Reminder.status, Reminder.ended_by)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(DeliveryReminder.delivery_id.in_(delivery_ids))
    )
    carried: dict[int, list[bool]] = defaultdict(list)
    for delivery_id, status, ended_by in await session.exec(asked):
        carried[delivery_id].append(status not in OPEN and ended_by != BY_WINDOW)
    return {delivery_id for delivery_id, answers in carried.items() if all(answers)}


async def _postpone(session: AsyncSession, polls: Sequence[Poll], until: datetime) -> None:
    """Poll these later. The first was polled just now; the others were not, so the attempt does not count for them."""
    first, *others = [poll.receipt.id for poll in polls]
    change = sa.update(DeliveryReceipt).values(poll_at=until)
    await execute(session, change.where(DeliveryReceipt.id == first))
    if others:
        await execute(session, change.where(DeliveryReceipt.id.in_(others)).values(polls=DeliveryReceipt.polls - 1))
