"""The table of shift cycles."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from daka.database import Mapped, json_column


class Pattern(SQLModel, table=True):
    """A named shift cycle for filling rosters."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    """None: shared by all teams."""
    name: Mapped[str] = Field(max_length=40)
    cycle: Mapped[list[int | None]] = Field(sa_type=json_column())
    """Shift ids; None means a day without a shift."""
    starts_on_monday: Mapped[bool] = Field(default=False)
    created_at: Mapped[datetime]
