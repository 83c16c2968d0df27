"""The delivery log."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import execute, settings_in
from daka.delivery.messages import MessageContent
from daka.delivery.models import (
    FAILURES,
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryReceipt,
    DeliveryReminder,
    DeliveryStatus,
    InboxMessage,
    Occasion,
    Outcome,
)
from daka.delivery.newest import LogSearch, Reach, Stretch, is_one, legs
from daka.delivery.outbox import note_failures
from daka.delivery.remedies import remedy_text
from daka.delivery.schemas import AttemptRead, DeliveryRead, DeliverySearch, PersonRead
from daka.delivery.service import is_shown, owned_by, shown_channel_ids
from daka.errors import Conflict, Forbidden, NotFound
from daka.identity.access import Principal
from daka.identity.models import User
from daka.merging import Leg, merged
from daka.paging import moment_and_id, page_of
from daka.shifts.times import KIND_WORDS

FEW = 1000
"""Matches of a search that are read by their ids."""
MANY = 500
"""People and channels of whom each is asked at once for what is newest."""
WAITING = frozenset(DeliveryStatus) - FAILURES - {DeliveryStatus.SENT}
"""Of these there are as many as the queue is long, whatever was sent before."""
LOOK = 2000
"""So many deliveries are read from the end of the log first for those who see more."""
MOST_ANSWERS = 5000
"""Different messages of providers that are searched."""


async def list_deliveries(
    session: AsyncSession, by: Principal, search: DeliverySearch
) -> tuple[list[DeliveryRead], str | None]:
    """Deliveries, the one that was due last first: of one's own channels and teams, and those that carry one's own reminders."""
    wanted = LogSearch(_stretch(session, search), search.status, search.occasion)
    narrow = [*_asked_for(by, search), *([] if by.is_admin else [_seen(by)])]
    words, most = (search.q or "").strip(), search.limit + 1
    found: Collection[int] | None
    if search.reminder_id is not None:
        carrying = select(DeliveryReminder.delivery_id).where(DeliveryReminder.reminder_id == search.reminder_id)
        found = await _of_few(session, most, wanted, carrying, narrow)
    elif words:
        found = await _saying(session, by, words, wanted, narrow, most)
    elif narrow:
        found = await _in_reach(session, wanted, narrow, most)
    else:
        found = None
    asked = _newest(wanted) if found is None else _all_deliveries().where(Delivery.id.in_(found))
    rows, next_cursor = await page_of(session, asked, Delivery.id, at=Delivery.due_at, limit=search.limit, cursor=None)
    return await _delivery_reads(session, by, rows), next_cursor


def _stretch(session: AsyncSession, search: DeliverySearch) -> Stretch:
    def midnight(day: date | None, later: int = 0) -> datetime | None:
        zone = settings_in(session).zone
        return None if day is None else datetime.combine(day + timedelta(days=later), time(), zone).astimezone(UTC)

    return Stretch(midnight(search.first), midnight(search.last, 1), moment_and_id(search.cursor))


def _asked_for(by: Principal, search: DeliverySearch) -> Iterator[Reach]:
    """What the search names, the narrowest first."""
    if search.user_id is not None:
        yield Reach((), User.id == search.user_id)
    if search.channel_id is not None:
        yield Reach((Channel.id == search.channel_id,), sa.false())
    if search.team_id is not None:
        its_people = sa.and_(User.team_id == search.team_id, _seen_people(by))
        of_its_people = Channel.user_id.in_(select(User.id).where(its_people))
        yield Reach((Channel.team_id == search.team_id, of_its_people), its_people)


def _seen(by: Principal) -> Reach:
    return Reach((Channel.user_id == by.id, Channel.team_id.in_(by.planned_team_ids)), _seen_people(by))


def _newest(wanted: LogSearch, *also: Any) -> Any:
    return _all_deliveries().where(*wanted.of_deliveries(), *also)


async def _newest_ids(session: AsyncSession, limit: int, wanted: LogSearch, *also: Any) -> list[int]:
    return list((await execute(session, _ids(_newest(wanted, *also), limit))).scalars())


async def _of_few(session: AsyncSession, limit: int, wanted: LogSearch, ids: Any, narrow: Sequence[Reach]) -> list[int]:
    """The newest of some deliveries. All of them are read: an index in the order of the log would be a detour."""
    asked = _newest(wanted, Delivery.id.in_(ids), *(reach.holds() for reach in narrow))
    rows = await execute(session, asked.with_only_columns(Delivery.due_at, Delivery.id, maintain_column_froms=True))
    return [row_id for _, row_id in sorted(map(tuple, rows), reverse=True)[:limit]]


def _ids(asked: Any, limit: int) -> Any:
    ordered = asked.order_by(Delivery.due_at.desc(), Delivery.id.desc()).limit(limit)
    return ordered.with_only_columns(Delivery.id, maintain_column_froms=True)


async def _in_reach(session: AsyncSession, wanted: LogSearch, narrow: Sequence[Reach], limit: int) -> list[int]:
    """The newest deliveries in all of these reaches, by whom the first is of.

    Where very many are in it, enough is mostly found by reading the log from its end.
    """
    first, in_all = narrow[0], [reach.holds() for reach in narrow]
    if wanted.status in WAITING:
        return await _newest_ids(session, limit, wanted, Delivery.next_attempt_at.is_not(None), *in_all)
    owners = sa.union_all(select(User.id).where(first.people), first.channel_ids())
    counted = sa.select(sa.func.count()).select_from(owners.limit(MANY + 1).subquery())
    if (await execute(session, counted)).scalar_one() > MANY:
        among_last = Delivery.id.in_(_ids(_newest(wanted), LOOK))
        if len(ids := await _newest_ids(session, limit, wanted, among_last, *in_all)) == limit:
            return ids
    return await merged(session, [*_legs(narrow, wanted)], limit)


def _legs(narrow: Sequence[Reach], wanted: LogSearch, *, only_refused: bool = False) -> Iterator[Leg]:
    also = (*wanted.also, *(reach.holds() for reach in narrow[1:]))
    return legs(narrow[0], replace(wanted, also=also), only_refused=only_refused)


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
    await session.flush()
    await note_failures(session, [delivery.id])
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
    return asked if by.is_admin else asked.where(_seen(by).holds())


async def _saying(
    session: AsyncSession, by: Principal, words: str, wanted: LogSearch, narrow: Sequence[Reach], limit: int
) -> set[int]:
    """The newest deliveries with these words in names of channels and people, and those in providers' codes and messages, where
    the asker may see them.
    """
    named = Reach(
        (sa.and_(Channel.name.icontains(words, autoescape=True), is_shown(by)),),
        sa.and_(User.display_name.icontains(words, autoescape=True), _seen_people(by)),
    )
    found = set(await _in_reach(session, wanted, [named, *narrow], limit))
    shown = replace(wanted, also=(*wanted.also, is_shown(by)))
    answers = (DeliveryAttempt.provider_code == words, await _answers_with(session, words))
    said = await _ids_if_few(session, answers)
    if said is not None:
        return found.union(await _of_few(session, limit, shown, said, narrow))
    for only_refused, outcomes in ((True, set(Outcome) - {Outcome.DONE}), (False, {Outcome.DONE})):
        its = DeliveryAttempt.outcome.in_(outcomes)
        said_so = select(DeliveryAttempt.id).where(or_(*(sa.and_(answer, its) for answer in answers)))
        if not await _is_said(session, answers, outcomes):
            continue
        of_it = is_one(said_so.where(DeliveryAttempt.delivery_id == Delivery.id).correlate(Delivery))
        saying = replace(shown, also=(*shown.also, of_it))
        if narrow:
            found.update(await merged(session, [*_legs(narrow, saying, only_refused=only_refused)], limit))
        else:
            refused = [Delivery.refused_at.is_not(None)] if only_refused else []
            found.update(await _newest_ids(session, limit, saying, *refused))
    return found


async def _is_said(session: AsyncSession, answers: Sequence[Any], outcomes: Iterable[Outcome]) -> bool:
    """Whether there is an attempt with one of these answers and outcomes: each pair is one place in an index."""
    for answer, outcome in product(answers, outcomes):
        asked = select(DeliveryAttempt.id).where(answer, DeliveryAttempt.outcome == outcome).limit(1)
        if (await session.exec(asked)).first() is not None:
            return True
    return False


async def _ids_if_few(session: AsyncSession, answers: Sequence[Any]) -> set[int] | None:
    """The deliveries to which a provider said one of these; None: more than `FEW`."""
    found: set[int] = set()
    for answer in answers:
        found.update(await session.exec(select(DeliveryAttempt.delivery_id).where(answer).limit(FEW + 1)))
        if len(found) > FEW:
            return None
    return found


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
