"""Feishu, WeCom, Slack, Discord and Telegram as they answer."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

from fakes.server import Asked, FakeResponse, FakeServer


class FakeFeishu(FakeServer):
    """Refuses with HTTP 200: unknown hooks, wrong signatures, missing keywords, the sixth message within a second."""

    def __init__(self, secret: str = "", keyword: str = "", now: Any = time.time, per_second: int = 5) -> None:
        super().__init__()
        self.secret, self.keyword, self._now, self._per_second = secret, keyword, now, per_second
        self.messages: list[dict[str, Any]] = []
        self._called_at: list[float] = []

    def answer(self, asked: Asked) -> FakeResponse:
        if not asked.path.startswith("/open-apis/bot/v2/hook/good"):
            return FakeResponse(
                {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
            )
        body = json.loads(asked.body)
        if self.secret:
            key = f"{body.get('timestamp')}\n{self.secret}".encode()
            right = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
            if body.get("sign") != right or abs(self._now() - int(body["timestamp"])) > 3600:
                return FakeResponse({"code": 19021, "msg": "sign match fail or timestamp is not within one hour"})
        if self.keyword and self.keyword not in asked.body.decode():
            return FakeResponse({"code": 19024, "msg": "Key Words Not Found"})
        now = self._now()
        self._called_at = [moment for moment in self._called_at if now - moment < 1] + [now]
        if len(self._called_at) > self._per_second:
            return FakeResponse({"code": 11232, "msg": "frequency limited psm[x]appID[1]"})
        self.messages.append(body)
        return FakeResponse({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})


class FakeWecom(FakeServer):
    """Knows the key `good`, counts bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.query.get("key") != "good":
            return FakeResponse({"errcode": 93000, "errmsg": "invalid webhook url, hint: [1], from ip: 192.0.2.1"})
        body = json.loads(asked.body)
        longest = {"text": 2048, "markdown": 4096}[body["msgtype"]]
        if len(body[body["msgtype"]]["content"].encode()) > longest:
            return FakeResponse(
                {"errcode": 40058, "errmsg": f"content exceed max length {longest}. invalid Request Parameter"}
            )
        self.messages.append(body)
        return FakeResponse({"errcode": 0, "errmsg": "ok"})


class FakeTelegram(FakeServer):
    """Knows the bot `1:good` and the chats that it is given."""

    def __init__(self, *chats: str, moved: dict[str, int] | None = None) -> None:
        super().__init__()
        self.chats, self.moved = chats, moved or {}
        self.messages: list[dict[str, Any]] = []

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.path != "/bot1:good/sendMessage":
            return FakeResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        body = json.loads(asked.body)
        if body["chat_id"] in self.moved:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            moved = {"migrate_to_chat_id": self.moved[body["chat_id"]]}
            return FakeResponse({"ok": False, "error_code": 400, "description": words, "parameters": moved}, 400)
        if body["chat_id"] not in self.chats:
            return FakeResponse({"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, 400)
        for row in body.get("reply_markup", {}).get("inline_keyboard", []):
            url = urlsplit(row[0]["url"])
            if url.scheme not in ("http", "https") or "." not in (url.hostname or ""):
                return FakeResponse(
                    {"ok": False, "error_code": 400, "description": "Bad Request: BUTTON_URL_INVALID"}, 400
                )
        self.messages.append(body)
        return FakeResponse({"ok": True, "result": {"message_id": len(self.messages)}})
