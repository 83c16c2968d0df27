"""Acts on what came in: each message exactly once, in the transaction that marks it."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import asked_by
from daka.chat import identities, replies
from daka.chat.choosing import (
    EARLY_ANSWER,
    Chosen,
    Doubtful,
    Nothing,
    Others,
    PossibleReminder,
    TooLate,
    of_message,
    of_word,
)
from daka.chat.models import ChatMessage
from daka.chat.words import TAPS, Word
from daka.database import advisory_lock, settings_in
from daka.delivery.channels.kind import ChatApp
from daka.delivery.links import LATE_ANSWER, newest_of, told_points
from daka.delivery.models import Delivery, DeliveryReminder, Occasion
from daka.errors import Conflict, Problem
from daka.identity.access import Principal, planned_teams
from daka.identity.models import Team, User
from daka.identity.teams import languages_of
from daka.languages import Language, Words, said
from daka.reminders.actions import perform
from daka.reminders.claims import is_worked_in
from daka.reminders.models import Reminder
from daka.reminders.planner import PLANNING_LOCK
from daka.reminders.states import ReminderStatus

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Messages that one transaction acts on."""
ACTIONS: dict[Word, Any] = {word: do for do, word in TAPS.items()}


Row = tuple[Reminder, User, Team | None]
"""A reminder, its person, and the team whose shift it is."""


@dataclass(slots=True)
class _Known:
    """What the messages of one batch are about, read together: at 09:00 hundreds come within a second."""

    users: dict[tuple[str, str], User]
    languages: dict[int, Language]
    """By user."""
    of_delivery: dict[int, list[Row]]
    of_reminder: dict[int, Row]
    told: dict[tuple[int, int], datetime]
    """The punch point that a delivery was about, by delivery and reminder."""
    newest: dict[int, int]
    """The delivery that named a code last, by reminder: codes are those of buttons, too."""
    theirs: dict[int, bool] = field(default_factory=dict)
    """The messages whose sender may see what they tapped, and whether it is somebody else's."""


async def is_any_waiting(session: AsyncSession, apps: Iterable[str]) -> bool:
    waiting = select(ChatMessage.id).where(ChatMessage.app.in_(apps), ChatMessage.acted_at.is_(None)).limit(1)
    return (await session.exec(waiting)).first() is not None


async def act_on_waiting(session: AsyncSession, apps: Iterable[str]) -> tuple[list[ChatMessage], dict[int, bool]]:
    """Act on the oldest messages of these apps that wait. Returns them, with the replies, and which of
    their senders may see what was tapped (see `_Known.theirs`).

    Skips come one by one, because they take the planning lock, for which others should not wait.
    """
    waiting = (
        select(ChatMessage)
        .where(ChatMessage.app.in_(apps), ChatMessage.acted_at.is_(None))
        .order_by(ChatMessage.id)
        .with_for_update()  # the second one waits, so that one person's answers keep their order
    )
    found = list(await session.exec(waiting.where(ChatMessage.word != Word.SKIP).limit(AT_ONCE)))
    if not found:
        found = list(await session.exec(waiting.limit(1)))
        if found:
            await advisory_lock(session, PLANNING_LOCK)
    known = await _known(session, found)
    for message in found:
        message.reply = (await _reply_to(session, message, known))[:600]
        message.acted_at = clock.now()
    return found, known.theirs


async def _known(session: AsyncSession, messages: Sequence[ChatMessage]) -> _Known:
    users = await identities.users_of(session, {(each.realm, each.person): each.app for each in messages})
    deliveries = {each.delivery_id for each in messages if each.delivery_id is not None}
    carried = select(DeliveryReminder.delivery_id, DeliveryReminder.reminder_id)
    carried = carried.where(DeliveryReminder.delivery_id.in_(deliveries))
    of_delivery: dict[int, list[int]] = defaultdict(list)
    if deliveries:
        for delivery_id, reminder_id in await session.exec(carried):
            of_delivery[delivery_id].append(reminder_id)
    coded = {each.reminder_id for each in messages if each.reminder_id is not None}
    wanted = coded | {each for carried_ids in of_delivery.values() for each in carried_ids}
    rows = {row[0].id: row for row in await _rows(session, Reminder.id.in_(wanted))} if wanted else {}
    newest = await newest_of(session, coded)
    places = {reminder_id: place for place, reminder_id in enumerate(rows)}
    return _Known(
        users,
        await languages_of(session, users.values()),
        {key: [rows[each] for each in sorted(ids, key=places.__getitem__)] for key, ids in of_delivery.items()},
        rows,
        await told_points(session, deliveries.union(newest.values())),
        newest,
    )


