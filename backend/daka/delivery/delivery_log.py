"""The delivery log."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import execute, settings_in
from daka.delivery.messages import MessageContent
from daka.delivery.models import (
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    InboxMessage,
    Occasion,
)
from daka.delivery.remedies import remedy_text
from daka.delivery.schemas import AttemptRead, DeliveryRead, DeliverySearch, PersonRead
from daka.delivery.service import is_shown, owned_by, shown_channel_ids
from daka.errors import Conflict, Forbidden, NotFound
from daka.identity.access import Principal
from daka.identity.models import User
from daka.paging import given, page_of
from daka.reminders.models import Reminder
from daka.shifts.times import KIND_WORDS

FEW = 5000
"""Matches of a search that are read by their ids."""
MOST_ANSWERS = 5000
"""Different messages of providers that are searched."""


async def list_deliveries(
    session: AsyncSession, by: Principal, search: DeliverySearch
) -> tuple[list[DeliveryRead], str | None]:
    """Deliveries, the one that was due last first: of one's own channels and teams, and those that carry one's own reminders."""
    own = {Delivery.status: search.status, Delivery.channel_id: search.channel_id, Delivery.occasion: search.occasion}
    asked = _all_deliveries().where(*given(own))
    if not by.is_admin:
        asked = asked.where(await _touching(session, _own_channels(by), _seen_people(by)))
    if search.reminder_id is not None:
        carrying = select(DeliveryReminder.delivery_id).where(DeliveryReminder.reminder_id == search.reminder_id)
        asked = asked.where(Delivery.id.in_(carrying))
    if search.user_id is not None:
        asked = asked.where(await _touching(session, sa.false(), User.id == search.user_id))
    if search.team_id is not None:
        its_people = sa.and_(User.team_id == search.team_id, _seen_people(by))
        its_channels = or_(Channel.team_id == search.team_id, Channel.user_id.in_(select(User.id).where(its_people)))
        asked = asked.where(await _touching(session, its_channels, its_people))
    zone = settings_in(session).zone
    if search.first is not None:
        asked = asked.where(Delivery.due_at >= datetime.combine(search.first, time(), zone).astimezone(UTC))
    if search.last is not None:
        end = datetime.combine(search.last + timedelta(days=1), time(), zone)
        asked = asked.where(Delivery.due_at < end.astimezone(UTC))
    if search.q and search.q.strip():
        asked = asked.where(await _matches(session, search.q.strip(), by))
    rows, next_cursor = await page_of(
        session, asked, Delivery.id, at=Delivery.due_at, limit=search.limit, cursor=search.cursor
    )
    return await _delivery_reads(session, by, rows), next_cursor


async def seen_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> tuple[Delivery, Channel]:
    row = (await session.exec(_seen_deliveries(by).where(Delivery.id == delivery_id))).first()
    if row is None:
        raise NotFound("delivery_not_found", f"There is no delivery {delivery_id}")
    return cast(tuple[Delivery, Channel], row)


async def read_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> DeliveryRead:
    return (await _delivery_reads(session, by, [await seen_delivery(session, delivery_id, by)]))[0]


async def retry_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> None:
    """Queue a failed or expired delivery once more. A reminder whose window has closed stays as it is."""
    delivery, channel = await seen_delivery(session, delivery_id, by)
    if not owned_by(by, channel):
        raise Forbidden("not_your_channel", "Only the channel's owner or a planner may retry this delivery")
    if delivery.status not in (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED):
        raise Conflict("not_failed", "Only failed or expired deliveries can be retried")
    now = clock.now()
    if delivery.expires_at <= now:
        raise Conflict("delivery_expired", "This message has expired")
    delivery.status, delivery.next_attempt_at = DeliveryStatus.QUEUED, now
    publish(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)


def _is_retryable(by: Principal, delivery: Delivery, channel: Channel) -> bool:
    has_failed = delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED)
    is_in_use = channel.deleted_at is None and channel.is_enabled
    is_of_use = delivery.occasion is not Occasion.TEST and delivery.expires_at > clock.now()
    return has_failed and is_in_use and is_of_use and owned_by(by, channel)


def _all_deliveries() -> Any:
    return select(Delivery, Channel).join(Channel, Channel.id == Delivery.channel_id)


def _seen_deliveries(by: Principal) -> Any:
    asked = _all_deliveries()
    return asked if by.is_admin else asked.where(or_(_own_channels(by), _carries(_seen_people(by))))


def _own_channels(by: Principal) -> Any:
    return or_(Channel.user_id == by.id, Channel.team_id.in_(by.planned_team_ids))


async def _touching(session: AsyncSession, channels: Any, people: Any) -> Any:
    """The condition for deliveries over these channels, and about these people.

    Few are read by index, however long the history is. Many are found soon by reading it from its end.
    """
    few = await _ids_if_few(session, select(Channel.id).where(channels))
    if few is not None:
        few = await _ids_if_few(session, select(Delivery.id).where(Delivery.channel_id.in_(few)), _about(people))
    return or_(channels, _carries(people)) if few is None else Delivery.id.in_(few)


async def _ids_if_few(session: AsyncSession, *asked: Any) -> set[int] | None:
    """What these queries find together; None: more than `FEW`."""
    found: set[int] = set()
    for each in asked:
        found.update(await session.exec(each.limit(FEW + 1)))
        if len(found) > FEW:
            return None
    return found


def _about(people: Any) -> Any:
    return (
        select(DeliveryReminder.delivery_id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(Reminder.user_id.in_(select(User.id).where(people)))
    )


async def _matches(session: AsyncSession, words: str, by: Principal) -> Any:
    """The condition for names of channels and people, and providers' codes and messages, where the asker may see them."""
    people = sa.and_(User.display_name.icontains(words, autoescape=True), _seen_people(by))
    channels = sa.and_(Channel.name.icontains(words, autoescape=True), is_shown(by))
    answers = (DeliveryAttempt.provider_code == words, await _answers_with(session, words))
    said = await _ids_if_few(session, *(select(DeliveryAttempt.delivery_id).where(answer) for answer in answers))
    its_own = sa.exists(select(DeliveryAttempt.id).where(DeliveryAttempt.delivery_id == Delivery.id, or_(*answers)))
    return or_(
        await _touching(session, channels, people),
        sa.and_(is_shown(by), its_own if said is None else Delivery.id.in_(said)),
    )


