"""Channels, deliveries, inbox and templates in the API."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from daka.delivery.channels.kind import ExchangeRead
from daka.delivery.models import ChannelStatus, DeliveryStatus, Occasion, Outcome
from daka.delivery.templates import LONGEST_LINE, LONGEST_TITLE, MOST_VARIANTS, Stage
from daka.identity.schemas import Body, Name, RowId
from daka.languages import Language
from daka.outbound.config import KindRead
from daka.outbound.proofs import Proof
from daka.paging import Cursor, Limit
from daka.roster.schemas import WorkDate
from daka.schema import Schema


class ChannelKindRead(KindRead):
    """A kind of channel and the JSON schema of its settings, from which the web app makes a form."""


class ChannelCreate(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "一车间群",
                "kind": "dingtalk_robot",
                "team_id": 1,
                "config": {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=…", "secret": "SEC…"},
            }
        }
    )
    name: Name
    kind: str = Field(max_length=32)
    user_id: RowId | None = Field(default=None, description="The owner; default: oneself, if no team is given")
    team_id: RowId | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    is_enabled: bool = True
    proof: Proof | None = None


class ChannelUpdate(Body):
    """What changes of a channel."""

    name: Name | None = None
    config: dict[str, Any] | None = Field(default=None, description="Replaces the settings; secrets left out are kept")
    is_enabled: bool | None = None
    proof: Proof | None = None


class ChannelTry(Body):
    """Settings to test before they are saved: of a new channel, or changed ones of `channel_id`, whose secrets are kept."""

    name: Name
    kind: str = Field(max_length=32)
    team_id: RowId | None = None
    channel_id: RowId | None = None
    config: dict[str, Any] = Field(default_factory=dict)


class RemedyText(Schema):
    """What to do about a refusal, in Chinese and English."""

    zh: str
    en: str


class BrokenChannel(Schema):
    id: int
    name: str
    kind: str
    status_reason: str = Field(description="The provider's own message")
    status_hint: str = Field(description="Code of the remedy")
    status_hint_text: RemedyText | None
    status_since: datetime | None


class ChannelRead(BrokenChannel):
    user_id: int | None
    team_id: int | None
    config: dict[str, Any] = Field(description="Without secrets")
    saved_secrets: list[str] = Field(description="Secret settings that have a value")
    target: str = Field(description="The host it goes to")
    is_enabled: bool
    status: ChannelStatus
    status_at: datetime | None = Field(
        description="When the provider confirmed or refused it; null: its present settings have not been tried"
    )
    throttled_until: datetime | None = Field(description="Nothing is sent before: throttled, or rate limit used up")


class ProviderAnswer(Schema):
    outcome: Outcome
    provider_code: str
    provider_message: str
    hint: str
    hint_text: RemedyText | None
    http_status: int | None
    latency_ms: int


class CalledPerson(Schema):
    """Whether the channel's reminders call a person, and why not."""

    user_id: int
    name: str
    is_called: bool
    reason: str = Field(description="Code of the reason why not; empty for those who are called")
    reason_text: RemedyText | None


class Called(Schema):
    """Whom a channel's reminders would call."""

    people: list[CalledPerson] = Field(
        description="Everybody whose reminders the channel carries; empty if its kind calls nobody"
    )
    rows_of_nobody: list[str] = Field(description="Rows of the table of people that are about none of them")


class TestResult(Called, ProviderAnswer):
    """The provider's answer to a test message, and whom reminders would call."""

    delivery_id: int | None = Field(description="The test in the delivery log; null for settings that are not saved")
    proof: str | None = Field(
        default=None, description="Send it when saving these settings: they were seen to work. Null for what is saved"
    )
    awaits_tap: bool = Field(
        description="The message has a button whose answer comes in here, see `channels_test_tap`; it can be tried"
    )
    exchanges: list[ExchangeRead]


class AttemptRead(ProviderAnswer):
    at: datetime
    is_receipt: bool = Field(
        description="Not an attempt, but a receipt: what the provider reported after accepting the message"
    )


class PersonRead(Schema):
    user_id: int
    name: str
    reminder_id: int


class DeliverySearch(Schema):
    """Filters of the delivery log; null means any."""

    status: DeliveryStatus | None = None
    channel_id: RowId | None = None
    user_id: RowId | None = None
    team_id: RowId | None = Field(default=None, description="To this team's channels, or about its people")
    reminder_id: RowId | None = None
    occasion: Occasion | None = None
    first: WorkDate | None = Field(default=None, alias="from", description="First day, in the server's TIMEZONE")
    last: WorkDate | None = Field(default=None, alias="to", description="Last day")
    q: str | None = Field(default=None, max_length=80, description="Channel, person, or the provider's code or message")
    limit: Limit = 50
    cursor: Cursor = None


class DeliveryRead(Schema):
    id: int
    channel_id: int
    channel_name: str = Field(description="Empty: somebody else's personal channel")
    channel_kind: str
    occasion: Occasion
    kind: str | None = Field(description="clock_in or clock_out")
    title: str
    people: list[PersonRead]
    recipient: str = Field(description="Name of the person whom a notice without punch points is for")
    status: DeliveryStatus
    due_at: datetime
    expires_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    is_late: bool
    may_retry: bool = Field(description="Whether the asker may retry it now")
    superseded_by: int | None = Field(description="A later delivery to the same destination that includes its lines")
    attempts: list[AttemptRead]


class InboxRead(Schema):
    id: int
    user_id: int | None
    team_id: int | None
    title: str
    text: str
    reminder_ids: list[int]
    created_at: datetime
    read_at: datetime | None


OneLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class VariantBody(Body):
    """One wording. `templates_variables` lists the `{variables}`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"title": "{time} {kind} · {names}", "line": "{name}，{shift} {distance}"}}
    )
    title: OneLine = Field(max_length=LONGEST_TITLE)
    line: OneLine = Field(max_length=LONGEST_LINE, description="Once for each person")


class TemplateWrite(Body):
    variants: list[VariantBody] = Field(
        min_length=1, max_length=MOST_VARIANTS, description="One of them is chosen at random"
    )


class TemplateRead(Schema):
    team_id: int
    stage: Stage
    language: Language
    variants: list[VariantBody]


class VariableRead(Schema):
    name: str
    meaning: RemedyText


class TemplatePreviewAsk(Body):
    stage: Stage
    language: Language = Language.CHINESE
    variant: VariantBody | None = Field(default=None, description="The texts to try; null for the built-in ones")
    kind: str = Field(default="dingtalk_robot", max_length=32)
    people: int = Field(default=1, ge=1, le=3)


class TemplatePreview(Schema):
    """A message to made-up people as the kind would send it, with made-up settings."""

    title: str
    paragraphs: list[str]
    mentions: list[str] = Field(description="People whom the kind mentions by mobile number or userid")
    buttons: list[str] = Field(description="Actions that the kind shows")
    template: VariantBody = Field(description="The texts that were used; the built-in ones as a starting point")
    body: str = Field(description="The request body, or the email")


class WebPushKeyRead(Schema):
    """The server's public key for Web Push."""

    public_key: str = Field(description="Uncompressed point of P-256, base64url without padding, 87 characters")
