"""API schemas of publishing rosters to attendance systems."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from daka.identity.schemas import Body, RowId, example
from daka.roster.schemas import WorkDate
from daka.schema import Schema
from daka.syncing.models import PushStatus
from daka.syncing.push_plan import Unwritable
from daka.syncing.schemas import VendorAnswer

LONGEST_PUSH_DAYS = 62


class DirectionBody(Body):
    direction: Literal["push", "off"] = Field(
        description="`push`: planners publish the roster there, and it is not read any more. `off`: neither. Only a pull "
        "begins reading"
    )


class ShiftChoice(Body):
    shift_id: RowId
    vendor_shift_id: str = Field(min_length=1, max_length=64)


class PushOrder(Body):
    """Which days are published, and how."""

    model_config = ConfigDict(
        populate_by_name=True, **example({"from": "2026-12-01", "to": "2026-12-14", "clears": False, "shifts": []})
    )
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to", description="Included")
    clears: bool = Field(default=False, description="Clear days there that are empty here")
    shifts: list[ShiftChoice] = Field(
        default=[], max_length=200, description="Which shifts there are meant; kept for the next time"
    )

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not 0 <= (self.last - self.first).days < LONGEST_PUSH_DAYS:
            raise ValueError(f"`to` must follow `from` within {LONGEST_PUSH_DAYS} days")
        return self


class PublishOrder(PushOrder):
    model_config = example({"from": "2026-12-01", "to": "2026-12-14", "token": "9f86d081884c7d65…"})
    token: str = Field(
        max_length=64, description="`token` of the preview: refused if anything differs from what it showed"
    )


class PeriodThere(Schema):
    start: str
    end: str


class DayText(Schema):
    """A day as the vendor has it: a rest has no times."""

    name: str = Field(description="The shift's name; empty if it is not known")
    times: list[PeriodThere]


class PushCell(Schema):
    user_id: int
    name: str
    date: date
    before: DayText | None = Field(description="Null: no schedule there")
    after: DayText | None = Field(description="Null: it is cleared")


class PushObstacle(Schema):
    reason: Unwritable
    name: str = Field(description="The person's")
    shift: str | None = Field(default=None, description="The shift of which it is not known what it is there")
    group: str | None = Field(default=None, description="The attendance group whose schedules cannot be written")
    days: int


class ShiftOffered(Schema):
    id: str
    name: str
    times: list[PeriodThere]


class ShiftQuestion(Schema):
    """A shift here, and those there that may be meant."""

    shift_id: int
    name: str
    times: list[PeriodThere]
    vendor_shift_id: str | None = Field(description="As chosen or found; null: it has to be chosen")


class PushPreview(VendorAnswer):
    """What publishing would write. Nothing is written by it; only calls are counted."""

    token: str = ""
    cells: list[PushCell] = Field(default=[])
    obstacles: list[PushObstacle] = Field(default=[], description="What cannot be written, and why")
    questions: list[ShiftQuestion] = Field(default=[], description="The shifts of these days")
    offered: list[ShiftOffered] = Field(default=[], description="The vendor's shifts")
    same: int = Field(default=0, description="Cells that are the same there already")
    blank: int = Field(default=0, description="Cells that are empty here and not there; they stay")
    can_clear: bool = True
    calls: int = Field(default=0, description="Calls of the month that it used")


class PushDifference(Schema):
    name: str
    date: date
    wanted: str = Field(description="The shift here; empty: none")


class PushRead(Schema):
    """A publication: what was written, and whether it shows there."""

    id: int
    at: datetime
    by_name: str
    first: date
    last: date
    cells: int
    status: PushStatus
    checks: int = Field(description="How many times it was read back: after half a minute, and after five")
    next_check_at: datetime | None
    reason: str = Field(description="Why not everything was written or read back, in the provider's words")
    differences: list[PushDifference] = Field(description="Cells that did not show when it was last read back")


class PushesRead(Schema):
    items: list[PushRead] = Field(description="The latest, newest first")
