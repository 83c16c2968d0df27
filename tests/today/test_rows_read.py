"""What is read for a page or a scrape grows neither with the history nor with what other teams have in it."""

import json
from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from bench.history import TEAMS, questions, write_history
from chaos.stage import SECRET, settings_for
from conftest import Clock, DatabaseMaker
from daka import clock, security
from daka.app import create_app
from daka.database import Database

WHO = {"admin": 1, "planner": 2, "member": 3}
SMALL = {"people": 250, "rounds": 20, "teams": 25}
LARGE = {"people": 750, "rounds": 80, "teams": 75}
"""Twelve times as much, in teams of the same size."""
MOST = 3.5
"""So many times more may be read: an administrator sees three times as many people."""
SPARE = 400
FROM_THE_END = 12_000
"""What is read of the log for those who see more people than are asked for one by one: two thousand deliveries."""


async def test_what_is_read_does_not_grow(database_maker: DatabaseMaker, frozen: Clock) -> None:
    small, large = [await _read_by_all(database_maker, size) for size in (SMALL, LARGE)]
    grown = {
        name: (small[name], rows)
        for name, rows in large.items()
        if rows > MOST * small[name] + SPARE and not (rows <= FROM_THE_END and name.startswith("admin: /v1/deliveries"))
    }
    assert grown == {}
    assert len(large) > 100


async def _read_by_all(maker: DatabaseMaker, size: dict[str, int]) -> dict[str, int]:
    """The number of rows that each question reads; on SQLite tens of the steps of its machine."""
    url = await maker.url()
    settings = settings_for(url, log_retention_days=99)
    async with Database(settings) as database:
        await write_history(database, **size)
    app = create_app(settings, with_worker=False)
    read: dict[str, int] = {}
    async with app.router.lifespan_context(app):
        for who, user_id in WHO.items():
            token = security.signed(
                SECRET, "access", issued_at=clock.now(), lifetime=timedelta(hours=1), sub=str(user_id), jti="r", ver=0
            )
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://daka.test/api",
                headers={"Authorization": f"Bearer {token}"},
            ) as client:
                for path, query in questions(who):
                    if query.get("team_id") == TEAMS + 1:  # only in the larger one a team with people
                        continue
                    asked: list[tuple[str, Any]] = []

                    def remember(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
                        if statement.lstrip().startswith(("SELECT", "WITH")):
                            asked.append((statement, values))  # noqa: B023

                    engine = app.state.database.engine.sync_engine
                    sa.event.listen(engine, "before_cursor_execute", remember)
                    answer = await client.get(path, params=query)
                    sa.event.remove(engine, "before_cursor_execute", remember)
                    assert answer.status_code in (200, 404, 503), answer.text
                    rows = [await _rows_read(app.state.database, statement, values) for statement, values in asked]
                    read[f"{who}: {path} {query}"] = sum(rows)
    await maker.give_back(url)
    return read


async def _rows_read(database: Database, statement: str, values: Any) -> int:
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            steps = 0

            def count() -> int:
                nonlocal steps
                steps += 1
                return 0

            await driver.set_progress_handler(count, 10)
            await connection.exec_driver_sql(statement, values)
            await driver.set_progress_handler(None, 10)
            return steps
        for way in ("seqscan", "hashjoin", "mergejoin"):  # small tables are read whole, and joined so
            await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        rows = list(await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values))
        plan = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
        return round(sum(_read_by(step) for step in _steps(plan[0]["Plan"])))


def _steps(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for below in plan.get("Plans", ()) for step in _steps(below))]


def _read_by(step: dict[str, Any]) -> float:
    if "Relation Name" not in step and "Index Name" not in step:
        return 0
    read = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(sum(step.get(each, 0) for each in read) * step["Actual Loops"])
