"""Chat connections of this process: which it holds, what came in over them, and the replies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.chat.answering import act_on_waiting, is_any_waiting
from daka.chat.connection import ChatReply, Ended
from daka.chat.dialects.registry import DIALECTS
from daka.chat.line import Line, Listener, meter_of
from daka.chat.models import ChatConnection, ChatMessage, ConnectionState
from daka.database import Database, execute
from daka.delivery.cards import cards_now
from daka.delivery.channels.kind import ChatApp
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Channel
from daka.delivery.sender import Sender
from daka.identity.access import Principal
from daka.outbound.http import Outbound
from daka.outbound.quota import calls_this_month
from daka.outbound.requests import NoAnswer
from daka.settings import Settings
from daka.statements import insert_new

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
LOOK_EVERY = timedelta(seconds=10)
"""How often leases are renewed, and channels are read for apps that are new or gone."""
MOST_CONNECTIONS = 100
MONTHLY_FRAMES = 3000
"""What DingTalk's free edition delivers in a month, to companies that joined before 2025-11-19 5000."""
SPARED_FRAMES = MONTHLY_FRAMES // 5
"""The last ones are kept for people who write: from then on messages carry links, where phones can open them."""
DEAF_AFTER = timedelta(minutes=2)
REPLY_WITHIN = timedelta(minutes=10)
"""A reply that could not be sent for so long is of no use any more."""
REPLY_SECONDS = 8.0
REPLIES_AT_ONCE = 32
MOST_REPLIES = 200


@dataclass(slots=True)
class Wanted:
    """An app that channels use, and whose channels those are."""

    app: ChatApp
    team_ids: set[int] = field(default_factory=set)
    user_ids: set[int] = field(default_factory=set)
    lanes: set[str] = field(default_factory=set)