async def _rows(session: AsyncSession, *which: sa.ColumnElement[bool]) -> list[Row]:
    """Reminders by punch point, locked."""
    asked = (
        select(Reminder, User, Team)
        .join(User, User.id == Reminder.user_id)
        .outerjoin(Team, is_worked_in())
        .where(*which)
        .order_by(Reminder.point_at, Reminder.id)
        .with_for_update(of=Reminder)
    )
    return list(await session.exec(asked))


async def _reply_to(session: AsyncSession, message: ChatMessage, known: _Known) -> str:
    """Act on one message; what fails is said and does not hold up the others."""
    user = known.users.get((message.realm, message.person))
    language = known.languages[user.id] if user is not None else Language.CHINESE
    try:
        # What else can be done is refused before anything has changed.
        async with session.begin_nested() if message.word in (Word.SKIP, Word.BIND) else nullcontext():
            return await _act(session, message, known, user, language)
    except Problem as problem:
        if sa.inspect(message).expired_attributes:  # what was rolled back forgets what it had read
            await session.refresh(message)
            message.user_id = user.id if user is not None else None
        if problem.code == "reminder_moved":
            return said(replies.MOVED, language)
        return said(replies.ENDED if isinstance(problem, Conflict) else replies.FAILED, language)
    except sa.exc.SQLAlchemyError:
        raise
    except Exception:
        log.exception("A message from a chat could not be acted on", extra={"fields": {"chat_message": message.id}})
        return said(replies.FAILED, language)


async def _act(
    session: AsyncSession, message: ChatMessage, known: _Known, user: User | None, language: Language
) -> str:
    if message.word is Word.BIND:
        words, bound = await identities.bind(session, message)
        if bound is None:
            is_known = user is not None and words is replies.BAD_CODE
            return said(replies.ALREADY_BOUND if is_known else words, language).format(
                name=user.display_name if user is not None else ""
            )
        known.users[message.realm, message.person] = bound
        known.languages |= await languages_of(session, [bound])
        return said(words, known.languages[bound.id]).format(name=bound.display_name)
    if user is None:
        if not await _is_test(session, message):
            return said(replies.UNKNOWN_SENDER, language)
        needs_no_name = message.realm.startswith("ntfy:")
        return said(replies.TEST_WORKS if needs_no_name else replies.TEST_WORKS_FOR_STRANGER, language)
    message.user_id = user.id
    asked_by(session, user.id, user.display_name)
    by = Principal(user, await planned_teams(session, user))
    if message.word is Word.WHO:
        return await _who(session, by, language)
    if message.word is Word.TODAY:
        return await _today(session, user, language)
    if message.word not in ACTIONS:
        return said(replies.HELP_PLANNER if _plans(by) else replies.HELP, language)
    return await _answer(session, message, by, known, language)


async def _answer(session: AsyncSession, message: ChatMessage, by: Principal, known: _Known, language: Language) -> str:
    rows = await _candidates(session, message, by.user, known)
    candidates = [
        PossibleReminder(
            row.id,
            row.user_id,
            user.display_name,
            row.status,
            row.point_at,
            row.asked_at or row.point_at,
            row.closes_at,
            by.sees_user(user),
        )
        for row, user, _ in rows
    ]
    if message.delivery_id is None and message.reminder_id is None:
        choice = of_word(message.word, candidates, clock.now())
    else:
        choice = of_message(by.id, candidates, clock.now())
    match choice:
        case Nothing():
            return said(await _why_nothing(session, message, rows), language)
        case TooLate():
            return said(replies.ENDED, language)
        case Others(names):
            return said(replies.not_yours(names), language)
        case Doubtful(several):
            return replies.doubtful(message.word, several, _zone(session, rows[0][2]), language)
        case Chosen(reminder_id, is_for_somebody_else):
            known.theirs[message.id] = is_for_somebody_else
            reminder, user, team = next(row for row in rows if row[0].id == reminder_id)
            name = user.display_name if is_for_somebody_else else ""
            told = known.told.get((message.delivery_id or known.newest.get(reminder_id, 0), reminder_id))
            await perform(session, ACTIONS[message.word], reminder, user, source="chat", by_user_id=by.id, told=told)
            return said(_done(message.word, reminder, _zone(session, team), name), language)


