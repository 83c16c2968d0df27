"""API schemas of patterns, filling and copying."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from daka.identity.schemas import Body, RowId, example
from daka.roster.schemas import Revision, RosterSaved, WorkDate
from daka.schema import Schema

LONGEST_FILL_DAYS = 400
MOST_CELLS = 50_000

Slots = Annotated[
    list[RowId | None], Field(min_length=1, max_length=366, description="Null means a day without a shift")
]


class _Target(Body):
    """Common options of filling and copying."""

    model_config = ConfigDict(populate_by_name=True)
    user_ids: list[RowId] = Field(min_length=1, max_length=5_000)
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to", description="Included")
    overwrite: bool = Field(default=False, description="False: fill blank cells only")
    dry_run: bool = Field(default=False, description="Report the changes without writing them")
    revision: Revision = None

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        refuse_bad_fill(self.first, self.last, len(set(self.user_ids)))
        return self


class CrewInCycle(Body):
    """People who share a place in the cycle, also those who are not filled. They go on where most of them stopped."""

    user_ids: list[RowId] = Field(max_length=5_000)
    new_user_ids: list[RowId] = Field(
        default_factory=list,
        max_length=5_000,
        description="They go where `user_ids` do, if any of those worked the cycle",
    )


class FillBody(_Target):
    """Fill people and dates with a shift cycle."""

    model_config = example(
        {
            "cycle": [1, 1, 2, None],
            "offsets": {"2": 0, "3": 1},
            "user_ids": [2, 3],
            "from": "2026-12-01",
            "to": "2026-12-31",
            "overwrite": False,
            "calendar": "ignore",
            "dry_run": True,
        },
    )
    cycle: Slots
    offset: int = Field(default=0, ge=-366, le=366, description="Days by which everyone is ahead in the cycle")
    offsets: dict[RowId, Annotated[int, Field(ge=-366, le=366)]] = Field(
        default_factory=dict, description="Additional days by user id"
    )
    anchor: WorkDate | None = Field(default=None, description="A date on which the cycle starts; defaults to `from`")
    continues: bool = Field(
        default=False,
        description="People who worked this cycle before `from` go on where they stopped; the offset counts for the others",
    )
    crews: list[CrewInCycle] = Field(default_factory=list, max_length=20, description="With `continues`")
    calendar: Literal["follow", "ignore"] = Field(
        default="ignore",
        description="`follow`: holidays get the cycle's first rest, free makeup workdays its first work",
    )


class CopyBody(_Target):
    """Copy a block of days to other dates, repeated until they are full."""

    model_config = example(
        {
            "user_ids": [2, 3],
            "from": "2026-12-01",
            "to": "2026-12-31",
            "onto": "2027-01-01",
            "until": "2027-01-31",
            "by_weekday": True,
        },
    )
    onto: WorkDate = Field(description="First target date")
    until: WorkDate | None = Field(default=None, description="Last target date; defaults to the length of the block")
    by_weekday: bool = Field(default=False, description="Align weekdays; the block must be at least a week long")
    keep_cycle: bool = Field(
        default=False, description="Whose days repeat a cycle goes on with it; the others are copied day by day"
    )

    @model_validator(mode="after")
    def _target_is_a_span(self) -> Self:
        refuse_bad_fill(self.onto, self.target_end, len(set(self.user_ids)))
        if self.by_weekday and (self.last - self.first).days < 6:
            raise ValueError("a block copied by weekday must be at least a week long")
        return self

    @property
    def target_end(self) -> dt.date:
        return self.until or self.onto + (self.last - self.first)


def refuse_bad_fill(first: dt.date, last: dt.date, people: int) -> None:
    days = (last - first).days + 1
    if not 1 <= days <= LONGEST_FILL_DAYS:
        raise ValueError(f"the last date must follow the first within {LONGEST_FILL_DAYS} days")
    if days * people > MOST_CELLS:
        raise ValueError(f"at most {MOST_CELLS} cells at once")


class PreviewCell(Schema):
    """A changed cell."""

    user_id: int
    date: dt.date
    before_shift_id: int | None
    shift_id: int | None


class Filled(RosterSaved):
    """The changes that filling or copying made, or (dry run) would make."""

    is_dry_run: bool
    cells: list[PreviewCell]
    action_id: int | None = Field(default=None, description="Undoes it, see `/roster/actions`; null for a dry run")
    kept: int = Field(description="Planned cells left unchanged because `overwrite` is false")


PatternName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PatternCreate(Body):
    model_config = example({"name": "四班三运转", "cycle": [1, 1, 2, 2, 3, 3, None, None]})
    name: PatternName
    cycle: Slots
    starts_on_monday: bool = Field(default=False, description="The cycle is meant to start on a Monday")
    team_id: RowId | None = Field(
        default=None, description="Null: the planner's own team; shared if an administrator creates it"
    )


class PatternUpdate(Body):
    name: PatternName | None = None
    cycle: Slots | None = None
    starts_on_monday: bool | None = None


class PatternRead(Schema):
    """A pattern for filling. Built-in ones have no id and use the team's own shifts."""

    id: int | None
    name: str
    cycle: list[int | None]
    starts_on_monday: bool
    calendar: Literal["follow", "ignore"] = Field(description="The recommended value for filling")
    team_id: int | None
    slots: list[str] = Field(description="The cycle as shift codes, or 班 白 早 中 夜 休 for a built-in pattern")
    people: int = Field(
        default=0, description="How many of the team worked it last before `before`, of a sample of at most 20 people"
    )
    missing: list[str] = Field(description="Slots for which the team has no shift; if there are any, `cycle` is empty")
