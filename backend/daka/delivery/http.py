"""The one way out: guarded HTTP with time and size caps. No redirects, no proxies from the environment, no cookies."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from daka.delivery.guard import AddressRefused, Guard, GuardedResolver

OVERALL_SECONDS = 12.0
"""Shorter than a sender's lease, so that nobody else takes a delivery that is still being sent."""
CONNECT_SECONDS = 5.0
LONGEST_ANSWER_BYTES = 64 * 1024
CONNECTIONS = 400


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request that a channel kind made. The address may carry secrets: never log it."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    is_trusted: bool = False
    """The address comes from the operator's own settings, not from a person: it may be on the LAN."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, cut to a size that can be read."""

    status: int
    headers: Mapping[str, str]
    text: str
    latency: float
    """Seconds."""


class NoAnswer(Exception):
    """No usable answer: refused, unreachable, too slow or too large. The message has no address in it."""

    def __init__(self, code: str, message: str, *, is_address_refused: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.is_address_refused = is_address_refused


class Outbound:
    """Two httpx clients over aiohttp: one that the guard watches, one for the operator's own addresses."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._guarded = _client(
            aiohttp.TCPConnector(limit=CONNECTIONS, resolver=GuardedResolver(guard), use_dns_cache=False)
        )
        self._trusted = _client(aiohttp.TCPConnector(limit=CONNECTIONS))

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send once.

        Raises:
            NoAnswer: with a short code: `refused_address`, `timeout`, `connection`, `too_large`.
        """
        started = time.perf_counter()
        try:
            async with asyncio.timeout(OVERALL_SECONDS):
                if not request.is_trusted:
                    await self._guard.check_url(request.url)
                client = self._trusted if request.is_trusted else self._guarded
                async with client.stream(
                    request.method, request.url, content=request.body, headers=request.headers
                ) as response:
                    text = await _read(response)
                return HttpAnswer(response.status_code, response.headers, text, time.perf_counter() - started)
        except AddressRefused as refused:
            raise NoAnswer("refused_address", str(refused), is_address_refused=True) from refused
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoAnswer("timeout", "no answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            if refusal := _refusal_inside(error):
                raise NoAnswer("refused_address", str(refusal), is_address_refused=True) from refusal
            # Exceptions of HTTP libraries print whole addresses, so only their kind is kept.
            raise NoAnswer("connection", f"the connection failed ({type(error).__name__})") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._guarded.aclose()
        await self._trusted.aclose()


def _client(connector: aiohttp.TCPConnector) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=AiohttpTransport(
            client=lambda: aiohttp.ClientSession(connector=connector, auto_decompress=True, trust_env=False)
        ),
        timeout=httpx.Timeout(OVERALL_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "daka"},
    )


async def _read(response: httpx.Response) -> str:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            raise NoAnswer("too_large", "the answer is too large")
    return bytes(body).decode("utf-8", errors="replace")


def _refusal_inside(error: BaseException) -> AddressRefused | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AddressRefused):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
