"""ntfy: the buttons of a topic's messages write to a topic of their own, which is read over a WebSocket.

Source: https://docs.ntfy.sh/subscribe/api/. Nothing is acknowledged: what was missed is read again from the server's cache.
"""

import json
from typing import ClassVar

from daka.chat.connection import Incoming, Lost, Refused
from daka.chat.line import Line
from daka.chat.sockets import SocketDialect, Taken
from daka.chat.words import TAPS, ChatCommand
from daka.delivery.channels.ntfy import reply_topic
from daka.outbound.bodies import json_object
from daka.outbound.requests import HandshakeRefused, Socket, json_request

KEPT = "12h"
"""How long ntfy keeps messages, unless its operator says otherwise."""
QUIET = 2
"""The priority of a reply: without a sound."""


class NtfyTopic(SocketDialect):
    name: ClassVar[str] = "ntfy"
    silent_seconds: ClassVar[float] = 120.0
    """A frame comes every 45 seconds."""

    async def open(self, line: Line) -> Socket:
        server, topic, token = json.loads(self.app.secret)
        url = f"{server.replace('http', 'ws', 1)}/{reply_topic(topic)}/ws?since={KEPT}"
        try:
            return await self.outbound.open_socket(url, headers=_authorized(token))
        except HandshakeRefused as refusal:
            raise (Refused if refusal.status in (401, 403, 404) else Lost)(f"HTTP {refusal.status}") from None

    def take(self, frame: str | bytes) -> Taken:
        found = (json_object(frame) if isinstance(frame, str) else None) or {}
        identity = found.get("id")
        if found.get("event") != "message" or not isinstance(identity, str) or not identity:
            return Taken()
        return Taken(incoming(identity, str(found.get("message", ""))))

    async def reply(self, to: dict[str, str], text: str) -> None:
        server, topic, token = json.loads(self.app.secret)
        body = {"topic": topic, "message": text, "priority": QUIET}
        answer = await self.outbound.send(json_request(f"{server}/", body, _authorized(token)))
        if answer.status >= 500 or answer.status == 429:
            raise Lost(f"HTTP {answer.status}")


def incoming(identity: str, text: str) -> Incoming | None:
    """A tap. Who it was nobody says: the message's only person, whose reminder it is (see `identities`)."""
    do, _, number = text.partition(":")
    if do not in TAPS or not (number.isascii() and number.isdecimal() and len(number) < 16):
        return None
    return Incoming(f"tap {identity}", number, ChatCommand(TAPS[do]), int(number))


def _authorized(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
