"""Parses roster files into people, dates and codes. Pure.

A file goes through sheets (`spreadsheets/`) → headers (`headers.py`) → which days (`months.py`, `dating.py`) → cells and
questions (`tables.py`); JSON through `older_json.py`. Width, case and whitespace are ignored when words are compared. What is
not certain is a problem of the result, never a guess.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from daka.roster.transfer.beside_shifts import CHANGED, row_as_text, tells_change
from daka.roster.transfer.found import CellInFile, RosterInFile
from daka.roster.transfer.headers import Long, Tall
from daka.roster.transfer.legends import Legend, is_contradicted
from daka.roster.transfer.months import clue_in, is_title_word, sheet_clue
from daka.roster.transfer.older_json import read_json
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.registers import NOT_A_ROSTER, told_by
from daka.roster.transfer.sheet_in_file import SheetInFile
from daka.roster.transfer.spans import TIMES
from daka.roster.transfer.tables import read_tables
from daka.roster.transfer.words import is_old_sheet, is_outdated
from daka.spreadsheets.csv_text import decoded
from daka.spreadsheets.reading import is_json, sheets
from daka.spreadsheets.sheet import BadFile, Row, text_of
from daka.widths import key

OUTDATED = "名称或标题说这是旧的、草稿、意愿或示例；要用它，请先改掉"
OnRow = Callable[[int], None]
"""Called with the number of rows read so far; may raise to stop reading."""


def read_file(
    body: bytes, *, file_name: str = "", month: date | None = None, on_row: OnRow = lambda _count: None
) -> RosterInFile:
    """Parse a roster file. `month` is the month that the planner chose for its first day.

    Raises:
        BadFile: the file cannot be read, or contains no recognisable roster.
    """
    found = RosterInFile()
    if is_json(body):
        read_json(decoded(body), found)
        return found
    count = 0
    read: list[SheetInFile] = []
    for sheet in sheets(body):
        numbers: list[int] = []
        rows: list[Row] = []
        for number, row in sheet.rows:
            count += 1
            on_row(count)
            numbers.append(number)
            rows.append(row)
        read.append(SheetInFile(sheet, numbers, rows))
    with_roster = [each for each in read if each.has_roster]
    if not with_roster:
        raise _not_recognised()
    file_clue = clue_in(file_name.rpartition(".")[0] or file_name)
    legend = Legend()
    is_december = False
    beside: list[tuple[SheetInFile, list[tuple[int, Row]]]] = []
    names = {each.sheet.name for each in with_roster}
    old_names = set(filter(is_old_sheet, names))
    old = [each for each in with_roster if each.sheet.name in old_names] if old_names < names else []
    filled = [each for each in with_roster if not each.is_blank]
    for each in read:
        if (old and each.sheet.name in old_names) or (filled and each in with_roster and each not in filled):
            continue
        before, own = len(found.cells), sheet_clue(each.sheet.name)
        of_file = file_clue
        if (
            own and file_clue and is_december and own.month == 1
        ):  # of the year after the one that the file is called after?
            of_file = replace(file_clue, year=None)
        is_december = own is not None and own.month == 12
        read_tables(SheetPage(each, month, of_file, len(with_roster) == 1, found))
        _add_notes(each, found, found.cells[before:])
        if each.has_roster and (sign := told_by(each, (cell.code for cell in found.cells[before:]))):
            found.add_problem(each.numbers[0], "not_a_roster", NOT_A_ROSTER, sign, sheet=each.sheet.name)
        is_list = all(isinstance(header, Long) for header in each.headers)
        beside.append((each, each.beside({cell.row for cell in found.cells[before:] if cell.code or is_list})))
        legend.read(row for _, row in beside[-1][1])
    people = frozenset(key(cell.person.name) for cell in found.cells if cell.code and len(cell.person.name) > 1)
    days = frozenset(cell.day for cell in found.cells if cell.code)
    for word, name in found.also_called:
        legend.take(f"{word}={name}") if TIMES.fullmatch(name) else legend.add(word, name)
    _ask_about_legend(found, legend)
    has_colours = any(each.sheet.fills for each in read)
    for each, lines in beside:
        _ask_about_changes(each, found, lines, people, days, has_colours=has_colours)
    if is_outdated(file_name.rpartition(".")[0]):
        found.add_problem(1, "outdated", OUTDATED, file_name)
    said = {(cell.person, cell.day): cell.code for cell in found.cells}
    for each in (each for each in old if each in filled):
        of_old = RosterInFile()
        read_tables(SheetPage(each, month, file_clue, False, of_old))
        if of_old.problems or any(said.get((cell.person, cell.day), "") != cell.code for cell in of_old.cells):
            name = each.sheet.name
            detail = "按名称，这张工作表是旧的、草稿或样表；没有读取它"
            found.add_problem(each.numbers[0], "set_aside", detail, name, sheet=name)
    if not found.cells and not found.problem_count:
        raise _not_recognised()
    found.legend = legend.entries
    found.sheets = [each.sheet.name for each in with_roster]
    first = next(header for header in with_roster[0].headers)
    found.layout = "long" if isinstance(first, Long) else "tall" if isinstance(first, Tall) else "wide"
    return found


def _add_notes(sheet: SheetInFile, found: RosterInFile, cells: Sequence[CellInFile]) -> None:
    """What is noted at the cells of a sheet; beside somebody's shifts, it is about them."""
    at_place = {(cell.row, cell.column): cell for cell in cells} if sheet.sheet.notes else {}
    in_row = {cell.row: cell.person for cell in cells} if at_place else {}
    for (row, column), said in sorted(sheet.sheet.notes.items()):
        cell = at_place.get((row, column))
        person, day = (cell.person, cell.day) if cell else (in_row.get(row), None)
        detail = "批注；这一格按原样读取"
        found.notes.add_problem(
            row, "note", detail, said, column=column, sheet=sheet.sheet.name, person=person, day=day
        )


