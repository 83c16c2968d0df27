"""Reports to systemd: readiness, the watchdog and the end."""

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from daka import systemd


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which systemd would listen. In a folder of its own: pytest's path may be too long for a socket."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"{folder}/notify")
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"{folder}/notify")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        yield listening


async def test_readiness_and_the_end_are_reported(manager: socket.socket) -> None:
    async with systemd.notified():
        assert manager.recv(100) == b"READY=1"
    assert manager.recv(100) == b"STOPPING=1"


async def test_the_watchdog_is_notified_twice_as_often_as_it_asks(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    assert systemd.watchdog_seconds() == 0.1
    async with systemd.notified():
        received = [await asyncio.to_thread(manager.recv, 100) for _ in range(3)]
    assert received == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


@pytest.mark.parametrize(
    ("limit", "pid", "expected"),
    [("60000000", "", 30.0), ("", "", None), ("60000000", "1", None), ("60000000", "own", 30.0)],
)
def test_the_interval_of_the_watchdog(
    monkeypatch: pytest.MonkeyPatch, limit: str, pid: str, expected: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", limit)
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    if not pid:
        monkeypatch.delenv("WATCHDOG_PID")
    assert systemd.watchdog_seconds() == expected


async def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    async with systemd.notified():
        pass


def test_a_socket_that_is_gone_does_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    systemd.notify("READY=1")
