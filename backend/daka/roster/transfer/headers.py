"""Finds the tables of a sheet by their headers. Pure.

*Wide*: a row of dates, then one row per person. *Long*: columns for person, date (or first and last date) and shift.
*Tall*: dates down, people or shifts across.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise, takewhile

from daka.roster.transfer import words
from daka.roster.transfer.days import DateParts, are_weekdays, completed, date_parts, follows, looks_like_day
from daka.roster.transfer.spans import TIMES, by_the_clock
from daka.spreadsheets.sheet import Row, Value
from daka.widths import key

ROWS_OF_A_HEADER = 2
"""Rows above the dates in which the headings of names are looked for."""
FEWEST_DAYS = 3
"""Of a header that does not say which column holds the names."""
ROWS_OF_NAMES = 30
"""Rows below such a header by which the column is found."""
ALL = range(1_000)
_TIMES = re.compile(r"(?:值[班日勤守]|[当上排]班|工作)?时间")
"""Headings of days, if days stand below."""
_A_MOMENT = re.compile(r"20\d\d[-/.]\d{1,2}[-/.]\d{1,2}[T ]\d{1,2}:\d\d(?::\d\d)?")
_ANOTHER_CLOCK = re.compile(r"\b(?:utc|gmt|zulu)\b|世界时|协调时", re.IGNORECASE)
_NO_NAMES = re.compile(
    r"(?:所[在属])?(?:部门|科室|岗位|职[位务称级]|班组|组别|小组|区域|楼层|门店|店铺|级别|性别|类[别型]|序号|dep(?:artmen)?t|team|group|role|post|position|grade)\.?(?:名称)?"
)
"""Headings of what several people share."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Columns from 0."""

    row: int
    """Index of the header's row in the sheet."""
    days: tuple[int, ...]
    person: int
    account: int | None = None
    mobile: int | None = None

    @property
    def columns(self) -> range:
        return range(min(self.person, *self.days), max(self.days) + 1)


@dataclass(frozen=True, slots=True)
class Long:
    row: int
    person: int
    day: int
    shift: int
    until: int | None = None
    account: int | None = None
    mobile: int | None = None
    status: int | None = None
    instead: int | None = None
    """Who works in place of the person."""
    begin: int | None = None
    """Of the time at which the shift begins, which is also its `shift` where that has no column of its own."""
    cease: int | None = None
    columns: range = ALL


@dataclass(frozen=True, slots=True)
class Tall:
    row: int
    day: int
    across: tuple[int, ...]

    @property
    def columns(self) -> range:
        return range(self.day, max(self.across) + 1)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The row of a header that nobody can date."""

    row: int

    @property
    def columns(self) -> range:
        return ALL


Header = Wide | Long | Tall | NotUnderstood


def headers(rows: Sequence[Row]) -> list[Header]:
    """The headers of a sheet from top to bottom. One ends the tables above it in its columns."""
    found: list[Header] = []
    for index, row in enumerate(rows):
        if found and is_somebodys(row, found[-1]):
            continue
        found += (
            _long(rows, index)
            or _wide(rows, index, found[-1] if found else None)
            or _tall(rows, index, found)
            or _not_understood(rows, index, found)
        )
    return found


def cell(row: Row, column: int) -> Value:
    return row[column] if column < len(row) else None


def is_somebodys(row: Row, header: Header) -> bool:
    """Whether a row has a name and an account in the columns of both: then it is somebody's, whatever they are called."""
    if not isinstance(header, (Wide, Long)) or header.account in (None, header.person):
        return False
    name, account = words.word_at(row, header.person), words.word_at(row, header.account)
    is_named = bool(name) and account.isascii() and any(map(str.isalnum, account)) and key(name) != key(account)
    return is_named and not words.is_heading(name, words.IDENTITY) and not words.is_heading(account, words.IDENTITY)


def day_runs(row: Row) -> list[list[int]]:
    """The columns of consecutive dates; a heading of names, or a date that does not go on, begins another run."""
    runs: list[list[int]] = []
    before: DateParts | None = None
    for column, value in enumerate(row):
        if value is None or not looks_like_day(value) or not (parts := date_parts(value)):
            continue
        goes_on = completed(before, parts)
        if before and follows(before, goes_on) and words.position(row, words.PERSON, runs[-1][-1], column) is None:
            runs[-1].append(column)
            before = goes_on
        else:
            runs.append([column])
            before = parts
    return runs


