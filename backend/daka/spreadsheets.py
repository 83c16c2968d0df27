"""Reads XLSX and CSV files into rows of plain values, and writes CSV. A workbook that unpacks into too much is refused unread.

XLSX is read row by row (openpyxl's read-only mode, with defusedxml); CSV in every encoding that Excel and WPS write.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from defusedxml.common import DefusedXmlException

from daka.widths import in_one_width

Value = str | int | float | date | None
Row = list[Value]

MOST_ROWS = 250_000
MOST_COLUMNS = 420
MOST_BLANK_ROWS = 2_000
"""Reading a sheet stops after this many consecutive blank rows (often formatted up to the last row)."""
MOST_UNPACKED_BYTES = 120_000_000
MOST_SHARED_BYTES = 30_000_000
"""Limit for parts that are kept in memory whole: shared strings, styles."""
MOST_PARTS = 1_000
MOST_MERGED_RANGES = 5_000
LONGEST_CELL = 32_767
"""Characters; no spreadsheet program keeps more. The rest of longer ones is dropped."""
LONGEST_TITLE = 80


class BadFile(ValueError):
    """The file cannot be read; `code` is the reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sheet:
    """Non-blank rows with their numbers in the spreadsheet, from 1."""

    name: str
    rows: Iterator[tuple[int, Row]]


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A merged range, numbered from 1, last row and column included. Its first cell holds the value of all."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class _Merging:
    """Fills merged ranges in rows that arrive in order. `ranges` are sorted by first row."""

    ranges: list[MergedRange]
    _next: int = 0
    _open: list[tuple[MergedRange, Value]] = field(default_factory=list)

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


def text_of(value: Value) -> str:
    """A value as displayed text: normalised width, single spaces; 1.0 becomes 1."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[^\S\n]+", " ", in_one_width(str(value))).strip()


# From a parenthesis that is never closed to the end of the line, too, so that no later one scans the same text again.
_IN_PARENTHESES = re.compile(r"\([^)\n]*(\)?)")


def without_parentheses(text: str) -> str:
    """The text without remarks in parentheses; one that is not closed on its line stays."""
    return _IN_PARENTHESES.sub(lambda found: "" if found[1] else found[0], text)


def is_workbook(body: bytes) -> bool:
    return body[:4] == b"PK\x03\x04"


def is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def sheets(body: bytes) -> Iterator[Sheet]:
    """The visible sheets of an XLSX file, or the single table of a CSV file.

    Raises:
        BadFile: empty, an old or encrypted workbook, not a table, or too large.
    """
    if not body.strip():
        raise BadFile("file_empty", "文件是空的")
    if is_workbook(body):
        yield from _workbook_sheets(body)
    elif body[:4] == b"\xd0\xcf\x11\xe0":
        raise BadFile("file_old_excel", "这是旧版 .xls 或加了密码的工作簿；请另存为不加密的 .xlsx")
    else:
        yield Sheet("", _csv_rows(body))


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    # zipfile never unpacks more of a member than its header declares, so the declared sizes are upper bounds.
    parts = archive.infolist()
    in_memory = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if (
        len(parts) > MOST_PARTS
        or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES
        or in_memory > MOST_SHARED_BYTES
    ):
        raise BadFile("file_unpacks_too_large", "文件解压后太大，未读取；请只保留需要的工作表再导入")
    if "xl/workbook.xml" not in archive.namelist():
        raise BadFile("file_not_a_table", "这不是 Excel 工作簿；请导入 .xlsx 或 .csv")


@contextmanager
def _whatever_breaks_it() -> Iterator[None]:
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
        raise BadFile("file_broken", "无法读取这个工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试") from error


def _workbook_sheets(body: bytes) -> Iterator[Sheet]:
    with _whatever_breaks_it(), zipfile.ZipFile(io.BytesIO(body)) as archive:
        _refuse_bombs(archive)
        import openpyxl  # megabytes that most processes never need

        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            worksheets: list[Any] = list(book.worksheets)
            for sheet in worksheets:
                if sheet.sheet_state == "visible":
                    merging = _Merging(_merged_ranges(archive, sheet._worksheet_path))
                    yield Sheet(sheet.title[:LONGEST_TITLE], _workbook_rows(sheet, merging))


def _workbook_rows(sheet: Any, merging: _Merging) -> Iterator[tuple[int, Row]]:
    sheet.reset_dimensions()  # many programs write a wrong one
    blank = count = 0
    with _whatever_breaks_it():
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
            width = len(cells)
            while width and cells[width - 1] is None:
                width -= 1
            row = [_plain(value) for value in cells[:width]]
            merging.fill(number, row)
            while row and row[-1] is None:
                row.pop()
            if not row:
                blank += 1
                if blank > MOST_BLANK_ROWS:
                    return
                continue
            blank, count = 0, count + 1
            if count > MOST_ROWS:
                raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
            yield number, row


def _plain(value: Any) -> Value:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value[:LONGEST_CELL] if value.strip() else None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float, date)) or value is None:
        return value
    return str(value)


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def _merged_ranges(archive: zipfile.ZipFile, path: str) -> list[MergedRange]:
    """The merged ranges of a sheet. They follow the cells, so the part is scanned in pieces."""
    found: list[MergedRange] = []
    tail = b""
    with archive.open(path) as part:
        while piece := part.read(1 << 20):
            text = tail + piece
            end = 0
            for match in _MERGED.finditer(text):
                end = match.end()
                first_column, first_row, last_column, last_row = match.groups()
                found.append(MergedRange(int(first_row), _number(first_column), int(last_row), _number(last_column)))
                if len(found) > MOST_MERGED_RANGES:
                    raise BadFile("file_too_many_merged", "合并单元格太多，未读取")
            tail = text[max(end, len(text) - 200) :]
    return sorted(
        (merged for merged in found if merged.first_column <= MOST_COLUMNS),
        key=lambda merged: (merged.first_row, merged.first_column),
    )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


# --- CSV -------------------------------------------------------------------------------------------------------------


def decoded(body: bytes) -> str:
    """The text of a CSV or JSON file: UTF-16 with a byte-order mark, UTF-8, or GB 18030 (includes GBK and GB 2312)."""
    is_utf_16 = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf_16 else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadFile("file_unknown_encoding", "无法识别文件的文字编码；请存为 .xlsx，或 UTF-8、GBK 编码的 .csv")


def as_text(text: str) -> str:
    """Text that no spreadsheet interprets as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_file(rows: Iterable[Iterable[Any]]) -> bytes:
    """CSV in UTF-8 with a byte-order mark, which Excel needs to detect the encoding."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _csv_rows(body: bytes) -> Iterator[tuple[int, Row]]:
    text = decoded(body)
    sample = text[:20_000]
    delimiter = max("\t;,", key=sample.count)
    count = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            row: Row = [cell[:LONGEST_CELL] if cell.strip() else None for cell in islice(cells, MOST_COLUMNS)]
            while row and row[-1] is None:
                row.pop()
            if row:
                count += 1
                if count > MOST_ROWS:
                    raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
                yield number, row
    except csv.Error as error:
        raise BadFile("file_broken", "无法读取这个 CSV 文件") from error
