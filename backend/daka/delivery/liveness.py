"""Whether reminding works: the heartbeat of its workers, and what should have moved on by now."""

from datetime import datetime, timedelta

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.delivery.lanes import next_attempt_at
from daka.reminders import claims
from daka.reminders.models import Worker

STALE_AFTER = timedelta(seconds=60)
"""A worker without a heartbeat for this long is not alive."""
OVERDUE_AFTER = timedelta(seconds=60)
"""What should have been queued or sent this long ago means that reminding does not work."""


async def is_alive(session: AsyncSession, now: datetime) -> tuple[bool, datetime | None]:
    """Whether any worker is alive, and when the last heartbeat was."""
    ticked = select(func.max(Worker.last_tick_at)).where(Worker.last_tick_at <= now + clock.AHEAD)
    last: datetime | None = (await session.exec(ticked)).one()
    return last is not None and now - last <= STALE_AFTER, last


async def what_is_overdue(session: AsyncSession, now: datetime) -> str:
    """`reminders` or `deliveries` if some should have moved on a while ago; empty if all is well."""
    if await claims.is_on_hold(session):
        return ""
    next_due = await claims.next_due_at(session)
    if next_due is not None and now - next_due > OVERDUE_AFTER:
        return "reminders"
    upcoming = await next_attempt_at(session)
    if upcoming is not None and now - upcoming > OVERDUE_AFTER:
        return "deliveries"
    return ""
