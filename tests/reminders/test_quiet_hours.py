"""Quiet hours defer clock-out reminders and lose none; clock-in always goes out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daka.policy import Policy, PunchPolicy, QuietHours
from daka.reminders.steps import evaluate, first_evaluation, forecast, quiet_spans, window
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


def test_each_night_of_a_long_window_is_quiet() -> None:
    """23 hours from 20:00 on, every four hours: two nights, and the day between them."""
    rule = PunchPolicy(start=-12 * 60, every=240, until=12 * 60)
    policy = Policy(clock_out=rule, quiet_hours=QuietHours(start="22:00", end="06:30"))
    found = window(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), PunchKind.CLOCK_OUT, policy, zone=SHANGHAI)
    assert [
        f"{moment.astimezone(SHANGHAI):%d %H:%M}" for moment, look in forecast(found, start=None) if look.remind
    ] == [
        "23 06:30",  # 05:00
        "23 09:00",
        "23 13:00",
        "23 17:00",
        "23 21:00",
        "24 06:30",  # 01:00 and 05:00
    ]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+08:00").astimezone(UTC)


NIGHT = window(
    shanghai("23T22:00"),
    PunchKind.CLOCK_OUT,
    Policy(clock_out=PunchPolicy(start=0, every=5, until=30), quiet_hours=QuietHours(start="22:20", end="06:30")),
    zone=SHANGHAI,
)
"""Steps at 22:00, 22:05, 22:10, 22:15 and 06:30."""


@pytest.mark.parametrize(
    ("due", "now", "reminds", "next_at"),
    [
        ("23T22:15", "23T22:15:30", True, "24T06:30"),
        ("23T22:15", "23T22:20:30", False, "24T06:30"),  # the server was busy, and meanwhile it is quiet
        ("23T22:10", "23T23:59", False, "24T06:30"),
        ("24T06:30", "24T06:30", True, "24T06:31"),
    ],
)
def test_a_late_reminder_waits_for_their_end_too(due: str, now: str, reminds: bool, next_at: str) -> None:
    found = evaluate(NIGHT, shanghai(due), shanghai(now))
    assert (found.remind, found.next_at) == (reminds, shanghai(next_at))


def test_a_shift_that_is_assigned_in_quiet_hours_is_reminded_of_at_their_end() -> None:
    assert first_evaluation(NIGHT, shanghai("23T22:12")) == shanghai("23T22:12")
    assert first_evaluation(NIGHT, shanghai("23T22:25")) == shanghai("24T06:30")


@pytest.mark.parametrize(
    ("zone", "hours", "evening", "expected"),
    [
        # An ordinary night, and a zone that never changes its clocks.
        ("Europe/Berlin", ("22:00", "06:30"), "2026-03-27", ["27 22:00+0100 – 28 06:30+0100"]),
        ("Asia/Shanghai", ("22:00", "06:30"), "2026-03-28", ["28 22:00+0800 – 29 06:30+0800"]),
        # Berlin skips from 02:00 to 03:00 on 2026-03-29.
        ("Europe/Berlin", ("22:00", "02:00"), "2026-03-28", ["28 22:00+0100 – 29 03:00+0200"]),
        ("Europe/Berlin", ("22:00", "02:30"), "2026-03-28", ["28 22:00+0100 – 29 03:00+0200"]),
        ("Europe/Berlin", ("22:00", "03:00"), "2026-03-28", ["28 22:00+0100 – 29 03:00+0200"]),
        ("Europe/Berlin", ("22:00", "03:30"), "2026-03-28", ["28 22:00+0100 – 29 03:30+0200"]),
        ("Europe/Berlin", ("02:30", "06:30"), "2026-03-28", ["29 03:00+0200 – 29 06:30+0200"]),
        ("Europe/Berlin", ("02:00", "06:30"), "2026-03-28", ["29 03:00+0200 – 29 06:30+0200"]),
        ("Europe/Berlin", ("02:10", "02:50"), "2026-03-28", []),  # these hours do not exist that night
        # Berlin repeats 02:00 to 03:00 on 2026-10-25.
        ("Europe/Berlin", ("22:00", "02:00"), "2026-10-24", ["24 22:00+0200 – 25 02:00+0200"]),
        (
            "Europe/Berlin",
            ("22:00", "02:30"),
            "2026-10-24",
            ["24 22:00+0200 – 25 02:30+0200", "25 02:00+0100 – 25 02:30+0100"],
        ),
        ("Europe/Berlin", ("22:00", "03:00"), "2026-10-24", ["24 22:00+0200 – 25 03:00+0100"]),
        ("Europe/Berlin", ("02:00", "06:30"), "2026-10-24", ["25 02:00+0200 – 25 06:30+0100"]),
        (
            "Europe/Berlin",
            ("02:30", "06:30"),
            "2026-10-24",
            ["25 02:30+0200 – 25 02:00+0100", "25 02:30+0100 – 25 06:30+0100"],
        ),
        # Lord Howe moves its clocks by half an hour: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
        ("Australia/Lord_Howe", ("22:00", "02:15"), "2026-10-03", ["03 22:00+1030 – 04 02:30+1100"]),
        (
            "Australia/Lord_Howe",
            ("22:00", "01:45"),
            "2026-04-04",
            ["04 22:00+1100 – 05 01:45+1100", "05 01:30+1030 – 05 01:45+1030"],
        ),
        # Morocco sets its clocks back for Ramadan, and forward after it.
        (
            "Africa/Casablanca",
            ("22:00", "02:30"),
            "2026-02-14",
            ["14 22:00+0100 – 15 02:30+0100", "15 02:00+0000 – 15 02:30+0000"],
        ),
        ("Africa/Casablanca", ("22:00", "02:30"), "2026-03-21", ["21 22:00+0000 – 22 03:00+0100"]),
        # Cairo and Santiago skip the hour after midnight.
        ("Africa/Cairo", ("22:00", "00:30"), "2026-04-23", ["23 22:00+0200 – 24 01:00+0300"]),
        ("Africa/Cairo", ("00:00", "06:00"), "2026-04-23", ["24 01:00+0300 – 24 06:00+0300"]),
        ("America/Santiago", ("22:00", "00:30"), "2026-09-05", ["05 22:00-0400 – 06 01:00-0300"]),
    ],
)
def test_they_follow_the_clock_on_the_wall(
    zone: str, hours: tuple[str, str], evening: str, expected: list[str]
) -> None:
    first = datetime.fromisoformat(f"{evening}T21:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = quiet_spans(QuietHours(start=hours[0], end=hours[1]), first, first + timedelta(hours=11), ZoneInfo(zone))
    shown = [tuple(f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M%z}" for moment in span) for span in found]
    assert [f"{begins} – {until}" for begins, until in shown] == expected


def test_a_reminder_comes_when_quiet_hours_end_in_a_skipped_hour() -> None:
    """Quiet until 02:30, which Berlin skips: 03:00, not 03:30."""
    policy = Policy(quiet_hours=QuietHours(start="22:00", end="02:30"))
    point = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    found = window(point, PunchKind.CLOCK_OUT, policy, zone=ZoneInfo("Europe/Berlin"))
    assert [moment for moment, look in forecast(found, start=None) if look.remind] == [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    ("point", "start", "escalate", "expected"),
    [
        # An escalation that precedes the first reminder by far, itself in quiet hours that end before that reminder.
        ("2028-03-29 05:45", 53, 5, ["29 05:53 escalated", "29 06:38 reminded"]),
        ("2028-03-29 05:45", 53, 8, ["29 05:53 escalated", "29 06:38 reminded"]),
        ("2028-03-29 05:45", 53, 9, ["29 05:54 escalated", "29 06:38 reminded"]),
        ("2028-03-28 18:00", 12 * 60, 4, ["28 18:04 escalated", "29 06:00 reminded"]),
        ("2028-03-28 18:00", 12 * 60, 5, ["29 05:53 escalated", "29 06:00 reminded"]),
        # Both in the same quiet hours, and an escalation in those of the evening after.
        ("2028-03-29 05:00", 20, 5, ["29 05:53 reminded", "29 05:53 escalated"]),
        ("2028-03-29 17:00", 0, 90, ["29 17:00 reminded", "30 05:53 escalated"]),
    ],
)
def test_an_escalation_waits_for_their_end_wherever_it_lies(
    point: str, start: int, escalate: int, expected: list[str]
) -> None:
    zone = ZoneInfo("America/Santiago")
    rule = PunchPolicy(start=start, every=None, until=start, escalate=escalate)
    policy = Policy(clock_out=rule, quiet_hours=QuietHours(start="18:05", end="05:53"))
    point_at = datetime.fromisoformat(point).replace(tzinfo=zone).astimezone(UTC)
    seen = [
        f"{moment.astimezone(zone):%d %H:%M} {what}"
        for moment, look in forecast(window(point_at, PunchKind.CLOCK_OUT, policy, zone=zone), start=None)
        for what, happens in (("reminded", look.remind), ("escalated", look.escalate))
        if happens
    ]
    assert seen == expected
