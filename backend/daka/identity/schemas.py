"""API schemas of users, teams and tokens."""

import re
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Self, Unpack, cast, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from daka.identity.access import Scope
from daka.identity.models import Role
from daka.languages import Language
from daka.mobile_numbers import is_broken
from daka.paging import Cursor, Limit
from daka.policy import Policy, StoredPolicy
from daka.schema import Schema
from daka.widths import visible


def _no_number(value: Any) -> Any:
    if isinstance(value, str) and value.replace(".", "", 1).lstrip("+-").isdecimal():
        raise ValueError("is not a time such as 2026-12-01T08:00:00+08:00")
    return value


def _far_from_the_ends(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("must be between the years 2000 and 2100")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_far_from_the_ends)]
"""RFC 3339 with an offset; pydantic alone would also accept seconds since 1970, and years that no other zone has."""
RowId = Annotated[int, Field(ge=1, lt=2**31)]


def _whole_mobile(written: str) -> str:
    """A number of mainland China with a digit too few or too many would call nobody, or somebody else."""
    if is_broken(written):
        raise PydanticCustomError("string_pattern_mismatch", "A mobile number of mainland China has 11 digits")
    return written


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
SecondFactorText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=20)]
Mobile = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 -]{5,23}$"), AfterValidator(_whole_mobile)
]
VendorUserId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@:-]+$")
]


@lru_cache
def _kinds(annotation: Any) -> frozenset[type]:
    """The kinds of JSON scalars that a field accepts, inside any wrapper; `object` for anything."""
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return frozenset(type(value) for value in inner)
    if get_origin(annotation) is Annotated:
        return _kinds(inner[0])
    if inner:
        return frozenset().union(*(_kinds(part) for part in inner))
    if annotation in (bool, int, float, type(None)):
        return frozenset({annotation})
    return frozenset({object}) if annotation in (Any, object, ...) else frozenset({str})


_FITS: dict[type, frozenset[type]] = {
    bool: frozenset({bool}),
    int: frozenset({int, float}),
    float: frozenset({int, float}),
    str: frozenset({str}),
}


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _refuse_unstorable(name: str, value: Any) -> None:
    """Refuse NUL, which PostgreSQL does not store, and halves of surrogate pairs, which no encoding holds."""
    if isinstance(value, dict):
        for key, part in value.items():
            _refuse_unstorable(name, key)
            _refuse_unstorable(name, part)
    elif isinstance(value, str) and _UNSTORABLE.search(value):
        raise ValueError(f"{name}: contains a character that cannot be stored")


def _refuse_other_kind(name: str, value: Any, kinds: frozenset[type]) -> None:
    if isinstance(value, list):
        for part in value:
            _refuse_other_kind(name, part, kinds)
    _refuse_unstorable(name, value)
    fits = _FITS.get(type(value))
    if fits is not None and object not in kinds and not fits & kinds:
        raise ValueError(f"{name}: a {type(value).__name__} is not accepted here")


def _visible(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_visible, value))
    return visible(value, keeps_joiners=True) if isinstance(value, str) else value


def example(body: dict[str, Any], **config: Unpack[ConfigDict]) -> ConfigDict:
    """`model_config` of a request body with an example for the API description."""
    return ConfigDict(json_schema_extra={"example": body}, **config)


