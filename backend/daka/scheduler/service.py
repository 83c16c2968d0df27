"""Whether reminding is on: not paused, at a right clock, and with a worker that lives."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.database import execute, settings_in
from daka.identity.access import Principal
from daka.scheduler.models import SchedulerState, Worker

STALE_AFTER = timedelta(seconds=60)
"""A worker without a heartbeat for this long is not alive."""
_PAUSED_AT = sa.select(SchedulerState.paused_at).where(SchedulerState.id == 1)


async def is_paused(session: AsyncSession) -> bool:
    """Whether reminding is paused, by an administrator or by REMINDER_ENABLED=false."""
    if not settings_in(session).reminder_enabled:
        return True
    return (await execute(session, _PAUSED_AT)).scalar() is not None


async def is_on_hold(session: AsyncSession) -> bool:
    """Whether nothing may be sent: reminding is paused, or the clock cannot be right."""
    return not clock.is_plausible() or await is_paused(session)


async def pause(session: AsyncSession, by: Principal | None) -> None:
    """Pause reminders in all processes, or resume them if `by` is None."""
    state = await session.get(SchedulerState, 1) or SchedulerState(id=1)
    state.paused_at = clock.now() if by else None
    state.paused_by = by.id if by else None
    session.add(state)
    audit(session, "scheduler.paused" if by else "scheduler.resumed")
    publish(session, Topic.SCHEDULER)
    await session.flush()


async def is_alive(session: AsyncSession, now: datetime) -> tuple[bool, datetime | None]:
    """Whether any worker is alive, and when the last heartbeat was."""
    ticked = select(func.max(Worker.last_tick_at)).where(Worker.last_tick_at <= now + clock.AHEAD)
    last: datetime | None = (await session.exec(ticked)).one()
    return last is not None and now - last <= STALE_AFTER, last