class ChatConnections:
    """Any number of processes may have one; each app's connection is held by one of them."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        sender: Sender,
        outbound: Outbound,
        holder: str,
        stored: Callable[[], None],
        acted: Callable[[], None],
        *,
        listener: Listener | None = None,
        is_listening: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """`stored` is called whenever there is something new to act on, `acted` when there is something to reply.

        `is_listening` says whether connections of a dialect that are opened now take events, too: some vendors count them.
        """
        self._database = database
        self._settings = settings
        self._sender = sender
        self._outbound = outbound
        self._holder = holder
        self._stored = stored
        self._acted = acted
        self._listener = listener
        self._is_listening = is_listening
        self._lines: dict[str, Line] = {}
        self._deaf: frozenset[str] = frozenset()
        self._too_many: set[str] = set()
        """Apps that get no connection."""
        sender.hears = lambda app: app.key not in self._deaf and app.key not in self._too_many

    async def look(self) -> bool:
        """Renew the leases, open what is new, close what nobody wants any more. Returns whether there is more to send here."""
        async with self._database.read() as session:
            wanted = await self._wanted(session)
            is_idle = not wanted and not self._lines and not await _any_left(session)
        if is_idle:
            return False
        async with self._database.write() as session:
            held = await self._hold(session, wanted)
            known = await connections(session)
            used = await frames_this_month(session, known)
            is_dear = {key for key, frames in used.items() if frames >= MONTHLY_FRAMES - SPARED_FRAMES}
            self._deaf = frozenset(
                each.app for each in known if _is_deaf(each) or (each.app in is_dear and self._settings.public_url)
            )
        for gone in self._lines.keys() - held:
            await self._lines.pop(gone).stop()
        for key in held - self._lines.keys():
            app = wanted[key].app
            listens = self._is_listening is None or await self._is_listening(wanted[key].app.dialect)
            dialect = DIALECTS[app.dialect](app, self._outbound, self._listener if listens else None)
            self._lines[key] = Line(dialect, self._database, self._settings.secret, self._stored)
            self._lines[key].start()
            self._stored()  # what another process left behind
        before = self._sender.lanes_of_others
        self._sender.lanes_of_others = frozenset(
            lane for key, each in wanted.items() if each.app.carries_messages and key not in held for lane in each.lanes
        )
        return bool(before - self._sender.lanes_of_others)

    async def _wanted(self, session: AsyncSession) -> dict[str, Wanted]:
        asked = select(Channel).where(Channel.is_enabled == sa.true(), Channel.deleted_at.is_(None))
        found: dict[str, Wanted] = {}
        self._too_many.clear()
        for channel in await session.exec(asked.order_by(Channel.id)):
            app = self._sender.chat_app_of(channel)
            if app is None or app.dialect not in DIALECTS:
                continue
            if app.key not in found and len(found) >= MOST_CONNECTIONS:
                self._too_many.add(app.key)
            else:
                wanted = found.setdefault(app.key, Wanted(app))
                wanted.lanes.add(channel.lane)
                if channel.team_id is not None:
                    wanted.team_ids.add(channel.team_id)
                elif channel.user_id is not None:
                    wanted.user_ids.add(channel.user_id)
        return found

    async def _hold(self, session: AsyncSession, wanted: Mapping[str, Wanted]) -> set[str]:
        """Lease every app that is free or this process's already. Those that nobody wants any more leave the table."""
        now = clock.now()
        for key, each in wanted.items():
            row = {"app": key, "dialect": each.app.dialect, "name": each.app.name[:100], "since": now, "reason": ""}
            row |= {"holder": "", "state": ConnectionState.CONNECTING, "team_ids": [], "user_ids": []}
            await execute(session, insert_new(session, ChatConnection).values(**row))
            owners = {"team_ids": sorted(each.team_ids), "user_ids": sorted(each.user_ids)}
            await session.exec(sa.update(ChatConnection).where(ChatConnection.app == key).values(**owners))
        await session.exec(sa.delete(ChatConnection).where(ChatConnection.app.not_in(wanted)))
        is_free = or_(
            ChatConnection.holder == self._holder,
            ChatConnection.leased_until.is_(None),
            ChatConnection.leased_until < now,
            ChatConnection.leased_until > now + 2 * LEASE,  # written by a clock that has been set back since
        )
        lease = sa.update(ChatConnection).where(ChatConnection.app.in_(wanted), is_free)
        lease = lease.values(holder=self._holder, leased_until=now + LEASE).returning(ChatConnection.app)
        held = set((await execute(session, lease)).scalars())
        for key, line in self._lines.items():
            seconds = line.seconds_since_last_frame
            if key in held and seconds is not None:
                one = sa.update(ChatConnection).where(ChatConnection.app == key)
                await session.exec(one.values(last_frame_at=now - timedelta(seconds=seconds)))
        return held

    async def act(self) -> None:
        """Act on everything that came in."""
        while self._lines:
            async with self._database.read() as session:
                if not await is_any_waiting(session, self._lines):
                    return
            async with self._database.write() as session:
                acted, theirs = await act_on_waiting(session, self._lines)
                cards = await self._cards_of(session, acted, theirs)
            if not acted:
                return  # another process acts on them
            for message in acted:
                if (line := self._lines.get(message.app)) is not None:
                    line.tell(message.vendor_id, ChatReply(message.reply, cards.get(message.id)))
            self._acted()

    async def _cards_of(
        self, session: AsyncSession, messages: Sequence[ChatMessage], theirs: Mapping[int, bool]
    ) -> dict[int, RenderedMessage]:
        """What was tapped as it is now, for the dialects that answer with it. To whom it is somebody else's it says for whom."""
        tapped = [
            (each, each.delivery_id)
            for each in messages
            if each.id in theirs
            and each.delivery_id
            and (line := self._lines.get(each.app)) is not None
            and line.dialect.answers_by_card
        ]
        cards = await cards_now(session, {delivery_id for _, delivery_id in tapped}, clock.now())
        return {
            each.id: replace(card, paragraphs=(*card.paragraphs, each.reply)) if theirs[each.id] else card
            for each, delivery_id in tapped
            if (card := cards.get(delivery_id)) is not None
        }

    async def reply(self) -> None:
        """Send the replies that are due. One that fails is sent again later, as long as it is of use."""
        tried: set[int] = set()
        while self._lines:
            async with self._database.read() as session:
                waiting = (
                    select(ChatMessage)
                    .where(
                        ChatMessage.app.in_(self._lines),
                        ChatMessage.acted_at.is_not(None),
                        ChatMessage.answered_at.is_(None),
                        ChatMessage.received_at > clock.now() - REPLY_WITHIN,
                        ChatMessage.id.not_in(tried),
                    )
                    .order_by(ChatMessage.id)
                    .limit(MOST_REPLIES)
                )
                found = list(await session.exec(waiting))
            if not found:
                return
            tried |= {message.id for message in found}
            at_once = asyncio.Semaphore(REPLIES_AT_ONCE)
            said = await asyncio.gather(*(self._reply_to(message, at_once) for message in found))
            if done := [message.id for message, is_said in zip(found, said, strict=True) if is_said]:
                async with self._database.write() as session:
                    one = sa.update(ChatMessage).where(ChatMessage.id.in_(done))
                    await session.exec(one.values(answered_at=clock.now(), sealed_reply_to=""))

    async def _reply_to(self, message: ChatMessage, at_once: asyncio.Semaphore) -> bool:
        if (line := self._lines.get(message.app)) is None:
            return False
        try:
            async with at_once, asyncio.timeout(REPLY_SECONDS):
                await line.reply(message)
            return True
        except (NoAnswer, Ended, TimeoutError):
            return False
        except Exception:
            log.exception("A reply in a chat failed", extra={"fields": {"chat_message": message.id}})
            return True

    async def stop(self) -> None:
        """Close the connections and give them back at once."""
        held, self._lines = self._lines, {}
        await asyncio.gather(*(line.stop() for line in held.values()))
        if held:
            async with self._database.write() as session:
                mine = sa.update(ChatConnection).where(ChatConnection.holder == self._holder)
                await session.exec(
                    mine.values(leased_until=None, holder="", state=ConnectionState.STOPPED, since=clock.now())
                )


