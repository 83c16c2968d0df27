"""Which sources to ask about whom, and when: shortly before a reminder is due, and at intervals afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import settings_in
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.outbound.quota import calls_this_month
from daka.reminders.claims import is_worked_in
from daka.reminders.models import Reminder
from daka.reminders.punches.models import PunchCheck, PunchSource
from daka.reminders.punches.results import PersonField, Point, PunchState, counting_span
from daka.reminders.punches.serving import checks_of, enabled_sources, sources_for
from daka.reminders.states import ReminderStatus
from daka.reminders.transitions import window_of
from daka.roster.models import Assignment
from daka.shifts.models import Shift
from daka.shifts.service import periods_of
from daka.shifts.times import PunchKind, punch_points

AHEAD = timedelta(seconds=8)
"""How long before a reminder is due its source is asked, so that the check does not delay it."""
FRESH = timedelta(seconds=30)
RETRY = timedelta(seconds=4)
RECHECK = timedelta(seconds=150)
"""Interval of checks between two reminders, to notice a punch without waiting for the next step."""
SPARE_BELOW = 0.8
"""Beyond this share of the month's calls, only reminders that are about to be due are checked."""
POINTS_AT_ONCE = 5000
LONGEST_NAGGING = timedelta(hours=4)
LAST_ASK = timedelta(minutes=1)
"""How long after the end of its window a reminder may still be checked, for its last evaluation."""
PLANS_FROM, PLANS_TO = timedelta(days=7), timedelta(days=14)
NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class CheckBatch:
    """A leased source and the points to ask it about."""

    source: PunchSource
    points: tuple[Point, ...]
    lease: str = ""


async def batches_at(session: AsyncSession, now: datetime) -> list[CheckBatch]:
    sources = await enabled_sources(session)
    free = [source for source in sources if _is_free(source, now)]
    if not free:
        return []
    due = [found async for found in _served(session, sources, Reminder.next_due_at <= now + AHEAD)]
    nagged = [
        found
        async for found in _served(
            session,
            sources,
            Reminder.next_due_at > now + AHEAD,
            Reminder.next_due_at <= now + LONGEST_NAGGING,
            Reminder.status == ReminderStatus.NAGGING,
            Reminder.steps_sent > 0,
        )
    ]
    checks = await checks_of(
        session, [reminder.id for reminder, _, _, _ in [*due, *nagged] if reminder.id is not None], since=now - RECHECK
    )
    spared = await _sources_to_spare(session, free)
    wanted: dict[int, list[tuple[Reminder, User, Team | None]]] = defaultdict(list)
    for rows, is_due in ((due, True), (nagged, False)):
        for reminder, user, team, serving in rows:
            said = {check.source_id: check for check in checks[reminder.id]}
            for source in serving:
                source_id = source.id
                if source not in free or (not is_due and source_id in spared):
                    continue
                if _is_stale(said.get(source_id), now, is_due=is_due):
                    wanted[source_id].append((reminder, user, team))
    points = await _points(session, [row for rows in wanted.values() for row in rows])
    return [
        CheckBatch(source, tuple(points[reminder.id] for reminder, _, _ in wanted[source.id]))
        for source in free
        if source.id in wanted
    ]


async def unchecked(session: AsyncSession, now: datetime) -> set[int]:
    """Due reminders that a source which is not throttled has not been asked about yet."""
    sources = await enabled_sources(session)
    free = {source.id for source in sources if _is_free(source, now)}
    if not free:
        return set()
    due = [found async for found in _served(session, sources, Reminder.next_due_at <= now)]
    checks = await checks_of(session, [found[0].id for found in due], since=now - FRESH)
    return {
        reminder.id
        for reminder, _, _, serving in due
        for source in serving
        if source.id in free and all(check.source_id != source.id for check in checks[reminder.id])
    }


def _is_free(source: PunchSource, now: datetime) -> bool:
    return source.throttled_until is None or source.throttled_until <= now


def _is_stale(check: PunchCheck | None, now: datetime, *, is_due: bool) -> bool:
    if check is None:
        return True
    if check.state is PunchState.UNKNOWN and check.reason == NO_ANSWER and is_due:
        return check.asked_at <= now - RETRY
    return check.asked_at <= now - (FRESH if is_due else RECHECK)


def is_of(check: PunchCheck, batch: CheckBatch) -> bool:
    return check.source_id == batch.source.id


async def _served(session: AsyncSession, sources: Sequence[PunchSource], *where: Any) -> Any:
    """Reminders with their people and the sources that serve them."""
    asked = (
        select(Reminder, User, Team)
        .join(User, User.id == Reminder.user_id)
        .outerjoin(Team, is_worked_in())
        .where(*where)
        .order_by(Reminder.next_due_at, Reminder.id)
        .limit(POINTS_AT_ONCE)
    )
    if all(source.team_id is not None for source in sources):
        asked = asked.where(User.team_id.in_({source.team_id for source in sources}))
    now = clock.now()
    for reminder, user, team in await session.exec(asked):
        if now > window_of(reminder).ends_at + LAST_ASK:
            continue  # its window ended while no process was running
        if serving := sources_for(sources, user.id, user.team_id):
            yield reminder, user, team, serving


