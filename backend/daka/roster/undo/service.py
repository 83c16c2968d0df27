"""Undoes and redoes what a planner did: edits, filling, copying, imports."""

from collections.abc import Collection
from datetime import datetime, time

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import execute
from daka.errors import Conflict, NotFound
from daka.identity.access import Principal
from daka.identity.teams import team_of
from daka.roster.actions import Edit, edits_of, reversal
from daka.roster.cells import PEOPLE_AT_ONCE, Key, chunks, lock_roster, read_cells
from daka.roster.models import ActionKind, RosterAction, RosterChange
from daka.roster.schemas import CellChange
from daka.roster.service import planned_people, refuse_unfitting, save_cells
from daka.roster.undo.schemas import ActionRead, UndoBody, Undone
from daka.shifts.service import visible_shifts

MOST_LISTED = 200


async def actions_today(session: AsyncSession, by: Principal) -> list[ActionRead]:
    """The planner's actions since midnight in their team's zone, newest first, and what was read in for teams that they plan."""
    _, zone = await team_of(session, by.user.team_id)
    midnight = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    cell = sa.cast(RosterChange.user_id, sa.String) + " " + sa.cast(RosterChange.work_date, sa.String)
    read_in = RosterAction.kind == ActionKind.PULLED
    if not by.is_admin:
        read_in = sa.and_(read_in, RosterChange.team_id.in_(by.planned_team_ids))
    asked = (
        sa.select(
            RosterAction.id,
            RosterAction.kind,
            RosterAction.at,
            RosterAction.undone_at,
            (RosterAction.made_by == by.id).label("is_own"),
            func.count(sa.distinct(cell)).label("cells"),
            func.max(RosterChange.team_id).label("team_id"),
            func.min(RosterChange.work_date).label("first"),
            func.max(RosterChange.work_date).label("last"),
        )
        .join(RosterChange, RosterChange.action_id == RosterAction.id)
        .where(sa.or_(RosterAction.made_by == by.id, read_in), RosterAction.at >= midnight)
        .group_by(RosterAction.id)
        .order_by(RosterAction.id.desc())
        .limit(MOST_LISTED)
    )
    return [ActionRead.model_validate(row, from_attributes=True) for row in await execute(session, asked)]


async def undo(
    session: AsyncSession, by: Principal, action_id: int, asked: UndoBody, *, is_redo: bool = False
) -> Undone:
    """Restore an action's cells, or (redo) change them again; their reminders are re-planned in this transaction.

    Raises:
        NotFound: the planner has no such action, nor was it a reading of a team that they plan.
        Invalid, Forbidden: a person or a shift is gone, or is another team's now.
        Conflict: `not_undoable`: it is undone already, or not yet; `cells_changed`: `cells` lists what was changed since.
    """
    await lock_roster(session)
    action = await session.get(RosterAction, action_id)
    if action is None or not (action.made_by == by.id or await _is_reading_for(session, by, action)):
        raise NotFound("action_not_found", f"You have no action {action_id}")
    if (action.undone_at is not None) != is_redo:
        raise Conflict("not_undoable", "The action is not undone" if is_redo else "The action is undone already")
    edits = await _edits(session, action_id)
    dates = [day for _, day in edits]
    now = (
        await read_cells(session, {user_id for user_id, _ in edits}, min(dates), max(dates), drafts=True)
        if dates
        else {}
    )
    wanted, changed_since = reversal(edits, now, is_redo=is_redo)
    if changed_since and not asked.keep_changed:
        latest = await _latest_changes(session, changed_since)
        raise Conflict(
            "cells_changed",
            f"{len(changed_since)} cells were changed since",
            cells=[
                CellChange(
                    user_id=key[0],
                    date=key[1],
                    before_shift_id=restored,
                    shift_id=now.get(key),
                    changed_by=latest[key].changed_by if key in latest else None,
                    at=latest[key].at if key in latest else action.at,
                ).model_dump(mode="json")
                for key, restored in changed_since.items()
            ],
        )
    places = {user_id: ("path", "action_id") for user_id, _ in wanted}
    people = await planned_people(session, by, list(places.items()))
    shifts = {shift.id: shift for shift in await visible_shifts(session, by)}
    for (user_id, _), shift_id in wanted.items():
        if shift_id is not None:
            refuse_unfitting(shifts.get(shift_id), shift_id, [people[user_id].team_id], places[user_id])
    saved = await save_cells(
        session, by, wanted, people, asked.revision, action=None, refuses_stale=False, over_imported=True
    )  # undoing a pull writes over what it wrote; other actions restore what was agreed on
    action.undone_at = None if is_redo else clock.now()
    at = clock.now()
    return Undone(
        **saved.model_dump(),
        cells=[
            CellChange(
                user_id=key[0],
                date=key[1],
                before_shift_id=now.get(key),
                shift_id=shift_id,
                changed_by=by.id,
                at=at,
            )
            for key, shift_id in wanted.items()
        ],
    )


async def _is_reading_for(session: AsyncSession, by: Principal, action: RosterAction) -> bool:
    """Whether the action read rosters in, of none but teams that `by` plans: those are nobody's own."""
    if action.kind is not ActionKind.PULLED:
        return False
    teams = select(RosterChange.team_id).where(RosterChange.action_id == action.id).distinct()
    return all(by.plans(team_id) for team_id in await session.exec(teams))


async def _edits(session: AsyncSession, action_id: int) -> dict[Key, Edit]:
    asked = (
        select(RosterChange.user_id, RosterChange.work_date, RosterChange.before_shift_id, RosterChange.after_shift_id)
        .where(RosterChange.action_id == action_id)
        .order_by(RosterChange.id)
    )
    return edits_of(await session.exec(asked))


async def _latest_changes(session: AsyncSession, cells: Collection[Key]) -> dict[Key, RosterChange]:
    dates = [day for _, day in cells]
    latest: dict[Key, RosterChange] = {}
    for some in chunks(sorted({user_id for user_id, _ in cells}), PEOPLE_AT_ONCE):
        asked = select(RosterChange).where(
            RosterChange.user_id.in_(some), RosterChange.work_date.between(min(dates), max(dates))
        )
        for change in await session.exec(asked.order_by(RosterChange.id)):
            latest[change.user_id, change.work_date] = change
    return latest
