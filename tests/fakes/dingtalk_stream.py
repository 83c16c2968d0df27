"""DingTalk's Stream mode: a ticket for each connection, frames with JSON inside, and everything that goes wrong there."""

import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import Asked, FakeResponse

OPEN = "/v1.0/gateway/connections/open"


class FakeStream(FakeDingTalkApp):
    """Frames go to the connection that was opened last, unless the vendor has announced that it closes."""

    socket_path = "/connect"

    def __init__(self, people: tuple[str, ...] = ("bob",)) -> None:
        super().__init__(people=people)
        self.tickets: set[str] = set()
        self.closing: set[web.WebSocketResponse] = set()
        self.acknowledged: dict[str, tuple[int, dict[str, Any], float]] = {}
        """Code, data and seconds of the acknowledgement of each frame."""
        self.said: list[str] = []
        """What the robot answered in conversations."""
        self.endpoint: str | None = None
        self.subscribed: list[dict[str, str]] = []
        self.cards: dict[str, dict[str, str]] = {}
        """The values of each card by our id of it."""
        self.card_of: dict[str, str] = {}
        """Whose card it is, the first of several people."""
        self.updates: list[str] = []
        """Which cards were changed from outside."""
        self.published = {"good.schema"}
        self._sent_at: dict[str, float] = {}

    # --- what happens at the vendor

    async def push(self, kind: str, topic: str, data: Any, *, message_id: str = "", **headers: str) -> str:
        """Send one frame over the newest connection that still delivers."""
        message_id = message_id or f"m{secrets.token_hex(4)}"
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {"topic": topic, "messageId": message_id, "contentType": "application/json", **headers},
            "data": data if isinstance(data, str) else json.dumps(data, ensure_ascii=False),
        }
        self._sent_at[message_id] = time.monotonic()
        alive = [each for each in self.opened if each not in self.closing and not each.closed]
        if alive:
            await alive[-1].send_str(json.dumps(frame, ensure_ascii=False))
        return message_id

    async def write(self, person: str, text: str, *, message_id: str = "", **values: Any) -> str:
        """A person writes to the robot."""
        message = {
            "conversationType": "1",
            "senderStaffId": person,
            "senderCorpId": "ding1",
            "chatbotCorpId": "ding1",
            "msgtype": "text",
            "text": {"content": text},
            "msgId": f"msg{secrets.token_hex(4)}",
            "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=canary-session",
            "sessionWebhookExpiredTime": 4_000_000_000_000,
            **values,
        }
        return await self.push("CALLBACK", "/v1.0/im/bot/messages/get", message, message_id=message_id)

    async def tap(self, number: int = -1, button: int = 1) -> str:
        """Tap a button of the message that was sent: it writes its word into the chat."""
        sent = self.chats[number]
        shown = json.loads(sent["msgParam"])
        link = shown["singleURL"] if "singleURL" in shown else shown[f"actionURL{button}"]
        assert link.startswith("dtmd://dingtalkclient/sendMessage?content=")
        return await self.write(sent["userIds"][0], unquote(parse_qs(urlsplit(link).query)["content"][0]))

    async def tap_card(self, track: str, person: str, do: str, *, number: str = "1") -> str:
        """Tap a card's button; what the acknowledgement says is shown on the card."""
        content = {"cardPrivateData": {"actionIds": ["1"], "params": {"do": do, "id": number}}}
        data = {
            "type": "actionCallback",
            "outTrackId": track,
            "userId": person,
            "userIdType": 1,
            "content": json.dumps(content),
        }
        return await self.push("CALLBACK", "/v1.0/card/instances/callback", data)

    def _deliver(self, body: dict[str, Any]) -> FakeResponse:
        if body["cardTemplateId"] not in self.published:
            return FakeResponse({"code": "param.templateUnpublished", "message": "模板未发布"}, 400)
        if body["outTrackId"] in self.cards:
            return FakeResponse({"code": "param.cardAlreadyExist", "message": "卡片已存在"}, 400)
        values = body["cardData"]["cardParamMap"]
        assert all(isinstance(value, str) and len(value.encode()) <= 1000 for value in values.values())
        assert len(body["outTrackId"]) <= 100
        people = [each.removeprefix("IM_ROBOT.") for each in body["openSpaceId"].removeprefix("dtv1.card//").split(";")]
        results = [{"spaceId": who, "success": who in self.people, "errorMsg": "unknown"} for who in people]
        if all(each["success"] for each in results):
            self.cards[body["outTrackId"]], self.card_of[body["outTrackId"]] = dict(values), people[0]
        return FakeResponse({"success": True, "result": {"deliverResults": results}})

    def _update(self, body: dict[str, Any]) -> FakeResponse:
        if body["outTrackId"] not in self.cards:
            return FakeResponse({"code": "param.cardNotExist", "message": "卡片不存在"}, 400)
        self._change(body["outTrackId"], body)
        self.updates.append(body["outTrackId"])
        return FakeResponse({"success": True, "result": True})

    def _change(self, track: str, said: dict[str, Any]) -> None:
        if not said.get("cardUpdateOptions", {}).get("updateCardDataByKey"):
            self.cards[track] = {}
        self.cards[track] |= said["cardData"]["cardParamMap"]

    async def disconnect(self) -> None:
        """From now on nothing is delivered over this connection; the socket stays open for a while."""
        await self.push("SYSTEM", "disconnect", {"reason": "persistent connection is timeout"})
        self.closing.add(self.opened[-1])

    # --- what it answers

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=401)
        self.tickets.remove(ticket)
        return await super()._connect(request)

    async def _hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        found = json.loads(data)
        identity = found["headers"]["messageId"]
        took = time.monotonic() - self._sent_at[identity]
        self.acknowledged[identity] = found["code"], json.loads(found["data"] or "{}"), took

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.path == OPEN:
            body = asked.json
            if (body["clientId"], body["clientSecret"]) != (self.app_key, self.app_secret):
                return FakeResponse({"code": "authFailed", "message": "鉴权失败"}, 401)
            ticket = f"canary+ticket/{secrets.token_hex(4)}=="
            self.tickets.add(ticket)
            self.subscribed = body["subscriptions"]
            endpoint = self.endpoint or f"ws://127.0.0.1:{self.port}/connect"
            return FakeResponse({"endpoint": endpoint, "ticket": ticket})
        if asked.path.startswith("/v1.0/card/instances"):
            if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
                return FakeResponse({"code": "InvalidAuthentication", "message": "不合法的access_token"}, 400)
            return self._update(asked.json) if asked.method == "PUT" else self._deliver(asked.json)
        if asked.path.startswith("/robot/sendBySession"):
            self.said.append(asked.json["text"]["content"])
            return FakeResponse({"errcode": 0, "errmsg": "ok"})
        return super().answer(asked)