def _is_deaf(connection: ChatConnection) -> bool:
    """Whether buttons of this app would not be answered; a connection that was lost a moment ago is opened again soon."""
    if connection.state is ConnectionState.CONNECTING:
        return connection.since < clock.now() - DEAF_AFTER
    return connection.state in (ConnectionState.REFUSED, ConnectionState.TAKEN_OVER)


async def _any_left(session: AsyncSession) -> bool:
    return (await session.exec(select(ChatConnection.app).limit(1))).first() is not None


async def is_held(database: Database, app: str) -> bool:
    """Whether any process holds the connection of this app."""
    async with database.read() as session:
        return any(each.app == app and each.state is not ConnectionState.STOPPED for each in await connections(session))


async def frames_this_month(session: AsyncSession, known: Sequence[ChatConnection]) -> dict[str, int]:
    """Of the connections whose vendor counts what it delivers, by their app."""
    meters = {
        each.app: meter_of(each.dialect, each.name)
        for each in known
        if (dialect := DIALECTS.get(each.dialect)) is not None and dialect.is_metered
    }
    used = await calls_this_month(session, meters.values())
    return {app: used.get(meter, 0) for app, meter in meters.items()}


async def vendors_of(session: AsyncSession, sender: Sender, by: Principal) -> list[str]:
    """In whose chats the channels of a person and of their teams take answers."""
    whose = or_(Channel.user_id == by.id, Channel.team_id.in_({by.user.team_id, *by.planned_team_ids}))
    if by.is_admin:
        whose = or_(Channel.user_id == by.id, Channel.team_id.is_not(None))
    asked = select(Channel).where(whose, Channel.is_enabled == sa.true(), Channel.deleted_at.is_(None))
    apps = [sender.chat_app_of(channel) for channel in await session.exec(asked)]
    return sorted({app.dialect for app in apps if app is not None and app.dialect in DIALECTS})


async def connections(session: AsyncSession) -> list[ChatConnection]:
    """Every connection. One whose holder has died is shown as stopped."""
    found = list(await session.exec(select(ChatConnection).order_by(ChatConnection.dialect, ChatConnection.name)))
    for each in found:
        session.expunge(each)
        if each.leased_until is None or each.leased_until < clock.now():
            each.state = ConnectionState.STOPPED
    return found
