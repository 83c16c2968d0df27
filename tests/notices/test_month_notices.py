"""The report of the last month reaches each person once, on Today, and on their channels if they want that."""

from datetime import date, datetime

import pytest

from conftest import Clock, Workplace, WorkplaceMaker
from daka.notices.month_notices import month_to_report, queue_month_reports
from scenes import EARLY, dingtalk_workplace, give_shift, inbox_of, new_robot, shanghai


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-12-01 08:59", None),
        ("2026-12-01 09:00", date(2026, 11, 1)),
        ("2026-12-03 23:59", date(2026, 11, 1)),
        ("2026-12-04 09:00", None),
        ("2026-11-30 12:00", None),
        ("2027-01-01 10:00", date(2026, 12, 1)),
        ("2028-03-01 10:00", date(2028, 2, 1)),
    ],
)
def test_when_a_month_is_reported(now: str, month: date | None) -> None:
    assert month_to_report(datetime.fromisoformat(now)) == month


async def queued(workplace: Workplace) -> int:
    async with workplace.database.write() as session:
        return await queue_month_reports(session)


async def live_through_a_day(workplace: Workplace, frozen: Clock) -> None:
    """Bob clocks in at 09:06 and never clocks out."""
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("09:06"))
    await workplace.tick()
    await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
    for at in ("18:05", "18:31"):
        frozen.set(shanghai(at))
        await workplace.tick()


async def test_everybody_who_worked_finds_it_once_on_today(workplace: Workplace, frozen: Clock) -> None:
    await live_through_a_day(workplace, frozen)
    frozen.set(shanghai("11-30 12:00"))
    assert await queued(workplace) == 0
    frozen.set(shanghai("12-01 09:01"))
    assert [await queued(workplace) for _ in range(3)] == [1, 0, 0]
    await workplace.tick()
    (report,) = [each for each in await inbox_of(workplace.bob) if "小结" in each["title"]]
    assert report["title"] == "11月打卡小结"
    assert report["text"].startswith("应打卡 2 次：晚了 1 次、没有记录 1 次。\n你没有自己的通知渠道")
    assert not [each for each in await inbox_of(workplace.charlie) if "小结" in each["title"]]
    frozen.set(shanghai("12-02 10:00"))
    assert await queued(workplace) == 0


async def test_who_wants_it_gets_it_on_their_own_channel(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await live_through_a_day(workplace, frozen)
        await new_robot(workplace.bob)
        await workplace.bob.put("/api/v1/me/notices", {"tells_changes": True, "tomorrow_at": None, "tells_month": True})
        frozen.set(shanghai("12-01 09:01"))
        assert await queued(workplace) == 1
        await workplace.tick()
        assert "11月打卡小结" in dingtalk.messages()[-1]["markdown"]["title"]


async def test_one_reads_ones_own_month_at_any_time(workplace: Workplace, frozen: Clock) -> None:
    await live_through_a_day(workplace, frozen)
    found = await workplace.bob.get("/api/v1/me/month", month="2026-11")
    assert (found["asked"], found["late"], found["missed"], found["advice"]) == (2, 1, 1, ["own_channel"])
    assert (await workplace.bob.get("/api/v1/me/month"))["month"] == "2026-10"
    assert (await workplace.bob.http.get("/api/v1/me/month?month=2026-13")).status_code == 422
