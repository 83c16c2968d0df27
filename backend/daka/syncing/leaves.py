"""Leave read ahead from DingTalk: which punch points it covers (pure), and how it is recorded.

Leave silences reminders, so a point is only covered if that is clear; otherwise the reminder stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.hooks import PlanChange, plan_changed
from daka.outbound.quota import BEIJING
from daka.roster.cells import Key, read_cells
from daka.roster.requests.models import Absence, AbsenceKind
from daka.shifts.models import Shift
from daka.shifts.service import periods_of
from daka.shifts.times import PunchKind, punch_points
from daka.syncing.models import RosterSource
from daka.syncing.reading import is_true, local_time

PEOPLE_PER_CALL = 100
ROWS_PER_PAGE = 20
REASON = "钉钉"


@dataclass(frozen=True, slots=True)
class LeaveSpan:
    """Leave as DingTalk tells of it, in the wall clock of China."""

    userid: str
    start: datetime
    end: datetime
    whole_days: int | None
    """So many working days if it is counted in whole days; None if it has a part of a day, or is counted in hours."""


@dataclass(frozen=True, slots=True)
class DayPoint:
    """A punch point of one person's work date, in the wall clock of China."""

    work_date: date
    kind: PunchKind
    period: int
    at: datetime


Covered = tuple[date, PunchKind | None, int | None]
"""A whole work date, or one punch point of it."""


def read_leaves(answer: Mapping[str, Any]) -> tuple[list[LeaveSpan], bool]:
    """The leave in an answer of `getleavestatus`, and whether there are more pages. Raises ValueError: it has no list."""
    result = answer.get("result")
    rows = result.get("leave_status") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(rows, list):
        raise ValueError("no list of leave")
    found = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("userid"), str):
            continue
        start, end = local_time(row.get("start_time")), local_time(row.get("end_time"))
        if start is None or end is None or end < start:
            continue
        percent = str(row.get("duration_percent"))
        is_whole = row.get("duration_unit") == "percent_day" and percent.isdigit() and int(percent) % 100 == 0
        found.append(LeaveSpan(row["userid"], start, end, int(percent) // 100 if is_whole else None))
    return found, is_true(result.get("has_more"))


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
    session: AsyncSession, user_ids: Collection[int], first: date, last: date
) -> dict[int, list[DayPoint]]:
    """The punch points of the published roster by person."""
    cells = await read_cells(session, user_ids, first, last)
    asked = select(Shift).where(Shift.id.in_(set(cells.values())), Shift.is_rest.is_(False))
    shifts = {shift.id: periods_of(shift) for shift in await session.exec(asked)}
    found: dict[int, list[DayPoint]] = defaultdict(list)
    for (user_id, day), shift_id in sorted(cells.items()):
        for point in punch_points(day, shifts.get(shift_id, []), BEIJING):
            at = point.at.astimezone(BEIJING).replace(tzinfo=None)
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
) -> int:
    """Record the leave of these people (by user id), and take back what DingTalk no longer tells. Returns how many changed.

    What somebody deleted here stays deleted; what they recorded here stays and covers what DingTalk says of it.
    """
    points = await points_of(session, user_ids, first, last)
    mine: dict[int, list[LeaveSpan]] = defaultdict(list)
    for user_id, span in spans:
        mine[user_id].append(span)
    wanted = {
        _text(user_id, covered): (user_id, covered)
        for user_id in user_ids
        for covered in absences_of(mine[user_id], points.get(user_id, []), first)
    }
    remembered = {text: row_id for text, row_id in row.leaves.items() if _day(text) >= first}
    asked_about = {str(user_id) for user_id in user_ids}
    changed: set[Key] = set()
    for text, absence_id in list(remembered.items()):
        if text in wanted or text.split()[0] not in asked_about:
            continue
        del remembered[text]
        absence = await session.get(Absence, absence_id)
        # SQLite gives the id of a deleted row out again: it may be somebody else's by now.
        if absence is not None and absence.created_by is None and _text_of(absence) == text:
            changed.add((absence.user_id, absence.first_date))
            await session.delete(absence)
    for text, (user_id, (day, kind, period)) in sorted(wanted.items()):
        if text in remembered or await _is_covered(session, user_id, day, kind, period):
            continue
        absence = Absence(
            user_id=user_id,
            kind=AbsenceKind.LEAVE,
            first_date=day,
            last_date=day,
            punch_kind=kind,
            period=period,
            reason=REASON,
        )
        session.add(absence)
        await session.flush()
        remembered[text] = absence.id
        changed.add((user_id, day))
    if remembered != row.leaves:
        row.leaves = remembered
    if changed:
        publish(session, Topic.ROSTER, team_id=team_id)
        days = [day for _, day in changed]
        await plan_changed(session, PlanChange.of_users({user_id for user_id, _ in changed}, min(days), max(days)))
    return len(changed)


async def _is_covered(
    session: AsyncSession, user_id: int, day: date, kind: PunchKind | None, period: int | None
) -> bool:
    there = select(Absence).where(
        Absence.user_id == user_id,
        Absence.kind == AbsenceKind.LEAVE,
        Absence.first_date <= day,
        Absence.last_date >= day,
    )
    return any(each.punch_kind in (None, kind) and each.period in (None, period) for each in await session.exec(there))


def _text(user_id: int, covered: Covered) -> str:
    day, kind, period = covered
    return f"{user_id} {day}" if kind is None else f"{user_id} {day} {kind} {period}"


def _text_of(absence: Absence) -> str:
    return _text(absence.user_id, (absence.first_date, absence.punch_kind, absence.period))


def _day(text: str) -> date:
    return date.fromisoformat(text.split()[1])


def leave_window(first: date, days: int) -> tuple[int, int]:
    """The span that is asked about, in milliseconds."""
    start = datetime(first.year, first.month, first.day, tzinfo=BEIJING)
    return int(start.timestamp() * 1000), int((start + timedelta(days=days)).timestamp() * 1000)
