"""WeCom's bot (智能机器人) over its long connection. Source: https://developer.work.weixin.qq.com/document/path/101463.

One connection per bot: a newer one pushes the older out. Nothing is acknowledged; a tap is answered by changing its card,
within five seconds.
"""

import asyncio
from functools import partial
from typing import Any, ClassVar

from daka.chat.connection import ChatReply, Lost, Refused, TakenOver
from daka.chat.line import Line
from daka.chat.sockets import SocketDialect, Taken
from daka.chat.wecom_events import TAKEN_OVER_EVENT, card_of, event_of, incoming
from daka.delivery.channels.wecom_bot import card, subscribe
from daka.outbound.requests import NoAnswer, Socket
from daka.vendors import wecom_bot as frames

PING_SECONDS = 30.0


class WecomBotConnection(SocketDialect):
    name: ClassVar[str] = "wecom"
    answers_by_card: ClassVar[bool] = True
    silent_seconds: ClassVar[float] = 2.5 * PING_SECONDS
    outcome_seconds: ClassVar[float] = 4.0
    _socket: Socket

    async def open(self, line: Line) -> Socket:
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._shown: dict[str, asyncio.Future[bool]] = {}
        """For each tap, whether its card now says what came of it."""
        socket = await self.outbound.open_socket(frames.URL, frames.VENDOR, frames.VENDOR.hosts)
        try:
            refusal = await subscribe(socket, self.app)
        except BaseException:
            await socket.close()
            raise
        if refusal is not None:
            await socket.close()
            code, words = refusal
            raise (Lost if code in frames.PASSING else Refused)(f"{code} {words}")
        self._socket = socket
        self.outbound.lines.open[self.app.key] = partial(self._ask, frames.SEND)
        return socket

    async def read(self, line: Line) -> None:
        try:
            await super().read(line)
        finally:
            self.outbound.lines.open.pop(self.app.key, None)

    async def tend(self, socket: Socket) -> None:
        """An answer to a ping is a frame, so that silence means that it is dead."""
        while True:
            await socket.send(frames.frame("ping", frames.new_id("ping")))
            await asyncio.sleep(PING_SECONDS)

    def take(self, frame: str | bytes) -> Taken:
        command, identity, found = frames.read(frame)
        if not command:
            return self._answered(identity, found)
        if command == frames.EVENT and event_of(found) == TAKEN_OVER_EVENT:
            raise TakenOver("another program has connected as this bot")
        said = incoming(command, found)
        if said is None or said.delivery_id is None:
            return Taken(said)
        self._shown.setdefault(said.vendor_id, asyncio.get_running_loop().create_future())
        return Taken(said, reply=partial(self._changed, identity, card_of(found), said.vendor_id))

    def _answered(self, identity: str, answer: dict[str, Any]) -> Taken:
        asked = self._asked.pop(identity, None)
        if asked is not None and not asked.done():
            asked.set_result(answer)
        if frames.code_of(answer)[0] == frames.NOT_SUBSCRIBED:
            raise Lost("WeCom no longer knows the connection")
        return Taken()

    def _changed(self, identity: str, name: str, tap: str, told: ChatReply | None) -> str | None:
        """The card as it is now; None if there is nothing that this person may see on it, or it is too late."""
        if told is None or told.card is None:
            if (unseen := self._shown.pop(tap, None)) is not None and not unseen.done():
                unseen.set_result(False)
            return None
        if (shown := self._shown.get(tap)) is None:  # the connection is a new one, or the answer went out in words
            return None
        waiting = self._asked[identity] = asyncio.get_running_loop().create_future()
        waiting.add_done_callback(
            lambda found: (
                None
                if shown.done()
                else shown.set_result(not found.cancelled() and frames.code_of(found.result())[0] == "0")
            )
        )
        body = {"response_type": "update_template_card", "template_card": card(told.card, name)}
        return frames.frame(frames.UPDATE, identity, body)

    async def reply(self, to: dict[str, str], text: str) -> None:
        """In words, unless the card says it."""
        if (shown := self._shown.get(to.get("tap", ""))) is not None:
            try:
                async with asyncio.timeout(frames.ANSWER_SECONDS):
                    if await asyncio.shield(shown):
                        return
            except TimeoutError:
                pass
            finally:
                self._shown.pop(to["tap"], None)
        body = {"chatid": to["chat"], "msgtype": "markdown", "markdown": {"content": text}}
        code, words = frames.code_of(await self._ask(frames.SEND, body))
        if code in frames.PASSING:
            raise Lost(f"{code} {words}")

    async def _ask(self, command: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises NoAnswer: it may have arrived, or not."""
        identity = frames.new_id(command)
        waiting = self._asked[identity] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(frames.ANSWER_SECONDS):
                await self._socket.send(frames.frame(command, identity, body))
                return dict(await waiting)
        except TimeoutError:
            raise NoAnswer("timeout", "no answer in time") from None
        finally:
            self._asked.pop(identity, None)
