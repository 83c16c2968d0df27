"""Dates, days and weekdays in the cells of a table. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from daka.roster.transfer import tongues
from daka.roster.transfer.tongues import MONTH
from daka.spreadsheets.sheet import Value, text_of, without_parentheses
from daka.widths import key

_FULL = re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]\d\d?:\d\d.*)?")
_ELSEWHERE = re.compile(r"\dT(?!00:00)[\d:.]+[Z+-]", re.IGNORECASE)
"""A moment in a time zone that is not midnight there: which day it is here, the cell does not say."""
_SHORT_YEAR = re.compile(r"([2-6]\d)([-.年])(\d{1,2})(?:\2|月)(\d{1,2})日?")
_ERA = re.compile(
    r"(?:(?:r|令和)\s?(\d{1,2})|(?:民[國国]\s?)?(1[0-4]\d))[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|[.º])?[- ]{0,2}(?<!\d)(?:de )?"
    + MONTH
    + r"\.?(?:[- ,]{1,2}(?:del? )?(20\d\d|[2-6]\d))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(MONTH + r"\.?[- ](\d{1,2})(?:st|nd|rd|th)?(?:[ ,]{1,2}(20\d\d))?", re.IGNORECASE)
_DAY_MONTH = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.")
_DIGITS = re.compile(r"(20\d\d)([01]\d)([0-3]\d)")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*(?:[/.月]\s*(\d{1,2})\s*[日号]?|-(\d{1,2})(?: 日)?)")  # 1-5号 are five days
_DAY = re.compile(r"(\d{1,2})\s*(?:[日号]|st|nd|rd|th)?|第(\d{1,2})天?", re.IGNORECASE)
_IN_WORDS = re.compile(r"(?:([一二三四五六七八九十]{1,2})月)?([一二三四五六七八九十廿卅]{1,3})[日号]")
_WEEKDAY_AND_DAY = re.compile(
    r"((?:星期|[周週]|[礼禮]拜)?[一二三四五六日天]|[a-z]{3,9})\s?\(([^()]{1,6})\)", re.IGNORECASE
)
_SPAN = re.compile(r"(\S.{3,19}?)\s{0,3}(?:至|到|~|—{1,3}|–|--| - )\s{0,3}(\S.{3,19})|([^-]{3,20})-([^-]{3,20})")
_WEEKDAY_NOTE = re.compile(
    r"(?:星期|[周週]|[礼禮]拜)([一二三四五六日天])|(?<=[日号\n/])([一二三四五六日天月火水木金土])$"
    r"|(?<=[\d ])(?<!第\d)(?<!第\d\d)([一二三四五六天])$"
    r"|([日月火水木金土])曜日?|^([一二三四五六日天])[\s/(]|[([【]([一二三四五六日天月火水木金土월화수목금토일])曜?日?[])】]|\b("
    + tongues.WEEKDAY_IN_TEXT
    + r")\b|^("
    + tongues.WEEKDAY
    + r")(?=[.,]{0,2} ?\d)",
    re.IGNORECASE,
)
WEEKDAY = re.compile(
    r"(?:星期|[周週]|[礼禮]拜)?([一二三四五六日天])|([月火水木金土])|([日月火水木金土])曜日?|("
    + tongues.WEEKDAY
    + r")\.?",
    re.IGNORECASE,
)
_IN_FIGURES = {
    tens + ones: 10 * ten + one
    for ten, tens in enumerate(("", "十", "二十", "三十"))
    for one, ones in enumerate(("", *"一二三四五六七八九"))
}
_NUMBERS = {word: number for number, word in enumerate("一二三四五六日")} | {"天": 6}
_NUMBERS |= {word: number for number, word in enumerate("月火水木金土")}
_NUMBERS |= tongues.WEEKDAY_NUMBERS

_INITIALS = "mtwtfss" * 60

DateParts = tuple[int | None, int | None, int]
"""Year, month and day; None where the cell leaves them open."""


@lru_cache(maxsize=16_384)
def date_parts(value: Value) -> DateParts | None:
    """The date in a cell: Excel dates and serial numbers, 2026-12-01, 26-12-01, 20261201, 12月1日 周二, 1-Dec, 1号, 1."""
    if isinstance(value, date):
        return value.year, value.month, value.day
    if isinstance(value, float) and not value.is_integer():
        return None
    if isinstance(value, (int, float)) and 20_000 < value < 80_000:  # days since 1899-12-30, as Excel counts
        counted = date(1899, 12, 30) + timedelta(days=int(value))
        return counted.year, counted.month, counted.day
    text = tongues.in_signs(text_of(value))
    if _ELSEWHERE.search(text):
        return None
    if (beside := _WEEKDAY_AND_DAY.fullmatch(text)) and weekday_in(beside[1]) is not None:
        text = beside[2]
    text = _WEEKDAY_NOTE.sub("", without_parentheses(text)).strip(" \n,/")
    if match := _DAY_MONTH.fullmatch(text):
        return None, int(match[2]), int(match[1])
    text = text.strip(".")
    if match := _FULL.fullmatch(text) or _DIGITS.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _SHORT_YEAR.fullmatch(text):
        return 2000 + int(match[1]), int(match[3]), int(match[4])
    if match := _ERA.fullmatch(text):
        return 2018 + int(match[1]) if match[1] else 1911 + int(match[2]), int(match[3]), int(match[4])
    if match := _DAY_FIRST.fullmatch(text):
        return (
            int(match[3]) % 2000 + 2000 if match[3] else None,
            tongues.MONTH_NUMBERS[match[2].casefold()],
            int(match[1]),
        )
    if match := _MONTH_FIRST.fullmatch(text):
        return int(match[3]) if match[3] else None, tongues.MONTH_NUMBERS[match[1].casefold()], int(match[2])
    if match := _MONTH_DAY.fullmatch(text):
        return None, int(match[1]), int(match[2] or match[3])
    if match := _DAY.fullmatch(text):
        return None, None, int(match[1] or match[2])
    if match := _IN_WORDS.fullmatch(text):
        return None, number_in_words(match[1]) if match[1] else None, number_in_words(match[2])
    return None


def number_in_words(word: str) -> int:
    """The number of 一 … 三十一, also 廿一; 0 of what is none."""
    return _IN_FIGURES.get(word.replace("廿", "二十").replace("卅", "三十"), 0)


def as_date(value: Value, month: date | None) -> date | None:
    """The date in a cell, completed from `month`; None if it is not a date, or incomplete without a month."""
    parts = date_parts(value)
    if parts is None or (parts[0] is None and month is None):
        return None
    there = month or date(2000, 1, 1)
    return a_date(parts[0] or there.year, parts[1] or there.month, parts[2])


def looks_like_day(value: Value) -> bool:
    """Whether a cell would be a date if the month were known."""
    parts = date_parts(value)
    return parts is not None and a_date(parts[0] or 2024, parts[1] or 1, parts[2]) is not None


def span_in(value: Value) -> tuple[str, str] | None:
    """The two dates of a cell such as 2026-12-01至2026-12-05."""
    match = _SPAN.fullmatch(text_of(value)) if isinstance(value, str) else None
    first, last = (match[1] or match[3], match[2] or match[4]) if match else ("", "")
    return (first, last) if looks_like_day(first) and looks_like_day(last) else None


def a_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 2000 <= year <= 2100 else None
    except ValueError:
        return None


def weekday_in(value: Value) -> int | None:
    """The weekday that a cell names, alone or beside its date; Monday is 0."""
    if not isinstance(value, str):
        return None
    match = WEEKDAY.fullmatch(key(value)) or _WEEKDAY_NOTE.search(text_of(value))
    word = next((group for group in match.groups() if group), "") if match else ""
    return _NUMBERS.get(word.casefold())


def are_weekdays(values: Sequence[Value]) -> bool:
    """Whether this is a row of weekdays (一 二 三 …)."""
    texts = [key(value) for value in values if isinstance(value, str)]
    if len(texts) > 2 and "".join(texts) in _INITIALS and all(len(text) == 1 for text in texts):
        return True
    return len(texts) >= 2 and all(WEEKDAY.fullmatch(text) for text in texts) and len(set(texts)) > 1


def completed(before: DateParts | None, found: DateParts) -> DateParts:
    """A date with the month and year of the one before it, where it leaves them open: 12月1日, then 2日.

    Not over the month's end: after 12月31日, 1 and 2 may be columns that count.
    """
    year, month, day = found
    if before and before[1] and month is None and day > before[2]:
        month = before[1]
    if before and before[0] and before[1] and month and year is None:
        year = before[0] + (month < before[1])
    return year, month, day


def follows(before: DateParts, after: DateParts) -> int | None:
    """How many days after a heading the next one may be; None if it does not go on from there."""
    if before[0] and after[0]:
        first, second = a_date(*before), a_date(*after)  # type: ignore[arg-type]
        step = (second - first).days if first and second else 0
    elif before[1] and after[1]:
        first, second = a_date(2024, before[1], before[2]), a_date(2024, after[1], after[2])
        step = (second - first).days % 366 if first and second else 0
    elif (before[0] is None) != (after[0] is None) or (before[1] is None) != (after[1] is None):
        return None
    else:
        step = after[2] - before[2]
        if step < 0 and before[2] >= 26 and after[2] <= 5:
            step = max(1, 31 - before[2] + after[2])
    return step if 0 < step <= 10 else None