def _ask_about_legend(found: RosterInFile, legend: Legend) -> None:
    """About codes that are used, and of which the file says two things, or what cannot be."""
    first = {key(cell.code): cell for cell in reversed(found.cells) if cell.code}
    for cell in reversed(first.values()):
        if is_contradicted(cell.code, legend):
            detail = "两处图例对这个代号说法不同，或格子里的时间与图例不同；请改成一种，或用两个代号"
            found.add_problem(cell.row, "legend", detail, cell.code, column=cell.column)


def _ask_about_changes(
    sheet: SheetInFile,
    found: RosterInFile,
    beside: Sequence[tuple[int, Row]],
    names: frozenset[str],
    days: frozenset[date],
    *,
    has_colours: bool,
) -> None:
    """About lines beside the tables that say that somebody does not work as planned, or that the roster does not count."""
    name = sheet.sheet.name
    asked = {problem.row for problem in found.problems if problem.sheet == name}
    first = sheet.numbers[sheet.headers[0].row] if sheet.has_roster else 0
    if first and is_outdated(name):
        found.add_problem(sheet.numbers[0], "outdated", OUTDATED, name, sheet=name)
    register = "" if sheet.has_roster else " ".join([name, *map(text_of, next(iter(sheet.rows), []))])
    for number, row in beside:
        if number in asked:
            continue
        line = row_as_text(row, names, days)
        if line and tells_change(f"{line} {register}", frozenset(), days):
            found.add_problem(number, "changed", CHANGED, line, sheet=name)
            continue
        for text in dict.fromkeys(value for value in row if isinstance(value, str)):
            column = row.index(text) + 1
            if detail := tells_change(text, names, days, has_colours=has_colours):
                found.add_problem(number, "changed", detail, text_of(text), column=column, sheet=name)
                break
            if number < first and is_title_word(text) and is_outdated(text):
                found.add_problem(number, "outdated", OUTDATED, text_of(text), column=column, sheet=name)


def _not_recognised() -> BadFile:
    return BadFile("roster_not_recognised", "没有识别出排班表：需要一行日期加一列姓名，或「姓名、日期、班次」三列")
