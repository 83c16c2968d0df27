"""Reads XLSX and CSV files into rows of plain values, and writes CSV. A workbook that unpacks into too much is refused unread.

XLSX is read row by row (openpyxl's parser, with defusedxml); CSV in every encoding that Excel and WPS write. XLS and ODS are in
`old_spreadsheets.py`.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from defusedxml.common import DefusedXmlException

from daka.widths import in_one_width, visible

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
DAYS_FROM_1900_TO_1904 = 1_462
_FIRST_OWN_FORMAT = 164
"""Number of the first format that is not one of Excel's own."""
_SHARED_STRING = re.compile(rb"<(?:\w+:)?si(?:\s[^<>]*)?(?:/>|>(?:[^<]++|<(?!/?(?:\w+:)?si[\s/>]))*+</(?:\w+:)?si>)")
_STRUCK = re.compile(rb"<(?:\w+:)?strike\s*/>|<(?:\w+:)?strike\s+val=\"(?:1|true)\"")


class BadFile(ValueError):
    """The file cannot be read; `code` is the reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sheet:
    """Non-blank rows with their numbers in the spreadsheet, from 1. Reading the rows fills `hollow`, `aside` and `fills`."""

    name: str
    rows: Iterator[tuple[int, Row]]
    hollow: set[tuple[int, int]] = field(default_factory=set)
    """Row and column, from 1, of cells that are not simply blank: formulas without a stored value, empty merged ranges."""
    aside: set[tuple[int, int]] = field(default_factory=set)
    """Row and column, from 1, of cells that were put aside: struck through, in a hidden or filtered row (whose column is 0
    here) or in a hidden column (whose row is 0)."""
    fills: dict[tuple[int, int], int] = field(default_factory=dict)
    """The colour of cells that have one, as a number that only tells colours apart."""


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

    ranges: list[MergedRange]
    hollow: set[tuple[int, int]]
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


def is_workbook(body: bytes) -> bool:
    return body[:4] == b"PK\x03\x04"


def is_old_workbook(body: bytes) -> bool:
    return body[:4] == b"\xd0\xcf\x11\xe0"


_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_CHARSET = re.compile(rb"""charset=["']?([\w-]{3,20})""", re.IGNORECASE)


def _is_markup(body: bytes) -> bool:
    """Whether this is a web page, as many systems export under the name of a workbook, or something else in its kind."""
    return _start(body).startswith((b"<", b"mime-version:"))


def _is_html(body: bytes) -> bool:
    return any(tag in _start(body) for tag in (b"<html", b"<table", b"<body", b"<head", b"<!doctype html"))


