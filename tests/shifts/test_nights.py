"""What is night work: one rule, as a table."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from conftest import Workplace
from daka.shifts.nights import NIGHT, is_night
from daka.shifts.times import Period, spans
from scenes import assign, new_shift


def periods(text: str) -> list[Period]:
    """`22:00-06:00 07:00-08:00` as periods."""
    return [Period(*map(time.fromisoformat, part.split("-"))) for part in text.split()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-06:00", True),
        ("00:00-08:00", True),  # a night, although it does not cross midnight
        ("16:00-00:00", False),  # no night, although it ends on the next day: two hours of eight
        ("16:00-00:01", True),
        ("20:00-08:00", True),
        ("08:00-20:00", False),
        ("08:00-08:00", True),  # a day and a night
        ("14:00-22:00", False),
        ("06:00-14:00", False),
        ("04:00-12:00", False),
        ("03:59-12:00", True),
        ("05:00-06:30", True),  # short, and most of it
        ("05:00-07:00", False),  # just half
        ("22:30-23:30", True),
        ("21:00-22:30", False),
        ("09:00-12:00 13:00-18:00", False),
        ("08:00-12:00 20:00-23:59", False),
        ("18:00-21:00 23:00-03:00", True),
        ("22:00-02:00 03:00-06:00", True),
        ("04:30-08:00 22:00-23:00", True),  # both ends of the night: two hours and a half
        ("", False),
    ],
)
def test_what_counts_as_night_work(text: str, expected: bool) -> None:
    assert is_night(periods(text)) is expected


@pytest.mark.parametrize(
    ("night", "text", "expected"),
    [
        ("20:00-04:00", "16:00-00:00", True),
        ("00:00-06:00", "16:00-00:00", False),
        ("00:00-06:00", "20:00-02:00", False),
        ("23:00-06:00", "03:30-11:30", True),
        ("01:00-05:00", "22:00-06:00", True),
    ],
)
def test_a_team_may_set_its_night(night: str, text: str, expected: bool) -> None:
    [span] = periods(night)
    assert is_night(periods(text), span) is expected


@pytest.mark.parametrize("day", [date(2027, 3, 13), date(2026, 10, 31), date(2026, 12, 1)])
def test_a_night_stays_one_when_the_clocks_change(day: date) -> None:
    """It is 7, 9 or 8 hours long; what is written on the wall is the same."""
    [(start, end)] = spans(day, [NIGHT], ZoneInfo("America/New_York"))
    assert (end - start).total_seconds() in (7 * 3600, 8 * 3600, 9 * 3600)
    assert is_night([NIGHT])


async def test_shifts_the_report_and_warnings_follow_the_teams_night(workplace: Workplace) -> None:
    root = workplace.root
    late = await new_shift(root, {"name": "晚班", "code": "晚", "periods": [{"start": "14:00", "end": "22:00"}]})
    early = await new_shift(root, {"name": "早班", "code": "早", "periods": [{"start": "05:30", "end": "13:30"}]})
    await assign(workplace, late, workplace.bob, on=date(2026, 12, 8))
    await assign(workplace, early, workplace.bob, on=date(2026, 12, 9))

    async def seen() -> tuple[bool, int, str]:
        shifts = (await root.get("/api/v1/shifts", night_team_id=workplace.team_a))["items"]
        month = {"from": "2026-12-01", "to": "2026-12-31", "team_id": workplace.team_a}
        report = await root.get("/api/v1/roster/report", **month)
        [bob] = [one for one in report["people"] if one["user_id"] == workplace.bob.id]
        [warning] = [one for one in report["warnings"] if one["code"] not in ("not_planned", "long_run")]
        [shown] = [one for one in shifts if one["id"] == late]
        return shown["is_night"], bob["nights"], warning["code"]

    assert await seen() == (False, 0, "short_rest")
    path = f"/api/v1/teams/{workplace.team_a}"
    changed = await root.patch(path, {"night": {"start": "18:00", "end": "05:00"}})
    assert changed["night"] == {"start": "18:00", "end": "05:00"}
    assert await seen() == (True, 1, "night_before_morning")
    assert (await root.patch(path, {"name": "甲"}))["night"] == {"start": "18:00", "end": "05:00"}
    assert (await root.patch(path, {"night": None}))["night"] is None
    assert await seen() == (False, 0, "short_rest")
    for wrong in ({"start": "22:00", "end": "22:00"}, {"start": "25:00", "end": "06:00"}, {"start": "22:00"}):
        assert (await root.http.patch(path, json={"night": wrong})).status_code == 422
