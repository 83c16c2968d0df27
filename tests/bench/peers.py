"""The same burst through this chain and through other systems, in turn: pgqueuer, procrastinate and Celery with Redis.

Their own packages are put into an environment of their own, so that the project does not depend on them; that needs a package
index. Each sends one bare POST for each job, and nothing of what a reminder needs besides. Celery needs `redis-server`.
"""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from bench.burst import Burst, chain
from chaos.stage import Postgres, SinkAt, cpu_seconds, sink

PACKAGES = ("pgqueuer==1.6.*", "procrastinate==3.10.*", "celery[gevent,redis]==5.7.*")
MORE = ("aiohttp", "asyncpg", "psycopg[binary,pool]", "urllib3", "uvloop")
WORKERS = Path(__file__).parent / "peer_workers"
DUE_IN_SECONDS = 8
"""Time to queue everything before the moment."""
LONGEST_SECONDS = 120


def environment(folder: Path) -> Path:
    """An environment with the peers' packages; its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES, *MORE], check=True)
    return python


async def measure(server: Postgres, folder: Path, *, messages: int, rounds: int) -> None:
    python = environment(folder / "peers")
    chains = {
        "Daka, PostgreSQL": (server.new_database(), 1),
        "Daka, PostgreSQL, two": (server.new_database(), 2),
        "Daka, SQLite": (f"sqlite:///{folder}/peers.db", 1),
    }
    async with AsyncExitStack() as stack:
        systems: dict[str, Callable[[], Awaitable[Burst]]] = {}
        for number, (name, (url, workers)) in enumerate(chains.items()):
            ours = chain(url, folder / f"chain{number}", messages, workers)
            systems[name] = await stack.enter_async_context(ours)
        for name in ("pgqueuer", "procrastinate", "celery"):
            if name != "celery" or shutil.which("redis-server"):
                systems[name] = partial(asyncio.to_thread, _burst, python, name, server, folder, messages)
        bursts: dict[str, list[Burst]] = {name: [] for name in systems}
        for _ in range(rounds):
            for name, burst in systems.items():
                bursts[name].append(await burst())
    best = median(burst.rate for burst in bursts["pgqueuer"])
    print(f"(g) {messages} messages due in the same second, one system after the other, medians of {rounds}")
    print(f"    {'':<22} first ms   p50 s  last s  messages/s  of pgqueuer  processor ms")
    for name, rows in bursts.items():
        first, p50, last, rate, cost = (
            median(values)
            for values in zip(
                *((min(b.lateness), median(b.lateness), max(b.lateness), b.rate, b.cpu_seconds) for b in rows),
                strict=True,
            )
        )
        print(
            f"    {name:<22} {first * 1000:8,.0f} {p50:7.2f} {last:7.2f} {rate:11,.0f} {rate / best:12.2f} {cost * 1000:13.2f}"
        )


def _burst(python: Path, name: str, server: Postgres, folder: Path, messages: int) -> Burst:
    """One round of another system. Its processor time counts from the moment on: the jobs are queued by then."""
    log = folder / "peers.jsonl"
    log.write_text("")
    with (
        sink(log) as provider,
        _store(name, server, folder) as store,
        _worker(python, name, store, provider, messages) as worker,
    ):
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n", f"{name} did not start"
        due_at = time.time() + DUE_IN_SECONDS
        worker.stdin.write(f"{due_at}\n")
        worker.stdin.flush()
        time.sleep(due_at - time.time())
        spent = _cpu_seconds(worker.pid)
        while log.read_text().count("\n") < messages:
            assert worker.poll() is None, f"{name} ended"
            assert time.time() < due_at + LONGEST_SECONDS, f"{name} did not send everything"
            time.sleep(0.1)
        time.sleep(1)
        spent = _cpu_seconds(worker.pid) - spent
    late = [json.loads(line)["at"] - due_at for line in log.read_text().splitlines()]
    return Burst(messages / max(late), late, spent / messages)


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return cpu_seconds(pid) + sum(_cpu_seconds(int(child)) for child in children)


@contextmanager
def _worker(python: Path, name: str, store: str, provider: SinkAt, messages: int) -> Iterator["subprocess.Popen[str]"]:
    command = [python, WORKERS / f"{name}_worker.py", store, provider.url, str(messages)]
    pipe = subprocess.PIPE
    worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=python.parent.parent)
    try:
        yield worker
    finally:
        if worker.stdin is not None:
            worker.stdin.close()
        try:
            worker.wait(3)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


@contextmanager
def _store(name: str, server: Postgres, folder: Path) -> Iterator[str]:
    """A new database, or a Redis of its own."""
    if name != "celery":
        yield server.new_database()
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        redis.terminate()
        redis.wait(10)
