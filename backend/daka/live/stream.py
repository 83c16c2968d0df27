"""Server-sent events: what changed, to everybody whom it concerns. One reader a process serves all its browsers.

A stream ends when its person is no longer who they were when it began (disabled, signed out, of another role or team), before
they hear anything more; and when its browser does not keep up, rather than leaving news out: it comes back with the last id
that it saw.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import ChangeEvent, ChangeNotifier
from daka.database import Database
from daka.identity.access import Principal, unchanged

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=10)
"""Ids are given before commits: rows this recent are looked at again, so that a slow transaction's news is not missed."""
HEARTBEAT_SECONDS = 15.0
LONGEST_QUEUE = 200
MOST_MISSED = 1000


def concerns(news: ChangeEvent, by: Principal) -> bool:
    """Whether somebody is to hear of it."""
    if news.user_id is not None:
        return news.user_id == by.id or by.is_admin
    return news.team_id is None or by.sees_team(news.team_id)


def as_event(news: ChangeEvent) -> str:
    """One event in the format of the HTML standard."""
    told = {"team_id": news.team_id, "user_id": news.user_id}
    return f"id: {news.id}\nevent: {news.topic}\ndata: {json.dumps(told)}\n\n"


@dataclass(eq=False, slots=True)
class Subscriber:
    by: Principal
    queue: asyncio.Queue[ChangeEvent | None] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    has_ended: bool = False

    def tell(self, news: ChangeEvent) -> None:
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:
            self.has_ended = True

    def end(self) -> None:
        """No news any more, not even what waits already."""
        self.has_ended = True
        if not self.queue.full():
            self.queue.put_nowait(None)  # wakes who waits for news; a full queue has nobody waiting


class Live:
    """Reads change events and passes them on."""

    def __init__(self, database: Database, notifier: ChangeNotifier) -> None:
        self._database = database
        self._notifier = notifier
        self._subscribers: set[Subscriber] = set()
        self._told: dict[int, None] = {}
        self._has_ended = False

    async def run(self) -> None:
        """Read whenever a change is notified while anybody listens. Runs until it is cancelled."""
        listener = self._notifier.listener()
        while True:
            await listener.wait(HEARTBEAT_SECONDS)
            if not self._subscribers:
                continue
            try:
                await self._read()
            except (OSError, sa.exc.SQLAlchemyError):
                log.warning("News could not be read; the next look catches up")

    async def _read(self) -> None:
        since = clock.now() - OVERLAP
        async with self._database.read() as session:
            rows = list(await session.exec(select(ChangeEvent).where(ChangeEvent.at > since).order_by(ChangeEvent.id)))
            await self._end_who_may_not_stay(session)  # after the news: those who may no longer hear of it do not
        for news in rows:
            if news.id in self._told or news.id is None:
                continue
            self._told[news.id] = None
            for subscriber in self._subscribers:
                if concerns(news, subscriber.by):
                    subscriber.tell(news)
        while len(self._told) > 10_000:
            del self._told[next(iter(self._told))]

    async def _end_who_may_not_stay(self, session: AsyncSession) -> None:
        checked: set[Subscriber] = set()
        while newcomers := list(self._subscribers - checked):
            stays = await unchanged(session, [subscriber.by for subscriber in newcomers])
            for subscriber, may_stay in zip(newcomers, stays, strict=True):
                if not may_stay:
                    self._subscribers.discard(subscriber)
                    subscriber.end()
            checked.update(newcomers)

    def end(self) -> None:
        """Let every browser's stream come to its end; browsers come back by themselves."""
        self._has_ended = True
        for subscriber in self._subscribers:
            subscriber.end()

    async def events(self, by: Principal, last_id: int | None) -> AsyncIterator[str]:
        """The events for one browser, after those it has seen."""
        subscriber = Subscriber(by)
        self._subscribers.add(subscriber)
        try:
            yield "retry: 2000\n: hello\n\n"
            for news in await self._missed(by, last_id):
                yield as_event(news)
            while not (self._has_ended or subscriber.has_ended):
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        told = await subscriber.queue.get()
                    if told is not None and not subscriber.has_ended:
                        yield as_event(told)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._subscribers.discard(subscriber)

    async def _missed(self, by: Principal, last_id: int | None) -> list[ChangeEvent]:
        """What was said since the browser's last event, the newest of each kind; what a slow transaction said before it, too."""
        if last_id is None:
            return []
        async with self._database.read() as session:
            asked = select(ChangeEvent).order_by(ChangeEvent.id.desc()).limit(MOST_MISSED)
            if (last := await session.get(ChangeEvent, last_id)) is not None:
                asked = asked.where(ChangeEvent.at > last.at - OVERLAP, ChangeEvent.id != last_id)
            rows = list(await session.exec(asked))[::-1]
        latest = {(news.topic, news.team_id, news.user_id): news for news in rows if concerns(news, by)}
        return list(latest.values())
