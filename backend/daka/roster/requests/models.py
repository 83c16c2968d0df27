"""Tables of leave, swaps and open shifts."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column
from daka.languages import Language, Words, said
from daka.shifts.times import PunchKind


class AbsenceKind(StrEnum):
    """Why there are no reminders: 请假 (leave) or 跳过 (skipped)."""

    LEAVE = "leave"
    SKIP = "skip"


LEAVE_TYPES: dict[str, Words] = {
    "annual": ("年假", "annual leave"),
    "sick": ("病假", "sick leave"),
    "personal": ("事假", "personal leave"),
    "time_off": ("调休", "time off in lieu"),
    "marriage": ("婚假", "marriage leave"),
    "maternity": ("产假", "maternity leave"),
    "paternity": ("陪产假", "paternity leave"),
    "childcare": ("育儿假", "childcare leave"),
    "bereavement": ("丧假", "bereavement leave"),
    "injury": ("工伤假", "injury leave"),
}
"""The leave types (假别) of every team, with their names. A team's own are stored by their names."""


def leave_type_name(leave_type: str | None, language: Language = Language.CHINESE) -> str:
    """What people call it; 请假 where no type was given."""
    if not leave_type:
        return said(("请假", "leave"), language)
    return said(LEAVE_TYPES.get(leave_type, (leave_type, leave_type)), language)


class Absence(Table, table=True):
    """请假 / 跳过: work dates (first and last included), or one punch of each, without reminders."""

    __table_args__ = (sa.Index("ix_absence_user_id_dates", "user_id", "first_date", "last_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    kind: Mapped[AbsenceKind] = Field(sa_type=enum_column(AbsenceKind))
    first_date: Mapped[date]
    last_date: Mapped[date]
    punch_kind: Mapped[PunchKind | None] = Field(default=None, sa_type=enum_column(PunchKind))
    """Only this punch of each day; None means the whole day."""
    period: Mapped[int | None] = Field(default=None)
    """Only the punch of this period, counted from 0; None means every period."""
    leave_type: Mapped[str | None] = Field(default=None, max_length=20)
    """A key of `LEAVE_TYPES` or a name from the team's; None: not given. Shown to the person and their planners only."""
    reason: Mapped[str] = Field(default="", max_length=200)
    created_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class SwapStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    """By the other person; a planner still has to approve it."""
    APPROVED = "approved"
    DECLINED = "declined"
    """By the other person or by a planner."""
    WITHDRAWN = "withdrawn"


OPEN_SWAPS = (SwapStatus.ASKED, SwapStatus.ACCEPTED)


class Swap(Table, table=True):
    """换班: two people exchange their cells on one or two work dates."""

    __table_args__ = (sa.Index("ix_swap_status", "status"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id", index=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    """The requester."""
    with_user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    work_date: Mapped[date]
    return_date: Mapped[date | None] = Field(default=None)
    """A second date to exchange; None exchanges `work_date` only."""
    cells: Mapped[list[dict[str, object]]] = Field(sa_type=json_column())
    """The cells at the time of the request: `{"user_id", "date", "shift_id"}`."""
    status: Mapped[SwapStatus] = Field(sa_type=enum_column(SwapStatus))
    reason: Mapped[str] = Field(default="", max_length=200)
    decided_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    updated_at: Mapped[datetime]


class OpenShiftStatus(StrEnum):
    OFFERED = "offered"
    TAKEN = "taken"
    """By one person; a planner still has to approve it."""
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


OPEN_OFFERS = (OpenShiftStatus.OFFERED, OpenShiftStatus.TAKEN)


class OpenShift(Table, table=True):
    """空缺班次: a shift on a work date that the people of a team may take."""

    __table_args__ = (sa.Index("ix_open_shift_status", "status"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id", index=True)
    work_date: Mapped[date]
    shift_id: Mapped[int] = Field(foreign_key="shift.id", index=True)
    status: Mapped[OpenShiftStatus] = Field(sa_type=enum_column(OpenShiftStatus))
    taken_by: Mapped[int | None] = Field(default=None, foreign_key="user.id", index=True)
    before_shift_id: Mapped[int | None] = Field(default=None)
    """The taker's cell at the time of taking."""
    declined_user_ids: Mapped[list[int]] = Field(default_factory=list, sa_type=json_column())
    """Whom planners have declined; they cannot take it again."""
    reason: Mapped[str] = Field(default="", max_length=200)
    offered_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    decided_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    updated_at: Mapped[datetime]
