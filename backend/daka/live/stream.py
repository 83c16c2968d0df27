"""Server-sent events: changes, to everybody who may see them. One reader per process serves all its browsers.

A stream ends before its next event when the person's rights have changed (disabled, signed out, another role or team), and when
the browser does not keep up: rather than dropping events, it reconnects with the last id that it saw.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from weakref import WeakSet

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import ChangeEvent, ChangeNotifier, Topic
from daka.database import Database
from daka.errors import TooMany
from daka.identity.access import Principal, unchanged

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=10)
"""Ids are assigned before commits: rows this recent are read again, so that a slow transaction's events are not missed."""
HEARTBEAT_SECONDS = 15.0
LONGEST_QUEUE = 200
MOST_MISSED = 1000
MOST_OF_A_PERSON = 20
MOST_OF_AN_ADDRESS = 200


def may_see(change: ChangeEvent, by: Principal) -> bool:
    if change.user_id is not None:
        return change.user_id == by.id or by.is_admin
    if change.topic is Topic.DRAFT:
        return by.plans(change.team_id)
    return change.team_id is None or by.sees_team(change.team_id)


def as_event(change: ChangeEvent) -> str:
    """One event in the format of the HTML standard."""
    scope = {"team_id": change.team_id, "user_id": change.user_id}
    return f"id: {change.id}\nevent: {change.topic}\ndata: {json.dumps(scope)}\n\n"


@dataclass(eq=False, slots=True, weakref_slot=True)
class Subscriber:
    by: Principal
    address: str
    queue: asyncio.Queue[ChangeEvent | None] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    has_ended: bool = False

    def put(self, change: ChangeEvent) -> None:
        try:
            self.queue.put_nowait(change)
        except asyncio.QueueFull:
            self.has_ended = True

    def end(self) -> None:
        """Send nothing more, not even what is queued already."""
        self.has_ended = True
        if not self.queue.full():
            self.queue.put_nowait(None)  # wakes the waiting stream; with a full queue it does not wait


class Live:
    """Reads change events and passes them on."""

    def __init__(self, database: Database, notifier: ChangeNotifier) -> None:
        self._database = database
        self._notifier = notifier
        # Weak: a stream whose client left before it began never runs, so nothing would remove its subscriber.
        self._subscribers: WeakSet[Subscriber] = WeakSet()
        self._sent: dict[int, None] = {}
        self._has_ended = False

    async def run(self) -> None:
        """Read after each change while anybody is connected. Runs until it is cancelled."""
        listener = self._notifier.listener()
        while True:
            await listener.wait(HEARTBEAT_SECONDS)
            if not self._subscribers:
                continue
            try:
                await self._read()
            except (OSError, sa.exc.SQLAlchemyError):
                log.warning("Change events could not be read; retrying with the next change")

    async def _read(self) -> None:
        since = clock.now() - OVERLAP
        async with self._database.read() as session:
            rows = list(await session.exec(select(ChangeEvent).where(ChangeEvent.at > since).order_by(ChangeEvent.id)))
            await self._end_outdated(session)  # after the rows: nobody gets what they may no longer see
        for change in rows:
            if change.id in self._sent or change.id is None:
                continue
            self._sent[change.id] = None
            for subscriber in list(self._subscribers):
                if may_see(change, subscriber.by):
                    subscriber.put(change)
        while len(self._sent) > 10_000:
            del self._sent[next(iter(self._sent))]

    async def _end_outdated(self, session: AsyncSession) -> None:
        checked: set[Subscriber] = set()
        while newcomers := list(set(self._subscribers) - checked):
            stays = await unchanged(session, [subscriber.by for subscriber in newcomers])
            for subscriber, may_stay in zip(newcomers, stays, strict=True):
                if not may_stay:
                    self._subscribers.discard(subscriber)
                    subscriber.end()
            checked.update(newcomers)

    def end(self) -> None:
        """End every stream; browsers reconnect by themselves."""
        self._has_ended = True
        for subscriber in list(self._subscribers):
            subscriber.end()

    def events(self, by: Principal, last_id: int | None, address: str = "") -> AsyncIterator[str]:
        """The events for one browser, starting after the last one that it saw.

        Raises TooMany: the person, or the address, has enough streams open.
        """
        if sum(other.by.id == by.id for other in self._subscribers) >= MOST_OF_A_PERSON:
            raise TooMany("too_many_streams", 30, f"At most {MOST_OF_A_PERSON} event streams of one person")
        if address and sum(other.address == address for other in self._subscribers) >= MOST_OF_AN_ADDRESS:
            raise TooMany("too_many_streams", 30, f"At most {MOST_OF_AN_ADDRESS} event streams from one address")
        subscriber = Subscriber(by, address)
        self._subscribers.add(subscriber)
        return self._events(subscriber, last_id)

    async def _events(self, subscriber: Subscriber, last_id: int | None) -> AsyncIterator[str]:
        try:
            yield "retry: 2000\n: hello\n\n"
            for missed in await self._missed(subscriber.by, last_id):
                yield as_event(missed)
            while not (self._has_ended or subscriber.has_ended):
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        change = await subscriber.queue.get()
                    if change is not None and not subscriber.has_ended:
                        yield as_event(change)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._subscribers.discard(subscriber)

    async def _missed(self, by: Principal, last_id: int | None) -> list[ChangeEvent]:
        """The events since the browser's last one, the newest of each kind, including earlier ids that committed later."""
        if last_id is None:
            return []
        async with self._database.read() as session:
            asked = select(ChangeEvent).order_by(ChangeEvent.id.desc()).limit(MOST_MISSED)
            if (last := await session.get(ChangeEvent, last_id)) is not None:
                asked = asked.where(ChangeEvent.at > last.at - OVERLAP, ChangeEvent.id != last_id)
            rows = list(await session.exec(asked))[::-1]
        latest = {(change.topic, change.team_id, change.user_id): change for change in rows if may_see(change, by)}
        return list(latest.values())
