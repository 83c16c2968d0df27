"""Ends reading a roster, and says which cells come from it."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.outbound.quota import BEIJING
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.roster.cells import read_cells
from daka.syncing.models import RosterSource
from daka.syncing.pulls import cell_of, roster_source_of
from daka.syncing.schemas import ImportedCell, RosterSourceRead, SyncedRoster


def source_read(row: RosterSource) -> RosterSourceRead:
    return RosterSourceRead(**row.model_dump(), remedy=remedy(row.hint))


async def synced_roster(session: AsyncSession, team_id: int) -> SyncedRoster:
    """The roster source of a team, and the cells from today on that are as its last pull left them."""
    asked = (
        select(RosterSource)
        .join(PunchSource, PunchSource.id == RosterSource.punch_source_id)
        .where(PunchSource.team_id == team_id, PunchSource.deleted_at.is_(None), PunchSource.is_enabled)
    )
    row = (await session.exec(asked.order_by(RosterSource.id))).first()
    if row is None:
        return SyncedRoster(source=None, cells=[])
    today = clock.now().astimezone(BEIJING).date()
    imported = {key: shift_id for text, shift_id in row.imported.items() if (key := cell_of(text))[1] >= today}
    days = [day for _, day in imported] or [today]
    present = await read_cells(session, {user_id for user_id, _ in imported}, min(days), max(days))
    cells = [
        ImportedCell(user_id=user_id, date=day)
        for (user_id, day), shift_id in sorted(imported.items())
        if shift_id is not None and present.get((user_id, day)) == shift_id
    ]
    return SyncedRoster(source=source_read(row), cells=cells)


async def end_source(session: AsyncSession, source: PunchSource) -> None:
    """Forget a roster source; the roster stays."""
    row = await roster_source_of(session, source.id, lock=True)
    if row is not None:
        await session.delete(row)
        audit(session, "roster.sync_ended", source.team_id, source.name)
        publish(session, Topic.PUNCH, team_id=source.team_id)
