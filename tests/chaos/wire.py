"""A wire without a network: what a sender's requests meet, and deliveries to send over it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import ClassVar

from conftest import Workplace
from daka import clock
from daka.database import Database
from daka.delivery import outbox
from daka.delivery.messages import MessageContent
from daka.delivery.models import Channel, Delivery, Lane, Occasion
from daka.delivery.send_loop import SendLoop
from daka.delivery.sender import Sender
from daka.outbound.requests import HttpAnswer, HttpRequest, NoAnswer
from daka.security import SecretBox

Answer = Callable[[HttpRequest], Awaitable[HttpAnswer]]


def says(status: int, text: str = "", **headers: str) -> Answer:
    async def answer(_: HttpRequest) -> HttpAnswer:
        return HttpAnswer(status, headers, text, 0.001)

    return answer


async def hangs(_: HttpRequest) -> HttpAnswer:
    await asyncio.sleep(3600)
    raise NoAnswer("timeout", "no answer in time")


class Wire:
    """Takes the place of `Outbound`: answers by address and remembers what was sent where."""

    origins: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.sent: list[tuple[str, str]] = []
        """Address and idempotency key of each request."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        self.sent.append((request.url, request.headers["webhook-id"]))
        return await self.answers.get(request.url, says(200))(request)


class WiredApp:
    """An application whose senders are on a wire."""

    def __init__(self, workplace: Workplace) -> None:
        self.database: Database = workplace.database
        self.wire = Wire()
        self._workplace = workplace

    async def add_channel(self, name: str) -> Channel:
        """A webhook of Bob's, on the wire at https://NAME.example/."""
        sealed = SecretBox(self._workplace.settings.secret).seal({"url": address_of(name)})
        async with self.database.write() as session:
            session.add(Lane(key=name))
            await session.flush()
            channel = Channel(
                name=name,
                kind="webhook",
                user_id=self._workplace.bob.id,
                config={},
                sealed_secrets=sealed,
                lane=name,
                created_at=clock.now(),
            )
            session.add(channel)
        return channel

    async def queue(self, channel: Channel, text: str = "") -> Delivery:
        now = clock.now()
        message = MessageContent(occasion=Occasion.ALERT, title="Look here", text=text)
        async with self.database.write() as session:
            return outbox.queue(session, channel, message, due_at=now, expires_at=now + timedelta(minutes=20))

    async def read(self, delivery: Delivery) -> Delivery:
        async with self.database.read() as session:
            found = await session.get(Delivery, delivery.id)
        assert found is not None
        return found

    def sender(self) -> Sender:
        return Sender(self.database, self._workplace.settings, self.wire)  # type: ignore[arg-type]

    def loop(self, name: str = "one", concurrency: int = 16, news: asyncio.Event | None = None) -> SendLoop:
        return SendLoop(self.database, self.sender(), name, concurrency, news)


def address_of(name: str) -> str:
    return f"https://{name}.example/"
