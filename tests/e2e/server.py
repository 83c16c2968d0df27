"""Starts the real program as people start it, on a free port and in a folder of its own, and ends it by its process id."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx

from forked import Forked, program
from loopback import loopback_guard

ROOT = Path(__file__).parents[2]
BUILT = Path(os.environ.get("WEB_DIR") or ROOT / "frontend" / "dist")
PASSWORD = "correct horse battery"
StartEmpty = Callable[..., Awaitable[str]]
"""Settings of the environment to the address of a server that nobody has set up yet."""
HEALTHY_WITHIN_SECONDS = 90
"""A bound for a server that hangs: on a machine that others use as well, a start takes long."""


def zone_where_it_is(hour: int) -> str:
    """A time zone whose clock shows this hour now, so that no test runs into midnight and pictures show a morning.

    By the name that browsers have for it, too: theirs for `Etc/GMT+0` is `UTC`.
    """
    offset = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "UTC"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _demand_web_app() -> None:
    if not (BUILT / "index.html").is_file():
        raise RuntimeError(f"The web app is not built in {BUILT}; run: make setup")


def _said(output: Path) -> str:
    return output.read_text()[-3000:]


@asynccontextmanager
async def running(command: str, folder: Path, **environment: str) -> AsyncIterator[str]:
    """The address of `daka demo` or `daka serve`, healthy."""
    _demand_web_app()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    told = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    told |= (
        loopback_guard.environment()
        | {"WEB_DIR": str(BUILT), "PUBLIC_URL": address, "TIMEZONE": zone_where_it_is(12)}
        | environment
    )
    output = folder / "output.txt"
    arguments = (command, "--port", str(port))
    process = program("e2e.program").start(*arguments, folder=folder, environment=told, output=output)
    try:
        await _healthy(address, process, output)
        yield address
    finally:
        await _stop(process)
    assert loopback_guard.REFUSED not in output.read_text(), _said(output)


async def _stop(process: Forked) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while process.poll() is None:  # noqa: ASYNC110 - nobody else is told of its end
                    await asyncio.sleep(0.02)
                return


async def _healthy(address: str, process: Forked, output: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(HEALTHY_WITHIN_SECONDS):
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"The server ended at its start:\n{_said(output)}")
            with suppress(httpx.TransportError):
                if (await http.get(f"{address}/api/health")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