class Body(Schema):
    """Base of request bodies. Unknown fields are rejected, so that a misspelt one is not silently ignored. So are values of
    another JSON type, such as `0` for `false` or a number for a date.

    Invisible characters, which copying adds, are left out of all but passwords."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_coercion(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        shown = dict(values)
        for key, kinds, is_password in _fields(cls):
            if (value := values.get(key)) is not None:
                _refuse_other_kind(key, value, kinds)
                if not is_password:
                    shown[key] = _visible(value)
        return shown


@cache
def _fields(body: type[Body]) -> tuple[tuple[str, frozenset[type], bool], ...]:
    """Of each field: its name in JSON, the kinds that it accepts, and whether it is a password. Some bodies have thousands."""
    return tuple(
        (field.alias or name, _kinds(cast(Any, field.annotation)), "password" in name)
        for name, field in body.model_fields.items()
    )


class SetupState(Schema):
    needed: bool


class SetupRequest(Body):
    model_config = example({"username": "alice", "password": "a long passphrase", "display_name": "李爱丽"})
    username: Username
    password: Password
    display_name: Name | None = None
    timezone: Zone | None = Field(default=None, description="Of the first team; default: the server's TIMEZONE")
    team_name: Name | None = Field(default=None, description="Of the first team; default: 我的班组, My team")
    language: Language = Field(default=Language.CHINESE, description="Of the first team's messages")


class TokenResponse(Schema):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="Lifetime of the access token in seconds")
    refresh_token: str | None = Field(description="Null for browsers, which receive it in an HttpOnly cookie")


Opening = Literal["/api/v1/me", "/api/v1/dashboard", "/api/v1/teams"]
"""What pages ask for as they open."""


class RefreshRequest(Body):
    refresh_token: str | None = Field(
        default=None, max_length=200, description="Omitted by browsers, which send the cookie"
    )
    also: list[Opening] = Field(
        default_factory=list, max_length=3, description="What to get with the new access token in the same response"
    )


class RefreshResponse(TokenResponse):
    answers: dict[str, Any] = Field(default_factory=dict, description="The answers to `also`, by path")
    last_event_id: int | None = Field(
        default=None, description="For `Last-Event-ID` of the event stream: then it begins where the answers end"
    )


LeaveTypeName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=r"^[^\x00-\x1f\x7f]+$")
]


def _once_each(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


LeaveTypes = Annotated[list[LeaveTypeName], Field(max_length=20), AfterValidator(_once_each)]
NightTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Night(Body):
    """A span of local time. An end at or before the start is on the next day."""

    model_config = example({"start": "22:00", "end": "06:00"})
    start: NightTime
    end: NightTime

    @model_validator(mode="after")
    def _has_two_ends(self) -> Self:
        if self.start == self.end:
            raise ValueError("the night must begin and end at different times")
        return self


class Crew(Body):
    """A part of a team whose people have the same place in a cycle."""

    model_config = example({"name": "甲", "user_ids": [2, 3]})
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]
    user_ids: list[RowId] = Field(max_length=5_000)


def _one_crew_each(crews: list[Crew]) -> list[Crew]:
    members = [user_id for crew in crews for user_id in crew.user_ids]
    if len(set(members)) < len(members) or len({crew.name for crew in crews}) < len(crews):
        raise ValueError("crews have different names, and everybody is in at most one")
    return crews


Crews = Annotated[
    list[Crew],
    Field(max_length=12, description="Crews in the order in which they take turns, such as 甲 乙 丙 丁"),
    AfterValidator(_one_crew_each),
]


class TeamRead(Schema):
    id: int
    name: str
    timezone: str
    language: Language = Field(
        description="Of messages to the team's channels, and to people without a choice of their own"
    )
    policy: StoredPolicy
    leave_types: list[str] = Field(description="Names of the team's own leave types")
    night: Night | None = Field(description="What counts as night; null: 22:00–06:00")
    crews: list[Crew]
    roster_order: list[int] = Field(description="Ids of people in the order of the roster; the others come after them")
    uses_drafts: bool = Field(description="Edits of the roster are drafts until they are published")


class TeamCreate(Body):
    model_config = example({"name": "一车间", "timezone": "Asia/Shanghai"})
    name: Name
    timezone: Zone | None = Field(default=None, description="IANA name; default: the server's TIMEZONE")
    language: Language = Language.CHINESE
    policy: Policy | None = None
    leave_types: LeaveTypes = Field(default=[], description="The team's own, beside `annual`, `sick` and the others")
    night: Night | None = Field(default=None, description="What counts as night; null: 22:00–06:00")


class TeamUpdate(Body):
    name: Name | None = None
    timezone: Zone | None = None
    language: Language | None = None
    policy: Policy | None = None
    leave_types: LeaveTypes | None = None
    night: Night | None = Field(default=None, description="What counts as night; null: 22:00–06:00")
    crews: Crews | None = None
    roster_order: list[RowId] | None = Field(default=None, max_length=5_000, description="Empty: by id")


class UserRead(Schema):
    id: int
    username: str
    display_name: str
    role: Role
    team_id: int | None
    mobile: str | None
    dingtalk_userid: str | None
    wecom_userid: str | None
    feishu_userid: str | None
    language: Language | None = Field(description="Of messages to this person; null: their team's")
    is_active: bool
    has_password: bool = Field(description="False: invited and not signed in yet, or external login only")
    policy: StoredPolicy
    created_at: datetime


class UserDetails(UserRead):
    has_second_factor: bool | None = Field(description="For administrators; null for others")


class PeopleSearch(Schema):
    """Filters of the list of users; null means any."""

    team_id: RowId | None = None
    role: Role | None = None
    is_active: bool | None = None
    q: str | None = Field(default=None, max_length=80, description="Part of a name, a username or a mobile number")
    limit: Limit = 500
    cursor: Cursor = None


class PersonFields(Body):
    """The fields of a new person."""

    username: Username
    display_name: Name | None = None
    role: Role = Role.MEMBER
    team_id: RowId | None = None
    mobile: Mobile | None = None
    dingtalk_userid: VendorUserId | None = None
    wecom_userid: VendorUserId | None = None
    feishu_userid: VendorUserId | None = None
    is_active: bool = True


class UserCreate(PersonFields):
    model_config = example(
        {
            "username": "bob",
            "password": "a long passphrase",
            "display_name": "王波",
            "role": "member",
            "team_id": 1,
            "mobile": "13800000000",
        }
    )
    password: Password


class UserUpdate(Body):
    username: Username | None = None
    password: Password | None = None
    display_name: Name | None = None
    role: Role | None = None
    team_id: RowId | None = None
    mobile: Mobile | None = None
    dingtalk_userid: VendorUserId | None = None
    wecom_userid: VendorUserId | None = None
    feishu_userid: VendorUserId | None = None
    language: Language | None = Field(default=None, description="Of messages to this person; null: their team's")
    is_active: bool | None = None
    policy: Policy | None = None


class MeRead(UserRead):
    team: TeamRead | None
    timezone: str = Field(description="Time zone of the user's shift times")
    planned_team_ids: list[int]


class MeUpdate(Body):
    display_name: Name | None = None
    mobile: Mobile | None = None
    dingtalk_userid: VendorUserId | None = None
    language: Language | None = Field(default=None, description="Of messages to you; null: your team's")


class PasswordChange(Body):
    current_password: str = Field(max_length=200)
    new_password: Password


class SecondFactorCode(Body):
    code: SecondFactorText


class SecondFactorSignIn(Body):
    second_factor_token: str = Field(max_length=1000, description="From the response `second_factor_needed`")
    code: SecondFactorText = Field(description="A code of the authenticator app, or a recovery code")


class SecondFactorState(Schema):
    is_on: bool
    recovery_codes_left: int


class SecondFactorBegun(Schema):
    """Shown only once. It takes effect when a first code confirms it."""

    secret: str
    uri: str = Field(description="otpauth:// URI for the app")
    qr_svg: str


class RecoveryCodes(Schema):
    recovery_codes: list[str] = Field(description="Each works once; shown only once")


class CurrentPassword(Body):
    current_password: str | None = Field(
        default=None,
        max_length=200,
        description="May be omitted within five minutes after signing in",
        json_schema_extra={"writeOnly": True, "format": "password"},
    )


class DeviceRead(Schema):
    id: int
    user_agent: str
    address: str
    signed_in_at: datetime
    last_used_at: datetime
    is_current: bool


class PasswordLinkRead(Schema):
    """A single-use link with which a person sets a password. It is shown only once."""

    user_id: int
    url: str
    qr_svg: str
    expires_at: datetime


class Invitation(Schema):
    user: UserRead
    link: PasswordLinkRead


class LinkToken(Body):
    token: str = Field(min_length=1, max_length=100)


class LinkUse(LinkToken):
    password: Password


class LinkedPerson(Schema):
    """The person whose password a link sets."""

    username: str
    display_name: str
    is_invitation: bool = Field(description="True if the person never had a password")
    expires_at: datetime


class PlannerRead(Schema):
    id: int
    display_name: str
    belongs: bool = Field(
        description="True if they plan the team because they belong to it; only the others can be set"
    )


class TeamPlanners(Schema):
    items: list[PlannerRead]


class TeamPlannersChange(Body):
    user_ids: list[RowId] = Field(max_length=100, description="Planners besides those who belong to the team")


class MoveCreate(Body):
    model_config = example({"team_id": 2, "from_date": "2026-12-01"})
    team_id: RowId | None
    from_date: date = Field(description="First work date in the new team; a date up to today moves at once")


class MoveRead(Schema):
    id: int
    user_id: int
    team_id: int | None
    from_date: date
    created_at: datetime
    applied_at: datetime | None
    unplanned_dates: list[date] = Field(
        description="Work dates from then on with a shift of the former team; the move leaves them unplanned"
    )


class ApiTokenCreate(CurrentPassword):
    model_config = example({"name": "快捷指令", "scopes": ["punch:write"]})
    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=10)
    expires_at: Moment | None = Field(default=None, description="Omitted: in 90 days; null: never")


class ApiTokenRead(Schema):
    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiTokenCreated(ApiTokenRead):
    token: str = Field(description="Shown only once")