async def _answers_with(session: AsyncSession, words: str) -> Any:
    """The condition for attempts whose answer contains the words. Providers say few different things: each is read once."""
    text = DeliveryAttempt.provider_message
    texts = select(sa.func.min(text).label("text")).cte(recursive=True)
    following = select(sa.func.min(text)).where(text > texts.c.text).correlate(texts).scalar_subquery()
    texts = texts.union_all(select(following).where(texts.c.text.is_not(None)))
    asked = sa.select(texts.c.text).where(texts.c.text.is_not(None)).limit(MOST_ANSWERS + 1)
    found = [row.text for row in await execute(session, asked)]
    if len(found) > MOST_ANSWERS:
        return text.icontains(words, autoescape=True)
    return text.in_([each for each in found if words.lower() in each.lower()])


def _seen_people(by: Principal) -> Any:
    if by.is_admin:
        return sa.true()
    return or_(User.id == by.id, User.team_id.in_(by.planned_team_ids))


def _carries(condition: Any) -> Any:
    return sa.exists(
        select(DeliveryReminder.delivery_id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .join(User, User.id == Reminder.user_id)
        .where(DeliveryReminder.delivery_id == Delivery.id, condition)
    )


async def _delivery_reads(
    session: AsyncSession, by: Principal, rows: Sequence[tuple[Delivery, Channel]]
) -> list[DeliveryRead]:
    ids = [delivery.id for delivery, _ in rows]
    shown = await shown_channel_ids(session, by, (channel for _, channel in rows))
    channel_of = {delivery.id: channel.id for delivery, channel in rows}
    attempts: dict[int, list[AttemptRead]] = defaultdict(list)
    asked = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(ids)).order_by(DeliveryAttempt.id)
    for attempt in await session.exec(asked):
        read = AttemptRead.model_validate({**attempt.model_dump(), "hint_text": remedy_text(attempt.hint)})
        if channel_of[attempt.delivery_id] not in shown:
            read.provider_code = read.provider_message = ""
        attempts[attempt.delivery_id].append(read)
    visible = await _visible_people(session, by)
    return [
        _delivery_read(
            delivery,
            channel,
            attempts[delivery.id],
            visible,
            channel_name=channel.name if channel.id in shown else "",
            is_retryable=_is_retryable(by, delivery, channel),
        )
        for delivery, channel in rows
    ]


async def _visible_people(session: AsyncSession, by: Principal) -> set[int] | None:
    """The people in group messages whose names the asker may see; None means all."""
    if by.is_admin:
        return None
    if not by.planned_team_ids:
        return {by.id}
    asked = select(User.id).where(User.team_id.in_(by.planned_team_ids))
    return {by.id, *(await session.exec(asked))}


def _delivery_read(
    delivery: Delivery,
    channel: Channel,
    attempts: list[AttemptRead],
    visible: set[int] | None,
    *,
    channel_name: str,
    is_retryable: bool,
) -> DeliveryRead:
    message = MessageContent.model_validate(delivery.message)
    lines = [line for line in message.lines if visible is None or line.user_id in visible]
    kind = lines[0].kind if lines else None
    is_personal = channel.user_id is not None and (visible is None or channel.user_id in visible)
    recipient = message.mentions[0].name if is_personal and not message.lines and message.mentions else ""
    return DeliveryRead(
        **delivery.model_dump(include=set(DeliveryRead.model_fields)),
        channel_name=channel_name,
        channel_kind=channel.kind,
        kind=kind,
        title=message.title or (KIND_WORDS[kind][0] if kind else ""),
        people=[PersonRead(user_id=line.user_id, name=line.name, reminder_id=line.reminder_id) for line in lines],
        recipient=recipient,
        attempts=attempts,
        may_retry=is_retryable,
    )


async def forget_old_deliveries(session: AsyncSession, older_than: timedelta, *, at_most: int) -> int:
    """Delete what is older than the retention time, up to so many deliveries. Returns their number."""
    before = clock.now() - older_than
    asked = select(Delivery.id).where(Delivery.due_at < before, Delivery.next_attempt_at.is_(None))
    old = list(await session.exec(asked.order_by(Delivery.due_at).limit(at_most)))
    for table in (DeliveryAttempt, DeliveryReceipt, DeliveryReminder):
        await session.exec(sa.delete(table).where(table.delivery_id.in_(old)))
    await session.exec(sa.delete(Delivery).where(Delivery.id.in_(old)))
    await session.exec(sa.delete(InboxMessage).where(InboxMessage.created_at < before))
    return len(old)
