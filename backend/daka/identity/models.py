"""Tables of people and access."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from daka.database import enum_column, json_column


class Role(StrEnum):
    """What a person may do: everything; plan and see their teams; see and answer for themselves."""

    ADMIN = "admin"
    PLANNER = "planner"
    MEMBER = "member"


class Team(SQLModel, table=True):
    """班组: users with a time zone, channels and planners."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80, unique=True)
    timezone: str = Field(max_length=64)
    policy: dict[str, object] | None = Field(default=None, sa_type=json_column())
    """Reminder policy of the team's people where a shift has none of its own; None is the product's default."""
    created_at: datetime


class User(SQLModel, table=True):
    """成员. A deleted user keeps the row, so that history keeps its names."""

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64, unique=True)
    display_name: str = Field(max_length=80)
    password_hash: str = Field(max_length=255)
    role: Role = Field(sa_type=enum_column(Role))
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    mobile: str | None = Field(default=None, max_length=24)
    dingtalk_userid: str | None = Field(default=None, max_length=64)
    policy: dict[str, object] | None = Field(default=None, sa_type=json_column())
    """This person's own reminder policy, before the shift's and the team's."""
    is_active: bool = True
    token_version: int = 0
    """Raised to end every access token at once: role change, new password, disabled, signed out everywhere."""
    created_at: datetime
    deleted_at: datetime | None = None


class TeamPlanner(SQLModel, table=True):
    """A further team that a planner plans, beside the one they belong to."""

    __tablename__ = "team_planner"
    team_id: int = Field(foreign_key="team.id", primary_key=True)
    user_id: int = Field(foreign_key="user.id", primary_key=True, index=True)


class RefreshToken(SQLModel, table=True):
    """One refresh token, stored as its hash. A family is one sign-in on one device."""

    __tablename__ = "refresh_token"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    family: str = Field(max_length=32, index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime = Field(index=True)
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    user_agent: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)


class SignInFailure(SQLModel, table=True):
    """A failed sign-in, kept for the throttle's window."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("ix_sign_in_failure_address_at", "address", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64)
    address: str = Field(max_length=64)
    at: datetime


class ApiToken(SQLModel, table=True):
    """A personal token `daka_…` for scripts and shortcuts, stored as its hash."""

    __tablename__ = "api_token"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=80)
    token_hash: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(sa_type=json_column())
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