async def _sources_to_spare(session: AsyncSession, sources: Sequence[PunchSource]) -> set[int]:
    """The ids of the sources whose calls of this month are nearly used up."""
    calls = await calls_this_month(session, {source.account for source in sources})
    spared = set()
    for source in sources:
        budget = source.config.get("monthly_calls")
        if isinstance(budget, int) and budget and calls.get(source.account, 0) >= budget * SPARE_BELOW:
            spared.add(source.id)
    return spared


async def points_of_reminders(session: AsyncSession, rows: Iterable[tuple[Reminder, User]]) -> dict[int, Point]:
    found = list(rows)
    teams = {
        team.id: team
        for team in await session.exec(select(Team).where(Team.id.in_({user.team_id for _, user in found})))
    }
    return await _points(session, [(reminder, user, teams.get(user.team_id or 0)) for reminder, user in found])


async def _points(session: AsyncSession, rows: Iterable[tuple[Reminder, User, Team | None]]) -> dict[int, Point]:
    """Points by reminder id, each with the interval in which a punch belongs to it."""
    found = {reminder.id: (reminder, user, team) for reminder, user, team in rows}
    if not found:
        return {}
    moments = [reminder.point_at for reminder, _, _ in found.values()]
    near = select(Reminder.user_id, Reminder.kind, Reminder.point_at).where(
        Reminder.user_id.in_({user.id for _, user, _ in found.values()}),
        Reminder.point_at.between(min(moments) - timedelta(days=1), max(moments) + timedelta(days=1)),
    )
    same_kind: dict[tuple[int, PunchKind], set[datetime]] = defaultdict(set)
    for user_id, kind, point_at in await session.exec(near):
        same_kind[user_id, kind].add(point_at)
    zone = settings_in(session).timezone
    shift_ids = {reminder.shift_id for reminder, _, _ in found.values()}
    shifts = {shift.id: shift for shift in await session.exec(select(Shift).where(Shift.id.in_(shift_ids)))}
    for reminder, user, team in found.values():
        # A period whose window was over when its shift was assigned has no reminder, but its punches are its own.
        periods = periods_of(shifts[reminder.shift_id])
        for point in punch_points(reminder.work_date, periods, ZoneInfo(team.timezone if team else zone)):
            same_kind[user.id, point.kind].add(point.at)
    return {
        reminder_id: point_of(reminder, user, team.timezone if team else zone, same_kind[user.id or 0, reminder.kind])
        for reminder_id, (reminder, user, team) in found.items()
    }


def point_of(reminder: Reminder, user: User, zone: str, same_kind: Iterable[datetime]) -> Point:
    counts_from, counts_until = counting_span(reminder.point_at, same_kind)
    return Point(
        reminder_id=reminder.id,
        **_person(user),
        work_date=reminder.work_date,
        period=reminder.period,
        kind=reminder.kind,
        point_at=reminder.point_at,
        counts_from=counts_from,
        counts_until=counts_until,
        zone=zone,
    )


async def points_of_today(session: AsyncSession, user: User) -> list[Point]:
    """A person's punch points of today. If there are none, a clock-in and a clock-out that any punch of the day would settle."""
    now = clock.now()
    team = await session.get(Team, user.team_id) if user.team_id is not None else None
    zone = team.timezone if team else settings_in(session).timezone
    today = now.astimezone(ZoneInfo(zone)).date()
    asked = select(Reminder).where(Reminder.user_id == user.id, Reminder.work_date == today)
    rows = list(await session.exec(asked.order_by(Reminder.point_at)))
    if rows:
        return list((await _points(session, [(reminder, user, team) for reminder in rows])).values())
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(zone))
    day: dict[str, Any] = {
        "point_at": now,
        "counts_from": midnight,
        "counts_until": midnight + timedelta(days=1),
        "zone": zone,
    }
    return [
        Point(reminder_id=-number, **_person(user), work_date=today, period=0, kind=kind, **day)
        for number, kind in enumerate(PunchKind, start=1)
    ]


def _person(user: User) -> dict[str, Any]:
    return {"user_id": user.id, **{field.value: getattr(user, field) for field in PersonField}}


async def serves_one_person(session: AsyncSession, source: PunchSource) -> bool:
    """Whether a source that cannot tell people apart serves one person only.

    People with shifts from a week ago to two weeks ahead count: the person it is about may be off today. A source that is not
    saved yet counts as if it were.
    """
    if source.config.get("user_id") is not None:
        return True
    sources = [*(each for each in await enabled_sources(session) if each.id != source.id), source]
    today = clock.now().date()
    asked = (
        select(User.id, User.team_id)
        .where(
            User.id.in_(
                select(Assignment.user_id).where(Assignment.work_date.between(today - PLANS_FROM, today + PLANS_TO))
            ),
            MAY_SIGN_IN,
        )
        .order_by(User.id)
    )
    served = 0
    for user_id, team_id in await session.exec(asked):
        served += any(found.id == source.id for found in sources_for(sources, user_id, team_id))
    return served <= 1


async def next_check_at(session: AsyncSession, now: datetime, *, will_retry: bool) -> datetime | None:
    """When to check next: shortly before the next reminder is due; None if there are no sources."""
    if not await enabled_sources(session):
        return None
    if will_retry:
        return now + RETRY
    later = select(func.min(Reminder.next_due_at)).where(Reminder.next_due_at > now + AHEAD)
    upcoming = (await session.exec(later)).one()
    return upcoming - AHEAD if upcoming is not None else None
