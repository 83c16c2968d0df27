"""Changes messages in place when their reminders are answered or end, whichever way that was learned."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import and_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from daka import clock
from daka.database import Database, execute
from daka.delivery.card_states import Answered, state_of
from daka.delivery.channels.kind import CardState
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.lanes import templates_of
from daka.delivery.messages import MessageContent, RenderedMessage, render
from daka.delivery.models import Channel, Delivery, DeliveryCard, DeliveryReminder, Outcome
from daka.delivery.records import count_calls_of
from daka.delivery.sender import Sender, SendResult
from daka.identity.models import Team, User
from daka.identity.teams import language_column
from daka.languages import Language
from daka.outbound.requests import OVERALL_SECONDS
from daka.reminders.models import Punch, Reminder

log = logging.getLogger(__name__)

AT_ONCE = 100
MOST_REQUESTS = 16
BUSY_FOR = timedelta(seconds=30)
"""For how long nobody else changes a card that is being changed."""
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300))
"""Between failed tries; after the last one the card stays as it is."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """One card that says too little."""

    card: DeliveryCard
    channel: Channel
    message: RenderedMessage
    state: CardState


class CardUpdater:
    """Any number of processes may run one."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender
        self._requests = asyncio.Semaphore(MOST_REQUESTS)

    async def run(self) -> None:
        """Change every card whose reminders have changed since it was sent or changed last."""
        while True:
            async with self._database.read() as session:
                if (await session.exec(_due(clock.now()).limit(1))).first() is None:
                    return
            begins_by = time.monotonic() + BUSY_FOR.total_seconds() - OVERALL_SECONDS
            async with self._database.write() as session:
                changes, is_more = await claim(session, clock.now())
            is_all = await self._change_all(changes, begins_by)
            if is_all and not is_more:
                return

    async def _change_all(self, changes: Sequence[Change], begins_by: float) -> bool:
        """Change them at once; what is done by the time that a transaction ends is recorded in the next one. Whether all were."""
        waiting = {asyncio.create_task(self._change(each, begins_by)) for each in changes}
        is_all = True
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                results = [task.result() for task in done]
                is_all = is_all and all(result for _, result in results)
                async with self._database.write() as session:
                    await _record(session, results)
        finally:
            for task in waiting:
                task.cancel()
        return is_all

    async def _change(self, change: Change, begins_by: float) -> tuple[Change, SendResult | None]:
        """None: its turn came so late that somebody else may change it before this request ends."""
        async with self._requests:
            if time.monotonic() > begins_by:
                return change, None
            try:
                found = await self._sender.update(change.channel, change.card.card, change.message, change.state)
            except Exception:
                # A bug of ours must not keep other messages from being changed.
                log.exception("A card failed", extra={"fields": {"delivery_id": change.card.delivery_id}})
                found = SendResult(Verdict(Outcome.RETRY, "internal"), timedelta(0))
            return change, found


