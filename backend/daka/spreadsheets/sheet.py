"""Sheets as rows of plain values, whatever kind of file they come from, and why a file cannot be read. Pure."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from defusedxml.common import DefusedXmlException

from daka.widths import in_one_width, visible

Value = str | int | float | date | None
Row = list[Value]

MOST_ROWS = 250_000
MOST_COLUMNS = 420
MOST_BLANK_ROWS = 2_000
"""Reading a sheet stops after this many consecutive blank rows (often formatted up to the last row)."""
MOST_MERGED_RANGES = 5_000
LONGEST_CELL = 32_767
"""Characters; no spreadsheet program keeps more. The rest of longer ones is dropped."""
LONGEST_TITLE = 80
LONGEST_NOTE = 200
MOST_NOTES = 5_000
OWN_AUTHOR = "Daka"
"""Of the notes in exported workbooks."""
A_MOMENT = timedelta(minutes=1)
"""Programs that count in old time zones write midnight as 23:59:17 of the day before."""


class BadFile(ValueError):
    """The file cannot be read; `code` is the reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def not_a_table() -> BadFile:
    return BadFile("file_not_a_table", "这不是 Excel 工作簿；请导入 .xlsx、.xls、.ods 或 .csv")


def broken() -> BadFile:
    return BadFile("file_broken", "无法读取这个工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试")


def too_many_rows() -> BadFile:
    return BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")


@contextmanager
def whatever_breaks_it() -> Iterator[None]:
    """Turns what openpyxl and zipfile raise for damaged files, and for files that are not workbooks, into BadFile."""
    try:
        yield
    except BadFile:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        DefusedXmlException,
        ArithmeticError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        SyntaxError,
        RuntimeError,
    ) as error:
        raise broken() from error


@dataclass(frozen=True, slots=True)
class Sheet:
    """Non-blank rows with their numbers in the spreadsheet, from 1. Reading the rows fills the other fields."""

    name: str
    rows: Iterator[tuple[int, Row]]
    hollow: set[tuple[int, int]] = field(default_factory=set)
    """Row and column, from 1, of cells that are not simply blank: formulas without a stored value, empty merged ranges."""
    aside: set[tuple[int, int]] = field(default_factory=set)
    """Row and column, from 1, of cells that were put aside: struck through, in a hidden or filtered row (whose column is 0
    here) or in a hidden column (whose row is 0)."""
    fills: dict[tuple[int, int], int] = field(default_factory=dict)
    """The colour of cells that have one, as a number that only tells colours apart."""

    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    """What people noted at cells, by row and column."""

    def add_note(self, row: int, column: int, text: str, author: str = "") -> None:
        """A note at a cell, without its author's name; those of our own exports say what the roster knows."""
        said = text_of(text[:LONGEST_NOTE]).removeprefix(f"{author}:").strip()
        if said and author != OWN_AUTHOR and len(self.notes) < MOST_NOTES:
            self.notes[row, column] = said

    @classmethod
    def of(cls, name: str, rows_of: "Callable[[Sheet], Iterable[tuple[int, Row]]]") -> "Sheet":
        """A sheet with the rows of `rows_of`, which notes in the sheet what else it reads."""
        found = cls(name[:LONGEST_TITLE], iter(()))
        return replace(found, rows=iter(rows_of(found)))


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A merged range, numbered from 1, last row and column included. Its first cell holds the value of all."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Merging:
    """Fills merged ranges in rows that arrive in order. `ranges` are sorted by first row."""

    hollow: set[tuple[int, int]]
    ranges: list[MergedRange] = field(default_factory=list)
    _next: int = 0
    _open: list[tuple[MergedRange, Value]] = field(default_factory=list)

    def add(self, merged: MergedRange) -> None:
        """Raises BadFile: there are too many."""
        if len(self.ranges) >= MOST_MERGED_RANGES:
            raise BadFile("file_too_many_merged", "合并单元格太多，未读取")
        self.ranges.append(merged)

    def fill(self, number: int, row: Row) -> None:
        while self._next < len(self.ranges) and self.ranges[self._next].first_row <= number:
            merged = self.ranges[self._next]
            self._next += 1
            is_here = merged.first_row == number and merged.first_column <= len(row)
            self._open.append((merged, row[merged.first_column - 1] if is_here else None))
        self._open = [(merged, value) for merged, value in self._open if merged.last_row >= number]
        for merged, value in self._open:
            last = min(merged.last_column, MOST_COLUMNS)
            row.extend([None] * (last - len(row)))
            row[merged.first_column - 1 : last] = [value] * (last - merged.first_column + 1)
            if value is None:
                self.hollow.update((number, column) for column in range(merged.first_column, last + 1))


def text_of(value: Value) -> str:
    """A value as displayed text: normalised width, single spaces; 1.0 becomes 1."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[^\S\n]+", " ", in_one_width(visible(str(value)))).strip()


# From a parenthesis that is never closed to the end of the line, too, so that no later one scans the same text again.
_IN_PARENTHESES = re.compile(r"\([^)\n]*(\)?)")


def without_parentheses(text: str) -> str:
    """The text without remarks in parentheses; one that is not closed on its line stays."""
    return _IN_PARENTHESES.sub(lambda found: "" if found[1] else found[0], text)


def without_blank_end(row: Row) -> Row:
    while row and row[-1] is None:
        row.pop()
    return row


def plain(value: Any) -> Value:
    if isinstance(value, datetime):
        is_midnight = (value + A_MOMENT).time() < time(0, 2)
        return (value + A_MOMENT).date() if is_midnight else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return value[:LONGEST_CELL] if value.strip() else None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float, date)) or value is None:
        return value
    return str(value)
