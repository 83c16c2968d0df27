"""Leave read ahead from an attendance system: which punch points it covers (pure), and how it is recorded.

Leave silences reminders, so a point is only covered if that is clear; otherwise the reminder stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.hooks import PlanChange, TeamChange, plan_changed
from daka.reminders.punches.models import PunchSource
from daka.roster.cells import read_cells
from daka.roster.requests.models import Absence, AbsenceKind
from daka.shifts.models import Shift
from daka.shifts.service import periods_of
from daka.shifts.times import PunchKind, punch_points
from daka.syncing.models import Direction, RosterSource
from daka.syncing.reading import cell_of, key_of


@dataclass(frozen=True, slots=True)
class LeaveSpan:
    """Leave as a vendor tells of it, in the wall clock of the team."""

    userid: str
    start: datetime
    end: datetime
    whole_days: int | None
    """So many working days if it is counted in whole days; None if it has a part of a day, or is counted in hours."""


@dataclass(frozen=True, slots=True)
class DayPoint:
    """A punch point of one person's work date, in the wall clock of the team."""

    work_date: date
    kind: PunchKind
    period: int
    at: datetime


Covered = tuple[date, PunchKind | None, int | None]
"""A whole work date, or one punch point of it."""


def covered_points(leave: LeaveSpan, points: Sequence[DayPoint], first: date) -> set[DayPoint]:
    """The points inside the leave. A clock-in at its end and a clock-out at its start are outside: there, work goes on."""
    if (leave.start.time(), leave.end.time()) != (time(), time()):
        return {
            point
            for point in points
            if (
                leave.start <= point.at < leave.end
                if point.kind is PunchKind.CLOCK_IN
                else leave.start < point.at <= leave.end
            )
        }
    # From midnight to midnight: days. Whether the last one belongs to it, its length tells.
    if leave.whole_days is None:
        return set()
    days = {point.work_date for point in points if leave.start.date() <= point.work_date <= leave.end.date()}
    known = len(days) + max(0, (min(first, leave.end.date()) - leave.start.date()).days)
    if known > leave.whole_days or (leave.end - leave.start).days == leave.whole_days:
        days.discard(leave.end.date())
    return {point for point in points if point.work_date in days}


def absences_of(spans: Iterable[LeaveSpan], points: Sequence[DayPoint], first: date) -> set[Covered]:
    """What one person's leave covers from `first` on: a day as a whole if all of its points are covered."""
    covered: set[DayPoint] = set()
    for span in spans:
        covered |= covered_points(span, points, first)
    by_day: dict[date, list[DayPoint]] = defaultdict(list)
    for point in points:
        by_day[point.work_date].append(point)
    found: set[Covered] = set()
    for day, mine in by_day.items():
        if all(point in covered for point in mine):
            found.add((day, None, None))
        else:
            found |= {(day, point.kind, point.period) for point in mine if point in covered}
    return found


# --- recording -------------------------------------------------------------------------------------------------------


async def points_of(
    session: AsyncSession, user_ids: Collection[int], first: date, last: date, zone: ZoneInfo
) -> dict[int, list[DayPoint]]:
    """The punch points of the published roster by person."""
    cells = await read_cells(session, user_ids, first, last)
    asked = select(Shift).where(Shift.id.in_(set(cells.values())), Shift.is_rest.is_(False))
    shifts = {shift.id: periods_of(shift) for shift in await session.exec(asked)}
    found: dict[int, list[DayPoint]] = defaultdict(list)
    for (user_id, day), shift_id in sorted(cells.items()):
        for point in punch_points(day, shifts.get(shift_id, []), zone):
            at = point.at.astimezone(zone).replace(tzinfo=None)
            found[user_id].append(DayPoint(day, point.kind, point.period, at))
    return found


async def record_leaves(
    session: AsyncSession,
    row: RosterSource,
    team_id: int,
    spans: Sequence[tuple[int, LeaveSpan]],
    user_ids: Collection[int],
    first: date,
    last: date,
    *,
    zone: ZoneInfo,
    reason: str,
) -> int:
    """Record these people's leave of these days (by user id), and take back what the vendor no longer tells of them.

    Returns how many changed.

    What somebody deleted here stays deleted; what they recorded here stays and covers what the vendor says of it.
    """
    points = await points_of(session, user_ids, first, last, zone)
    theirs: dict[int, list[LeaveSpan]] = defaultdict(list)
    for user_id, span in spans:
        theirs[user_id].append(span)
    wanted = {
        key_of(user_id, *covered): (user_id, covered)
        for user_id in user_ids
        for covered in absences_of(theirs[user_id], points.get(user_id, []), first)
    }
    remembered = {key: row_id for key, row_id in row.leaves.items() if cell_of(key)[1] >= first}
    asked_about = set(user_ids)
    untold = [
        key for key in remembered.keys() - wanted.keys() if cell_of(key)[0] in asked_about and cell_of(key)[1] <= last
    ]
    changed = {cell_of(key) for key in sorted(untold) if await _take_back(session, key, remembered.pop(key))}
    for key in sorted(wanted.keys() - remembered.keys()):
        user_id, covered = wanted[key]
        recorded, is_new = await _recorded(session, user_id, covered, reason)
        if recorded is not None:
            remembered[key] = recorded
        if is_new:
            changed.add((user_id, covered[0]))
    if remembered != row.leaves:
        row.leaves = remembered
    if changed:
        publish(session, Topic.ROSTER, team_id=team_id)
        days = [day for _, day in changed]
        await plan_changed(session, PlanChange.of_users({user_id for user_id, _ in changed}, min(days), max(days)))
    return len(changed)


