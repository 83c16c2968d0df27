"""Feishu's long connection (长连接). Source: https://open.feishu.cn/document/server-side-sdk/python--sdk/handle-callbacks.

Of several clients of one app, each frame goes to one. Cards are answered within three seconds.
"""

import asyncio
import json
import re
import time
from functools import partial
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from daka.chat.connection import Lost, Refused, TakenOver, VendorEvent
from daka.chat.feishu_events import CARD_EVENT, answer, event_of, incoming, toast
from daka.chat.feishu_frames import DATA, BadFrame, Frame, Parts, decode, encode, ping
from daka.chat.line import Line
from daka.chat.sockets import SocketDialect, Taken
from daka.delivery.channels.feishu_robot import VENDOR
from daka.outbound.bodies import json_object
from daka.outbound.requests import HandshakeRefused, Socket
from daka.vendors import feishu
from daka.vendors.apps import ask
from daka.vendors.replies import Meaning, object_of

HOSTS = (".feishu.cn", ".larksuite.com")
ENDPOINT = "/callback/ws/endpoint"
PING_SECONDS = 60.0
REFUSED = frozenset({"403", "514", "1000040344", "10003", "10014", "HTTP 401", "HTTP 403"})
"""The app, its secret, or what it may do."""
TOO_MANY = "1000040350"
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class FeishuLongConnection(SocketDialect):
    name: ClassVar[str] = "feishu"
    silent_seconds: ClassVar[float] = 2.5 * PING_SECONDS
    event_seconds: ClassVar[float] = 2.0  # of three
    _service = 0
    _parts = Parts()

    async def open(self, line: Line) -> Socket:
        asked = feishu.request(ENDPOINT, {"AppID": self.app.name, "AppSecret": self.app.secret})
        reply = await self.outbound.send(asked)
        found = json_object(reply.text) or {}
        code, words = str(found.get("code", "")), str(found.get("msg", ""))[:120]
        url = object_of(found, "data").get("URL")
        if code != "0" or not isinstance(url, str):
            raise _refusal(code or f"HTTP {reply.status}", words)
        self._service = int(next(iter(parse_qs(urlsplit(url).query).get("service_id", [])), "0") or 0)
        self._parts = Parts()
        try:
            return await self.outbound.open_socket(url, VENDOR, HOSTS)
        except HandshakeRefused as refusal:
            status = refusal.headers.get("handshake-status", str(refusal.status))
            raise _refusal(status, refusal.headers.get("handshake-msg", "")[:120]) from None

    async def tend(self, socket: Socket) -> None:
        """Feishu answers pings of its own kind; an answer is a frame, so that silence means that it is dead."""
        while True:
            await socket.send(encode(ping(self._service)))
            await asyncio.sleep(PING_SECONDS)

    def take(self, frame: str | bytes) -> Taken:
        try:
            found = decode(frame) if isinstance(frame, bytes) else None
            payload = self._parts.add(found, time.monotonic()) if found and found.method == DATA else None
        except BadFrame:
            return Taken()
        if found is None or payload is None:
            return Taken()
        began = time.monotonic()
        if self.listener is not None and (event := event_of(payload)) is not None:
            return Taken(work=partial(self._pass_on, found, event, began))
        kind, said = incoming(payload)
        if said is not None and kind == CARD_EVENT:
            return Taken(said, reply=lambda told: _answered(found, answer(toast(told)), began))
        return Taken(said, _answered(found, answer(None), began))

    async def _pass_on(self, frame: Frame, event: VendorEvent, began: float) -> bytes:
        code = 200 if await self.told(event) else 500
        return _answered(frame, answer(None, code), began)

    async def reply(self, to: dict[str, str], text: str) -> None:
        if not _MESSAGE_ID.fullmatch(message := to.get("message", "")):
            return
        body = {"content": json.dumps({"text": text}, ensure_ascii=False), "msg_type": "text", "uuid": message[-50:]}
        app = feishu.FeishuApp(self.app.name, self.app.secret)
        said = await ask(
            app,
            self.outbound.tokens,
            self.outbound.send,
            lambda token: feishu.request(f"/open-apis/im/v1/messages/{message}/reply", body, token=token),
            feishu.read,
        )
        if said.meaning in (Meaning.RETRY, Meaning.THROTTLED):
            raise Lost(said.code, wait=said.wait)


def _refusal(code: str, words: str) -> Lost | Refused | TakenOver:
    if code == TOO_MANY:
        return TakenOver(f"{code} {words}")
    return Refused(f"{code} {words}") if code in REFUSED else Lost(f"{code} {words}")


def _answered(frame: Frame, payload: bytes, began: float) -> bytes:
    """The same frame back, with how long it took in milliseconds."""
    took = str(int((time.monotonic() - began) * 1000))
    return encode(
        Frame(
            frame.sequence,
            frame.log,
            frame.service,
            frame.method,
            {**frame.headers, "biz_rt": took},
            payload,
            frame.payload_encoding,
            frame.payload_type,
            frame.log_new,
        )
    )
