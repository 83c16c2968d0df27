"""A company of many teams on one PostgreSQL, 09:00 for everybody: how late the last one is, and what the burst costs.

Every person has a channel of their own, so nothing is saved by grouping. The sink, PostgreSQL and the workers share the machine:
where it bends says which of them ran out of processor.
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.burst import all_taken, taken, until_planned
from bench.figures import percentile
from chaos.stage import (
    Postgres,
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
from daka.database import Database, execute
from daka.identity.models import Team, User
from daka.migrations import migrate
from daka.scheduler.models import Worker
from security.hostile_reading import make_due

TEAMS = 25


@dataclass(frozen=True)
class Cost:
    """What has been spent so far, in seconds of processor time, and what has been written."""

    workers: float
    postgres: float
    sink: float
    rows: int
    wal_bytes: int

    def since(self, before: "Cost") -> "Cost":
        return Cost(*(getattr(self, name) - getattr(before, name) for name in self.__dataclass_fields__))


async def measure(server: Postgres, folder: Path, sizes: Sequence[int], workers: Sequence[int]) -> None:
    print(f"(f) {TEAMS} teams on one PostgreSQL, everybody due at the same moment, each through a channel of their own")
    for people in sizes:
        url = server.new_database()
        with tempfile.TemporaryDirectory(dir=folder) as place:
            log = Path(place) / "taken.jsonl"
            log.touch()
            with sink(log) as provider:
                async with Database(settings_for(url)) as database:
                    await migrate(database)
                    await settle(database, provider, people=people, addresses=people, due_at=[next_minute(3600)])
                    await _spread_over_teams(database)
                    environment = environment_for(url, provider, Path(place))
                    for number in workers:
                        await _round(server, database, provider, environment, log, people, number)


async def _round(
    server: Postgres,
    database: Database,
    provider: SinkAt,
    environment: Mapping[str, str],
    log: Path,
    people: int,
    number: int,
) -> None:
    async with database.write() as session:
        await execute(session, sa.delete(Worker))
    started = [start_daka(["worker"], environment, log.parent / f"worker{each}.log") for each in range(number)]
    try:
        await until_planned(database, people, number)
        await asyncio.sleep(5)  # the last worker to start still plans; it would undo what is set by hand below
        earlier = len(taken(log))
        before = await _cost(server, database, provider, started)
        due_at = await make_due(database, in_seconds=2 + people / 4000)
        late = [moment - due_at.timestamp() for moment in await all_taken(log, earlier, people, started, due_at)]
        await asyncio.sleep(1)
        _print(people, number, late, (await _cost(server, database, provider, started)).since(before))
    finally:
        for worker in started:
            worker.stop()


def _print(people: int, workers: int, late: list[float], spent: Cost) -> None:
    last = max(late)
    print(
        f"    {people:>6,} people, {workers} worker{'s' if workers > 1 else ' '}: late p50 {percentile(late, 0.5):.1f} s, "
        f"p99 {percentile(late, 0.99):.1f} s, last {last:.1f} s ({people / last:,.0f}/s); "
        f"{spent.rows / people:.1f} rows and {spent.wal_bytes / people / 1000:.1f} kB of WAL a message; "
        f"processor a message: workers {spent.workers / people * 1000:.2f} ms, "
        f"PostgreSQL {spent.postgres / people * 1000:.2f} ms, sink {spent.sink / people * 1000:.2f} ms; "
        f"cores used {(spent.workers + spent.postgres + spent.sink) / last:.1f} "
        f"of {os.cpu_count()}, load {os.getloadavg()[0]:.0f}",
        flush=True,
    )


async def _spread_over_teams(database: Database) -> None:
    async with database.write() as session:
        teams = [Team(name=f"Scale {each}", timezone="Asia/Shanghai", created_at=clock.now()) for each in range(TEAMS)]
        session.add_all(teams)
        await session.flush()
        for each, team in enumerate(teams):
            await execute(session, sa.update(User).where(User.id % TEAMS == each).values(team_id=team.id))


async def _cost(server: Postgres, database: Database, provider: SinkAt, workers: Sequence[Process]) -> Cost:
    async with database.read() as session:
        await execute(session, sa.text("SELECT pg_stat_force_next_flush()"))
    await asyncio.sleep(0.5)
    async with database.read() as session:
        written = sa.text("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables")
        rows = (await execute(session, written)).scalar_one()
        wal = (await execute(session, sa.text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))).scalar_one()
    spent = sum(cpu_seconds(worker.popen.pid) for worker in workers)
    return Cost(spent, server.cpu_seconds(), cpu_seconds(provider.pid), int(rows), int(wal))
