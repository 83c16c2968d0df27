"""Thousands sign in at the same moment, each from an address of its own, against a real process: it stays small and goes on.

`LOGINS=10000` makes it ten thousand, as many at a time as the system queues for a listening socket.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from conftest import SECRET
from process.servers import Server, serving

pytestmark = pytest.mark.process

LOGINS = int(os.environ.get("LOGINS", "2000"))
AT_ONCE = asyncio.Semaphore(2000)
PASSWORD = "an uncommon phrase of words"
HASHES_AT_ONCE_MB = 2 * 64
LONGEST_WAIT_SECONDS = 20.0
FLOOD_ENDS_WITHIN_SECONDS = 400


def peak_mb(server: Server) -> float:
    """The most memory that the process ever had."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("there is no /proc here that tells of memory")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


async def guess(server: Server, number: int) -> int:
    """One sign-in over a connection of its own. Gives the status."""
    body = f"username=worker{number}&password=guess+number+{number}"
    asked = (
        "POST /api/v1/auth/token HTTP/1.1\r\nHost: daka\r\nConnection: close\r\n"
        f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    async with AT_ONCE:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.http.base_url.port)
        try:
            writer.write(asked.encode())
            await writer.drain()
            status = int((await reader.readline()).split()[1])
            await reader.read()
            return status
        finally:
            writer.close()


async def test_a_flood_of_sign_ins_leaves_memory_and_everybody_else_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, secret_key=SECRET) as server:
        account = {"username": "root", "password": PASSWORD}
        tokens = (await server.http.post("/api/v1/setup", json=account)).json()
        mine = {"Authorization": f"Bearer {tokens['access_token']}"}
        for _ in range(3):  # what a quiet server takes when it hashes
            assert (await server.http.post("/api/v1/auth/token", data=account)).status_code == 200
        before = peak_mb(server)

        waits: list[float] = []
        is_over = asyncio.Event()

        async def somebody_works() -> None:
            while not is_over.is_set():
                started = time.monotonic()
                assert (await server.http.get("/api/v1/me", headers=mine, timeout=60)).status_code == 200
                waits.append(time.monotonic() - started)
                await asyncio.sleep(0.05)

        async def the_owner_signs_in() -> int:
            """As a person would: again when the server says that it is busy."""
            for attempt in range(60):
                answer = await server.http.post("/api/v1/auth/token", data=account, timeout=60)
                if answer.status_code == 200:
                    return attempt
                assert answer.json()["code"] == "busy"
                await asyncio.sleep(1)
            raise AssertionError("the owner was locked out")

        working = asyncio.create_task(somebody_works())
        async with asyncio.timeout(FLOOD_ENDS_WITHIN_SECONDS):
            started = time.monotonic()
            flood = asyncio.gather(*[guess(server, number) for number in range(LOGINS)])
            refused_before = await the_owner_signs_in()
            statuses = Counter(await flood)
        took = time.monotonic() - started
        is_over.set()
        await working
        grown = peak_mb(server) - before
        print(
            f"{LOGINS} sign-ins in {took:.1f} s: {dict(statuses)}, {grown:.0f} MB more than {before:.0f}, "
            f"others waited {max(waits):.2f} s at most ({len(waits)} requests), the owner was in after {refused_before} refusals"
        )
        assert set(statuses) == {401, 429}
        assert sum(statuses.values()) == LOGINS
        assert max(waits) < LONGEST_WAIT_SECONDS
        assert (
            grown < HASHES_AT_ONCE_MB + 50 + LOGINS * 0.06
        )  # open connections cost something, hashes no more than two
        assert (await server.http.get("/api/health")).status_code == 200
