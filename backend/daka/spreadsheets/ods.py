"""Reads ODS (OpenDocument). Pure."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import product
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
    plain,
    too_many_rows,
    without_blank_end,
)

_NAMES = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text", "style")
}
_TABLE, _OFFICE, _TEXT, _STYLE = _NAMES["table"], _NAMES["office"], _NAMES["text"], _NAMES["style"]
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"

MOST_MARKS = 100_000
"""Cells with a look of their own in a row and its copies."""


@dataclass(slots=True)
class _Looks:
    """What styles make of their cells, by name."""

    unseen: set[str | None] = field(default_factory=set)
    """Text is struck through, or white on white."""
    hidden: set[str | None] = field(default_factory=set)
    """Of tables."""
    fills: dict[str | None, int] = field(default_factory=dict)
    _colours: dict[str, int] = field(default_factory=dict)

    def add(self, style: Any) -> None:
        name = style.get(f"{_STYLE}name")
        said = {key.partition("}")[2]: value for each in style for key, value in each.items()}
        colour = said.get("background-color", "transparent").lower()
        is_blank = colour in ("transparent", "#ffffff")
        if not is_blank:
            self.fills[name] = self._colours.setdefault(colour, len(self._colours) + 1)
        lines = (said.get(f"text-line-through-{kind}", "none") for kind in ("style", "type"))
        if any(line != "none" for line in lines) or (is_blank and said.get("color") == "#ffffff"):
            self.unseen.add(name)
        if said.get("display") == "false":
            self.hidden.add(name)


def ods_sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """The visible tables of an OpenDocument spreadsheet."""
    from defusedxml.ElementTree import iterparse

    looks = _Looks()
    with archive.open("content.xml") as part:
        for _, element in iterparse(part):
            if element.tag == f"{_STYLE}style":
                looks.add(element)
            elif element.tag == f"{_TABLE}table":
                if element.get(f"{_TABLE}style-name") in looks.hidden:
                    element.clear()
                    continue
                yield Sheet.of(element.get(f"{_TABLE}name") or "", partial(_ods_rows, element, looks))
                element.clear()


def _ods_rows(table: Any, looks: _Looks, found: Sheet) -> list[tuple[int, Row]]:
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
        marked: list[tuple[int, str | None, bool]] = []
        for cell in line:
            count = min(int(cell.get(f"{_TABLE}number-columns-repeated", 1)), MOST_COLUMNS - len(row))
            value = _ods_value(cell)
            across = int(cell.get(f"{_TABLE}number-columns-spanned", 1))
            down = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
            if across > 1 or down > 1:
                column = len(row) + 1
                merging.add(MergedRange(number + 1, column, number + down, column + across - 1))
            if (note := cell.find(f"{_OFFICE}annotation")) is not None:
                lines = ("".join(line.itertext()) for line in note.iterfind(f".//{_TEXT}p"))
                found.add_note(number + 1, len(row) + 1, "\n".join(lines), note.findtext(_CREATOR, ""))
            style = cell.get(f"{_TABLE}style-name")
            is_hollow = value is None and cell.get(f"{_TABLE}formula") is not None
            if is_hollow or style in looks.unseen or style in looks.fills:
                marked += [(len(row) + step, style, is_hollow) for step in range(1, count + 1)]
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
            if again * len(marked) > MOST_MARKS:
                raise too_many_rows()
            for at, (column, style, is_hollow) in product(range(number + 1, number + 1 + again), marked):
                if is_hollow:
                    found.hollow.add((at, column))
                if style in looks.unseen:
                    found.aside.add((at, column))
                if style in looks.fills:
                    found.fills[at, column] = looks.fills[style]
        number += again
    return rows


def _ods_value(cell: Any) -> Value:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "date":
        return plain(datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")))
    if kind == "float":
        return float(cell.get(f"{_OFFICE}value", ""))
    text = "\n".join("".join(line.itertext()) for line in cell.iterfind(f"{_TEXT}p"))  # not those of a comment
    return text[:LONGEST_CELL] if text.strip() else None
