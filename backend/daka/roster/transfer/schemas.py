"""What the API says of imports and exports."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from daka.identity.schemas import Body, RowId
from daka.roster.transfer.models import ImportStatus
from daka.shifts.schemas import ShiftCreate

Word = Annotated[str, Field(min_length=1, max_length=200)]


class Mapping(Body):
    """What the file's own words mean. Words are compared without width, case and blanks."""

    people: dict[Word, RowId | Literal["new", "skip"]] = Field(
        default_factory=dict,
        description="A user id; `new` makes an account without a usable password; `skip` leaves out",
    )
    shifts: dict[Word, RowId | ShiftCreate | Literal["skip", "clear"]] = Field(
        default_factory=dict,
        description="A shift id; a new shift; `skip` leaves the cells as they are; `clear` empties them",
    )


class ImportWordRead(BaseModel):
    """What a word meant in a team's last import that had it."""

    id: int
    kind: Literal["person", "shift"]
    word: str
    meaning: Literal["user", "shift", "skip", "clear"]
    user_id: int | None
    shift_id: int | None
    used_at: dt.datetime


class ImportProblem(BaseModel):
    """A row that cannot be taken."""

    sheet: str
    row: int = Field(description="As the spreadsheet numbers it, from 1")
    column: int | None
    code: str = Field(
        description="`unknown_person`, `ambiguous_person`, `not_your_team`, `unknown_shift`, `shift_of_other_team`, "
        "`bad_date`, `month_unknown`, `twice`, `bad_row`"
    )
    value: str
    detail: str


class UnknownWord(BaseModel):
    word: str
    rows: int = Field(description="In how many rows or cells it stands")
    first_row: int


class ImportOutcome(BaseModel):
    """What is in the file and what it changes. Counts are of cells."""

    layout: str = Field(description="`wide`, `long`, `json` or `older_json`")
    sheets: list[str] = []
    rows: int = 0
    people: int = 0
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    cells: int = Field(default=0, description="Cells that the file names and that are understood")
    added: int = 0
    moved: int = Field(default=0, description="Planned cells that get another shift")
    cleared: int = 0
    same: int = 0
    new_people: list[str] = []
    new_shifts: list[str] = []
    problems: list[ImportProblem] = Field(default=[], description="The first 500")
    problem_count: int = 0
    unknown_people: list[UnknownWord] = []
    unknown_shifts: list[UnknownWord] = []
    failure: str | None = Field(default=None, description="Code: why the file could not be read at all")
    failure_detail: str | None = None
    revision: int | None = None


class ImportRead(BaseModel):
    """An import. While it is `running`, ask again."""

    id: int
    file_name: str
    is_dry_run: bool
    status: ImportStatus
    percent: int
    outcome: ImportOutcome | None
    created_at: dt.datetime
