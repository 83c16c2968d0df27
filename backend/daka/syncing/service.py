"""Ends reading a roster, says which cells come from it, and what of it is not published as it is here."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict
from daka.identity.access import Principal
from daka.identity.models import Team, User
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.roster.cells import PEOPLE_AT_ONCE, Key, chunks, read_cells
from daka.syncing.models import Direction, PullStatus, PushStatus, RosterPush, RosterSource
from daka.syncing.pulls import roster_source_of
from daka.syncing.reading import cells_of
from daka.syncing.registry import READERS
from daka.syncing.schemas import ImportedCell, PushedRoster, RosterSourceRead, RosterTrouble, SyncedRoster

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
        if row.direction is Direction.PULL
        for key, shift_id in cells_of(row.imported, now.astimezone(ZoneInfo(zone)).date()).items()
        if key[0] in teams and shift_id is not None
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
    row, zone = found
    pushed = PushedRoster()
    if row.direction is Direction.PUSH:
        last = (await _latest_pushes(session, [row.punch_source_id])).get(row.punch_source_id)
        pushed = PushedRoster(
            status=last.status if last else None,
            pushed_at=last.at if last else None,
            differing=await differing(session, row, team_id, clock.now().astimezone(ZoneInfo(zone)).date()),
        )
    source = await session.get(PunchSource, row.punch_source_id)
    vendor = READERS[source.kind].names if source and source.kind in READERS else {}
    return SyncedRoster(source=source_read(row), cells=cells, vendor=vendor, pushed=pushed)


async def differing(session: AsyncSession, row: RosterSource, team_id: int, today: date) -> int:
    """How many cells are not as they were last published, of people and days that were."""
    pushed = cells_of(row.pushed, today)
    if not pushed:
        return 0
    days = [day for _, day in pushed]
    mine = select(User.id).where(User.team_id == team_id, User.deleted_at.is_(None))
    people = set(await session.exec(mine)) & {user_id for user_id, _ in pushed}
    present = await read_cells(session, people, min(days), max(days))
    keys = {key for key in pushed if key[0] in people} | present.keys()
    return sum(present.get(key) != pushed.get(key) for key in keys)


async def _latest_pushes(session: AsyncSession, source_ids: Collection[int]) -> dict[int, RosterPush]:
    newest = sa.select(sa.func.max(RosterPush.id)).group_by(RosterPush.punch_source_id)
    asked = select(RosterPush).where(RosterPush.id.in_(newest), RosterPush.punch_source_id.in_(source_ids))
    return {push.punch_source_id: push for push in await session.exec(asked)}


async def roster_sources(session: AsyncSession) -> list[tuple[RosterSource, PunchSource, Team]]:
    """All rosters that are read or published, by source."""
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
    """The rosters of the caller's teams that are not read or published as they should be."""
    now, troubles = clock.now(), list[RosterTrouble]()

    def add(source: PunchSource, team: Team, **values: Any) -> None:
        vendor = READERS[source.kind].names
        troubles.append(
            RosterTrouble(source_id=source.id, team_id=team.id, team_name=team.name, vendor=vendor, **values)
        )

    for row, source, team in await roster_sources(session):
        late = is_late(row, now)
        if by.plans(team.id) and row.direction is Direction.PULL and (row.status is not PullStatus.OK or late):
            advice = remedy(row.hint, row.reason)
            add(source, team, is_late=late, reason=row.reason, remedy=advice, pulled_at=row.pulled_at)
    for _, source, team, push in await pushes_in_doubt(session):
        if by.plans(team.id):
            advice = remedy("push_differs" if push.status is PushStatus.DIFFERS else "push_unverified")
            add(source, team, is_push=True, is_late=False, reason=push.reason, remedy=advice, pulled_at=push.at)
    return troubles


async def pushes_in_doubt(session: AsyncSession) -> list[tuple[RosterSource, PunchSource, Team, RosterPush]]:
    """The rosters whose latest publication does not show there, or could not be read back."""
    found = [each for each in await roster_sources(session) if each[0].direction is Direction.PUSH]
    latest = await _latest_pushes(session, [source.id for _, source, _ in found])
    return [
        (row, source, team, push)
        for row, source, team in found
        if (push := latest.get(source.id)) and push.status in (PushStatus.DIFFERS, PushStatus.UNVERIFIED)
    ]


async def forget_pushed(session: AsyncSession, user_id: int) -> None:
    """Forget which cells of a person are still to be read back: they say who is meant at the vendor."""
    for push in await session.exec(select(RosterPush).where(RosterPush.next_check_at.is_not(None)).with_for_update()):
        push.entries = [entry for entry in push.entries if entry[0] != user_id]
        push.differences = [entry for entry in push.differences if entry[0] != user_id]


async def refuse_pushed(session: AsyncSession, source: PunchSource) -> None:
    """Raises Conflict: the roster is published to this source, and therefore not read from it."""
    row = await roster_source_of(session, source.id)
    if row is not None and row.direction is Direction.PUSH:
        raise Conflict(
            "roster_pushed", "The roster of this team is published to the source; stop publishing before it is read"
        )


async def end_source(session: AsyncSession, source: PunchSource) -> None:
    """Forget a roster source; the roster stays."""
    row = await roster_source_of(session, source.id, lock=True)
    if row is not None:
        await session.delete(row)
        audit(session, "roster.sync_ended", source.team_id, source.name)
        publish(session, Topic.PUNCH, team_id=source.team_id)
