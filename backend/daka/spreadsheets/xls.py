"""Reads XLS (Excel 97–2003). Pure."""

import io
import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from daka.spreadsheets.sheet import (
    MOST_COLUMNS,
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

_WHITE = 9


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
                yield Sheet.of(sheet.name, partial(_xls_rows, book, sheet))


def _xls_rows(book: Any, sheet: Any, found: Sheet) -> Iterator[tuple[int, Row]]:
    merged = [MergedRange(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    merging = Merging(found.hollow, sorted(merged, key=lambda each: (each.first_row, each.first_column)))
    hidden = (column for column, info in sheet.colinfo_map.items() if info.hidden or not info.width)
    found.aside.update((0, column + 1) for column in hidden)
    for (index, column), note in sheet.cell_note_map.items():
        found.add_note(index + 1, column + 1, note.text, note.author)
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
                    background = look.background
                    font = book.font_list[look.font_index] if look.font_index < len(book.font_list) else None
                    if font and (font.struck_out or (font.colour_index == _WHITE and not background.fill_pattern)):
                        found.aside.add((index + 1, column))
                    if background.fill_pattern == 1 and background.pattern_colour_index not in (_WHITE, 64, 65):
                        found.fills[index + 1, column] = background.pattern_colour_index
            merging.fill(index + 1, row)
            if row := without_blank_end(row):
                yield index + 1, row


def _xls_value(book: Any, cell: Any) -> Value:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        when = xlrd.xldate_as_datetime(cell.value, book.datemode)
        return plain(when.time() if 0 <= cell.value < 1 else when)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#?"))
    return plain(cell.value) if cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER) else None
