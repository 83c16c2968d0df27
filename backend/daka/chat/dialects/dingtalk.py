"""DingTalk's Stream mode. Source: https://open.dingtalk.com/document/development/develop-stream-mode-push-server.

Robot messages are delivered once. An app has one connection here: of several, each message goes to one.
"""

import logging
from functools import partial
from typing import ClassVar
from urllib.parse import quote, urlsplit

from daka import __version__, clock
from daka.chat.connection import Lost, Refused
from daka.chat.dingtalk_frames import (
    CARD_TOPIC,
    LATER,
    NOTHING_TO_SAY,
    ROBOT_TOPIC,
    SUCCESS,
    BadStreamFrame,
    StreamFrame,
    acknowledged,
    card_answer,
    event_of,
    read_frame,
    tap_of,
    words_of,
)
from daka.chat.line import Line
from daka.chat.sockets import SocketDialect, Taken
from daka.delivery.channels.dingtalk_robot import VENDOR
from daka.outbound.bodies import json_object
from daka.outbound.requests import Socket, json_request

log = logging.getLogger(__name__)

OPEN_URL = "https://api.dingtalk.com/v1.0/gateway/connections/open"
HOSTS = (".dingtalk.com",)
REPLY_HOST = "oapi.dingtalk.com"


class DingTalkStream(SocketDialect):
    name: ClassVar[str] = "dingtalk"
    is_metered: ClassVar[bool] = True

    async def open(self, line: Line) -> Socket:
        subscriptions = [{"type": "CALLBACK", "topic": topic} for topic in (ROBOT_TOPIC, CARD_TOPIC)]
        if self.listener is not None:
            subscriptions.append({"type": "EVENT", "topic": "*"})
        body = {
            "clientId": self.app.name,
            "clientSecret": self.app.secret,
            "ua": f"daka/{__version__}",
            "localIp": "",
            "subscriptions": subscriptions,
        }
        answer = await self.outbound.send(json_request(OPEN_URL, body, vendor=VENDOR.name))
        found = json_object(answer.text) or {}
        endpoint, ticket = found.get("endpoint"), found.get("ticket")
        if answer.status in (400, 401, 403):
            raise Refused(f"{found.get('code', answer.status)} {found.get('message', '')}"[:150])
        if answer.status != 200 or not isinstance(endpoint, str) or not isinstance(ticket, str):
            raise Lost(f"HTTP {answer.status}")
        return await self.outbound.open_socket(f"{endpoint}?ticket={quote(ticket, safe='')}", VENDOR, HOSTS)

    def take(self, frame: str | bytes) -> Taken:
        try:
            found = read_frame(frame)
        except BadStreamFrame:
            return Taken()
        match found.kind, found.topic:
            case "SYSTEM", "disconnect":
                return Taken(acknowledgement=acknowledged(found, found.text), asks_for_new=True)
            case "SYSTEM", _:
                return Taken(acknowledgement=acknowledged(found, found.text))
            case "CALLBACK", topic if topic == ROBOT_TOPIC:
                return Taken(words_of(found), acknowledged(found, NOTHING_TO_SAY))
            case "CALLBACK", topic if topic == CARD_TOPIC:
                tap = tap_of(found)
                return Taken(tap, card_answer(found, None), partial(card_answer, found) if tap else None)
            case "EVENT", _:
                return Taken(work=partial(self._pass_on, found))
        return Taken(acknowledgement=acknowledged(found, "{}", 404))

    async def _pass_on(self, frame: StreamFrame) -> str:
        if await self.told(event_of(frame)):
            return acknowledged(frame, SUCCESS)
        return acknowledged(frame, LATER, 500)

    async def reply(self, to: dict[str, str], text: str) -> None:
        """To the conversation in which it was written; for an hour and a half the vendor gives an address for that."""
        parts = urlsplit(to.get("webhook", ""))
        is_late = int(to.get("until", "0")) < clock.now().timestamp() * 1000
        if (parts.scheme, parts.hostname) != ("https", REPLY_HOST) or is_late:
            return
        body = {"msgtype": "text", "text": {"content": text}}
        answer = await self.outbound.send(json_request(to["webhook"], body, vendor=VENDOR.name))
        if answer.status >= 500 or answer.status == 429:
            raise Lost(f"HTTP {answer.status}")
