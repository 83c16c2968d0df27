"""Tables of the roster itself: who works which shift on which work date, and every change of it."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import Mapped


class Assignment(SQLModel, table=True):
    """排班: one user, one work date, one shift."""

    __table_args__ = (sa.UniqueConstraint("user_id", "work_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date] = Field(index=True)
    shift_id: Mapped[int] = Field(foreign_key="shift.id", index=True)
    updated_at: Mapped[datetime]


class RosterChange(SQLModel, table=True):
    """One changed cell. Its id is the roster's revision; a client that has a lower one for this team is out of date."""

    __tablename__ = "roster_change"
    __table_args__ = (sa.Index("ix_roster_change_team_id_id", "team_id", "id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    user_id: Mapped[int] = Field(foreign_key="user.id")
    work_date: Mapped[date]
    before_shift_id: Mapped[int | None] = Field(default=None)
    after_shift_id: Mapped[int | None] = Field(default=None)
    changed_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    at: Mapped[datetime] = Field(index=True)
