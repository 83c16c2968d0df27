"""Reads tables with one row per shift or span. Pure."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from daka.roster.dates import next_month
from daka.roster.transfer import words
from daka.roster.transfer.beside_shifts import columns_beside, contradiction
from daka.roster.transfer.dating import day_within, weeks_question
from daka.roster.transfer.days import DateParts, as_date, date_parts, follows, looks_like_day, span_in
from daka.roster.transfer.found import PersonInFile
from daka.roster.transfer.headers import Long, cell, is_somebodys
from daka.roster.transfer.months import Clue, Question, agreed
from daka.roster.transfer.page import SheetPage
from daka.roster.transfer.spans import TIMES
from daka.roster.transfer.words import code_of
from daka.spreadsheets.sheet import Row, Value, text_of
from daka.widths import key

LONGEST_SPAN_DAYS = 400
_HOUR = re.compile(r"[ T](\d\d?):\d\d")
_SEVERAL = re.compile(r"[;、]|(?<=[\u4e00-\u9fff])\s?[,/\n]\s?(?=[\u4e00-\u9fff])")
_MOMENT = re.compile(r"(20\d\d[-/.]\d{1,2}[-/.]\d{1,2})[T ](\d{1,2}:\d\d)(?::00)?")
FIRST_DAYS = 15
"""Of a month, in which no pay month begins."""


def read_long(page: SheetPage, header: Long) -> None:
    said = agreed(page.clues(header), page.chosen)
    month = page.chosen
    if month is None and isinstance(said, Clue) and said.year and said.month:
        month = date(said.year, said.month, 1)
    _ask_about_more_names(page, header)
    beside = columns_beside(page.sheet.rows[header.row], header)
    known = {
        key(words.word_at(row, at)) for _, row in page.sheet.rows_of(header) for at in (header.person, header.shift)
    }
    known = {word for word in known if word and not word.isdecimal()}
    own = {header.day, header.until, header.shift, header.begin, header.cease, header.instead, header.status}
    others = [column for column in header.columns[: len(page.sheet.rows[header.row])] if column not in own]
    found, latest = set[date](), dict[PersonInFile, DateParts]()
    for index, row in page.sheet.rows_of(header):
        person = page.person_in(row, header)
        value, shift = cell(row, header.day), cell(row, header.shift)
        labels = [words.word_at(row, column) for column in header.columns[:3] if column != header.person]
        is_side = words.is_total(person.name, labels) or words.is_note(person.name, [shift, value])
        if is_side and not is_somebodys(row, header):
            if value is not None and looks_like_day(value) and code_of(shift) and not code_of(shift).isdecimal():
                page.ask(index, "no_name", "这一行有班次，但不像是一个人的", person.name, header.person)
            continue
        if words.is_heading(person.name, words.PERSON) and words.is_heading(shift, words.SHIFT):
            continue
        page.found.rows += 1
        if value is None and not code_of(shift):
            continue  # the name of a team
        page.note_beside(header, index, person, others)
        if not person.name:
            if value is not None and code_of(shift):
                page.ask(index, "no_name", "这一行有班次，但没有姓名", code_of(shift), header.person)
            continue
        status = words.word_at(row, header.status)
        used = (header.person, header.day, header.shift)
        other = words.word_at(row, header.instead)
        if other or words.is_set_aside(status) or any(page.sheet.is_aside(index, column) for column in used):
            page.ask_about_aside(index, header.shift, f"{person.name} {text_of(value)} {status or other}", person)
            continue
        until = cell(row, header.until) if header.until is not None else None
        people = [replace(person, name=each.strip()) for each in _SEVERAL.split(person.name) if each.strip()]
        if len(people) > 1 and (person.account or person.mobile):
            between = f"{person.name} = {person.account or person.mobile}"
            detail = "一格里有几个人，账号或手机号却只有一个"
            page.ask(index, "person_contradiction", detail, between, header.person, person)
            continue
        days = _days(page, index, header, person, value, until, month, said)
        if days and not _is_of_the_day(row, header, days[0]):
            page.ask(index, "bad_date", "开始或结束不在这一天", text_of(cell(row, header.cease)), header.cease, person)  # type: ignore[arg-type]
            continue
        code = _code_of(row, header)
        if days and (other_said := contradiction(row, header, beside, code, days, known - {key(person.name)})):
            between = f"{person.name} {days[0]}: {other_said.said}"
            page.ask(index, other_said.code, other_said.detail, between, other_said.column, person, days[0])
            continue
        found.update(days)
        parts = date_parts(value)
        if parts and parts[:2] == (None, None) and not (isinstance(said, Clue) and said.span):
            before = latest.get(person)
            if before and parts[2] < before[2] and follows(before, parts):
                detail = "日期数到月底后又从头开始；请在每个日期里写上月份"
                page.ask(index, "days_contradiction", detail, f"{before[2]}, {parts[2]}", header.day, person)
            latest[person] = parts
        if code and not TIMES.search(code):
            spans = [code_of(cell(row, column)) for column, kind in beside.items() if kind == "times"]
            spans += [_code_of_times(row, header)] if header.begin != header.shift else []
            code = " ".join([code, *filter(TIMES.fullmatch, spans)])
        names = [code_of(cell(row, column)) for column, kind in beside.items() if kind == "name"]
        page.found.also_called.update((code, name) for name in names if name and code)
        for day, each in product(days, people):
            page.take(index, header.shift, each, day, code)
    shifts = [(index, header.shift) for index, row in page.sheet.rows_of(header) if words.word_at(row, header.person)]
    page.ask_about_unmerged(header.row, header.shift, shifts)
    if question := weeks_question(found):
        page.ask(header.row, question.code, question.detail, question.between, header.day)
    months = {(day.year, day.month) for day in found}
    if not found or isinstance(said, Question):
        return
    if page.chosen:
        if (page.chosen.year, page.chosen.month) not in months:
            page.ask(header.row, "month_contradiction", "选择的月份与文件里的日期不同", f"{page.chosen:%Y-%m}")
    elif (said.month and not any(said.month == month and said.year in (None, year) for year, month in months)) or (
        said.span and not said.span[0] <= min(found) <= max(found) <= said.span[1]
    ):
        page.ask(header.row, "month_contradiction", "标题的月份与文件里的日期不同", said.text)


def _ask_about_more_names(page: SheetPage, header: Long) -> None:
    """About columns that may hold further names: without a heading right of the names, or called 人员2."""
    for column, heading in enumerate([*page.sheet.rows[header.row], None]):
        is_next = heading is None and column == header.person + 1
        is_of_more = key(text_of(heading))[:-1] in words.PERSON and column != header.person
        texts = [text for _, row in page.sheet.rows_of(header) if (text := code_of(cell(row, column)))]
        if column in header.columns and (is_next or is_of_more) and texts:
            page.ask(header.row, "no_heading", "这一列有内容，但没有表头", texts[0], column)


def _code_of(row: Row, header: Long) -> str:
    return _code_of_times(row, header) if header.begin == header.shift else code_of(cell(row, header.shift))


def _is_of_the_day(row: Row, header: Long, day: date) -> bool:
    """Whether moments at which a shift begins and ends are on its day, or the end on the next one."""
    ends = [as_date(cell(row, at), None) if at is not None else None for at in (header.begin, header.cease)]
    return all(end is None or timedelta(0) <= end - day <= timedelta(days=at) for at, end in enumerate(ends))


def _code_of_times(row: Row, header: Long) -> str:
    """The code 08:30-17:30 of a shift with its times in two cells; one word for both, or alone, is itself."""
    if header.begin is None or header.cease is None:
        return ""
    cells = cell(row, header.begin), cell(row, header.cease)
    times = [re.sub(r"^(\d{1,2}:\d\d):00$", r"\1", _MOMENT.sub(r"\2", code_of(value))) for value in cells]
    is_time = any(":" in each for each in times)
    return "-".join(times) if is_time and times[0] != times[1] else times[0] or times[1]


def _days(
    page: SheetPage,
    index: int,
    header: Long,
    person: PersonInFile,
    value: Value,
    until: Value,
    month: date | None,
    said: Clue | Question,
) -> list[date]:
    """The days of a row; asks where they are not certain."""
    if header.until is not None and until is None and span_in(value) is None:
        page.ask(index, "bad_date", "没有结束日期；只有一天的话，请写上同一天", text_of(value), header.until, person)
        return []
    ends = span_in(value) or (value, value if until is None else until)
    if isinstance(said, Clue) and said.span:
        first, last = (day_within(end, said.span) for end in ends)
    else:
        first, last = (as_date(end, _month_near(page, end, month)) for end in ends)
    if first is None or last is None:
        is_day = all(end is not None and looks_like_day(end) for end in ends)
        if is_day and isinstance(said, Question):
            page.ask(index, said.code, said.detail, said.between, header.day, person)
        elif is_day and month is None:
            page.ask(index, "month_unknown", "缺少年份和月份；请选择月份", text_of(value), header.day, person)
        else:
            page.ask(index, "bad_date", "不是日期", text_of(value), header.day, person)
        return []
    if not first <= last < first + timedelta(days=LONGEST_SPAN_DAYS):
        page.ask(index, "bad_date", "结束日期早于开始日期，或相隔太久", f"{first} … {last}", header.day, person)
        return []
    times = (words.word_at(page.sheet.rows[index], column) for column in (header.begin, header.cease))
    moments = (f"{text_of(end)} {time}" for end, time in zip(ends, times, strict=True))
    begins, ceases = (int(found[1]) if (found := _HOUR.search(moment)) else 0 for moment in moments)
    is_over_night = 0 < begins >= ceases  # from 22:00 to 06:00 of the next day
    return [first + timedelta(days=number) for number in range((last - first).days + (not is_over_night) or 1)]


def _month_near(page: SheetPage, value: Value, month: date | None) -> date | None:
    """The month of a date that may name its own, but no year: the named month or the one before it; after a month that
    was chosen, which is that of the first day, the next one. 1-5 is rather five days of the named month."""
    _, own, day = date_parts(value) or (None, None, 0)
    if month is None or own in (None, month.month):
        return month
    beside = next_month(month) if page.chosen else (month - timedelta(days=1)).replace(day=1)
    is_of_pay_month = bool(page.chosen) or day > FIRST_DAYS
    return beside if own == beside.month and is_of_pay_month and "-" not in text_of(value) else None
