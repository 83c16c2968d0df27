"""The roster: reading people × days, changing cells, and following the changes of others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.roster.actions import action_id
from daka.roster.calendar import dates_between
from daka.roster.cells import (
    PEOPLE_AT_ONCE,
    Key,
    chunks,
    edit_cells,
    hides_nothing,
    lock_roster,
    newest_revision,
    write_cells,
)
from daka.roster.holidays.service import calendar_days
from daka.roster.models import ActionKind, Assignment, CoverageNeed, DraftCell, RosterChange
from daka.roster.requests.models import OPEN_OFFERS, OPEN_SWAPS, Absence, OpenShift, OpenShiftStatus, Swap
from daka.roster.review.coverage import coverage_between
from daka.roster.review.warnings import warnings_for
from daka.roster.revisions import CHANGES_AT_ONCE, change_read, changes_after, concerning, current_revision
from daka.roster.schemas import Cell, Roster, RosterMark, RosterRow, RosterSaved
from daka.shifts.models import Shift
from daka.shifts.service import visible_shift, visible_shifts

SEARCH_LIMIT = 500
"""Above this many people, a query filters by date only and drops the other rows afterwards."""


async def roster_people(
    session: AsyncSession, by: Principal, *, team_id: int | None, user_id: int | None
) -> list[User]:
    """Active people whose roster `by` sees, in the order of their team's roster."""
    asked = select(User).where(MAY_SIGN_IN)
    if by.visible_team_ids is not None:
        asked = asked.where(or_(User.team_id.in_(by.visible_team_ids), User.id == by.id))
    if team_id is not None:
        asked = asked.where(User.team_id == team_id)
    if user_id is not None:
        asked = asked.where(User.id == user_id)
    people = list(await session.exec(asked.order_by(User.team_id, User.id)))
    teams = select(Team.roster_order).where(Team.id.in_({user.team_id for user in people}))
    place = {user_id: index for order in await session.exec(teams) for index, user_id in enumerate(order)}
    return sorted(people, key=lambda user: (user.team_id or 0, place.get(user.id, len(place)), user.id))


async def read_roster(
    session: AsyncSession,
    by: Principal,
    first: date,
    last: date,
    *,
    team_id: int | None = None,
    user_id: int | None = None,
    drafts: bool = False,
) -> Roster:
    """The published roster from `first` to `last`, in a fixed number of queries; `drafts`: as `by` drafts it as a planner."""
    # The revision is read first: what is committed after it is at worst reported again.
    revision = await current_revision(session, by, team_id)
    people = await roster_people(session, by, team_id=team_id, user_id=user_id)
    dates = dates_between(first, last)
    position = {day: index for index, day in enumerate(dates)}
    cells: dict[int, list[int | None]] = {user.id: [None] * len(dates) for user in people}
    asked = select(Assignment.user_id, Assignment.work_date, Assignment.shift_id).where(
        Assignment.work_date.between(first, last)
    )
    if len(people) <= SEARCH_LIMIT:
        asked = asked.where(Assignment.user_id.in_(list(cells)))
    found: list[tuple[int, date, int | None]] = list(await session.exec(asked))
    if drafts:
        planned = {user.id for user in people if by.plans_user(user)}
        over = select(DraftCell.user_id, DraftCell.work_date, DraftCell.shift_id).where(
            DraftCell.work_date.between(first, last)
        )
        found += [drafted for drafted in await session.exec(over) if drafted[0] in planned]
    for assigned_id, work_date, shift_id in found:
        if row := cells.get(assigned_id):
            row[position[work_date]] = shift_id
    days, provisional = await calendar_days(session, first, last)
    return Roster(
        dates=dates,
        days=days,
        users=[
            RosterRow(id=user.id, display_name=user.display_name, team_id=user.team_id, shift_ids=cells[user.id])
            for user in people
        ],
        marks=await _marks(session, by, {user.id: user for user in people}, first, last),
        revision=revision,
        provisional_years=provisional,
    )


