"""A team's roster in DingTalk attendance."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from conftest import TODAY, Workplace, WorkplaceMaker
from fakes.dingtalk_attendance import FakeAttendance
from scenes import beside

DATES = [TODAY + timedelta(days=passed) for passed in range(14)]
Synced = tuple[Workplace, FakeAttendance, str]
"""With the path of the roster source."""


@pytest.fixture
async def synced(make_workplace: WorkplaceMaker) -> AsyncIterator[Synced]:
    """Bob has a day shift from Monday to Friday and one night; Alice rests."""
    async with beside(FakeAttendance(), "dingtalk", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "u-bob"
        fake.shift(501, "行政班")
        fake.shift(502, "大夜班")
        for day in DATES:
            if day.weekday() < 5:
                fake.schedule("u-bob", day, 501, ("09:00", "18:00"))
            else:
                fake.schedule("u-bob", day, 0)
        fake.schedule("u-bob", DATES[5], 502, ("22:00", "06:00"))
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        yield workplace, fake, f"/api/v1/punch-sources/{source['id']}/roster"
