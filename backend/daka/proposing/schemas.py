"""API schemas of proposals."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from daka.identity.schemas import Body, RowId, example
from daka.proposing.building import Weights
from daka.proposing.models import ProposalStatus
from daka.proposing.wish_kinds import WishKind
from daka.roster.schemas import WorkDate
from daka.schema import Schema

MOST_PEOPLE = 100
MOST_DAYS = 62
Hours = Annotated[float, Field(ge=0, le=400)]


class KeptCell(Body):
    """A cell that stays as it is here, whether that is planned or proposed."""

    user_id: RowId
    date: WorkDate
    shift_id: RowId | None = Field(description="Null: no work")


class _Span(Body):
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to")

    @model_validator(mode="after")
    def _span(self) -> Self:
        if not dt.timedelta(0) <= self.last - self.first < dt.timedelta(days=MOST_DAYS):
            raise ValueError(f"`to` must follow `from` within {MOST_DAYS} days")
        return self


class ProposalOptions(Body):
    keep: Literal["planned", "nothing"] = Field(
        default="planned", description="`planned`: only empty cells are filled; `nothing`: planned ones may change"
    )
    short_rest: Literal["never", "if_needed"] = Field(default="never", description="Less than 11 hours between shifts")
    weights: Weights = Field(default=Weights(), description="How much each rule matters")
    seconds: float = Field(default=20, ge=2, le=120, description="Processor time")


class ProposalBody(ProposalOptions, _Span):
    model_config = example({"team_id": 1, "from": "2026-12-01", "to": "2026-12-31"})
    team_id: RowId
    user_ids: list[RowId] | None = Field(
        default=None, max_length=MOST_PEOPLE, description="Whose cells may change; null: everybody's in the team"
    )
    kept: list[KeptCell] = Field(default=[], max_length=MOST_PEOPLE * MOST_DAYS)
    seed: int | None = Field(default=None, ge=0, lt=2**31, description="Repeats an earlier search")


class ProposalProgress(Schema):
    """The best so far."""

    cost: float = Field(description="Points: the fewer, the better")
    missing: int = Field(description="People missing over all shifts and days")
    seconds: float
    rounds: int


class ProposedCell(Schema):
    user_id: int
    date: dt.date
    before_shift_id: int | None
    shift_id: int | None


class RulePoints(Schema):
    rule: str = Field(
        description="`missing`, `surplus`, `wishes`, `short_rest`, `alone`, `split_weekend`, `change`, or `share:` with "
        "`hours`, `nights`, `weekends` or `holidays`"
    )
    points: float


class ObstacleRead(Schema):
    """Why one person does not fill a need."""

    user_id: int
    code: str = Field(
        description="`away`, `not_there`, `kept`, `not_allowed`, `at_work` (on `shift_id`), `short_rest`, "
        "`long_run` (day `value` in a row), `most:hours`, or `nothing`: they could"
    )
    value: float
    shift_id: int | None


class UnmetNeed(Schema):
    date: dt.date
    shift_id: int
    missing: int
    obstacles: list[ObstacleRead]


class SharePart(Schema):
    nights: int
    weekends: int
    holidays: int
    hours: float


class ProposedShare(Schema):
    """One person's totals in the span: as planned now, and with the proposal."""

    user_id: int
    display_name: str
    before: SharePart
    after: SharePart
    weeks_before: SharePart = Field(description="In the eight weeks before the span, which count for a fair share")
    least_hours: float = Field(
        default=0, description="What the contract asks for in these days, without those of leave; 0: nothing"
    )


class WishRead(Schema):
    """What somebody would like for a day."""

    model_config = ConfigDict(from_attributes=True)
    user_id: int
    date: dt.date = Field(validation_alias=AliasChoices("work_date", "date"))
    kind: WishKind
    shift_id: int | None


class ProposedWish(WishRead):
    is_met: bool


class ProposalOutcome(Schema):
    cells: list[ProposedCell] = Field(description="Those that would change")
    score: list[RulePoints]
    unmet: list[UnmetNeed]
    shares: list[ProposedShare]
    wishes: list[ProposedWish] = Field(default=[])
    no_row_for: int | None = Field(
        default=None, description="If it failed: the person whose limits and fixed cells leave no row"
    )


class ProposalRead(Schema):
    id: int
    team_id: int
    first_date: dt.date
    last_date: dt.date
    status: ProposalStatus
    asked: ProposalOptions
    seed: int
    created_at: dt.datetime
    created_by: int
    progress: ProposalProgress | None
    outcome: ProposalOutcome | None


class ApplyCell(Body):
    user_id: RowId
    date: WorkDate


class ApplyBody(Body):
    cells: list[ApplyCell] | None = Field(
        default=None, max_length=MOST_PEOPLE * MOST_DAYS, description="Only these; null: all"
    )


class TermsBody(Body):
    """What a person's contract says about their roster."""

    model_config = example({"shift_ids": [1], "least_hours": None, "most_hours": 160, "most_days": 5})
    shift_ids: list[RowId] | None = Field(
        default=None, max_length=100, description="Shifts that may be proposed; null: all"
    )
    least_hours: Hours | None = Field(default=None, description="In a calendar month")
    most_hours: Hours | None = Field(default=None, description="In a calendar month")
    most_days: int | None = Field(default=None, ge=1, le=31, description="Days of work in a row; null: six")


class Terms(TermsBody):
    model_config = example({"user_id": 2, "shift_ids": [1], "most_hours": 160})
    user_id: int


class WishCallBody(_Span):
    model_config = example({"from": "2026-12-01", "to": "2026-12-31", "closes_on": "2026-11-20", "most": 5})
    closes_on: WorkDate = Field(description="The last day, in the team's time zone, on which wishes may change")
    most: int = Field(default=5, ge=1, le=MOST_DAYS, description="So many days each person may wish for")


class WishCallRead(Schema):
    """For which days a team's people are asked for wishes."""

    model_config = ConfigDict(from_attributes=True)
    team_id: int
    first_date: dt.date
    last_date: dt.date
    closes_on: dt.date
    most: int
    is_open: bool


class WishCallFound(Schema):
    call: WishCallRead | None = Field(description="Null: nobody has been asked")


class WishBody(Body):
    kind: WishKind
    shift_id: RowId | None = Field(default=None, description="The shift that is wanted or not; null for a free day")

    @model_validator(mode="after")
    def _shift(self) -> Self:
        if (self.shift_id is None) != (self.kind is WishKind.FREE):
            raise ValueError("`shift_id` belongs to a wish for or against a shift")
        return self
