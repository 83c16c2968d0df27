"""Who is who in a chat: as bound by a one-time code, by the userid in the profile, or by a private channel of one's own."""

import hmac
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import audit
from daka.chat import replies
from daka.chat.models import ChatCode, ChatConnection, ChatIdentity, ChatMessage
from daka.chat.words import Word
from daka.database import execute, settings_in
from daka.delivery.channels.kind import hashed
from daka.delivery.models import Channel, Delivery, DeliveryReminder
from daka.errors import NotFound
from daka.identity.models import MAY_SIGN_IN, Role, User
from daka.languages import Words
from daka.reminders.models import Reminder
from daka.statements import insert_new

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
"""Codes that one sender may try in an hour."""
MOST_TRIES_OF_ALL = 50
"""And all senders together: a million codes are tried in no time that matters."""
PER = timedelta(hours=1)


Sender = tuple[str, str]
"""Realm, and the person's id within it."""


async def users_of(session: AsyncSession, apps: Mapping[Sender, str]) -> dict[Sender, User]:
    """The users whom a vendor names, by the app that brought it. Left out: whom nobody or several may be, and who may not
    sign in."""
    by_realm: dict[str, list[str]] = defaultdict(list)
    for realm, person in apps:
        by_realm[realm].append(person)
    found: dict[Sender, User] = {}
    for realm, people in by_realm.items():
        asked = select(ChatIdentity.person, User).join(User, User.id == ChatIdentity.user_id)
        bound = dict(
            list(await session.exec(asked.where(ChatIdentity.realm == realm, ChatIdentity.person.in_(people))))
        )
        unbound = [person for person in people if person not in bound]
        others = await _by_their_own_ids(session, realm, unbound, {apps[realm, person] for person in unbound})
        found |= {(realm, person): user for person, user in {**others, **bound}.items() if user.may_sign_in}
    return found


async def _by_their_own_ids(
    session: AsyncSession, realm: str, people: Sequence[str], apps: Collection[str]
) -> dict[str, User]:
    """By the userid in their profile, or by a private channel in Telegram: there, the chat's id is the person's.

    A company gives out its userids as it likes, and everybody may enter an app of a company of their own. So a userid counts
    for members of the teams whose channels use the app, and for its owner. Planners, who answer for others, bind by a code.
    """
    kind = realm.partition(":")[0]
    if not people:
        return {}
    if kind == "dingtalk":
        keys = {person: person for person in people}
        teams, owners = await _owners_of(session, apps)
        is_theirs = or_(User.id.in_(owners), and_(User.team_id.in_(teams), User.role == Role.MEMBER))
        asked = select(User.dingtalk_userid, User).where(User.dingtalk_userid.in_(people), is_theirs)
    elif kind == "ntfy":
        return await _whose_reminder(session, realm.partition(":")[2], people)
    elif kind != "telegram":
        return {}
    else:
        keys = {person: str(hashed(kind, person)) for person in people}
        asked = select(Channel.audience, User).join(User, User.id == Channel.user_id)
        asked = asked.where(
            Channel.audience.in_(keys.values()), Channel.is_enabled == sa.true(), Channel.deleted_at.is_(None)
        )
    named: dict[str | None, dict[int, User]] = defaultdict(dict)
    for key, user in await session.exec(asked.where(MAY_SIGN_IN)):
        named[key][user.id] = user
    return {person: next(iter(named[key].values())) for person, key in keys.items() if len(named[key]) == 1}


