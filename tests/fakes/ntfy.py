"""An ntfy server: topics that are written over HTTP and read over a WebSocket, with a cache."""

import secrets
import time
from typing import Any

from aiohttp import web

from fakes.server import Asked, FakeChat, FakeResponse


class FakeNtfy(FakeChat):
    """Open topics; with a token, only who has it reads and publishes, and phones write to `daka-…` alone."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.token = token
        self.messages: list[dict[str, Any]] = []
        """What was published as JSON."""
        self.cache: dict[str, list[dict[str, Any]]] = {}
        self.subscribed: list[str] = []
        """Each subscription's topic and `since`."""
        self._topics: dict[web.WebSocketResponse, str] = {}

    # --- what people do

    async def tap(self, number: int, button: int = 0, *, message_id: str = "") -> dict[str, Any]:
        """Tap a button that writes to a topic here, as the app does. Returns the button."""
        action: dict[str, Any] = self.messages[number]["actions"][button]
        assert (action["action"], action["method"]) == ("http", "POST")
        server, _, topic = action["url"].rpartition("/")
        assert server == self.base_url
        await self.publish(topic, action["body"], message_id=message_id)
        return action

    async def publish(self, topic: str, text: str, *, message_id: str = "") -> None:
        message = {"id": message_id or secrets.token_hex(6), "time": int(time.time()), "event": "message"}
        message |= {"topic": topic, "message": text}
        self.cache.setdefault(topic, []).append(message)
        for socket, about in list(self._topics.items()):
            if about == topic and not socket.closed:
                await socket.send_json(message)

    # --- what it answers

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.socket_path = request.path if request.path.endswith("/ws") else ""
        return await super()._handle(request)

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return web.Response(status=403)
        return await super()._connect(request)

    async def _greet(self, request: web.BaseRequest, socket: web.WebSocketResponse) -> None:
        topic, since = request.path.split("/")[1], request.query["since"]
        self.subscribed.append(f"{topic} {since}")
        self._topics[socket] = topic
        await socket.send_json({"id": secrets.token_hex(6), "event": "open", "topic": topic})
        kept = self.cache.get(topic, [])
        ids = [message["id"] for message in kept]
        for message in kept[ids.index(since) + 1 :] if since in ids else kept:
            await socket.send_json(message)

    def answer(self, asked: Asked) -> FakeResponse:
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return FakeResponse({"code": 40301, "http": 403, "error": "forbidden"}, 403)
        if asked.path != "/" or len(asked.json.get("actions", [])) > 3:
            return FakeResponse({"code": 40018, "http": 400, "error": "actions invalid"}, 400)
        self.messages.append(asked.json)
        return FakeResponse({"id": secrets.token_hex(6), "event": "message", "topic": asked.json["topic"]})