def _long(rows: Sequence[Row], index: int) -> list[Header]:
    """The tables of a row of headings. Several stand beside each other where its words come again in the same order."""
    row = rows[index]
    first = _one_long(rows, index, ALL)
    if first is None:
        return []
    again = (
        words.position(row, words.PERSON, first.person + 1)
        if words.is_heading(row[first.person], words.PERSON)
        else None
    )
    begins = min(first.person, first.day, first.shift)
    if again is None or again - first.person < 3:
        own = (first.day, first.until, first.shift, first.begin, first.cease)
        more = [value for column, value in enumerate(row) if column not in own]
        same = words.DATE - {"day"} | words.said(row[first.shift], words.SHIFT)
        same |= frozenset() if first.cease is None else words.BEGIN | words.CEASE
        return [first] if words.position(more, same) is None else [NotUnderstood(index)]
    width = again - first.person
    parts = [range(start, start + width) for start in range(begins, len(row), width)]
    found = [_one_long(rows, index, columns) for columns in parts if any(cell(row, c) is not None for c in columns)]
    return [each or NotUnderstood(index) for each in found]


def _one_long(rows: Sequence[Row], index: int, columns: range) -> Long | None:
    row = rows[index]

    def at(known: Set[str]) -> int | None:
        return words.position(row, known, columns.start, columns.stop)

    person, account = at(words.PERSON), at(words.ACCOUNT)
    account = at(words.NUMBER) if account is None else account
    one_day, day, until = at(words.DATE), at(words.FROM), at(words.UNTIL)
    if one_day is None and (time := at({"时间"})) is not None and index + 1 < len(rows):
        one_day = time if looks_like_day(cell(rows[index + 1], time)) else None  # so that of WeCom is called
    below = cell(rows[index + 1], day) if day is not None and index + 1 < len(rows) else None
    if day is None or until is None or (one_day is not None and below is not None and not looks_like_day(below)):
        day, until = one_day, None
    begin, cease = at(words.BEGIN), at(words.CEASE)
    if day is not None and begin in (None, day) and None in (until, at(words.SHIFT)):
        begin, cease = at(words.FROM), at(words.UNTIL)
    first = rows[index + 1] if index + 1 < len(rows) else []
    is_free = day is None or (day == begin and at(words.SHIFT) is None)
    if begin is not None and is_free and _A_MOMENT.fullmatch(words.word_at(first, begin)):
        day, until = begin, None
    elif begin is None or cease is None or begin == day:
        begin = cease = None
    shift, who = at(words.SHIFT), account if person is None else person
    shift = begin if shift is None else shift
    if shift is None:
        times = at(words.SPAN)
        shift = times if TIMES.fullmatch(by_the_clock(words.word_at(first, times))) else None
    of_times = {day, begin, cease, shift} - {None}
    if who is None or day is None or shift is None or len({who, day, shift}) < 3 - (begin == day):
        return None
    if any(_ANOTHER_CLOCK.search(words.word_at(row, column)) for column in of_times):
        return None
    aside = at(words.STATUS), at(words.INSTEAD)
    return Long(index, who, day, shift, until, account, at(words.MOBILE), *aside, begin, cease, columns)


def _heading_of_people(row: Row, before: Header | None) -> int | None:
    """The column of a heading such as 姓名; None also in the row of somebody whose post is called 员工."""
    column = words.position(row, words.PERSON | words.ACCOUNT)
    if column is None or not isinstance(before, Wide) or column == before.person or column >= before.days[0]:
        return column
    own = cell(row, before.person)
    return column if own is None or words.is_heading(own, words.PERSON) else None


