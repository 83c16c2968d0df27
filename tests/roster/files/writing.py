"""What the shapes have in common."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from openpyxl.styles import PatternFill

from roster.files.shapes import days, weekday

OVER_NEW_YEAR = days(date(2026, 12, 26), 31)


def pay(year: int, month_of: int, day: int, count: int) -> list[date]:
    return days(date(year, month_of, day), count)


def weekdays(of: list[date]) -> list[Any]:
    return [None, *map(weekday, of)]


def seven() -> list[int]:
    return list(range(1, 8))


def hide(row: int = 0, column: str = "") -> Callable[[Any], None]:
    return lambda sheet: setattr(sheet.row_dimensions[row] if row else sheet.column_dimensions[column], "hidden", True)


def paint(cells: list[str], colour: str) -> Callable[[Any], None]:
    def painted(sheet: Any) -> None:
        for cell in cells:
            sheet[cell].fill = PatternFill("solid", start_color=colour)

    return painted


def joined(parts: Iterable[list[Any]]) -> list[Any]:
    return [each for part in parts for each in part]
