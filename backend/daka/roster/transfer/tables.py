"""Reads the tables of a sheet, below their headers, into cells and questions. Pure."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise, product

from daka.roster.dates import next_month
from daka.roster.transfer import words
from daka.roster.transfer.dating import Dates, Headings, dated, day_within
from daka.roster.transfer.days import (
    DateParts,
    are_weekdays,
    as_date,
    completed,
    date_parts,
    follows,
    looks_like_day,
    span_in,
    weekday_in,
)
from daka.roster.transfer.found import CellInFile, PersonInFile, RosterInFile
from daka.roster.transfer.headers import Header, Long, NotUnderstood, Tall, Wide, cell, headers
from daka.roster.transfer.months import Clue, Question, agreed, is_title_word, month_of, sheet_clue, title_clue
from daka.roster.transfer.settling import settle_dates
from daka.roster.transfer.words import code_of
from daka.spreadsheets.sheet import Row, Sheet, Value, text_of
from daka.widths import key

LONGEST_SPAN_DAYS = 400
SATURDAY = 5
FIRST_DAYS = 15
"""Of a month, in which no pay month begins."""
FEWEST_OF_MONTH = 28
"""Days that are counted as 第1天, 第2天: fewer may be those of a cycle."""
MOST_PIECES = 6
"""Cells over which a title such as 2026 年 12 月排班表 is spread."""


@dataclass(slots=True)
class SheetInFile:
    """A sheet with its rows and headers."""

    sheet: Sheet
    numbers: list[int]
    rows: list[Row]
    headers: list[Header] = field(default_factory=list)
    _ends: dict[Header, int] = field(default_factory=dict)
    """The row in which the next table begins in a header's columns."""
    _clues: dict[int, list[Clue]] = field(default_factory=dict)
    """What the titles above a header's row say."""

    def __post_init__(self) -> None:
        settle_dates(self.rows)
        self.headers = headers(self.rows)
        spans = [header.columns for header in self.headers]
        before, clues = -1, list[Clue]()
        for index, (header, own) in enumerate(zip(self.headers, spans, strict=True)):
            others = range(index + 1, len(spans))
            overlapping = (
                self.headers[other].row
                for other in others
                if max(own.start, spans[other].start) < min(own.stop, spans[other].stop)
            )
            self._ends[header] = next((row for row in overlapping if row > header.row), len(self.rows))
            if header.row not in self._clues:
                own_texts = [value for value in self.rows[header.row] if value is None or not looks_like_day(value)]
                above = [*self.rows[before + 1 : header.row], own_texts]
                clues = _going_on([clue for row in above for clue in _clues_in(row)], clues)
                before, self._clues[header.row] = header.row, clues

    @property
    def has_roster(self) -> bool:
        return any(not isinstance(header, NotUnderstood) for header in self.headers)

    def rows_of(self, header: Header) -> Iterator[tuple[int, Row]]:
        """Index and row below a header, as far as the next one in its columns."""
        for index in range(header.row + 1, self._ends[header]):
            yield index, self.rows[index]

    def title_clues(self, header: Header) -> list[Clue]:
        """What the titles above a table say, or else those of the table above."""
        return self._clues[header.row]

    def months_above(self, header: Wide) -> list[Clue | None]:
        """The month of each day where the row above names several: 2026年11月 over 26 to 30, 2026年12月 over 1 to 25."""
        row = self.rows[header.row - 1] if header.row else []
        found = [month_of(cell(row, column)) for column in header.days]
        for index, clue in enumerate(found):
            found[index] = clue or (found[index - 1] if index else None)
        is_of_all = found[0] is not None and len({clue and clue.month for clue in found}) > 1
        return found if is_of_all else [None] * len(found)

    def is_aside(self, index: int, column: int) -> bool:
        """Whether a cell is struck through, or in a hidden row or column."""
        number = self.numbers[index]
        return not self.sheet.aside.isdisjoint(((number, 0), (0, column + 1), (number, column + 1)))


