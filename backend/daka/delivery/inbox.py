"""The built-in inbox."""

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.delivery.models import InboxMessage
from daka.errors import NotFound
from daka.identity.access import Principal
from daka.paging import page_of


async def inbox(
    session: AsyncSession, by: Principal, *, limit: int, cursor: str | None
) -> tuple[list[InboxMessage], str | None]:
    """One's messages and those of the teams that one plans, newest first."""
    asked = select(InboxMessage).where(
        or_(InboxMessage.user_id == by.id, InboxMessage.team_id.in_(by.planned_team_ids))
    )
    return await page_of(session, asked, InboxMessage.id, limit=limit, cursor=cursor)


async def read_inbox_message(session: AsyncSession, message_id: int, by: Principal) -> InboxMessage:
    """Mark a message as read."""
    message = await session.get(InboxMessage, message_id)
    is_mine = message is not None and (
        message.user_id == by.id or (message.team_id is not None and by.plans(message.team_id))
    )
    if message is None or not is_mine:
        raise NotFound("message_not_found", f"There is no message {message_id}")
    if message.read_at is None:
        message.read_at = clock.now()
        publish(session, Topic.INBOX, team_id=message.team_id, user_id=message.user_id)
    return message
