"""Many rows at once, and connections that have died."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import MONDAY_EIGHT
from daka import database as database_module
from daka.database import Database, advisory_lock, execute, when_free
from daka.delivery.models import Lane
from daka.statements import among, insert_rows, update_rows

NAMES = ("plain", '"quoted" \\ {}', "打卡 𝕏 \u2028", "%s :name $1 '", "null", "")
LATER = MONDAY_EIGHT + timedelta(microseconds=123456)


def row(key: str, **values: Any) -> dict[str, Any]:
    return {"key": key, "leased_by": key, "leased_until": None, "recent_sends": [], **values}


async def lanes(database: Database) -> dict[str, Lane]:
    async with database.read() as session:
        return {lane.key: lane for lane in await session.exec(select(Lane))}


async def test_many_rows_are_stored_and_changed_as_they_are(database: Database) -> None:
    async with database.write() as session:
        await insert_rows(session, Lane, [row(name, recent_sends=[0.1, 1e9]) for name in NAMES])
    found = await lanes(database)
    assert {(key, lane.leased_by, lane.leased_until, tuple(lane.recent_sends)) for key, lane in found.items()} == {
        (name, name, None, (0.1, 1e9)) for name in NAMES
    }
    changes = [
        {
            "key": name,
            "leased_by": name,
            "leased_until": LATER if name else None,
            "recent_sends": [number, {"姓": name}],
        }
        for number, name in enumerate(NAMES)
    ]
    async with database.write() as session:
        await update_rows(session, Lane, changes, by=("key", "leased_by"), where=Lane.key != "plain")
    found = await lanes(database)
    assert found["plain"].leased_until is None
    for number, name in enumerate(NAMES[1:], start=1):
        assert found[name].leased_until == (LATER if name else None)
        assert found[name].recent_sends == [number, {"姓": name}]


async def test_a_document_has_the_same_form_on_every_database(database: Database) -> None:
    """Erasing people looks for their names in that form. Shown to fail where a document went in as a part of another."""
    async with database.write() as session:
        await insert_rows(session, Lane, [row("one", recent_sends=[{"姓": "王"}])])
        text = (await execute(session, sa.select(sa.cast(Lane.recent_sends, sa.Text)))).scalar_one()
    assert text == '[{"\\u59d3": "\\u738b"}]'


@pytest.mark.parametrize("database_maker", ["postgres"], indirect=True)
@pytest.mark.parametrize("alive_for", [0.0, 3600.0])
async def test_connections_that_the_server_has_ended_are_not_used(
    database: Database, monkeypatch: pytest.MonkeyPatch, alive_for: float
) -> None:
    """Shown to fail without a look at connections that are used again."""
    monkeypatch.setattr(database_module, "ALIVE_FOR_SECONDS", alive_for)
    others = sa.text("SELECT pg_backend_pid()")
    async with database.read() as one, database.read() as two:
        pids = [(await execute(session, others)).scalar_one() for session in (one, two)]
    end = sa.text("SELECT pg_terminate_backend(:pid, 1000)")
    async with database.read() as session:
        mine = (await execute(session, others)).scalar_one()
        for pid in set(pids) - {mine}:
            await execute(session, end, {"pid": pid})
    async with database.read() as one, database.read() as two:
        assert len({(await execute(session, others)).scalar_one() for session in (one, two)} & set(pids)) <= 1


@pytest.mark.parametrize("database_maker", ["postgres"], indirect=True)
async def test_work_of_the_background_that_a_deadlock_ended_is_done_again(database: Database) -> None:
    """Each holds one lock and then wants the other's: PostgreSQL ends one of the two."""
    both_hold, done = asyncio.Barrier(2), list[tuple[int, int]]()

    async def work(first: int, second: int) -> None:
        is_first_time = (first, second) not in tried
        tried.append((first, second))
        async with database.write() as session:
            await advisory_lock(session, first)
            if is_first_time:
                await both_hold.wait()
            await advisory_lock(session, second)
        done.append((first, second))

    tried: list[tuple[int, int]] = []
    async with asyncio.timeout(20):
        await asyncio.gather(when_free(lambda: work(1, 2)), when_free(lambda: work(2, 1)))
    assert sorted(done) == [(1, 2), (2, 1)]
    assert len(tried) == 3


@pytest.mark.parametrize("more", [(), (Lane.leased_by == "x",)])
async def test_one_of_many_is_found_by_its_index(database: Database, more: tuple[Any, ...]) -> None:
    """What is sent and recorded is found so: on SQLite all rows were read for it."""
    asked = sa.select(Lane.recent_sends).where(among(Lane.key, ["a", "b"]), *more)
    async with database.read() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            await execute(session, sa.text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        compiled = asked.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        plan = str((await connection.exec_driver_sql(f"{explain} {compiled}")).all())
    assert "SEARCH lane USING" in plan if database.is_sqlite else "pk_lane" in plan
