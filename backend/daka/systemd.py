"""Tells systemd that the service is ready and that its event loop still runs (`Type=notify`, `WatchdogSec=`)."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


def notify(state: str) -> None:
    """Send one line, such as `READY=1`, to the socket in NOTIFY_SOCKET. Without one, nothing happens (see sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as client:
        client.sendto(state.encode(), address)


def watchdog_seconds() -> float | None:
    """How often the watchdog must be notified: half of WATCHDOG_USEC, which is its limit. None: there is no watchdog."""
    limit = os.environ.get("WATCHDOG_USEC", "")
    return (
        int(limit) / 2_000_000
        if limit.isdigit() and os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        else None
    )


@asynccontextmanager
async def notified() -> AsyncIterator[None]:
    """Report readiness, then that the event loop runs, and at the end that the service stops."""
    notify("READY=1")
    every = watchdog_seconds()
    task = asyncio.create_task(_keep_notifying(every)) if every else None
    try:
        yield
    finally:
        notify("STOPPING=1")
        if task:
            task.cancel()


async def _keep_notifying(every_seconds: float) -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(every_seconds)
