"""Converts local times of shifts to UTC. Pure: no session, no clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from daka.languages import Words


class PunchKind(StrEnum):
    """上班打卡 or 下班打卡."""

    CLOCK_IN = "clock_in"
    CLOCK_OUT = "clock_out"


KIND_WORDS: dict[PunchKind, Words] = {
    PunchKind.CLOCK_IN: ("上班打卡", "clock in"),
    PunchKind.CLOCK_OUT: ("下班打卡", "clock out"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """时段: a working period in local time. An end at or before the start is on the next day."""

    start: time
    end: time
    asks_clock_out: bool = True


@dataclass(frozen=True, slots=True)
class PunchPoint:
    """打卡点: the moment at which a person must clock in or out."""

    period: int
    kind: PunchKind
    at: datetime


def instant(day: date, wall_clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a local time.

    A time skipped by a clock change uses the offset before the change (02:30 becomes 03:30); of a repeated time,
    the first is used (RFC 5545, 3.3.5).
    """
    return datetime.combine(day, wall_clock, zone).replace(fold=0).astimezone(UTC)


def offset_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second between the two moments at which the zone's clocks are changed; the latter moment if they are not."""
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return after
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after.replace(microsecond=0)


def day_offsets(periods: Sequence[Period]) -> list[tuple[int, int]]:
    """The offsets in days of each period's start and end from the work date.

    Times within a shift only move forward: one that is earlier than its predecessor is on the next day.

    >>> day_offsets([Period(time(22), time(2)), Period(time(3), time(6))])
    [(0, 1), (1, 1)]
    """
    offsets: list[tuple[int, int]] = []
    offset = 0
    previous: time | None = None
    for period in periods:
        if previous is not None and period.start < previous:
            offset += 1
        start = offset
        if period.end <= period.start:
            offset += 1
        offsets.append((start, offset))
        previous = period.end
    return offsets


def spans(work_date: date, periods: Sequence[Period], zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Start and end of each period as UTC moments."""
    return [
        (
            instant(work_date + timedelta(days=start), period.start, zone),
            instant(work_date + timedelta(days=end), period.end, zone),
        )
        for period, (start, end) in zip(periods, day_offsets(periods), strict=True)
    ]


def punch_points(work_date: date, periods: Sequence[Period], zone: ZoneInfo) -> Iterator[PunchPoint]:
    """The punch points of one shift on one work date, in order."""
    for index, (period, (start, end)) in enumerate(zip(periods, spans(work_date, periods, zone), strict=True)):
        yield PunchPoint(index, PunchKind.CLOCK_IN, start)
        if period.asks_clock_out:
            yield PunchPoint(index, PunchKind.CLOCK_OUT, end)
