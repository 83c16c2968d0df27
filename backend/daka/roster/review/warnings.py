"""Planned work, and what planners are warned about."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.identity.models import User
from daka.identity.teams import zones_of
from daka.roster.cells import Key, read_cells
from daka.roster.requests.leaves import whole_days_away
from daka.roster.rules import LONGEST_RUN_DAYS, RuleFinding, WorkDay, findings, sentence
from daka.roster.schemas import RosterWarning
from daka.shifts.models import Shift
from daka.shifts.service import is_night_in, periods_of, shift_nights
from daka.shifts.times import spans

AROUND = timedelta(days=2 * LONGEST_RUN_DAYS + 2)
"""Days around the span that are read too, so that most runs are counted from their first day."""
LONGEST_COUNTED = timedelta(days=730)
"""Longer runs are counted no further back."""
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
    return warnings_among(people, zones, days, first, day_after, clock.now().date())


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


def warnings_among(
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
                found.append(warning_of(user_id, RuleFinding(first_planned, "inactive")))
        for finding in findings(mine, zones[user_id]):
            if first <= finding.work_date <= last and len(found) < MOST_WARNINGS:
                found.append(warning_of(user_id, finding))
    return found


def warning_of(user_id: int, finding: RuleFinding) -> RosterWarning:
    return RosterWarning(
        user_id=user_id,
        date=finding.work_date,
        code=finding.code,
        detail=sentence(finding),
        values=dict(finding.values),
    )
