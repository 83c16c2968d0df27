"""What `daka serve` on SQLite costs while nothing happens, and how long the roster of a month takes."""

import asyncio
import compileall
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

import httpx

import daka
from bench.planning import SHANGHAI, write_roster
from chaos.stage import SECRET, cpu_seconds, settings_for, start_daka
from daka import clock, security
from daka.database import Database
from daka.identity.models import Role, User
from daka.migrations import migrate

QUIET_SECONDS = 20


async def measure(folder: Path, people: int = 300) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(Path(daka.__file__).parent, quiet=1)  # as an installation does; else this would be measured
    url = f"sqlite:///{folder}/idle.db"
    database = Database(settings_for(url))
    await migrate(database)
    await write_roster(database, people, clock.now().astimezone(SHANGHAI).date() + timedelta(days=1))
    async with database.write() as session:
        root = User(
            username="root",
            display_name="Root",
            password_hash="!",
            role=Role.ADMIN,
            team_id=None,
            created_at=clock.now(),
        )
        session.add(root)
    await database.dispose()
    port = _free_port()
    environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_DIR": str(folder), "LOG_LEVEL": "WARNING"}
    start = partial(start_daka, ["serve", "--port", str(port)], environment, folder / "serve.log")
    process = start()
    token = security.signed(
        SECRET, "access", issued_at=clock.now(), lifetime=timedelta(hours=1), sub=str(root.id), jti="bench", ver=0
    )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
        ) as client:
            await _until_ready(client)
            process.stop()
            process = start()  # finds the plan that the first start made
            await _until_ready(client)
            pid = process.popen.pid
            ratio = _ratio_to_imports(cpu_seconds(pid))
            print(f"(e) `daka serve` ready after {ratio:.2f} × importing its libraries (processor time)")
            await asyncio.sleep(5)
            before, started = cpu_seconds(pid), time.monotonic()
            await asyncio.sleep(QUIET_SECONDS)
            share = (cpu_seconds(pid) - before) / (time.monotonic() - started)
            print(f"    idle `daka serve` on SQLite: {share:.1%} of one core, {_resident_mb(pid):.0f} MB resident")
            empty = await _times(client, "/api/v1/me", {})
            first = (clock.now() + timedelta(days=1)).date()
            span = {"from": str(first), "to": str(first + timedelta(days=30))}
            grid = await _times(client, "/api/v1/roster", span)
            print(
                f"    roster of {people} people × 31 days: median {median(grid) * 1000:.0f} ms, "
                f"{median(grid) / median(empty):.1f} times an empty signed-in request ({median(empty) * 1000:.1f} ms)"
            )
    finally:
        process.stop()


async def _times(client: httpx.AsyncClient, path: str, params: dict[str, str]) -> list[float]:
    found = []
    for _ in range(15):
        started = time.perf_counter()
        (await client.get(path, params=params)).raise_for_status()
        found.append(time.perf_counter() - started)
    return found


def _ratio_to_imports(seconds: float) -> float:
    """Median of five."""
    taken = []
    for _ in range(5):
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "import fastapi, sqlmodel, uvicorn, httpx, apscheduler"], check=True)
        after = getrusage(RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return seconds / median(taken)


async def _until_ready(client: httpx.AsyncClient) -> None:
    for _ in range(1200):
        try:
            if (await client.get("/api/health")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError("daka serve did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _resident_mb(pid: int) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
