"""What goes to other servers, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Protocol

from daka import clock
from daka.outbound.bodies import json_bytes, wait_of

OVERALL_SECONDS = 12.0
"""Shorter than a sender's lease, so that no other process takes a delivery that is still being sent."""
CONNECT_SECONDS = 5.0
LONGEST_ANSWER_BYTES = 64 * 1024
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. The address and the headers may carry secrets: never log them."""

    url: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    is_trusted: bool = False
    """The URL comes from the operator's settings, not from a user: it may be on the LAN."""
    vendor: str = ""
    """Whose own server it goes to: the operator may have moved it (`Vendor.setting`)."""
    longest_answer_bytes: int = LONGEST_ANSWER_BYTES
    seconds: float | None = None
    """Within which all must be done, where that is not `OVERALL_SECONDS`: the server is asked to wait (long poll)."""


def json_request(
    url: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    vendor: str = "",
) -> HttpRequest:
    """A POST of JSON, or a GET without a body."""
    if body is None:
        return HttpRequest(url, headers=headers, method="GET", vendor=vendor)
    return HttpRequest(url, json_bytes(body), {**JSON_HEADERS, **headers}, vendor=vendor)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A provider with addresses of its own. The setting `<NAME>_BASE_URL` moves all of them to another origin."""

    name: str
    hosts: tuple[str, ...]
    """The usual one first."""

    @property
    def setting(self) -> str:
        return f"{self.name}_base_url"

    def request(self, url: str, body: Mapping[str, Any]) -> HttpRequest:
        """A POST of JSON to the vendor's own address."""
        return json_request(url, body, vendor=self.name)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response, cut to a maximum size."""

    status: int
    headers: Mapping[str, str]
    text: str
    latency: float
    """Seconds."""

    @property
    def retry_after(self) -> timedelta | None:
        """The wait that the `Retry-After` header asks for, in seconds or as a date; at most `LONGEST_WAIT`."""
        return wait_of(self.headers.get("retry-after"), clock.now())


class NoAnswer(Exception):
    """No usable response: refused, unreachable or too slow. The message contains no address."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.is_address_refused = code == "refused_address"


class HandshakeRefused(NoAnswer):
    """The server answered, and opens no WebSocket."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__("handshake", f"the connection was refused (HTTP {status})")
        self.status = status
        self.headers = headers


class Socket(Protocol):
    """An open WebSocket. It has no cookies, no proxy, and frames of a limited size."""

    async def receive(self, within_seconds: float) -> str | bytes | None:
        """The next frame; None: the other side has closed. Raises TimeoutError: nothing came."""

    async def send(self, data: str | bytes) -> None:
        """Raises NoAnswer: it is closed already."""

    async def close(self) -> None: ...
