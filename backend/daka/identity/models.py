"""Tables of users, teams and access."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, Table, enum_column, json_column
from daka.languages import Language


class Role(StrEnum):
    """Administrators may do everything, planners plan and see their teams, members see and act for themselves."""

    ADMIN = "admin"
    PLANNER = "planner"
    MEMBER = "member"


class Team(Table, table=True):
    """班组: a group of users with a time zone, channels and planners."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    name: Mapped[str] = Field(max_length=80, unique=True)
    timezone: Mapped[str] = Field(max_length=64)
    language: Mapped[Language] = Field(default=Language.CHINESE, sa_type=enum_column(Language))
    """Of messages to the team's channels, and to its people without a choice of their own."""
    policy: Mapped[dict[str, object] | None] = Field(default=None, sa_type=json_column())
    """Reminder policy of the team's people for shifts without their own; None is the default policy."""
    leave_types: Mapped[list[str]] = Field(default_factory=list, sa_type=json_column())
    """Names of the team's own kinds of leave, beside those that every team has."""
    night: Mapped[dict[str, str] | None] = Field(default=None, sa_type=json_column())
    """`start` and `end` of the night in local time, HH:MM; None is 22:00–06:00."""
    crews: Mapped[list[dict[str, object]]] = Field(default_factory=list, sa_type=json_column())
    """`name` and `user_ids` of each crew; crews take turns in a cycle."""
    roster_order: Mapped[list[int]] = Field(default_factory=list, sa_type=json_column())
    """Ids of people in the order of the roster; those who are not named come after them."""
    uses_drafts: Mapped[bool] = Field(default=False)
    """Edits of the roster are drafts until a planner publishes them."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class User(Table, table=True):
    """成员. The row of a deleted user is kept, so that the history keeps their name."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    username: Mapped[str] = Field(max_length=64, unique=True)
    display_name: Mapped[str] = Field(max_length=80)
    password_hash: Mapped[str] = Field(max_length=255)
    role: Mapped[Role] = Field(sa_type=enum_column(Role))
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    mobile: Mapped[str | None] = Field(default=None, max_length=24)
    dingtalk_userid: Mapped[str | None] = Field(default=None, max_length=64)
    wecom_userid: Mapped[str | None] = Field(default=None, max_length=64)
    feishu_userid: Mapped[str | None] = Field(default=None, max_length=64)
    policy: Mapped[dict[str, object] | None] = Field(default=None, sa_type=json_column())
    """This person's own reminder policy; takes precedence over the shift's and the team's."""
    language: Mapped[Language | None] = Field(default=None, sa_type=enum_column(Language))
    """Of messages to this person; None is their team's."""
    is_active: Mapped[bool] = Field(default=True)
    token_version: Mapped[int] = Field(default=0)
    """Incremented to revoke everything that opens the account, see `identity.grants`."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    deleted_at: Mapped[datetime | None] = Field(default=None)

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and self.deleted_at is None

    @property
    def own_team_ids(self) -> frozenset[int]:
        return frozenset() if self.team_id is None else frozenset({self.team_id})


MAY_SIGN_IN = sa.and_(User.is_active == sa.true(), User.deleted_at.is_(None))
"""`User.may_sign_in` in queries."""


class TeamPlanner(Table, table=True):
    """A team that a planner plans besides the one they belong to."""

    team_id: Mapped[int] = Field(foreign_key="team.id", primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True, index=True)


class RefreshToken(Table, table=True):
    """One refresh token, stored as its hash. A family is one sign-in on one device."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    family: Mapped[str] = Field(max_length=32, index=True)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    expires_at: Mapped[datetime] = Field(index=True)
    signed_in_at: Mapped[datetime]
    """When the family was created."""
    rotated_at: Mapped[datetime | None] = Field(default=None)
    revoked_at: Mapped[datetime | None] = Field(default=None)
    user_agent: Mapped[str] = Field(default="", max_length=200)
    address: Mapped[str] = Field(default="", max_length=64)


class SignInFailure(Table, table=True):
    """An unsuccessful sign-in attempt, kept for the throttle's window. It is written before the password is verified."""

    __table_args__ = (sa.Index("ix_sign_in_failure_source_at", "source", "at"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    username: Mapped[str] = Field(max_length=64)
    source: Mapped[str] = Field(max_length=64)
    """The network address, or the browser if this user signed in with it before."""
    at: Mapped[datetime]


class SecondFactor(Table, table=True):
    """A user's authenticator app (TOTP, RFC 6238) and recovery codes. It takes effect once it is confirmed."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    sealed_secret: Mapped[str] = Field(max_length=400)
    recovery_hashes: Mapped[list[str]] = Field(sa_type=json_column())
    last_step: Mapped[int] = Field(default=0)
    """The time step of the last accepted code, so that no code works twice."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    confirmed_at: Mapped[datetime | None] = Field(default=None)


class PasswordLink(Table, table=True):
    """A single-use link with which a person sets a password: an invitation, or a reset by one of their planners."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    token_version: Mapped[int]
    """The account's when this was made, see `identity.grants`."""
    created_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = Field(default=None)


class ExternalIdentity(Table, table=True):
    """A user's identity at an external login provider."""

    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    issuer: Mapped[str] = Field(max_length=255)
    subject: Mapped[str] = Field(max_length=255)
    token_version: Mapped[int | None] = Field(default=None)
    """The account's when its owner connected it; None if it was matched by username. See `identity.grants`."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class TeamMove(Table, table=True):
    """A person's move to another team on a given date."""

    __table_args__ = (sa.UniqueConstraint("user_id", "from_date"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id")
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id")
    from_date: Mapped[date] = Field(index=True)
    created_by: Mapped[int | None] = Field(default=None, foreign_key="user.id")
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    applied_at: Mapped[datetime | None] = Field(default=None)


class ApiToken(Table, table=True):
    """A personal token `daka_…` for scripts and shortcuts, stored as its hash."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    name: Mapped[str] = Field(max_length=80)
    token_hash: Mapped[str] = Field(max_length=64, unique=True)
    scopes: Mapped[list[str]] = Field(sa_type=json_column())
    token_version: Mapped[int]
    """The account's when this was made, see `identity.grants`."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    expires_at: Mapped[datetime | None] = Field(default=None)
    last_used_at: Mapped[datetime | None] = Field(default=None)
