"""Real `daka serve` processes, and a sink that notes when each message arrived."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from conftest import SECRET, eventually
from daka import clock, security
from daka.database import Database
from daka.identity.models import Role, Team, User
from fakes.server import Asked, FakeResponse, FakeServer
from forked import Forked, Program
from loopback import loopback_guard
from scenes import SHANGHAI

STARTS_WITHIN_SECONDS = 30.0


class Sink(FakeServer):
    """Takes every message and notes when it came. `hangs` makes it never answer."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[tuple[float, Asked]] = []
        self.hangs = False

    def answer(self, asked: Asked) -> FakeResponse:
        self.arrived.append((time.time(), asked))
        return FakeResponse({"errcode": 0, "errmsg": "ok"}, after_seconds=3600 if self.hangs else 0)

    def under(self, path: str) -> list[tuple[float, Asked]]:
        """What came to addresses that begin with the path."""
        return [(at, asked) for at, asked in self.arrived if asked.path.startswith(path)]


@dataclass
class Server:
    """One process, and what it says of itself."""

    process: subprocess.Popen[bytes] | Forked
    log: Path
    started_in_seconds: float = 0.0
    started_with_cpu_seconds: float = 0.0
    """What starting costs, however many others share the machine."""
    http: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the process so far; nothing where there is no /proc."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return 0.0
        used = stat.read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def as_user(self, user_id: int) -> dict[str, str]:
        """Headers of somebody who is signed in."""
        now = clock.now()
        token = security.signed(
            SECRET, "access", issued_at=now, lifetime=timedelta(hours=1), sub=str(user_id), jti="process", ver=0
        )
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, user_id: int, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, path, json=body, headers=self.as_user(user_id))
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def _environment(given: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONUNBUFFERED": "1",
        **loopback_guard.environment(),
        **given,
    }


@asynccontextmanager
async def serving(
    folder: Path, *, program: Sequence[str] | Program = ("-m", "daka"), **settings: str
) -> AsyncIterator[Server]:
    """`daka serve` on a free port, from the moment when it is healthy. Whatever is left of it in the end is killed."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    log = folder / f"{time.monotonic_ns()}.log"
    started = time.monotonic()
    environment = _environment({name.upper(): value for name, value in settings.items()})
    arguments = ("serve", "--host", "127.0.0.1", "--port", "0")
    process: subprocess.Popen[bytes] | Forked
    if isinstance(program, Program):
        process = program.start(*arguments, folder=folder, environment=environment, output=log)
    else:
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - it is awaited by its signs of life
                [sys.executable, *program, *arguments],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
    server = Server(process, log)
    try:
        base_url = await eventually(lambda: _address_in(server), within_seconds=STARTS_WITHIN_SECONDS)
        async with httpx.AsyncClient(base_url=base_url, timeout=10) as server.http:
            await eventually(lambda: _is_healthy(server), within_seconds=STARTS_WITHIN_SECONDS)
            server.started_in_seconds = time.monotonic() - started
            server.started_with_cpu_seconds = server.cpu_seconds
            yield server
    finally:
        if process.poll() is None:
            process.kill()
        await asyncio.to_thread(process.wait)
    assert loopback_guard.REFUSED not in log.read_text()


def slowness() -> float:
    """Wall clock seconds to a second of this thread's work, at least 1."""
    started, used = time.perf_counter(), time.thread_time()
    while time.thread_time() - used < 0.15:
        sum(range(1000))
    return max(1.0, (time.perf_counter() - started) / (time.thread_time() - used))


async def _address_in(server: Server) -> str | None:
    text = server.log.read_text() if server.log.exists() else ""
    assert server.process.poll() is None, text
    found = re.search(r"running on (http://127\.0\.0\.1:\d+)", text)
    return found[1] if found else None


async def _is_healthy(server: Server) -> bool:
    return (await server.http.get("/api/health")).status_code == 200


async def has_ended(server: Server) -> bool:
    return server.process.poll() is not None


@dataclass(frozen=True)
class Crew:
    """Somebody who may do everything, and people in one team."""

    root: int
    team_id: int
    people: tuple[int, ...]
    planners: tuple[int, ...] = ()
    """Of the same team; they are not rostered."""


async def hire(database: Database, how_many: int, *, planners: int = 0) -> Crew:
    """People straight into the tables: hashing passwords of many would take the time that is to be measured."""
    async with database.write() as session:
        team = Team(name="Team A", timezone="Asia/Shanghai", created_at=clock.now())
        session.add(team)
        await session.flush()
        root = User(username="root", display_name="Root", password_hash="-", role=Role.ADMIN, created_at=clock.now())
        people = [
            User(
                username=f"worker{number}",
                display_name=f"Worker{number}",
                password_hash="-",
                role=Role.MEMBER if number < how_many else Role.PLANNER,
                team_id=team.id,
                created_at=clock.now(),
            )
            for number in range(how_many + planners)
        ]
        session.add_all([root, *people])
        await session.flush()
    ids = [person.id for person in people]
    return Crew(root.id, team.id, tuple(ids[:how_many]), tuple(ids[how_many:]))


async def give_webhooks(server: Server, crew: Crew, base_url: str) -> None:
    """Everybody gets a channel of their own to the sink."""
    for person in crew.people:
        config = {"url": f"{base_url}/{person}"}
        await server.ask(person, "POST", "/api/v1/channels", {"name": "sink", "kind": "webhook", "config": config})


async def roster(server: Server, crew: Crew, moment: datetime, policy: dict[str, Any]) -> None:
    """Everybody starts work at that minute; clock-out is far away."""
    local = moment.astimezone(SHANGHAI)
    shift = {
        "name": "现在",
        "code": "现",
        "periods": [{"start": f"{local:%H:%M}", "end": f"{local + timedelta(hours=8):%H:%M}"}],
        "policy": policy,
    }
    made = await server.ask(crew.root, "POST", "/api/v1/shifts", shift)
    cells = [{"user_id": person, "date": str(local.date()), "shift_id": made["id"]} for person in crew.people]
    await server.ask(crew.root, "PUT", "/api/v1/roster", {"assignments": cells})
