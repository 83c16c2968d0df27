"""No test and no process that a test starts reaches another machine, by whichever library."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import pytest

from loopback.loopback_guard import REFUSED, NotLoopback, environment, is_local


async def by_socket(host: str) -> None:
    with socket.socket() as opened:
        opened.settimeout(1)
        opened.connect((host, 443))


async def by_create_connection(host: str) -> None:
    await asyncio.to_thread(socket.create_connection, (host, 443), 1)


async def by_connect_ex(host: str) -> None:
    with socket.socket() as opened:
        opened.settimeout(1)
        opened.connect_ex((host, 443))


async def by_datagram(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as opened:
        opened.sendto(b"", (host, 53))


async def by_asyncio(host: str) -> None:
    await asyncio.open_connection(host, 443)


async def by_httpx(host: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"https://{host}/")


async def by_aiohttp(host: str) -> None:
    async with aiohttp.ClientSession() as session:
        await session.get(f"https://{host}/")


@pytest.mark.parametrize(
    ("connect", "host"),
    [
        *((connect, "192.0.2.1") for connect in (by_socket, by_connect_ex, by_datagram)),
        *(
            (connect, host)
            for connect in (by_create_connection, by_asyncio, by_httpx, by_aiohttp)
            for host in ("192.0.2.1", "[2001:db8::1]", "oapi.dingtalk.com")
        ),
    ],
)
async def test_a_connection_to_another_machine_fails_at_once_and_is_told(
    connect: Callable[[str], Awaitable[None]], host: str, refused_connections: list[str]
) -> None:
    async with asyncio.timeout(1):
        with pytest.raises((NotLoopback, httpx.ConnectError, aiohttp.ClientConnectorError)):
            await connect(host if connect in (by_httpx, by_aiohttp) else host.strip("[]"))
    assert all(REFUSED in each for each in refused_connections)
    assert host.strip("[]") in refused_connections[0]
    refused_connections.clear()


async def test_loopback_answers() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(
            "localhost", server.sockets[0].getsockname()[1], family=socket.AF_INET
        )
        writer.close()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("localhost", True),
        ("", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:8.8.8.8", False),
        ("fe80::1%eth0", False),
        ("oapi.dingtalk.com", False),
        ("localhost.example.com", False),
    ],
)
def test_what_is_on_this_machine(host: str, expected: bool) -> None:
    assert is_local(host) is expected


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_process_refuses_too_and_says_so(loop: str) -> None:
    program = f"""
import {loop}, asyncio, socket
async def connect():
    with socket.socket() as opened:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, ("192.0.2.1", 443))
asyncio.Runner(loop_factory={loop}.new_event_loop).run(connect())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert f"192.0.2.1:443 {REFUSED}" in done.stderr
