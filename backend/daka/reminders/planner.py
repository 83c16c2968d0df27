"""Plans reminders: compares what the roster asks for with the rows, and writes the difference.

`plan` is the only way in which reminders are created, whether a planner changed a cell, a shift got a new policy, somebody takes
leave, or the horizon moved on.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import Database, advisory_lock, execute, settings_in, when_free
from daka.identity.access import Principal, only_seen
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.identity.moves import move_before, planned_moves
from daka.reminders.models import Punch, Reminder
from daka.reminders.plan_rules import (
    ASSIGNED_TOO_LATE,
    AppliedPolicy,
    PlannedPoint,
    ShiftPoint,
    is_left_behind,
    new_reminder,
    planned_points,
    policy_for,
    revise,
    shift_points,
    team_of,
)
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.transitions import end
from daka.roster.cells import chunks
from daka.roster.models import Assignment
from daka.roster.requests.models import Absence
from daka.shifts.models import Shift
from daka.statements import insert_new

log = logging.getLogger(__name__)

PLANNING_LOCK = 0x706C616E
LOOK_BACK = timedelta(days=2)
"""Work dates this far back can still have open windows (a night shift with overtime and escalation)."""
PEOPLE_AT_ONCE = 500
"""Planned together within a transaction of somebody else's."""
PEOPLE_PER_TRANSACTION = 200
"""Planned in a transaction of its own: nobody else writes to SQLite meanwhile."""


@dataclass(frozen=True, slots=True)
class Span:
    """The windows and work dates that planning covers."""

    now: datetime
    horizon: datetime
    """Windows that open later are not planned yet."""
    first: date
    last: date
    missed_since: datetime | None
    """When reminding last worked; see `new_reminder`."""

    @classmethod
    def of(cls, session: AsyncSession, missed_since: datetime | None) -> "Span":
        now = clock.now()
        horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
        first = (min(now, missed_since or now) - LOOK_BACK).date()
        return cls(now, horizon, first, (horizon + timedelta(days=1)).date(), missed_since)


async def plan(
    session: AsyncSession,
    *,
    user_ids: Iterable[int] | None = None,
    first_date: date | None = None,
    last_date: date | None = None,
    missed_since: datetime | None = None,
) -> int:
    """Bring the reminders of these people and work dates up to date within the horizon. Returns the number of changed rows.

    Without a plausible clock nothing is planned: the worker plans everybody once there is one.
    """
    if not clock.is_plausible():
        return 0
    whole = Span.of(session, missed_since)
    span = replace(
        whole, first=max(first_date or whole.first, whole.first), last=min(last_date or whole.last, whole.last)
    )
    if span.first > span.last:
        return 0
    await advisory_lock(session, PLANNING_LOCK)
    ids = sorted(set(user_ids)) if user_ids is not None else await _people_with_plans(session, span)
    changed = 0
    for some in chunks(ids, PEOPLE_AT_ONCE):
        changed += await _plan_people(session, some, span)
    return changed


async def plan_everybody(database: Database, *, missed_since: datetime | None = None) -> None:
    """Plan everybody with work or reminders within the horizon, some people a transaction."""
    async with database.read() as session:
        ids = await _people_with_plans(session, Span.of(session, missed_since))
    for some in chunks(ids, PEOPLE_PER_TRANSACTION):
        await when_free(partial(_plan_some, database, some, missed_since))


async def _plan_some(database: Database, ids: Sequence[int], missed_since: datetime | None) -> None:
    """Plan these people together or, if that fails, one by one, so that only the person at fault is left unplanned."""
    try:
        async with database.write() as session:
            await plan(session, user_ids=ids, missed_since=missed_since)
    except (OSError, sa.exc.SQLAlchemyError):
        raise
    except Exception:
        if len(ids) == 1:
            log.exception("A person's reminders could not be planned", extra={"fields": {"user_id": ids[0]}})
            return
        log.exception("Planning people together failed; trying one by one")
        for user_id in ids:
            await _plan_some(database, [user_id], missed_since)


async def _people_with_plans(session: AsyncSession, span: Span) -> list[int]:
    planned = select(Assignment.user_id).where(Assignment.work_date.between(span.first, span.last))
    reminded = select(Reminder.user_id).where(Reminder.work_date.between(span.first, span.last))
    return sorted((await execute(session, sa.union(planned, reminded))).scalars())


