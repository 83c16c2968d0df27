"""The table of notice settings."""

from datetime import date

from sqlmodel import Field, SQLModel

from daka.database import Mapped


class NoticeChoice(SQLModel, table=True):
    """A person's roster notices: which they want, and which they have received."""

    __tablename__ = "notice_choice"
    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    tells_changes: Mapped[bool] = Field(default=True)
    tomorrow_at: Mapped[str | None] = Field(default=None, max_length=5)
    """HH:MM at which tomorrow's shift is sent; None: never."""
    told_change_id: Mapped[int] = Field(default=0)
    """The latest `RosterChange` included in a notice."""
    told_tomorrow: Mapped[date | None] = Field(default=None)
    """The latest date announced as tomorrow."""
