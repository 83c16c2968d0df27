"""Points to ask about, and a session to a source without the rest of the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

from conftest import TODAY, test_settings
from daka import clock
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound, origins_of
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.results import Point, counting_span
from daka.shifts.times import PunchKind
from scenes import shanghai

_ids = iter(range(1, 1_000_000))


def point(
    at: str = "09:00",
    kind: PunchKind = PunchKind.CLOCK_IN,
    *,
    userid: str | None = "u-bob",
    name: str = "bob",
    user_id: int = 7,
    work_date: date = TODAY,
    others: tuple[str, ...] = (),
    **values: Any,
) -> Point:
    """Bob's clock-in at 09:00, unless said otherwise."""
    moment: datetime = shanghai(at)
    counts_from, counts_until = counting_span(moment, map(shanghai, others))
    return Point(
        **{
            "reminder_id": next(_ids),
            "user_id": user_id,
            "username": name,
            "display_name": name.title(),
            "mobile": None,
            "dingtalk_userid": userid,
            "wecom_userid": None,
            "feishu_userid": None,
            "work_date": work_date,
            "period": 0,
            "kind": kind,
            "point_at": moment,
            "counts_from": counts_from,
            "counts_until": counts_until,
            "zone": "Asia/Shanghai",
            **values,
        }
    )


class Counted:
    """How many calls were counted, and what was learned."""

    def __init__(self) -> None:
        self.calls = 0
        self.learned: dict[int, str] = {}

    async def count(self) -> None:
        self.calls += 1


@asynccontextmanager
async def session_to(config: Any, **settings: Any) -> AsyncIterator[tuple[SourceSession[Any], Counted]]:
    """A session over the real client, with the guard of an operator who allows loopback."""
    counted = Counted()
    async with Outbound(Guard(["127.0.0.0/8"]), origins_of(test_settings(**settings))) as outbound:
        yield (
            SourceSession(config, clock.now(), outbound, counted.count, counted.learned),
            counted,
        )