async def planned_between(
    session: AsyncSession, first: date, last: date, user_ids: Collection[int] | None, by: Principal | None = None
) -> list[tuple[PlannedPoint, User, Shift, AppliedPolicy]]:
    """The punch points of these people (None: everybody; only whom `by` sees) and work dates, and what they follow from."""
    settings = settings_in(session)
    of_them = [] if user_ids is None else [Assignment.user_id.in_(user_ids)]
    asked = (
        select(Assignment, User, Shift)
        .join(User, User.id == Assignment.user_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.work_date.between(first, last),
            MAY_SIGN_IN,
            Shift.is_rest == sa.false(),
            *of_them,
        )
        .order_by(Assignment.work_date, Assignment.user_id)
    )
    rows = list(await session.exec(only_seen(asked, by) if by else asked))
    teams: Mapping[int, Team] = {team.id: team for team in await session.exec(select(Team))}
    away = select(Absence).where(Absence.last_date >= first, Absence.first_date <= last)
    absences: dict[int, list[Absence]] = defaultdict(list)
    for absence in await session.exec(away if user_ids is None else away.where(Absence.user_id.in_(user_ids))):
        absences[absence.user_id].append(absence)
    moves = await planned_moves(session, user_ids)
    policies: dict[tuple[int, int, int | None], AppliedPolicy] = {}
    points_of: dict[tuple[int, int, int | None, date], list[ShiftPoint]] = {}
    planned = []
    for assignment, user, shift in rows:
        move = move_before(moves.get(user.id, ()), assignment.work_date)
        if is_left_behind(shift, move):
            continue
        team = teams.get(team_of(assignment, user, move) or 0)
        worked_in = team.id if team else None
        whose = (user.id if user.policy else 0, shift.id, worked_in)
        if (applied := policies.get(whose)) is None:
            applied = policies[whose] = policy_for(user, shift, team)
        what = (*whose, assignment.work_date)
        if (points := points_of.get(what)) is None:
            points = points_of[what] = shift_points(
                assignment.work_date,
                shift,
                team,
                applied.policy,
                default_zone=settings.zone,
                default_overtime_minutes=settings.work_overtime,
            )
        team_id = move.team_id if move else user.team_id
        found = planned_points(assignment, points, absences.get(user.id, ()), team_id)
        planned += [(point, user, shift, applied) for point in found]
    return planned


async def _plan_people(session: AsyncSession, ids: Sequence[int], span: Span) -> int:
    punches = {
        (punch.user_id, punch.work_date, punch.period, punch.kind): punch.at
        for punch in await session.exec(
            select(Punch).where(Punch.user_id.in_(ids), Punch.work_date.between(span.first, span.last))
        )
    }
    planned = await planned_between(session, span.first, span.last, ids)
    _warn_unreadable({(point.user_id, point.shift_id): applied for point, _, _, applied in planned})
    rows = {
        (found.user_id, found.work_date, found.period, found.kind): found
        for found in await session.exec(
            select(Reminder)
            .where(Reminder.user_id.in_(ids), Reminder.work_date.between(span.first, span.last))
            .with_for_update()
        )
    }
    fresh: list[dict[str, Any]] = []
    changed: list[int] = []
    for point in (point for point, *_ in planned if point.window.opens_at <= span.horizon):
        found = rows.pop(point.key, None)
        if found is None:
            if values := new_reminder(point, punches.get(point.key), span.now, span.missed_since):
                fresh.append(values)
        elif revise(found, point, span.now, punches.get(point.key)):
            changed.append(point.user_id)
    changed += await _drop(session, rows.values(), span.now)
    await session.flush()
    if fresh:
        await execute(session, insert_new(session, Reminder), fresh)
        changed += [values["user_id"] for values in fresh]
    if changed:
        await _publish_to_teams_of(session, set(changed))
    return len(changed)


async def _drop(session: AsyncSession, orphans: Iterable[Reminder], now: datetime) -> list[int]:
    """End, or delete, reminders of what is not on the roster any more. Returns whose they were."""
    dropped = []
    for orphan in orphans:
        is_kept = orphan.steps_sent or orphan.escalated_at or orphan.former_answers
        if not is_kept and (orphan.status is ReminderStatus.SCHEDULED or orphan.ended_by == ASSIGNED_TOO_LATE):
            await session.delete(orphan)  # nothing was sent of it: the log loses nothing
        elif orphan.status in OPEN:
            end(orphan, ReminderStatus.SKIPPED, "roster", now)
        else:
            continue
        dropped.append(orphan.user_id)
    return dropped


def _warn_unreadable(policies: Mapping[tuple[int, int], AppliedPolicy]) -> None:
    for (user_id, shift_id), applied in policies.items():
        if applied.unreadable:
            log.warning(
                "A stored reminder policy is corrupt; another one applies instead",
                extra={
                    "fields": {
                        "whose": ",".join(applied.unreadable),
                        "stands_in": applied.owner,
                        "user_id": user_id,
                        "shift_id": shift_id,
                    }
                },
            )


async def _publish_to_teams_of(session: AsyncSession, user_ids: set[int]) -> None:
    for team_id in await session.exec(select(User.team_id).where(User.id.in_(user_ids)).distinct()):
        publish(session, Topic.REMINDER, team_id=team_id)
