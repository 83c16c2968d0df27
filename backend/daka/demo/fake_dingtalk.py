"""A fake DingTalk group robot for the demo. Like the vendor's, it verifies signatures and returns HTTP 200 for everything.

Its page at `/` shows the messages of the group.
"""

import re
from html import escape
from typing import Any, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from daka import clock
from daka.delivery.channels.dingtalk_robot import signature
from daka.security import same

CHINA = ZoneInfo("Asia/Shanghai")


class FakeDingTalk:
    """An HTTP server on loopback. `async with FakeDingTalk(token, secret) as dingtalk:` starts it; `url` is its base address."""

    def __init__(self, token: str, secret: str) -> None:
        self.url = ""
        self.webhook_url = f"https://oapi.dingtalk.com/robot/send?access_token={token}"
        """As DingTalk's own page would show it."""
        self._token, self._secret = token, secret
        self._messages: list[dict[str, Any]] = []
        """Each with `received_at`."""
        app = web.Application()
        app.router.add_post("/robot/send", self._send)
        app.router.add_get("/", self._page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _send(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") != self._token:
            return web.json_response({"errcode": 300005, "errmsg": "token is not exist"})
        timestamp = request.query.get("timestamp", "")
        if not timestamp.isdecimal() or not same(
            request.query.get("sign", ""), signature(self._secret, int(timestamp))
        ):
            return web.json_response({"errcode": 310000, "errmsg": "sign not match"})
        message = await request.json()
        if message.get("msgUuid") not in {kept.get("msgUuid") for kept in self._messages} - {None}:
            self._messages.append({**message, "received_at": clock.now().astimezone(CHINA)})
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _page(self, _: web.Request) -> web.Response:
        shown = [
            f"<article><time>{message['received_at']:%H:%M:%S}</time><pre>{formatted(_words(message))}</pre></article>"
            for message in reversed(self._messages[-100:])
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


def _words(message: dict[str, Any]) -> str:
    content = message.get(str(message.get("msgtype")), {})
    return str(content.get("content") or content.get("text") or content)


def formatted(words: str) -> str:
    """The two forms of markdown that reminders have, as HTML: headings and links, which can be tapped as in the group."""
    text = re.sub(r"^#+ (.+)$", r"<b>\1</b>", escape(words), flags=re.MULTILINE)
    return re.sub(r"\[([^\[\]\n]++)\]\((https?://[^()\[\]\s]++)\)", r'<a href="\2">\1</a>', text)
