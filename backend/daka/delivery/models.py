"""Tables of channels, deliveries, their attempts, and the built-in inbox."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.columns import Mapped, PartialIndex, Table, enum_column, json_column
from daka.delivery.templates import Stage
from daka.languages import Language


class ChannelStatus(StrEnum):
    OK = "ok"
    UNTRIED = "untried"
    """Shown, never stored: its settings have not been seen to work yet."""
    THROTTLED = "throttled"
    BROKEN = "broken"


class DeliveryStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    THROTTLED = "throttled"
    FAILED = "failed"
    EXPIRED = "expired"


class DeliveryFailure(StrEnum):
    """What went wrong with a delivery."""

    REFUSED = "refused"
    """A provider refused it at least once; it may have arrived since."""
    FAILED = "failed"
    EXPIRED = "expired"


FAILURES = frozenset({DeliveryStatus.FAILED, DeliveryStatus.EXPIRED})
"""How a delivery ends that did not arrive."""


class Occasion(StrEnum):
    """Why a message goes out."""

    REMINDER = "reminder"
    ESCALATION = "escalation"
    ALERT = "alert"
    """A channel broke; its owner is alerted through another one."""
    ROSTER = "roster"
    """A person's shifts changed, or tomorrow's shift is announced."""
    BACKUP = "backup"
    """Administrators are alerted that there is no backup."""
    TEST = "test"


class Outcome(StrEnum):
    """What the provider's answer means for the delivery (classified by each kind, provider's code first)."""

    DONE = "done"
    RETRY = "retry"
    THROTTLED = "throttled"
    BROKEN_CHANNEL = "broken_channel"
    BAD_MESSAGE = "bad_message"


class Channel(Table, table=True):
    """通知渠道: a place where messages go, owned by a user or a team (or by the environment: both empty)."""

    __table_args__ = (sa.CheckConstraint("user_id IS NULL OR team_id IS NULL", name="one_owner"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    name: Mapped[str] = Field(max_length=80)
    kind: Mapped[str] = Field(max_length=32)
    user_id: Mapped[int | None] = Field(default=None, foreign_key="user.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    config: Mapped[dict[str, object]] = Field(sa_type=json_column())
    """Settings that may be shown."""
    sealed_secrets: Mapped[str] = Field(default="")
    """Settings that may not, encrypted."""
    lane: Mapped[str] = Field(max_length=64, foreign_key="lane.key")
    """What is sent in order and under one rate limit: equal for channels that share one robot."""
    audience: Mapped[str] = Field(default="", max_length=64)
    """Who sees its messages: an escalation is sent once per audience. Empty: nobody else's channel reaches the same place."""
    environment_name: Mapped[str | None] = Field(default=None, max_length=32, unique=True)
    """`WORKING_URL` or `NO_WORK_URL` for the two channels that the environment makes."""
    is_enabled: Mapped[bool] = Field(default=True)
    is_fallback: Mapped[bool] = Field(default=False)
    """Made by the system so that no message is lost; not used while the team's channels work."""
    status: Mapped[ChannelStatus] = Field(default=ChannelStatus.OK, sa_type=enum_column(ChannelStatus))
    status_reason: Mapped[str] = Field(default="", max_length=400)
    status_hint: Mapped[str] = Field(default="", max_length=40)
    """Code of the remedy, whose texts the API adds."""
    status_since: Mapped[datetime | None] = Field(default=None)
    """Since when the status holds."""
    status_at: Mapped[datetime | None] = Field(default=None)
    """When the provider confirmed or refused it; None: its present settings have not been tried."""
    created_at: Mapped[datetime] = Field(default_factory=clock.now)
    deleted_at: Mapped[datetime | None] = Field(default=None)


class Lane(Table, table=True):
    """One robot, address or key: claimed by one sender at a time, which keeps order and rate across processes."""

    key: Mapped[str] = Field(primary_key=True, max_length=64)
    leased_until: Mapped[datetime | None] = Field(default=None)
    leased_by: Mapped[str] = Field(default="", max_length=80)
    throttled_until: Mapped[datetime | None] = Field(default=None)
    """Nothing is sent before this moment: the provider throttles, or the rate limit is used up."""
    recent_sends: Mapped[list[float]] = Field(default_factory=list, sa_type=json_column())
    """Unix seconds of the latest sends, as many as the kind's rate limit counts."""


