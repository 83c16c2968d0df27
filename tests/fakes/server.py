"""A real HTTP server on loopback that keeps what it was asked, for fakes to build on."""

import asyncio
import ipaddress
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeResponse:
    """One answer."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_reset: bool = False
    """The connection is cut instead."""
    after_seconds: float = 0.0

    def response(self) -> web.Response:
        if isinstance(self.body, bytes):
            return web.Response(body=self.body, status=self.status, headers=self.headers)
        if isinstance(self.body, str):
            return web.Response(text=self.body, status=self.status, headers=self.headers)
        return web.json_response(self.body, status=self.status, headers=self.headers)


class FakeServer:
    """Answers with what `answer` says. A fake vendor overrides it; a test may push other answers to the front of the queue."""

    def __init__(self, answer: Callable[[Asked], FakeResponse] | None = None) -> None:
        self.asked: list[Asked] = []
        self.next: list[FakeResponse] = []
        """Answers that come before the fake's own."""
        self.connections = 0
        self._answer = answer
        self.base_url = ""
        self.port = 0

    def answer(self, asked: Asked) -> FakeResponse:
        return self._answer(asked) if self._answer else FakeResponse({})

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Asked(
            request.method,
            request.rel_url.raw_path,
            dict(request.rel_url.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        self.asked.append(asked)
        said = self.next.pop(0) if self.next else self.answer(asked)
        if said.after_seconds:
            await asyncio.sleep(said.after_seconds)
        if said.is_reset:
            assert request.transport is not None
            request.transport.abort()
        return said.response()

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Self]:
        fake = self

        class Counting(web.Server):
            def __call__(self) -> Any:
                fake.connections += 1
                return super().__call__()

        runner = web.ServerRunner(Counting(self._handle), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        self.port = runner.addresses[0][1]
        self.base_url = f"http://{host}:{self.port}"
        try:
            yield self
        finally:
            await runner.cleanup()


class FakeChat(FakeServer):
    """A vendor of chats: tests await what happens there, over HTTP or over a WebSocket at `socket_path`."""

    socket_path = ""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[web.WebSocketResponse] = []
        """Connections, the newest last."""
        self.opened_at: list[float] = []
        """When they were opened, on the monotonic clock."""
        self.ends_at_once = False
        """Connections are closed as soon as they are open."""
        self._changed = asyncio.Event()

    async def until(self, is_so: Callable[[], Any], seconds: float = 10.0) -> None:
        """Wait until something has come in; every request and every frame may have made it true."""
        async with asyncio.timeout(seconds):
            while not is_so():
                await self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if self.socket_path and request.path == self.socket_path and "upgrade" in request.headers:
                return await self._connect(request)
            return await super()._handle(request)
        finally:
            self._wake()

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Refuse a connection by an answer, or open it and hear it out."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)  # type: ignore[arg-type]
        self.opened.append(socket)
        self.opened_at.append(time.monotonic())
        await self._greet(request, socket)
        self._wake()
        if self.ends_at_once:
            await socket.close()
        async for message in socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await self._hear(socket, message.data)
                self._wake()
        return socket

    async def _greet(self, request: web.BaseRequest, socket: web.WebSocketResponse) -> None:
        """What comes over a new connection by itself."""

    async def _hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        """One frame from Daka."""


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def own_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A server's TLS context with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_named(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