def _going_on(clues: list[Clue], before: list[Clue]) -> list[Clue]:
    """What titles say of a table: without a year, it is that of the table above, whose month is earlier; or else all of it."""
    months, earlier = [clue.month for clue in clues if clue.month], [clue.month for clue in before if clue.month]
    if months and not any(clue.year for clue in clues) and (not earlier or earlier[0] <= months[0]):
        return [*clues, *(Clue(clue.text, clue.year) for clue in before if clue.year)]
    return clues or before


def _clues_in(row: Row) -> list[Clue]:
    texts = list(dict.fromkeys(text_of(value) for value in row if value is not None and text_of(value)))
    alone = [clue for text in texts if (clue := title_clue(text))]
    is_months = len({clue.month for clue in alone if clue.month}) > 1 and all(month_of(text) for text in texts[-2:])
    is_title = (
        bool(texts) and not alone and len(texts) <= MOST_PIECES and (texts[0][:1].isdigit() or is_title_word(texts[0]))
    )
    joined = title_clue(" ".join(texts)) if is_title else None
    return [] if is_months else alone or ([joined] if joined else [])


@dataclass(slots=True)
class Reading:
    """One sheet on its way into `found`."""

    sheet: SheetInFile
    chosen: date | None
    file_clue: Clue | None
    is_only_sheet: bool
    found: RosterInFile
    people: dict[tuple[PersonInFile, tuple[date | None, ...]], int] = field(default_factory=dict)

    def read(self) -> None:
        dates = self._dates()
        for header in self.sheet.headers:
            if isinstance(header, Wide):
                self._wide(header, dates.get(header))
            elif isinstance(header, Long):
                self._long(header)
            elif isinstance(header, Tall):
                self._tall(header, dates.get(header))
            else:
                said = " ".join(text_of(value) for value in self.sheet.rows[header.row] if value is not None)
                self._ask(header.row, "block_not_understood", "看不懂这张表的表头；没有读取它", said)

    def _ask(
        self,
        index: int,
        code: str,
        detail: str,
        value: str = "",
        column: int | None = None,
        person: PersonInFile | None = None,
        day: date | None = None,
    ) -> None:
        self.found.add_problem(
            self.sheet.numbers[index],
            code,
            detail,
            value,
            column=None if column is None else column + 1,
            sheet=self.sheet.sheet.name,
            person=person,
            day=day,
        )

    def _ask_about_aside(
        self, index: int, column: int, said: str, person: PersonInFile, day: date | None = None
    ) -> None:
        """About something that its writer may not want to count any more."""
        self._ask(index, "set_aside", "隐藏、被筛选掉或划掉的内容；没有读取它", said, column, person, day)

    def _ask_for_value(self, index: int, column: int, person: PersonInFile, day: date) -> None:
        """About a cell that is not empty, but has nothing that could be read."""
        detail = "这一格有公式、合并或颜色，但没有内容"
        self._ask(index, "no_value", detail, f"{person.name} {day}", column, person, day)

    def _clues(self, header: Header) -> list[Clue | None]:
        return [sheet_clue(self.sheet.sheet.name), *self.sheet.title_clues(header), self.file_clue]

    def _values(self, header: Wide | Tall) -> list[Value]:
        """The cells with the days of a table."""
        if isinstance(header, Tall):
            return [cell(row, header.day) for _, row in self._tall_lines(header)]
        return [self.sheet.rows[header.row][column] for column in header.days]

    def _headings(self, header: Wide | Tall) -> Headings:
        values = self._values(header)
        if isinstance(header, Tall):
            weekdays = [_weekday_beside(row, header) for _, row in self._tall_lines(header)]
            months: list[Clue | None] = [None] * len(values)
        else:
            weekdays, months = self._weekdays(header), self.sheet.months_above(header)
        parts: list[DateParts] = []
        for value, month in zip(values, months, strict=True):
            year, own, day = date_parts(value) or (None, None, 0)
            found = (year, own, day) if own or month is None else (month.year, month.month, day)
            parts.append(completed(parts[-1] if parts else None, found))
        return Headings(tuple(parts), tuple(weekdays), tuple(self._clues(header)))

    def _dates(self) -> dict[Header, Dates]:
        """The dates of each table whose days are certain; asks about the others."""
        tables = [header for header in self.sheet.headers if isinstance(header, (Wide, Tall))]
        found = dated(list(map(self._headings, tables)), self.chosen, is_only_sheet=self.is_only_sheet)
        for header, dates in zip(tables, found, strict=True):
            if isinstance(dates, Question):
                self._ask(header.row, dates.code, dates.detail, dates.between)
            elif dates and len(dates) < FEWEST_OF_MONTH and text_of(self._values(header)[0]).startswith("第"):
                self._ask(header.row, "month_unknown", "第几天不一定是几号；请写上日期", f"第1天 … 第{len(dates)}天")
        return {header: dates for header, dates in zip(tables, found, strict=True) if isinstance(dates, list)}

    def _are_days(self, header: Wide | Tall, dates: Dates, columns: Iterable[tuple[Value, Iterable[Value]]]) -> bool:
        """Whether all that is no day of the month is empty; asks where it holds a shift."""
        for day, (heading, values) in zip(dates, columns, strict=True):
            if day is None and any(map(code_of, values)):
                self._ask(header.row, "bad_date", "没有这一天", text_of(heading))
                return False
        return True

    # --- wide ---

    def _wide(self, header: Wide, dates: Dates | None) -> None:
        people, others = list[tuple[int, Row, PersonInFile]](), list[tuple[int, Row]]()
        for index, row in self.sheet.rows_of(header):
            if self._is_of_a_person(index, row, header):
                people.append((index, row, self._person(row, header)))
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
        self._ask_about_rows(header, others, used)
        self._ask_about_columns(header, header.person, header.days, [line[:2] for line in people], used)
        top = self.sheet.rows[header.row]
        columns = ((top[column], [cell(row, column) for _, row, _ in people]) for column in header.days)
        if dates is None or not self._are_days(header, dates, columns):
            return
        if self._is_of_shifts(header, [line[2].name for line in people], used):
            self._shifts_down(header, dates, people)
            return
        self._ask_about_hidden(header.days, dates, people)
        shades = self._column_shades(header, dates, [index for index, _, _ in people])
        for index, row, person in people:
            if (
                self.sheet.is_aside(index, -1)
                or (self.sheet.numbers[index], header.person + 1) in self.sheet.sheet.aside
            ):
                if any(code_of(cell(row, column)) for column in header.days):
                    self._ask_about_aside(index, header.person, person.name, person)
                continue
            first = self.people.setdefault((person, tuple(dates)), index)
            if first != index:
                self._ask(
                    index,
                    "person_twice",
                    "这个人已有一行",
                    f"{person.name} = {self.sheet.numbers[first]}",
                    header.person,
                    person,
                )
                continue
            self._take_row(index, row, person, header, dates, shades)

    def _ask_about_rows(self, header: Wide, lines: Sequence[tuple[int, Row]], used: set[str]) -> None:
        """About rows under a name like a total's or a note's that hold the shifts of most days."""
        for index, row in lines:
            codes = [code_of(cell(row, column)) for column in header.days]
            name = words.word_at(row, header.person)
            if name and 2 * sum(key(code) in used and not code.isdecimal() for code in codes) > len(codes):
                self._ask(index, "no_name", "这一行有班次，但不像是一个人的", name, header.person)

    def _ask_about_columns(
        self, header: Wide | Tall, first: int, known: Sequence[int], lines: Sequence[tuple[int, Row]], used: set[str]
    ) -> None:
        """About columns with shifts whose heading is no date; those of a heading such as 小计 are left out."""
        top, hollow = self.sheet.rows[header.row], self.sheet.sheet.hollow
        for column in range(first + 1, max(known) + 2):
            heading = cell(top, column)
            is_of_another = heading is not None and looks_like_day(heading)
            if (
                column in known
                or is_of_another
                or words.is_heading(heading, words.PERSON | words.ACCOUNT | words.NUMBER | words.MOBILE)
            ):
                continue
            is_between = min(known) < column < max(known)
            is_open = heading is None or text_of(heading).startswith("#")
            is_open |= (self.sheet.numbers[header.row], column + 1) in hollow
            has_figures = any(map(str.isdecimal, text_of(heading)))
            is_next = column == min(known) - 1 and not words.is_heading(heading, words.SHIFT)  # 元旦 for the first day
            if not is_open and (not (is_between or has_figures or is_next) or words.is_side_column(text_of(heading))):
                continue
            values = [code for _, row in lines if (code := code_of(cell(row, column)))]
            fitting = [code for code in values if key(code) in used]
            is_beyond = is_open and column > max(known) and not all(map(str.isdecimal, fitting))
            if (is_open and is_between and values) or is_beyond or 2 * len(fitting) > len(lines):
                self._ask(header.row, "no_heading", "这一列有内容，但表头没有日期", text_of(heading), column)

    def _ask_about_hidden(
        self, columns: Sequence[int], dates: Sequence[date | None], people: Sequence[tuple[int, Row, PersonInFile]]
    ) -> None:
        for column, day in zip(columns, dates, strict=True):
            filled = [line for line in people if code_of(cell(line[1], column))]
            if day and filled and (0, column + 1) in self.sheet.sheet.aside:
                self._ask_about_aside(filled[0][0], column, str(day), filled[0][2], day)

    def _is_of_shifts(self, header: Wide, names: Sequence[str], used: set[str]) -> bool:
        """Whether a table has shifts down and people in its cells."""
        is_of_people = words.is_heading(cell(self.sheet.rows[header.row], header.person), words.PERSON)
        shifts = sum(map(words.is_shift, names))
        return not is_of_people and 2 * shifts > len(names) and 2 * sum(map(words.is_shift, used)) < len(used)

    def _shifts_down(
        self, header: Wide, dates: Sequence[date | None], lines: Sequence[tuple[int, Row, PersonInFile]]
    ) -> None:
        for index, row, shift in lines:
            self.found.rows += 1
            for column, day in zip(header.days, dates, strict=True):
                for name in words.names_in(cell(row, column)) if day else ():
                    self._take(index, column, PersonInFile(name), day, shift.name)  # type: ignore[arg-type]

    def _take(self, index: int, column: int, person: PersonInFile, day: date, code: str) -> None:
        """A cell with its person, day and code; asks about one that was put aside, or only seems empty."""
        at = (self.sheet.numbers[index], column + 1)
        if code and self.sheet.is_aside(index, column):
            self._ask_about_aside(index, column, f"{person.name} {day} {code}", person, day)
        elif not code and at in self.sheet.sheet.hollow:
            self._ask_for_value(index, column, person, day)
        else:
            mark = "" if code else words.word_of(cell(self.sheet.rows[index], column))
            self.found.add(CellInFile(at[0], person, day, code, at[1], mark))

    def _take_row(
        self,
        index: int,
        row: Row,
        person: PersonInFile,
        header: Wide,
        dates: Sequence[date | None],
        shades: Set[tuple[int, int | None]],
    ) -> None:
        number = self.sheet.numbers[index]
        own = [self.sheet.sheet.fills.get((number, column + 1)) for column in (header.person, *header.days)]
        with_text = {colour for colour, column in zip(own[1:], header.days, strict=True) if code_of(cell(row, column))}
        of_row = {colour for colour in with_text if 2 * own.count(colour) >= len(own)}
        self.found.rows += 1
        before = self.found.days_of.setdefault(person, {})
        for column, day in zip(header.days, dates, strict=True):
            if day is None or (0, column + 1) in self.sheet.sheet.aside:
                continue
            code = code_of(cell(row, column))
            if bool(before.setdefault(day, code)) != bool(code):
                said = f"{person.name} {day}: {code or before[day]} / （空）"
                self._ask(index, "twice", "一处排了班，另一处是空的", said, column, person, day)
            colour = self.sheet.sheet.fills.get((number, column + 1))
            is_mark = colour and colour != own[0] and colour not in of_row and (column, colour) not in shades
            if not code and is_mark:
                self._ask_for_value(index, column, person, day)
            else:
                self._take(index, column, person, day, code)

    def _column_shades(self, header: Wide, dates: Dates, people: Sequence[int]) -> set[tuple[int, int | None]]:
        """Column and colour where a whole column is shaded: its heading too, or cells with shifts, or it is of a weekend."""
        fills = self.sheet.sheet.fills
        shades = set[tuple[int, int | None]]()
        for column, day in zip(header.days, dates, strict=True) if fills else ():
            colours = [fills.get((self.sheet.numbers[index], column + 1)) for index in people]
            shades.add((column, fills.get((self.sheet.numbers[header.row], column + 1))))
            for colour in set(colours):
                is_of_most = colours.count(colour) > 1 and 2 * colours.count(colour) >= len(colours)
                with_text = any(
                    own == colour and code_of(cell(self.sheet.rows[index], column))
                    for own, index in zip(colours, people, strict=True)
                )
                if is_of_most and (with_text or (day and day.weekday() >= SATURDAY)):
                    shades.add((column, colour))
        return shades

    def _weekdays(self, header: Wide) -> list[int | None]:
        top = self.sheet.rows[header.row]
        own = [weekday_in(top[column]) for column in header.days]
        if any(weekday is not None for weekday in own):
            return own
        for index in (header.row + 1, header.row - 1):
            row = self.sheet.rows[index] if 0 <= index < len(self.sheet.rows) else []
            values = [cell(row, column) for column in header.days]
            name = key(words.word_at(row, header.person))
            if are_weekdays(values) and (not name or name in words.PERSON or words.is_side_row(name)):
                return [weekday_in(value) for value in values]
        return own

    def _person(self, row: Row, header: Wide | Long) -> PersonInFile:
        name = words.word_at(row, header.person).replace("\n", " ")
        return PersonInFile(name, words.word_at(row, header.account), words.word_at(row, header.mobile))

    def _is_of_a_person(self, index: int, row: Row, header: Wide) -> bool:
        """Whether a row holds somebody's shifts; asks where it holds shifts of nobody."""
        values = [cell(row, column) for column in header.days]
        name = words.word_at(row, header.person)
        before = range(0 if header.columns.start < 3 else header.columns.start, header.days[0])
        labels = [words.word_at(row, column) for column in before if column != header.person]
        corner = words.word_at(self.sheet.rows[header.row], header.person)
        is_heading = words.is_heading(name, words.PERSON) or key(name) == key(corner)
        is_of_days = are_weekdays(values) or not any(code_of(value) and not looks_like_day(value) for value in values)
        if (is_of_days and is_heading) or (are_weekdays(values) and not name):
            return False
        filled = [code for value in values if (code := code_of(value))]
        if words.is_total(name, labels) or words.is_side_row(name) or (not filled and title_clue(name)):
            return False
        if name:
            return not words.is_note(name, values)
        number = self.sheet.numbers[index]
        is_hollow = any((number, column + 1) in self.sheet.sheet.hollow for column in header.days)
        is_of_weekdays = index == header.row + 1 and _are_digits(values)
        if filled and not is_of_weekdays and not all(map(words.is_note, filled, [()] * len(filled))):
            self._ask(index, "no_name", "这一行有班次，但没有姓名", " ".join(filled), header.person)
        elif is_hollow and filled:
            self._ask(index, "no_name", "这一行有班次，但没有姓名", "", header.person)
        return False

    # --- long ---

    def _long(self, header: Long) -> None:
        said = agreed(self._clues(header))
        month = self.chosen
        if month is None and isinstance(said, Clue) and said.year and said.month:
            month = date(said.year, said.month, 1)
        found, latest = set[date](), dict[PersonInFile, DateParts]()
        for index, row in self.sheet.rows_of(header):
            person = self._person(row, header)
            value, shift = cell(row, header.day), cell(row, header.shift)
            labels = [words.word_at(row, column) for column in header.columns[:3] if column != header.person]
            if words.is_total(person.name, labels) or words.is_note(person.name, [shift, value]):
                continue
            if words.is_heading(person.name, words.PERSON) and words.is_heading(shift, words.SHIFT):
                continue
            self.found.rows += 1
            if not person.name:
                if value is not None and code_of(shift):
                    self._ask(index, "no_name", "这一行有班次，但没有姓名", code_of(shift), header.person)
                continue
            status = words.word_at(row, header.status)
            used = (header.person, header.day, header.shift)
            if words.is_set_aside(status) or any(self.sheet.is_aside(index, column) for column in used):
                self._ask_about_aside(index, header.shift, f"{person.name} {text_of(value)} {status}", person)
                continue
            until = cell(row, header.until) if header.until is not None else None
            names = person.name.replace(";", "、").split("、")
            people = [replace(person, name=each.strip()) for each in names if each.strip()]
            if len(people) > 1 and (person.account or person.mobile):
                between = f"{person.name} = {person.account or person.mobile}"
                detail = "一格里有几个人，账号或手机号却只有一个"
                self._ask(index, "person_contradiction", detail, between, header.person, person)
                continue
            days = self._days(index, header, person, value, until, month, said)
            code = code_of(shift)
            found.update(days)
            parts = date_parts(value)
            if parts and parts[:2] == (None, None) and not (isinstance(said, Clue) and said.span):
                before = latest.get(person)
                if before and parts[2] < before[2] and follows(before, parts):
                    detail = "日期数到月底后又从头开始；请在每个日期里写上月份"
                    self._ask(index, "days_contradiction", detail, f"{before[2]}, {parts[2]}", header.day, person)
                latest[person] = parts
            for day, each in product(days, people):
                self._take(index, header.shift, each, day, code)
        months = {(day.year, day.month) for day in found}
        if not found or isinstance(said, Question):
            return
        if self.chosen:
            if (self.chosen.year, self.chosen.month) not in months:
                self._ask(header.row, "month_contradiction", "选择的月份与文件里的日期不同", f"{self.chosen:%Y-%m}")
        elif (said.month and not any(said.month == month and said.year in (None, year) for year, month in months)) or (
            said.span and not said.span[0] <= min(found) <= max(found) <= said.span[1]
        ):
            self._ask(header.row, "month_contradiction", "标题的月份与文件里的日期不同", said.text)

    def _days(
        self,
        index: int,
        header: Long,
        person: PersonInFile,
        value: Value,
        until: Value,
        month: date | None,
        said: Clue | Question,
    ) -> list[date]:
        """The days of a row; asks where they are not certain."""
        ends = span_in(value) or (value, value if header.until is None or until is None else until)
        if isinstance(said, Clue) and said.span:
            first, last = (day_within(end, said.span) for end in ends)
        else:
            first, last = (as_date(end, self._month_near(end, month)) for end in ends)
        if first is None or last is None:
            is_day = all(end is not None and looks_like_day(end) for end in ends)
            if is_day and isinstance(said, Question):
                self._ask(index, said.code, said.detail, said.between, header.day, person)
            elif is_day and month is None:
                self._ask(index, "month_unknown", "缺少年份和月份；请选择月份", text_of(value), header.day, person)
            else:
                self._ask(index, "bad_date", "不是日期", text_of(value), header.day, person)
            return []
        if not first <= last < first + timedelta(days=LONGEST_SPAN_DAYS):
            self._ask(index, "bad_date", "结束日期早于开始日期，或相隔太久", f"{first} … {last}", header.day, person)
            return []
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def _month_near(self, value: Value, month: date | None) -> date | None:
        """The month of a date that may name its own, but no year: the named month or the one before it; after a month that
        was chosen, which is that of the first day, the next one. 1-5 is rather five days of the named month."""
        _, own, day = date_parts(value) or (None, None, 0)
        if month is None or own in (None, month.month):
            return month
        beside = next_month(month) if self.chosen else (month - timedelta(days=1)).replace(day=1)
        is_of_pay_month = bool(self.chosen) or day > FIRST_DAYS
        return beside if own == beside.month and is_of_pay_month and "-" not in text_of(value) else None

    # --- tall ---

    def _tall_lines(self, header: Tall) -> list[tuple[int, Row]]:
        return [line for line in self.sheet.rows_of(header) if _is_of_a_day(line[1], header)]

    def _tall(self, header: Tall, dates: Dates | None) -> None:
        top = self.sheet.rows[header.row]
        for index, row in self.sheet.rows_of(header):
            name, values = text_of(cell(row, header.day)), [cell(row, column) for column in header.across]
            is_side = words.is_total(name) or words.is_note(name, values)
            if any(map(code_of, values)) and not is_side and not _is_of_a_day(row, header):
                self._ask(index, "bad_date", "不是日期", name, header.day)
        lines = self._tall_lines(header)
        columns = ((cell(row, header.day), [cell(row, column) for column in header.across]) for _, row in lines)
        if dates is None or not self._are_days(header, dates, columns):
            return
        of_shifts = 2 * sum(words.is_shift(text_of(top[column])) for column in header.across) > len(header.across)
        has_weekdays = sum(weekday_in(cell(row, header.day + 1)) is not None for _, row in lines) == len(lines)
        beside = header.day + has_weekdays
        self._ask_about_columns(header, beside, (beside, *header.across), lines, set())
        for (index, row), day in zip(lines, dates, strict=True):
            self.found.rows += 1
            for column in header.across if day else ():
                heading, value = words.word_of(top[column]), cell(row, column)
                code = code_of(value)
                names = words.names_in(value) if of_shifts and code else [heading]
                if of_shifts and not code and (self.sheet.numbers[index], column + 1) not in self.sheet.sheet.hollow:
                    continue
                for name in names:
                    self._take(index, column, PersonInFile(name), day, heading if of_shifts and code else code)  # type: ignore[arg-type]


