"""Reads XML Spreadsheet 2003, which many systems export under the name of a workbook. Pure."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
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
    plain,
    too_many_rows,
    whatever_breaks_it,
    without_blank_end,
)

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


@dataclass(slots=True)
class _Styles:
    """What styles make of their cells, by id."""

    unseen: set[str] = field(default_factory=set)
    colours: dict[str, str] = field(default_factory=dict)

    def add(self, style: Any) -> None:
        name, font, fill = style.get(f"{_SS}ID"), style.find(f"{_SS}Font"), style.find(f"{_SS}Interior")
        colour = (fill.get(f"{_SS}Color") or "").upper() if fill is not None else ""
        if colour and colour != "#FFFFFF":
            self.colours[name] = colour
        is_white = (
            font is not None and (font.get(f"{_SS}Color") or "").upper() == "#FFFFFF" and name not in self.colours
        )
        if is_white or (font is not None and font.get(f"{_SS}StrikeThrough") == "1"):
            self.unseen.add(name)


def xml_sheets(body: bytes) -> Iterator[Sheet]:
    """The visible sheets of a workbook."""
    from defusedxml.ElementTree import iterparse

    with whatever_breaks_it():
        styles = _Styles()
        for _, element in iterparse(io.BytesIO(body)):
            if element.tag == f"{_SS}Style":
                styles.add(element)
            elif element.tag == f"{_SS}Worksheet":
                if not any(
                    each.text in ("SheetHidden", "SheetVeryHidden") for each in element.iterfind("{*}*/{*}Visible")
                ):
                    yield Sheet.of(element.get(f"{_SS}Name") or "", partial(_rows, element, styles))
                element.clear()


def _rows(sheet: Any, styles: _Styles, found: Sheet) -> list[tuple[int, Row]]:
    merging = Merging(found.hollow)
    colours: dict[str, int] = {}
    rows: list[tuple[int, Row]] = []
    number = column = 0
    for one in sheet.iter(f"{_SS}Column"):
        column = _count(one, "Index", column + 1)
        across = min(_count(one, "Span", 0), MOST_COLUMNS)
        if one.get(f"{_SS}Hidden") == "1" or one.get(f"{_SS}Width") == "0":
            found.aside.update((0, column + step) for step in range(across + 1))
        column += across
    for line in sheet.iter(f"{_SS}Row"):
        number = max(number + 1, _count(line, "Index", 0))
        row: Row = []
        for cell in line.iterfind(f"{_SS}Cell"):
            column = max(len(row), _count(cell, "Index", 0) - 1)
            if column >= MOST_COLUMNS:
                break
            row.extend([None] * (column - len(row)))
            value, style = _value(cell), cell.get(f"{_SS}StyleID")
            across, down = _count(cell, "MergeAcross", 0), _count(cell, "MergeDown", 0)
            if across or down:
                merging.add(MergedRange(number, column + 1, number + down, column + 1 + across))
            if style in styles.unseen:
                found.aside.add((number, column + 1))
            if style in styles.colours:
                found.fills[number, column + 1] = colours.setdefault(styles.colours[style], len(colours) + 1)
            if (note := cell.find(f"{_SS}Comment")) is not None:
                found.add_note(number, column + 1, "".join(note.itertext()), note.get(f"{_SS}Author", ""))
            if value is None and cell.get(f"{_SS}Formula"):
                found.hollow.add((number, column + 1))
            row.extend([value, *[None] * min(across, MOST_COLUMNS - column)])
        merging.fill(number, row)
        if line.get(f"{_SS}Hidden") == "1":
            found.aside.add((number, 0))
        if without_blank_end(row):
            if rows and number - rows[-1][0] > MOST_BLANK_ROWS:
                break
            rows.append((number, row))
            if len(rows) > MOST_ROWS:
                raise too_many_rows()
    return rows


def _count(element: Any, name: str, otherwise: int) -> int:
    return max(0, int(element.get(f"{_SS}{name}", otherwise)))


def _value(cell: Any) -> Value:
    data = cell.find(f"{_SS}Data")
    text = "" if data is None else "".join(data.itertext())
    if not text.strip():
        return None
    kind = data.get(f"{_SS}Type")
    if kind == "DateTime":
        when = datetime.fromisoformat(text)
        return plain(when.time() if when.year < 1900 else when)
    return float(text) if kind == "Number" else text[:LONGEST_CELL]
