"""Wall clock → instants, as tables with dates written out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.shifts.times import Period, PunchKind, day_offsets, instant, punch_points, spans

SHANGHAI = "Asia/Shanghai"
BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"


def periods(text: str) -> list[Period]:
    """`09:00-12:00 13:00-18:00` as periods."""
    return [Period(*map(time.fromisoformat, part.split("-"))) for part in text.split()]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall_clock", "expected"),
    [
        (SHANGHAI, "2026-11-23 09:00", "2026-11-23 01:00"),
        (SHANGHAI, "2026-11-23 00:00", "2026-11-22 16:00"),
        (SHANGHAI, "2027-01-01 00:00", "2026-12-31 16:00"),
        (SHANGHAI, "2028-02-29 07:59", "2028-02-28 23:59"),
        # Berlin, spring: 02:00 becomes 03:00, so 02:30 does not exist and is read as 03:30.
        (BERLIN, "2027-03-28 01:59", "2027-03-28 00:59"),
        (BERLIN, "2027-03-28 02:00", "2027-03-28 01:00"),
        (BERLIN, "2027-03-28 02:30", "2027-03-28 01:30"),
        (BERLIN, "2027-03-28 03:00", "2027-03-28 01:00"),
        (BERLIN, "2027-03-28 03:30", "2027-03-28 01:30"),
        # Berlin, autumn: 02:30 happens twice; the first is meant.
        (BERLIN, "2027-10-31 01:59", "2027-10-30 23:59"),
        (BERLIN, "2027-10-31 02:30", "2027-10-31 00:30"),
        (BERLIN, "2027-10-31 03:00", "2027-10-31 02:00"),
        (NEW_YORK, "2027-03-14 01:30", "2027-03-14 06:30"),
        (NEW_YORK, "2027-03-14 02:30", "2027-03-14 07:30"),
        (NEW_YORK, "2027-03-14 03:30", "2027-03-14 07:30"),
        (NEW_YORK, "2027-11-07 01:30", "2027-11-07 05:30"),
        (NEW_YORK, "2027-11-07 02:00", "2027-11-07 07:00"),
        # Lord Howe Island moves by half an hour only.
        (LORD_HOWE, "2027-10-03 01:59", "2027-10-02 15:29"),
        (LORD_HOWE, "2027-10-03 02:15", "2027-10-02 15:45"),
        (LORD_HOWE, "2027-10-03 02:30", "2027-10-02 15:30"),
        (LORD_HOWE, "2027-04-04 01:45", "2027-04-03 14:45"),
        (LORD_HOWE, "2027-04-04 02:00", "2027-04-03 15:30"),
    ],
)
def test_a_wall_clock_time_is_one_moment(zone: str, wall_clock: str, expected: str) -> None:
    local = datetime.fromisoformat(wall_clock)
    assert instant(local.date(), local.time(), ZoneInfo(zone)) == utc(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-18:00", [(0, 0)]),
        ("00:00-08:00", [(0, 0)]),
        ("16:00-00:00", [(0, 1)]),
        ("22:00-06:00", [(0, 1)]),
        ("09:00-09:00", [(0, 1)]),
        ("00:00-00:00", [(0, 1)]),
        ("09:00-12:00 13:00-18:00", [(0, 0), (0, 0)]),
        ("09:00-12:00 12:00-18:00", [(0, 0), (0, 0)]),
        ("20:00-23:00 23:30-03:00", [(0, 0), (0, 1)]),
        ("20:00-00:00 00:30-04:00", [(0, 1), (1, 1)]),
        ("22:00-02:00 03:00-06:00", [(0, 1), (1, 1)]),
        ("08:00-11:00 14:00-17:00 20:00-01:00", [(0, 0), (0, 0), (0, 1)]),
    ],
)
def test_an_end_at_or_before_its_start_is_on_the_next_day(text: str, expected: list[tuple[int, int]]) -> None:
    assert day_offsets(periods(text)) == expected


@pytest.mark.parametrize(
    ("zone", "work_date", "text", "expected"),
    [
        (SHANGHAI, "2026-11-23", "22:00-06:00", [("2026-11-23 14:00", "2026-11-23 22:00")]),
        (SHANGHAI, "2026-11-30", "22:00-06:00", [("2026-11-30 14:00", "2026-11-30 22:00")]),
        (SHANGHAI, "2026-12-31", "22:00-09:00", [("2026-12-31 14:00", "2027-01-01 01:00")]),
        (SHANGHAI, "2028-02-28", "16:00-00:00", [("2028-02-28 08:00", "2028-02-28 16:00")]),
        (SHANGHAI, "2028-02-29", "23:00-08:30", [("2028-02-29 15:00", "2028-03-01 00:30")]),
        (SHANGHAI, "2026-11-23", "00:00-08:00", [("2026-11-22 16:00", "2026-11-23 00:00")]),
        (
            SHANGHAI,
            "2026-11-23",
            "20:00-00:00 00:30-04:00",
            [("2026-11-23 12:00", "2026-11-23 16:00"), ("2026-11-23 16:30", "2026-11-23 20:00")],
        ),
        # A night of seven hours and one of nine; on Lord Howe seven and a half and eight and a half.
        (BERLIN, "2027-03-27", "22:00-06:00", [("2027-03-27 21:00", "2027-03-28 04:00")]),
        (BERLIN, "2027-10-30", "22:00-06:00", [("2027-10-30 20:00", "2027-10-31 05:00")]),
        (NEW_YORK, "2027-03-13", "22:00-06:00", [("2027-03-14 03:00", "2027-03-14 10:00")]),
        (NEW_YORK, "2027-11-06", "22:00-06:00", [("2027-11-07 02:00", "2027-11-07 11:00")]),
        (LORD_HOWE, "2027-10-02", "22:00-06:00", [("2027-10-02 11:30", "2027-10-02 19:00")]),
        (LORD_HOWE, "2027-04-03", "22:00-06:00", [("2027-04-03 11:00", "2027-04-03 19:30")]),
        # A shift that begins in the gap begins an hour later on the clock; it still ends when it should.
        (BERLIN, "2027-03-28", "02:30-10:30", [("2027-03-28 01:30", "2027-03-28 08:30")]),
        (BERLIN, "2027-10-31", "02:30-10:30", [("2027-10-31 00:30", "2027-10-31 09:30")]),
    ],
)
def test_periods_become_spans(zone: str, work_date: str, text: str, expected: list[tuple[str, str]]) -> None:
    found = spans(date.fromisoformat(work_date), periods(text), ZoneInfo(zone))
    assert found == [(utc(start), utc(end)) for start, end in expected]


def test_every_period_asks_for_two_punches_in_order() -> None:
    found = list(punch_points(date(2026, 11, 23), periods("09:00-12:00 13:00-18:00"), ZoneInfo(SHANGHAI)))
    assert [(point.period, point.kind, point.at) for point in found] == [
        (0, PunchKind.CLOCK_IN, utc("2026-11-23 01:00")),
        (0, PunchKind.CLOCK_OUT, utc("2026-11-23 04:00")),
        (1, PunchKind.CLOCK_IN, utc("2026-11-23 05:00")),
        (1, PunchKind.CLOCK_OUT, utc("2026-11-23 10:00")),
    ]


def test_a_rest_shift_asks_for_nothing() -> None:
    assert list(punch_points(date(2026, 11, 23), [], ZoneInfo(SHANGHAI))) == []


WALL_CLOCK = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(st.lists(st.builds(Period, WALL_CLOCK, WALL_CLOCK), min_size=1, max_size=3), st.dates(date(2020, 1, 1)))
def test_time_only_moves_forward_inside_a_shift(found: list[Period], work_date: date) -> None:
    if work_date > date(2099, 1, 1):
        work_date = date(2099, 1, 1)
    offsets = [offset for pair in day_offsets(found) for offset in pair]
    assert offsets == sorted(offsets)
    assert offsets[0] == 0
    moments = [moment for span in spans(work_date, found, ZoneInfo(SHANGHAI)) for moment in span]
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert all(
        timedelta(0) < end - start <= timedelta(days=1) for start, end in zip(moments[::2], moments[1::2], strict=True)
    )
