"""People's ids at vendors (`dingtalk_userid` and the like), kept in their profiles: found by mobile number, or entered."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.models import User


async def ids_at(session: AsyncSession, field: str, user_ids: Collection[int] | None = None) -> dict[int, str]:
    """The ids in a field of the profile, by user id: of everybody, or of these people."""
    column = getattr(User, field)
    asked = select(User.id, column).where(column.is_not(None))
    if user_ids is not None:
        asked = asked.where(User.id.in_(user_ids))
    return {user_id: userid for user_id, userid in await session.exec(asked) if userid}


async def keep_ids(session: AsyncSession, field: str, found: Mapping[int, str]) -> None:
    """Store ids (by user id) of people who have none."""
    column = getattr(User, field)
    for user_id, userid in sorted(found.items()):
        await session.exec(sa.update(User).where(User.id == user_id, column.is_(None)).values({column: userid[:64]}))
