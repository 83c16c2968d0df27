"""日期类型: workday, weekend, holiday or makeup workday. Pure; a year without data never raises.

The first match wins: a day set by hand, a day from an imported file (both `CalendarDay`), the built-in calendar of mainland
China, the weekday. A year that has only weekdays is *provisional*.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import chinese_calendar

from daka.errors import Invalid
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


def next_month(day: date) -> date:
    """The first day of the month after this one."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@lru_cache(maxsize=4096)
def built_in_day(day: date) -> Day:
    """The day in the built-in calendar, or by weekday where that has no data."""
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
    try:
        chinese_calendar.get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def provisional_years(years: Iterable[int], imported_years: frozenset[int]) -> list[int]:
    """The years whose holidays are not known."""
    return sorted(year for year in set(years) if not is_built_in(year) and year not in imported_years)


# --- files of other projects -----------------------------------------------------------------------------------------

MOST_DAYS_IN_A_FILE = 120
"""A year has about forty special days; a file with far more is not a holiday calendar."""


def days_in_file(text: str) -> dict[date, Day]:
    """The special days of a calendar file: holidays and makeup workdays.

    Two formats are supported: holiday-cn (https://github.com/NateScarlet/holiday-cn):
    `{"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}`, and a year from timor.tech
    (https://timor.tech/api/holiday):
    `{"code": 0, "holiday": {"01-01": {"holiday": true, "name": "元旦", "date": "2026-01-01"}}}`.

    Raises:
        Invalid: another format, an invalid day, no days, or too many.
    """
    try:
        document: Any = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise Invalid("calendar_not_json", "This is not JSON") from error
    if isinstance(document, dict) and isinstance(document.get("days"), list):
        rows = [(row.get("date"), row.get("isOffDay"), row.get("name")) for row in _objects(document["days"])]
    elif isinstance(document, dict) and isinstance(document.get("holiday"), dict):
        rows = [
            (row.get("date"), row.get("holiday"), row.get("name")) for row in _objects(document["holiday"].values())
        ]
    else:
        raise Invalid("calendar_unknown_format", "This is neither holiday-cn nor timor.tech JSON")
    if not rows:
        raise Invalid("calendar_empty", "The file has no days; nothing was changed")
    if len(rows) > MOST_DAYS_IN_A_FILE:
        raise Invalid("calendar_too_long", f"The file has more than {MOST_DAYS_IN_A_FILE} days")
    return dict(_special_day(*row) for row in rows)


def _objects(rows: Iterable[Any]) -> list[dict[str, Any]]:
    found = list(rows)
    if not all(isinstance(row, dict) for row in found):
        raise Invalid("calendar_unknown_format", "A day in the file is not an object")
    return found


def _special_day(text: Any, is_off: Any, name: Any) -> tuple[date, Day]:
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Invalid("calendar_bad_day", f"{str(text)[:20]!r} is not a date such as 2026-01-01") from error
    if not isinstance(is_off, bool) or not 2000 <= day.year <= 2100:
        raise Invalid("calendar_bad_day", f"{day} has no valid day-off flag")
    words = str(name or "").strip()[:40]
    if is_off:
        return day, Day(DayKind.HOLIDAY, words)
    return day, Day(DayKind.MAKEUP_WORKDAY if day.weekday() >= 5 else DayKind.WORKDAY, words)
