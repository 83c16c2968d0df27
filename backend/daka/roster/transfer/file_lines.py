"""The contents of a roster file as JSON, on their way from the process that reads it (see `daka.file_reader`).

The first line holds all but the cells. Each further one has the people and codes that are new in it, and cells as
`[row, person, day, code, column, mark]`: people and codes by their place in the order of arrival, days as ordinals.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import Any, TypeVar

from daka.roster.transfer.found import Beside, CellInFile, PersonInFile, ProblemInFile, RosterInFile, ShiftInLegend
from daka.roster.transfer.reading import OnRow, read_file

CELLS_A_LINE = 500
Word = TypeVar("Word", bound=Hashable)


def read_lines(body: bytes, *, file_name: str, month: str | None, on_row: OnRow) -> Iterator[Any]:
    """Parse a roster file. Raises BadFile: see `read_file`."""
    known_month = date.fromisoformat(month) if month else None
    return lines(read_file(body, file_name=file_name, month=known_month, on_row=on_row))


def lines(found: RosterInFile) -> Iterator[Any]:
    """The contents as JSON values."""
    problems, notes = (
        [(*astuple(each)[:-1], each.day and each.day.toordinal()) for each in some]
        for some in (found.problems, found.notes.problems)
    )
    legend = {word: astuple(shift) for word, shift in found.legend.items()}
    beside = [(each, row, astuple(person)) for each, (row, person) in found.beside.items()]
    yield [found.layout, found.sheets, found.rows, legend, found.problem_count, problems, notes, beside]
    people: dict[PersonInFile, int] = {}
    codes: dict[str, int] = {}
    for start in range(0, len(found.cells), CELLS_A_LINE):
        some = found.cells[start : start + CELLS_A_LINE]
        new_people = _numbered(people, (cell.person for cell in some))
        new_codes = _numbered(codes, (cell.code for cell in some))
        cells = [
            [cell.row, people[cell.person], cell.day.toordinal(), codes[cell.code], cell.column, cell.mark]
            for cell in some
        ]
        yield [[astuple(person) for person in new_people], new_codes, cells]


def _numbered(numbers: dict[Word, int], words: Iterable[Word]) -> list[Word]:
    """Give each new word the next number. Returns the new ones."""
    new = [word for word in dict.fromkeys(words) if word not in numbers]
    numbers.update(zip(new, range(len(numbers), len(numbers) + len(new)), strict=True))
    return new


@dataclass(slots=True)
class RosterLines:
    """Puts the contents together again."""

    found: RosterInFile = field(default_factory=RosterInFile)
    _people: list[PersonInFile] = field(default_factory=list)
    _codes: list[str] = field(default_factory=list)

    def take(self, line: Any) -> None:
        if not self.found.layout:
            layout, sheets, rows, legend, count, problems, notes, beside = line
            self.found = RosterInFile(_problems(problems), count, layout, [], rows, sheets)
            self.found.notes.problems = _problems(notes)
            self.found.beside = {Beside(*each): (row, PersonInFile(*person)) for each, row, person in beside}
            self.found.legend = {
                word: ShiftInLegend(name, tuple((start, end) for start, end in periods))
                for word, (name, periods) in legend.items()
            }
            return
        new_people, new_codes, cells = line
        self._people += [PersonInFile(*each) for each in new_people]
        self._codes += new_codes
        self.found.cells += [
            CellInFile(row, self._people[person], date.fromordinal(day), self._codes[code], column, mark)
            for row, person, day, code, column, mark in cells
        ]


def _problems(lines: Iterable[Any]) -> list[ProblemInFile]:
    return [
        ProblemInFile(*words, person and PersonInFile(*person), day and date.fromordinal(day))  # type: ignore[call-arg]
        for *words, person, day in lines
    ]
