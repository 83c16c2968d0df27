"""Clients that mean harm, against a real process: everybody else is served meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from conftest import SECRET
from process.servers import Server, serving, slowness

pytestmark = pytest.mark.process

LONGEST_DELAY_SECONDS = 0.5


@asynccontextmanager
async def waits_of_others(server: Server) -> AsyncIterator[list[float]]:
    """How long somebody else waits for each answer, in seconds, while the block runs."""
    waits: list[float] = []
    has_ended = asyncio.Event()

    async def ask() -> None:
        async with httpx.AsyncClient(base_url=server.http.base_url, timeout=30) as somebody:
            while not has_ended.is_set():
                started = time.monotonic()
                assert (await somebody.get("/api/health")).status_code == 200
                waits.append(time.monotonic() - started)
                await asyncio.sleep(0.02)

    asking = asyncio.create_task(ask())
    try:
        yield waits
    finally:
        has_ended.set()
        await asking


async def sent(server: Server, raw: bytes, *, within_seconds: float = 20) -> bytes:
    """What the server answers to these bytes before it closes the connection."""
    reader, writer = await asyncio.open_connection(server.http.base_url.host, server.http.base_url.port)
    try:
        writer.write(raw)
        return await asyncio.wait_for(reader.read(), within_seconds)
    finally:
        writer.close()


@pytest.mark.parametrize("unit", ["://a:", "/a/", "token=", "-eyJa", "%2f", "a"])
async def test_long_hostile_paths_delay_nobody(tmp_path: Path, unit: str) -> None:
    path = (unit * 64_000)[:64_000]
    request = f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    async with serving(tmp_path, secret_key=SECRET) as server:
        async with waits_of_others(server) as waits:
            for _ in range(5):
                answers = await asyncio.gather(*(sent(server, request) for _ in range(6)))
                assert all(answer[9:12] in (b"414", b"400", b"431") for answer in answers), answers[0][:80]
        assert max(waits) < LONGEST_DELAY_SECONDS * await asyncio.to_thread(slowness), sorted(waits)[-3:]
        assert len(server.log.read_bytes()) < 100_000
