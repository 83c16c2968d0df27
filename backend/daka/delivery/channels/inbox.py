"""收件箱: messages kept in the system and shown in the web app. A real channel for people without a robot."""

from typing import ClassVar

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.announcements import Topic, announce
from daka.database import insert_new
from daka.delivery.channels.kind import ChannelKind, Config, Verdict
from daka.delivery.http import HttpAnswer, HttpRequest
from daka.delivery.messages import Note
from daka.delivery.models import Channel, InboxMessage, Outcome
from daka.settings import Settings


class InboxConfig(Config):
    """Nothing to set."""


class Inbox(ChannelKind[InboxConfig]):
    name: ClassVar[str] = "inbox"
    labels: ClassVar[dict[str, str]] = {"zh": "收件箱", "en": "Inbox"}
    config: ClassVar[type[Config]] = InboxConfig
    people_per_message: ClassVar[int] = 200

    def identity(self, config: InboxConfig) -> str:
        return ""

    def request(self, config: InboxConfig, note: Note, settings: Settings) -> HttpRequest:
        raise NotImplementedError("the inbox is kept, not sent")

    def verdict(self, answer: HttpAnswer) -> Verdict:
        raise NotImplementedError("the inbox is kept, not sent")

    async def keep(self, session: AsyncSession, channel: Channel, note: Note) -> Verdict:
        """Keep the message; the same one told again is kept once."""
        assert note.at is not None
        row = {
            "key": note.key,
            "channel_id": channel.id,
            "user_id": channel.user_id,
            "team_id": channel.team_id,
            "title": note.title[:120],
            "text": "\n".join(note.paragraphs),
            "reminder_ids": [line.reminder_id for line in note.lines],
            "created_at": note.at,
        }
        await session.exec(insert_new(session, InboxMessage).values(**row))
        announce(session, Topic.INBOX, team_id=channel.team_id, user_id=channel.user_id)
        return Verdict(Outcome.DONE, "kept")
