"""Requests to other servers, and their answers. What sends them is loaded when it is first needed (`client.py`)."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, Self

from daka import clock
from daka.outbound.bodies import json_bytes, rebased, wait_of
from daka.outbound.guard import Guard
from daka.outbound.lines import Lines
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.outbound.tokens import AppTokens
from daka.outbound.trust import refuse_unreadable
from daka.settings import Settings

if TYPE_CHECKING:
    from daka.outbound.client import Client

log = logging.getLogger(__name__)

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


def origins_of(settings: Settings) -> dict[str, str]:
    """The addresses that the operator set instead of vendors', by the vendor's name."""
    return {name.removesuffix("_base_url"): value for name, value in settings if name.endswith("_base_url") and value}


def moved(request: HttpRequest, origins: Mapping[str, str]) -> HttpRequest:
    """The request as it is sent: to the operator's own address instead of the vendor's, where there is one."""
    if not (origin := origins.get(request.vendor)):
        return request
    return replace(request, url=rebased(request.url, origin), is_trusted=True, vendor="")


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


class Outbound:
    """The only way out. See `moved` for `origins`."""

    def __init__(self, guard: Guard, origins: Mapping[str, str] = MappingProxyType({})) -> None:
        self.guard = guard
        self.origins = origins
        self.tokens = AppTokens()
        """One cache for channels, punch sources and sign-in."""
        self.lines = Lines()
        self._client: Client | None = None
        refuse_unreadable()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The client that the operator's settings ask for. It says so if the environment names a proxy, which is not used."""
        for name in ignored_proxies(os.environ):
            log.warning("%s %s", name, WORDS)
        return cls(Guard(settings.allow_private_targets, own_port=settings.port), origins_of(settings))

    async def load(self) -> "Client":
        """The client. It is imported in a thread, before the first request or with it: a sixth of a start's time and memory."""
        if self._client is None:
            module = await asyncio.to_thread(import_module, "daka.outbound.client")
            self._client = self._client or module.Client(self.guard)
        return self._client

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send once. Raises NoAnswer with a short code: `refused_address`, `dns`, `timeout`, `certificate`, `connection`."""
        client = self._client or await self.load()
        return await client.send(moved(request, self.origins))

    async def open_socket(
        self,
        url: str,
        vendor: Vendor | None = None,
        hosts: tuple[str, ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Socket:
        """Open a WebSocket at the vendor's own address, or at one that it gave. `hosts` are its own, or their domains with
        a dot before them. Without a vendor a person chose the address.
        Raises NoAnswer: as `send`; `HandshakeRefused` if the server says why.
        """
        client = self._client or await self.load()
        return await client.open_socket(
            url, vendor, hosts, headers, self.origins.get(vendor.name, "") if vendor else ""
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()
