"""Reads the tables of a sheet, below their headers, into cells and questions. Pure."""

from collections.abc import Sequence

from daka.roster.transfer.dating import Dates, Headings, dated, weeks_question
from daka.roster.transfer.days import DateParts, completed, date_parts
from daka.roster.transfer.headers import Header, Long, Tall, Wide, cell
from daka.roster.transfer.long_tables import read_long
from daka.roster.transfer.months import Clue, Question
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.tall_tables import lines_of, read_tall, weekday_beside
from daka.roster.transfer.wide_tables import read_wide, weekdays_of
from daka.spreadsheets.sheet import Value, text_of

FIRST_HOURS, DAYS_OF_A_WEEK = range(5, 11), 7
FEWEST_OF_MONTH = 28
"""Days that are counted as 第1天, 第2天: fewer may be those of a cycle."""


def read_tables(page: SheetPage) -> None:
    """All tables of a sheet, with what is asked about them."""
    dates = _dates(page)
    for header in page.sheet.headers:
        if isinstance(header, Wide):
            read_wide(page, header, dates.get(header))
        elif isinstance(header, Long):
            read_long(page, header)
        elif isinstance(header, Tall):
            read_tall(page, header, dates.get(header))
        else:
            said = " ".join(text_of(value) for value in page.sheet.rows[header.row] if value is not None)
            page.ask(header.row, "block_not_understood", "看不懂这张表的表头；没有读取它", said)


def _dates(page: SheetPage) -> dict[Header, Dates]:
    """The dates of each table whose days are certain; asks about the others."""
    tables = [header for header in page.sheet.headers if isinstance(header, (Wide, Tall))]
    said = [_headings(page, header) for header in tables]
    found = dated(said, page.chosen, is_only_sheet=page.is_only_sheet)
    for header, headings, dates in zip(tables, said, found, strict=True):
        if isinstance(dates, Question):
            page.ask(header.row, dates.code, dates.detail, dates.between)
        elif dates and len(dates) < FEWEST_OF_MONTH and text_of(_values(page, header)[0]).startswith("第"):
            page.ask(header.row, "month_unknown", "第几天不一定是几号；请写上日期", f"第1天 … 第{len(dates)}天")
        elif dates and (question := weeks_question(filter(None, dates), fewest=2)):
            page.ask(header.row, question.code, question.detail, question.between)
        elif dates and len({each.parts for each in said}) == 1 and _may_be_hours(headings, _values(page, header)):
            page.ask(header.row, "hours", "可能是钟点；如果是日期，请写成 8日 这样", text_of(_values(page, header)[0]))
    return {header: dates for header, dates in zip(tables, found, strict=True) if isinstance(dates, list)}


def _may_be_hours(headings: Headings, values: Sequence[Value]) -> bool:
    """Whether bare numbers such as 8 … 20 or 1 … 24, of no range and without weekdays, may be hours of a day."""
    days = [day for _, _, day in headings.parts]
    is_counted = all(text_of(value).isdecimal() for value in values) and days == list(range(days[0], days[-1] + 1))
    is_said = any(clue and (clue.span or clue.ends) for clue in headings.clues) or set(headings.weekdays) != {None}
    is_of_hours = (days[0] in FIRST_HOURS and len(days) > DAYS_OF_A_WEEK and days[-1] <= 24) or days == [*range(1, 25)]
    return is_counted and is_of_hours and not is_said


def _headings(page: SheetPage, header: Wide | Tall) -> Headings:
    values = _values(page, header)
    if isinstance(header, Tall):
        weekdays = [weekday_beside(row, header) for _, row in lines_of(page, header)]
        months: list[Clue | None] = [None] * len(values)
    else:
        weekdays, months = weekdays_of(page, header), page.sheet.months_above(header)
    parts: list[DateParts] = []
    for value, month in zip(values, months, strict=True):
        year, own, day = date_parts(value) or (None, None, 0)
        found = (year, own, day) if own or month is None else (month.year, month.month, day)
        parts.append(completed(parts[-1] if parts else None, found))
    return Headings(tuple(parts), tuple(weekdays), tuple(page.clues(header)))


def _values(page: SheetPage, header: Wide | Tall) -> list[Value]:
    """The cells with the days of a table."""
    if isinstance(header, Tall):
        return [cell(row, header.day) for _, row in lines_of(page, header)]
    return [page.sheet.rows[header.row][column] for column in header.days]
