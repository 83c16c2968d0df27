"""Ends reading a roster."""

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.reminders.punches.models import PunchSource
from daka.syncing.pulls import roster_source_of


async def end_source(session: AsyncSession, source: PunchSource) -> None:
    """Forget a roster source; the roster stays."""
    row = await roster_source_of(session, source.id, lock=True)
    if row is not None:
        await session.delete(row)
        audit(session, "roster.sync_ended", source.team_id, source.name)
        publish(session, Topic.PUNCH, team_id=source.team_id)
