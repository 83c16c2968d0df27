"""Reviews a roster for planners: warnings, coverage, and each person's share."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from daka import clock
from daka.change_events import Topic, publish
from daka.database import execute
from daka.errors import Forbidden, Invalid, NotFound
from daka.identity.access import Principal, find_user, refuse_foreign_team
from daka.identity.models import Role, User
from daka.identity.teams import zones_of
from daka.roster.cells import Key, planned_cells, read_cells
from daka.roster.dates import next_month
from daka.roster.holidays.service import calendar_days
from daka.roster.models import CoverageNeed, RosterChange
from daka.roster.requests.leaves import whole_days_away
from daka.roster.requests.models import Absence, AbsenceKind
from daka.roster.review.schemas import CellHistoryEntry, Fairness, Need, PersonShare, RosterReport
from daka.roster.review.workbook import ReportTable
from daka.roster.rules import LONGEST_RUN_DAYS, RuleFinding, WorkDay, coverage, findings, sentence, share, spread
from daka.roster.schemas import CoverageRead, RosterWarning
from daka.shifts.models import Shift
from daka.shifts.service import is_night_in, periods_of, shift_nights, visible_shifts
from daka.shifts.times import spans

AROUND = timedelta(days=2 * LONGEST_RUN_DAYS + 2)
"""Days around the span that are read too, so that most runs are counted from their first day."""
LONGEST_COUNTED = timedelta(days=730)
"""Longer runs are counted no further back."""
NEAR = timedelta(days=92)
"""Planners count among those who work shifts if they have one this near to the span."""
MOST_WARNINGS = 2_000


async def work_days(
    session: AsyncSession,
    people: Sequence[User],
    zones: Mapping[int, ZoneInfo],
    first: date,
    last: date,
    changes: Mapping[Key, int | None] | None = None,
    *,
    drafts: bool = False,
) -> dict[int, list[WorkDay]]:
    """The planned work of these people from `first` to `last`, or as it would be after these changes of cells.

    What is published counts, or with `drafts` what planners see.
    """
    shifts = {shift.id: shift for shift in await session.exec(select(Shift))}
    nights = await shift_nights(session)
    by_night = {
        (team_id, shift.id): is_night_in(shift, nights, team_id)
        for team_id in {user.team_id for user in people}
        for shift in shifts.values()
    }
    teams = {user.id: user.team_id for user in people}
    away = await whole_days_away(session, zones.keys(), first, last)
    days: dict[int, list[WorkDay]] = defaultdict(list)
    worked: dict[tuple[date, int, ZoneInfo], tuple[tuple[datetime, datetime], ...]] = {}
    cells = await read_cells(session, zones, first, last, drafts=drafts)
    for (user_id, work_date), shift_id in {**cells, **(changes or {})}.items():
        if shift_id is None:
            continue
        leave = away.get((user_id, work_date))
        of = (work_date, shift_id, zones[user_id])
        if of not in worked:
            worked[of] = tuple(spans(work_date, periods_of(shifts[shift_id]), zones[user_id]))
        days[user_id].append(
            WorkDay(
                work_date,
                shift_id,
                worked[of],
                by_night[teams[user_id], shift_id],
                leave is not None,
                leave.leave_type if leave else None,
            )
        )
    return days


async def days_and_runs(
    session: AsyncSession,
    people: Sequence[User],
    zones: Mapping[int, ZoneInfo],
    first: date,
    last: date,
    changes: Mapping[Key, int | None] | None = None,
    *,
    drafts: bool = False,
) -> dict[int, list[WorkDay]]:
    """The same, and days before `first`: where somebody was at work on all of them, back to the first day of that run."""
    start, end = first - AROUND, first - timedelta(days=1)
    days = await work_days(session, people, zones, start, last, changes, drafts=drafts)
    while first - start < LONGEST_COUNTED:
        people = [
            user
            for user in people
            if sum(start <= day.work_date <= end and day.is_worked for day in days.get(user.id, ()))
            > (end - start).days
        ]
        if not people:
            break
        start, end = start - (first - start), start - timedelta(days=1)
        zones = {user.id: zones[user.id] for user in people}
        for user_id, before in (await work_days(session, people, zones, start, end, drafts=drafts)).items():
            days[user_id] += before
    return days


async def warnings_for(
    session: AsyncSession,
    people: Sequence[User],
    first: date,
    last: date,
    changes: Mapping[Key, int | None] | None = None,
    *,
    drafts: bool = False,
) -> list[RosterWarning]:
    """Warnings about these people from `first` to the day after `last`, which a change on `last` can affect.

    With `changes`, as the warnings would be after them.
    """
    zones = await zones_of(session, people)
    day_after = last + timedelta(days=1)
    days = await days_and_runs(session, people, zones, first, day_after, changes, drafts=drafts)
    return _warnings(people, zones, days, first, day_after, clock.now().date())


async def new_warnings(
    session: AsyncSession, people: Sequence[User], changes: Mapping[Key, int | None], *, drafts: bool = False
) -> list[RosterWarning]:
    """The warnings that these changes of what is published (or of what planners see) would add, or make worse."""
    if not changes:
        return []
    first = min(day for _, day in changes)
    # A change in a run of work is seen at the last day of the run.
    last = max(day for _, day in changes) + timedelta(days=LONGEST_RUN_DAYS)
    before = await warnings_for(session, people, first, last, drafts=drafts)
    after = await warnings_for(session, people, first, last, changes, drafts=drafts)
    return [warning for warning in after if warning not in before]


def _warnings(
    people: Sequence[User],
    zones: Mapping[int, ZoneInfo],
    days: Mapping[int, Sequence[WorkDay]],
    first: date,
    last: date,
    today: date,
) -> list[RosterWarning]:
    found: list[RosterWarning] = []
    for user in people:
        user_id = user.id
        mine = days.get(user_id, ())
        if not user.is_active:
            first_planned = min(
                (day.work_date for day in mine if day.spans and max(first, today) <= day.work_date <= last),
                default=None,
            )
            if first_planned:
                found.append(_warning(user_id, RuleFinding(first_planned, "inactive")))
        for finding in findings(mine, zones[user_id]):
            if first <= finding.work_date <= last and len(found) < MOST_WARNINGS:
                found.append(_warning(user_id, finding))
    return found


def _warning(user_id: int, finding: RuleFinding) -> RosterWarning:
    return RosterWarning(
        user_id=user_id,
        date=finding.work_date,
        code=finding.code,
        detail=sentence(finding),
        values=dict(finding.values),
    )


# --- coverage --------------------------------------------------------------------------------------------------------


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


# --- report ----------------------------------------------------------------------------------------------------------


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
    warnings = _warnings(people, zones, days, first, last, clock.now().date())
    for month, month_end in _months_to_plan(first, last, clock.now().date()):
        asked = sa.select(cell.user_id).where(cell.work_date.between(month, month_end)).distinct()
        planned = set((await execute(session, asked)).scalars())
        warnings += [
            _warning(user.id, RuleFinding(month, "not_planned", {"month": month.month}))
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


# --- one cell --------------------------------------------------------------------------------------------------------

MOST_HISTORY = 100


async def find_planned(session: AsyncSession, by: Principal, user_id: int) -> User:
    """A person whom `by` plans."""
    user = await find_user(session, user_id)
    if not by.plans_user(user):
        if by.sees_team(user.team_id) or user.id == by.id:
            raise Forbidden("not_your_team", f"You do not plan {user.display_name}'s team")
        raise NotFound("user_not_found", f"There is no user {user_id}")
    return user


async def cell_history(session: AsyncSession, by: Principal, user_id: int, day: date) -> list[CellHistoryEntry]:
    """The changes of a cell of a person whom `by` plans, newest first."""
    await find_planned(session, by, user_id)
    asked = (
        select(RosterChange, User.display_name)
        .outerjoin(User, User.id == RosterChange.changed_by)
        .where(RosterChange.user_id == user_id, RosterChange.work_date == day)
        .order_by(RosterChange.id.desc())
        .limit(MOST_HISTORY)
    )
    return [
        CellHistoryEntry(
            at=change.at,
            by_name=name or "",
            before_shift_id=change.before_shift_id,
            shift_id=change.after_shift_id,
            is_draft=change.is_draft,
        )
        for change, name in await session.exec(asked)
    ]
