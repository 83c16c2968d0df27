"""The report on a roster for planners: each person's share, warnings and coverage."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from daka import clock
from daka.database import execute
from daka.identity.access import Principal
from daka.identity.models import Role, User
from daka.identity.teams import zones_of
from daka.roster.cells import planned_cells
from daka.roster.dates import next_month
from daka.roster.holidays.service import calendar_days
from daka.roster.review.coverage import coverage_between
from daka.roster.review.schemas import Fairness, PersonShare, RosterReport
from daka.roster.review.warnings import days_and_runs, warning_of, warnings_among
from daka.roster.review.workbook import ReportTable
from daka.roster.rules import RuleFinding, share, spread
from daka.shifts.models import Shift

NEAR = timedelta(days=92)
"""Planners count among those who work shifts if they have one this near to the span."""


async def read_report(
    session: AsyncSession, by: Principal, first: date, last: date, team_id: int | None, *, drafts: bool
) -> RosterReport:
    """Shares, warnings and coverage of the people whom `by` plans."""
    cell = planned_cells(drafts=drafts).c
    people = await _reported_people(session, by, first, last, team_id, cell)
    zones = await zones_of(session, people)
    days = await days_and_runs(session, people, zones, first, last, drafts=drafts)
    calendar, provisional = await calendar_days(session, first, last)
    kinds = {day: found.kind for day, found in calendar.items()}
    shares = {user_id: share(days.get(user_id, ()), kinds, first, last) for user_id in zones}
    active = [shares[user.id] for user in people if user.is_active]
    warnings = warnings_among(people, zones, days, first, last, clock.now().date())
    for month, month_end in _months_to_plan(first, last, clock.now().date()):
        asked = sa.select(cell.user_id).where(cell.work_date.between(month, month_end)).distinct()
        planned = set((await execute(session, asked)).scalars())
        warnings += [
            warning_of(user.id, RuleFinding(month, "not_planned", {"month": month.month}))
            for user in people
            if user.is_active and user.id not in planned
        ]
    return RosterReport(
        first_date=first,
        last_date=last,
        people=[
            PersonShare(
                user_id=user.id,
                **user.model_dump(include={"display_name", "team_id", "is_active"}),
                **asdict(shares[user.id]),
            )
            for user in people
        ],
        fairness=Fairness(**{name: spread([getattr(one, name) for one in active]) for name in Fairness.model_fields}),
        warnings=warnings,
        coverage=await coverage_between(session, {user.team_id for user in people}, first, last, drafts=drafts),
        provisional_years=provisional,
    )


async def report_table(
    session: AsyncSession, by: Principal, first: date, last: date, team_id: int | None, *, drafts: bool
) -> ReportTable:
    """Everybody's share, to be written as a file."""
    report = await read_report(session, by, first, last, team_id, drafts=drafts)
    accounts = {user.id: user.username for user in await session.exec(people_planned_by(by, team_id))}
    shifts = list(await session.exec(select(Shift).order_by(Shift.id)))
    return ReportTable(
        people=[(person.display_name, accounts[person.user_id], person) for person in report.people],
        shifts=[(shift.id, f"{shift.code} {shift.name}") for shift in shifts],
    )


def _months_to_plan(first: date, last: date, today: date) -> list[tuple[date, date]]:
    """The span, and the following month (the next to plan) if today is within the span."""
    spans_to_plan = [(first, last)]
    if first <= today <= last:
        after = next_month(last)
        spans_to_plan.append((after, next_month(after) - timedelta(days=1)))
    return spans_to_plan


async def planned_and_active(session: AsyncSession, by: Principal, team_id: int | None) -> list[User]:
    """Active people whom `by` plans."""
    return list(await session.exec(people_planned_by(by, team_id).where(User.is_active == sa.true())))


def people_planned_by(by: Principal, team_id: int | None) -> SelectOfScalar[User]:
    asked = select(User).where(User.deleted_at.is_(None))
    if not by.is_admin:
        asked = asked.where(User.team_id.in_(by.planned_team_ids))
    if team_id is not None:
        asked = asked.where(User.team_id == team_id)
    return asked.order_by(User.team_id, User.id)


async def _reported_people(
    session: AsyncSession, by: Principal, first: date, last: date, team_id: int | None, cell: Any
) -> list[User]:
    """Active people whom `by` plans, without planners who work no shifts, and inactive people who still have shifts."""
    planned = sa.select(cell.user_id).where(cell.work_date.between(first, last))
    near = sa.select(cell.user_id).where(cell.work_date.between(first - NEAR, last + NEAR))
    works = or_(User.role == Role.MEMBER, User.id.in_(near))
    asked = people_planned_by(by, team_id).where(or_(sa.and_(User.is_active == sa.true(), works), User.id.in_(planned)))
    return list(await session.exec(asked))
