"""Plans reminders: what the roster asks for, compared with the rows that are there.

The first half is pure. `plan` is the only way by which reminders come to be, whether a planner changed a cell, a shift got a new
policy, somebody takes leave, or the horizon moved on.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.database import Database, advisory_lock, execute, insert_new, settings_in
from daka.hooks import PlanChange
from daka.identity.models import Team, User
from daka.policy import NAG, Policy, readable
from daka.reminders.models import PendingReplan, Punch, Reminder
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.steps import Window, first_evaluation, next_evaluation, settles, window
from daka.roster.models import Assignment
from daka.roster.requests.models import Absence
from daka.settings import Settings
from daka.shifts.models import Shift
from daka.shifts.service import overtime_of, periods_of
from daka.shifts.times import PunchKind, punch_points

log = logging.getLogger(__name__)

PLANNING_LOCK = 0x706C616E
LOOK_BACK = timedelta(days=2)
"""Work dates this far back can still have open windows (a night shift with overtime and escalation)."""
PEOPLE_AT_ONCE = 500
DEBTS_AT_ONCE = 200
ABSENT = ("leave", "skip")
REOPENABLE = (*ABSENT, "roster")

Key = tuple[int, date, int, PunchKind]


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A punch point as the roster wants it, with its window and whatever keeps the person from it."""

    user_id: int
    work_date: date
    period: int
    kind: PunchKind
    shift_id: int
    window: Window
    absence: str | None
    assigned_at: datetime

    @property
    def key(self) -> Key:
        return (self.user_id, self.work_date, self.period, self.kind)


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """The policy that holds for a person on a shift, and where it is from."""

    policy: Policy
    owner: str
    """`user`, `shift`, `team` or `default`."""
    unreadable: tuple[str, ...] = ()
    """Owners whose stored policy nobody can read; the next one's stands in for it."""


def policy_for(user: User, shift: Shift, team: Team | None) -> AppliedPolicy:
    """The person's own policy, or the shift's, or the team's, or the default."""
    unreadable: list[str] = []
    for owner, stored in (("user", user.policy), ("shift", shift.policy), ("team", team.policy if team else None)):
        if stored is None:
            continue
        if (policy := readable(stored)) is not None:
            return AppliedPolicy(policy, owner, tuple(unreadable))
        unreadable.append(owner)
    return AppliedPolicy(NAG, "default", tuple(unreadable))


def absence_for(absences: Iterable[Absence], work_date: date, kind: PunchKind) -> str | None:
    """Whether somebody is away from a punch: `leave`, `skip` or None."""
    for absence in absences:
        if absence.first_date <= work_date <= absence.last_date and absence.punch_kind in (None, kind):
            return absence.kind.value
    return None


def planned_points(
    assignment: Assignment,
    shift: Shift,
    team: Team | None,
    policy: Policy,
    absences: Sequence[Absence],
    settings: Settings,
) -> Iterator[PlannedPoint]:
    """The punch points of one assignment."""
    zone = ZoneInfo(team.timezone) if team else settings.zone
    overtime = overtime_of(shift, settings.work_overtime)
    for point in punch_points(assignment.work_date, periods_of(shift), zone):
        yield PlannedPoint(
            user_id=assignment.user_id,
            work_date=assignment.work_date,
            period=point.period,
            kind=point.kind,
            shift_id=assignment.shift_id,
            window=window(point.at, point.kind, policy, overtime, zone),
            absence=absence_for(absences, assignment.work_date, point.kind),
            assigned_at=assignment.updated_at,
        )


def window_of(reminder: Reminder) -> Window:
    """The window as the row keeps it."""
    return Window(
        point_at=reminder.point_at,
        opens_at=reminder.opens_at,
        closes_at=reminder.closes_at,
        every=timedelta(minutes=reminder.every_minutes) if reminder.every_minutes else None,
        escalate_at=reminder.escalate_at,
        team_from_at=reminder.team_from_at,
        quiet_from=reminder.quiet_from,
        quiet_until=reminder.quiet_until,
    )


