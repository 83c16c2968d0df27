"""Tables of people and access."""

from datetime import date, datetime
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
    signed_in_at: datetime
    """When the family began."""
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    user_agent: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)


class SignInFailure(SQLModel, table=True):
    """A sign-in that has not succeeded, kept for the throttle's window. It is written before the password is checked."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("ix_sign_in_failure_source_at", "source", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64)
    source: str = Field(max_length=64)
    """The address it came from, or the browser if it is one that this person signed in with before."""
    at: datetime


class SecondFactor(SQLModel, table=True):
    """A person's authenticator app (TOTP, RFC 6238) and recovery codes. It counts once it is confirmed."""

    __tablename__ = "second_factor"
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    sealed_secret: str = Field(max_length=400)
    recovery_hashes: list[str] = Field(sa_type=json_column())
    last_step: int = 0
    """The time step of the last code that was taken: no code works twice."""
    created_at: datetime
    confirmed_at: datetime | None = None


class PasswordLink(SQLModel, table=True):
    """A link with which a person sets a password, once: an invitation, or a reset by somebody who plans them."""

    __tablename__ = "password_link"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_by: int | None = Field(default=None, foreign_key="user.id")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class ExternalIdentity(SQLModel, table=True):
    """Who a person is where they sign in elsewhere."""

    __tablename__ = "external_identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    created_at: datetime


class TeamMove(SQLModel, table=True):
    """A move to another team on a date to come."""

    __tablename__ = "team_move"
    __table_args__ = (sa.UniqueConstraint("user_id", "from_date"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    team_id: int | None = Field(default=None, foreign_key="team.id")
    from_date: date = Field(index=True)
    created_by: int | None = Field(default=None, foreign_key="user.id")
    created_at: datetime
    applied_at: datetime | None = None


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
