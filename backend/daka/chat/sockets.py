"""What dialects over a WebSocket share: reading, storing before acknowledging, silence, and the change to a new connection."""

import asyncio
import logging
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from daka.chat.connection import ChatReply, Ended, Incoming, Lost
from daka.chat.line import Dialect, Line
from daka.outbound.requests import NoAnswer, Socket

log = logging.getLogger(__name__)

DRAIN_SECONDS = 12.0
"""How long a connection that the vendor is about to close is read on, beside the new one."""
SHORTEST_LIFE = 5.0
"""Seconds. One that is to be replaced sooner is not replaced at once."""
MOST_WAITING = 500
"""Frames that wait to be stored; then no more are read."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one frame asks for."""

    incoming: Incoming | None = None
    acknowledgement: str | bytes | None = None
    """Sent once what came in is stored."""
    reply: Callable[[ChatReply | None], str | bytes | None] | None = None
    """Instead: the acknowledgement with what came of it, which is None if it is not known in time."""
    work: Callable[[], Awaitable[str | bytes]] | None = None
    """Instead: done first; gives the acknowledgement."""
    asks_for_new: bool = False
    """The vendor is about to close this connection: open another one before."""


class SocketDialect(Dialect):
    """A dialect over a WebSocket. A connection on which nothing comes for `silent_seconds` is dead, whatever its pings say."""

    silent_seconds: ClassVar[float] = 90.0
    outcome_seconds: ClassVar[float] = 1.5
    """Of the two or three seconds that vendors wait for the answer to a tap."""

    @abstractmethod
    async def open(self, line: Line) -> Socket:
        """Open a connection, up to where frames with messages may come. Raises Ended, NoAnswer."""

    @abstractmethod
    def take(self, frame: str | bytes) -> Taken:
        """What a frame asks for. Raises Ended: it says that the connection has ended."""

    async def tend(self, socket: Socket) -> None:
        """What else the connection needs while it is open: the vendor's own pings. Raises Ended."""
        await asyncio.Event().wait()

    async def read(self, line: Line) -> None:
        socket = await self.open(line)
        drained: set[asyncio.Task[None]] = set()
        try:
            while True:
                await line.opened()
                began = time.monotonic()
                await self._listen(socket, line)
                if time.monotonic() - began < SHORTEST_LIFE:
                    raise Lost("the vendor closes new connections at once")
                fresh = await self.open(line)
                draining = asyncio.create_task(self._drain(socket, line))
                drained.add(draining)
                draining.add_done_callback(drained.discard)
                socket = fresh
        finally:
            for draining in drained:
                draining.cancel()
            await asyncio.gather(*drained, return_exceptions=True)
            await socket.close()

    async def _drain(self, socket: Socket, line: Line) -> None:
        """Read the old connection on until the vendor closes it."""
        try:
            with suppress(TimeoutError, Ended, NoAnswer):
                async with asyncio.timeout(DRAIN_SECONDS):
                    while True:
                        await self._listen(socket, line)
        finally:
            await socket.close()

    async def _listen(self, socket: Socket, line: Line) -> None:
        """Read until the vendor asks for a new connection. What was read is stored, however this ends.

        Raises Ended: why the connection has ended.
        """
        waiting: asyncio.Queue[Taken | None] = asyncio.Queue(MOST_WAITING)
        storing = asyncio.create_task(self._store(waiting, socket, line))
        tending = asyncio.create_task(self.tend(socket))
        receiving = asyncio.create_task(self._receive(waiting, socket, line))
        try:
            await asyncio.wait((receiving, storing, tending), return_when=asyncio.FIRST_COMPLETED)
            if storing.done():
                await storing
        finally:
            for task in (receiving, tending):
                task.cancel()
            ends = await asyncio.gather(receiving, tending, return_exceptions=True)
            if not storing.done():
                with suppress(asyncio.QueueFull):
                    waiting.put_nowait(None)
                await asyncio.wait((storing,), timeout=self.outcome_seconds)
                storing.cancel()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _receive(self, waiting: asyncio.Queue[Taken | None], socket: Socket, line: Line) -> None:
        while True:
            try:
                frame = await socket.receive(self.silent_seconds)
            except TimeoutError:
                raise Lost(f"nothing came for {self.silent_seconds:.0f} seconds") from None
            if frame is None:
                raise Lost("the vendor has closed the connection")
            await line.received()
            taken = self.take(frame)
            await waiting.put(taken)
            if taken.asks_for_new:
                return

    async def _store(self, waiting: asyncio.Queue[Taken | None], socket: Socket, line: Line) -> None:
        """Store everything that waits in one transaction, then acknowledge it."""
        acknowledging: set[asyncio.Task[None]] = set()
        is_over = False
        while not is_over:
            found = [await waiting.get()]
            while not waiting.empty():
                found.append(waiting.get_nowait())
            is_over = None in found
            taken = [each for each in found if each is not None]
            # Those who wait for the outcome are there before it is told.
            tasks = [asyncio.create_task(self._acknowledge(each, socket, line)) for each in taken if each.reply]
            try:
                await line.store([each.incoming for each in taken if each.incoming is not None])
            except BaseException:
                for task in tasks:
                    task.cancel()
                raise
            tasks += [asyncio.create_task(self._acknowledge(each, socket, line)) for each in taken if not each.reply]
            acknowledging.update(tasks)
            for task in tasks:
                task.add_done_callback(acknowledging.discard)
            await asyncio.sleep(0)
        await asyncio.gather(*acknowledging, return_exceptions=True)

    async def _acknowledge(self, taken: Taken, socket: Socket, line: Line) -> None:
        data = taken.acknowledgement
        try:
            if taken.work is not None:
                data = await taken.work()
            elif taken.reply is not None and taken.incoming is not None:
                data = taken.reply(await line.outcome(taken.incoming.vendor_id, self.outcome_seconds))
            if data is not None:
                await socket.send(data)
        except NoAnswer:
            pass  # it delivers again, or it does not; what came in is stored
        except Exception:
            log.exception("A frame could not be acknowledged", extra={"fields": {"dialect": self.name}})
