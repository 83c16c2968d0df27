"""Reads XLS (Excel 97–2003) and ODS workbooks; `spreadsheets.py` calls it. Pure."""

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
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
    with whatever_breaks_it():
        for index in range(sheet.nrows):
            row: Row = []
            for column, cell in enumerate(sheet.row(index)[:MOST_COLUMNS], start=1):
                row.append(_xls_value(book, cell))
                if cell.xf_index is not None and cell.xf_index < len(book.xf_list):
                    background = book.xf_list[cell.xf_index].background
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

_NAMES = {name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text")}
_TABLE, _OFFICE, _TEXT = _NAMES["table"], _NAMES["office"], _NAMES["text"]


def ods_sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """The tables of an OpenDocument spreadsheet."""
    from defusedxml.ElementTree import iterparse

    with archive.open("content.xml") as part:
        for _, element in iterparse(part):
            if element.tag == f"{_TABLE}table":
                found = Sheet((element.get(f"{_TABLE}name") or "")[:LONGEST_TITLE], iter(()))
                yield replace(found, rows=iter(_ods_rows(element, found)))
                element.clear()


def _ods_rows(table: Any, found: Sheet) -> list[tuple[int, Row]]:
    merging = Merging([], found.hollow)
    rows: list[tuple[int, Row]] = []
    number = 0
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
            if value is None and cell.get(f"{_TABLE}formula"):
                found.hollow.add((number + 1, len(row) + 1))
            row.extend([value] * count)
        merging.fill(number + 1, row)
        if without_blank_end(row):
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
    text = "\n".join("".join(line.itertext()) for line in cell.iter(f"{_TEXT}p"))
    return text[:LONGEST_CELL] if text.strip() else None
