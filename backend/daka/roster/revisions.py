"""Changes of the roster, in their order."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.roster.cells import hides_nothing
from daka.roster.models import RosterChange
from daka.roster.schemas import CellChange, RosterChanges

CHANGES_AT_ONCE = 1_000


def seen_teams(by: Principal, team_id: int | None) -> frozenset[int] | None:
    """The requested teams that `by` sees; None means all."""
    if team_id is None:
        return by.visible_team_ids
    return frozenset({team_id}) if by.sees_team(team_id) else frozenset()


def _in_sight(by: Principal, team_id: int | None) -> list[Any]:
    """Conditions for changes in one team or in all that `by` sees."""
    teams = seen_teams(by, team_id)
    if teams is None:
        return []
    ours = RosterChange.team_id.in_(teams)
    return [ours if team_id is not None else or_(ours, RosterChange.user_id == by.id)]


def concerning(by: Principal, team_id: int | None, *, drafts: bool) -> list[Any]:
    """Conditions for changes that `by` may see: of what is published, or (for planners) of what they see as a draft."""
    conditions = _in_sight(by, team_id)
    if not drafts:
        conditions.append(RosterChange.is_draft == sa.false())
    elif not by.is_admin:
        conditions.append(or_(RosterChange.is_draft == sa.false(), RosterChange.team_id.in_(by.planned_team_ids)))
    return conditions


async def current_revision(session: AsyncSession, by: Principal, team_id: int | None) -> int:
    """The latest change in sight, of one team or of all, drafts included: the answer is in an index."""
    asked = select(func.max(RosterChange.id)).where(*_in_sight(by, team_id))
    return (await session.exec(asked)).one() or 0


async def read_changes(
    session: AsyncSession, by: Principal, since: int, *, team_id: int | None = None, drafts: bool = False
) -> RosterChanges:
    """Changes after a revision, for clients that follow the roster."""
    newest = await current_revision(session, by, team_id)
    seen = [hides_nothing()] if drafts else []
    found = await changes_after(session, since, [*seen, *concerning(by, team_id, drafts=drafts)])
    is_complete = len(found) <= CHANGES_AT_ONCE
    found = found[:CHANGES_AT_ONCE]
    return RosterChanges(
        changes=[change_read(change) for change in found],
        revision=max(newest, since) if is_complete else found[-1].id,
        is_complete=is_complete,
    )


async def changes_after(session: AsyncSession, since: int, conditions: Sequence[Any]) -> list[RosterChange]:
    asked = select(RosterChange).where(RosterChange.id > since, *conditions).order_by(RosterChange.id)
    return list(await session.exec(asked.limit(CHANGES_AT_ONCE + 1)))


def change_read(change: RosterChange) -> CellChange:
    return CellChange(
        user_id=change.user_id,
        date=change.work_date,
        before_shift_id=change.before_shift_id,
        shift_id=change.after_shift_id,
        changed_by=change.changed_by,
        at=change.at,
        is_draft=change.is_draft,
    )
