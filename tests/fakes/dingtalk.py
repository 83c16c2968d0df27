"""DingTalk's robot endpoint as it behaves: HTTP 200 for everything, and its own rules for what it takes."""

import hashlib
import hmac
import json
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from fakes.server import Asked, FakeResponse, FakeServer


@dataclass
class Robot:
    """One robot of a group with its security settings."""

    secret: str = ""
    keywords: tuple[str, ...] = ()
    is_ip_allowed: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)
    blocked_until: float = 0.0


def error(code: int | str, words: str) -> FakeResponse:
    return FakeResponse({"errcode": code, "errmsg": words})


class FakeDingTalk(FakeServer):
    """`POST /robot/send`. The 21st message within a minute blocks a robot for ten minutes."""

    def __init__(self, now: Any = time.time, **robots: Robot) -> None:
        super().__init__()
        self.robots = robots
        self._now = now

    def add_robot(self, token: str, **settings: Any) -> Robot:
        self.robots[token] = robot = Robot(**settings)
        return robot

    def webhook_url(self, token: str) -> str:
        """As DingTalk's own page would show it."""
        return f"https://oapi.dingtalk.com/robot/send?access_token={token}"

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.method != "POST":
            return error(43002, "需要POST请求")
        token = asked.query.get("access_token")
        if not token:
            return error(40035, "缺少参数 access_token")
        if token not in self.robots:
            return error(300005, "token is not exist")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return error(43004, "无效的HTTP HEADER Content-Type")
        try:
            message = json.loads(asked.body)
        except ValueError:
            return error(40035, "缺少参数 json")
        robot = self.robots[token]
        if (refused := self._refused(robot, asked, message)) is not None:
            return refused
        now = self._now()
        robot.called_at = [moment for moment in robot.called_at if now - moment < 60] + [now]
        if now < robot.blocked_until or len(robot.called_at) > 20:
            robot.blocked_until = max(robot.blocked_until, now + 600)
            return error(130101, "send too fast, exceed 20 times per minute")
        if message["msgtype"] not in ("text", "link", "markdown", "actionCard", "feedCard"):
            return error(400105, "不支持的消息类型")
        known = {kept.get("msgUuid") for kept in robot.messages} - {None}
        if message.get("msgUuid") not in known:
            robot.messages.append(message)
        return FakeResponse({"errcode": 0, "errmsg": "ok"})

    def _refused(self, robot: Robot, asked: Asked, message: dict[str, Any]) -> FakeResponse | None:
        if robot.secret:
            timestamp = asked.query.get("timestamp", "")
            if not timestamp.isdecimal() or abs(self._now() * 1000 - int(timestamp)) > 3_600_000:
                return error(310000, "invalid timestamp")
            digest = hmac.new(robot.secret.encode(), f"{timestamp}\n{robot.secret}".encode(), hashlib.sha256).digest()
            if asked.query.get("sign") != b64encode(digest).decode():
                return error(310000, "sign not match")
        words = json.dumps(message, ensure_ascii=False)
        if robot.keywords and not any(keyword in words for keyword in robot.keywords):
            return error(310000, "keywords not in content")
        if not robot.is_ip_allowed:
            return error(310000, "ip 192.0.2.1 not in whitelist")
        if len(asked.body) > 20_000:
            return error(460101, "message too long, exceed 20000 bytes")
        return None
