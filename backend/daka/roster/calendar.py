"""日期类型: workday, weekend, holiday or makeup workday. Pure; a year without data never raises.

The first match wins: a day set by hand, a day from an imported file (both `CalendarDay`), the built-in calendar of mainland
China, the weekday. A year that has only weekdays is *provisional*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from daka.roster.holidays.models import DayKind

HOLIDAY_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午",
    "Mid-autumn Festival": "中秋",
    "National Day": "国庆",
    "Anti-Fascist 70th Day": "抗战胜利纪念",
}


@dataclass(frozen=True, slots=True)
class Day:
    """The kind of a day and the name of its holiday."""

    kind: DayKind
    name: str = ""


def dates_between(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@lru_cache(maxsize=4096)
def built_in_day(day: date) -> Day:
    """The day in the built-in calendar, or by weekday where that has no data."""
    import chinese_calendar

    is_weekend = day.weekday() >= 5
    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return Day(DayKind.WEEKEND if is_weekend else DayKind.WORKDAY)
    chinese = HOLIDAY_NAMES.get(name or "", name or "")
    if is_holiday:
        return Day(DayKind.HOLIDAY, chinese) if name else Day(DayKind.WEEKEND)
    return Day(DayKind.MAKEUP_WORKDAY, chinese) if is_weekend else Day(DayKind.WORKDAY)


def day_kinds(first: date, last: date, overrides: Mapping[date, Day]) -> dict[date, Day]:
    """The kind of every date from `first` to `last`."""
    return {day: overrides.get(day) or built_in_day(day) for day in dates_between(first, last)}


@lru_cache(maxsize=64)
def is_built_in(year: int) -> bool:
    """Whether the built-in calendar includes this year."""
    import chinese_calendar

    try:
        chinese_calendar.get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def provisional_years(years: Iterable[int], imported_years: frozenset[int]) -> list[int]:
    """The years whose holidays are not known."""
    return sorted(year for year in set(years) if not is_built_in(year) and year not in imported_years)
