"""What the readers of all tables share: cells, and questions about them. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from daka.roster.transfer import words
from daka.roster.transfer.beside_shifts import Kind, columns_of_status, is_change, is_void
from daka.roster.transfer.dating import Dates
from daka.roster.transfer.days import looks_like_day
from daka.roster.transfer.found import Beside, CellInFile, PersonInFile, RosterInFile
from daka.roster.transfer.headers import Header, Long, Tall, Wide, cell
from daka.roster.transfer.months import Clue, sheet_clue
from daka.roster.transfer.sheet_in_file import SheetInFile
from daka.roster.transfer.words import code_of
from daka.shifts.rest_words import REST_WORDS
from daka.spreadsheets.sheet import Row, Value, text_of
from daka.widths import key

LONGEST_NAMES = 20
"""Characters of a cell that names people, and tells nothing else."""

_WRITERS = re.compile(r"[创排审操提录制修更]\S{1,3}[人者员]$|by$", re.IGNORECASE)
"""Headings of those who wrote or approved a row."""


@dataclass(slots=True)
class SheetPage:
    """A sheet on its way into `found`, and what is asked about it."""

    sheet: SheetInFile
    chosen: date | None
    file_clue: Clue | None
    is_only_sheet: bool
    found: RosterInFile
    names: Set[str] = frozenset()
    """Of the people of the table that is being read."""
    people: dict[tuple[PersonInFile, tuple[date | None, ...]], int] = field(default_factory=dict)

    def ask(
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

    def ask_about_aside(
        self, index: int, column: int, said: str, person: PersonInFile | None, day: date | None = None
    ) -> None:
        """About something that its writer may not want to count any more."""
        self.ask(index, "set_aside", "隐藏、被筛选掉或划掉的内容；没有读取它", said, column, person, day)

    def ask_for_value(self, index: int, column: int, person: PersonInFile, day: date) -> None:
        """About a cell that is not empty, but has nothing that could be read."""
        detail = "这一格有公式、合并或颜色，但没有内容"
        self.ask(index, "no_value", detail, f"{person.name} {day}", column, person, day)

    def ask_about_unmerged(self, index: int, column: int, cells: Iterable[tuple[int, int]]) -> None:
        """About cells, by index and column, that may have been merged before the file was written."""
        if words.may_be_unmerged([cell(self.sheet.rows[index], column) is not None for index, column in cells]):
            self.ask(index, "no_value", "每格下面都空着同样多的格子，像是丢了合并；请填上", "", column)

    def clues(self, header: Header) -> list[Clue | None]:
        return [sheet_clue(self.sheet.sheet.name), *self.sheet.title_clues(header), self.file_clue]

    def take(self, index: int, column: int, person: PersonInFile, day: date, code: str) -> None:
        """A cell with its person, day and code; asks about one that was put aside, or only seems empty."""
        at = (self.sheet.numbers[index], column + 1)
        if code and self.sheet.is_aside(index, column):
            self.ask_about_aside(index, column, f"{person.name} {day} {code}", person, day)
        elif not code and at in self.sheet.sheet.hollow:
            self.ask_for_value(index, column, person, day)
        else:
            mark = "" if code else words.word_of(cell(self.sheet.rows[index], column))
            self.found.add(CellInFile(at[0], person, day, code, at[1], mark))

    def person_in(self, row: Row, header: Wide | Long) -> PersonInFile:
        top, heading = self.sheet.rows[header.row], cell(self.sheet.rows[header.row], header.person)
        last = header.person + 1
        while heading is not None and cell(top, last) == heading:  # one heading over several names
            last += 1
        names = (words.word_at(row, column).replace("\n", " ") for column in range(header.person, last))
        name, mobile = words.name_and_mobile("、".join(dict.fromkeys(filter(None, names))))
        return PersonInFile(name, words.word_at(row, header.account), words.word_at(row, header.mobile) or mobile)

    def ask_about_columns(
        self, header: Wide | Tall, first: int, known: Sequence[int], lines: Sequence[tuple[int, Row]], used: Set[str]
    ) -> None:
        """About columns with shifts, or with anything below no heading, whose heading is no date; not those such as 小计."""
        top, hollow = self.sheet.rows[header.row], self.sheet.sheet.hollow
        for column in range(first + 1, max(known) + 2):
            heading = cell(top, column)
            is_of_another = heading is not None and looks_like_day(heading)
            is_of_another |= any(
                column in other.columns for other in self.sheet.headers if other != header and other.row == header.row
            )
            if (
                column in known
                or is_of_another
                or words.is_heading(heading, words.PERSON | words.ACCOUNT | words.NUMBER | words.MOBILE)
            ):
                continue
            is_between = min(known) < column < max(known)
            is_hollow = (self.sheet.numbers[header.row], column + 1) in hollow
            is_open = heading is None or text_of(heading).startswith("#") or is_hollow
            has_figures = any(map(str.isdecimal, text_of(heading)))
            # 元旦 for the first day, 跨年 for the last one
            is_next = column in (min(known) - 1, max(known) + 1) and not words.is_heading(heading, words.SHIFT)
            is_side = not is_open and words.is_side_column(text_of(heading))
            if not (is_open or is_between or has_figures or is_next or is_side):
                continue
            values = [code for _, row in lines if (code := code_of(cell(row, column)))]
            if is_side:  # as 电话 of a post: it counts where people or shifts stand in it
                is_between = is_next = False
                fitting = [code for code in values if key(code) in used and not code.isdecimal()]
            else:
                fitting = [code for code in values if isinstance(header, Tall) or key(code) in used]
            is_beyond = is_open and column > max(known) and not all(map(str.isdecimal, fitting))
            is_few = (is_between or is_next) and not all(map(str.isdecimal, fitting))
            is_unsaid = is_open and (is_between or is_hollow) and values
            if is_unsaid or is_beyond or is_few or 2 * len(fitting) > len(lines):
                self.ask(header.row, "no_heading", "这一列有内容，但表头没有日期", text_of(heading), column)

    def note_beside(self, header: Wide | Long, index: int, person: PersonInFile, columns: Iterable[int]) -> None:
        """Note what stands in the row of somebody beside the shifts: another person may be named there."""
        for column in columns:
            said = words.word_at(self.sheet.rows[index], column)
            is_of_the_person = column in (header.person, header.account, header.mobile) or said == person.name
            if 2 <= len(said) <= LONGEST_NAMES and not is_of_the_person and not said.isdecimal():
                heading = words.word_at(self.sheet.rows[header.row], column)
                if _WRITERS.search(heading):
                    continue
                self.found.note_beside(
                    Beside(self.sheet.sheet.name, column + 1, said, heading), self.sheet.numbers[index], person
                )

    def beside(self, header: Wide | Tall, rows_above: int = 0) -> dict[int, Kind]:
        """The columns of a table with statuses or remarks, as far as its neighbours; a heading may be some rows above."""
        tops = self.sheet.rows[max(0, header.row - rows_above) : header.row + 1]
        others, start = self._tables_beside(header), self.columns_before(header).start
        stop = min((each.start for each in others if each.start >= header.columns.stop), default=max(map(len, tops)))
        own = {header.person, header.account, header.mobile, *header.days} if isinstance(header, Wide) else {header.day}
        kinds = columns_of_status(tops, [column for column in range(start, stop) if column not in own])
        after = header.columns.stop
        is_free = isinstance(header, Wide) and not any(after in each for each in others)
        is_free &= not any(cell(top, after) for top in tops)
        said = (words.word_at(row, after) for _, row in self.sheet.rows_of(header))
        if is_free and not any(key(each) in REST_WORDS for each in said):  # no day whose heading is gone
            kinds[after] = "remark"
        return kinds

    def _tables_beside(self, header: Header) -> list[range]:
        return [other.columns for other in self.sheet.headers if other.row == header.row]

    def columns_before(self, header: Wide | Tall) -> range:
        """The columns left of a table's days that are no other table's."""
        ends = (each.stop for each in self._tables_beside(header) if each.stop <= header.columns.start)
        return range(max(ends, default=0), header.days[0] if isinstance(header, Wide) else header.day)

    def is_said_otherwise(
        self, index: int, beside: Mapping[int, Kind], codes: Sequence[str], person: PersonInFile | None = None
    ) -> bool:
        """Whether a status or a remark says that a row with shifts does not count, or may not; asks about it."""
        is_of_rest = all(key(code) in REST_WORDS for code in codes if code)
        for column, kind in beside.items():
            said = words.word_at(self.sheet.rows[index], column)
            value = f"{person.name} {said}" if person else said
            if is_void(kind, said):
                if any(codes):
                    self.ask_about_aside(index, column, value, person)
                return True
            if is_change(kind, said, self.names, is_of_days=person is not None) and not is_of_rest:
                self.ask(index, "twice", "这一行的状态或备注与班次不符", value, column, person)
                return True
        return False

    def are_days(self, header: Wide | Tall, dates: Dates, columns: Iterable[tuple[Value, Iterable[Value]]]) -> bool:
        """Whether all that is no day of the month is empty; asks where it holds a shift."""
        for day, (heading, values) in zip(dates, columns, strict=True):
            if day is None and any(map(code_of, values)):
                self.ask(header.row, "bad_date", "没有这一天", text_of(heading))
                return False
        return True
