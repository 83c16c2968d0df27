"""Daka's side of a chat, turned by hand: what is stored is acted on, replied to and shown when a test says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlmodel import func, select

from conftest import Workplace, eventually
from daka.chat.line import Listener
from daka.chat.models import ChatMessage
from daka.chat.supervisor import ChatConnections
from daka.delivery.cards import CardUpdater


class Chats:
    """One process with its connections."""

    def __init__(self, workplace: Workplace, holder: str, listener: Listener | None = None) -> None:
        self._workplace = workplace
        self._woken, self._acted = asyncio.Event(), asyncio.Event()
        self._cards = CardUpdater(workplace.database, workplace.app.state.sender)
        self.connections = ChatConnections(
            workplace.database,
            workplace.settings,
            workplace.app.state.sender,
            workplace.app.state.outbound,
            holder,
            self._woken.set,
            self._acted.set,
            listener=listener,
        )

    async def until_stored(self, how_many: int) -> None:
        """Wait until so many messages came in over all connections."""

        async def are_there() -> bool:
            async with self._workplace.database.read() as session:
                return (await session.exec(select(func.count()).select_from(ChatMessage))).one() >= how_many

        await eventually(are_there)

    async def answer(self, stored: int) -> None:
        """Once so many have come in since the beginning: act, reply, and change the cards."""
        await self.until_stored(stored)
        await self.connections.act()
        await self.connections.reply()
        await self._cards.run()

    async def keep_answering(self) -> None:
        """As the worker does: woken by what is stored, and by what was acted on."""

        async def whenever(woken: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
            while True:
                await woken.wait()
                woken.clear()
                await work()

        await asyncio.gather(whenever(self._woken, self.connections.act), whenever(self._acted, self.connections.reply))

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """As long as this lasts, everything is answered as it comes in."""
        task = asyncio.create_task(self.keep_answering())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def show(self) -> None:
        await self._cards.run()


LOOP_SECONDS = 0.04
"""What the loop below takes on a processor of its own."""


@contextmanager
def no_more_work_than(seconds: float) -> Iterator[None]:
    """The block, the fakes in it included, takes no more processor time than that where nobody else works.

    Others make every second of a processor worth less; how much less, a loop says that is always as long.
    """
    began = time.process_time()
    yield
    ended = time.process_time()
    sum(number * number % 7 for number in range(500_000))
    slower = max(1.0, (time.process_time() - ended) / LOOP_SECONDS)
    assert ended - began < seconds * slower, f"{ended - began:.2f} s, on a processor {slower:.1f} times slower"


ChatsMaker = Callable[..., Any]


@pytest.fixture
def open_chats() -> ChatsMaker:
    @asynccontextmanager
    async def opened(
        workplace: Workplace, holder: str = "worker-1", listener: Listener | None = None
    ) -> AsyncIterator[Chats]:
        chats = Chats(workplace, holder, listener)
        await chats.connections.look()
        try:
            yield chats
        finally:
            await chats.connections.stop()

    return opened


@pytest.fixture
async def chats(office: Workplace, open_chats: ChatsMaker) -> AsyncIterator[Chats]:
    async with open_chats(office) as opened:
        yield opened


async def state_of(workplace: Workplace) -> tuple[str, str]:
    """State and reason of the only connection."""
    (found,) = (await workplace.root.get("/api/v1/chat-connections"))["items"]
    return found["state"], found["reason"]


def shows(workplace: Workplace, state: str) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return (await state_of(workplace))[0] == state

    return is_so
