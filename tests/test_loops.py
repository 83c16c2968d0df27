"""Loops: woken by others, at a moment of the wall clock, or by the monotonic clock."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from conftest import eventually
from daka import clock, loops
from daka.loops import Loop


@pytest.fixture
async def scheduler() -> AsyncIterator[AsyncIOScheduler]:
    running = AsyncIOScheduler(timezone="UTC")
    running.start()
    yield running
    running.shutdown(wait=False)


async def runs_of(loop: Loop, runs: list[float], how_many: int) -> None:
    async def has_run() -> bool:
        return len(runs) >= how_many

    task = asyncio.create_task(loop.run())
    try:
        await eventually(has_run)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def noting(runs: list[float]):
    async def work() -> None:
        runs.append(asyncio.get_running_loop().time())

    return work


async def test_an_interval_goes_by_the_monotonic_clock(scheduler: AsyncIOScheduler, frozen) -> None:
    runs: list[float] = []
    await runs_of(Loop("often", noting(runs), scheduler, every=timedelta(milliseconds=20)), runs, 3)
    assert scheduler.get_jobs() == []


async def test_the_earliest_of_several_moments_wakes_a_loop_once(scheduler: AsyncIOScheduler) -> None:
    runs: list[float] = []
    loop = Loop("due", noting(runs), scheduler)
    now = clock.now()
    loop.wake_at(now + timedelta(days=1))
    loop.wake_at(now + timedelta(milliseconds=50))
    loop.wake_at(now + timedelta(hours=1))
    loop.wake_at(None)
    (job,) = scheduler.get_jobs()
    assert job.next_run_time == now + timedelta(milliseconds=50)
    await runs_of(loop, runs, 1)
    assert scheduler.get_jobs() == []


async def test_a_failure_is_logged_and_retried(
    scheduler: AsyncIOScheduler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loops, "RETRY_SECONDS", 0.01)
    runs: list[float] = []

    async def fails_once() -> None:
        await noting(runs)()
        if len(runs) == 1:
            raise RuntimeError("the disk is full")

    loop = Loop("due", fails_once, scheduler)
    loop.wake()
    await runs_of(loop, runs, 2)
    assert [record.message for record in caplog.records] == ["Reminder loop failed; retrying"]
