"""The guarded HTTP client, with limits of time and size. No redirects, no proxies from the environment, no cookies.

Imported when something is first sent, or is about to be (`Outbound.load`).
"""

import asyncio
import socket
import time
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from daka.errors import DakaError
from daka.outbound.answers import TolerantConnector, body_text
from daka.outbound.bodies import rebased
from daka.outbound.guard import Address, AddressRefused, Guard, NameNotResolved, host_of
from daka.outbound.requests import (
    CONNECT_SECONDS,
    OVERALL_SECONDS,
    HandshakeRefused,
    HttpAnswer,
    HttpRequest,
    NoAnswer,
    Socket,
    Vendor,
)
from daka.outbound.trust import trust

CONNECTIONS = 400
BODY_SHARE = 0.9
"""Share of the overall time until which a body is waited for: what came by then is the body."""
DEFAULT_HEADERS = {"User-Agent": "daka", "Accept": "*/*", "Accept-Encoding": "identity"}
SOCKET_PING_SECONDS = 60.0
"""A pong is awaited for half of that."""
LONGEST_FRAME_BYTES = 1024 * 1024


class OpenSocket:
    def __init__(self, session: aiohttp.ClientSession, inner: aiohttp.ClientWebSocketResponse) -> None:
        self._session = session
        self._inner = inner

    async def receive(self, within_seconds: float) -> str | bytes | None:
        async with asyncio.timeout(within_seconds):
            found = await self._inner.receive()
        if found.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data: str | bytes = found.data
            return data
        return None

    async def send(self, data: str | bytes) -> None:
        try:
            await (self._inner.send_str(data) if isinstance(data, str) else self._inner.send_bytes(data))
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            raise NoAnswer("connection", f"the connection is closed ({type(error).__name__})") from None

    async def close(self) -> None:
        await self._inner.close()
        await self._session.close()


class GuardedResolver(AbstractResolver):
    """aiohttp's resolver, with the guard: one refused address refuses the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET6 if address.version == 6 else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            # IPv4 first, so that a container without IPv6 does not wait for a timeout.
            for address in sorted(await self._guard.addresses(host.rstrip(".").lower(), port), key=_version)
        ]

    async def close(self) -> None:
        """Nothing to release."""


def _version(address: Address) -> int:
    return address.version


class Client:
    """Two aiohttp sessions: one with the guard, one for the operator's own addresses."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @cached_property
    def _guarded(self) -> aiohttp.ClientSession:
        """Made when it is first used, since reading the public authorities takes time and memory."""
        return _session(
            TolerantConnector(
                limit=CONNECTIONS,
                ssl=trust(),
                resolver=GuardedResolver(self._guard),
                socket_factory=self._guard.open_socket,
                use_dns_cache=False,
                happy_eyeballs_delay=None,
            )
        )

    @cached_property
    def _trusted(self) -> aiohttp.ClientSession:
        return _session(TolerantConnector(limit=CONNECTIONS, ssl=trust()))

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """As `Outbound.send`, to the address as it is."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(request.seconds or OVERALL_SECONDS):
                url, as_sent = _parsed(request.url)
                if request.is_trusted:
                    return await _exchange(self._trusted, as_sent, request, started)
                await self._guard.check_url(url)
                with self._guard.watches(url):
                    return await _exchange(self._guarded, as_sent, request, started)
        except httpx.InvalidURL:
            raise NoAnswer("refused_address", "this is not an address") from None
        except (DakaError, aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise _no_answer(error) from None

    async def open_socket(
        self, url: str, vendor: Vendor | None, hosts: tuple[str, ...], headers: Mapping[str, str], origin: str
    ) -> Socket:
        """As `Outbound.open_socket`. `origin` is the operator's own address instead of the vendor's, if there is one."""
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
            await self._guard.check_url(as_http)
            options = {"resolver": GuardedResolver(self._guard), "socket_factory": self._guard.open_socket}
        connector = aiohttp.TCPConnector(ssl=trust(), use_dns_cache=False, happy_eyeballs_delay=None, **options)
        session = aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
        try:
            with self._guard.watches(as_http):
                inner = await session.ws_connect(
                    str(url),
                    headers={"User-Agent": DEFAULT_HEADERS["User-Agent"], **headers},
                    heartbeat=SOCKET_PING_SECONDS,
                    max_msg_size=LONGEST_FRAME_BYTES,
                )
        except BaseException:
            await session.close()
            raise
        return OpenSocket(session, inner)

    async def close(self) -> None:
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
        return NoAnswer(
            "certificate", "the TLS connection failed; is the certificate trusted, in date, and for this name?"
        )
    return NoAnswer("connection", f"the connection failed ({type(error).__name__})")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
