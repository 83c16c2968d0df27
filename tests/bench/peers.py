"""The same burst through other systems: pgqueuer, procrastinate and Celery with Redis, from their own packages.

They are put into an environment of their own, so that the project does not depend on them; that needs a package index. Each
sends one bare POST for each job to the same sink in the same run, and nothing of what a reminder needs besides. Celery needs
`redis-server`.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from chaos.stage import Postgres, SinkAt, sink

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


def measure(server: Postgres, folder: Path, *, messages: int, rounds: int) -> None:
    python = environment(folder / "peers")
    print(f"(g) {messages} posts that other systems were asked to make in the same second")
    for name in ("pgqueuer", "procrastinate", "celery"):
        if name == "celery" and not shutil.which("redis-server"):
            print("    celery: redis-server is not installed")
            continue
        taken = [_burst(python, name, server, folder, messages) for _ in range(rounds)]
        lasts = [late[-1] for late in taken]
        print(
            f"    {name:<14} first {median(late[0] for late in taken) * 1000:,.0f} ms, p50 {median(map(median, taken)):.2f} s,"
            f" last {median(lasts):.2f} s, {messages / median(lasts):,.0f}/s (medians of {rounds})"
        )


def _burst(python: Path, name: str, server: Postgres, folder: Path, messages: int) -> list[float]:
    """How late each message was, in order, in seconds."""
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
        while log.read_text().count("\n") < messages:
            assert worker.poll() is None, f"{name} ended"
            assert time.time() < due_at + LONGEST_SECONDS, f"{name} did not send everything"
            time.sleep(0.1)
    return sorted(json.loads(line)["at"] - due_at for line in log.read_text().splitlines())


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
