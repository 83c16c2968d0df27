"""Which shifts are night work. Pure.

One rule for hatching, warnings, the report and the wall sheet. It reads the clock on the wall, so that a shift is the same on
the days when clocks change.
"""

from collections.abc import Mapping, Sequence
from datetime import time

from daka.shifts.times import Period, day_offsets

NIGHT = Period(time(22), time(6))
"""The night where a team has not set its own."""
LONG_MINUTES = 120
DAY_MINUTES = 24 * 60


def night_of(stored: Mapping[str, str] | None) -> Period:
    """The night that a team has set, else the default."""
    return Period(time.fromisoformat(stored["start"]), time.fromisoformat(stored["end"])) if stored else NIGHT


def is_night(periods: Sequence[Period], night: Period = NIGHT) -> bool:
    """Whether more than two hours, or more than half of the work, fall into the night.

    >>> is_night([Period(time(0), time(8))])
    True
    >>> is_night([Period(time(16), time(0))])
    False
    """
    worked, by_night = 0, 0
    first, last = _minute(night.start), _minute(night.end)
    length = (last - first) % DAY_MINUTES or DAY_MINUTES
    for period, (start_day, end_day) in zip(periods, day_offsets(periods), strict=True):
        start = start_day * DAY_MINUTES + _minute(period.start)
        end = end_day * DAY_MINUTES + _minute(period.end)
        worked += end - start
        for day in range(-1, 3):
            dusk = day * DAY_MINUTES + first
            by_night += max(0, min(end, dusk + length) - max(start, dusk))
    return by_night > LONG_MINUTES or 2 * by_night > worked


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
