"""API schemas of imports."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from daka.identity.schemas import Body, RowId
from daka.roster.transfer.models import ImportStatus
from daka.schema import Schema
from daka.shifts.schemas import ShiftCreate

Word = Annotated[str, Field(min_length=1, max_length=200)]


class Mapping(Body):
    """What the names and codes in the file mean. Width, case and whitespace are ignored."""

    people: dict[Word, RowId | Literal["new", "skip"]] = Field(
        default_factory=dict,
        description="A user id; `new` creates an account without a usable password; `skip` ignores the person",
    )
    shifts: dict[Word, RowId | ShiftCreate | Literal["skip", "clear"]] = Field(
        default_factory=dict,
        description="A shift id; a new shift to create; `skip` leaves the cells unchanged; `clear` empties them",
    )
    not_read: list[Word] = Field(
        default_factory=list,
        max_length=50,
        description="Columns whose other people do not count: what follows ` = ` in the value of a `person_beside`",
    )


class ImportMappingRead(Schema):
    """What a word meant the last time the team imported it."""

    id: int
    kind: Literal["person", "shift"]
    word: str
    meaning: Literal["user", "shift", "skip", "clear"]
    user_id: int | None
    shift_id: int | None
    used_at: dt.datetime


class ImportProblem(Schema):
    """A row that cannot be imported."""

    sheet: str
    row: int = Field(description="Row number in the spreadsheet, from 1")
    column: int | None
    code: str = Field(
        description="`unknown_person`, `ambiguous_person`, `person_contradiction`, `not_your_team`, `same_code`, "
        "`unknown_shift`, `shift_of_other_team`, "
        "`bad_date`, `far_day`, `month_unknown`, `month_contradiction`, `days_contradiction`, `weekday_contradiction`, "
        "`block_not_understood`, `no_name`, `no_heading`, `no_value`, `set_aside`, `changed`, `person_twice`, "
        "`person_beside`, `weeks`, `hours`, `legend`, `not_a_roster`, `outdated`, `twice`, `bad_row`"
    )
    value: str
    detail: str
    line: int | None = Field(default=None, description="Index in `drawn.rows` of the person it is about")
    date: dt.date | None = Field(default=None, description="The day of that person's cell")


class ShiftSuggestion(Schema):
    """The shift that a word seems to mean, by the file's legend or the word itself. Without times it is a rest day."""

    name: str
    code: str
    start: str | None
    end: str | None


class UnknownWord(Schema):
    word: str
    rows: int = Field(description="Number of rows or cells that contain it")
    first_row: int


class UnknownShift(UnknownWord):
    shift: ShiftSuggestion | None = Field(default=None, description="Null: the file does not say its times")


class DrawnRow(Schema):
    """One person's row of the roster, before and after an import."""

    name: str
    user_id: int | None = Field(description="Null: a new person, or one that is not known")
    before: list[int | None] = Field(description="Shift ids, one per date")
    after: list[int | str | None] = Field(
        description="The same afterwards; a word instead of an id is a new shift's code, or not known"
    )


class DrawnMonth(Schema):
    """The part of the roster that a file is about, as it would be. The first 200 people and 62 days."""

    dates: list[dt.date]
    rows: list[DrawnRow]
    more_people: int = 0
    more_days: int = 0


class ImportOutcome(Schema):
    """The contents of a file and the changes it makes. Counts are cells unless stated otherwise."""

    layout: str = Field(description="`wide`, `long`, `tall`, `json` or `older_json`")
    sheets: list[str] = Field(default=[])
    rows: int = 0
    people: int = 0
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    cells: int = Field(default=0, description="Cells in the file that were understood")
    added: int = 0
    moved: int = Field(default=0, description="Cells whose shift changes")
    cleared: int = 0
    same: int = 0
    over_imported: int = Field(default=0, description="Cells that follow an attendance system and change")
    new_people: list[str] = Field(default=[])
    new_shifts: list[str] = Field(default=[])
    problems: list[ImportProblem] = Field(default=[], description="The first 500")
    problem_count: int = 0
    notes: list[ImportProblem] = Field(
        default=[], description="Notes at cells, which are read as they stand: code `note`. The first 500"
    )
    unknown_people: list[UnknownWord] = Field(default=[])
    unknown_shifts: list[UnknownShift] = Field(default=[])
    drawn: DrawnMonth | None = Field(default=None, description="Of a dry run or a refused import")
    failure: str | None = Field(default=None, description="Error code if the file could not be read at all")
    failure_detail: str | None = None
    revision: int | None = None
    preview: str | None = Field(
        default=None,
        description="Of a dry run: stands for the file and the options. Send it with the import that writes",
    )
    action_id: int | None = Field(default=None, description="Undoes the import, see `/roster/actions`")


class ImportRead(Schema):
    """An import. Poll while its status is `running`."""

    id: int
    file_name: str
    is_dry_run: bool
    status: ImportStatus
    percent: int
    outcome: ImportOutcome | None
    created_at: dt.datetime
