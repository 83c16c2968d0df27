"""API schemas of the audit log."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class AuditRead(BaseModel):
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
