"""Reads tables with days across, one row per person; or one row per shift, with people in the cells. Pure."""

from collections.abc import Sequence, Set
from datetime import date
from functools import partial
from itertools import pairwise

from daka.roster.transfer import words
from daka.roster.transfer.beside_shifts import is_change
from daka.roster.transfer.dating import Dates
from daka.roster.transfer.days import are_weekdays, looks_like_day, weekday_in
from daka.roster.transfer.found import PersonInFile
from daka.roster.transfer.headers import ROWS_OF_A_HEADER, Wide, cell, is_somebodys
from daka.roster.transfer.legends import are_times_below
from daka.roster.transfer.months import title_clue
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.spans import TIMES, is_time
from daka.roster.transfer.words import code_of
from daka.spreadsheets.sheet import Row, Value, text_of
from daka.widths import key

SATURDAY = 5
MOST_TIMES = 6
"""Cells with the times of one shift: the starts and ends of three periods."""


def read_wide(page: SheetPage, header: Wide, dates: Dates | None) -> None:
    people, others = list[tuple[int, Row, PersonInFile]](), list[tuple[int, Row]]()
    for index, row in page.sheet.rows_of(header):
        if _is_of_a_person(page, row, header):
            people.append((index, row, page.person_in(row, header)))
        else:
            others.append((index, row))
    used = {key(code) for _, row, _ in people for column in header.days if (code := code_of(cell(row, column)))}
    of_people = {
        key(code_of(cell(row, column)))
        for _, row, who in people
        if not words.is_shift(who.name)
        for column in header.days
    }
    people = [line for line in people if not _is_about_a_shift(line, header, used, of_people)]
    page.names = {who.name for _, _, who in people if who.name}
    _ask_about_rows(page, header, others, used)
    page.ask_about_columns(header, header.person, header.days, [line[:2] for line in people], used)
    top = page.sheet.rows[header.row]
    beyond = next((c for c in range(max(header.days) + 1, len(top)) if words.is_heading(top[c], words.DATE)), None)
    if beyond is not None and all(beyond not in other.columns for other in page.sheet.headers):
        page.ask(header.row, "block_not_understood", "看不懂这张表的表头；没有读取它", text_of(top[beyond]), beyond)
    columns = ((top[column], [cell(row, column) for _, row, _ in people]) for column in header.days)
    if dates is None or not page.are_days(header, dates, columns):
        return
    if _is_of_shifts(page, header, [line[2].name for line in people], used):
        _shifts_down(page, header, dates, people)
        return
    for column in page.columns_before(header) if _are_unmerged(header, people) else ():
        page.ask_about_unmerged(header.row, column, [(index, column) for index, _, _ in people])
    places = {0, page.sheet.numbers[header.row]}
    aside = {column for number, column in page.sheet.sheet.aside if number in places}
    aside = {column - 1 for column in aside} & set(header.days)
    aside |= {column for column in header.days if words.is_closed(text_of(top[column]))}
    _ask_about_hidden(page, aside, header.days, dates, people)
    shades = _column_shades(page, header, dates, [index for index, _, _ in people])
    beside = page.beside(header, ROWS_OF_A_HEADER)
    _ask_about_shifts_beside(page, header, people)
    names_after = [
        column for column in range(max(header.days) + 1, len(top)) if words.is_heading(top[column], words.PERSON)
    ]
    for index, row, person in people:
        page.note_beside(header, index, person, [*page.columns_before(header), *names_after])
        if page.sheet.is_aside(index, -1) or (page.sheet.numbers[index], header.person + 1) in page.sheet.sheet.aside:
            if any(code_of(cell(row, column)) for column in header.days):
                page.ask_about_aside(index, header.person, person.name, person)
            continue
        if page.is_said_otherwise(index, beside, [code_of(cell(row, column)) for column in header.days], person):
            continue
        first = page.people.setdefault((person, tuple(dates)), index)
        if first == index - 1 and not _says_anything(page, index, header):
            continue  # the second row of a name that is merged over two
        if first != index:
            page.ask(
                index,
                "person_twice",
                f"这个人在表里有两行，第 {page.sheet.numbers[first]} 行和第 {page.sheet.numbers[index]} 行：请只留一行",
                f"{person.name} = {page.sheet.numbers[first]}",
                header.person,
                person,
            )
            continue
        _take_row(page, index, row, person, header, dates, shades, aside)


