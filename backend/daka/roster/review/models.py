"""The table of required headcounts."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import Mapped


class CoverageNeed(SQLModel, table=True):
    """The required headcount of a shift in a team, for one day type."""

    __tablename__ = "coverage_need"
    __table_args__ = (sa.UniqueConstraint("team_id", "shift_id", "day"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int] = Field(foreign_key="team.id")
    shift_id: Mapped[int] = Field(foreign_key="shift.id")
    day: Mapped[str] = Field(max_length=16)
    """`any`, a weekday (`mon` … `sun`) or a day kind; see `rules.needed_people`."""
    people: Mapped[int]
