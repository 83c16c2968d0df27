"""No page and no scrape reads a table that grows with history from end to end."""

import json
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import TODAY, Clock, Person, Workplace
from daka.columns import Table
from daka.paging import cursor_of

GROWING = (
    "delivery",
    "delivery_attempt",
    "delivery_card",
    "delivery_receipt",
    "delivery_reminder",
    "inbox_message",
    "reminder",
    "punch",
    "audit_entry",
)
OF_WHAT_IS_OPEN = {
    index.name
    for table in Table.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"]["where"] is not None
}
"""What has ended leaves these indexes."""
LOG = "/api/v1/deliveries"
DAY = {"from": str(TODAY), "to": str(TODAY)}
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "metrics": ("/api/metrics", {}),
    "health": ("/api/health", {}),
    "dashboard": ("/api/v1/dashboard", {}),
    "scheduler": ("/api/v1/scheduler", {}),
    "log": (LOG, {}),
    "log, next page": (LOG, {"cursor": cursor_of("2026-11-23T09:00:00+00:00", 7)}),
    "log of failures": (LOG, {"status": "failed"}),
    "log of tests": (LOG, {"occasion": "test"}),
    "log of a day": (LOG, DAY),
    "log of a day's failures": (LOG, {**DAY, "status": "failed"}),
    "log until a day": (LOG, {"to": str(TODAY)}),
    "log of a channel": (LOG, {"channel_id": 1}),
    "log of a channel's day": (LOG, {**DAY, "channel_id": 1}),
    "log of a person": (LOG, {"user_id": 3}),
    "log of a team": (LOG, {"team_id": 1}),
    "log of a reminder": (LOG, {"reminder_id": 1}),
    "search of a name": (LOG, {"q": "Bob"}),
    "search without a match": (LOG, {"q": "nobody"}),
    "delivery": (f"{LOG}/1", {}),
    "reminders": ("/api/v1/reminders", {}),
    "reminders, next page": ("/api/v1/reminders", {"cursor": cursor_of("2026-11-23T09:00:00+00:00", 7)}),
    "reminders of a day": ("/api/v1/reminders", DAY),
    "punches": ("/api/v1/punches", {}),
    "inbox": ("/api/v1/inbox", {}),
    "audit": ("/api/v1/audit", {}),
    "channels": ("/api/v1/channels", {}),
    "roster": ("/api/v1/roster", DAY),
    "own notices": ("/api/v1/me/notices", {}),
    "explain": ("/api/v1/reminders/explain", {"user_id": 1, "date": str(TODAY)}),
}
FROM_ITS_END = {"log", "reminders", "punches", "audit"}
"""Pages whose first rows are read in the order of an index, whichever they are: nothing is skipped on the way."""


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
    """The steps of the plan that read a growing table, or an index of it, without a place to begin or to end at."""
    async with workplace.database.engine.connect() as connection:
        if workplace.database.is_sqlite:
            plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            return [step for step in plan if step.startswith("SCAN") and step.split()[1] in GROWING]
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        await connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        # As in a database of which nothing is known yet: plans of small tables follow what earlier tests left in the statistics.
        names = [table.name for table in Table.metadata.sorted_tables]
        of_tables = "SELECT oid FROM pg_class WHERE relname = ANY($1)"
        await connection.exec_driver_sql(f"DELETE FROM pg_statistic WHERE starelid IN ({of_tables})", (names,))
        await connection.exec_driver_sql(
            f"UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN ({of_tables}) "
            f"OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN ({of_tables}))",
            (names,),
        )
        rows = list(await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values))
        found = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
        read = [step for step in _steps(found[0]["Plan"]) if step.get("Relation Name") in GROWING]
        return [
            f"{step['Node Type']} {step['Relation Name']}"
            for step in read
            if "Index Cond" not in step and step.get("Index Name") not in OF_WHAT_IS_OPEN
        ]


def _steps(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for below in plan.get("Plans", ()) for step in _steps(below))]


async def _read_whole(workplace: Workplace, who: Person, page: str) -> dict[str, list[str]]:
    path, params = PAGES[page]
    with _questions(workplace) as asked:
        answer = await who.http.get(path, params=params)
    assert answer.status_code in (200, 404, 503), answer.text  # no worker runs: health says so
    assert asked
    read = [(statement, await _whole_tables(workplace, statement, values)) for statement, values in asked]
    return {statement: found for statement, found in read if found}


@pytest.mark.parametrize("page", PAGES)
async def test_every_question_is_answered_by_an_index(workplace: Workplace, frozen: Clock, page: str) -> None:
    read = await _read_whole(workplace, workplace.root, page)
    if page in FROM_ITS_END:
        (statement,) = read
        assert "WHERE" not in statement
        assert "LIMIT" in statement
    else:
        assert read == {}


@pytest.mark.parametrize("page", [page for page, (path, _) in PAGES.items() if path in (LOG, "/api/v1/reminders")])
async def test_who_sees_little_is_answered_by_what_they_see(workplace: Workplace, frozen: Clock, page: str) -> None:
    """Members: of a company's history next to nothing is theirs."""
    assert await _read_whole(workplace, workplace.bob, page) == {}


def test_whatever_is_deleted_is_referred_to_by_an_index() -> None:
    """For each deleted row the database looks for rows that refer to it: without an index it reads their whole table."""
    unfound = []
    for table in Table.metadata.tables.values():
        starts = [[column.name for column in index.columns][:1] for index in (*table.indexes, table.primary_key)]
        starts += [[column.name for column in each.columns][:1] for each in table.constraints if _is_unique(each)]
        unfound += [
            f"{table.name}.{key.parent.name}"
            for key in table.foreign_keys
            if table.name in GROWING and key.column.table.name in GROWING and [key.parent.name] not in starts
        ]
    assert unfound == []


def _is_unique(constraint: sa.Constraint) -> bool:
    return isinstance(constraint, sa.UniqueConstraint)