def _due(now: datetime) -> SelectOfScalar[int]:
    """The cards whose reminders have changed and that nobody changes just now."""
    has_changed = (
        select(DeliveryReminder.delivery_id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(DeliveryReminder.delivery_id == DeliveryCard.delivery_id, Reminder.updated_at >= DeliveryCard.seen_at)
        .exists()
    )
    return select(DeliveryCard.delivery_id).where(DeliveryCard.next_try_at <= now, has_changed)


async def claim(session: AsyncSession, now: datetime) -> tuple[list[Change], bool]:
    """The cards to change, which nobody else changes for a while; whether there may be more."""
    asked = (
        select(DeliveryCard, Delivery, Channel, language_column())
        .join(Delivery, Delivery.id == DeliveryCard.delivery_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(User, User.id == Channel.user_id)
        .outerjoin(Team, Team.id == sa.func.coalesce(Channel.team_id, User.team_id))
        .where(DeliveryCard.delivery_id.in_(_due(now)))
        .order_by(DeliveryCard.delivery_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=DeliveryCard)
    )
    rows = list(await session.exec(asked))
    if not rows:
        return [], False
    outdated = await _outdated(session, rows)
    as_they_are = await _as_they_are(session, [(delivery, language) for _, delivery, _, language in rows], now)
    changes: list[Change] = []
    for card, delivery, channel, _ in rows:
        message, state = as_they_are[delivery.id]
        card.seen_at = now
        if delivery.id in outdated:
            card.next_try_at = None
        elif state.text != card.shown and channel.deleted_at is None:
            card.next_try_at = now + BUSY_FOR
            changes.append(Change(card, channel, message, state))
        elif not state.answers:
            card.next_try_at = None
    return changes, len(rows) == AT_ONCE


async def cards_now(session: AsyncSession, delivery_ids: Collection[int], now: datetime) -> dict[int, RenderedMessage]:
    """Messages as they would be changed now: what has happened beneath the text, and the buttons that remain."""
    asked = (
        select(Delivery, language_column())
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(User, User.id == Channel.user_id)
        .outerjoin(Team, Team.id == sa.func.coalesce(Channel.team_id, User.team_id))
        .where(Delivery.id.in_(delivery_ids))
    )
    found = await _as_they_are(session, list(await session.exec(asked)), now) if delivery_ids else {}
    return {delivery_id: state.on(message) for delivery_id, (message, state) in found.items()}


async def _as_they_are(
    session: AsyncSession, rows: Sequence[tuple[Delivery, Language]], now: datetime
) -> dict[int, tuple[RenderedMessage, CardState]]:
    """Each message as it was sent, and what there is to say of it now."""
    deliveries = [delivery for delivery, _ in rows]
    answered = await _answered(session, deliveries)
    templates = await templates_of(session, [delivery.message for delivery in deliveries])
    found: dict[int, tuple[RenderedMessage, CardState]] = {}
    for delivery, language in rows:
        message = render(
            MessageContent.model_validate(delivery.message),
            key=delivery.key,
            due_at=delivery.due_at,
            now=delivery.sent_at or now,
            link_for=None,
            templates=templates,
            language=language,
        )
        state = state_of(answered[delivery.id], now, language)
        found[delivery.id] = replace(message, delivery_id=delivery.id), state
    return found


async def _outdated(session: AsyncSession, rows: Sequence[tuple[DeliveryCard, Delivery, Channel, object]]) -> set[int]:
    """Of kinds that change only the newest: cards after which another one was sent about the same reminders."""
    asked_for = {
        delivery.id: channel.id
        for _, delivery, channel, _ in rows
        if (kind := KINDS.get(channel.kind)) is not None and kind.changes_only_newest
    }
    if not asked_for:
        return set()
    mine, later, other = aliased(DeliveryReminder), aliased(DeliveryReminder), aliased(Delivery)
    newer = (
        select(mine.delivery_id, other.channel_id)
        .join(later, and_(later.reminder_id == mine.reminder_id, later.delivery_id > mine.delivery_id))
        .join(other, other.id == later.delivery_id)
        .join(DeliveryCard, DeliveryCard.delivery_id == later.delivery_id)
        .where(mine.delivery_id.in_(asked_for))
    )
    return {found for found, channel_id in await session.exec(newer) if asked_for[found] == channel_id}


async def _answered(session: AsyncSession, deliveries: Sequence[Delivery]) -> dict[int, list[Answered]]:
    """The reminders of each message as they are now, by punch point."""
    lines = {
        (delivery.id, line.reminder_id): line
        for delivery in deliveries
        for line in MessageContent.model_validate(delivery.message).lines
    }
    punched = and_(
        Punch.user_id == Reminder.user_id,
        Punch.work_date == Reminder.work_date,
        Punch.period == Reminder.period,
        Punch.kind == Reminder.kind,
    )
    asked = (
        select(DeliveryReminder.delivery_id, Reminder, Punch.at)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .outerjoin(Punch, punched)
        .where(DeliveryReminder.delivery_id.in_({delivery.id for delivery in deliveries}))
        .order_by(Reminder.point_at, Reminder.id)
    )
    found: dict[int, list[Answered]] = defaultdict(list)
    for delivery_id, reminder, punched_at in await session.exec(asked):
        if (line := lines.get((delivery_id, reminder.id))) is not None:
            at = punched_at or reminder.ended_at
            one = Answered(line.name, line.zone, reminder.status, reminder.ended_by, at, reminder.snoozed_until)
            found[delivery_id].append(one)
    return found


async def _record(session: AsyncSession, results: Sequence[tuple[Change, SendResult | None]]) -> None:
    now = clock.now()
    table = cast(sa.Table, sa.inspect(DeliveryCard).local_table)
    values: dict[str, Any] = {name: sa.bindparam(name) for name in ("shown", "tries", "next_try_at", "seen_at")}
    one = sa.update(table).where(table.c.delivery_id == sa.bindparam("b_id")).values(values)
    await execute(session, one, [_card_row(change, result, now) for change, result in results])
    await count_calls_of(session, [result for _, result in results if result])


def _card_row(change: Change, result: SendResult | None, now: datetime) -> dict[str, object]:
    card = change.card
    row = {"b_id": card.delivery_id, "shown": card.shown, "tries": card.tries, "seen_at": card.seen_at}
    if result is None:
        return row | {"next_try_at": now, "seen_at": LONG_AGO}
    verdict = result.verdict
    if verdict.outcome is Outcome.DONE:
        more_to_come = now if change.state.answers else None
        return row | {"shown": change.state.text, "tries": 0, "next_try_at": more_to_come}
    if verdict.outcome in (Outcome.RETRY, Outcome.THROTTLED) and card.tries < len(WAITS):
        wait = verdict.retry_after or WAITS[card.tries]
        # Seen as of before: it is found again by what changed.
        return row | {"tries": card.tries + 1, "next_try_at": now + wait, "seen_at": LONG_AGO}
    return row | {"next_try_at": None}


async def next_card_at(session: AsyncSession) -> datetime | None:
    """When a card that failed is tried again."""
    return (await session.exec(select(sa.func.min(DeliveryCard.next_try_at)).where(DeliveryCard.tries > 0))).one()
