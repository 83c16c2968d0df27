"""The guarded HTTP client, with limits of time and size. No redirects, no proxies from the environment, no cookies."""

import asyncio
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Self

import aiohttp
import httpx
import yarl

from daka import clock
from daka.errors import DakaError
from daka.outbound.answers import TolerantConnector, body_text
from daka.outbound.bodies import json_bytes, rebased, wait_of
from daka.outbound.guard import AddressRefused, Guard, GuardedResolver, NameNotResolved, host_of
from daka.outbound.lines import Lines
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.outbound.tokens import AppTokens
from daka.outbound.trust import is_added_to, trust
from daka.settings import Settings

log = logging.getLogger(__name__)

OVERALL_SECONDS = 12.0
"""Shorter than a sender's lease, so that no other process takes a delivery that is still being sent."""
CONNECT_SECONDS = 5.0
LONGEST_ANSWER_BYTES = 64 * 1024
CONNECTIONS = 400
BODY_SHARE = 0.9
"""Share of the overall time until which a body is waited for: what came by then is the body."""
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
DEFAULT_HEADERS = {"User-Agent": "daka", "Accept": "*/*", "Accept-Encoding": "identity"}


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


SOCKET_PING_SECONDS = 60.0
"""A pong is awaited for half of that."""
LONGEST_FRAME_BYTES = 1024 * 1024


class Socket:
    """An open WebSocket. It has no cookies, no proxy, and frames of a limited size."""

    def __init__(self, session: aiohttp.ClientSession, inner: aiohttp.ClientWebSocketResponse) -> None:
        self._session = session
        self._inner = inner

    async def receive(self, within_seconds: float) -> str | bytes | None:
        """The next frame; None: the other side has closed. Raises TimeoutError: nothing came."""
        async with asyncio.timeout(within_seconds):
            found = await self._inner.receive()
        if found.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data: str | bytes = found.data
            return data
        return None

    async def send(self, data: str | bytes) -> None:
        """Raises NoAnswer: it is closed already."""
        try:
            await (self._inner.send_str(data) if isinstance(data, str) else self._inner.send_bytes(data))
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            raise NoAnswer("connection", f"the connection is closed ({type(error).__name__})") from None

    async def close(self) -> None:
        await self._inner.close()
        await self._session.close()


