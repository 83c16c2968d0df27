"""Tables of shifts."""

from datetime import datetime

from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, json_column


class Shift(Table, table=True):
    """班次: the working hours of a day. A shift without a team is shared by all teams."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    name: Mapped[str] = Field(max_length=40)
    code: Mapped[str] = Field(max_length=4)
    color: Mapped[str] = Field(max_length=32)
    is_rest: Mapped[bool] = Field(default=False)
    overtime_minutes: Mapped[int | None] = Field(default=None)
    """Minutes after the end before clock-out reminders start; None uses WORK_OVERTIME."""
    periods: Mapped[list[dict[str, str]]] = Field(sa_type=json_column())
    """`[{"start": "22:00", "end": "06:00"}]`, wall clock; an end at or before its start is on the next day."""
    asks_clock_out: Mapped[bool] = Field(default=True)
    """Whether people clock out; if not, nobody is reminded of it."""
    policy: Mapped[dict[str, object] | None] = Field(default=None, sa_type=json_column())
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    is_variant: Mapped[bool] = Field(default=False)
    """Another shift's moved times on single days, read from an attendance system; not offered for planning."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    updated_at: Mapped[datetime] = Field(default_factory=clock.now)
    """When something was last changed that people see in their calendars."""
    archived_at: Mapped[datetime | None] = Field(default=None)
    """Set instead of deleting the row, which past assignments still refer to."""
