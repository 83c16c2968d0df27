"""Reads the tables of a sheet, below their headers, into cells and questions. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from daka.roster.transfer import words
from daka.roster.transfer.days import DateParts, are_weekdays, as_date, date_parts, looks_like_day, span_in, weekday_in
from daka.roster.transfer.found import CellInFile, PersonInFile, RosterInFile
from daka.roster.transfer.headers import Header, Long, NotUnderstood, Tall, Wide, cell, headers
from daka.roster.transfer.months import Clue, Question, agreed, clue_in, dated, title_clue
from daka.roster.transfer.words import code_of
from daka.spreadsheets import Row, Sheet, Value, text_of
from daka.widths import key

LONGEST_SPAN_DAYS = 400
MOST_PIECES = 6
"""Cells over which a title such as 2026 年 12 月排班表 is spread."""


@dataclass(slots=True)
class SheetInFile:
    """A sheet with its rows and headers."""

    sheet: Sheet
    numbers: list[int]
    rows: list[Row]
    headers: list[Header] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.headers = headers(self.rows)

    @property
    def has_roster(self) -> bool:
        return any(not isinstance(header, NotUnderstood) for header in self.headers)

    def rows_of(self, header: Header) -> Iterator[tuple[int, Row]]:
        """Index and row below a header, as far as the next one in its columns."""
        own = header.columns
        for index in range(header.row + 1, len(self.rows)):
            if any(
                other.row == index and max(own.start, other.columns.start) < min(own.stop, other.columns.stop)
                for other in self.headers
            ):
                return
            yield index, self.rows[index]

    def title_clues(self, header: Header) -> list[Clue]:
        """What the titles above a table say, or else those of the table above."""
        before = max((other.row for other in self.headers if other.row < header.row), default=-1)
        found = [clue for row in self.rows[before + 1 : header.row + 1] for clue in _clues_in(row)]
        above = next((other for other in reversed(self.headers) if other.row < header.row), None)
        return found or (self.title_clues(above) if above else [])


def _clues_in(row: Row) -> list[Clue]:
    texts = list(dict.fromkeys(text_of(value) for value in row if value is not None and text_of(value)))
    alone = [clue for text in texts if (clue := title_clue(text))]
    joined = title_clue(" ".join(texts)) if len(texts) <= MOST_PIECES and texts[:1] and texts[0][:1].isdigit() else None
    return alone or ([joined] if joined else [])


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
        for header in self.sheet.headers:
            if isinstance(header, Wide):
                self._wide(header)
            elif isinstance(header, Long):
                self._long(header)
            elif isinstance(header, Tall):
                self._tall(header)
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

    def _ask_for_value(self, index: int, column: int, person: PersonInFile, day: date) -> None:
        """About a cell that is not empty, but has nothing that could be read."""
        detail = "这一格有公式、合并或颜色，但没有内容"
        self._ask(index, "no_value", detail, f"{person.name} {day}", column, person, day)

    def _clues(self, header: Header) -> list[Clue | None]:
        return [clue_in(self.sheet.sheet.name), *self.sheet.title_clues(header), self.file_clue]

    def _dated(
        self, header: Header, headings: Sequence[Value], weekdays: Sequence[int | None], has_values: Sequence[bool]
    ) -> list[date | None] | None:
        parts: list[DateParts] = [found for value in headings if (found := date_parts(value))]
        dates = dated(
            parts,
            weekdays,
            chosen=self.chosen,
            clues=self._clues(header),
            has_values=has_values,
            is_only_table=self.is_only_sheet,
        )
        if isinstance(dates, Question):
            self._ask(header.row, dates.code, dates.detail, dates.between)
            return None
        return dates

    # --- wide ---

    def _wide(self, header: Wide) -> None:
        people = [
            (index, row, self._person(row, header))
            for index, row in self.sheet.rows_of(header)
            if self._is_of_a_person(index, row, header)
        ]
        top = self.sheet.rows[header.row]
        headings = [top[column] for column in header.days]
        has_values = [any(code_of(cell(row, column)) for _, row, _ in people) for column in header.days]
        dates = self._dated(header, headings, self._weekdays(header), has_values)
        if dates is None:
            return
        shades = self._column_shades(header, [index for index, _, _ in people])
        for index, row, person in people:
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

    def _take_row(
        self,
        index: int,
        row: Row,
        person: PersonInFile,
        header: Wide,
        dates: Sequence[date | None],
        shades: set[tuple[int, int]],
    ) -> None:
        number = self.sheet.numbers[index]
        own = [self.sheet.sheet.fills.get((number, column + 1)) for column in (header.person, *header.days)]
        self.found.rows += 1
        for column, day in zip(header.days, dates, strict=True):
            if day is None:
                continue
            code = code_of(cell(row, column))
            colour = self.sheet.sheet.fills.get((number, column + 1))
            is_mark = (
                colour and colour != own[0] and 2 * own.count(colour) < len(own) and (column, colour) not in shades
            )
            if not code and (is_mark or (number, column + 1) in self.sheet.sheet.hollow):
                self._ask_for_value(index, column, person, day)
                continue
            self.found.add(CellInFile(number, person, day, code, column + 1))

    def _column_shades(self, header: Wide, people: Sequence[int]) -> set[tuple[int, int]]:
        """Column and colour where the whole column is shaded, as weekends are."""
        fills = self.sheet.sheet.fills
        shades = set()
        for column in header.days if fills else ():
            colours = [fills.get((self.sheet.numbers[index], column + 1)) for index in people]
            heading = fills.get((self.sheet.numbers[header.row], column + 1))
            shades |= {
                (column, colour)
                for colour in set(colours)
                if colour
                and (colour == heading or (colours.count(colour) > 1 and 2 * colours.count(colour) >= len(colours)))
            }
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
            if are_weekdays(values) and (not name or name in words.PERSON or words.is_side_column(name)):
                return [weekday_in(value) for value in values]
        return own

    def _person(self, row: Row, header: Wide | Long) -> PersonInFile:
        name = words.word_at(row, header.person).replace("\n", " ")
        return PersonInFile(name, words.word_at(row, header.account), words.word_at(row, header.mobile))

    def _is_of_a_person(self, index: int, row: Row, header: Wide) -> bool:
        """Whether a row holds somebody's shifts; asks where it holds shifts of nobody."""
        values = [cell(row, column) for column in header.days]
        name = words.word_at(row, header.person)
        labels = [words.word_at(row, column) for column in range(header.columns.start, header.days[0])]
        labels += [words.word_at(row, column) for column in range(header.person)] if header.columns.start < 3 else []
        if (are_weekdays(values) and not name) or words.is_total(labels) or key(name) in words.PERSON:
            return False
        if words.is_side_column(name) and are_weekdays(values):
            return False
        if name:
            return not words.is_note(name, values)
        number = self.sheet.numbers[index]
        is_hollow = any((number, column + 1) in self.sheet.sheet.hollow for column in header.days)
        filled = [code for value in values if (code := code_of(value))]
        if filled and not _are_digits(values) and not all(map(words.is_note, filled, [()] * len(filled))):
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
        full: set[tuple[int, int]] = set()
        for index, row in self.sheet.rows_of(header):
            person = self._person(row, header)
            value, shift = cell(row, header.day), cell(row, header.shift)
            labels = [words.word_at(row, column) for column in range(min(3, len(row)))]
            if words.is_total(labels) or key(person.name) in words.PERSON or words.is_note(person.name, [shift, value]):
                continue
            self.found.rows += 1
            if not person.name:
                if value is not None and code_of(shift):
                    self._ask(index, "no_name", "这一行有班次，但没有姓名", code_of(shift), header.person)
                continue
            until = cell(row, header.until) if header.until is not None else None
            days = self._days(index, header, person, value, until, month, said)
            code = code_of(shift)
            at = (self.sheet.numbers[index], header.shift + 1)
            if days and not code and at in self.sheet.sheet.hollow:
                self._ask_for_value(index, header.shift, person, days[0])
                continue
            full |= {(day.year, day.month) for day in days}
            for day in days:
                self.found.add(CellInFile(at[0], person, day, code, at[1]))
        if full and self.chosen and (self.chosen.year, self.chosen.month) not in full:
            self._ask(header.row, "month_contradiction", "选择的月份与文件里的日期不同", f"{self.chosen:%Y-%m}")
        elif (
            full
            and self.chosen is None
            and isinstance(said, Clue)
            and said.month
            and not any(said.month == month and said.year in (None, year) for year, month in full)
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
        first, last = (as_date(end, month) for end in ends)
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

    # --- tall ---

    def _tall(self, header: Tall) -> None:
        top = self.sheet.rows[header.row]
        lines = []
        for index, row in self.sheet.rows_of(header):
            value = cell(row, header.day)
            if value is not None and looks_like_day(value):
                lines.append((index, row, value))
            elif any(code_of(cell(row, column)) for column in header.across) and not (
                words.is_total([text_of(value)]) or words.is_note(text_of(value), [cell(row, c) for c in header.across])
            ):
                self._ask(index, "bad_date", "不是日期", text_of(value), header.day)
        weekdays = [
            next((found for each in _with_weekday(row, header) if (found := weekday_in(each)) is not None), None)
            for _, row, _ in lines
        ]
        has_values = [any(code_of(cell(row, column)) for column in header.across) for _, row, _ in lines]
        dates = self._dated(header, [value for _, _, value in lines], weekdays, has_values)
        if dates is None:
            return
        of_shifts = 2 * sum(words.is_shift(text_of(top[column])) for column in header.across) > len(header.across)
        for (index, row, _), day in zip(lines, dates, strict=True):
            self.found.rows += 1
            for column in header.across if day else ():
                heading, value = words.word_of(top[column]), cell(row, column)
                number = self.sheet.numbers[index]
                if not code_of(value) and (number, column + 1) in self.sheet.sheet.hollow:
                    self._ask_for_value(index, column, PersonInFile(heading), day)  # type: ignore[arg-type]
                elif of_shifts:
                    for name in words.names_in(value):
                        self.found.add(CellInFile(number, PersonInFile(name), day, heading, column + 1))  # type: ignore[arg-type]
                else:
                    self.found.add(CellInFile(number, PersonInFile(heading), day, code_of(value), column + 1))  # type: ignore[arg-type]


def _with_weekday(row: Row, header: Tall) -> list[Value]:
    """The date and, if it is nobody's and a weekday, the cell beside it."""
    beside = cell(row, header.day + 1)
    is_weekday = isinstance(beside, str) and are_weekdays([beside, "一", "二"]) and header.day + 1 not in header.across
    return [cell(row, header.day), beside if is_weekday else None]


def _are_digits(values: Sequence[Value]) -> bool:
    """Whether these are weekdays as digits: 2 3 4 5 6 7 1 2 …"""
    numbers = [value for value in values if isinstance(value, (int, float))]
    return len(numbers) == len(values) and all(
        1 <= after <= 7 and after == before % 7 + 1 for before, after in pairwise(numbers)
    )
