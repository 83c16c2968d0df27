"""Reads ODS (OpenDocument). Pure."""

import zipfile
from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from typing import Any

from daka.spreadsheets.sheet import (
    LONGEST_CELL,
    MOST_BLANK_ROWS,
    MOST_COLUMNS,
    MOST_ROWS,
    MergedRange,
    Merging,
    Row,
    Sheet,
    Value,
    too_many_rows,
    without_blank_end,
)

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
                yield Sheet.of(element.get(f"{_TABLE}name") or "", partial(_ods_rows, element, struck))
                element.clear()


def _ods_rows(table: Any, struck: Collection[str | None], found: Sheet) -> list[tuple[int, Row]]:
    merging = Merging(found.hollow)
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
                merging.add(MergedRange(number + 1, column, number + down, column + across - 1))
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
                raise too_many_rows()
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
