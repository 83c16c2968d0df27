"""API schemas of leave, swaps and open shifts."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from daka.identity.schemas import Body, LeaveTypeName, RowId, example
from daka.paging import Cursor, Limit
from daka.roster.requests.models import LEAVE_TYPES, AbsenceKind, OpenShiftStatus, SwapStatus
from daka.roster.schemas import WorkDate
from daka.schema import Schema
from daka.shifts.times import PunchKind

LONGEST_LEAVE_DAYS = 400
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class LeaveCreate(Body):
    model_config = example(
        {"user_id": 2, "from": "2026-12-24", "to": "2026-12-25", "leave_type": "annual"}, populate_by_name=True
    )
    user_id: RowId | None = Field(default=None, description="Null: yourself; planners may name anyone in their teams")
    first: WorkDate = Field(alias="from")
    last: WorkDate | None = Field(default=None, alias="to", description="Included; defaults to `from`")
    punch_kind: PunchKind | None = Field(
        default=None, description="Only this punch of each day; null means the whole day"
    )
    leave_type: LeaveTypeName | None = Field(
        default=None, description=f"{', '.join(f'`{name}`' for name in LEAVE_TYPES)} or one of the team's `leave_types`"
    )
    reason: Reason = ""

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not 0 <= (self.last_date - self.first).days <= LONGEST_LEAVE_DAYS:
            raise ValueError(f"the last date must follow the first within {LONGEST_LEAVE_DAYS} days")
        return self

    @property
    def last_date(self) -> dt.date:
        return self.last or self.first


class LeaveSearch(Schema):
    """Filters of the list of leave; null means any."""

    first: WorkDate | None = Field(default=None, alias="from", description="First date")
    last: WorkDate | None = Field(default=None, alias="to", description="Last date, included")
    user_id: RowId | None = None
    team_id: RowId | None = None
    limit: Limit = 100
    cursor: Cursor = None


class LeaveRead(Schema):
    """请假 or 跳过: work dates without reminders. The shifts stay on the roster."""

    id: int
    user_id: int
    display_name: str
    kind: AbsenceKind
    first_date: dt.date
    last_date: dt.date
    punch_kind: PunchKind | None
    leave_type: str | None
    reason: str
    created_by: int | None
    created_at: dt.datetime
    can_delete: bool
    superseded: int = Field(default=0, description="Number of half-day leaves that it replaced")


class SwapCreate(Body):
    model_config = example({"with_user_id": 3, "date": "2026-12-24", "return_date": "2026-12-26"})
    with_user_id: RowId
    date: WorkDate = Field(description="Work date on which the two exchange their cells")
    return_date: WorkDate | None = Field(default=None, description="A second date to exchange")
    reason: Reason = ""


class SwapCell(Schema):
    user_id: int
    date: dt.date
    shift_id: int | None


SwapStep = Literal["accept", "decline", "withdraw", "approve"]


class SwapRead(Schema):
    """换班: requested, accepted by the other person, approved by a planner. Only the approval changes the roster."""

    id: int
    team_id: int
    user_id: int
    display_name: str
    with_user_id: int
    with_display_name: str
    date: dt.date
    return_date: dt.date | None
    cells: list[SwapCell] = Field(description="The cells at the time of the request")
    status: SwapStatus
    reason: str
    decided_by: int | None
    created_at: dt.datetime
    updated_at: dt.datetime
    steps: list[SwapStep] = Field(description="What you may do with it")


class OpenShiftCreate(Body):
    model_config = example({"team_id": 1, "date": "2026-12-24", "shift_id": 2})
    team_id: RowId
    date: WorkDate
    shift_id: RowId
    people: int = Field(default=1, ge=1, le=20, description="So many open shifts, each for one person")
    reason: Reason = ""


OpenShiftStep = Literal["take", "give_back", "approve", "decline", "withdraw"]


class OpenShiftRead(Schema):
    """空缺班次: offered to a team, taken by one person, approved by a planner. Only the approval changes the roster."""

    id: int
    team_id: int
    date: dt.date
    shift_id: int
    status: OpenShiftStatus
    taken_by: int | None
    taken_by_name: str = Field(description="Empty: nobody has taken it")
    reason: str
    offered_by: int | None
    decided_by: int | None
    created_at: dt.datetime
    updated_at: dt.datetime
    steps: list[OpenShiftStep] = Field(
        description="What you may do with it. Taking is for the team's people who neither work nor are on leave that day"
    )
