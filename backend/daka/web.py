"""Middleware for request IDs, body limits and security headers; serves the built web app beside the API."""

import logging
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daka.audit_trail import Origin, origin
from daka.errors import Invalid, NotFound, Problem, TooLarge, UriTooLong
from daka.observability import redacted, request_id
from daka.problems import ANY_PATH, EVENTS, methods_at, no_such_route, problem_response, unexpected_problem
from daka.static_files import file_response

log = logging.getLogger("daka.access")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}


HEALTH_PATHS = ("/api/health", "/health", "/healthz")
"""The second and third are what monitors try first."""
LONGEST_URI = 8_000
"""Bytes of a path with its query. No route needs a quarter of that; nginx refuses more than 8 kB as well."""
LONGEST_LOGGED_PATH = 500
MEGABYTE = 1_000_000
UPLOADS = {
    "/api/v1/calendar/import": 2 * MEGABYTE,
    "/api/v1/roster/import": 10 * MEGABYTE,
    "/api/v1/users/import": 10 * MEGABYTE,
}
"""Routes that accept files, with their own limit regardless of `MAX_BODY_BYTES`."""


def _refusal(scope: Scope) -> Problem | None:
    """Why an address is not even looked at."""
    if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_URI:
        return UriTooLong("uri_too_long", f"Path and query are longer than {LONGEST_URI} bytes")
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:  # nothing has it, and databases differ
        return Invalid("invalid_input", "NUL is not text", loc=("path" if "\x00" in scope["path"] else "query",))
    return None


def _add_headers(scope: Scope, headers: MutableHeaders, current: str) -> None:
    headers["X-Request-ID"] = current
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if scope["path"].startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


class RequestFrame:
    """Assigns each request an ID, rejects bodies over the limit, handles unexpected errors, and sets the response headers."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = secrets.token_hex(8)
        token, where = request_id.set(current), origin.set(_origin_of(scope))
        started = time.perf_counter()
        path = redacted(scope["path"][:LONGEST_LOGGED_PATH])
        status: int | None = None
        is_head = scope["method"] == "HEAD" and scope["path"] != EVENTS  # HEAD is GET without the body
        asked = {**scope, "method": "GET"} if is_head else scope

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, MutableHeaders(scope=message), current)
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            if (refused := _refusal(scope)) is not None:
                await problem_response(refused)(scope, receive, framed)
            else:
                await self._within_limit(asked, receive, framed)
        except Exception:
            log.exception("Unexpected error at %s %s", scope["method"], path)
            if status is not None:  # the response has begun: only closing the connection tells the client
                raise
            await unexpected_problem()(scope, receive, framed)
        finally:
            is_routine = scope["path"] in HEALTH_PATHS and status == 200
            log.log(
                logging.DEBUG if is_routine else logging.INFO,
                "%s %s %s",
                scope["method"],
                path,
                status,
                extra={"fields": {"duration_ms": round((time.perf_counter() - started) * 1000, 1)}},
            )
            origin.reset(where)
            request_id.reset(token)

    async def _within_limit(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = max(self._max_body_bytes, UPLOADS.get(scope["path"], 0))
        too_large = f"The body is larger than {limit} bytes"
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await problem_response(TooLarge("body_too_large", too_large))(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, too_large)  # the only exception that FastAPI's body parsing lets through
            return message

        await self._app(scope, counted, send)


def _origin_of(scope: Scope) -> Origin:
    address = scope["client"][0] if scope.get("client") else ""
    return Origin(address, Headers(scope=scope).get("user-agent", ""))


def _file_in(root: Path, name: str) -> Path | None:
    with suppress(OSError, ValueError):  # no file has such a name: too long, with NUL
        file = (root / name).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    return None


def serve_web_app(app: FastAPI, folder: Path) -> None:
    """Serve the built files: `/roster` is roster.html. An unknown address is 404, with the page of the app that says so."""
    root = folder.resolve()

    @app.get(ANY_PATH, include_in_schema=False)
    async def web_app(path: str, request: Request) -> Response:
        if path.startswith("api/"):
            raise HTTPException(405) if methods_at(request) else no_such_route()
        name = path.rstrip("/") or "index.html"
        if file := _file_in(root, name) or _file_in(root, f"{name}.html"):
            forever = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
            return file_response(file, request.headers, caching=forever)
        if path.startswith("assets/"):
            raise NotFound("no_such_file", "There is no such file")
        return file_response(root / "index.html", request.headers, caching="no-cache", status=404)


def serve_build_instructions(app: FastAPI) -> None:
    """Without the built files, respond with instructions instead of an empty 404."""

    @app.get("/", include_in_schema=False)
    async def no_web_app() -> dict[str, Any]:
        return {"message": "The API is at /api/docs. The web app is not built; run: make setup"}
