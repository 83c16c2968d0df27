"""Finds the tables of a sheet by their headers. Pure.

*Wide*: a row of dates, then one row per person. *Long*: columns for person, date (or first and last date) and shift.
*Tall*: dates down, people or shifts across.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from daka.roster.transfer import words
from daka.roster.transfer.days import DateParts, are_weekdays, date_parts, follows, looks_like_day
from daka.spreadsheets import Row, Value
from daka.widths import key

ROWS_OF_A_HEADER = 2
"""Rows above the dates in which the headings of names are looked for."""
FEWEST_DAYS = 3
"""Of a header that does not say which column holds the names."""


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

    @property
    def columns(self) -> range:
        return range(1_000)


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
        return range(1_000)


Header = Wide | Long | Tall | NotUnderstood


def headers(rows: Sequence[Row]) -> list[Header]:
    """The headers of a sheet from top to bottom. One ends the tables above it in its columns."""
    found: list[Header] = []
    for index, row in enumerate(rows):
        found += (
            _long(row, index)
            or _wide(rows, index, found[-1] if found else None)
            or _tall(rows, index, found)
            or _not_understood(rows, index, found)
        )
    return found


def cell(row: Row, column: int) -> Value:
    return row[column] if column < len(row) else None


def day_runs(row: Row) -> list[list[int]]:
    """The columns of consecutive dates; a heading of names, or a date that does not go on, begins another run."""
    runs: list[list[int]] = []
    for column, value in enumerate(row):
        if value is None or not looks_like_day(value):
            continue
        if runs and words.position(row, words.PERSON, runs[-1][-1], column) is None:
            before, parts = date_parts(row[runs[-1][-1]]), date_parts(value)
            if before and parts and follows(before, parts) is not None:
                runs[-1].append(column)
                continue
        runs.append([column])
    return runs


def _long(row: Row, index: int) -> list[Header]:
    person = words.position(row, words.PERSON)
    account = words.position(row, words.ACCOUNT)
    account = words.position(row, words.NUMBER) if account is None else account
    day, until = words.position(row, words.FROM), words.position(row, words.UNTIL)
    if day is None or until is None:
        day, until = words.position(row, words.DATE), None
    shift = words.position(row, words.SHIFT)
    who = person if person is not None else account
    if who is None or day is None or shift is None:
        return []
    return [Long(index, who, day, shift, until, account, words.position(row, words.MOBILE))]


def _wide(rows: Sequence[Row], index: int, before: Header | None) -> list[Header]:
    row = rows[index]
    runs = day_runs(row)
    says_person = words.position(row, words.PERSON | words.ACCOUNT) is not None
    if not runs or _are_digits_of_weekdays(rows, index, runs):
        return []
    if not says_person and (
        len(runs[0]) < FEWEST_DAYS or (before and not _is_header_again(rows, index, runs[0], before))
    ):
        return []
    last_header = before.row if before else -1
    near = [row, *(rows[index - up] for up in range(1, ROWS_OF_A_HEADER + 1) if index - up > last_header)]
    near += rows[index + 1 : index + 2] if before is None else []
    found: list[Header] = []
    end = 0
    for run in runs:
        bounds = (end, run[0] if end or len(runs) > 1 else None)

        def first_of(known: set[str], bounds: tuple[int, int | None] = bounds) -> int | None:
            return next((at for line in near if (at := words.position(line, known, *bounds)) is not None), None)

        account = first_of(words.ACCOUNT)
        account = first_of(words.NUMBER) if account is None else account
        person = first_of(words.PERSON)
        person = account if person is None else person
        last = found[-1] if found else None
        if person is not None:
            found.append(Wide(index, tuple(run), person, account, first_of(words.MOBILE)))
        elif isinstance(last, Wide):
            goes_on = follows(_parts(row, last.days[-1]), _parts(row, run[0])) is not None
            again = Wide(index, tuple(run), last.person, last.account, last.mobile)
            found.append(again if goes_on else NotUnderstood(index))
        elif len(run) >= FEWEST_DAYS and run[0] > 0:
            found.append(Wide(index, tuple(run), run[0] - 1))
        end = run[-1] + 1
    return found


def _parts(row: Row, column: int) -> DateParts:
    return date_parts(cell(row, column)) or (None, None, 0)


def _is_header_again(rows: Sequence[Row], index: int, run: Sequence[int], before: Header) -> bool:
    """Whether a row of numbers below a table is a header, and not the row of somebody whose shifts are called 1, 2, 3."""
    if not isinstance(before, Wide):
        return False
    row, top = rows[index], rows[before.row]
    corner = cell(row, before.person)
    if corner is not None and words.position([cell(top, before.person)], words.PERSON) == 0:
        return False  # it says who: the header above names its column of names
    if tuple(run) == before.days and all(_parts(row, column) == _parts(top, column) for column in run):
        return True
    if _parts(row, run[0])[1] is not None:
        return True
    has_numbers = any(
        looks_like_day(cell(line, column)) for line in rows[before.row + 1 : index] for column in before.days
    )
    return len(run) >= 5 and not has_numbers


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
    row = rows[index]
    day = words.position(row, words.DATE, 0, 4)
    is_named = day is not None
    day = day or 0
    texts = [
        column
        for column, value in enumerate(row)
        if column > day and isinstance(value, str) and not words.is_side_column(value)
    ]
    below = [cell(line, day) for line in rows[index + 1 : index + 4]]
    if not texts or (not is_named and (len(texts) < 2 or found)) or not below or not all(map(looks_like_day, below)):
        return []
    parts = [each for value in below if (each := date_parts(value))]
    steps = [a == b or follows(a, b) is not None for a, b in pairwise(parts)]
    if not all(steps) or (not is_named and len(parts) < FEWEST_DAYS) or words.position(row, words.PERSON) is not None:
        return []
    return [Tall(index, day, tuple(texts))]


def _not_understood(rows: Sequence[Row], index: int, found: Sequence[Header]) -> list[Header]:
    """A header of weekdays alone, or of names without dates below another table."""
    row = rows[index]
    is_near = bool(found) and index - found[-1].row <= ROWS_OF_A_HEADER
    is_person_row = words.position(row, words.PERSON) is not None and bool(found) and not isinstance(found[-1], Long)
    is_weekday_row = _is_header_of_weekdays(row)
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
