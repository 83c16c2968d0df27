"""A database that somebody else holds for long, as on a busy disk: the background waits for it, and calls that no failure."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

import daka.database
from chaos.test_clock import JUST, LEAD, NINE, RunningClock, running, sent, work_at, working  # noqa: F401
from conftest import DATABASES, TODAY, Workplace, WorkplaceMaker, eventually
from daka.database import Database, when_free
from scenes import EARLY, assign, new_shift

HELD_SECONDS = float(os.environ.get("HELD_SECONDS", "1.5"))
"""How long the database is held. `HELD_SECONDS=20` is what an overloaded disk was seen to take."""
BUSY_SECONDS = HELD_SECONDS / 5
"""How long one statement waits. In reality fifteen seconds."""


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Somebody else writes."""
    file = Path(str(database.engine.url.database))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


@pytest.mark.parametrize("database_maker", DATABASES[:1], indirect=True)
async def test_what_is_due_while_the_database_is_held_goes_out_after_it_without_an_error(
    make_workplace: WorkplaceMaker,
    running: RunningClock,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(daka.database, "SQLITE_BUSY_SECONDS", BUSY_SECONDS)
    running.set(NINE - LEAD - JUST)
    async with make_workplace() as workplace:
        await work_at(workplace, NINE)
        async with working(workplace) as (worker, notifier):
            caplog.clear()
            caplog.set_level(logging.INFO, logger="daka")
            with held(workplace.database):
                running.set(NINE - LEAD)
                worker._heartbeat.wake()
                notifier.wake_all()
                await asyncio.sleep(HELD_SECONDS)
                assert await sent(workplace) == 0

            async def is_sent() -> bool:
                return await sent(workplace) == 1

            await eventually(is_sent)
        assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []
        assert "The database is busy; waiting for it" in caplog.text


async def test_another_failure_is_not_waited_for() -> None:
    async def fails() -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error"))

    with pytest.raises(sa.exc.OperationalError):
        await when_free(fails)


YEAR = b'{"year": 2028, "days": [{"name": "x", "date": "2028-01-01", "isOffDay": true}]}'
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n%b\r\n--x--\r\n'
SLOW_UPLOADS = {
    "/api/v1/roster/import": (FORM % "姓名,日期,班次\nBob,2026-11-23,早\n".encode(), "multipart/form-data; boundary=x"),
    "/api/v1/calendar/import": (YEAR, "application/json"),
}


@pytest.mark.parametrize("path", SLOW_UPLOADS)
async def test_nobody_waits_for_a_client_that_uploads_slowly(workplace: Workplace, path: str) -> None:
    """A transaction that began before the body is there would keep everybody else from writing to SQLite."""
    body, kind = SLOW_UPLOADS[path]
    goes_on, is_half = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:10]
        is_half.set()
        await goes_on.wait()
        yield body[10:]

    uploading = asyncio.create_task(workplace.root.http.post(path, content=slowly(), headers={"content-type": kind}))
    try:
        async with asyncio.timeout(5):
            await is_half.wait()
            await asyncio.sleep(0.1)
            await assign(workplace, await new_shift(workplace.alice, EARLY), workplace.bob, on=TODAY)
    finally:
        goes_on.set()
        answer = await uploading
    assert answer.status_code in (200, 201), answer.text
