"""What a roster file says, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from daka.spreadsheets.sheet import BadFile
from daka.widths import key

MOST_CELLS = 400_000
MOST_PROBLEMS = 500
MOST_BESIDE = 2_000


@dataclass(frozen=True, slots=True)
class PersonInFile:
    """The person a row names. An account or a mobile number takes precedence over a name."""

    name: str
    account: str = ""
    mobile: str = ""

    def is_another(self, other: "PersonInFile") -> bool:
        """Whether the accounts or the mobile numbers of two people with one name differ."""
        pairs = (self.account, other.account), (self.mobile, other.mobile)
        return key(self.name) == key(other.name) and any(one and two and one != two for one, two in pairs)


@dataclass(frozen=True, slots=True)
class CellInFile:
    """One cell of the roster; an empty code is a blank cell. Row and column count from 1."""

    row: int
    person: PersonInFile
    day: date
    code: str
    column: int | None = None
    mark: str = ""
    """What stands in a blank cell, as / or —. It is a code where a shift is called so."""


@dataclass(frozen=True, slots=True)
class ProblemInFile:
    """A place in the file that cannot be imported, or a question about the whole of a table."""

    sheet: str
    row: int
    column: int | None
    code: str
    value: str
    detail: str
    person: PersonInFile | None = None
    day: date | None = None
    """Whose cell of the roster it is about, where that is known."""


class Beside(NamedTuple):
    """A text of a column that holds no shifts."""

    sheet: str
    column: int
    said: str
    heading: str


@dataclass(frozen=True, slots=True)
class ShiftInLegend:
    """What a legend says about a shift's code."""

    name: str
    """Several in lines; "" if legends contradict one another."""
    periods: tuple[tuple[str, str], ...]
    """Start and end of each, as HH:MM; none if the legend only names the shift."""


@dataclass(slots=True)
class Problems:
    """The first `MOST_PROBLEMS` problems of a file, and the number of all."""

    problems: list[ProblemInFile] = field(default_factory=list)
    problem_count: int = 0

    def add_problem(
        self,
        row: int,
        code: str,
        detail: str,
        value: str = "",
        *,
        column: int | None = None,
        sheet: str = "",
        person: PersonInFile | None = None,
        day: date | None = None,
    ) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ProblemInFile(sheet, row, column, code, value[:80], detail, person, day))


@dataclass(slots=True)
class RosterInFile(Problems):
    """The contents of a roster file."""

    layout: str = ""
    cells: list[CellInFile] = field(default_factory=list)
    rows: int = 0
    sheets: list[str] = field(default_factory=list)
    notes: Problems = field(default_factory=Problems)
    """What people noted at cells, which are read as they stand."""
    legend: dict[str, ShiftInLegend] = field(default_factory=dict)
    """By the key of the code."""
    also_called: set[tuple[str, str]] = field(default_factory=set)
    """What columns beside a shift's code call it: its name, or its times."""
    beside: dict[Beside, tuple[int, PersonInFile]] = field(default_factory=dict)
    """What stands in the rows of people beside their shifts, with the row and the person of its first place."""
    days_of: dict[PersonInFile, dict[date, str]] = field(default_factory=dict)
    """The codes that rows of people have said so far, "" for a blank cell."""

    def note_beside(self, beside: Beside, row: int, person: PersonInFile) -> None:
        if len(self.beside) < MOST_BESIDE:
            self.beside.setdefault(beside, (row, person))

    def add(self, cell: CellInFile) -> None:
        self.cells.append(cell)
        if len(self.cells) > MOST_CELLS:
            raise BadFile("file_too_many_cells", f"超过 {MOST_CELLS} 个班次，请分几次导入")
