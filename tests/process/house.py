"""Real server processes, and the place their messages arrive at."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from aiohttp import web

from daka.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse battery"


@dataclass
class Arrival:
    """One message as the sink got it."""

    at: float
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Sink:
    """Keeps what arrives. While `holds`, it takes a request and never answers."""

    url: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    held: int = 0
    holds: bool = False

    def of(self, path: str) -> list[Arrival]:
        return [found for found in self.arrivals if found.path == path]


@contextlib.asynccontextmanager
async def running_sink() -> AsyncIterator[Sink]:
    sink = Sink()

    async def take(request: web.Request) -> web.Response:
        at, body = time.time(), await request.read()
        if sink.holds:
            sink.held += 1
            await asyncio.sleep(3600)
        sink.arrivals.append(Arrival(at, request.path, dict(request.headers), json.loads(body)))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    app = web.Application()
    app.router.add_post("/{name:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield sink
    finally:
        await runner.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A `daka` process in a folder of its own."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    started_in: float
    """Seconds from the start of the process until it was healthy."""

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> float:
        """Ask it to stop, and say how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 30)
        return time.monotonic() - began


class House:
    """Starts servers and sees to it that none stays."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
        self._environment = {
            **kept,
            "SECRET_KEY": "a-secret-that-only-tests-know-0123456789",
            "DATABASE_URL": database_url,
            "ALLOW_PRIVATE_TARGETS": "127.0.0.0/8",
            "LOG_LEVEL": "WARNING",
            **environment,
        }
        self._servers: list[Server] = []

    async def serve(self, *more: str, healthy: bool = True) -> Server:
        """Start `daka serve` and wait until it is healthy."""
        port, began = free_port(), time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daka", "serve", "--port", str(port), *more, cwd=self.folder, env=self._environment
        )
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
        server = Server(process, client, 0)
        self._servers.append(server)
        while True:
            assert process.returncode is None, "the server ended instead of starting"
            assert time.monotonic() - began < 60, "the server did not become healthy"
            with contextlib.suppress(httpx.TransportError):
                answer = await client.get("/api/health")
                if answer.status_code == 200 or not healthy:
                    break
            await asyncio.sleep(0.05)
        server.started_in = time.monotonic() - began
        return server

    async def close(self) -> None:
        for server in self._servers:
            if server.process.returncode is None:
                await server.kill()
            await server.http.aclose()


async def set_up(server: Server) -> dict[str, str]:
    """The first administrator; returns the headers to ask as them."""
    answer = await server.http.post("/api/v1/setup", json={"username": "root", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def said(answering: Any) -> Any:
    answer = await answering
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    return answer.json()


def shift_due_at(due_at: datetime, code: str) -> dict[str, Any]:
    """A shift whose first clock-in reminder is due at that full minute, and no other for an hour."""
    start = due_at.astimezone(SHANGHAI) + timedelta(minutes=15)
    rule = {"start": -15, "every": None, "until": 60, "escalate": None}
    return {
        "name": f"班次{code}",
        "code": code,
        "periods": [{"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=8):%H:%M}"}],
        "policy": {"clock_in": rule, "clock_out": {"start": 0, "every": 5, "until": 30, "escalate": None}},
    }


def work_date_of(due_at: datetime) -> str:
    return str((due_at.astimezone(SHANGHAI) + timedelta(minutes=15)).date())


def next_minute(*, at_least_seconds: float) -> datetime:
    """The next full minute that is far enough away to plan for it."""
    now = datetime.now(UTC)
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return minute if (minute - now).total_seconds() >= at_least_seconds else minute + timedelta(minutes=1)
