"""Answers to GET requests inside another request's response, so that a page that opens saves round trips."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import Message

KEPT_HEADERS = (b"host", b"user-agent")


async def answers_to(request: Request, paths: Sequence[str], access_token: str) -> dict[str, Any]:
    """What each path answers to the bearer of the token, by path; without those that refuse.

    Each is a request of its own to this app, with its own check of the token, transaction and line in the log.
    """
    once = dict.fromkeys(paths)
    found = await asyncio.gather(*(_answer_to(request, path, access_token) for path in once))
    return {path: answer for path, answer in zip(once, found, strict=True) if answer is not None}


async def _answer_to(request: Request, path: str, access_token: str) -> Any:
    kept = [(name, value) for name, value in request.scope["headers"] if name in KEPT_HEADERS]
    asked = {name: request.scope[name] for name in ("http_version", "scheme", "client", "server", "asgi", "root_path")}
    scope = {
        **asked,
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [*kept, (b"authorization", f"Bearer {access_token}".encode())],
    }
    status = 0
    body = b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await request.app(scope, receive, send)
    return json.loads(body) if status == 200 else None
