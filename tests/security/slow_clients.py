"""Clients that keep a server waiting, each in one way."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

Address = tuple[str, int]

_POST = b"POST /api/v1/setup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SLOW = {
    "says nothing": (b"", b""),
    "headers drip": (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"),
    "headers drip after an answer": (b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n", b"G"),
    "body drips": (_POST + b"Content-Length: 100000\r\n\r\n", b"x"),
    "chunks drip": (_POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "headers without end": (b"GET / HTTP/1.1\r\n", b"X-A: " + b"b" * 5_000 + b"\r\n"),
    "address without end": (b"GET /", b"a" * 5_000),
    "half closed body": (_POST + b"Content-Length: 100000\r\n\r\n", b""),
}
"""What a client sends at first, and then every second."""


async def seconds_until_closed(address: Address, beginning: bytes, drip: bytes = b"") -> float:
    """How long the server keeps a connection on which `beginning` is sent, then `drip` every second."""
    reader, writer = await asyncio.open_connection(*address)
    started = time.monotonic()

    async def dripping() -> None:
        writer.write(beginning)
        while drip:
            await asyncio.sleep(1)
            writer.write(drip)

    sending = asyncio.create_task(dripping())
    try:
        with suppress(ConnectionError):
            while await asyncio.wait_for(reader.read(65_536), 60):
                pass
        return time.monotonic() - started
    finally:
        sending.cancel()
        writer.close()


async def seconds_unread(address: Address) -> float:
    """How long the server keeps a connection whose client asks for much and reads nothing."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, address)
        started = time.monotonic()
        await loop.sock_sendall(client, b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        while client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1:  # established
            assert time.monotonic() - started < 90
            await asyncio.sleep(0.5)
        return time.monotonic() - started


@asynccontextmanager
async def slow_clients(address: Address, *, of_each: int) -> AsyncIterator[None]:
    """Many of every kind at once while the block runs."""
    kinds = [seconds_until_closed(address, *kind) for kind in SLOW.values() for _ in range(of_each)]
    clients = [asyncio.create_task(client) for client in (*kinds, *(seconds_unread(address) for _ in range(of_each)))]
    try:
        await asyncio.sleep(1)
        yield
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
