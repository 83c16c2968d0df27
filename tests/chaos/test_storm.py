"""The short form of `make chaos`: real processes, a provider that fails in every way, kills, a crash, a full disk."""

import sys

import pytest

from chaos.stage import postgres
from chaos.storm import Plan, run_storm

SHORT = Plan(
    people=300,
    addresses=30,
    robots=3,
    people_per_robot=20,
    workers=2,
    is_due_already=True,
    kills=2,
    answered=0.2,
    within_seconds=60,
)


@pytest.mark.process
async def test_killed_workers_and_a_crashed_database_lose_nothing() -> None:
    with postgres() as server:
        report = await run_storm(SHORT, server)
    assert report.holds, f"\n{report}"
    assert (report.due, report.crashes) == (300, 1)
    assert report.delivered >= 300 - report.answered_before - report.answered_after
    assert report.in_inboxes >= 20, "the people of the robot that refuses for good were reached another way"


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets limits of a running process")
async def test_a_full_disk_loses_nothing_and_calls_nothing_sent() -> None:
    plan = Plan(**{**SHORT.__dict__, "workers": 1, "kills": 0, "crashes_of_the_database": 0, "is_disk_full": True})
    report = await run_storm(plan, None)
    assert report.holds, f"\n{report}"
    assert report.delivered >= 300 - report.answered_before - report.answered_after
    assert report.retries > 0, "the disk was really full"
