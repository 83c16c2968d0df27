"""Health as monitors ask for it."""

import logging

import pytest

from conftest import Workplace


async def test_a_monitor_may_ask_with_head(workplace: Workplace) -> None:
    answer = await workplace.anonymous.head("/api/health")
    assert answer.status_code == 503  # no worker here
    assert answer.content == b""


async def test_it_says_what_does_not_work(workplace: Workplace) -> None:
    found = (await workplace.anonymous.get("/api/health")).json()
    assert found["checks"] == {"clock": "ok", "database": "ok", "scheduler": "stale", "migrations": "ok"}


async def test_failing_health_is_logged_and_healthy_health_is_routine(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="daka.access"):
        await workplace.anonymous.get("/api/health")
        await workplace.anonymous.get("/api/v1/setup")
    assert [record.getMessage() for record in caplog.records if record.name == "daka.access"] == [
        "GET /api/health 503",
        "GET /api/v1/setup 200",
    ]