async def _why_nothing(session: AsyncSession, message: ChatMessage, rows: Sequence[Row]) -> Words:
    """Why nothing was answered: a test, an unknown code, or nothing is open; then what became of the last reminder."""
    if await _is_test(session, message):
        return replies.TEST_WORKS
    if message.reminder_id is not None:
        return replies.NO_SUCH_CODE
    ended = [(row.ended_at, row, _zone(session, team)) for row, _, team in rows if row.ended_at is not None]
    if not ended:
        return replies.NOTHING
    at, last, zone = max(ended, key=lambda each: (each[0], each[1].point_at))
    return replies.nothing_open(last.kind, last.point_at, last.status, at, zone)


async def _candidates(session: AsyncSession, message: ChatMessage, sender: User, known: _Known) -> list[Row]:
    """The reminders of the tapped message, the one with the code, or the sender's own of these hours."""
    if message.delivery_id is not None:
        return known.of_delivery.get(message.delivery_id, [])
    if message.reminder_id is not None:
        return [known.of_reminder[message.reminder_id]] if message.reminder_id in known.of_reminder else []
    now = clock.now()
    these_hours = Reminder.point_at.between(now - LATE_ANSWER, now + EARLY_ANSWER)
    return await _rows(session, Reminder.user_id == sender.id, these_hours)


async def _is_test(session: AsyncSession, message: ChatMessage) -> bool:
    """Whether the button was one of a test message; one of settings that are not saved has no row."""
    delivery = await session.get(Delivery, message.delivery_id) if message.delivery_id else None
    return message.delivery_id == 0 or (delivery is not None and delivery.occasion is Occasion.TEST)


async def tap_on_test(
    session: AsyncSession, app: ChatApp | None, channel_id: int, delivery_id: int
) -> tuple[bool, bool]:
    """Whether the button of a channel's test message was tapped, and whether by somebody who is known.

    Where buttons send words, it is the word 今天 that came since.
    """
    test = await session.get(Delivery, delivery_id)
    if app is None or test is None or test.channel_id != channel_id or test.occasion is not Occasion.TEST:
        return False, False
    is_word = and_(ChatMessage.word == Word.TODAY, ChatMessage.received_at >= test.created_at)
    asked = select(ChatMessage.user_id).where(
        ChatMessage.app == app.key,
        ChatMessage.acted_at.is_not(None),
        or_(ChatMessage.delivery_id == delivery_id, is_word),
    )
    taps = list(await session.exec(asked))
    return bool(taps), app.dialect == "ntfy" or any(user_id is not None for user_id in taps)


def _done(word: Word, reminder: Reminder, zone: ZoneInfo, name: str) -> Words:
    if word is Word.ACKNOWLEDGE:
        return replies.acknowledged(reminder.ended_at or clock.now(), zone, name)
    if word is Word.SNOOZE:
        return replies.snoozed(reminder.snoozed_until or clock.now(), zone, name)
    return replies.skipped(name)


def _plans(by: Principal) -> bool:
    return by.is_planner or bool(by.planned_team_ids)


async def _who(session: AsyncSession, by: Principal, language: Language) -> str:
    """Who is being reminded now and has not punched, of the teams that the sender plans."""
    if not _plans(by):
        return said(replies.ONLY_PLANNERS, language)
    asked = (
        select(User.display_name, Reminder.kind, Reminder.point_at)
        .join(Reminder, Reminder.user_id == User.id)
        .where(Reminder.status == ReminderStatus.NAGGING)
        .order_by(Reminder.point_at, User.id)
    )
    if not by.is_admin:
        asked = asked.where(User.team_id.in_(by.planned_team_ids))
    return replies.missing(list(await session.exec(asked)), settings_in(session).zone, language)


async def _today(session: AsyncSession, user: User, language: Language) -> str:
    zone = _zone(session, await session.get(Team, user.team_id) if user.team_id else None)
    asked = (
        select(Reminder.kind, Reminder.point_at, Reminder.status)
        .where(Reminder.user_id == user.id, Reminder.work_date == clock.now().astimezone(zone).date())
        .order_by(Reminder.point_at)
    )
    return replies.today(list(await session.exec(asked)), zone, language)


def _zone(session: AsyncSession, team: Team | None) -> ZoneInfo:
    return ZoneInfo(team.timezone) if team else settings_in(session).zone


async def forget_old_messages(session: AsyncSession, before: datetime) -> None:
    """Delete what was acted on long ago; what came in twice is known for at least a day."""
    before = min(before, clock.now() - timedelta(days=1))
    await session.exec(sa.delete(ChatMessage).where(ChatMessage.received_at < before))