async def _whose_reminder(session: AsyncSession, lane: str, deliveries: Sequence[str]) -> dict[str, User]:
    """The only person of each message, if it went to this lane: who reads a topic may answer what it says, as with a link."""
    asked = (
        select(Delivery.id, User)
        .join(DeliveryReminder, DeliveryReminder.delivery_id == Delivery.id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .join(User, User.id == Reminder.user_id)
        .where(Delivery.lane == lane, Delivery.id.in_(map(int, deliveries)))
    )
    found: dict[str, dict[int, User]] = defaultdict(dict)
    for delivery_id, user in await session.exec(asked):
        found[str(delivery_id)][user.id] = user
    return {key: next(iter(users.values())) for key, users in found.items() if len(users) == 1}


async def _owners_of(session: AsyncSession, apps: Collection[str]) -> tuple[set[int], set[int]]:
    """The teams and the people whose channels use these apps: of one realm, so of one app."""
    asked = select(ChatConnection.team_ids, ChatConnection.user_ids).where(ChatConnection.app.in_(apps))
    rows = list(await session.exec(asked))
    return {each for teams, _ in rows for each in teams}, {each for _, people in rows for each in people}


def code_hash(secret: str, code: str) -> str:
    return hmac.digest(security.derived_key(secret, "chat_code"), code.encode(), "sha256").hex()


async def new_code(session: AsyncSession, user: User) -> tuple[str, datetime]:
    """A code of six digits that binds the next sender who writes it. The former one no longer works."""
    now, secret = clock.now(), settings_in(session).secret
    await session.exec(sa.delete(ChatCode).where(sa.or_(ChatCode.expires_at <= now, ChatCode.user_id == user.id)))
    while True:
        code, expires_at = f"{secrets.randbelow(1_000_000):06}", now + CODE_LASTS
        row = {"user_id": user.id, "code_hash": code_hash(secret, code), "expires_at": expires_at}
        if (await execute(session, insert_new(session, ChatCode).values(**row))).rowcount:
            return code, expires_at


async def bind(session: AsyncSession, message: ChatMessage) -> tuple[Words, User | None]:
    """Bind the sender to the person who made the code, which is used up. Returns the reply, and who they are."""
    now = clock.now()
    tried = select(sa.func.count()).select_from(ChatMessage)
    tried = tried.where(ChatMessage.word == Word.BIND, ChatMessage.received_at.between(now - PER, now + clock.AHEAD))
    failed = tried.where(ChatMessage.user_id.is_(None), ChatMessage.acted_at.is_not(None))
    mine = failed.where(ChatMessage.realm == message.realm, ChatMessage.person == message.person)
    if (await session.exec(mine)).one() >= MOST_TRIES or (await session.exec(failed)).one() >= MOST_TRIES_OF_ALL:
        return replies.TOO_MANY_CODES, None
    asked = (
        select(ChatCode, User)
        .join(User, User.id == ChatCode.user_id)
        .where(ChatCode.code_hash == message.code_hash, ChatCode.expires_at > clock.now())
        .with_for_update(of=ChatCode)
    )
    found = (await session.exec(asked)).first()
    if found is None or not found[1].may_sign_in:
        return replies.BAD_CODE, None
    code, user = found
    same = (ChatIdentity.realm == message.realm, ChatIdentity.person == message.person)
    await session.exec(sa.delete(ChatIdentity).where(*same))
    await session.delete(code)
    session.add(ChatIdentity(user_id=user.id, realm=message.realm, person=message.person))
    message.user_id = user.id
    audit(session, "user.chat_bound", user.id, user.display_name, after={"realm": message.realm})
    await session.flush()
    return replies.BOUND, user


async def identities_of(session: AsyncSession, user: User) -> list[ChatIdentity]:
    asked = select(ChatIdentity).where(ChatIdentity.user_id == user.id).order_by(ChatIdentity.id)
    return list(await session.exec(asked))


async def unbind(session: AsyncSession, user: User, identity_id: int) -> None:
    """Raises NotFound: it is not one of theirs."""
    found = await session.get(ChatIdentity, identity_id)
    if found is None or found.user_id != user.id:
        raise NotFound("chat_identity_not_found", f"There is no chat {identity_id} of yours")
    audit(session, "user.chat_unbound", user.id, user.display_name, before={"realm": found.realm})
    await session.delete(found)
