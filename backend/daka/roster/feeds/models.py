"""The table of calendar feeds."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from daka.database import Mapped


class CalendarFeed(SQLModel, table=True):
    """A secret address that serves shifts as iCalendar: the owner's, or those of one of their teams."""

    __tablename__ = "calendar_feed"
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    name: Mapped[str] = Field(max_length=80)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    alarm_minutes: Mapped[int | None] = Field(default=None)
    """An alarm this long before each start, and one at each end; None: no alarms."""
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None] = Field(default=None)
