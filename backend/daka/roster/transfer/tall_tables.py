"""Reads tables with days down, people or shifts across. Pure."""

from daka.roster.transfer import words
from daka.roster.transfer.dating import Dates
from daka.roster.transfer.days import are_weekdays, looks_like_day, weekday_in
from daka.roster.transfer.found import PersonInFile
from daka.roster.transfer.headers import Tall, cell
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.words import code_of
from daka.spreadsheets.sheet import Row, text_of


def read_tall(page: SheetPage, header: Tall, dates: Dates | None) -> None:
    top = page.sheet.rows[header.row]
    for index, row in page.sheet.rows_of(header):
        name, values = text_of(cell(row, header.day)), [cell(row, column) for column in header.across]
        is_side = words.is_total(name) or words.is_note(name, values)
        if any(map(code_of, values)) and not is_side and not _is_of_a_day(row, header):
            page.ask(index, "bad_date", "不是日期", name, header.day)
    lines = lines_of(page, header)
    columns = ((cell(row, header.day), [cell(row, column) for column in header.across]) for _, row in lines)
    if dates is None or not page.are_days(header, dates, columns):
        return
    of_shifts = 2 * sum(words.is_shift(text_of(top[column])) for column in header.across) > len(header.across)
    has_weekdays = sum(weekday_in(cell(row, header.day + 1)) is not None for _, row in lines) == len(lines)
    beside = header.day + has_weekdays
    page.ask_about_columns(header, beside, (beside, *header.across), lines, set())
    for (index, row), day in zip(lines, dates, strict=True):
        page.found.rows += 1
        for column in header.across if day else ():
            heading, value = words.word_of(top[column]), cell(row, column)
            code = code_of(value)
            names = words.names_in(value) if of_shifts and code else [heading]
            if of_shifts and not code and (page.sheet.numbers[index], column + 1) not in page.sheet.sheet.hollow:
                continue
            for name in names:
                page.take(index, column, PersonInFile(name), day, heading if of_shifts and code else code)  # type: ignore[arg-type]


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
