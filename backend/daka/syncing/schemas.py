"""API schemas of roster sources."""

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from daka.identity.schemas import Body, Name, RowId
from daka.schema import Schema
from daka.syncing.directory import Match
from daka.syncing.models import Direction, PullStatus, PushStatus


class VendorAnswer(Schema):
    """Whether a vendor answered; see `access.failure`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    outcome: str = Field(description="ok, or the kind of failure")
    provider_code: str = ""
    provider_message: str = ""
    remedy: dict[str, str] = Field(default={}, description="What to do, by language")


class PullRead(VendorAnswer):
    """What a pull found and changed, or would change."""

    outcome: str = Field(description="ok, stale (too many days are gone; nothing was written), or the kind of failure")
    people: int = Field(default=0, description="People with a schedule")
    without_schedule: list[str] = Field(default_factory=list, description="Names of people for whom there is none")
    not_found: list[str] = Field(default_factory=list, description="Names of people whom the vendor does not know")
    same_ids: list[str] = Field(
        default=[],
        description="Names of people who have the same id at the vendor as another account of the team; not read",
    )
    shifts: list[str] = Field(default_factory=list, description="Names of the shifts that occur")
    days: int = Field(default=0, description="Days ahead, today included")
    changed: int = Field(default=0, description="Cells that differ from the roster")
    replaced: int = Field(default=0, description="Of these, cells with another shift now")
    gone: int = Field(default=0, description="Of these, cells for which the vendor has no schedule any more")
    vanished: list[str] = Field(
        default=[], description="Names of people of whom no day is left; theirs stay unless it is accepted"
    )
    kept: int = Field(default=0, description="Cells that a planner changed here; they stay")
    newcomers: list[str] = Field(
        default=[], description="Names of people in the team's departments who have no account here"
    )
    leavers: list[str] = Field(default=[], description="Names of people whom the vendor no longer has")
    unclear: int = Field(default=0, description="Days that could not be understood; they stay as they are")
    leaves: int = Field(default=0, description="Leave that the vendor tells of in these days")
    leaves_changed: int = Field(default=0, description="Days of leave that were recorded or taken back")
    calls: int = Field(default=0, description="Calls of the month that it used")


class DepartmentChoice(Body):
    """The people of a department, and of those below it that are not chosen themselves, belong to a team."""

    department_id: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    team_id: RowId | None = Field(default=None, description="Null: a new team")
    new_team: Name | None = Field(default=None, description="Name of the new team; administrators only")


class DingTalkUserIdRead(Schema):
    user_id: int
    dingtalk_userid: str


class PeopleOrder(Body):
    departments: list[DepartmentChoice] = Field(
        default=[], max_length=200, description="Empty: the departments chosen before"
    )


class DepartmentRead(Schema):
    id: str
    name: str = Field(description="Empty: the whole organisation")
    depth: int
    people: int = Field(description="Of the department itself and of those below it")
    team_id: int | None = Field(description="The team whose people they are by an earlier choice")


class DirectoryPersonRead(Schema):
    name: str
    department: str
    match: Match = Field(
        description="new, known, by_mobile or by_name (an account here that gets the userid), removed (was deleted here; "
        "is not added) or elsewhere (the number is another account's; is not added)"
    )
    has_mobile: bool


class LeaverRead(Schema):
    user_id: int
    name: str


class TeamSourceRead(Schema):
    """A team whose people come from a vendor's directory, with its punch source."""

    source_id: int
    team_id: int
    team_name: str


class PeopleRead(VendorAnswer):
    """What a vendor's directory knows of people, and what was or would be done about it."""

    departments: list[DepartmentRead] = Field(default=[])
    people: list[DirectoryPersonRead] = Field(default=[], description="Of the chosen departments")
    added: int = Field(default=0, description="New accounts")
    linked: int = Field(default=0, description="Accounts that get their userid")
    leavers: list[LeaverRead] = Field(
        default=[],
        description="Active accounts of the chosen teams whose person the app no longer sees; nothing is done",
    )
    sources: list[TeamSourceRead] = Field(default=[], description="The teams whose people were written")


class PermissionRead(Schema):
    """One test of what the app may do."""

    name: str = Field(description="Its name in the vendor's console; empty: the app's credentials")
    is_needed: bool
    state: Literal["ok", "missing", "unknown"]
    provider_code: str = ""
    provider_message: str = ""
    remedy: dict[str, str] = Field(default={})


class PermissionsRead(Schema):
    permissions: list[PermissionRead]
    calls: int = Field(description="Calls of the month that it used")


class RosterSourceRead(Schema):
    punch_source_id: int
    direction: Direction = Field(description="`pull`: read from the source; `push`: published to it; `off`: neither")
    status: PullStatus
    reason: str
    remedy: dict[str, str]
    pulled_at: datetime | None
    next_at: datetime
    changed: int
    kept: int
    newcomers: int = Field(description="People in the team's departments without an account here")
    leavers: int = Field(description="Accounts of the team whose person the vendor no longer has")


class RosterSourceState(Schema):
    source: RosterSourceRead | None = Field(description="Null: the team's roster is not read from this source")


class RosterTrouble(Schema):
    """A team's roster that is not read any more."""

    source_id: int
    team_id: int
    team_name: str
    is_push: bool = Field(default=False, description="It was published, and does not show there")
    vendor: dict[str, str] = Field(description="Name of the attendance system by language")
    is_late: bool = Field(description="It should have been read some time ago, but no worker did")
    reason: str = Field(description="The provider's own code and words")
    remedy: dict[str, str]
    pulled_at: datetime | None = Field(description="When it last succeeded")


class ImportedCell(Schema):
    user_id: int
    date: date


class PushedRoster(Schema):
    """What is known of a roster that is published."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    status: PushStatus | None = Field(default=None, description="Of the latest publication; null: there was none")
    pushed_at: datetime | None = None
    differing: int = Field(default=0, description="Cells that are not as they were last published")


class SyncedRoster(Schema):
    """What of a team's roster comes from its attendance system, or was published to it."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    source: RosterSourceRead | None = Field(description="Null: the roster is not read from one")
    cells: list[ImportedCell] = Field(description="Cells that are as the last pull left them")
    vendor: dict[str, str] = Field(default={}, description="The vendor's name, by language")
    pushed: PushedRoster = PushedRoster()


class PullOrder(Body):
    accepts_gone: bool = Field(default=False, description="Clear the days that are gone even if there are many")