def _ask_about_rows(page: SheetPage, header: Wide, lines: Sequence[tuple[int, Row]], used: set[str]) -> None:
    """About rows without a name that hold shifts, and those under one like a total's or a note's."""
    for index, row in lines:
        values = [cell(row, column) for column in header.days]
        codes, name = [code_of(value) for value in values], words.word_at(row, header.person)
        filled = list(filter(None, codes))
        if name:
            fitting = [key(code) for code in filled if key(code) in used and not code.isdecimal()]
            is_legend = len(set(fitting)) == len(fitting) < len(filled)
            texts = [code for code in filled if not code.isdecimal()]
            is_of_people = len(set(texts)) > 1 and 2 * len(texts) > len(codes) and not are_weekdays(values)
            is_of_people &= not words.is_side_row(name) and not words.is_note(name, values)
            is_some = fitting and words.is_total(name) and not is_legend
            if are_times_below(row, page.sheet.rows[index + 1 : index + 2]):
                continue
            if 2 * len(fitting) > len(codes) or is_of_people or is_some:
                page.ask(index, "no_name", "这一行有班次，但不像是一个人的", name, header.person)
            elif words.is_total(name) and len(set(codes)) > 1:  # a remark of a day, not one across all
                for said in filter(partial(is_change, "remark"), filled):
                    page.ask(index, "changed", "这句话说有人换班、请假或离职；没有读取它", said, header.person)
            continue
        is_count = all(map(str.isdecimal, filled)) and not any(map(str.isdecimal, used))
        is_of_weekdays = are_weekdays(values) or (index == header.row + 1 and _are_digits(values))
        is_side = words.is_total("", _labels(row, header)) or words.is_legend(filled)
        if filled and not (is_side or is_count or is_of_weekdays):
            page.ask(index, "no_name", "这一行有班次，但没有姓名", " ".join(filled), header.person)


def _ask_about_shifts_beside(page: SheetPage, header: Wide, people: Sequence[tuple[int, Row, PersonInFile]]) -> None:
    """About a shift beside the name of somebody whose days say another one, or nothing but when it is not worked:
    早班 | | | 休."""
    top = page.sheet.rows[header.row]
    for _, row, _ in people:
        codes = {key(code) for column in header.days if (code := code_of(cell(row, column)))}
        works = {code for code in codes if not words.is_off(code)}
        for column in page.columns_before(header):
            said = words.word_at(row, column)
            if column in (header.person, header.account, header.mobile):
                continue
            if TIMES.fullmatch(said) and len(works) == 1:
                page.found.also_called.add((next(iter(works)), said))
            named = {key(said), key(said)[:-1]}
            is_other = words.is_heading(cell(top, column), words.SHIFT) and works.isdisjoint(named)
            is_between = bool(codes) and not works and not all(code_of(cell(row, each)) for each in header.days)
            if words.is_shift(said) and not words.is_off(said) and (is_other or is_between):
                page.ask(header.row, "no_heading", "班次写在姓名旁边，日期里没有写它", said, column)
                return


def _are_unmerged(header: Wide, people: Sequence[tuple[int, Row, PersonInFile]]) -> bool:
    """Whether as many people without any shift follow each one with shifts."""
    return words.may_be_unmerged([any(code_of(cell(row, column)) for column in header.days) for _, row, _ in people])


def _ask_about_hidden(
    page: SheetPage,
    aside: Set[int],
    columns: Sequence[int],
    dates: Sequence[date | None],
    people: Sequence[tuple[int, Row, PersonInFile]],
) -> None:
    for column, day in zip(columns, dates, strict=True):
        filled = [line for line in people if code_of(cell(line[1], column))]
        if day and filled and column in aside:
            page.ask_about_aside(filled[0][0], column, str(day), filled[0][2], day)


def _is_of_shifts(page: SheetPage, header: Wide, names: Sequence[str], used: set[str]) -> bool:
    """Whether a table has shifts down and people in its cells."""
    is_of_people = words.is_heading(cell(page.sheet.rows[header.row], header.person), words.PERSON)
    shifts = sum(map(words.is_shift, names))
    return not is_of_people and 2 * shifts > len(names) and 2 * sum(map(words.is_shift, used)) < len(used)


def _shifts_down(
    page: SheetPage, header: Wide, dates: Sequence[date | None], lines: Sequence[tuple[int, Row, PersonInFile]]
) -> None:
    for index, row, shift in lines:
        page.ask_about_unmerged(index, header.person, [(index, column) for column in header.days])
        page.found.rows += 1
        for column, day in zip(header.days, dates, strict=True):
            for name in words.names_in(cell(row, column)) if day else ():
                page.take(index, column, PersonInFile(name), day, shift.name)  # type: ignore[arg-type]


def _says_anything(page: SheetPage, index: int, header: Wide) -> bool:
    """Whether a row has a shift, a mark, a colour or a formula without a value in its days, or another label than the one
    above, as 下午 below 上午."""
    row, above = page.sheet.rows[index], page.sheet.rows[index - 1]
    labels = range(header.days[0])
    if any(cell(row, column) not in (None, cell(above, column)) for column in labels):
        return True
    places = {(page.sheet.numbers[index], column + 1) for column in header.days}
    is_marked = not places.isdisjoint(page.sheet.sheet.hollow) or not places.isdisjoint(page.sheet.sheet.fills)
    return is_marked or any(cell(row, column) is not None for column in header.days)


