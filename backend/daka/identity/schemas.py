"""What the API says of people, teams and tokens."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from daka.identity.access import Scope
from daka.identity.models import Role
from daka.policy import Policy

RowId = Annotated[int, Field(ge=1, lt=2**31)]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not an IANA time zone such as Asia/Shanghai")
    return name


Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=64, pattern=r"^[\w.@+-]+$")]
Password = Annotated[
    str, Field(min_length=8, max_length=200, json_schema_extra={"writeOnly": True, "format": "password"})
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Zone = Annotated[str, AfterValidator(_zone)]
Mobile = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 -]{5,23}$")]
DingTalkUserId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[\w.@:-]+$")
]


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class SetupState(BaseModel):
    needed: bool


class SetupRequest(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"username": "alice", "password": "a long passphrase", "display_name": "李爱丽"}}
    )
    username: Username
    password: Password
    display_name: Name | None = None


class TokenResponse(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds until the access token expires")
    refresh_token: str | None = Field(description="Null for browsers, which keep it in an HttpOnly cookie")


class RefreshRequest(Body):
    refresh_token: str | None = Field(default=None, max_length=200, description="Browsers send the cookie instead")


class TeamRead(BaseModel):
    id: int
    name: str
    timezone: str
    policy: Policy | None


class TeamCreate(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"name": "一车间", "timezone": "Asia/Shanghai"}})
    name: Name
    timezone: Zone | None = Field(default=None, description="IANA name; default is the server's TIMEZONE")
    policy: Policy | None = None


class TeamUpdate(Body):
    name: Name | None = None
    timezone: Zone | None = None
    policy: Policy | None = None


class UserRead(BaseModel):
    id: int
    username: str
    display_name: str
    role: Role
    team_id: int | None
    mobile: str | None
    dingtalk_userid: str | None
    is_active: bool
    policy: Policy | None
    created_at: datetime


class UserCreate(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "username": "bob",
                "password": "a long passphrase",
                "display_name": "王波",
                "role": "member",
                "team_id": 1,
                "mobile": "13800000000",
            }
        }
    )
    username: Username
    password: Password
    display_name: Name | None = None
    role: Role = Role.MEMBER
    team_id: RowId | None = None
    mobile: Mobile | None = None
    dingtalk_userid: DingTalkUserId | None = None
    is_active: bool = True


class UserUpdate(Body):
    username: Username | None = None
    password: Password | None = None
    display_name: Name | None = None
    role: Role | None = None
    team_id: RowId | None = None
    mobile: Mobile | None = None
    dingtalk_userid: DingTalkUserId | None = None
    is_active: bool | None = None
    policy: Policy | None = None


class MeRead(UserRead):
    team: TeamRead | None
    timezone: str = Field(description="The zone that shift times are meant in")
    planned_team_ids: list[int]


class MeUpdate(Body):
    display_name: Name | None = None
    mobile: Mobile | None = None
    dingtalk_userid: DingTalkUserId | None = None


class PasswordChange(Body):
    current_password: str = Field(max_length=200)
    new_password: Password


class ApiTokenCreate(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"name": "快捷指令", "scopes": ["punch:write"]}})
    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=10)
    expires_at: datetime | None = None


class ApiTokenRead(BaseModel):
    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiTokenCreated(ApiTokenRead):
    token: str = Field(description="Shown this once")
