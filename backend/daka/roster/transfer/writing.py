"""Writes rosters as JSON, CSV and XLSX, in wide and long layout, and the blank template. Pure."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from daka.spreadsheets.csv_text import as_text, csv_file
from daka.spreadsheets.sheet import OWN_AUTHOR

Layout = Literal["wide", "long"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A person and their shift codes, one per date; "" is a blank cell."""

    name: str
    account: str
    codes: Sequence[str]
    leave: Mapping[date, str] = field(default_factory=dict)
    """What stands in a note at the cell: the leave of that day. The import passes over our own notes."""


@dataclass(frozen=True, slots=True)
class RosterTable:
    dates: Sequence[date]
    off: frozenset[date]
    """Weekends and holidays, which are shaded."""
    people: Sequence[ExportRow]
    shifts: Sequence[tuple[str, str, str]] = ()
    """Code, name and times (or other words) of each shift, for the legend sheet."""


def _lines(table: RosterTable, layout: Layout) -> Iterator[list[Any]]:
    if layout == "wide":
        yield ["姓名", "账号", *table.dates]
        for person in table.people:
            yield [as_text(person.name), as_text(person.account), *map(as_text, person.codes)]
        return
    yield ["姓名", "账号", "日期", "班次"]
    for person in table.people:
        for day, code in zip(table.dates, person.codes, strict=True):
            if code:
                yield [as_text(person.name), as_text(person.account), day, as_text(code)]


def as_csv(table: RosterTable, layout: Layout) -> bytes:
    return csv_file(_lines(table, layout))


def as_json(table: RosterTable) -> bytes:
    """One object per cell; the import can read it."""
    entries = [
        {"username": person.account, "display_name": person.name, "date": day.isoformat(), "code": code}
        for person in table.people
        for day, code in zip(table.dates, person.codes, strict=True)
        if code
    ]
    return json.dumps({"assignments": entries}, ensure_ascii=False).encode()


def as_xlsx(table: RosterTable, layout: Layout) -> bytes:
    """A workbook, written row by row."""
    import openpyxl  # megabytes that most processes never need
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("排班表")
    sheet.freeze_panes = "C2" if layout == "wide" else "A2"
    sheet.column_dimensions["A"].width = 14
    bold, shade = Font(bold=True), PatternFill("solid", start_color="FFE9E4DA")
    middle = Alignment(horizontal="center", wrap_text=True)
    for number, line in enumerate(_lines(table, layout)):
        cells = []
        for index, value in enumerate(line):
            day = table.dates[index - 2] if layout == "wide" and index >= 2 else None
            leave = table.people[number - 1].leave.get(day) if number and day else None
            if number and not leave and (day is None or day not in table.off) and not isinstance(value, date):
                cells.append(value or None)
                continue
            cell = WriteOnlyCell(sheet, value=value or None)
            if isinstance(value, date):
                cell.number_format = "m/d" if layout == "wide" else "yyyy-mm-dd"
            if not number:
                cell.font, cell.alignment = bold, middle
            if day in table.off:
                cell.fill = shade
            if leave:
                cell.comment = Comment(leave, OWN_AUTHOR)
            cells.append(cell)
        sheet.append(cells)
    if table.shifts:
        legend = book.create_sheet("班次说明")
        legend.append(["代码", "名称", "时间"])
        for shift in table.shifts:
            legend.append([as_text(text) for text in shift])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