def _take_row(
    page: SheetPage,
    index: int,
    row: Row,
    person: PersonInFile,
    header: Wide,
    dates: Sequence[date | None],
    shades: Set[tuple[int, int | None]],
    aside: Set[int],
) -> None:
    number = page.sheet.numbers[index]
    own = [page.sheet.sheet.fills.get((number, column + 1)) for column in (header.person, *header.days)]
    with_text = {colour for colour, column in zip(own[1:], header.days, strict=True) if code_of(cell(row, column))}
    of_row = {colour for colour in with_text if 2 * own.count(colour) >= len(own)}
    page.found.rows += 1
    before = page.found.days_of.setdefault(person, {})
    for column, day in zip(header.days, dates, strict=True):
        if day is None or column in aside:
            continue
        code = code_of(cell(row, column))
        if bool(before.setdefault(day, code)) != bool(code):
            said = f"{person.name} {day}: {code or before[day]} / （空）"
            page.ask(index, "twice", "一处排了班，另一处是空的", said, column, person, day)
        colour = page.sheet.sheet.fills.get((number, column + 1))
        is_mark = colour and colour != own[0] and colour not in of_row and (column, colour) not in shades
        if not code and is_mark:
            page.ask_for_value(index, column, person, day)
        else:
            page.take(index, column, person, day, code)


def _column_shades(page: SheetPage, header: Wide, dates: Dates, people: Sequence[int]) -> set[tuple[int, int | None]]:
    """Column and colour where a whole column is shaded: its heading too, or cells with shifts, or it is of a weekend."""
    fills = page.sheet.sheet.fills
    shades = set[tuple[int, int | None]]()
    for column, day in zip(header.days, dates, strict=True) if fills else ():
        colours = [fills.get((page.sheet.numbers[index], column + 1)) for index in people]
        shades.add((column, fills.get((page.sheet.numbers[header.row], column + 1))))
        for colour in set(colours):
            is_of_most = colours.count(colour) > 1 and 2 * colours.count(colour) >= len(colours)
            with_text = any(
                own == colour and code_of(cell(page.sheet.rows[index], column))
                for own, index in zip(colours, people, strict=True)
            )
            if is_of_most and (with_text or (day and day.weekday() >= SATURDAY)):
                shades.add((column, colour))
    return shades


def weekdays_of(page: SheetPage, header: Wide) -> list[int | None]:
    top = page.sheet.rows[header.row]
    own = [weekday_in(top[column]) for column in header.days]
    if any(weekday is not None for weekday in own):
        return own
    for index in (header.row + 1, header.row - 1):
        row = page.sheet.rows[index] if 0 <= index < len(page.sheet.rows) else []
        values = [cell(row, column) for column in header.days]
        name = key(words.word_at(row, header.person))
        if are_weekdays(values) and (not name or name in words.PERSON or words.is_side_row(name)):
            return [weekday_in(value) for value in values]
    return own


def _is_of_a_person(page: SheetPage, row: Row, header: Wide) -> bool:
    """Whether a row holds somebody's shifts."""
    if is_somebodys(row, header):
        return True
    values = [cell(row, column) for column in header.days]
    name = words.word_at(row, header.person)
    corner = words.word_at(page.sheet.rows[header.row], header.person)
    is_heading = words.is_heading(name, words.PERSON) or key(name) == key(corner)
    is_of_days = are_weekdays(values) or not any(code_of(value) and not looks_like_day(value) for value in values)
    if (is_of_days and is_heading) or (are_weekdays(values) and not name):
        return False
    filled = [code for value in values if (code := code_of(value))]
    is_side = words.is_total(name, _labels(row, header)) or words.is_side_row(name)
    is_title = not filled and title_clue(name) is not None
    return bool(name) and not (is_side or is_title or words.is_note(name, values))


def _labels(row: Row, header: Wide) -> list[str]:
    """What stands left of the days, besides the name."""
    before = range(0 if header.columns.start < 3 else header.columns.start, header.days[0])
    return [words.word_at(row, column) for column in before if column != header.person]


def _is_about_a_shift(line: tuple[int, Row, PersonInFile], header: Wide, used: Set[str], of_people: Set[str]) -> bool:
    """Whether a row counts or explains a shift, whose code is where the others have their names."""
    _, row, person = line
    if is_somebodys(row, header):
        return False
    codes = [code for column in header.days if (code := code_of(cell(row, column)))]
    word = key(person.name)
    is_used = not used.isdisjoint((word, word.removesuffix("班"), f"{word}班"))
    if codes and (is_used or words.is_heading(person.name, words.SPAN)) and all(map(is_time, codes)):
        return len(codes) <= MOST_TIMES
    if codes and all(map(str.isdecimal, codes)):
        return is_used or (words.is_shift(word) and of_people.isdisjoint(codes))
    return is_used and words.is_shift(word) and len(codes) <= words.MOST_WORDS_OF_A_LEGEND and len(header.days) > 7


def _are_digits(values: Sequence[Value]) -> bool:
    """Whether these are weekdays as digits: 2 3 4 5 6 7 1 2 …"""
    numbers = [value for value in values if isinstance(value, (int, float))]
    return len(numbers) == len(values) and all(
        1 <= after <= 7 and after == before % 7 + 1 for before, after in pairwise(numbers)
    )
