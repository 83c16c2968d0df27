"""What the API says of patterns: filling, copying, templates."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from daka.identity.schemas import Body, RowId
from daka.roster.schemas import RosterSaved, WorkDate

LONGEST_FILL_DAYS = 400
MOST_CELLS = 50_000

Slots = Annotated[list[RowId | None], Field(min_length=1, max_length=366, description="Null is a day without a shift")]


class _Onto(Body):
    """What filling and copying have in common."""

    overwrite: bool = Field(default=False, description="False fills blank cells only")
    dry_run: bool = Field(default=False, description="Only say what would change")
    revision: int | None = Field(default=None, ge=0, lt=2**62, description="Null saves whatever others did")


class FillBody(_Onto):
    """A cycle of shifts laid over people and dates."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "cycle": [1, 1, 2, None],
                "offsets": {"2": 0, "3": 1},
                "user_ids": [2, 3],
                "from": "2026-12-01",
                "to": "2026-12-31",
                "overwrite": False,
                "calendar": "ignore",
                "dry_run": True,
            }
        },
    )
    cycle: Slots
    user_ids: list[RowId] = Field(min_length=1, max_length=5_000)
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to", description="Included")
    offset: int = Field(default=0, ge=-366, le=366, description="How far on in the cycle everybody is")
    offsets: dict[RowId, Annotated[int, Field(ge=-366, le=366)]] = Field(
        default_factory=dict, description="How much further somebody is, by user id"
    )
    anchor: WorkDate | None = Field(
        default=None, description="A date on which the cycle's first day falls; default is `from`"
    )
    calendar: Literal["follow", "ignore"] = Field(
        default="ignore", description="follow: holidays take the cycle's first rest, make-up workdays its first work"
    )

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        refuse_bad_fill(self.first, self.last, len(set(self.user_ids)))
        return self


class CopyBody(_Onto):
    """A block of days copied onto others, as often as it takes."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "user_ids": [2, 3],
                "from": "2026-12-01",
                "to": "2026-12-31",
                "onto": "2027-01-01",
                "until": "2027-01-31",
                "by_weekday": True,
            }
        },
    )
    user_ids: list[RowId] = Field(min_length=1, max_length=5_000)
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to", description="Included")
    onto: WorkDate = Field(description="First date to be filled")
    until: WorkDate | None = Field(
        default=None, description="Last date to be filled; default is as many days as are copied"
    )
    by_weekday: bool = Field(default=False, description="Mondays fall on Mondays; the block is at least a week")

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        refuse_bad_fill(self.first, self.last, len(set(self.user_ids)))
        refuse_bad_fill(self.onto, self.target_end, len(set(self.user_ids)))
        if self.by_weekday and (self.last - self.first).days < 6:
            raise ValueError("a block that is copied by weekday is at least a week long")
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


class PreviewCell(BaseModel):
    """A cell that changes."""

    user_id: int
    date: dt.date
    before_shift_id: int | None
    shift_id: int | None


class Filled(RosterSaved):
    """What a fill or a copy changed, or (dry run) would change."""

    is_dry_run: bool
    cells: list[PreviewCell]
    kept: int = Field(description="Planned cells that were left as they are because `overwrite` is false")


PatternName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PatternCreate(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "四班三运转", "cycle": [1, 1, 2, 2, 3, 3, None, None]}}
    )
    name: PatternName
    cycle: Slots
    starts_on_monday: bool = Field(default=False, description="The cycle's first day is meant to be a Monday")
    team_id: RowId | None = Field(default=None, description="Null: the planner's own team; shared, for administrators")


class PatternUpdate(Body):
    name: PatternName | None = None
    cycle: Slots | None = None
    starts_on_monday: bool | None = None


class PatternRead(BaseModel):
    """A template for filling. Built-in ones have no id; their cycle is made of the team's own shifts."""

    id: int | None
    name: str
    cycle: list[int | None]
    starts_on_monday: bool
    calendar: Literal["follow", "ignore"] = Field(description="What suits it")
    team_id: int | None
    slots: list[str] = Field(description="The cycle in words: shift codes, or 班 白 夜 休 of a built-in one")
    missing: list[str] = Field(description="Words for which the team has no shift yet; the cycle is empty then")
