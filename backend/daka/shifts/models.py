"""Tables of shifts."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from daka.database import json_column


class Shift(SQLModel, table=True):
    """班次: a kind of work day. Without a team it is shared by all teams."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)
    code: str = Field(max_length=4)
    color: str = Field(max_length=32)
    is_rest: bool = False
    overtime_minutes: int | None = None
    """Minutes that clock-out reminders wait after the end; None takes WORK_OVERTIME."""
    periods: list[dict[str, str]] = Field(sa_type=json_column())
    """`[{"start": "22:00", "end": "06:00"}]`, wall clock; an end at or before its start is on the next day."""
    policy: dict[str, object] | None = Field(default=None, sa_type=json_column())
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    created_at: datetime
    archived_at: datetime | None = None
    """Set instead of deleting when past assignments still show the shift."""