async def _marks(
    session: AsyncSession, by: Principal, people: Mapping[int, User], first: date, last: date
) -> list[RosterMark]:
    """Leave, skipped days and open swaps of these people, without the reasons: not everyone may see them.

    The type of leave is for the person and their planners: it may tell of an illness.
    """
    away = select(Absence).where(Absence.first_date <= last, Absence.last_date >= first).order_by(Absence.id)
    if len(people) <= SEARCH_LIMIT:
        away = away.where(Absence.user_id.in_(people.keys()))
    marks = [
        RosterMark.model_validate(
            found.model_dump() if by.sees_user(people[found.user_id]) else found.model_dump(exclude={"leave_type"})
        )
        for found in await session.exec(away)
        if found.user_id in people
    ]
    swaps = (
        select(Swap)
        .where(
            Swap.status.in_(OPEN_SWAPS),
            or_(Swap.work_date.between(first, last), Swap.return_date.between(first, last)),
        )
        .order_by(Swap.id)
    )
    marks += [
        RosterMark(user_id=user_id, kind="swap", first_date=day, last_date=day, id=swap.id)
        for swap in await session.exec(swaps)
        for user_id in (swap.user_id, swap.with_user_id)
        for day in (swap.work_date, swap.return_date)
        if user_id in people and day is not None and first <= day <= last
    ]
    return marks


async def change_roster(
    session: AsyncSession, by: Principal, cells: Sequence[Cell], revision: int | None, *, over_imported: bool
) -> RosterSaved:
    """Set cells, all or nothing, and re-plan their reminders in the same transaction.

    Raises:
        Invalid: an unknown person or shift, or one that does not fit the person's team.
        Forbidden: a person whom `by` does not plan.
        Conflict: `roster_stale`: one of the teams changed after `revision`; `changes` lists the changes. `cells_imported`.
    """
    await lock_roster(session)
    places = [("body", "assignments", index) for index in range(len(cells))]
    people = await planned_people(
        session, by, [(cell.user_id, (*place, "user_id")) for cell, place in zip(cells, places, strict=True)]
    )
    shifts = {shift.id: shift for shift in await visible_shifts(session, by)}
    for cell, place in zip(cells, places, strict=True):
        if cell.shift_id is not None:
            team_id = people[cell.user_id].team_id
            refuse_unfitting(shifts.get(cell.shift_id), cell.shift_id, [team_id], (*place, "shift_id"))
    # In the order in which they were made: the newest is undone first.
    actions = dict.fromkeys(cell.action for cell in cells)
    ids = {key: await action_id(session, by, ActionKind.EDITED, key) for key in actions}
    return await save_cells(
        session,
        by,
        {(cell.user_id, cell.date): cell.shift_id for cell in cells},
        people,
        revision,
        action={(cell.user_id, cell.date): ids[cell.action] for cell in cells},
        over_imported=over_imported,
    )


async def save_cells(
    session: AsyncSession,
    by: Principal,
    wanted: dict[tuple[int, date], int | None],
    people: dict[int, User],
    revision: int | None,
    *,
    action: int | Mapping[Key, int] | None,
    over_imported: bool,
    refuses_stale: bool = True,
) -> RosterSaved:
    """Write validated cells. The caller has called `lock_roster`.

    Raises Conflict: `roster_stale`, unless the caller has compared the cells itself; `cells_imported`.
    """
    missed: list[RosterChange] = []
    if revision is not None:
        if refuses_stale:
            await _refuse_stale(session, by, {user.team_id for user in people.values()}, revision)
        # The new revision is later than these, so the client must receive them. Otherwise it would treat cells it has never
        # seen as current and overwrite them.
        missed = await changes_after(session, revision, [hides_nothing(), *concerning(by, None, drafts=True)])
    written = await edit_cells(session, wanted, changed_by=by.id, over_imported=over_imported, action=action)
    if len(missed) > CHANGES_AT_ONCE:  # too many for one answer: the client continues from here
        missed = missed[:CHANGES_AT_ONCE]
        seen = missed[-1].id
    else:
        seen = await newest_revision(session) if written.changed or missed else (revision or 0)
    dates = [day for _, day in wanted]
    return RosterSaved(
        changed=written.changed,
        revision=seen,
        warnings=await warnings_for(session, list(people.values()), min(dates), max(dates), drafts=True)
        if dates
        else [],
        coverage=await coverage_between(session, written.team_ids, written.first, written.last, drafts=True),
        missed=[change_read(change) for change in missed],
    )


Loc = tuple[str | int, ...]
"""The place of a value in the request, for error messages."""


