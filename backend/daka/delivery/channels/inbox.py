"""收件箱: messages kept in the system and shown in the web app, for people without another channel."""

from typing import Any, ClassVar

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.delivery.channels.kind import ChannelKind, SendContext
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Channel, InboxMessage, Outcome
from daka.outbound.config import Config
from daka.statements import insert_new

KEPT = Verdict(Outcome.DONE, "kept")
"""A message for the inbox is written in the transaction that records it, so that a crash keeps both or neither."""

MOST_COMPARED = 20


class Inbox(ChannelKind[Config]):
    name: ClassVar[str] = "inbox"
    labels: ClassVar[dict[str, str]] = {"zh": "收件箱", "en": "Inbox"}
    example: ClassVar[dict[str, Any]] = {}
    people_per_message: ClassVar[int] = 200

    def rate_key(self, config: Config) -> None:
        return None

    def audience_key(self, config: Config) -> str | None:
        return None

    async def deliver(self, config: Config, message: RenderedMessage, context: SendContext) -> Verdict:
        return KEPT

    async def keep(self, session: AsyncSession, channel: Channel, message: RenderedMessage) -> None:
        """Keep the message, once per key. Earlier ones about the same reminders count as read: one line per punch, not six."""
        assert message.at is not None
        about = [line.reminder_id for line in message.lines]
        unread = select(InboxMessage).where(InboxMessage.channel_id == channel.id, InboxMessage.read_at.is_(None))
        for earlier in await session.exec(unread.order_by(InboxMessage.id.desc()).limit(MOST_COMPARED)):
            if about and earlier.reminder_ids == about and earlier.key != message.key:
                earlier.read_at = message.at
        row = {
            "key": message.key,
            "channel_id": channel.id,
            "user_id": channel.user_id,
            "team_id": channel.team_id,
            "title": message.title[:120],
            "text": "\n".join(message.paragraphs),
            "reminder_ids": about,
            "created_at": message.at,
        }
        await session.exec(insert_new(session, InboxMessage).values(**row))
        publish(session, Topic.INBOX, team_id=channel.team_id, user_id=channel.user_id)

    def preview(self, config: Config, message: RenderedMessage) -> str:
        return "\n".join([message.title, *message.paragraphs])
