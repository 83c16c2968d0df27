"""A fake DingTalk group robot that behaves like the vendor's: it validates, throttles, and returns HTTP 200 for everything.

The demo and the tests send to it. Its page at `/` shows the messages of the group.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self

from aiohttp import web

from daka.delivery.channels.dingtalk_robot import signature
from daka.security import same

LARGEST_BODY_BYTES = 20_000
CLOCK_SKEW_MS = 3_600_000
PER_MINUTE = 20
MESSAGE_TYPES = {"text", "link", "markdown", "actionCard", "feedCard"}


@dataclass
class Robot:
    """One robot of a group, with its security settings."""

    secret: str = ""
    keywords: tuple[str, ...] = ()
    blocked_seconds: float = 600.0
    messages: list[dict[str, Any]] = field(default_factory=list)
    """Accepted messages, each with `received_at` (Unix seconds)."""
    calls: list[float] = field(default_factory=list)
    blocked_until: float = 0.0
    answers: list[tuple[int, Any]] = field(default_factory=list)
    """Forced responses (status, body), used up before the rules apply. The body `"hang"` never responds, `"reset"` hangs up."""


class FakeDingTalk:
    """An HTTP server on loopback. `async with FakeDingTalk() as dingtalk:` starts it; `url` is its base address."""

    def __init__(self, port: int = 0) -> None:
        self.robots: dict[str, Robot] = {}
        self.url = ""
        self._port = port
        self._app = web.Application(client_max_size=1_000_000)
        self._app.router.add_route("*", "/robot/send", self._send)
        self._app.router.add_get("/", self._page)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.5)

    def add_robot(self, token: str, **settings: Any) -> Robot:
        self.robots[token] = robot = Robot(**settings)
        return robot

    def webhook_url(self, token: str) -> str:
        """The URL as DingTalk's own page would show it."""
        return f"https://oapi.dingtalk.com/robot/send?access_token={token}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _send(self, request: web.Request) -> web.StreamResponse:
        robot = self.robots.get(request.query.get("access_token", ""))
        if robot is not None and robot.answers:
            return await _forced(request, *robot.answers.pop(0))
        code, words = self._judged(request, robot, await request.read())
        return web.json_response({"errcode": code, "errmsg": words})

    def _judged(self, request: web.Request, robot: Robot | None, body: bytes) -> tuple[int, str]:
        now = time.time()
        if request.method != "POST":
            return 43002, "需要POST请求"
        if not request.query.get("access_token"):
            return 40035, "缺少参数 access_token"
        if robot is None:
            return 300005, "token is not exist"
        if request.content_type != "application/json":
            return 43004, "无效的HTTP HEADER Content-Type"
        try:
            message = json.loads(body)
        except ValueError:
            message = None
        if not isinstance(message, dict) or not message:
            return 40035, "缺少参数 json"
        if refusal := _signature_refusal(request, robot, now):
            return 310000, refusal
        if robot.keywords and not any(word in json.dumps(message, ensure_ascii=False) for word in robot.keywords):
            return 310000, "keywords not in content"
        if len(body) > LARGEST_BODY_BYTES:
            return 460101, "message too long, exceed 20000 bytes"
        if now < robot.blocked_until or not _within_rate(robot, now):
            return 130101, "send too fast, exceed 20 times per minute"
        if message.get("msgtype") not in MESSAGE_TYPES:
            return 400105, "不支持的消息类型"
        is_repeated = message.get("msgUuid") is not None and any(
            found.get("msgUuid") == message["msgUuid"] for found in robot.messages
        )
        if not is_repeated:
            robot.messages.append({**message, "received_at": now})
        return 0, "ok"

    async def _page(self, _: web.Request) -> web.Response:
        shown = [
            f"<article><time>{time.strftime('%H:%M:%S', time.localtime(message['received_at']))}</time>"
            f"<pre>{escape(_words(message))}</pre></article>"
            for robot in self.robots.values()
            for message in reversed(robot.messages[-100:])
        ]
        page = (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><title>钉钉群（演示）</title><style>'
            "body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
            "article{border-top:1px solid #8885;padding:.5rem 0}"
            "pre{white-space:pre-wrap;font:inherit;margin:0;overflow-wrap:anywhere}"
            "time{color:#888;font-variant-numeric:tabular-nums}</style></head><body><h1>钉钉群（演示）</h1>"
            f"{''.join(shown) or '<p>还没有消息。</p>'}</body></html>"
        )
        return web.Response(text=page, content_type="text/html")


async def _forced(request: web.Request, status: int, body: Any) -> web.StreamResponse:
    if body == "hang":
        await asyncio.sleep(3600)
    if body == "reset":
        assert request.transport is not None
        request.transport.abort()
        return web.Response()
    if isinstance(body, str):
        return web.Response(status=status, text=body, content_type="text/html")
    return web.json_response(body, status=status)


def _signature_refusal(request: web.Request, robot: Robot, now: float) -> str:
    if not robot.secret:
        return ""
    timestamp = request.query.get("timestamp", "")
    if not timestamp.isdecimal() or abs(int(timestamp) - now * 1000) > CLOCK_SKEW_MS:
        return "invalid timestamp"
    return "" if same(request.query.get("sign", ""), signature(robot.secret, int(timestamp))) else "sign not match"


def _within_rate(robot: Robot, now: float) -> bool:
    robot.calls = [called for called in robot.calls if called > now - 60]
    if len(robot.calls) >= PER_MINUTE:
        robot.blocked_until = now + robot.blocked_seconds
        return False
    robot.calls.append(now)
    return True


def _words(message: dict[str, Any]) -> str:
    kind = message.get("msgtype")
    found = message.get(kind, {}) if isinstance(kind, str) else {}
    return str(found.get("content") or found.get("text") or found)
