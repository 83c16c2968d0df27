"""How many people a shift needs on a day, and how many are planned."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.database import execute
from daka.errors import Invalid
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import User
from daka.roster.cells import planned_cells
from daka.roster.holidays.service import calendar_days
from daka.roster.models import CoverageNeed
from daka.roster.requests.models import Absence, AbsenceKind
from daka.roster.review.schemas import Need
from daka.roster.rules import coverage
from daka.roster.schemas import CoverageRead
from daka.shifts.service import visible_shifts


async def read_needs(session: AsyncSession, team_id: int) -> list[Need]:
    asked = select(CoverageNeed).where(CoverageNeed.team_id == team_id).order_by(CoverageNeed.id)
    return [
        Need.model_validate({"shift_id": need.shift_id, "day": need.day, "people": need.people})
        for need in await session.exec(asked)
    ]


async def replace_needs(session: AsyncSession, by: Principal, team_id: int, needs: Sequence[Need]) -> None:
    await refuse_foreign_team(session, by, team_id)
    shift_ids = {shift.id for shift in await visible_shifts(session, by, team_id=team_id)}
    seen: set[tuple[int, str]] = set()
    for index, need in enumerate(needs):
        if need.shift_id not in shift_ids:
            loc = ("body", "needs", index, "shift_id")
            raise Invalid("unknown_shift", f"The team has no shift {need.shift_id}", loc=loc)
        if (need.shift_id, need.day) in seen:
            raise Invalid("need_twice", "The same shift and day type appear twice", loc=("body", "needs", index))
        seen.add((need.shift_id, need.day))
    await session.exec(sa.delete(CoverageNeed).where(CoverageNeed.team_id == team_id))
    session.add_all(
        CoverageNeed(team_id=team_id, shift_id=need.shift_id, day=need.day, people=need.people) for need in needs
    )
    publish(session, Topic.ROSTER, team_id=team_id)
    await session.flush()


async def coverage_between(
    session: AsyncSession, team_ids: Collection[int | None], first: date, last: date, *, drafts: bool = False
) -> list[CoverageRead]:
    """Planned and required headcounts of these teams per shift and day. People on leave do not count."""
    if not team_ids:
        return []
    needs: dict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    for need in await session.exec(select(CoverageNeed).where(CoverageNeed.team_id.in_(team_ids))):
        needs[need.team_id][need.shift_id, need.day] = need.people
    if not needs:
        return []
    days, _ = await calendar_days(session, first, last)
    kinds = {day: found.kind for day, found in days.items()}
    cell = planned_cells(drafts=drafts).c
    away = (
        select(sa.literal(1))
        .select_from(Absence)
        .where(
            Absence.user_id == cell.user_id,
            Absence.kind == AbsenceKind.LEAVE,
            Absence.punch_kind.is_(None),
            Absence.first_date <= cell.work_date,
            Absence.last_date >= cell.work_date,
        )
    )
    asked = (
        sa.select(User.team_id, cell.work_date, cell.shift_id, func.count())
        .join(User, User.id == cell.user_id)
        .where(
            User.team_id.in_(list(needs)),
            User.is_active == sa.true(),
            cell.work_date.between(first, last),
            ~away.exists(),
        )
        .group_by(User.team_id, cell.work_date, cell.shift_id)
    )
    planned: dict[int, dict[tuple[date, int], int]] = defaultdict(dict)
    found: list[Any] = list(await execute(session, asked))
    for team_id, work_date, shift_id, people in found:
        planned[team_id][work_date, shift_id] = people
    return [
        headcount
        for team_id, wanted in sorted(needs.items())
        for headcount in coverage(team_id, wanted, kinds, planned[team_id])
    ]
