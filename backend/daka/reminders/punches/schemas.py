"""API schemas of punch sources."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from daka.identity.schemas import Body, Name, RowId
from daka.outbound.config import KindRead
from daka.outbound.proofs import Proof
from daka.reminders.punches.models import SourceStatus
from daka.reminders.punches.results import PunchState
from daka.schema import Schema
from daka.shifts.times import PunchKind


class SourceKindRead(KindRead):
    """A kind of punch source."""

    is_choosable: bool = Field(description="Whether users can add such sources; others are set in the environment")


class PunchSourceCreate(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "钉钉考勤",
                "kind": "dingtalk_attendance",
                "team_id": None,
                "config": {"app_key": "dingabcdef123456", "app_secret": "…", "monthly_calls": 4000},
            }
        }
    )
    name: Name
    kind: str = Field(max_length=32)
    team_id: RowId | None = Field(default=None, description="Null: serves everybody whose team has no source")
    config: dict[str, Any] = Field(default_factory=dict)
    is_enabled: bool = True
    proof: Proof | None = None


class PunchSourceUpdate(Body):
    name: Name | None = None
    config: dict[str, Any] | None = Field(default=None, description="Replaces the settings; secrets left out are kept")
    is_enabled: bool | None = None
    proof: Proof | None = None


class BrokenSource(Schema):
    """A source that does not work, shown on the planners' dashboard."""

    id: int
    name: str
    kind: str
    status: SourceStatus
    status_reason: str = Field(description="The provider's own code and message")
    status_hint: str = Field(description="Code of the remedy")
    remedy: dict[str, str] = Field(description="The text for `status_hint` by language (`zh`, `en`)")
    status_at: datetime | None = Field(description="Since when")


class PunchSourceRead(BrokenSource):
    """A source with its settings."""

    team_id: int | None
    is_from_environment: bool = Field(description="CHECK_URL: only `config.user_id` and `config.monthly_calls` change")
    may_change: bool = Field(description="Whether the caller may change it; others only see its status")
    config: dict[str, Any] = Field(description="Without secrets; empty for those who may not change it")
    saved_secrets: list[str] = Field(description="Names of the secret settings that have a value")
    target: str = Field(description="The host that is asked")
    is_enabled: bool
    throttled_until: datetime | None = Field(description="Not asked before then")
    asked_at: datetime | None
    answered_at: datetime | None
    calls_this_month: int
    calls_forecast: int = Field(description="Calls at the end of the month if it goes on as so far")
    monthly_calls: int = Field(description="The monthly limit; 0 is no limit")


class PunchSourceTest(Body):
    user_id: RowId | None = Field(default=None, description="The person to ask about; default is the caller")


class PunchSourceTry(PunchSourceTest):
    """Settings to test before they are saved: of a new source, or changed ones of `source_id`, whose secrets are kept."""

    kind: str = Field(max_length=32)
    team_id: RowId | None = None
    source_id: RowId | None = None
    config: dict[str, Any] = Field(default_factory=dict)


class CheckResultRead(Schema):
    kind: PunchKind
    state: PunchState
    at: datetime | None = Field(description="When they punched, if the source reports it")
    reason: str = Field(description="Why it is unknown, as a code")
    reason_text: dict[str, str] = Field(description="The text for `reason` by language (`zh`, `en`)")


class PunchSourceTestResult(Schema):
    """The source's results for one person today. No punch is recorded."""

    outcome: str = Field(description="`ok`, `broken`, `passing`, `throttled` or `over_budget`")
    provider_code: str
    provider_message: str
    hint: str = Field(description="Code of the remedy")
    remedy: dict[str, str] = Field(description="The text for `hint` by language (`zh`, `en`)")
    latency_ms: int
    user_id: int
    proof: str | None = Field(
        description="Of settings that are not saved and gave a result: send it along when they are saved"
    )
    results: list[CheckResultRead]