def _wide(rows: Sequence[Row], index: int, before: Header | None) -> list[Header]:
    row = rows[index]
    runs = day_runs(row)
    says_person = _heading_of_people(row, before) is not None
    if not runs or _are_digits_of_weekdays(rows, index, runs):
        return []
    if not says_person and (
        len(runs[0]) < FEWEST_DAYS or (before and not _is_header_again(rows, index, runs[0], before))
    ):
        return []
    last_header = before.row if before else -1
    near = [row, *(rows[index - up] for up in range(1, ROWS_OF_A_HEADER + 1) if index - up > last_header)]
    near += [below for below in rows[index + 1 : index + 2] if before is None and not _holds_shifts(below, runs[0])]
    found: list[Header] = []
    end = 0
    for run in runs:
        bounds = (end, run[0] if end or len(runs) > 1 else None)

        def first_of(known: Set[str], bounds: tuple[int, int | None] = bounds) -> int | None:
            return next((at for line in near if (at := words.position(line, known, *bounds)) is not None), None)

        account = first_of(words.ACCOUNT)
        account = first_of(words.NUMBER) if account is None else account
        person = first_of(words.PERSON)
        person = account if person is None else person
        last = found[-1] if found else None
        if person is not None:
            found.append(Wide(index, tuple(run), person, account, first_of(words.MOBILE)))
        elif isinstance(last, Wide):
            latest = reduce(completed, (_parts(row, column) for column in last.days))
            goes_on = follows(latest, completed(latest, _parts(row, run[0]))) is not None
            again = Wide(index, tuple(run), last.person, last.account, last.mobile)
            found.append(again if goes_on else NotUnderstood(index))
        elif len(run) >= FEWEST_DAYS and run[0] > 0:
            found.append(Wide(index, tuple(run), _column_of_names(rows, index, run[0])))
        end = run[-1] + 1
    return found


def _holds_shifts(row: Row, run: Sequence[int]) -> bool:
    """Whether a row below a header has something else than days or weekdays in its columns."""
    values = [value for column in run if (value := cell(row, column)) is not None]
    return not are_weekdays(values) and not all(map(looks_like_day, values))


def _column_of_names(rows: Sequence[Row], index: int, first_day: int) -> int:
    """The nearest column left of the days with another text in each row; without one, the nearest."""
    below = rows[index + 1 : index + 1 + ROWS_OF_NAMES]
    columns = [
        at for at in range(first_day - 1, -1, -1) if not _NO_NAMES.fullmatch(key(words.word_at(rows[index], at)))
    ]
    for column in columns:
        texts = [text for row in below if (text := key(words.word_at(row, column)))]
        is_number = words.is_heading(cell(rows[index], column), words.NUMBER | words.MOBILE)
        if len(texts) > 1 and len(set(texts)) == len(texts) and not is_number and not any(map(str.isdecimal, texts)):
            return column
    return columns[0] if columns else first_day - 1


def _parts(row: Row, column: int) -> DateParts:
    return date_parts(cell(row, column)) or (None, None, 0)


def _is_header_again(rows: Sequence[Row], index: int, run: Sequence[int], before: Header) -> bool:
    """Whether a row of numbers below a table is a header, and not the row of somebody whose shifts are called 1, 2, 3."""
    if not isinstance(before, Wide):
        return False
    row, top = rows[index], rows[before.row]
    corner = cell(row, before.person)
    if words.is_heading(corner, words.DATE):
        return True
    if corner is not None and words.position([cell(top, before.person)], words.PERSON) == 0:
        return False  # it says who: the header above names its column of names
    if index == before.row + 1 and corner is not None:
        return False  # nobody would stand below the header above
    if _parts(row, run[0])[1] is not None:
        return True
    has_numbers = any(
        looks_like_day(cell(line, column)) for line in rows[before.row + 1 : index] for column in before.days
    )
    is_same = tuple(run) == before.days and all(_parts(row, column) == _parts(top, column) for column in run)
    return not (corner and has_numbers) if is_same else len(run) >= 5 and not has_numbers


def _are_digits_of_weekdays(rows: Sequence[Row], index: int, runs: Sequence[Sequence[int]]) -> bool:
    """Whether this is a row of weekdays as digits, beside the row of dates."""
    columns = {column for run in runs for column in run}
    if not all((parts := date_parts(rows[index][column])) and parts[1] is None and parts[2] <= 7 for column in columns):
        return False
    longest = max(len(run) for run in runs)
    return any(
        len(run) > longest and columns & set(run)
        for near in (index - 1, index + 1)
        if 0 <= near < len(rows)
        for run in day_runs(rows[near])
    )