class Outbound:
    """Two aiohttp sessions: one with the guard, one for the operator's own addresses. See `moved` for `origins`."""

    def __init__(self, guard: Guard, origins: Mapping[str, str] = MappingProxyType({})) -> None:
        self.guard = guard
        self.origins = origins
        self.tokens = AppTokens()
        """One cache for channels, punch sources and sign-in."""
        self.lines = Lines()
        if is_added_to():
            trust()  # refuses to start with what cannot be read

    @cached_property
    def _guarded(self) -> aiohttp.ClientSession:
        """Made when it is first used, since reading the public authorities takes time and memory."""
        return _session(
            TolerantConnector(
                limit=CONNECTIONS,
                ssl=trust(),
                resolver=GuardedResolver(self.guard),
                socket_factory=self.guard.open_socket,
                use_dns_cache=False,
                happy_eyeballs_delay=None,
            )
        )

    @cached_property
    def _trusted(self) -> aiohttp.ClientSession:
        return _session(TolerantConnector(limit=CONNECTIONS, ssl=trust()))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The client that the operator's settings ask for. It says so if the environment names a proxy, which is not used."""
        for name in ignored_proxies(os.environ):
            log.warning("%s %s", name, WORDS)
        return cls(Guard(settings.allow_private_targets, own_port=settings.port), origins_of(settings))

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send once. Raises NoAnswer with a short code: `refused_address`, `dns`, `timeout`, `certificate`, `connection`."""
        started = time.perf_counter()
        request = moved(request, self.origins)
        try:
            async with asyncio.timeout(request.seconds or OVERALL_SECONDS):
                url, as_sent = _parsed(request.url)
                if request.is_trusted:
                    return await _exchange(self._trusted, as_sent, request, started)
                await self.guard.check_url(url)
                with self.guard.watches(url):
                    return await _exchange(self._guarded, as_sent, request, started)
        except httpx.InvalidURL:
            raise NoAnswer("refused_address", "this is not an address") from None
        except (DakaError, aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise _no_answer(error) from None

    async def open_socket(
        self,
        url: str,
        vendor: Vendor | None = None,
        hosts: tuple[str, ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Socket:
        """Open a WebSocket at the vendor's own address, or at one that it gave. `hosts` are its own, or their domains with
        a dot before them. Without a vendor a person chose the address.

        Raises:
            NoAnswer: as `send`; `HandshakeRefused` if the server says why.
        """
        origin = self.origins.get(vendor.name, "") if vendor else ""
        try:
            if vendor and origin and httpx.URL(url).host in vendor.hosts:
                url = rebased(url, origin.replace("http", "ws", 1))
            async with asyncio.timeout(OVERALL_SECONDS):
                return await self._open_socket(httpx.URL(url), origin, hosts if vendor else None, headers)
        except aiohttp.WSServerHandshakeError as refusal:
            raise HandshakeRefused(refusal.status, dict(refusal.headers or {})) from None
        except httpx.InvalidURL:
            raise NoAnswer("refused_address", "this is not an address") from None
        except (DakaError, aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise _no_answer(error) from None

    async def _open_socket(
        self, url: httpx.URL, origin: str, hosts: tuple[str, ...] | None, headers: Mapping[str, str]
    ) -> Socket:
        as_http = url.copy_with(scheme={"wss": "https", "ws": "http"}.get(url.scheme, "refused"))
        own = httpx.URL(origin) if origin else None
        is_trusted = own is not None and (as_http.scheme, url.netloc) == (own.scheme, own.netloc)
        options: dict[str, Any] = {}
        if not is_trusted:
            host = host_of(url)
            if hosts is not None and (
                url.scheme != "wss"
                or not any(host == each or (each[0] == "." and host.endswith(each)) for each in hosts)
            ):
                raise AddressRefused("the vendor named an address that is not its own")
            await self.guard.check_url(as_http)
            options = {"resolver": GuardedResolver(self.guard), "socket_factory": self.guard.open_socket}
        connector = aiohttp.TCPConnector(ssl=trust(), use_dns_cache=False, happy_eyeballs_delay=None, **options)
        session = aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
        try:
            with self.guard.watches(as_http):
                inner = await session.ws_connect(
                    str(url),
                    headers={"User-Agent": DEFAULT_HEADERS["User-Agent"], **headers},
                    heartbeat=SOCKET_PING_SECONDS,
                    max_msg_size=LONGEST_FRAME_BYTES,
                )
        except BaseException:
            await session.close()
            raise
        return Socket(session, inner)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in ("_guarded", "_trusted"):
            if session := self.__dict__.get(name):
                await session.close()


@lru_cache(maxsize=4096)
def _parsed(url: str) -> tuple[httpx.URL, yarl.URL]:
    """The address that is judged, and the same as aiohttp takes it. Addresses repeat, and parsing takes long."""
    found = httpx.URL(url)
    try:
        return found, yarl.URL(str(found), encoded=True)
    except ValueError:
        raise httpx.InvalidURL("the host is not one") from None


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        headers=DEFAULT_HEADERS,
        timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def _exchange(session: aiohttp.ClientSession, url: yarl.URL, request: HttpRequest, started: float) -> HttpAnswer:
    asked = session.request(
        request.method, url, data=request.body or None, headers=request.headers, allow_redirects=False
    )
    async with asked as response:
        seconds = (request.seconds or OVERALL_SECONDS) * BODY_SHARE - (time.perf_counter() - started)
        body = await _read(response, request.longest_answer_bytes, max(seconds, 0))
        text = body_text(body, response.headers, request.longest_answer_bytes)
        return HttpAnswer(response.status, response.headers, text, time.perf_counter() - started)


async def _read(response: aiohttp.ClientResponse, longest_bytes: int, seconds: float) -> bytes:
    """The beginning of the body. A longer, slower or broken one is not refused: by then the message has been accepted."""
    content = response.content
    if content.is_eof() and content.exception() is None:  # it came with the head
        return content.read_nowait(longest_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in content.iter_any():
                body += chunk
                if len(body) >= longest_bytes:
                    break
    except (TimeoutError, aiohttp.ClientError):
        pass  # the status is known, and what came decides
    return bytes(body[:longest_bytes])


def _no_answer(error: BaseException) -> NoAnswer:
    """The reason without the exception's text: HTTP libraries put whole URLs into it, so only its type is kept."""
    for found in _chain(error):
        if isinstance(found, AddressRefused):
            return NoAnswer("refused_address", str(found))
        if isinstance(found, NameNotResolved | aiohttp.ClientConnectorDNSError):
            return NoAnswer("dns", str(NameNotResolved()))
    if isinstance(error, TimeoutError):
        return NoAnswer("timeout", "no answer in time")
    if isinstance(error, aiohttp.ClientSSLError):
        return NoAnswer("certificate", "the TLS connection failed; is the certificate trusted, and for this name?")
    return NoAnswer("connection", f"the connection failed ({type(error).__name__})")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
