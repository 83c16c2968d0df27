"""回执: what became of messages that a provider accepted, for kinds whose provider says so only later.

A look is claimed by moving it on, so that any number of workers may look and a crash only delays it. It costs a call of the
app's month: polls stop at half of that, since messages and punch checks are worth more. What did not arrive goes another way.
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
from daka.delivery.channels.kind import Budget, Verdict
from daka.delivery.channels.registry import KINDS
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    Outcome,
)
from daka.delivery.outbox import ended_as, statuses_of
from daka.delivery.records import THROTTLED_WAIT, attempt_row
from daka.delivery.sender import Sender
from daka.errors import ConfigurationError
from daka.identity.models import User
from daka.outbound.quota import count_calls, take_call
from daka.reminders.claims import BY_WINDOW
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN, ReminderStatus

log = logging.getLogger(__name__)

POLL_INTERVALS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=10))
"""From one look to the next while the provider knows nothing; after the last one it is believed that it accepted the message."""
KEPT_BY_PROVIDER = timedelta(hours=24)
POLL_LEASE = timedelta(minutes=1)
POLLS_AT_ONCE = 20
POLLS_APART_SECONDS = 0.1
"""For one app: at most ten polls a second in a process, where DingTalk allows twenty of one kind."""
QUOTA_SHARE = 0.5
"""So much of the month's calls may be used when a look is made; the rest is for messages and punch checks."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One look, claimed."""

    receipt: DeliveryReceipt
    channel: Channel
    budget: Budget | None


async def next_receipt_at(session: Any) -> datetime | None:
    """When the next look is due."""
    moment: datetime | None = (await session.exec(select(func.min(DeliveryReceipt.poll_at)))).one()
    return moment


class ReceiptPoller:
    """Looks at what is due, app by app and one after the other."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender

    async def poll(self) -> int:
        """Look at everything that is due. Returns how many messages had not arrived."""
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
        """The polls that are due, moved on; without those that nobody needs, that are not to be had or that cost too much."""
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
        answered = await _answered(session, [delivery.id for _, delivery, _ in rows])
        polls = []
        for receipt, delivery, channel in rows:
            is_of_use = delivery.id not in answered and delivery.status is DeliveryStatus.SENT
            is_to_be_had = now - receipt.sent_at < KEPT_BY_PROVIDER and receipt.polls <= len(POLL_INTERVALS)
            is_in_use = channel.deleted_at is None and channel.is_enabled
            if is_of_use and is_to_be_had and is_in_use and (poll := await self._paid(session, receipt, channel)):
                receipt.polls += 1
                receipt.poll_at = now + POLL_LEASE
                session.add(receipt)
                polls.append(poll)
            else:
                await session.delete(receipt)
        return polls, len(rows) < POLLS_AT_ONCE

    async def _paid(self, session: AsyncSession, receipt: DeliveryReceipt, channel: Channel) -> Poll | None:
        """A look with its call taken from the month's; None: the calls are for other things, or the settings do not fit."""
        try:
            budget = KINDS[channel.kind].budget(self._sender.config_of(channel))
        except (KeyError, ValidationError, ConfigurationError):
            return None
        if budget is not None:
            # Rounded up: 0 has no limit.
            calls = await take_call(session, budget.account, math.ceil(budget.monthly_calls * QUOTA_SHARE))
            if calls is None:
                return None
        return Poll(receipt, channel, budget)

    async def _poll_one_by_one(self, polls: Sequence[Poll]) -> int:
        lost = 0
        for number, poll in enumerate(polls):
            if number:
                await asyncio.sleep(POLLS_APART_SECONDS)
            told = await self._sender.poll(poll.channel, poll.receipt.ticket)
            try:
                async with self._database.write() as session:
                    if poll.budget and told.calls > 1:  # the token was refused once
                        await count_calls(session, poll.budget.account, told.calls - 1)
                    lost += await record_receipt(session, poll, told.verdict, told.latency)
                    if _is_turned_away(told.verdict):
                        until = clock.now() + max(told.verdict.retry_after or THROTTLED_WAIT, THROTTLED_WAIT)
                        await _put_off(session, polls[number:], until)
                        break
            except Exception:
                # One that cannot be recorded keeps nobody else's from being; it is looked at again.
                log.exception(
                    "A receipt could not be recorded", extra={"fields": {"delivery_id": poll.receipt.delivery_id}}
                )
        return lost


