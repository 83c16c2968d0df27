"""A sheet of a roster file with its tables, and what the lines above them say. Pure."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import pairwise

from daka.roster.transfer.days import are_weekdays, looks_like_day
from daka.roster.transfer.headers import Header, Long, NotUnderstood, Tall, Wide, cell, headers
from daka.roster.transfer.months import Clue, is_of_another, is_title_word, month_of, title_clue
from daka.roster.transfer.settling import settle_dates
from daka.spreadsheets.sheet import Row, Sheet, text_of

_YEAR = re.compile(r"20\d\d")
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

    @property
    def is_blank(self) -> bool:
        """Whether nobody has a shift in its tables, as in a template; what is left open of their days then needs no asking."""
        marked = self.sheet.hollow | self.sheet.fills.keys()
        return not any(
            text_of(cell(row, column)) or (self.numbers[index], column + 1) in marked
            for header in self.headers
            for index, row in self.rows_of(header)
            for column in _shift_columns(header, row)
        )

    def rows_of(self, header: Header) -> Iterator[tuple[int, Row]]:
        """Index and row below a header, as far as the next one in its columns."""
        for index in range(header.row + 1, self._ends[header]):
            yield index, self.rows[index]

    def beside(self, of_people: Set[int]) -> list[tuple[int, Row]]:
        """The rows with their numbers; of those `of_people`, what is beside the tables."""
        tables = [header.columns for header in self.headers]
        return [
            (
                number,
                [
                    None if number in of_people and any(i in each for each in tables) else value
                    for i, value in enumerate(row)
                ],
            )
            for number, row in zip(self.numbers, self.rows, strict=True)
        ]

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


def _shift_columns(header: Header, row: Row) -> Iterable[int]:
    """The columns of a row that hold shifts, if it is not one of weekdays."""
    if isinstance(header, Wide):
        return () if are_weekdays([cell(row, column) for column in header.days]) else header.days
    if isinstance(header, Tall):
        return header.across
    return (header.shift,) if isinstance(header, Long) else range(len(row))


def _going_on(clues: list[Clue], before: list[Clue]) -> list[Clue]:
    """What titles say of a table: without a year, it is that of the table above, whose month is earlier; or else all of it."""
    months, earlier = [clue.month for clue in clues if clue.month], [clue.month for clue in before if clue.month]
    if months and not any(clue.year for clue in clues) and (not earlier or earlier[0] <= months[0]):
        return [*clues, *(Clue(clue.text, clue.year) for clue in before if clue.year)]
    return clues or before


def _clues_in(row: Row) -> list[Clue]:
    texts = list(dict.fromkeys(text_of(value) for value in row if value is not None and text_of(value)))
    texts = [text for before, text in pairwise(["", *texts]) if not is_of_another(before)]
    alone = [clue for text in texts if (clue := title_clue(text))]
    is_months = len({clue.month for clue in alone if clue.month}) > 1 and all(month_of(text) for text in texts[-2:])
    is_title = (
        bool(texts) and not alone and len(texts) <= MOST_PIECES and (texts[0][:1].isdigit() or is_title_word(texts[0]))
    )
    joined = title_clue(" ".join(texts)) if is_title else None
    if len(texts) == 1 and _YEAR.fullmatch(texts[0]):
        return [Clue(texts[0], int(texts[0]))]
    return [] if is_months else alone or ([joined] if joined else [])
