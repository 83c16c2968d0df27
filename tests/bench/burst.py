"""A whole company's 09:00: messages that are due in the same second, each to a channel of its own.

The chain is a real `daka worker` process: claim, group, queue, claim, sign, send, record. Its peers send the same bodies to the
same sink: a bare loop over the same HTTP client, and the design that one would write first (one APScheduler job a reminder in
an SQLAlchemyJobStore, one stock httpx client).
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import func, select

from bench.figures import best_and_median, percentile
from chaos.stage import (
    Process,
    SinkAt,
    cpu_seconds,
    environment_for,
    next_minute,
    settings_for,
    settle,
    sink,
    start_daka,
)
from daka import clock
from daka.database import Database
from daka.migrations import migrate
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.outbound.requests import HttpRequest
from daka.reminders.models import Reminder
from daka.scheduler.models import Worker
from security.hostile_reading import make_due

BODY = json.dumps({"type": "reminder.due", "data": {"title": "上班打卡提醒", "text": "x" * 900}}).encode()
HEADERS = {"Content-Type": "application/json", "webhook-id": "bare", "webhook-timestamp": "0"}
AT_ONCE = 64


@dataclass
class Burst:
    """One round: messages a second from the due moment to the last message, and how late each was."""

    rate: float
    lateness: list[float]
    cpu_seconds: float = 0.0
    """Of our processes, for each message: says more than the rate when others use the machine."""


async def bare_loop(provider: SinkAt, messages: int) -> Burst:
    """Nothing but the HTTP client that the sender uses."""
    async with Outbound(Guard(["127.0.0.1"])) as outbound:
        numbers = iter(range(messages))

        async def send() -> None:
            for number in numbers:
                answer = await outbound.send(HttpRequest(f"{provider.url}/hook/{number}", BODY, HEADERS))
                assert answer.status == 200, answer

        started, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        return Burst(messages / (time.perf_counter() - started), [], (time.process_time() - spent) / messages)


@asynccontextmanager
async def chain(
    database_url: str, folder: Path, messages: int, workers: int = 1
) -> AsyncIterator[Callable[[], Awaitable[Burst]]]:
    """Real workers; each call is a round: everybody's reminder is set to the same moment, two seconds ahead."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    database = Database(settings_for(database_url))
    log = folder / "taken.jsonl"
    log.touch()
    with sink(log) as provider:
        await migrate(database)
        await settle(database, provider, people=messages, addresses=messages, due_at=[next_minute(3600)])
        environment = environment_for(database_url, provider, folder)
        started = [start_daka(["worker"], environment, folder / f"worker{number}.log") for number in range(workers)]

        async def burst() -> Burst:
            before, spent = len(taken(log)), sum(cpu_seconds(worker.popen.pid) for worker in started)
            due_at = await make_due(database, in_seconds=2)
            late = [at - due_at.timestamp() for at in await all_taken(log, before, messages, started, due_at)]
            await asyncio.sleep(1)
            spent = sum(cpu_seconds(worker.popen.pid) for worker in started) - spent
            return Burst(messages / max(late), late, spent / messages)

        try:
            await until_planned(database, messages, workers)
            await asyncio.sleep(5)  # the last worker to start still plans; it would undo what is set by hand below
            yield burst
        finally:
            for worker in started:
                worker.stop()
            await database.dispose()


def taken(log: Path) -> list[str]:
    """A line for each message that the sink took."""
    return log.read_text().splitlines()


async def all_taken(log: Path, before: int, messages: int, workers: Sequence[Process], due_at: datetime) -> list[float]:
    """When each message after the first so many was taken, in seconds since 1970, once all were."""
    while len(lines := taken(log)) - before < messages:
        assert all(worker.is_running for worker in workers), workers[0].log.read_text()
        assert clock.now() - due_at < timedelta(seconds=120 + messages / 20), "the burst did not end"
        await asyncio.sleep(0.1)
    return [json.loads(line)["at"] for line in lines[before:]]


async def until_planned(database: Database, messages: int, workers: int) -> None:
    while True:
        async with database.read() as session:
            planned = (await session.exec(select(func.count()).select_from(Reminder))).one()
            ready = (await session.exec(select(func.count()).select_from(Worker))).one()
        if planned >= messages and ready >= workers:
            return
        await asyncio.sleep(0.2)


# --- the naive design ------------------------------------------------------------------------------------------------

_naive_client: httpx.AsyncClient
_naive_sent: list[float]


async def _naive_reminder(url: str) -> None:
    (await _naive_client.post(url, content=BODY, headers=HEADERS)).raise_for_status()
    _naive_sent.append(time.time())


async def naive(provider: SinkAt, folder: Path, messages: int) -> Burst:
    """One job a reminder, in a job store on SQLite, sent by one stock client."""
    global _naive_client, _naive_sent
    _naive_sent = []
    scheduler = AsyncIOScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")},
        job_defaults={"misfire_grace_time": None},
        timezone="UTC",
    )
    async with httpx.AsyncClient(timeout=30, trust_env=False) as _naive_client:
        scheduler.start(paused=True)
        due_at = datetime.now(UTC) + timedelta(seconds=1 + messages / 200)
        for number in range(messages):
            scheduler.add_job(_naive_reminder, "date", run_date=due_at, args=[f"{provider.url}/hook/{number}"])
        due_at = max(due_at, datetime.now(UTC))
        scheduler.resume()
        while len(_naive_sent) < messages:  # noqa: ASYNC110 - the jobs are the naive design's own
            await asyncio.sleep(0.05)
        scheduler.shutdown(wait=False)
    lateness = [sent - due_at.timestamp() for sent in _naive_sent]
    return Burst(messages / max(lateness), lateness)


# --- the report ------------------------------------------------------------------------------------------------------


async def measure(databases: dict[str, str], folder: Path, *, messages: int, rounds: int, naive_messages: int) -> None:
    print(f"(a) {messages} reminders due in the same second, to {messages} channels")
    with sink() as provider:
        bare = [await bare_loop(provider, messages) for _ in range(rounds)]
        first_design = await naive(provider, folder, naive_messages)
    print(f"    bare loop over the same client   {_rates(bare)}")
    best = 0.0
    for name, url in databases.items():
        with tempfile.TemporaryDirectory(dir=folder) as place:
            async with chain(url, Path(place), messages, workers=2 if "two" in name else 1) as burst:
                bursts = [await burst() for _ in range(rounds)]
        best = max(best, max(burst.rate for burst in bursts))
        late = [moment for burst in bursts for moment in burst.lateness]
        rates = [median(burst.rate for burst in some) for some in (bursts, bare)]
        cost = [median(burst.cpu_seconds for burst in some) for some in (bare, bursts)]
        print(f"    the chain on {name:<19} {_rates(bursts)}")
        print(
            f"      share of the bare loop: {rates[0] / rates[1]:.2f} (goal 0.6), {cost[0] / cost[1]:.2f} by processor time;"
            f" late p50 {percentile(late, 0.5):.2f} s, p99 {percentile(late, 0.99):.2f} s"
        )
    print(f"(b) one job a reminder and a stock client, {naive_messages} due at once: {first_design.rate:,.0f}/s")
    print(f"      the chain is {best / first_design.rate:.1f} times as fast (goal 10)")


def _rates(bursts: Sequence[Burst]) -> str:
    cost = median(burst.cpu_seconds for burst in bursts) * 1000
    return f"{best_and_median([burst.rate for burst in bursts], '/s', more_is_better=True)}; {cost:.2f} ms of processor each"
