"""Reads XLS (Excel 97–2003) and ODS workbooks and the tables of web pages; `spreadsheets.py` calls it. Pure."""

import io
import struct
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

from daka.spreadsheets import (
    LONGEST_CELL,
    LONGEST_TITLE,
    MOST_BLANK_ROWS,
    MOST_COLUMNS,
    MOST_MERGED_RANGES,
    MOST_ROWS,
    BadFile,
    MergedRange,
    Merging,
    Row,
    Sheet,
    Value,
    plain,
    whatever_breaks_it,
    without_blank_end,
)

# --- XLS -------------------------------------------------------------------------------------------------------------


def xls_sheets(body: bytes) -> Iterator[Sheet]:
    """The visible sheets of an old workbook. Raises BadFile: with a password, or broken."""
    import xlrd

    with whatever_breaks_it():
        try:
            book = xlrd.open_workbook(file_contents=body, formatting_info=True, logfile=io.StringIO())
        except (xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError, struct.error) as error:
            raise BadFile("file_old_excel", "这个工作簿加了密码或已损坏；请另存为不加密的 .xlsx") from error
        for sheet in book.sheets():
            if sheet.visibility == 0:
                found = Sheet(sheet.name[:LONGEST_TITLE], iter(()))
                yield replace(found, rows=_xls_rows(book, sheet, found))


def _xls_rows(book: Any, sheet: Any, found: Sheet) -> Iterator[tuple[int, Row]]:
    merged = [MergedRange(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    merging = Merging(sorted(merged, key=lambda each: (each.first_row, each.first_column)), found.hollow)
    hidden = (column for column, info in sheet.colinfo_map.items() if info.hidden or not info.width)
    found.aside.update((0, column + 1) for column in hidden)
    with whatever_breaks_it():
        for index in range(sheet.nrows):
            row: Row = []
            info = sheet.rowinfo_map.get(index)
            if info and info.hidden:
                found.aside.add((index + 1, 0))
            for column, cell in enumerate(sheet.row(index)[:MOST_COLUMNS], start=1):
                row.append(_xls_value(book, cell))
                if cell.xf_index is not None and cell.xf_index < len(book.xf_list):
                    look = book.xf_list[cell.xf_index]
                    if look.font_index < len(book.font_list) and book.font_list[look.font_index].struck_out:
                        found.aside.add((index + 1, column))
                    background = look.background
                    if background.fill_pattern == 1 and background.pattern_colour_index not in (9, 64, 65):
                        found.fills[index + 1, column] = background.pattern_colour_index
            merging.fill(index + 1, row)
            if row := without_blank_end(row):
                yield index + 1, row


def _xls_value(book: Any, cell: Any) -> Value:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return plain(xlrd.xldate_as_datetime(cell.value, book.datemode))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#?"))
    return plain(cell.value) if cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER) else None


# --- ODS -------------------------------------------------------------------------------------------------------------

_NAMES = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text", "style")
}
_TABLE, _OFFICE, _TEXT, _STYLE = _NAMES["table"], _NAMES["office"], _NAMES["text"], _NAMES["style"]


def ods_sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """The visible tables of an OpenDocument spreadsheet."""
    from defusedxml.ElementTree import iterparse

    struck, hidden = set[str | None](), set[str | None]()
    with archive.open("content.xml") as part:
        for _, element in iterparse(part):
            if element.tag == f"{_STYLE}style":
                names = {name for each in element for name, value in each.items() if value not in ("none", "true")}
                if f"{_STYLE}text-line-through-style" in names:
                    struck.add(element.get(f"{_STYLE}name"))
                if f"{_TABLE}display" in names:
                    hidden.add(element.get(f"{_STYLE}name"))
            elif element.tag == f"{_TABLE}table":
                if element.get(f"{_TABLE}style-name") in hidden:
                    element.clear()
                    continue
                found = Sheet((element.get(f"{_TABLE}name") or "")[:LONGEST_TITLE], iter(()))
                yield replace(found, rows=iter(_ods_rows(element, found, struck)))
                element.clear()