def _is_about_a_shift(line: tuple[int, Row, PersonInFile], header: Wide, used: Set[str], of_people: Set[str]) -> bool:
    """Whether a row counts or explains a shift, whose code is where the others have their names."""
    _, row, person = line
    codes = [code for column in header.days if (code := code_of(cell(row, column)))]
    word = key(person.name)
    is_used = not used.isdisjoint((word, word.removesuffix("班")))
    if codes and all(map(str.isdecimal, codes)):
        return is_used or (words.is_shift(word) and of_people.isdisjoint(codes))
    return is_used and words.is_shift(word) and len(codes) <= words.MOST_WORDS_OF_A_LEGEND and len(header.days) > 7


def _is_of_a_day(row: Row, header: Tall) -> bool:
    value = cell(row, header.day)
    return value is not None and looks_like_day(value)


def _weekday_beside(row: Row, header: Tall) -> int | None:
    """The weekday in the cell of the date or, if that is nobody's, in the one beside it."""
    beside = cell(row, header.day + 1)
    is_weekday = isinstance(beside, str) and are_weekdays([beside, "一", "二"]) and header.day + 1 not in header.across
    own = weekday_in(cell(row, header.day))
    return weekday_in(beside) if own is None and is_weekday else own


def _are_digits(values: Sequence[Value]) -> bool:
    """Whether these are weekdays as digits: 2 3 4 5 6 7 1 2 …"""
    numbers = [value for value in values if isinstance(value, (int, float))]
    return len(numbers) == len(values) and all(
        1 <= after <= 7 and after == before % 7 + 1 for before, after in pairwise(numbers)
    )