class Delivery(Table, table=True):
    """投递: one message to one channel. It may carry several reminders."""

    __table_args__ = (
        # For the sender: what waits in which lane, oldest first. Finished deliveries leave the index.
        PartialIndex("ix_delivery_waiting", "next_attempt_at", "lane", where="next_attempt_at IS NOT NULL"),
        PartialIndex("ix_delivery_hand_over_at", "hand_over_at", where="next_attempt_at IS NOT NULL"),
        # For the log, in its order, all of it and by what it is filtered by.
        sa.Index("ix_delivery_channel_id", "channel_id", "due_at", "id"),
        sa.Index("ix_delivery_status", "status", "due_at", "id"),
        sa.Index("ix_delivery_occasion", "occasion", "due_at", "id"),
        PartialIndex("ix_delivery_refused", "due_at", "id", where="refused_at IS NOT NULL"),
        # For those who see some channels: where each of them begins (see `newest`).
        PartialIndex(
            "ix_delivery_channel_failed",
            "channel_id",
            "status",
            "due_at",
            "id",
            where="status IN ('failed', 'expired')",
        ),
        PartialIndex(
            "ix_delivery_channel_occasion", "channel_id", "occasion", "due_at", "id", where="occasion <> 'reminder'"
        ),
        PartialIndex("ix_delivery_channel_refused", "channel_id", "due_at", "id", where="refused_at IS NOT NULL"),
        # And for metrics, which count a day and measure an hour without reading the messages.
        sa.Index("ix_delivery_due_at", "due_at", "id", "channel_id", "status"),
        sa.Index("ix_delivery_sent_at", "sent_at", "due_at"),
        # For deleting: the database looks for what refers to each deleted row.
        PartialIndex("ix_delivery_superseded_by", "superseded_by", where="superseded_by IS NOT NULL"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    key: Mapped[str] = Field(max_length=64, unique=True)
    """Idempotency key, the same for every attempt (`msgUuid`, `webhook-id`)."""
    channel_id: Mapped[int] = Field(foreign_key="channel.id")
    lane: Mapped[str] = Field(max_length=64)
    occasion: Mapped[Occasion] = Field(sa_type=enum_column(Occasion))
    message: Mapped[dict[str, object]] = Field(sa_type=json_column())
    """Texts and people, independent of any provider (`messages.MessageContent`)."""
    status: Mapped[DeliveryStatus] = Field(sa_type=enum_column(DeliveryStatus))
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None] = Field(default=None)
    """When a sender may claim it; None once it has ended."""
    hand_over_at: Mapped[datetime | None] = Field(default=None)
    """When other channels take it over if it still waits; None once they have, and for tests."""
    attempt_count: Mapped[int] = Field(default=0)
    refused_at: Mapped[datetime | None] = Field(default=None)
    """When a provider refused it last; None: never."""
    is_late: Mapped[bool] = Field(default=False)
    superseded_by: Mapped[int | None] = Field(default=None, foreign_key="delivery.id", ondelete="SET NULL")
    """A later delivery to the same destination that includes this one's lines."""
    sent_at: Mapped[datetime | None] = Field(default=None)
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class MessageTemplate(Table, table=True):
    """A team's template for one stage of its messages in one language."""

    team_id: Mapped[int] = Field(foreign_key="team.id", primary_key=True, ondelete="CASCADE")
    stage: Mapped[Stage] = Field(sa_type=enum_column(Stage), primary_key=True)
    language: Mapped[Language] = Field(sa_type=enum_column(Language), primary_key=True)
    variants: Mapped[list[dict[str, str]]] = Field(sa_type=json_column())
    """`{title, line}` each."""


class DeliveryReminder(Table, table=True):
    """Which reminders a delivery carries, and what the log of the people who are reminded is searched by."""

    __table_args__ = (
        sa.Index("ix_delivery_reminder_user_id", "user_id", "due_at", "delivery_id"),
        PartialIndex(
            "ix_delivery_reminder_failure", "user_id", "failure", "due_at", "delivery_id", where="failure IS NOT NULL"
        ),
        PartialIndex(
            "ix_delivery_reminder_occasion",
            "user_id",
            "occasion",
            "due_at",
            "delivery_id",
            where="occasion <> 'reminder'",
        ),
    )
    delivery_id: Mapped[int] = Field(foreign_key="delivery.id", primary_key=True, ondelete="CASCADE")
    reminder_id: Mapped[int] = Field(foreign_key="reminder.id", primary_key=True, index=True, ondelete="CASCADE")
    user_id: Mapped[int] = Field(foreign_key="user.id")
    due_at: Mapped[datetime]
    occasion: Mapped[Occasion] = Field(sa_type=enum_column(Occasion))
    failure: Mapped[DeliveryFailure | None] = Field(default=None, sa_type=enum_column(DeliveryFailure))
    """None: nothing has gone wrong so far."""


class DeliveryAttempt(Table, table=True):
    """One attempt with the provider's answer."""

    # For searches: by the different messages, of which there are few.
    __table_args__ = (
        sa.Index("ix_delivery_attempt_provider_message", "provider_message", "outcome", "delivery_id"),
        sa.Index("ix_delivery_attempt_provider_code", "provider_code", "outcome", "delivery_id"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    delivery_id: Mapped[int] = Field(foreign_key="delivery.id", index=True, ondelete="CASCADE")
    at: Mapped[datetime]
    outcome: Mapped[Outcome] = Field(sa_type=enum_column(Outcome))
    http_status: Mapped[int | None] = Field(default=None)
    provider_code: Mapped[str] = Field(default="", max_length=64)
    provider_message: Mapped[str] = Field(default="", max_length=400)
    hint: Mapped[str] = Field(default="", max_length=40)
    latency_ms: Mapped[int] = Field(default=0)
    is_receipt: Mapped[bool] = Field(default=False)
    """Not an attempt, but a receipt: what the provider reported after accepting the message."""


class DeliveryReceipt(Table, table=True):
    """回执: a provider accepted a delivery and reports later whether it arrived. Deleted once that is known, or given up."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    delivery_id: Mapped[int] = Field(foreign_key="delivery.id", index=True, ondelete="CASCADE")
    ticket: Mapped[str] = Field(max_length=100)
    """The provider's number for the message."""
    sent_at: Mapped[datetime]
    poll_at: Mapped[datetime] = Field(index=True)
    """When to poll. It is moved on before each poll, so that only one process polls, and again after a crash."""
    polls: Mapped[int] = Field(default=0)


class DeliveryCard(Table, table=True):
    """A message that is changed in place when its reminders are answered or end."""

    __table_args__ = (PartialIndex("ix_delivery_card_open", "seen_at", where="next_try_at IS NOT NULL"),)
    delivery_id: Mapped[int] = Field(foreign_key="delivery.id", primary_key=True, ondelete="CASCADE")
    card: Mapped[str] = Field(max_length=200)
    """The provider's id of the message."""
    shown: Mapped[str] = Field(default="", max_length=400)
    """What it says now, see `CardState.text`."""
    seen_at: Mapped[datetime]
    """Until when changes of its reminders are shown."""
    next_try_at: Mapped[datetime | None]
    """Nobody else changes it before this moment; None: it is final."""
    tries: Mapped[int] = Field(default=0)
    """Failed ones in a row."""


class InboxMessage(Table, table=True):
    """A message kept in the system and shown in the web app."""

    id: Mapped[int] = Field(default=None, primary_key=True)
    key: Mapped[str] = Field(max_length=64, unique=True)
    channel_id: Mapped[int] = Field(foreign_key="channel.id")
    user_id: Mapped[int | None] = Field(default=None, foreign_key="user.id", index=True)
    team_id: Mapped[int | None] = Field(default=None, foreign_key="team.id", index=True)
    title: Mapped[str] = Field(max_length=120)
    text: Mapped[str]
    reminder_ids: Mapped[list[int]] = Field(sa_type=json_column())
    created_at: Mapped[datetime] = Field(default_factory=clock.now, index=True)
    read_at: Mapped[datetime | None] = Field(default=None)
