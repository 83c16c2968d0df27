"""API schemas of the audit log."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from daka.identity.schemas import Moment, RowId
from daka.paging import Cursor, Limit
from daka.schema import Schema

ActionFilter = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_.]+$")]


class AuditSearch(Schema):
    """Filters of the audit log; null means any."""

    actor_id: RowId | None = None
    action: ActionFilter | None = None
    subject_kind: ActionFilter | None = None
    subject_id: RowId | None = None
    team_id: RowId | None = Field(default=None, description="About this team, its roster or its people")
    since: Moment | None = Field(default=None, alias="from", description="At or after this time")
    until: Moment | None = Field(default=None, alias="to", description="Before this time")
    q: str | None = Field(default=None, max_length=80, description="Part of a name, an address or a request ID")


class AuditPageSearch(AuditSearch):
    limit: Limit = 50
    cursor: Cursor = None


class AuditRead(Schema):
    """One change: who made it, when, from where, and the fields that differ."""

    id: int
    at: datetime
    actor_id: int | None = Field(description="Null: the system itself, or a person who was not signed in")
    actor_name: str
    action: str = Field(description="`subject.what`, for example `user.updated`")
    subject_kind: str
    subject_id: int | None
    subject_name: str
    before: dict[str, Any] | None = Field(description="Secrets are shown as ***")
    after: dict[str, Any] | None
    address: str
    user_agent: str
    request_id: str