def _ods_rows(table: Any, found: Sheet, struck: Collection[str | None]) -> list[tuple[int, Row]]:
    merging = Merging([], found.hollow)
    rows: list[tuple[int, Row]] = []
    number = column = 0
    for one in table.iter(f"{_TABLE}table-column"):
        count = min(int(one.get(f"{_TABLE}number-columns-repeated", 1)), MOST_COLUMNS)
        if one.get(f"{_TABLE}visibility", "visible") != "visible":
            found.aside.update((0, column + step) for step in range(1, count + 1))
        column += count
    for line in table.iter(f"{_TABLE}table-row"):
        again = int(line.get(f"{_TABLE}number-rows-repeated", 1))
        row: Row = []
        for cell in line:
            count = min(int(cell.get(f"{_TABLE}number-columns-repeated", 1)), MOST_COLUMNS - len(row))
            value = _ods_value(cell)
            across = int(cell.get(f"{_TABLE}number-columns-spanned", 1))
            down = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
            if across > 1 or down > 1:
                column = len(row) + 1
                merging.ranges.append(MergedRange(number + 1, column, number + down, column + across - 1))
                if len(merging.ranges) > MOST_MERGED_RANGES:
                    raise BadFile("file_too_many_merged", "合并单元格太多，未读取")
            if cell.get(f"{_TABLE}style-name") in struck:
                found.aside.add((number + 1, len(row) + 1))
            if value is None and cell.get(f"{_TABLE}formula"):
                found.hollow.add((number + 1, len(row) + 1))
            row.extend([value] * count)
        merging.fill(number + 1, row)
        if without_blank_end(row):
            if line.get(f"{_TABLE}visibility", "visible") != "visible":
                found.aside.update((number + 1 + copy, 0) for copy in range(min(again, MOST_ROWS)))
            if rows and number + 1 - rows[-1][0] > MOST_BLANK_ROWS:
                break
            if len(rows) + again > MOST_ROWS:
                raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
            rows += [(number + 1 + copy, list(row)) for copy in range(again)]
        number += again
    return rows


def _ods_value(cell: Any) -> Value:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "date":
        return date.fromisoformat(cell.get(f"{_OFFICE}date-value", "")[:10])
    if kind == "float":
        return float(cell.get(f"{_OFFICE}value", ""))
    text = "\n".join("".join(line.itertext()) for line in cell.iterfind(f"{_TEXT}p"))  # not those of a comment
    return text[:LONGEST_CELL] if text.strip() else None


# --- HTML ------------------------------------------------------------------------------------------------------------

_CELL, _CELL_END = ("td", "th"), ("td", "th", "tr", "table")


class _Tables(HTMLParser):
    """The rows of a page's tables, one below the other, with a blank row between two; and their merged ranges."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.ranges: list[MergedRange] = []
        self.hidden: set[int] = set()
        self._taken: dict[int, int] = {}
        """Columns that a cell of an earlier row reaches into, with the number of its last row."""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", *_CELL):
            self._end_of_cell()
        if tag == "br" and self._text is not None:
            self._text.append("\n")
        if tag in ("table", "tr"):
            self.rows.append([])
            if len(self.rows) > MOST_ROWS:
                raise BadFile("file_too_many_rows", f"超过 {MOST_ROWS} 行，未读取")
            if "display:none" in (dict(attrs).get("style") or "").replace(" ", ""):
                self.hidden.add(len(self.rows))
        if tag not in _CELL or not self.rows:
            return
        said, number, row = dict(attrs), len(self.rows), self.rows[-1]
        while self._taken.get(len(row) + 1, 0) >= number:
            row.append(None)
        across, down = (min(_count(said.get(name)), MOST_COLUMNS) for name in ("colspan", "rowspan"))
        is_overflow = "mso-ignore:colspan" in (
            said.get("style") or ""
        )  # Excel shows a long text over the blank cells beside it
        if (across > 1 and not is_overflow) or down > 1:
            if len(self.ranges) >= MOST_MERGED_RANGES:
                raise BadFile("file_too_many_merged", "合并单元格太多，未读取")
            self.ranges.append(MergedRange(number, len(row) + 1, number + down - 1, len(row) + across))
            self._taken.update((len(row) + step, number + down - 1) for step in range(1, across + 1))
        row.extend([None] * across if len(row) < MOST_COLUMNS else [])
        self._text, self._at = [], len(row) - across

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELL_END:
            self._end_of_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data.replace("\r", "").replace("\n", " "))

    def _end_of_cell(self) -> None:
        if self._text is not None and 0 <= self._at < len(self.rows[-1]):
            self.rows[-1][self._at] = plain("".join(self._text).strip())
        self._text = None


def _count(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() else 1


def html_sheets(text: str) -> Iterator[Sheet]:
    """The tables of a web page as one sheet."""
    page = _Tables()
    page.feed(text)
    page.close()
    found = Sheet("", iter(()), aside={(number, 0) for number in page.hidden})
    merging = Merging(page.ranges, found.hollow)
    rows = []
    for number, row in enumerate(page.rows, start=1):
        merging.fill(number, row)
        if without_blank_end(row):
            rows.append((number, row[:MOST_COLUMNS]))
    yield replace(found, rows=iter(rows))
