"""Reads tables with days down, people or shifts across. Pure."""

import re

from daka.roster.transfer import words
from daka.roster.transfer.dating import Dates
from daka.roster.transfer.days import are_weekdays, looks_like_day, weekday_in
from daka.roster.transfer.found import PersonInFile
from daka.roster.transfer.headers import Tall, cell
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.words import code_of
from daka.spreadsheets.sheet import Row, text_of
from daka.widths import key

ROWS_ABOVE = 5
"""In which the owner of a table of one person is named."""
_UNNAMED = re.compile(r"(?:sheet|工作表)?\s?\d*", re.IGNORECASE)


def read_tall(page: SheetPage, header: Tall, dates: Dates | None) -> None:
    top, statuses = page.sheet.rows[header.row], page.beside(header)
    across = tuple(column for column in header.across if column not in statuses)
    if not across:
        across, statuses = header.across, {}
    for index, row in page.sheet.rows_of(header):
        name, values = text_of(cell(row, header.day)), [cell(row, column) for column in header.across]
        is_side = words.is_total(name) or words.is_note(name, values)
        if any(map(code_of, values)) and not is_side and not _is_of_a_day(row, header):
            page.ask(index, "bad_date", "不是日期", name, header.day)
    lines = lines_of(page, header)
    columns = ((cell(row, header.day), [cell(row, column) for column in header.across]) for _, row in lines)
    if dates is None or not page.are_days(header, dates, columns):
        return
    owner = _owner(page, header.row, across)
    of_shifts = owner is None and 2 * sum(words.is_shift(text_of(top[column])) for column in across) > len(across)
    has_weekdays = sum(weekday_in(cell(row, header.day + 1)) is not None for _, row in lines) == len(lines)
    beside = header.day + has_weekdays
    in_cells = {key(name) for _, row in lines for column in across for name in words.names_in(cell(row, column))}
    page.names = in_cells if of_shifts else {word for column in across if (word := words.word_of(top[column]))}
    for column in across if of_shifts else ():
        page.ask_about_unmerged(header.row, column, [(index, column) for index, _ in lines])
    page.ask_about_columns(header, beside, (beside, *across, *statuses), lines, in_cells)
    for column in page.columns_before(header):
        heading = words.word_at(top, column)
        texts = [code for _, row in lines if (code := code_of(cell(row, column))) and not code.isdecimal()]
        if texts and (words.is_shift(heading) or 2 * sum(key(text) in in_cells for text in texts) > len(lines)):
            page.ask(header.row, "no_heading", "日期左边还有一列班次或姓名；没有读取它", heading, column)
    for (index, row), day in zip(lines, dates, strict=True):
        page.found.rows += 1
        if page.is_said_otherwise(index, statuses, [code_of(cell(row, column)) for column in across]):
            continue
        for column in across if day else ():
            heading, value = words.word_of(top[column]), cell(row, column)
            code = code_of(value)
            names = words.names_in(value) if of_shifts and code else [heading if owner is None else owner]
            if of_shifts and not code and (page.sheet.numbers[index], column + 1) not in page.sheet.sheet.hollow:
                continue
            for name in names:
                page.take(index, column, PersonInFile(name), day, heading if of_shifts and code else code)  # type: ignore[arg-type]


def _owner(page: SheetPage, top: int, across: tuple[int, ...]) -> str | None:
    """Whose shifts a table of dates and shifts without a name holds: who is named above it, or else as the sheet is called;
    "" if nobody is. None: it has people or shifts across."""
    if len(across) > 1 or not words.is_heading(cell(page.sheet.rows[top], across[0]), words.SHIFT):
        return None
    for row in reversed(page.sheet.rows[max(0, top - ROWS_ABOVE) : top]):
        for column, value in enumerate(row):
            label, colon, name = text_of(value).partition(":")
            if words.is_heading(label, words.PERSON):
                return words.word_of(name) if colon and name else words.word_at(row, column + 1)
    return "" if _UNNAMED.fullmatch(page.sheet.sheet.name) else page.sheet.sheet.name


def lines_of(page: SheetPage, header: Tall) -> list[tuple[int, Row]]:
    return [line for line in page.sheet.rows_of(header) if _is_of_a_day(line[1], header)]


def weekday_beside(row: Row, header: Tall) -> int | None:
    """The weekday in the cell of the date or, if that is nobody's, in the one beside it."""
    beside = cell(row, header.day + 1)
    is_weekday = isinstance(beside, str) and are_weekdays([beside, "一", "二"]) and header.day + 1 not in header.across
    own = weekday_in(cell(row, header.day))
    return weekday_in(beside) if own is None and is_weekday else own


def _is_of_a_day(row: Row, header: Tall) -> bool:
    value = cell(row, header.day)
    return value is not None and looks_like_day(value)
