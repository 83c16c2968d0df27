"""Who changed a cell, and from what."""

from datetime import date

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Forbidden, NotFound
from daka.identity.access import Principal, find_user
from daka.identity.models import User
from daka.roster.models import RosterChange
from daka.roster.review.schemas import CellHistoryEntry

MOST_HISTORY = 100


async def find_planned(session: AsyncSession, by: Principal, user_id: int) -> User:
    """A person whom `by` plans."""
    user = await find_user(session, user_id)
    if not by.plans_user(user):
        if by.sees_team(user.team_id) or user.id == by.id:
            raise Forbidden("not_your_team", f"You do not plan {user.display_name}'s team")
        raise NotFound("user_not_found", f"There is no user {user_id}")
    return user


async def cell_history(session: AsyncSession, by: Principal, user_id: int, day: date) -> list[CellHistoryEntry]:
    """The changes of a cell of a person whom `by` plans, newest first."""
    await find_planned(session, by, user_id)
    asked = (
        select(RosterChange, User.display_name)
        .outerjoin(User, User.id == RosterChange.changed_by)
        .where(RosterChange.user_id == user_id, RosterChange.work_date == day)
        .order_by(RosterChange.id.desc())
        .limit(MOST_HISTORY)
    )
    return [
        CellHistoryEntry(
            at=change.at,
            by_name=name or "",
            before_shift_id=change.before_shift_id,
            shift_id=change.after_shift_id,
            is_draft=change.is_draft,
        )
        for change, name in await session.exec(asked)
    ]
