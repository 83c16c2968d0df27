"""Feishu as an app sees it: messages and cards, and the long connection with frames that come in parts."""

import base64
import json
import secrets
import time
from typing import Any

from aiohttp import web

from daka.chat.feishu_frames import CONTROL, DATA, Frame, decode, encode
from fakes.server import Asked, FakeChat, FakeResponse

OPEN_ID = "ou_bob1"


class FakeFeishuApp(FakeChat):
    """The app `cli_good1` with the secret `good`, and the people that it is given."""

    socket_path = "/ws"

    def __init__(self, people: tuple[str, ...] = (OPEN_ID,)) -> None:
        super().__init__()
        self.people = people
        self.token = "tenant-token-1"
        self.messages: dict[str, dict[str, Any]] = {}
        """What was sent, by its id, as it is now."""
        self.replies: list[str] = []
        self.answers: dict[str, tuple[int, Any, float]] = {}
        """Code, result and seconds of the answer to each frame."""
        self.pings = 0
        self.refusal: dict[str, Any] | None = None
        """Instead of an address for a connection."""
        self._sent_at: dict[str, float] = {}

    # --- what happens there

    async def push(self, kind: str, event: dict[str, Any], *, parts: int = 1, event_id: str = "") -> str:
        """Send one event, in so many frames; the last part comes first."""
        identity = f"m{secrets.token_hex(4)}"
        header = {"event_id": event_id or secrets.token_hex(4), "event_type": kind, "app_id": "cli_good1"}
        payload = json.dumps({"schema": "2.0", "header": header, "event": event}, ensure_ascii=False).encode()
        size = -(-len(payload) // parts)
        self._sent_at[identity] = time.monotonic()
        for place in reversed(range(parts)):
            headers = {"type": "event", "message_id": identity, "sum": str(parts), "seq": str(place)}
            frame = Frame(1, 2, 7, DATA, headers, payload[place * size : (place + 1) * size])
            await self.opened[-1].send_bytes(encode(frame))
        return identity

    async def tap(self, message: str, button: int = 0, *, person: str = OPEN_ID, **options: Any) -> str:
        value = self.buttons(message)[button]["behaviors"][0]["value"]
        event = {"operator": {"open_id": person}, "action": {"tag": "button", "value": value}}
        return await self.push("card.action.trigger", event, **options)

    async def write(self, text: str, *, person: str = OPEN_ID, chat: str = "p2p") -> str:
        message = {
            "message_id": f"om_{secrets.token_hex(4)}",
            "chat_type": chat,
            "message_type": "text",
            "content": json.dumps({"text": text}),
        }
        event = {"sender": {"sender_id": {"open_id": person}, "sender_type": "user"}, "message": message}
        return await self.push("im.message.receive_v1", event)

    def buttons(self, message: str) -> list[dict[str, Any]]:
        elements = json.loads(self.messages[message]["content"])["body"]["elements"]
        return [each for each in elements if each["tag"] == "button"]

    def text(self, message: str) -> str:
        elements = json.loads(self.messages[message]["content"])["body"]["elements"]
        return str(elements[0]["content"])

    # --- what it answers

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.query["service_id"] == "7"
        return await super()._connect(request)

    async def _hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        frame = decode(data)
        if frame.method == CONTROL:
            assert (frame.headers["type"], frame.service) == ("ping", 7)
            self.pings += 1
            config = json.dumps({"PingInterval": 90}).encode()
            await socket.send_bytes(encode(Frame(service=7, headers={"type": "pong"}, payload=config)))
            return
        identity, said = frame.headers["message_id"], json.loads(frame.payload)
        result = None if said["data"] is None else json.loads(base64.b64decode(said["data"]))
        assert frame.headers["biz_rt"].isdecimal()
        self.answers[identity] = said["code"], result, time.monotonic() - self._sent_at[identity]

    def answer(self, asked: Asked) -> FakeResponse:
        body = asked.json
        if asked.path == "/callback/ws/endpoint":
            if self.refusal is not None:
                return FakeResponse(self.refusal)
            if (body["AppID"], body["AppSecret"]) != ("cli_good1", "good"):
                return FakeResponse({"code": 1000040344, "msg": "app_secret is invalid"})
            url = f"ws://127.0.0.1:{self.port}/ws?device_id=canary&service_id=7"
            return FakeResponse({"code": 0, "msg": "", "data": {"URL": url, "ClientConfig": {"PingInterval": 120}}})
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            if (body["app_id"], body["app_secret"]) != ("cli_good1", "good"):
                return FakeResponse({"code": 10014, "msg": "app secret invalid"})
            return FakeResponse({"code": 0, "tenant_access_token": self.token, "expire": 7200})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return FakeResponse({"code": 99991663, "msg": "Invalid access token"}, 400)
        if asked.path == "/open-apis/im/v1/messages":
            form = asked.query["receive_id_type"]
            is_of_form = body["receive_id"].startswith("ou_") is (form == "open_id")
            if body["receive_id"] not in self.people or not is_of_form:
                return FakeResponse({"code": 99992351, "msg": f"not a valid {form}"}, 400)
            assert len(body["uuid"]) <= 50
            known = next((key for key, kept in self.messages.items() if kept["uuid"] == body["uuid"]), None)
            number = known or f"om_{len(self.messages) + 1}"
            self.messages[number] = body
            return FakeResponse({"code": 0, "msg": "success", "data": {"message_id": number}})
        if asked.path.endswith("/reply"):
            self.replies.append(json.loads(body["content"])["text"])
            return FakeResponse({"code": 0, "msg": "success", "data": {}})
        number = asked.path.rpartition("/")[2]
        if asked.method == "PATCH" and number in self.messages:
            for card in (self.messages[number]["content"], body["content"]):
                assert json.loads(card)["config"]["update_multi"] is True
            self.messages[number] = {**self.messages[number], "content": body["content"]}
            return FakeResponse({"code": 0, "msg": "success", "data": {}})
        return FakeResponse({"code": 230001, "msg": "invalid request param"}, 400)
