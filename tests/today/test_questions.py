"""No page and no scrape reads a table that grows with history from end to end."""

import json
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import TODAY, Clock, Workplace

GROWING = ("delivery", "delivery_attempt", "delivery_reminder", "delivery_receipt", "reminder", "punch", "audit_entry")
PAGES = {
    "metrics": ("/api/metrics", {}),
    "health": ("/api/health", {}),
    "dashboard": ("/api/v1/dashboard", {}),
    "scheduler": ("/api/v1/scheduler", {}),
    "log": ("/api/v1/deliveries", {}),
    "log of failures": ("/api/v1/deliveries", {"status": "failed"}),
    "log of a day": ("/api/v1/deliveries", {"from": str(TODAY), "to": str(TODAY)}),
    "search of a name": ("/api/v1/deliveries", {"q": "Bob"}),
    "search without a match": ("/api/v1/deliveries", {"q": "nobody"}),
    "log of a channel": ("/api/v1/deliveries", {"channel_id": 1}),
    "reminders": ("/api/v1/reminders", {}),
    "punches": ("/api/v1/punches", {}),
    "inbox": ("/api/v1/inbox", {}),
    "audit": ("/api/v1/audit", {}),
    "channels": ("/api/v1/channels", {}),
    "roster": ("/api/v1/roster", {"from": str(TODAY), "to": str(TODAY)}),
    "own notices": ("/api/v1/me/notices", {}),
    "explain": ("/api/v1/reminders/explain", {"user_id": 1, "date": str(TODAY)}),
}


@contextmanager
def _questions(workplace: Workplace) -> Any:
    """Every SELECT that is asked meanwhile, with its values."""
    asked: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            asked.append((statement, values))

    engine = workplace.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", remember)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", remember)


async def _whole_tables(workplace: Workplace, statement: str, values: Any) -> list[str]:
    """The steps of the plan that read a growing table from end to end. In the order of its rows, up to a limit, is well."""
    async with workplace.database.engine.connect() as connection:
        if workplace.database.is_sqlite:
            plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            is_cut = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER" in step for step in plan)
            read = [step for step in plan if step.startswith("SCAN") and "USING" not in step]
            return [step for step in read if step.split()[1] in GROWING and not is_cut]
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        await connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        rows = list(await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values))
        found = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
        return [str(step["Relation Name"]) for step in _steps(found[0]["Plan"]) if _reads_all(step)]


def _steps(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for below in plan.get("Plans", ()) for step in _steps(below))]


def _reads_all(step: dict[str, Any]) -> bool:
    return step["Node Type"] == "Seq Scan" and step["Relation Name"] in GROWING


@pytest.mark.parametrize("page", PAGES)
async def test_every_question_is_answered_by_an_index(workplace: Workplace, frozen: Clock, page: str) -> None:
    path, params = PAGES[page]
    with _questions(workplace) as asked:
        answer = await workplace.root.http.get(path, params=params)
    assert answer.status_code in (200, 503), answer.text  # no worker runs: health says so
    assert asked
    read = {
        statement: found for statement, values in asked if (found := await _whole_tables(workplace, statement, values))
    }
    assert not read
