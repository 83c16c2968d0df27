"""Quiet hours defer clock-out reminders and lose none; clock-in always goes out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from daka.explain.forecast import forecast
from daka.policy import Policy, PunchPolicy, QuietHours
from daka.reminders.steps import window
from daka.shifts.times import PunchKind

SHANGHAI = ZoneInfo("Asia/Shanghai")


def reminded(
    kind: PunchKind, point: str, quiet: tuple[str, str], *, every: int | None = 5, until: int = 30
) -> list[str]:
    """The times of all reminders for a point on 2026-11-23."""
    rule = PunchPolicy(start=0, every=every, until=until)
    policy = Policy(clock_in=rule, clock_out=rule, quiet_hours=QuietHours(start=quiet[0], end=quiet[1]))
    point_at = datetime.fromisoformat(f"2026-11-23T{point}+08:00").astimezone(UTC)
    found = window(point_at, kind, policy, zone=SHANGHAI)
    return [
        f"{moment.astimezone(SHANGHAI):%d %H:%M}" for moment, decision in forecast(found, start=None) if decision.remind
    ]


@pytest.mark.parametrize(
    ("point", "quiet", "expected"),
    [
        ("22:00", ("22:20", "06:30"), ["23 22:00", "23 22:05", "23 22:10", "23 22:15", "24 06:30"]),
        ("22:30", ("22:00", "06:30"), ["24 06:30"]),
        ("06:00", ("22:00", "06:12"), ["23 06:12", "23 06:15", "23 06:20", "23 06:25", "23 06:30"]),
        ("06:00", ("22:00", "06:30"), ["23 06:30"]),  # the quiet end is the window's last moment
        ("12:00", ("22:00", "06:30"), [f"23 12:{minute:02}" for minute in range(0, 31, 5)]),
    ],
)
def test_clock_out_waits_for_their_end(point: str, quiet: tuple[str, str], expected: list[str]) -> None:
    assert reminded(PunchKind.CLOCK_OUT, point, quiet) == expected


def test_a_single_reminder_waits_too() -> None:
    assert reminded(PunchKind.CLOCK_OUT, "23:00", ("22:00", "06:30"), every=None) == ["24 06:30"]


def test_steps_that_do_not_meet_the_last_moment_are_not_lost() -> None:
    # 06:00 and 06:07 … 06:28 are quiet, the next one would be after the window: one at 06:30 stands for them all.
    assert reminded(PunchKind.CLOCK_OUT, "06:00", ("05:00", "06:30"), every=7) == ["23 06:30"]


def test_clock_in_goes_out_at_any_hour() -> None:
    assert reminded(PunchKind.CLOCK_IN, "05:00", ("22:00", "06:30"))[0] == "23 05:00"
