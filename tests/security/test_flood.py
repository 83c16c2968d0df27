"""Thousands sign in at the same moment, each from an address of its own, against a real process: it stays small and goes on.

`LOGINS=10000` makes it ten thousand.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from conftest import SECRET, eventually
from process.servers import Server, serving

pytestmark = pytest.mark.process

LOGINS = int(os.environ.get("LOGINS", "2000"))
FLOOD = str(Path(__file__).with_name("flood.py"))
WEB = {"X-Daka-Client": "web"}
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


@asynccontextmanager
async def flooding(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, FLOOD, str(port), str(LOGINS), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def test_a_flood_of_sign_ins_leaves_memory_and_everybody_else_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, secret_key=SECRET) as server:
        account = {"username": "root", "password": PASSWORD}
        tokens = (await server.http.post("/api/v1/setup", json=account)).json()
        mine = {"Authorization": f"Bearer {tokens['access_token']}"}
        for _ in range(3):  # what a quiet server takes when it hashes; from now on this browser is known
            assert (await server.http.post("/api/v1/auth/token", data=account, headers=WEB)).status_code == 200
        before = peak_mb(server)

        waits: list[float] = []
        is_over = asyncio.Event()

        async def somebody_works() -> None:
            while not is_over.is_set():
                started = time.monotonic()
                assert (await server.http.get("/api/v1/me", headers=mine, timeout=60)).status_code == 200
                waits.append(time.monotonic() - started)
                await asyncio.sleep(0.05)

        async def the_owner_signs_in(**cookies: str) -> tuple[int, float]:
            """As a person would: again when the server says that it is busy. Gives how often it did, and the whole wait."""
            begun = time.monotonic()
            async with httpx.AsyncClient(base_url=server.http.base_url, cookies=cookies, timeout=60) as browser:
                for attempt in range(60):
                    answer = await browser.post("/api/v1/auth/token", data=account)
                    if answer.status_code == 200:
                        return attempt, time.monotonic() - begun
                    assert answer.json()["code"] == "busy"
                    await asyncio.sleep(1)
            raise AssertionError("the owner was locked out")

        async def is_somebody_refused() -> bool:
            return " 429" in server.log.read_text()

        working = asyncio.create_task(somebody_works())
        async with asyncio.timeout(FLOOD_ENDS_WITHIN_SECONDS):
            started = time.monotonic()
            async with flooding(server.http.base_url.port or 0) as flood:
                await eventually(is_somebody_refused)
                known, strange = await asyncio.gather(
                    the_owner_signs_in(daka_browser=str(server.http.cookies["daka_browser"])), the_owner_signs_in()
                )
                told, _ = await flood.communicate()
            statuses = {int(status): times for status, times in json.loads(told).items()}
        took = time.monotonic() - started
        is_over.set()
        await working
        grown = peak_mb(server) - before
        print(
            f"{LOGINS} sign-ins in {took:.1f} s: {statuses}, {grown:.0f} MB more than {before:.0f}, "
            f"others waited {max(waits):.2f} s at most ({len(waits)} requests), the owner was in after "
            f"{known[1]:.1f} s and {known[0]} refusals, from another browser after {strange[1]:.1f} s and {strange[0]}"
        )
        assert known[0] == 0
        assert set(statuses) == {401, 429}
        assert sum(statuses.values()) == LOGINS
        assert max(waits) < LONGEST_WAIT_SECONDS
        assert (
            grown < HASHES_AT_ONCE_MB + 50 + LOGINS * 0.06
        )  # open connections cost something, hashes no more than two
        assert (await server.http.get("/api/health")).status_code == 200