async def _recorded(session: AsyncSession, user_id: int, covered: Covered, reason: str) -> tuple[int | None, bool]:
    """The absence that was read, and whether it is new. None: what somebody recorded here covers it."""
    day, kind, period = covered
    there = select(Absence).where(
        Absence.user_id == user_id,
        Absence.kind == AbsenceKind.LEAVE,
        Absence.first_date <= day,
        Absence.last_date >= day,
    )
    covering = [
        each for each in await session.exec(there) if each.punch_kind in (None, kind) and each.period in (None, period)
    ]
    if covering:
        # What was read before reading ended and began again would otherwise never be taken back.
        key = key_of(user_id, *covered)
        return next((each.id for each in covering if each.created_by is None and _key_of(each) == key), None), False
    absence = Absence(
        user_id=user_id,
        kind=AbsenceKind.LEAVE,
        first_date=day,
        last_date=day,
        punch_kind=kind,
        period=period,
        reason=reason,
    )
    session.add(absence)
    await session.flush()
    return absence.id, True


async def take_over_leaves(session: AsyncSession, row: RosterSource, user_ids: Collection[int]) -> None:
    """Have `row` remember the leave that other sources recorded of these people, who came from other teams.

    The former team's source does not ask about them any more, so that it would never be taken back.
    """
    for other in await session.exec(select(RosterSource).where(RosterSource.id != row.id).with_for_update()):
        moved = {key: absence_id for key, absence_id in other.leaves.items() if cell_of(key)[0] in user_ids}
        if moved:
            other.leaves = {key: absence_id for key, absence_id in other.leaves.items() if key not in moved}
            row.leaves = moved | row.leaves


async def forget_mover(session: AsyncSession, change: TeamChange) -> None:
    """Forget what was read of a person who changes teams, from their first day in the new one on.

    Their leave is taken back, since nobody would: the former team's source does not ask about them any more. It stays if the new
    team's roster is read from the same app, which goes on with it. Cells are forgotten, so that they follow again if the person
    comes back: cleared by the move, they would otherwise pass for a planner's.
    """
    joined = select(RosterSource, PunchSource).join(PunchSource, PunchSource.id == RosterSource.punch_source_id)
    going_on = joined.where(
        PunchSource.team_id == change.after,
        PunchSource.deleted_at.is_(None),
        PunchSource.is_enabled == sa.true(),
        RosterSource.direction == Direction.PULL,
    )
    apps = {(source.kind, source.account) for _, source in await session.exec(going_on)}
    has_leave = False
    for row, source in await session.exec(joined.order_by(RosterSource.id).with_for_update(of=RosterSource)):
        cells = {key for key in row.imported if _is_from(key, change)}
        if cells:
            row.imported = {key: shift_id for key, shift_id in row.imported.items() if key not in cells}
        leaves = {key: absence_id for key, absence_id in row.leaves.items() if _is_from(key, change)}
        if leaves and (source.kind, source.account) not in apps:
            row.leaves = {key: absence_id for key, absence_id in row.leaves.items() if key not in leaves}
            for key, absence_id in leaves.items():
                has_leave = await _take_back(session, key, absence_id) or has_leave
    if has_leave:
        publish(session, Topic.ROSTER, team_id=change.before)
        publish(session, Topic.ROSTER, team_id=change.after)


def _is_from(key: str, change: TeamChange) -> bool:
    user_id, day = cell_of(key)
    return user_id == change.user_id and day >= change.first_date


async def _take_back(session: AsyncSession, key: str, absence_id: int) -> bool:
    """Delete the leave that was recorded; False if somebody has deleted or changed it here."""
    absence = await session.get(Absence, absence_id)
    # SQLite gives the id of a deleted row out again: it may be somebody else's by now.
    if absence is None or absence.created_by is not None or _key_of(absence) != key:
        return False
    await session.delete(absence)
    return True


def _key_of(absence: Absence) -> str:
    return key_of(absence.user_id, absence.first_date, absence.punch_kind, absence.period)
