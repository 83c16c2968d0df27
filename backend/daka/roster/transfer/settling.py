"""Settles dates that only their neighbours tell: 1/12/2026, 1/12, 12.1 for the tenth, 1201, 十一. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

from daka.roster.transfer import words
from daka.roster.transfer.days import (
    DateParts,
    a_date,
    date_parts,
    follows,
    looks_like_day,
    number_in_words,
    weekday_in,
)
from daka.roster.transfer.headers import day_runs
from daka.roster.transfer.months import title_clue
from daka.spreadsheets.sheet import Row, Value, text_of

_THREE_NUMBERS = re.compile(
    r"(?:([a-zà-ÿ]{2,10})[.,]{0,2} )?(\d{1,2})(?:/(\d{1,2})/|-(\d{1,2})-(?=20)|\.(\d{1,2})\.)(20\d\d|\d{1,2})(?: \d\d?:\d\d.*)?",
    re.IGNORECASE,
)
_ORDERS = {"day first": (2, 1, 0), "year first": (0, 1, 2), "month first": (2, 0, 1)}
LONGEST_FILE_DAYS = 62
"""Days over which the dates of a file may spread, if only that tells which of their numbers is the day."""
_ALONE = re.compile(r"(\d{1,2})([./])(\d{1,2})|(\d\d)(\d\d)|([一二三四五六七八九十廿卅]{1,3})")
_TWO_DECIMALS = re.compile(r"\d{1,2}\.(?:0[1-9]|[12]\d|3[01])")
_ONE_DECIMAL = re.compile(r"\d{1,2}\.[123]")
FEWEST, FEWEST_WORDS = 3, 8
"""Cells beside each other that must count on; weekdays count 一 … 六 as well."""
LONGEST_STEP = 3
DAYS_OF_A_WEEK = 7
MOST_COLUMNS_OF_DATES = 12


def settle_dates(rows: Sequence[Row]) -> None:
    """Turn texts and numbers that are dates in one way only into dates, in place."""
    _settle_orders(rows)
    _settle_weekdays(rows)
    below_dates = set[int]()
    for row in rows:
        for column, settled in list(_counting(row, is_across=True)):
            if column not in below_dates:  # where codes count on
                row[column] = settled
        below_dates.update(column for run in day_runs(row) if len(run) >= FEWEST for column in run)
    for column in range(min(MOST_COLUMNS_OF_DATES, max(map(len, rows), default=0))):
        values = [row[column] if column < len(row) else None for row in rows]
        if column and not any(words.is_heading(value, words.DATE | words.FROM | words.UNTIL) for value in values):
            continue
        for index, settled in _counting(values, is_across=False):
            rows[index][column] = settled
        if sum(isinstance(value, str) and bool(_TWO_DECIMALS.fullmatch(value)) for value in values) >= FEWEST:
            for row in rows:
                value = row[column] if column < len(row) else None
                if isinstance(value, str) and _ONE_DECIMAL.fullmatch(value):
                    row[column] = f"{value}0"


def _settle_weekdays(rows: Sequence[Row]) -> None:
    """Weekdays alone below a title with their range: 排班 2026-12-07至12-13, then 周一 … 周日."""
    spans = [
        [clue.span for value in row if isinstance(value, str) and (clue := title_clue(value)) and clue.span]
        for row in rows
    ]
    known = {span for of_row in spans for span in of_row}
    span = known.pop() if len(known) == 1 else None  # which may stand below
    for index, row in enumerate(rows):
        span = next(iter(spans[index]), span)
        weekdays = [(column, weekday) for column, value in enumerate(row) if (weekday := weekday_in(value)) is not None]
        length = (span[1] - span[0]).days + 1 if span else 0
        if not span or not FEWEST <= len(weekdays) <= length or (length > DAYS_OF_A_WEEK and len(weekdays) != length):
            continue
        days = [span[0] + timedelta(days=step) for step in range(len(weekdays))]
        beside = [rows[near] for near in (index - 1, index + 1) if 0 <= near < len(rows)]
        columns = [column for column, _ in weekdays]
        near = [*row, *(line[column] for line in beside for column in columns if column < len(line))]
        has_dates = any(looks_like_day(value) for value in near if value is not None)
        if has_dates or [day.weekday() for day in days] != [weekday for _, weekday in weekdays]:
            continue
        for (column, _), day in zip(weekdays, days, strict=True):
            row[column] = day


def _settle_orders(rows: Sequence[Row]) -> None:
    """1/12/2026, where all of a sheet are dates in one order only, fit the weekdays beside them in one, or in one order lie
    close together. With dots, no month comes first."""
    found = [
        (row, column, match)
        for row in rows
        for column, value in enumerate(row)
        if isinstance(value, str) and (match := _THREE_NUMBERS.fullmatch(text_of(value))) and _is_weekday(match[1])
    ]
    has_dots = any(match[5] for _, _, match in found)
    fitting = []
    for name, (year, month, day) in _ORDERS.items():
        numbers = [[number for number in match.groups()[1:] if number] for _, _, match in found]
        dates = [a_date(2000 + int(n[year]) % 2000, int(n[month]), int(n[day])) for n in numbers]
        known = [each for each in dates if each]
        is_close = bool(known) and len(known) == len(dates) and (max(known) - min(known)).days <= LONGEST_FILE_DAYS
        weekdays = [weekday_in(match[1]) for _, _, match in found]
        if is_close and all(weekday in (None, each.weekday()) for each, weekday in zip(known, weekdays, strict=True)):
            fitting += [] if has_dots and name == "month first" else [known]
    if len(fitting) == 1:
        for (row, column, _), settled in zip(found, fitting[0], strict=True):
            row[column] = settled


def _is_weekday(word: str | None) -> bool:
    return word is None or weekday_in(word) is not None


def _counting(line: Sequence[Value], *, is_across: bool) -> Iterator[tuple[int, str]]:
    """Cells that count on in one way, and do not as they stand, with their dates."""
    start = 0
    while start < len(line):
        ways = _readings(line[start], is_across)
        runs = [run for way, parts in ways if len(run := _run(line, start, way, parts, is_across)) >= _fewest(way)]
        run = max(runs, key=len, default=[])
        if run and not _counts_on(line[start : start + len(run)]):
            for index, (_, month, day) in enumerate(run, start):
                if date_parts(line[index]) != (None, month, day):
                    yield index, f"{month}月{day}日" if month else f"{day}日"
        start += max(1, len(run))


def _fewest(way: str) -> int:
    return FEWEST_WORDS if way == "words" else FEWEST


@lru_cache(maxsize=16_384)
def _readings(value: Value, is_across: bool) -> tuple[tuple[str, DateParts], ...]:
    """The dates that a cell may be beside its neighbours, each with the way in which it is written."""
    match = _ALONE.fullmatch(text_of(value)) if isinstance(value, (str, int, float)) else None
    found: list[tuple[str, DateParts]] = []
    if match is None:
        return ()
    if match[2] == ".":
        days = [int(match[3]), *([10 * int(match[3])] if match[3] in ("1", "2", "3") else [])]
        found = [(".", (None, int(match[1]), day)) for day in days]
    elif match[2]:
        found = [("/", (None, int(match[3]), int(match[1])))]
    elif match[4] and is_across:
        found = [("digits", (None, int(match[4]), int(match[5])))]
    elif match[6] and is_across:
        found = [("words", (None, None, number_in_words(match[6])))]
    return tuple((way, parts) for way, parts in found if a_date(2024, parts[1] or 1, parts[2]))


def _run(line: Sequence[Value], start: int, way: str, first: DateParts, is_across: bool) -> list[DateParts]:
    run = [first]
    for value in line[start + 1 :]:
        after = [(_step(run[-1], parts), parts) for other, parts in _readings(value, is_across) if other == way]
        step, parts = min(after, default=(LONGEST_STEP + 1, first))
        if step > LONGEST_STEP:
            break
        run.append(parts)
    return run


def _step(before: DateParts, after: DateParts) -> int:
    return follows(before, after) or LONGEST_STEP + 1


def _counts_on(values: Sequence[Value]) -> bool:
    """Whether the cells are dates one after the other as they stand."""
    parts = [date_parts(value) for value in values]
    known = [each for each in parts if each]
    return len(known) == len(parts) and all(_step(one, two) <= LONGEST_STEP for one, two in pairwise(known))