def _tall(rows: Sequence[Row], index: int, found: Sequence[Header]) -> list[Header]:
    """The tables of a row of people or shifts. Several stand beside each other where the heading of dates comes again."""
    row = rows[index]
    first = words.position(row, words.DATE, 0, 4)
    starts = [column for column in range(first or 0, len(row)) if words.is_heading(cell(row, column), words.DATE)]
    if first is None and index + 1 < len(rows):
        named = [at for at in range(4) if _TIMES.fullmatch(words.word_at(row, at))]
        starts = [at for at in named if looks_like_day(cell(rows[index + 1], at))][:1]
        first = starts[0] if starts else None
    starts = [column for column in starts if column - 1 not in starts]  # a heading that is merged over the days
    parts = [range(start, end) for start, end in pairwise([*starts, len(row)])] if first is not None else [ALL]
    each = [_one_tall(rows, index, columns, found, is_named=first is not None) for columns in parts]
    return [tall for tall in each if tall]


def _one_tall(
    rows: Sequence[Row], index: int, columns: range, found: Sequence[Header], *, is_named: bool
) -> Tall | None:
    row, day = rows[index], columns.start
    texts = [
        column
        for column, value in enumerate(row[: columns.stop])
        if column > day
        and isinstance(value, str)
        and not words.is_side_column(value)
        and not words.said(value, words.DATE)
    ]
    first = next(iter(rows[index + 1 :]), [])
    is_label = is_named and not looks_like_day(cell(first, day)) and len({*first} - {None}) == 1  # as 第一周
    starts = index + 1 + is_label
    below = list(takewhile(looks_like_day, (cell(line, day) for line in rows[starts : starts + 3])))
    if not texts or not below or (not is_named and (len(texts) < 2 or found or looks_like_day(cell(row, day)))):
        return None
    parts: list[DateParts] = []
    for each in filter(None, map(date_parts, below)):
        parts.append(completed(parts[-1] if parts else None, each))
    steps = [a == b or follows(a, b) is not None for a, b in pairwise(parts)]
    is_long = any(
        words.is_heading(row[column], words.PERSON) and not words.is_shift(str(row[column])) for column in texts
    )
    if not all(steps) or (not is_named and len(parts) < FEWEST_DAYS) or is_long:
        return None
    return Tall(index, day, tuple(texts))


def _not_understood(rows: Sequence[Row], index: int, found: Sequence[Header]) -> list[Header]:
    """A header of weekdays alone, or of names without dates below another table."""
    row = rows[index]
    is_near = bool(found) and index - found[-1].row <= ROWS_OF_A_HEADER
    is_person_row = bool(found) and not isinstance(found[-1], Long) and _heading_of_people(row, found[-1]) is not None
    if is_person_row and isinstance(found[-1], Wide):  # a row of those who are on duty, called 值班员
        is_person_row = not words.is_shift(words.word_at(row, found[-1].person))
    is_weekday_row = _is_header_of_weekdays(row)
    if not found:
        is_person_row = all(words.position(row, known) is not None for known in (words.PERSON, words.DATE))
    if is_near or not (is_person_row or is_weekday_row):
        return []
    if any(_wide(rows, index + down, None) for down in range(1, ROWS_OF_A_HEADER + 1) if index + down < len(rows)):
        return []
    return [NotUnderstood(index)]


def _is_header_of_weekdays(row: Row) -> bool:
    """Whether a row names weekdays, and is not that of somebody whose shifts are called 一, 二, 三."""
    texts = [value for value in row if isinstance(value, str)]
    weekdays = [value for value in texts if are_weekdays([value, "一", "二"])]
    is_somebodys = bool(texts) and not are_weekdays([texts[0], "一", "二"]) and key(texts[0]) not in words.PERSON
    if any(value is not None and looks_like_day(value) for value in row):
        return False
    if is_somebodys and any(len(key(value)) == 1 for value in weekdays):
        return False
    return len(weekdays) >= FEWEST_DAYS and are_weekdays(weekdays)
