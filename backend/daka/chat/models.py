"""Tables of chat connections, of what came in over them, and of who is who there."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from daka import clock
from daka.chat.words import Word
from daka.columns import Mapped, PartialIndex, Table, enum_column, json_column


class ConnectionState(StrEnum):
    CONNECTING = "connecting"
    """Not yet open, or lost and about to be opened again."""
    OPEN = "open"
    REFUSED = "refused"
    """The vendor does not accept the app: a wrong secret, a permission that is missing."""
    TAKEN_OVER = "taken_over"
    """Another program reads the same app."""
    STOPPED = "stopped"
    """No process holds it."""


class ChatConnection(Table, table=True):
    """The connection of one app. One process at a time holds it, under a lease."""

    app: Mapped[str] = Field(primary_key=True, max_length=40)
    """See `ChatApp.key`."""
    dialect: Mapped[str] = Field(max_length=32)
    name: Mapped[str] = Field(max_length=100)
    """The app's public name."""
    holder: Mapped[str] = Field(default="", max_length=80)
    leased_until: Mapped[datetime | None] = Field(default=None)
    state: Mapped[ConnectionState] = Field(default=ConnectionState.CONNECTING, sa_type=enum_column(ConnectionState))
    since: Mapped[datetime] = Field(default_factory=clock.now)
    """Since when the state holds."""
    last_frame_at: Mapped[datetime | None] = Field(default=None)
    """When anything was received last."""
    reason: Mapped[str] = Field(default="", max_length=200)
    """Why it is not open. Without secrets."""
    team_ids: Mapped[list[int]] = Field(default_factory=list, sa_type=json_column())
    """The teams whose channels use the app: only their members are known by the userid in their profile."""
    user_ids: Mapped[list[int]] = Field(default_factory=list, sa_type=json_column())
    """The people whose own channels use it: they, too."""


class ChatMessage(Table, table=True):
    """A tap or a word, stored before it is acknowledged to the vendor. The text itself is not kept."""

    __table_args__ = (
        sa.UniqueConstraint("app", "vendor_id"),
        PartialIndex("ix_chat_message_waiting", "app", "id", where="acted_at IS NULL"),
        PartialIndex("ix_chat_message_unanswered", "received_at", where="answered_at IS NULL"),
    )
    id: Mapped[int] = Field(default=None, primary_key=True)
    app: Mapped[str] = Field(max_length=40)
    vendor_id: Mapped[str] = Field(max_length=160)
    """The vendor's id: the same tap that comes twice is one row."""
    realm: Mapped[str] = Field(max_length=160)
    person: Mapped[str] = Field(max_length=160)
    """The sender's id within the realm, as the vendor says."""
    word: Mapped[Word] = Field(sa_type=enum_column(Word))
    delivery_id: Mapped[int | None] = Field(default=None, sa_type=sa.BigInteger)
    """The message whose button was tapped. It comes from outside: whether it is theirs is checked."""
    reminder_id: Mapped[int | None] = Field(default=None, sa_type=sa.BigInteger)
    """The reminder whose code was written; checked as well."""
    code_hash: Mapped[str] = Field(default="", max_length=64)
    """Of a code that binds."""
    sealed_reply_to: Mapped[str] = Field(default="")
    """Where the reply goes."""
    received_at: Mapped[datetime] = Field(default_factory=clock.now, index=True)
    acted_at: Mapped[datetime | None] = Field(default=None)
    """Set in the transaction that acts, so that nothing acts twice."""
    user_id: Mapped[int | None] = Field(default=None, foreign_key="user.id", index=True)
    """Whom the sender turned out to be."""
    reply: Mapped[str] = Field(default="", max_length=600)
    answered_at: Mapped[datetime | None] = Field(default=None)


class ChatIdentity(Table, table=True):
    """聊天绑定: a person's id in a chat."""

    __table_args__ = (sa.UniqueConstraint("realm", "person"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    user_id: Mapped[int] = Field(foreign_key="user.id", index=True)
    realm: Mapped[str] = Field(max_length=160)
    person: Mapped[str] = Field(max_length=160)
    created_at: Mapped[datetime] = Field(default_factory=clock.now)


class ChatCode(Table, table=True):
    """绑定码: a one-time code with which a person says in a chat who they are."""

    user_id: Mapped[int] = Field(foreign_key="user.id", primary_key=True)
    code_hash: Mapped[str] = Field(max_length=64, unique=True)
    expires_at: Mapped[datetime]
