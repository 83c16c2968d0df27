"""The roster: reading people × days, changing cells, and what keeps people from work."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

import sqlalchemy as sa
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.announcements import Topic, announce
from daka.changes import PlanChange, plan_changed
from daka.database import take_turns
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal
from daka.identity.models import User
from daka.roster.calendar import Day, dates_between, day_kinds, provisional_years
from daka.roster.models import Assignment, CalendarDay, RosterChange
from daka.roster.schemas import Cell, DayRead, Roster, RosterRow, RosterSaved
from daka.shifts.models import Shift
from daka.shifts.service import seen_shift

SEARCH_LIMIT = 200
ROSTER_LOCK = 0x64616B61
"""Advisory lock of PostgreSQL: changes of rosters take their turns, so that revisions are in the order of commits."""


async def roster_people(
    session: AsyncSession, by: Principal, *, team_id: int | None, user_id: int | None
) -> list[User]:
    """Active people whose roster the asker sees, by team and name."""
    asked = select(User).where(col(User.deleted_at).is_(None), User.is_active == sa.true())
    if by.visible_team_ids is not None:
        asked = asked.where(or_(col(User.team_id).in_(by.visible_team_ids), User.id == by.id))
    if team_id is not None:
        asked = asked.where(User.team_id == team_id)
    if user_id is not None:
        asked = asked.where(User.id == user_id)
    return list(await session.exec(asked.order_by(col(User.team_id), col(User.id))))


async def read_roster(
    session: AsyncSession,
    by: Principal,
    first: date,
    last: date,
    *,
    team_id: int | None = None,
    user_id: int | None = None,
) -> Roster:
    """The grid between two dates, both included, in a fixed number of queries."""
    revision = await current_revision(session, by.visible_team_ids if team_id is None else frozenset({team_id}))
    people = await roster_people(session, by, team_id=team_id, user_id=user_id)
    dates = dates_between(first, last)
    position = {day: index for index, day in enumerate(dates)}
    cells: dict[int, list[int | None]] = {cast(int, user.id): [None] * len(dates) for user in people}
    asked = select(col(Assignment.user_id), col(Assignment.work_date), col(Assignment.shift_id)).where(
        col(Assignment.work_date).between(first, last)
    )
    if user_id is not None or len(people) <= SEARCH_LIMIT:
        asked = asked.where(col(Assignment.user_id).in_(list(cells)))
    for assigned_id, work_date, shift_id in await session.exec(asked):
        if row := cells.get(assigned_id):
            row[position[work_date]] = shift_id
    days, provisional = await calendar_days(session, first, last)
    return Roster(
        dates=dates,
        days={day: DayRead(kind=found.kind, name=found.name) for day, found in days.items()},
        users=[
            RosterRow(
                id=cast(int, user.id),
                display_name=user.display_name,
                team_id=user.team_id,
                shift_ids=cells[cast(int, user.id)],
            )
            for user in people
        ],
        revision=revision,
        provisional_years=provisional,
    )


async def calendar_days(session: AsyncSession, first: date, last: date) -> tuple[dict[date, Day], list[int]]:
    """Day kinds between two dates, and the years among them whose holidays are not known."""
    rows = await session.exec(select(CalendarDay).where(col(CalendarDay.date).between(first, last)))
    overrides = {row.date: Day(row.kind, row.name) for row in rows}
    years = range(first.year, last.year + 1)
    imported = await session.exec(
        select(col(CalendarDay.date)).where(
            CalendarDay.source == "import",
            col(CalendarDay.date).between(date(first.year, 1, 1), date(last.year, 12, 31)),
        )
    )
    return day_kinds(first, last, overrides), provisional_years(years, frozenset(day.year for day in imported))


async def current_revision(session: AsyncSession, team_ids: frozenset[int] | None) -> int:
    """The newest change that concerns these teams (None: all)."""
    asked = select(func.max(RosterChange.id))
    if team_ids is not None:
        asked = asked.where(col(RosterChange.team_id).in_(team_ids))
    return (await session.exec(asked)).one() or 0


async def change_roster(
    session: AsyncSession, by: Principal, cells: Sequence[Cell], revision: int | None
) -> RosterSaved:
    """Set cells, all or nothing, and plan the reminders they touch in the same transaction.

    Raises:
        Invalid: an unknown person or shift, or one that does not fit the person's team.
        Forbidden: a person whom the asker does not plan.
        Conflict: `roster_stale`: somebody changed one of the teams after `revision`; `changes` lists what.
    """
    await take_turns(session, ROSTER_LOCK)
    people = await _planned_people(session, by, cells)
    await _refuse_unfitting_shifts(session, by, cells, people)
    teams = {user.team_id for user in people.values()}
    if revision is not None:
        await _refuse_stale(session, teams, revision)

    wanted = {(cell.user_id, cell.date): cell.shift_id for cell in cells}
    dates = [day for _, day in wanted]
    first, last = min(dates), max(dates)
    existing = {
        (found.user_id, found.work_date): found
        for chunk in _chunks(sorted(people), 500)
        for found in await session.exec(
            select(Assignment).where(col(Assignment.user_id).in_(chunk), col(Assignment.work_date).between(first, last))
        )
    }
    now = clock.now()
    touched: list[RosterChange] = []
    for (user_id, day), shift_id in wanted.items():
        found = existing.get((user_id, day))
        before = found.shift_id if found else None
        if before == shift_id:
            continue
        if shift_id is None:
            await session.delete(found)
        elif found:
            found.shift_id, found.updated_at = shift_id, now
            session.add(found)
        else:
            session.add(Assignment(user_id=user_id, work_date=day, shift_id=shift_id, updated_at=now))
        touched.append(
            RosterChange(
                team_id=people[user_id].team_id,
                user_id=user_id,
                work_date=day,
                before_shift_id=before,
                after_shift_id=shift_id,
                changed_by=by.id,
                at=now,
            )
        )
    session.add_all(touched)
    await session.flush()
    if touched:
        for team_id in sorted(teams, key=str):
            announce(session, Topic.ROSTER, team_id=team_id)
        await plan_changed(session, PlanChange.of_users({change.user_id for change in touched}, first, last))
    return RosterSaved(
        changed=len(touched),
        revision=max((cast(int, change.id) for change in touched), default=revision or 0),
        warnings=[],
    )


async def _planned_people(session: AsyncSession, by: Principal, cells: Sequence[Cell]) -> dict[int, User]:
    ids = sorted({cell.user_id for cell in cells})
    people = {
        cast(int, user.id): user
        for chunk in _chunks(ids, 500)
        for user in await session.exec(select(User).where(col(User.id).in_(chunk), col(User.deleted_at).is_(None)))
    }
    for index, cell in enumerate(cells):
        user = people.get(cell.user_id)
        if user is None or not (by.plans_user(user) or by.sees_user(user) or by.sees_team(user.team_id)):
            raise Invalid(
                "unknown_user", f"There is no user {cell.user_id}", loc=("body", "assignments", index, "user_id")
            )
        if not by.plans_user(user):
            raise Forbidden("not_your_team", f"You do not plan {user.display_name}'s team")
    return people


async def _refuse_unfitting_shifts(
    session: AsyncSession, by: Principal, cells: Sequence[Cell], people: dict[int, User]
) -> None:
    shifts: dict[int, Shift] = {}
    for index, cell in enumerate(cells):
        if cell.shift_id is None:
            continue
        loc = ("body", "assignments", index, "shift_id")
        if cell.shift_id not in shifts:
            try:
                shifts[cell.shift_id] = await seen_shift(session, cell.shift_id, by)
            except NotFound as error:
                raise Invalid("unknown_shift", error.detail, loc=loc) from error
        shift = shifts[cell.shift_id]
        if shift.team_id is not None and shift.team_id != people[cell.user_id].team_id:
            raise Invalid("shift_of_other_team", f"{shift.name} belongs to another team", loc=loc)


async def _refuse_stale(session: AsyncSession, teams: Iterable[int | None], revision: int) -> None:
    mine = or_(
        *[
            RosterChange.team_id == team_id if team_id is not None else col(RosterChange.team_id).is_(None)
            for team_id in teams
        ]
    )
    newer = list(
        await session.exec(
            select(RosterChange).where(mine, col(RosterChange.id) > revision).order_by(col(RosterChange.id)).limit(1000)
        )
    )
    if newer:
        raise Conflict(
            "roster_stale",
            "Somebody else changed the roster meanwhile",
            revision=newer[-1].id,
            changes=[
                {
                    "user_id": change.user_id,
                    "date": change.work_date.isoformat(),
                    "shift_id": change.after_shift_id,
                    "changed_by": change.changed_by,
                }
                for change in newer
            ],
        )


async def retire_shift(session: AsyncSession, by: Principal, shift: Shift, replace_with: int | None) -> None:
    """Remove a shift. In use it is refused, or its assignments move to another one.

    Raises:
        Conflict: it is in use, and no replacement was named.
    """
    assigned = list(await session.exec(select(Assignment).where(Assignment.shift_id == shift.id)))
    people = {found.user_id for found in assigned}
    if assigned and replace_with is None:
        raise Conflict("shift_in_use", f"{len(people)} people are assigned to this shift", people=len(people))
    if assigned:
        other = await seen_shift(session, cast(int, replace_with), by)
        if other.id == shift.id or other.team_id not in (None, shift.team_id):
            raise Invalid("bad_replacement", "Name another shift of the same team", loc=("query", "replace_with"))
        teams = {
            cast(int, user.id): user.team_id
            for user in await session.exec(select(User).where(col(User.id).in_(people)))
        }
        now = clock.now()
        for found in assigned:
            session.add(
                RosterChange(
                    team_id=teams.get(found.user_id),
                    user_id=found.user_id,
                    work_date=found.work_date,
                    before_shift_id=shift.id,
                    after_shift_id=other.id,
                    changed_by=by.id,
                    at=now,
                )
            )
            found.shift_id, found.updated_at = cast(int, other.id), now
            session.add(found)
    shift.archived_at = clock.now()
    session.add(shift)
    announce(session, Topic.SHIFT, team_id=shift.team_id)
    if assigned:
        announce(session, Topic.ROSTER, team_id=shift.team_id)
        await plan_changed(session, PlanChange.of_users(people))


def _chunks(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