def window_values(window: Window) -> dict[str, Any]:
    """The columns that keep a window."""
    return {
        "point_at": window.point_at,
        "opens_at": window.opens_at,
        "closes_at": window.closes_at,
        "every_minutes": int(window.every.total_seconds() // 60) if window.every else None,
        "escalate_at": window.escalate_at,
        "team_from_at": window.team_from_at,
        "quiet_from": window.quiet_from,
        "quiet_until": window.quiet_until,
    }


def new_reminder(
    point: PlannedPoint, punched_at: datetime | None, now: datetime, missed_since: datetime | None
) -> dict[str, Any] | None:
    """The row for a point that has none yet; None when its time was over before it was planned.

    `missed_since` is when reminding last worked: a window that ended after it, while nobody was there to see, was missed.
    """
    look_at = first_evaluation(point.window, now)
    status, ended_by = ReminderStatus.SCHEDULED, ""
    if look_at is None:
        was_overslept = (
            missed_since is not None
            and missed_since < point.window.ends_at
            and point.assigned_at < point.window.closes_at
        )
        if not was_overslept:
            return None
        status, ended_by = ReminderStatus.MISSED, "window"
    if point.absence:
        status, ended_by, look_at = ReminderStatus.SKIPPED, point.absence, None
    elif punched_at is not None and settles(punched_at, point.window.point_at):
        status, ended_by, look_at = ReminderStatus.PUNCHED, "punch", None
    return {
        "user_id": point.user_id,
        "work_date": point.work_date,
        "period": point.period,
        "kind": point.kind,
        "shift_id": point.shift_id,
        **window_values(point.window),
        "status": status,
        "next_due_at": look_at,
        "steps_sent": 0,
        "ended_at": now if ended_by else None,
        "ended_by": ended_by,
        "created_at": now,
        "updated_at": now,
    }


def revise(reminder: Reminder, point: PlannedPoint, now: datetime) -> bool:
    """Bring a row up to what the roster wants now. Returns whether anything changed."""
    is_moved = reminder.shift_id != point.shift_id or window_of(reminder) != point.window
    if is_moved:
        reminder.shift_id = point.shift_id
        for name, value in window_values(point.window).items():
            setattr(reminder, name, value)
    if point.absence:
        if reminder.status in OPEN:
            end(reminder, ReminderStatus.SKIPPED, point.absence, now)
            return True
        return _touch(reminder, now) if is_moved else False
    is_wanted_again = (
        (reminder.status is ReminderStatus.SKIPPED and reminder.ended_by in REOPENABLE)
        or (is_moved and reminder.status in (ReminderStatus.EXPIRED, ReminderStatus.MISSED, ReminderStatus.FAILED))
        or (
            is_moved
            and reminder.status in (ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED)
            and not settles(reminder.ended_at or now, reminder.point_at)
        )
    )
    if is_wanted_again and now < point.window.ends_at:
        reopen(reminder, now)
        return True
    if is_moved and reminder.status in OPEN:
        reminder.next_due_at = _look_again(reminder, now)
    return _touch(reminder, now) if is_moved else False


def end(reminder: Reminder, status: ReminderStatus, by: str, now: datetime) -> None:
    """Close a reminder: nothing is due any more."""
    reminder.status = status
    reminder.next_due_at = None
    reminder.snoozed_until = None
    reminder.ended_at = now
    reminder.ended_by = by
    reminder.updated_at = now


def reopen(reminder: Reminder, now: datetime) -> None:
    """Take up a reminder again that had ended."""
    reminder.status = (
        ReminderStatus.NAGGING if reminder.steps_sent and now >= reminder.opens_at else ReminderStatus.SCHEDULED
    )
    if reminder.status is ReminderStatus.SCHEDULED:
        reminder.steps_sent = 0
        reminder.escalated_at = None
    reminder.next_due_at = _look_again(reminder, now)
    reminder.ended_at = None
    reminder.ended_by = ""
    reminder.updated_at = now


def _look_again(reminder: Reminder, now: datetime) -> datetime:
    window = window_of(reminder)
    if reminder.steps_sent and now >= window.opens_at:
        return next_evaluation(window, now, escalated=reminder.escalated_at is not None) or now
    return first_evaluation(window, now) or now


def _touch(reminder: Reminder, now: datetime) -> bool:
    reminder.updated_at = now
    return True


# --- with the database -----------------------------------------------------------------------------------------------


async def replan(session: AsyncSession, change: PlanChange) -> None:
    """Plan what a change touches, in its transaction. For very many people it only notes that it is owed.

    On SQLite nobody else writes while a transaction lasts, and sending must not wait for a company to be planned.
    """
    user_ids = change.user_ids
    if change.shift_id is not None:
        assigned = await session.exec(
            select(Assignment.user_id).where(Assignment.shift_id == change.shift_id).distinct()
        )
        user_ids = (user_ids or frozenset()) | frozenset(assigned)
    if user_ids is not None and len(user_ids) > PEOPLE_AT_ONCE:
        await _defer(session, user_ids, change.first_date, change.last_date)
    else:
        await plan(session, user_ids=user_ids, first_date=change.first_date, last_date=change.last_date)


async def _defer(session: AsyncSession, user_ids: Collection[int], first: date | None, last: date | None) -> None:
    await advisory_lock(session, PLANNING_LOCK)
    owed = {debt.user_id: debt for debt in await session.exec(select(PendingReplan))}
    fresh = [{"user_id": user_id, "first_date": first, "last_date": last} for user_id in sorted(user_ids - owed.keys())]
    for user_id in user_ids & owed.keys():
        debt = owed[user_id]
        debt.first_date = min(debt.first_date, first) if debt.first_date and first else None
        debt.last_date = max(debt.last_date, last) if debt.last_date and last else None
    if fresh:
        await execute(session, sa.insert(PendingReplan), fresh)


async def run_pending_replans(database: Database) -> int:
    """Plan whoever is owed it, some people a transaction, so that others write in between. Returns the number of people.

    A debt goes with the transaction that plans it: a process that ends in the middle leaves the rest to the next one.
    """
    paid = 0
    at_once = DEBTS_AT_ONCE
    while True:
        async with database.read() as session:
            if (await session.exec(select(PendingReplan.user_id).limit(1))).first() is None:
                return paid
        try:
            paid += await _run_some(database, at_once)
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            if at_once == 1:
                await _forgive(database)
            at_once = 1  # so that only whoever is at fault is left as they were


async def _run_some(database: Database, at_once: int) -> int:
    async with database.write() as session:
        await advisory_lock(session, PLANNING_LOCK)
        debts = list(await session.exec(select(PendingReplan).order_by(PendingReplan.user_id).limit(at_once)))
        firsts, lasts = [debt.first_date for debt in debts], [debt.last_date for debt in debts]
        await plan(
            session,
            user_ids=[debt.user_id for debt in debts],
            first_date=None if None in firsts else min(filter(None, firsts), default=None),
            last_date=None if None in lasts else max(filter(None, lasts), default=None),
        )
        for debt in debts:
            await session.delete(debt)
    return len(debts)


async def _forgive(database: Database) -> None:
    async with database.write() as session:
        debt = (await session.exec(select(PendingReplan).order_by(PendingReplan.user_id).limit(1))).first()
        if debt is not None:
            log.exception("A person's reminders could not be planned", extra={"fields": {"user_id": debt.user_id}})
            await session.delete(debt)


async def plan(
    session: AsyncSession,
    *,
    user_ids: Iterable[int] | None = None,
    first_date: date | None = None,
    last_date: date | None = None,
    missed_since: datetime | None = None,
) -> int:
    """Bring the reminders of these people and work dates up to date within the horizon. Returns the number of changed rows."""
    now = clock.now()
    horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
    earliest, latest = _reach(now, horizon, missed_since)
    first, last = max(first_date or earliest, earliest), min(last_date or latest, latest)
    if first > last:
        return 0
    await advisory_lock(session, PLANNING_LOCK)
    changed = 0
    ids = sorted(set(user_ids)) if user_ids is not None else await _people_with_plans(session, first, last)
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        changed += await _plan_people(
            session, ids[start : start + PEOPLE_AT_ONCE], first, last, now, horizon, missed_since
        )
    return changed


async def plan_everybody(database: Database, *, missed_since: datetime | None = None) -> None:
    """Everybody with work or reminders within the horizon, some people a transaction."""
    async with database.read() as session:
        now = clock.now()
        horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
        ids = await _people_with_plans(session, *_reach(now, horizon, missed_since))
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        async with database.write() as session:
            await plan(session, user_ids=ids[start : start + PEOPLE_AT_ONCE], missed_since=missed_since)


async def plan_one_by_one(database: Database, *, missed_since: datetime | None = None) -> None:
    """Everybody after a failure: one person a transaction, so that only whoever is at fault is left as they were."""
    async with database.read() as session:
        now = clock.now()
        horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
        ids = await _people_with_plans(session, *_reach(now, horizon, missed_since))
    for user_id in ids:
        try:
            async with database.write() as session:
                await plan(session, user_ids=[user_id], missed_since=missed_since)
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            log.exception("A person's reminders could not be planned", extra={"fields": {"user_id": user_id}})


def _reach(now: datetime, horizon: datetime, missed_since: datetime | None) -> tuple[date, date]:
    """The first and the last work date that planning looks at."""
    return (min(now, missed_since or now) - LOOK_BACK).date(), (horizon + timedelta(days=1)).date()


async def _people_with_plans(session: AsyncSession, first: date, last: date) -> list[int]:
    planned = select(Assignment.user_id).where(Assignment.work_date.between(first, last))
    reminded = select(Reminder.user_id).where(Reminder.work_date.between(first, last))
    return sorted((await execute(session, sa.union(planned, reminded))).scalars())


async def _plan_people(
    session: AsyncSession,
    ids: Sequence[int],
    first: date,
    last: date,
    now: datetime,
    horizon: datetime,
    missed_since: datetime | None,
) -> int:
    settings = settings_in(session)
    teams: Mapping[int, Team] = {team.id: team for team in await session.exec(select(Team))}
    absences: dict[int, list[Absence]] = defaultdict(list)
    away = select(Absence).where(Absence.user_id.in_(ids), Absence.last_date >= first, Absence.first_date <= last)
    for absence in await session.exec(away):
        absences[absence.user_id].append(absence)
    punches = {
        (punch.user_id, punch.work_date, punch.period, punch.kind): punch.at
        for punch in await session.exec(
            select(Punch).where(Punch.user_id.in_(ids), Punch.work_date.between(first, last))
        )
    }
    asked = (
        select(Assignment, User, Shift)
        .join(User, User.id == Assignment.user_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.user_id.in_(ids),
            Assignment.work_date.between(first, last),
            User.is_active == sa.true(),
            User.deleted_at.is_(None),
            Shift.is_rest == sa.false(),
        )
    )
    points: list[PlannedPoint] = []
    policies: dict[tuple[int, int], AppliedPolicy] = {}
    for assignment, user, shift in await session.exec(asked):
        team = teams.get(user.team_id or 0)
        whose = (assignment.user_id, assignment.shift_id)
        if (applied := policies.get(whose)) is None:
            applied = policies[whose] = policy_for(user, shift, team)
        planned = planned_points(assignment, shift, team, applied.policy, absences[assignment.user_id], settings)
        points += [point for point in planned if point.window.opens_at <= horizon]
    _say_unreadable(policies)
    rows = {
        (found.user_id, found.work_date, found.period, found.kind): found
        for found in await session.exec(
            select(Reminder).where(Reminder.user_id.in_(ids), Reminder.work_date.between(first, last)).with_for_update()
        )
    }
    touched: set[int] = set()
    fresh = []
    changed = 0
    for point in points:
        found = rows.pop(point.key, None)
        if found is None:
            if values := new_reminder(point, punches.get(point.key), now, missed_since):
                fresh.append(values)
                touched.add(point.user_id)
        elif revise(found, point, now):
            session.add(found)
            touched.add(point.user_id)
            changed += 1
    for orphan in rows.values():
        if orphan.status not in OPEN:
            continue
        if orphan.steps_sent == 0:
            await session.delete(orphan)
        else:
            end(orphan, ReminderStatus.SKIPPED, "roster", now)
            session.add(orphan)
        touched.add(orphan.user_id)
        changed += 1
    await session.flush()
    if fresh:
        await execute(session, insert_new(session, Reminder), fresh)
    if touched:
        await _publish_to_teams_of(session, touched)
    return changed + len(fresh)


def _say_unreadable(policies: Mapping[tuple[int, int], AppliedPolicy]) -> None:
    for (user_id, shift_id), applied in policies.items():
        if applied.unreadable:
            log.warning(
                "A stored reminder policy cannot be read; another one stands in for it",
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
