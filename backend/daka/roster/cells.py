"""The one place that writes the roster: cells, the record of what changed, and the reminders that follow."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.announcements import Topic, announce
from daka.audit.trail import audit
from daka.changes import PlanChange, TeamChange, on_team_change, plan_changed
from daka.database import execute, take_turns
from daka.roster.models import Assignment, RosterChange
from daka.shifts.models import Shift

ROSTER_LOCK = 0x64616B61
"""Advisory lock of PostgreSQL: changes of rosters take their turns, so that revisions are in the order of commits."""
ROWS_AT_ONCE = 5_000
PEOPLE_AT_ONCE = 500

Key = tuple[int, date]
"""A cell: a person and a work date."""
Element = TypeVar("Element")


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell that is different now."""

    user_id: int
    work_date: date
    before: int | None
    after: int | None


def chunks(rows: Sequence[Element], size: int) -> Iterator[Sequence[Element]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


async def take_roster_turn(session: AsyncSession) -> None:
    """Until this transaction ends nobody else writes a roster. Take it before reading what the change depends on."""
    await take_turns(session, ROSTER_LOCK)


async def read_cells(
    session: AsyncSession, user_ids: Iterable[int], first: date, last: date
) -> dict[Key, tuple[int, int]]:
    """(assignment id, shift id) of every planned cell of these people between two dates, both included."""
    found: dict[Key, tuple[int, int]] = {}
    for some in chunks(sorted(set(user_ids)), PEOPLE_AT_ONCE):
        asked = select(
            col(Assignment.user_id), col(Assignment.work_date), col(Assignment.id), col(Assignment.shift_id)
        ).where(col(Assignment.user_id).in_(some), col(Assignment.work_date).between(first, last))
        for user_id, work_date, row_id, shift_id in await session.exec(asked):
            found[user_id, work_date] = (row_id or 0, shift_id)
    return found


async def _nobody_looks(_share: float) -> None:
    return None


async def write_cells(
    session: AsyncSession,
    wanted: Mapping[Key, int | None],
    *,
    team_of: Mapping[int, int | None],
    changed_by: int | None,
    progress: Callable[[float], Awaitable[None]] = _nobody_looks,
) -> list[Changed]:
    """Bring cells to what is wanted (None clears), keep a record, and plan the reminders anew, in this transaction.

    The caller holds `take_roster_turn`. `progress` hears the share that is done, from 0 to 1, and may raise to stop.
    """
    if not wanted:
        return []
    dates = [day for _, day in wanted]
    existing = await read_cells(session, {user_id for user_id, _ in wanted}, min(dates), max(dates))
    await progress(0.2)
    changed = [
        Changed(key[0], key[1], before, after)
        for key, after in wanted.items()
        if (before := existing[key][1] if key in existing else None) != after
    ]
    now = clock.now()
    done = 0
    for some in chunks(changed, ROWS_AT_ONCE):
        cleared = [existing[cell.user_id, cell.work_date][0] for cell in some if cell.after is None]
        moved = [
            {"row_id": existing[cell.user_id, cell.work_date][0], "to_shift": cell.after, "moved_at": now}
            for cell in some
            if cell.before is not None and cell.after is not None
        ]
        fresh = [
            {"user_id": cell.user_id, "work_date": cell.work_date, "shift_id": cell.after, "updated_at": now}
            for cell in some
            if cell.before is None
        ]
        for ids in chunks(cleared, PEOPLE_AT_ONCE):
            await execute(session, sa.delete(Assignment).where(col(Assignment.id).in_(ids)))
        if moved:
            to_one = (
                sa.update(Assignment)
                .where(col(Assignment.id) == sa.bindparam("row_id"))
                .values(shift_id=sa.bindparam("to_shift"), updated_at=sa.bindparam("moved_at"))
            )
            await execute(session, to_one, moved)
        if fresh:
            await execute(session, sa.insert(Assignment), fresh)
        await execute(
            session,
            sa.insert(RosterChange),
            [
                {
                    "team_id": team_of.get(cell.user_id),
                    "user_id": cell.user_id,
                    "work_date": cell.work_date,
                    "before_shift_id": cell.before,
                    "after_shift_id": cell.after,
                    "changed_by": changed_by,
                    "at": now,
                }
                for cell in some
            ],
        )
        done += len(some)
        await progress(0.2 + 0.5 * done / len(changed))
    if changed:
        people = {cell.user_id for cell in changed}
        for team_id in {team_of.get(user_id) for user_id in people}:
            announce(session, Topic.ROSTER, team_id=team_id)
        days = [cell.work_date for cell in changed]
        said = {"cells": len(changed), "people": len(people), "from": min(days), "to": max(days)}
        audit(session, "roster.changed", after=said)
        await plan_changed(session, PlanChange.of_users(people, min(days), max(days)))
    await progress(1.0)
    return changed


@on_team_change
async def unplan_foreign_shifts(session: AsyncSession, change: TeamChange, dry_run: bool) -> list[date]:
    """A team's own shifts do not go along to another team: these days become unplanned. Shared shifts stay."""
    if not dry_run:
        await take_roster_turn(session)
    asked = (
        select(col(Assignment.work_date))
        .join(Shift, col(Shift.id) == Assignment.shift_id)
        .where(
            Assignment.user_id == change.user_id,
            Assignment.work_date >= change.first_date,
            col(Shift.team_id).is_not(None),
            col(Shift.team_id).is_distinct_from(change.after),
        )
        .order_by(col(Assignment.work_date))
    )
    days = list(await session.exec(asked))
    if days and not dry_run:
        wanted = {(change.user_id, day): None for day in days}
        await write_cells(session, wanted, team_of={change.user_id: change.after}, changed_by=change.changed_by)
        announce(session, Topic.ROSTER, team_id=change.before)
    return days


async def newest_revision(session: AsyncSession) -> int:
    """The id of the newest change of all teams."""
    return (await session.exec(select(func.max(RosterChange.id)))).one() or 0