def _is_turned_away(verdict: Verdict) -> bool:
    """Whether the provider wants no questions for now, or does not answer any."""
    return verdict.outcome is Outcome.THROTTLED or (verdict.outcome is Outcome.RETRY and verdict.http_status is None)


async def record_receipt(session: AsyncSession, poll: Poll, verdict: Verdict, latency: timedelta) -> bool:
    """Write what a provider said of a message that it had accepted. Returns whether it did not arrive."""
    now, receipt = clock.now(), poll.receipt
    if verdict.outcome in (Outcome.RETRY, Outcome.THROTTLED) and receipt.polls <= len(POLL_INTERVALS):
        again = sa.update(DeliveryReceipt).where(DeliveryReceipt.id == receipt.id)
        await execute(session, again.values(poll_at=now + POLL_INTERVALS[receipt.polls - 1]))
        return False
    known = await execute(session, sa.delete(DeliveryReceipt).where(DeliveryReceipt.id == receipt.id))
    if known.rowcount != 1:
        return False  # another worker had an answer first
    if verdict.outcome not in (Outcome.DONE, Outcome.BAD_MESSAGE):
        log.info(
            "A receipt was not to be had",
            extra={"fields": {"delivery_id": receipt.delivery_id, "provider_code": verdict.provider_code}},
        )
        return False
    row = attempt_row(receipt.delivery_id, now, verdict, latency, is_receipt=True)
    await execute(session, sa.insert(DeliveryAttempt), [row])
    publish(session, Topic.DELIVERY, team_id=poll.channel.team_id, user_id=poll.channel.user_id)
    if verdict.outcome is Outcome.DONE:
        return False
    reminders = await _reminders_of(session, receipt.delivery_id)  # locked before the delivery, as everywhere
    asked = select(Delivery).where(Delivery.id == receipt.delivery_id, Delivery.status == DeliveryStatus.SENT)
    delivery = (await session.exec(asked.with_for_update(), execution_options={"populate_existing": True})).first()
    if delivery is None:
        return False  # somebody is sending it again
    delivery.status, delivery.sent_at = DeliveryStatus.FAILED, None
    session.add(delivery)
    await session.flush()
    await _end_anew(session, reminders, now)
    await failover.send_another_way(session, delivery)
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


async def _end_anew(session: AsyncSession, reminders: Sequence[Reminder], now: datetime) -> None:
    """A reminder that ended as told in vain was not told at all, if nothing else arrived."""
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
            publish(session, Topic.REMINDER, team_id=user.team_id, user_id=None if user.team_id else user.id)


async def _answered(session: AsyncSession, delivery_ids: Sequence[int]) -> set[int]:
    """Deliveries whose people have all punched, or do not need to any more: whether they arrived is nobody's question."""
    asked = (
        select(DeliveryReminder.delivery_id, Reminder.status, Reminder.ended_by)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(DeliveryReminder.delivery_id.in_(delivery_ids))
    )
    carried: dict[int, list[bool]] = defaultdict(list)
    for delivery_id, status, ended_by in await session.exec(asked):
        carried[delivery_id].append(status not in OPEN and ended_by != BY_WINDOW)
    return {delivery_id for delivery_id, answers in carried.items() if all(answers)}


async def _put_off(session: AsyncSession, polls: Sequence[Poll], until: datetime) -> None:
    """Ask this and the others later. Those that were not asked have not had their poll."""
    first, *others = [poll.receipt.id for poll in polls]
    change = sa.update(DeliveryReceipt).values(poll_at=until)
    await execute(session, change.where(DeliveryReceipt.id == first))
    if others:
        await execute(session, change.where(DeliveryReceipt.id.in_(others)).values(polls=DeliveryReceipt.polls - 1))
