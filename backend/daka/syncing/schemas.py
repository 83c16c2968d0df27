"""API schemas of roster sources."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from daka.identity.schemas import Body
from daka.syncing.models import PullStatus


class PullRead(BaseModel):
    """What a pull found and changed, or would change."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    outcome: str = Field(description="ok, stale (too many days are gone; nothing was written), or the kind of failure")
    provider_code: str = ""
    provider_message: str = ""
    remedy: dict[str, str] = Field(default_factory=dict, description="What to do, by language")
    people: int = Field(default=0, description="People with a schedule")
    without_schedule: list[str] = Field(default_factory=list, description="Names of people for whom there is none")
    not_found: list[str] = Field(default_factory=list, description="Names of people whom DingTalk does not know")
    shifts: list[str] = Field(default_factory=list, description="Names of the shifts that occur")
    days: int = Field(default=0, description="Days ahead, today included")
    changed: int = Field(default=0, description="Cells that differ from the roster")
    replaced: int = Field(default=0, description="Of these, cells with another shift now")
    gone: int = Field(default=0, description="Of these, cells for which DingTalk has no schedule any more")
    kept: int = Field(default=0, description="Cells that a planner changed here; they stay")
    unclear: int = Field(default=0, description="Days that could not be understood; they stay as they are")
    calls: int = Field(default=0, description="Calls of the month that it used")


class RosterSourceRead(BaseModel):
    status: PullStatus
    reason: str
    remedy: dict[str, str]
    pulled_at: datetime | None
    next_at: datetime
    changed: int
    kept: int


class RosterSourceState(BaseModel):
    source: RosterSourceRead | None = Field(description="Null: the team's roster is not read from this source")


class PullOrder(Body):
    accepts_gone: bool = Field(default=False, description="Clear the days that are gone even if there are many")
