"""Reminders and punches in the API."""

from datetime import date, datetime

from pydantic import ConfigDict, Field

from daka.identity.schemas import Body, RowId
from daka.paging import Cursor, Limit
from daka.reminders.states import ReminderStatus, SkipScope
from daka.roster.schemas import WorkDate
from daka.schema import Schema
from daka.shifts.times import PunchKind


class ReminderRead(Schema):
    """One punch point and the state of its reminder."""

    id: int
    user_id: int
    display_name: str
    team_id: int | None
    work_date: date
    period: int = Field(description="Index of the period inside the shift, from 0")
    kind: PunchKind
    shift_id: int
    shift_name: str
    shift_code: str
    point_at: datetime
    opens_at: datetime
    closes_at: datetime = Field(description="No step is due after it, but for quiet hours")
    ends_at: datetime = Field(description="When the reminder ends by itself: the last step has its time to arrive")
    next_due_at: datetime | None
    snoozed_until: datetime | None
    steps_sent: int
    status: ReminderStatus
    ended_at: datetime | None
    ended_by: str
    can_undo_until: datetime | None = Field(description="Until then `undo` can take back an acknowledgement or a skip")


class PunchSearch(Schema):
    """Filters of the lists of punches and reminders; null means any."""

    first: WorkDate | None = Field(default=None, alias="from", description="First work date")
    last: WorkDate | None = Field(default=None, alias="to", description="Last work date, included")
    user_id: RowId | None = None
    limit: Limit = 100
    cursor: Cursor = None


class ReminderSearch(PunchSearch):
    status: ReminderStatus | None = None


class Snooze(Body):
    minutes: int = Field(default=10, ge=1, le=120)


class Skip(Body):
    scope: SkipScope = Field(
        default=SkipScope.PUNCH, description="`punch`: this punch only; `work_date`: every punch of its work date"
    )


class PunchCreate(Body):
    """A punch, from a shortcut or a script."""

    model_config = ConfigDict(json_schema_extra={"example": {"source": "ios-shortcut"}})

    kind: PunchKind | None = Field(
        default=None, description="Default: that of the punch point being reminded of, else of the nearest"
    )
    user_id: RowId | None = Field(default=None, description="Default: oneself. Planners may give others.")
    work_date: WorkDate | None = Field(default=None, description="Default: that of the nearest punch point")
    at: datetime | None = Field(default=None, description="With offset. Default: now")
    source: str = Field(default="api", min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:@/-]+$")


class PunchRead(Schema):
    id: int
    user_id: int
    work_date: date
    period: int
    kind: PunchKind
    at: datetime
    source: str


class CurrentPunch(Schema):
    """The punch point that a punch right now would settle, for shortcuts; all null: none is near."""

    is_missing: bool = Field(description="It is being reminded of, and no punch is on record")
    text: str = Field(description="The same in words, in the language of your messages")
    kind: PunchKind | None = None
    work_date: date | None = None
    point_at: datetime | None = None
