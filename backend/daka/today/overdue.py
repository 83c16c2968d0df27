"""What should have moved on by now."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.delivery.lanes import next_attempt_at
from daka.reminders import claims
from daka.scheduler.service import is_on_hold

OVERDUE_AFTER = timedelta(seconds=60)
"""What should have been queued or sent this long ago means that reminding does not work."""


async def what_is_overdue(session: AsyncSession, now: datetime) -> str:
    """`reminders` or `deliveries` if some should have moved on a while ago; empty if all is well."""
    if await is_on_hold(session):
        return ""
    next_due = await claims.next_due_at(session)
    if next_due is not None and now - next_due > OVERDUE_AFTER:
        return "reminders"
    upcoming = await next_attempt_at(session)
    if upcoming is not None and now - upcoming > OVERDUE_AFTER:
        return "deliveries"
    return ""