async def planned_people(session: AsyncSession, by: Principal, asked: Iterable[tuple[int, Loc]]) -> dict[int, User]:
    """The people with these ids. A refusal names all of them whom it is about, so that a client can leave them out at once."""
    places: dict[int, Loc] = {}
    for user_id, loc in asked:
        places.setdefault(user_id, loc)
    people = await users_by_id(session, places.keys())
    refused: list[dict[str, Any]] = []
    for user_id, loc in places.items():
        user = people.get(user_id)
        if user is None or not (by.sees_user(user) or by.sees_team(user.team_id)):
            code, detail = "unknown_user", f"There is no user {user_id}"
        elif not by.plans_user(user):
            code, detail = "not_your_team", f"You do not plan {user.display_name}'s team"
        else:
            continue
        refused.append({"loc": list(loc), "code": code, "msg": detail})
    for first in refused:
        kind = Invalid if first["code"] == "unknown_user" else Forbidden
        raise kind(first["code"], first["msg"], errors=refused)
    return people


async def users_by_id(session: AsyncSession, user_ids: Collection[int]) -> dict[int, User]:
    """People by id, without deleted ones."""
    return {
        user.id: user
        for some in chunks(sorted(user_ids), PEOPLE_AT_ONCE)
        for user in await session.exec(select(User).where(User.id.in_(some), User.deleted_at.is_(None)))
    }


def refuse_unfitting(shift: Shift | None, shift_id: int, team_ids: Iterable[int | None], loc: Loc) -> None:
    """Raises Invalid: the shift does not exist, or belongs to another team than one of these."""
    if shift is None:
        raise Invalid("unknown_shift", f"There is no shift {shift_id}", loc=loc)
    if shift.team_id is not None and any(team_id != shift.team_id for team_id in team_ids):
        raise Invalid("shift_of_other_team", f"{shift.name} belongs to another team", loc=loc)


async def _refuse_stale(session: AsyncSession, by: Principal, teams: set[int | None], revision: int) -> None:
    """Raises Conflict: somebody changed one of these teams after the revision."""
    mine = or_(
        *[
            RosterChange.team_id == team_id if team_id is not None else RosterChange.team_id.is_(None)
            for team_id in teams
        ]
    )
    newer = (await changes_after(session, revision, [mine, hides_nothing()]))[:CHANGES_AT_ONCE]
    if newer:
        raise Conflict(
            "roster_stale",
            "Somebody else has changed the roster",
            revision=newer[-1].id,
            changes=[change_read(change).model_dump(mode="json") for change in newer],
        )


async def retire_shift(
    session: AsyncSession, by: Principal, shift: Shift, replace_with: int | None, *, over_imported: bool
) -> None:
    """Delete a shift. If it is in use, its assignments and drafts move to `replace_with`."""
    await lock_roster(session)
    assigned = list(
        await session.exec(select(Assignment.user_id, Assignment.work_date).where(Assignment.shift_id == shift.id))
    )
    drafted = list(
        await session.exec(select(DraftCell.user_id, DraftCell.work_date).where(DraftCell.shift_id == shift.id))
    )
    people = {user_id for user_id, _ in assigned + drafted}
    if people and replace_with is None:
        raise Conflict("shift_in_use", f"{len(people)} people are assigned to this shift", people=len(people))
    if people:
        try:
            other = await visible_shift(session, cast(int, replace_with), by)
        except NotFound as error:
            raise Invalid("bad_replacement", error.detail, loc=("query", "replace_with")) from error
        if other.id == shift.id or other.team_id not in (None, shift.team_id):
            raise Invalid(
                "bad_replacement",
                "The replacement must be another shift of the same team",
                loc=("query", "replace_with"),
            )
        for cells, is_draft in (assigned, False), (drafted, True):
            wanted = dict.fromkeys(cells, other.id)
            await write_cells(
                session, wanted, changed_by=by.id, over_imported=over_imported or is_draft, is_draft=is_draft
            )
        # A draft over the former shift is one over the other now.
        await session.exec(
            sa.update(DraftCell).where(DraftCell.base_shift_id == shift.id).values(base_shift_id=other.id)
        )
    offered = sa.update(OpenShift).where(OpenShift.shift_id == shift.id, OpenShift.status.in_(OPEN_OFFERS))
    instead = {"status": OpenShiftStatus.WITHDRAWN} if replace_with is None else {"shift_id": replace_with}
    await session.exec(offered.values(instead))
    await session.exec(sa.delete(CoverageNeed).where(CoverageNeed.shift_id == shift.id))
    shift.archived_at = clock.now()
    session.add(shift)
    audit(session, "shift.deleted", shift.id, shift.name, after={"replaced_by": replace_with})
    publish(session, Topic.SHIFT, team_id=shift.team_id)
    await session.flush()