def _start(body: bytes) -> bytes:
    return body[:4_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()


def _not_a_table() -> BadFile:
    return BadFile("file_not_a_table", "这不是 Excel 工作簿；请导入 .xlsx、.xls、.ods 或 .csv")


def _broken() -> BadFile:
    return BadFile("file_broken", "无法读取这个工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试")


def is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def sheets(body: bytes) -> Iterator[Sheet]:
    """The visible sheets of an XLSX, XLS or ODS file, the tables of a web page, or the single table of a CSV file.

    Raises:
        BadFile: empty, encrypted, not a table, or too large.
    """
    if not body.strip():
        raise BadFile("file_empty", "文件是空的")
    if is_workbook(body):
        yield from _workbook_sheets(body)
    elif is_old_workbook(body):
        from daka.old_spreadsheets import xls_sheets

        yield from xls_sheets(body)
    elif body.startswith(_NO_TABLES):
        raise _not_a_table()
    elif _is_markup(body):
        if not _is_html(body) or _start(body).startswith(b"m"):
            raise _broken()
        from daka.old_spreadsheets import html_sheets

        yield from html_sheets(decoded(body, said=_CHARSET.search(body[:4_000])))
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
        raise _broken() from error


_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES = {
    _STRICT + b"spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    _STRICT + b"drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
    _STRICT + b"officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
}


def _without_strict_names(archive: zipfile.ZipFile, body: bytes) -> bytes:
    """The workbook in the namespaces that openpyxl knows; ISO 29500 Strict has others."""
    if _STRICT not in archive.read("xl/workbook.xml"):
        return body
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for part in archive.infolist():
            content = archive.read(part)
            for exact, loose in _STRICT_NAMES.items():
                content = content.replace(exact, loose)
            target.writestr(part.filename, content)
    return packed.getvalue()


def _workbook_sheets(body: bytes) -> Iterator[Sheet]:
    with whatever_breaks_it(), zipfile.ZipFile(io.BytesIO(body)) as archive:
        _refuse_bombs(archive)
        if "xl/workbook.xml" not in archive.namelist():
            if "content.xml" not in archive.namelist():
                raise _not_a_table()
            from daka.old_spreadsheets import ods_sheets

            yield from ods_sheets(archive)
            return
        import openpyxl  # megabytes that most processes never need

        body = _without_strict_names(archive, body)
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            worksheets: list[Any] = list(book.worksheets)
            struck = _struck_strings(archive)
            for sheet in worksheets:
                if sheet.sheet_state == "visible":
                    found = Sheet(sheet.title[:LONGEST_TITLE], iter(()))
                    merging = Merging(_merged_ranges(archive, sheet._worksheet_path), found.hollow)
                    yield replace(found, rows=_workbook_rows(sheet, merging, found, struck))


def _parser(sheet: Any, source: Any, struck: set[str]) -> Any:
    """openpyxl's own parser of a sheet; marks formulas without a stored value, which it takes for blank cells, and the
    shared strings that are `struck` through."""
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
                cell["data_type"] = "hollow"
            elif _is_struck(element, struck):
                cell["data_type"] = "struck"
            return cell

    book = sheet.parent
    formats = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
    return Parser(source, sheet._shared_strings, data_only=True, epoch=book.epoch, **formats)


def _is_struck(element: Any, struck: set[str]) -> bool:
    """Whether a part of a cell's text is struck through."""
    from openpyxl.worksheet._reader import VALUE_TAG

    if element.get("t") == "inlineStr":
        return any(each.tag.endswith("}strike") for each in element.iter())
    return bool(struck) and element.get("t") == "s" and element.findtext(VALUE_TAG) in struck


@dataclass(frozen=True, slots=True)
class _Look:
    """What a style of a workbook makes of its cells."""

    colour: int
    """0 if none or white."""
    is_unseen: bool
    """Its text is struck through, or its format shows no value."""
    words: dict[str, str]
    """What is shown in place of numbers: 早 for 1 in the format [=1]"早"."""


_WORD_OF_NUMBER = re.compile(r'\[=(\d+)\]"?([^";\[\]]+)')


def _looks(book: Any) -> list[_Look]:
    """The look of each style of a workbook."""
    numbers: dict[str, int] = {}
    of_fill = []
    for fill in book._fills:
        colour = fill.fgColor if getattr(fill, "fill_type", None) == "solid" else None
        is_white = colour is None or str(colour.rgb) in ("FFFFFFFF", "00FFFFFF")
        of_fill.append(0 if is_white else numbers.setdefault(repr(colour), len(numbers) + 1))
    struck = [bool(font.strike) for font in book._fonts]
    formats = dict(enumerate(book._number_formats, start=_FIRST_OWN_FORMAT))
    found = []
    for style in book._cell_styles:
        format_code = formats.get(style.numFmtId, "")
        is_struck = style.fontId < len(struck) and struck[style.fontId]
        colour = of_fill[style.fillId] if style.fillId < len(of_fill) else 0
        found.append(_Look(colour, is_struck or format_code == ";;;", dict(_WORD_OF_NUMBER.findall(format_code))))
    return found


def _struck_strings(archive: zipfile.ZipFile) -> set[str]:
    """The indices of shared strings of which a part is struck through."""
    content = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in archive.namelist() else b""
    if b"strike" not in content:
        return set()
    return {str(index) for index, each in enumerate(_SHARED_STRING.finditer(content)) if _STRUCK.search(each[0])}


def _workbook_rows(sheet: Any, merging: Merging, found: Sheet, struck: set[str]) -> Iterator[tuple[int, Row]]:
    with whatever_breaks_it(), sheet._get_source() as source:
        looks = _looks(sheet.parent)
        last = count = 0
        parser = _parser(sheet, source, struck)
        counts_from_1904 = sheet.parent.epoch.year == 1904
        for number, cells in parser.parse():
            if not last:
                found.aside.update((0, column) for column in _hidden_columns(parser.column_dimensions))
            if _is_hidden(parser.row_dimensions.pop(str(number), {}), "ht"):
                found.aside.add((number, 0))
            row: Row = []
            for cell in cells:
                column, value = cell["column"], plain(cell["value"])
                if counts_from_1904 and isinstance(value, (int, float)) and 20_000 < value < 80_000:
                    value += DAYS_FROM_1900_TO_1904  # a date that is shown as a number
                if not 0 < column <= MOST_COLUMNS:
                    continue
                if cell["style_id"]:
                    look = looks[cell["style_id"]]
                    if look.colour:
                        found.fills[number, column] = look.colour
                    if look.is_unseen:
                        found.aside.add((number, column))
                    value = look.words.get(str(value), value) if look.words else value
                if cell["data_type"] == "struck":
                    found.aside.add((number, column))
                if cell["data_type"] == "hollow":
                    found.hollow.add((number, column))
                if value is not None:
                    row.extend([None] * (column - len(row)))
                    row[column - 1] = value
            merging.fill(number, row)
            if not (row := without_blank_end(row)):
                continue
            if number <= last:
                raise BadFile("file_broken", "无法读取这个工作簿：行的顺序不对")
            if number - last > MOST_BLANK_ROWS and last:
                return
            last, count = number, count + 1
            if count > MOST_ROWS:
                raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
            yield number, row


def _is_hidden(dimension: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden, filtered out or of no size."""
    return dimension.get("hidden") in ("1", "true") or dimension.get(size) in ("0", "0.0")


def _hidden_columns(dimensions: dict[str, dict[str, str]]) -> Iterator[int]:
    for each in dimensions.values():
        if _is_hidden(each, "width"):
            yield from range(int(each["min"]), min(int(each["max"]), MOST_COLUMNS) + 1)


def without_blank_end(row: Row) -> Row:
    while row and row[-1] is None:
        row.pop()
    return row


def plain(value: Any) -> Value:
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


_EAST_ASIAN = ("gb18030", "cp950", "cp932")
_EXACT = {b"gb2312": "gb18030", b"gbk": "gb18030", b"gb18030": "gb18030", b"big5": "cp950", b"shift_jis": "cp932"}
_KNOWN_WORDS = re.compile(
    "姓名|日期|班次|班別|星期|手机|手機|账号|部[门門]|备注|備註|合[计計]|氏名|名前|日付|曜日|シフト|勤務|[年月日早中夜晚休]"
)


def decoded(body: bytes, *, said: re.Match[bytes] | None = None) -> str:
    """The text of a CSV, JSON or HTML file: UTF-8, UTF-16, GB 18030 (includes GBK), Big5 or Shift_JIS.

    The bytes of the last three say nothing of their encoding: the one that the file itself `said`, or else the one in which
    words of rosters appear is taken.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in body[:4_000]:
        encodings = ("utf-16-le" if body[1:4_000:2].count(0) > body[:4_000:2].count(0) else "utf-16-be",)
    else:
        encodings = ("utf-8-sig",)
    texts = _in_any_of(encodings, body) or _in_any_of(_EAST_ASIAN, body)
    if not texts or "\0" in texts[0]:
        raise _unknown_encoding()
    if encodings[0] in ("utf-8-sig", "utf-16") and len(texts) == 1:
        return texts[0]
    if said and (own := _in_any_of([_EXACT.get(said[1].lower(), "ascii")], body)):
        return own[0]
    text = max(texts, key=lambda each: len(_KNOWN_WORDS.findall(each, 0, 20_000)))
    strange = [letter for letter in text[:20_000] if letter > "\x7f"]
    if not _KNOWN_WORDS.search(text, 0, 20_000) and 2 * sum(map(_is_rare, strange)) > len(strange):
        raise _unknown_encoding()
    return text


def _in_any_of(encodings: Iterable[str], body: bytes) -> list[str]:
    texts = []
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            texts.append(body.decode(encoding))
    return texts


def _is_rare(letter: str) -> bool:
    try:
        return not letter.encode("gb2312")
    except UnicodeEncodeError:
        return True


def _unknown_encoding() -> BadFile:
    return BadFile(
        "file_unknown_encoding", "无法识别文件的文字编码；请存为 .xlsx，或 UTF-8、GBK、Big5、Shift_JIS 编码的 .csv"
    )


def as_text(text: str) -> str:
    """Text that no spreadsheet interprets as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def from_text(text: str) -> str:
    """The text that `as_text` wrote."""
    return text[1:] if text[:1] == "'" and as_text(text[1:]) == text else text


def csv_file(rows: Iterable[Iterable[Any]]) -> bytes:
    """CSV in UTF-8 with a byte-order mark, which Excel needs to detect the encoding."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _bare(cell: str) -> str:
    """The text of a cell such as ="0012", by which other programs tell spreadsheets that it is no number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _csv_rows(body: bytes) -> Iterator[tuple[int, Row]]:
    text = decoded(body)
    sample = text[:20_000]
    delimiter = max("\t;,", key=sample.count)
    count = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            row: Row = [plain(_bare(cell)) for cell in islice(cells, MOST_COLUMNS)]
            if row := without_blank_end(row):
                count += 1
                if count > MOST_ROWS:
                    raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
                yield number, row
    except csv.Error as error:
        raise BadFile("file_broken", "无法读取这个 CSV 文件") from error
