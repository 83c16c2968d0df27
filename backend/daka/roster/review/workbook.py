"""Writes the month report as a workbook. Pure."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from daka.roster.requests.models import leave_type_name
from daka.roster.rules import Share
from daka.spreadsheets.csv_text import as_text

TOTALS = {
    "工时": "hours",
    "上班天数": "work_days",
    "夜班": "nights",
    "周末": "weekends",
    "节假日": "holidays",
    "休息天数": "rest_days",
    "请假天数": "leave_days",
    "最长连班": "longest_run",
}


@dataclass(frozen=True, slots=True)
class ReportTable:
    people: Sequence[tuple[str, str, Share]]
    """Name, account and share."""
    shifts: Sequence[tuple[int, str]]
    """Id and heading of all shifts; those that nobody has make no column."""


def _lines(table: ReportTable) -> Iterator[list[Any]]:
    shares = [share for _, _, share in table.people]
    shifts = [(shift_id, head) for shift_id, head in table.shifts if any(shift_id in share.shifts for share in shares)]
    leave = sorted({kind for share in shares for kind in share.leave_types if kind})
    yield [
        "姓名",
        "账号",
        *TOTALS,
        *(as_text(head) for _, head in shifts),
        *(as_text(leave_type_name(kind)) for kind in leave),
    ]
    for name, account, share in table.people:
        yield [
            as_text(name),
            as_text(account),
            *(getattr(share, total) for total in TOTALS.values()),
            *(share.shifts.get(shift_id, 0) for shift_id, _ in shifts),
            *(share.leave_types.get(kind, 0) for kind in leave),
        ]


def as_xlsx(table: ReportTable) -> bytes:
    """One row per person: totals, then the days of each shift and of each type of leave."""
    import openpyxl  # megabytes that most processes never need
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("月报")
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 14
    head, *lines = _lines(table)
    cells = [WriteOnlyCell(sheet, value=text) for text in head]
    for cell in cells:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center", wrap_text=True)
    sheet.append(cells)
    for line in lines:
        sheet.append(line)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
