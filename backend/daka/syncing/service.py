"""Ends reading a roster, and says which cells come from it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.identity.access import Principal
from daka.identity.models import Team, User
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.roster.cells import PEOPLE_AT_ONCE, Key, chunks, read_cells
from daka.syncing.comparison import cell_of
from daka.syncing.models import PullStatus, RosterSource
from daka.syncing.pulls import roster_source_of
from daka.syncing.schemas import ImportedCell, RosterSourceRead, RosterTrouble, SyncedRoster

LATE_AFTER = timedelta(hours=2)
"""A pull that failed without a remedy is tried again within the hour."""


def source_read(row: RosterSource) -> RosterSourceRead:
    return RosterSourceRead(**row.model_dump(), remedy=remedy(row.hint, row.reason))


def _of_team(team_ids: Collection[int]) -> Any:
    return (
        select(RosterSource, Team.timezone)
        .join(PunchSource, PunchSource.id == RosterSource.punch_source_id)
        .join(Team, Team.id == PunchSource.team_id)
        .where(PunchSource.team_id.in_(team_ids), PunchSource.deleted_at.is_(None), PunchSource.is_enabled)
        .order_by(RosterSource.id)
    )


async def imported_cells(session: AsyncSession, user_ids: Collection[int]) -> dict[Key, int]:
    """The cells of these people from today on that are as their team's last pull left them, with the shift."""
    teams: dict[int, int] = {}
    for some in chunks(sorted(user_ids), PEOPLE_AT_ONCE):
        mine = select(User.id, User.team_id).where(User.id.in_(some), User.team_id.is_not(None))
        teams |= {user_id: cast(int, team_id) for user_id, team_id in await session.exec(mine)}
    now = clock.now()
    said = {
        key: shift_id
        for row, zone in await session.exec(_of_team(set(teams.values())))
        for text, shift_id in row.imported.items()
        if (key := cell_of(text))[1] >= now.astimezone(ZoneInfo(zone)).date()
        and key[0] in teams
        and shift_id is not None
    }
    if not said:
        return {}
    days = [day for _, day in said]
    present = await read_cells(session, {user_id for user_id, _ in said}, min(days), max(days))
    return {key: shift_id for key, shift_id in said.items() if present.get(key) == shift_id}


async def synced_roster(session: AsyncSession, team_id: int) -> SyncedRoster:
    """The roster source of a team, and the cells from today on that are as its last pull left them."""
    found = (await session.exec(_of_team([team_id]))).first()
    if found is None:
        return SyncedRoster(source=None, cells=[])
    people = await session.exec(select(User.id).where(User.team_id == team_id, User.deleted_at.is_(None)))
    cells = [
        ImportedCell(user_id=user_id, date=day) for user_id, day in sorted(await imported_cells(session, list(people)))
    ]
    return SyncedRoster(source=source_read(found[0]), cells=cells)


async def roster_sources(session: AsyncSession) -> list[tuple[RosterSource, PunchSource, Team]]:
    """All rosters that are read, by source."""
    asked = (
        select(RosterSource, PunchSource, Team)
        .join(PunchSource, PunchSource.id == RosterSource.punch_source_id)
        .join(Team, Team.id == PunchSource.team_id)
        .where(PunchSource.deleted_at.is_(None), PunchSource.is_enabled)
    )
    return [(row, source, team) for row, source, team in await session.exec(asked.order_by(RosterSource.id))]


def is_late(row: RosterSource, now: datetime) -> bool:
    return now - row.next_at > LATE_AFTER


async def roster_troubles(session: AsyncSession, by: Principal) -> list[RosterTrouble]:
    """The rosters of the caller's teams that are not read as they should be."""
    now = clock.now()
    return [
        RosterTrouble(
            source_id=source.id,
            team_id=team.id,
            team_name=team.name,
            is_late=is_late(row, now),
            reason=row.reason,
            remedy=remedy(row.hint, row.reason),
            pulled_at=row.pulled_at,
        )
        for row, source, team in await roster_sources(session)
        if by.plans(team.id) and (row.status is not PullStatus.OK or is_late(row, now))
    ]


async def end_source(session: AsyncSession, source: PunchSource) -> None:
    """Forget a roster source; the roster stays."""
    row = await roster_source_of(session, source.id, lock=True)
    if row is not None:
        await session.delete(row)
        audit(session, "roster.sync_ended", source.team_id, source.name)
        publish(session, Topic.PUNCH, team_id=source.team_id)
