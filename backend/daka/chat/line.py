"""One connection while this process holds it: opened again when it ends; what came in is stored before it is acknowledged."""

import asyncio
import logging
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import sqlalchemy as sa

from daka import clock
from daka.chat.connection import ChatReply, Ended, Incoming, Lost, VendorEvent, pause_after
from daka.chat.identities import code_hash
from daka.chat.models import ChatConnection, ChatMessage, ConnectionState
from daka.chat.words import Word
from daka.database import Database, execute, when_free
from daka.delivery.channels.kind import ChatApp
from daka.outbound.http import Outbound
from daka.outbound.quota import account_key, count_calls
from daka.outbound.requests import NoAnswer
from daka.security import SecretBox
from daka.statements import insert_new

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
"""Messages that one transaction stores."""


def meter_of(dialect: str, name: str) -> str:
    """The account under which frames are counted: the app, whatever its secret."""
    return account_key(f"frames {dialect}", name)


Listener = Callable[[ChatApp, VendorEvent], Awaitable[None]]


class Dialect(ABC):
    """How one vendor's connection is opened, read, acknowledged and answered over."""

    name: ClassVar[str]
    is_metered: ClassVar[bool] = False
    """Whether the vendor counts what it delivers against a monthly allowance."""
    event_seconds: ClassVar[float] = 5.0
    """Of the time that the vendor waits for an event to be acknowledged."""
    answers_by_card: ClassVar[bool] = False
    """Whether it wants `ChatReply.card`: a tap is answered with the whole message."""

    def __init__(self, app: ChatApp, outbound: Outbound, listener: Listener | None = None) -> None:
        """`listener` is told what happens at the vendor. If it raises, the vendor is asked to say it again later."""
        self.app = app
        self.outbound = outbound
        self.listener = listener

    async def told(self, event: VendorEvent) -> bool:
        """Tell the listener of an event; False if that failed, so that the vendor says it again."""
        try:
            if self.listener is not None:
                async with asyncio.timeout(self.event_seconds):
                    await self.listener(self.app, event)
        except Exception:
            log.exception("An event was not taken", extra={"fields": {"dialect": self.name}})
            return False
        return True

    @abstractmethod
    async def read(self, line: "Line") -> None:
        """Open the connection and read until it ends. To return is to ask for a new one at once.

        Every frame is reported with `line.received()`; what people say is acknowledged only once `line.store()` has returned.

        Raises:
            Ended: why it ended.
            NoAnswer: the vendor could not be reached.
        """

    @abstractmethod
    async def reply(self, to: dict[str, str], text: str) -> None:
        """Say something to the sender of a message. Raises NoAnswer, Ended: it may be tried again."""


class Line:
    """Keeps one connection open. The tables say what state it is in."""

    def __init__(self, dialect: Dialect, database: Database, secret: str, stored: Callable[[], None]) -> None:
        """`stored` is called whenever there is something new to act on."""
        self.dialect = dialect
        self.app = dialect.app
        self._database = database
        self._secret = secret
        self._box = SecretBox(secret)
        self._stored = stored
        self._shown: tuple[ConnectionState, str] | None = None
        self._failures = 0
        self._awaited: dict[str, asyncio.Future[ChatReply]] = {}
        self._last_frame: float | None = None
        """On the monotonic clock."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"chat connection {self.app.dialect}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def seconds_since_last_frame(self) -> float | None:
        return None if self._last_frame is None else time.monotonic() - self._last_frame

    async def opened(self) -> None:
        """The vendor has accepted the connection. Whether anything comes in will show."""
        await self._show(ConnectionState.OPEN)

    async def received(self) -> None:
        """Something came in: the connection works."""
        self._failures, self._last_frame = 0, time.monotonic()
        await self._show(ConnectionState.OPEN)

    async def outcome(self, vendor_id: str, within_seconds: float) -> ChatReply | None:
        """What came of a message that was stored, for vendors that want it with the acknowledgement; None: not in time."""
        told = self._awaited.setdefault(vendor_id, asyncio.get_running_loop().create_future())
        try:
            return await asyncio.wait_for(told, within_seconds)
        except TimeoutError:
            return None
        finally:
            self._awaited.pop(vendor_id, None)

    def tell(self, vendor_id: str, what: ChatReply) -> None:
        """Called when a message was acted on."""
        if (told := self._awaited.get(vendor_id)) is not None and not told.done():
            told.set_result(what)

    async def store(self, found: Sequence[Incoming]) -> None:
        """Store what people said; once this returns it may be acknowledged. What is stored already is stored once."""
        for start in range(0, len(found), MOST_AT_ONCE):
            rows = [self._row(each) for each in found[start : start + MOST_AT_ONCE]]
            await when_free(partial(self._insert, rows))
        if found:
            self._stored()

    async def _insert(self, rows: list[dict[str, Any]]) -> None:
        async with self._database.write() as session:
            await execute(session, insert_new(session, ChatMessage), rows)
            if self.dialect.is_metered:
                await count_calls(session, meter_of(self.app.dialect, self.app.name), len(rows))

    def _row(self, found: Incoming) -> dict[str, Any]:
        command = found.command
        return {
            "app": self.app.key,
            "vendor_id": found.vendor_id[:160],
            "realm": self.app.realm,
            "person": found.person[:160],
            "word": command.word,
            "delivery_id": found.delivery_id,
            "reminder_id": command.reminder_id,
            "code_hash": code_hash(self._secret, command.bind_code) if command.word is Word.BIND else "",
            "sealed_reply_to": self._box.seal(dict(found.reply_to)) if found.reply_to else "",
            "received_at": clock.now(),
            "reply": "",
        }

    async def reply(self, message: ChatMessage) -> None:
        to = self._box.open(message.sealed_reply_to) if message.sealed_reply_to else {}
        await self.dialect.reply(to, message.reply)

    async def _run(self) -> None:
        await self._show(ConnectionState.CONNECTING)
        while True:
            try:
                await self.dialect.read(self)
                continue
            except Ended as end:
                ended = end
            except NoAnswer as failure:
                ended = Lost(str(failure))
            except Exception:
                log.exception("A chat connection failed", extra={"fields": {"dialect": self.app.dialect}})
                ended = Lost("internal error")
            self._failures += 1
            pause = pause_after(ended, self._failures, random.random())  # noqa: S311  # nosec B311
            log.warning(
                "A chat connection has ended",
                extra={"fields": {"dialect": self.app.dialect, "app": self.app.name, "reason": ended.reason}},
            )
            await self._show(pause.state, ended.reason)
            await asyncio.sleep(pause.seconds)

    async def _show(self, state: ConnectionState, reason: str = "") -> None:
        if self._shown == (state, reason):
            return
        self._shown = state, reason
        values = {"state": state, "since": clock.now(), "reason": reason[:200]}
        if state is ConnectionState.OPEN:
            values["last_frame_at"] = clock.now()

        async def write() -> None:
            async with self._database.write() as session:
                one = sa.update(ChatConnection).where(ChatConnection.app == self.app.key)
                await session.exec(one.values(**values))

        await when_free(write)
