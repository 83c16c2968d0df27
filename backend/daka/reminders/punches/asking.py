"""Asks the sources, shortly before reminders are due and now and then afterwards, and records what they say.

A source that does not answer silences nothing: the reminder goes out and says 「未能核实」. Any number of processes may ask; a
lease on the source keeps them from asking the same twice.
"""

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.announcements import Topic, announce
from daka.database import Database, execute, settings_in
from daka.errors import ConfigurationError
from daka.identity.models import Team, User
from daka.reminders.ledger import record_punch
from daka.reminders.models import Reminder
from daka.reminders.planner import window_of
from daka.reminders.punches import service
from daka.reminders.punches.kind import Config, Http, Line
from daka.reminders.punches.known import (
    Finding,
    Findings,
    Known,
    Point,
    Trouble,
    TroubleKind,
    counting_span,
    unknown,
)
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.registry import KINDS
from daka.reminders.states import ReminderStatus
from daka.roster.models import Assignment
from daka.settings import Settings
from daka.shifts.models import Shift
from daka.shifts.service import periods_of
from daka.shifts.times import PunchKind, punch_points

log = logging.getLogger(__name__)

AHEAD = timedelta(seconds=8)
"""A source is asked so long before a reminder is due, so that asking does not make it late."""
ASK_SECONDS = 6.0
"""A batch that takes longer is given up."""
WAIT_SECONDS = 3.0
"""What is due already waits so long for its answer, not longer."""
LOOK_AGAIN_SECONDS = 0.2
FRESH = timedelta(seconds=30)
RETRY = timedelta(seconds=4)
RECHECK = timedelta(seconds=150)
"""Between two reminders a source is asked again so often, to notice a punch without waiting for the next step."""
SPARE_BELOW = 0.8
"""Beyond this part of the month's budget, only what is about to be due is asked about."""
LEASE = timedelta(seconds=20)
POINTS_AT_ONCE = 2000
BATCHES_AT_ONCE = 4
PUNCHES_PER_TRANSACTION = 50
FAILURES_UNTIL_SHOWN = 3
LONGEST_NAGGING = timedelta(hours=4)
LAST_ASK = timedelta(minutes=1)
"""So long after the end of a window it may still be asked about, for the last look at it."""
PLANS_FROM, PLANS_TO = timedelta(days=7), timedelta(days=14)

NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Errand:
    """One source, leased, and the points that it is asked about."""

    source: PunchSource
    points: tuple[Point, ...]
    lease: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of an errand."""

    findings: Findings = field(default_factory=dict)
    trouble: Trouble | None = None
    is_answered: bool = False
    learned: dict[int, str] = field(default_factory=dict)
    """DingTalk user ids by user."""


class PunchAsker:
    """Knows when to ask whom. `look_ahead` is a job to be run whenever it says; `before_due` is a short wait before a claim."""

    def __init__(self, database: Database, settings: Settings, http: Http) -> None:
        self._database = database
        self._settings = settings
        self._http = http
        self._is_synced = False
        self._looking: set[asyncio.Task[datetime | None]] = set()

    async def look_ahead(self) -> datetime | None:
        """Ask about whoever is reminded within the next seconds, or was a while ago. Returns when to look again."""
        await self._sync()
        async with self._database.read() as session:
            errands = await errands_at(session, clock.now())
        will_retry = False
        if errands:
            errands = await self._leased(errands)
            outcomes = await asyncio.gather(*(self._run(errand) for errand in errands))
            will_retry = any(found.trouble and found.trouble.kind is TroubleKind.PASSING for found in outcomes)
        async with self._database.read() as session:
            return await _next_look(session, clock.now(), will_retry=will_retry)

    async def before_due(self) -> None:
        """Wait, but not long, for answers about what is due now and could not be asked about ahead."""
        async with self._database.read() as session:
            if not await is_waiting_worth_while(session, clock.now()):
                return
        look = asyncio.create_task(self.look_ahead())
        self._looking.add(look)
        look.add_done_callback(self._looked)
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            # What this process asks itself ends the wait at once; what another one asks shows in the tables.
            await asyncio.wait([look], timeout=LOOK_AGAIN_SECONDS)
            async with self._database.read() as session:
                if not await is_waiting_worth_while(session, clock.now()):
                    return
            if look.done():
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _looked(self, look: "asyncio.Task[datetime | None]") -> None:
        self._looking.discard(look)
        if not look.cancelled() and (error := look.exception()) is not None:
            log.error("Asking for punches stumbled", exc_info=error)

    async def stop(self) -> None:
        """Give up what is being asked; the leases run out by themselves."""
        for look in list(self._looking):
            look.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    async def _sync(self) -> None:
        if not self._is_synced:
            async with self._database.write() as session:
                await service.sync_environment_source(session, self._settings)
            self._is_synced = True

    async def _leased(self, errands: Sequence[Errand]) -> list[Errand]:
        """Those whose source nobody else asks right now, without the points that somebody has just asked about."""
        mine = []
        async with self._database.write() as session:
            now = clock.now()
            for errand in errands:
                lease = secrets.token_hex(8)
                taken = await execute(
                    session,
                    sa.update(PunchSource)
                    .where(
                        col(PunchSource.id) == errand.source.id,
                        or_(col(PunchSource.leased_until).is_(None), col(PunchSource.leased_until) < now),
                    )
                    .values(leased_until=now + LEASE, leased_by=lease, asked_at=now),
                )
                if taken.rowcount != 1:
                    continue
                checks = await service.checks_of(
                    session, [point.reminder_id for point in errand.points], since=now - RETRY / 2
                )
                asked = {check.reminder_id for found in checks.values() for check in found if _is_of(check, errand)}
                left = tuple(point for point in errand.points if point.reminder_id not in asked)
                mine.append(Errand(errand.source, left, lease))
        return mine

    async def _run(self, errand: Errand) -> Outcome:
        outcome = Outcome()
        try:
            if errand.points:
                outcome = await self._asked(errand.source, errand.points)
        except Exception:
            # An error of ours must not end the other errands, nor be taken for an answer.
            log.exception("A punch source could not be asked", extra={"fields": {"source_id": errand.source.id}})
            outcome.trouble = Trouble(TroubleKind.PASSING, "internal", "an unexpected failure; see the log")
        for point in errand.points:
            outcome.findings.setdefault(point.reminder_id, unknown(_reason_of(outcome.trouble)))
        await self._record(errand, outcome)
        return outcome

    async def _asked(self, source: PunchSource, points: Sequence[Point]) -> Outcome:
        """Ask a source about points, in batches. What fails is in the outcome, not raised."""
        outcome = Outcome()
        kind = KINDS[source.kind]
        try:
            async with self._database.read() as session:
                config = service.config_of(session, source)
                if not kind.names_people(config) and not await speaks_for_one(session, source):
                    raise Trouble(
                        TroubleKind.BROKEN, "names_nobody", "it cannot tell people apart", hint="names_nobody"
                    )
        except Trouble as trouble:
            outcome.trouble = trouble
            return outcome
        except (ValidationError, ConfigurationError) as error:
            reason = str(error) if isinstance(error, ConfigurationError) else "the stored settings do not fit"
            outcome.trouble = Trouble(TroubleKind.BROKEN, "settings", reason, hint="settings")
            return outcome

        async def learn(user_id: int, userid: str) -> None:
            outcome.learned[user_id] = userid

        line = Line(config, self._settings, clock.now(), self._http, self._counter(source, config), learn)
        turns = asyncio.Semaphore(BATCHES_AT_ONCE)

        async def ask(batch: Sequence[Point]) -> None:
            try:
                async with asyncio.timeout(ASK_SECONDS), turns:
                    outcome.findings |= await kind.ask(line, batch)
                    outcome.is_answered = True
            except TimeoutError:
                outcome.trouble = _worse(
                    outcome.trouble, Trouble(TroubleKind.PASSING, "timeout", "no answer in time", hint="timeout")
                )
            except Trouble as trouble:
                outcome.trouble = _worse(outcome.trouble, trouble)

        await asyncio.gather(*(ask(batch) for batch in kind.batches(config, points)))
        return outcome

    def _counter(self, source: PunchSource, config: Config) -> Any:
        async def count_call() -> None:
            async with self._database.write() as session:
                calls = await service.take_call(session, source.account, config.monthly_calls)
            if calls is None:
                words = f"this month's {config.monthly_calls} calls are used up"
                raise Trouble(TroubleKind.OVER_BUDGET, "budget", words, hint="budget")

        return count_call

    # --- recording ---

    async def _record(self, errand: Errand, outcome: Outcome) -> None:
        punched = [
            (point, finding)
            for point in sorted(errand.points, key=lambda point: point.reminder_id)
            if (finding := outcome.findings[point.reminder_id]).known is Known.PUNCHED
        ]
        for start in range(0, len(punched), PUNCHES_PER_TRANSACTION):
            async with self._database.write() as session:
                for point, finding in punched[start : start + PUNCHES_PER_TRANSACTION]:
                    await _record_punch(session, point, finding, errand.source)
        async with self._database.write() as session:
            await _record_checks(session, errand, outcome.findings)
            await _learn(session, outcome.learned)
            source = await session.get(PunchSource, errand.source.id, with_for_update=True)
            if source is None or source.leased_by != errand.lease:
                return
            source.leased_until, source.leased_by = None, ""
            if errand.points:
                _note_state(session, source, outcome)
            session.add(source)

    async def try_out(self, source: PunchSource, user: User) -> tuple[Outcome, list[Point], int]:
        """Ask about one person's punches of today, and note only whether the source works. Also gives the milliseconds."""
        async with self._database.read() as session:
            points = await _points_of_today(session, user)
        started = time.perf_counter()
        outcome = await self._asked(source, points)
        latency_ms = int((time.perf_counter() - started) * 1000)
        async with self._database.write() as session:
            await _learn(session, outcome.learned)
            row = await session.get(PunchSource, source.id, with_for_update=True)
            if row is not None and row.deleted_at is None:
                row.asked_at = clock.now()
                _note_state(session, row, outcome)
                session.add(row)
        return outcome, points, latency_ms


# --- whom to ask about -----------------------------------------------------------------------------------------------


async def errands_at(session: AsyncSession, now: datetime) -> list[Errand]:
    """Which sources to ask about whom at this moment."""
    sources = await service.enabled_sources(session)
    free = [source for source in sources if source.held_until is None or source.held_until <= now]
    if not free:
        return []
    due = [found async for found in _served(session, sources, col(Reminder.next_due_at) <= now + AHEAD)]
    nagged = [
        found
        async for found in _served(
            session,
            sources,
            col(Reminder.next_due_at) > now + AHEAD,
            col(Reminder.next_due_at) <= now + LONGEST_NAGGING,
            col(Reminder.status) == ReminderStatus.NAGGING,
            col(Reminder.steps_sent) > 0,
        )
    ]
    checks = await service.checks_of(
        session, [reminder.id for reminder, _, _, _ in [*due, *nagged] if reminder.id is not None], since=now - RECHECK
    )
    spared = await _sources_to_spare(session, free)
    wanted: dict[int, list[tuple[Reminder, User, Team | None]]] = defaultdict(list)
    for rows, is_due in ((due, True), (nagged, False)):
        for reminder, user, team, serving in rows:
            said = {check.source_id: check for check in checks[cast(int, reminder.id)]}
            for source in serving:
                source_id = cast(int, source.id)
                if source not in free or (not is_due and source_id in spared):
                    continue
                if _is_stale(said.get(source_id), now, is_due=is_due):
                    wanted[source_id].append((reminder, user, team))
    points = await _points(session, [row for rows in wanted.values() for row in rows])
    return [
        Errand(source, tuple(points[cast(int, reminder.id)] for reminder, _, _ in wanted[cast(int, source.id)]))
        for source in free
        if cast(int, source.id) in wanted
    ]


async def is_waiting_worth_while(session: AsyncSession, now: datetime) -> bool:
    """Whether something is due that a working source has not been asked about yet."""
    sources = await service.enabled_sources(session)
    free = {source.id for source in sources if source.held_until is None or source.held_until <= now}
    if not free:
        return False
    due = [found async for found in _served(session, sources, col(Reminder.next_due_at) <= now)]
    checks = await service.checks_of(session, [cast(int, found[0].id) for found in due], since=now - FRESH)
    return any(
        source.id in free and all(check.source_id != source.id for check in checks[cast(int, reminder.id)])
        for reminder, _, _, serving in due
        for source in serving
    )


def _is_stale(check: PunchCheck | None, now: datetime, *, is_due: bool) -> bool:
    if check is None:
        return True
    if check.known is Known.UNKNOWN and check.reason == NO_ANSWER and is_due:
        return check.asked_at <= now - RETRY
    return check.asked_at <= now - (FRESH if is_due else RECHECK)


def _is_of(check: PunchCheck, errand: Errand) -> bool:
    return check.source_id == errand.source.id


async def _served(session: AsyncSession, sources: Sequence[PunchSource], *where: Any) -> Any:
    """Reminders with their people and the sources that serve them."""
    asked = (
        select(Reminder, User, Team)
        .join(User, col(User.id) == Reminder.user_id)
        .outerjoin(Team, col(Team.id) == User.team_id)
        .where(*where)
        .order_by(col(Reminder.next_due_at), col(Reminder.id))
        .limit(POINTS_AT_ONCE)
    )
    if all(source.team_id is not None for source in sources):
        asked = asked.where(col(User.team_id).in_({source.team_id for source in sources}))
    now = clock.now()
    for reminder, user, team in await session.exec(asked):
        if now > window_of(reminder).ends_at + LAST_ASK:
            continue  # nobody looked for so long that it is over
        if serving := service.sources_for(sources, cast(int, user.id), user.team_id):
            yield reminder, user, team, serving


async def _sources_to_spare(session: AsyncSession, sources: Sequence[PunchSource]) -> set[int]:
    """Those whose budget of this month is nearly used up."""
    calls = await service.calls_this_month(session, {source.account for source in sources})
    spared = set()
    for source in sources:
        budget = source.config.get("monthly_calls")
        if isinstance(budget, int) and budget and calls.get(source.account, 0) >= budget * SPARE_BELOW:
            spared.add(cast(int, source.id))
    return spared


async def _points(session: AsyncSession, rows: Iterable[tuple[Reminder, User, Team | None]]) -> dict[int, Point]:
    """Reminders as points, each with the span in which a punch belongs to it."""
    found = {cast(int, reminder.id): (reminder, user, team) for reminder, user, team in rows}
    if not found:
        return {}
    moments = [reminder.point_at for reminder, _, _ in found.values()]
    near = select(Reminder.user_id, col(Reminder.kind), Reminder.point_at).where(
        col(Reminder.user_id).in_({cast(int, user.id) for _, user, _ in found.values()}),
        col(Reminder.point_at).between(min(moments) - timedelta(days=1), max(moments) + timedelta(days=1)),
    )
    same_kind: dict[tuple[int, PunchKind], set[datetime]] = defaultdict(set)
    for user_id, kind, point_at in await session.exec(near):
        same_kind[user_id, kind].add(point_at)
    zone = settings_in(session).timezone
    shift_ids = {reminder.shift_id for reminder, _, _ in found.values()}
    shifts = {shift.id: shift for shift in await session.exec(select(Shift).where(col(Shift.id).in_(shift_ids)))}
    for reminder, user, team in found.values():
        # A period whose window was over when its shift was assigned has no reminder, but its punches are its own.
        periods = periods_of(shifts[reminder.shift_id])
        for point in punch_points(reminder.work_date, periods, ZoneInfo(team.timezone if team else zone)):
            same_kind[cast(int, user.id), point.kind].add(point.at)
    return {
        reminder_id: point_of(reminder, user, team.timezone if team else zone, same_kind[user.id or 0, reminder.kind])
        for reminder_id, (reminder, user, team) in found.items()
    }


def point_of(reminder: Reminder, user: User, zone: str, same_kind: Iterable[datetime]) -> Point:
    """A reminder as the sources see it."""
    counts_from, counts_until = counting_span(reminder.point_at, same_kind)
    return Point(
        reminder_id=cast(int, reminder.id),
        user_id=cast(int, user.id),
        username=user.username,
        display_name=user.display_name,
        mobile=user.mobile,
        dingtalk_userid=user.dingtalk_userid,
        work_date=reminder.work_date,
        period=reminder.period,
        kind=reminder.kind,
        point_at=reminder.point_at,
        counts_from=counts_from,
        counts_until=counts_until,
        zone=zone,
    )


async def _points_of_today(session: AsyncSession, user: User) -> list[Point]:
    """A person's punch points of today; without any, a clock-in and a clock-out that any punch of the day would settle."""
    now = clock.now()
    team = await session.get(Team, user.team_id) if user.team_id is not None else None
    zone = team.timezone if team else settings_in(session).timezone
    today = now.astimezone(ZoneInfo(zone)).date()
    asked = select(Reminder).where(Reminder.user_id == user.id, Reminder.work_date == today)
    rows = list(await session.exec(asked.order_by(col(Reminder.point_at))))
    if rows:
        return list((await _points(session, [(reminder, user, team) for reminder in rows])).values())
    return [_point_of_the_day(number, kind, user, today, zone, now) for number, kind in enumerate(PunchKind, start=1)]


def _point_of_the_day(number: int, kind: PunchKind, user: User, today: date, zone: str, now: datetime) -> Point:
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(zone))
    return Point(
        reminder_id=-number,
        user_id=cast(int, user.id),
        username=user.username,
        display_name=user.display_name,
        mobile=user.mobile,
        dingtalk_userid=user.dingtalk_userid,
        work_date=today,
        period=0,
        kind=kind,
        point_at=now,
        counts_from=midnight,
        counts_until=midnight + timedelta(days=1),
        zone=zone,
    )


async def speaks_for_one(session: AsyncSession, source: PunchSource) -> bool:
    """Whether a source that cannot tell people apart serves one person only.

    Counted are those with shifts from a week ago to two weeks ahead: whoever is off today may be whom it speaks of.
    """
    if source.config.get("user_id") is not None:
        return True
    sources = await service.enabled_sources(session)
    today = clock.now().date()
    asked = (
        select(User.id, User.team_id)
        .where(
            col(User.id).in_(
                select(Assignment.user_id).where(
                    col(Assignment.work_date).between(today - PLANS_FROM, today + PLANS_TO)
                )
            ),
            User.is_active == sa.true(),
            col(User.deleted_at).is_(None),
        )
        .order_by(col(User.id))
    )
    served = 0
    for user_id, team_id in await session.exec(asked):
        served += any(found.id == source.id for found in service.sources_for(sources, cast(int, user_id), team_id))
    return served <= 1


async def _next_look(session: AsyncSession, now: datetime, *, will_retry: bool) -> datetime | None:
    """Shortly before the next reminder is due; None when no source is there to be asked."""
    if not await service.enabled_sources(session):
        return None
    if will_retry:
        return now + RETRY
    later = select(func.min(Reminder.next_due_at)).where(col(Reminder.next_due_at) > now + AHEAD)
    upcoming = (await session.exec(later)).one()
    return upcoming - AHEAD if upcoming is not None else None


# --- what was said ---------------------------------------------------------------------------------------------------


async def _record_punch(session: AsyncSession, point: Point, finding: Finding, source: PunchSource) -> None:
    user = await session.get(User, point.user_id)
    if user is not None:
        await record_punch(
            session,
            user,
            point.kind,
            at=finding.at or clock.now(),
            work_date=point.work_date,
            period=point.period,
            source=source.kind,
        )


async def _record_checks(session: AsyncSession, errand: Errand, findings: Findings) -> None:
    ids = [point.reminder_id for point in errand.points]
    if not ids:
        return
    # A reminder may have gone with its shift while its source was asked.
    there = select(Reminder.id).where(col(Reminder.id).in_(ids)).order_by(col(Reminder.id)).with_for_update()
    still_there = [cast(int, reminder_id) for reminder_id in await session.exec(there)]
    source_id, now = cast(int, errand.source.id), clock.now()
    await session.exec(
        sa.delete(PunchCheck).where(col(PunchCheck.source_id) == source_id, col(PunchCheck.reminder_id).in_(ids))
    )
    rows = [
        {
            "reminder_id": reminder_id,
            "source_id": source_id,
            "known": findings[reminder_id].known,
            "reason": findings[reminder_id].reason[:40],
            "asked_at": now,
        }
        for reminder_id in still_there
    ]
    if rows:
        await execute(session, sa.insert(PunchCheck), rows)


async def _learn(session: AsyncSession, learned: dict[int, str]) -> None:
    """Keep DingTalk user ids that were found by mobile number."""
    for user_id, userid in sorted(learned.items()):
        await session.exec(
            sa.update(User)
            .where(col(User.id) == user_id, col(User.dingtalk_userid).is_(None))
            .values(dingtalk_userid=userid[:64])
        )


def _note_state(session: AsyncSession, source: PunchSource, outcome: Outcome) -> None:
    """How the source stands after an ask. A change is news for planners, once."""
    now, before = clock.now(), source.status
    trouble = outcome.trouble
    if outcome.is_answered:
        source.answered_at = now
    if trouble is None:
        source.status, source.status_reason, source.status_hint = SourceStatus.OK, "", ""
        source.failures, source.held_until = 0, None
    else:
        source.failures = source.failures + 1 if not outcome.is_answered else 0
        status, hold = state_after(trouble, source.failures, now)
        if status is not None:
            source.status = status
            source.status_reason = f"{trouble.code} {trouble.message}".strip()[:400]
            source.status_hint = trouble.hint[:40]
        source.held_until = hold
    if source.status is not before:
        source.status_at = now
        announce(session, Topic.PUNCH, team_id=source.team_id)
        if source.status is not SourceStatus.OK:
            log.warning(
                "A punch source does not work",
                extra={"fields": {"source_id": source.id, "kind": source.kind, "reason": source.status_reason}},
            )


def state_after(trouble: Trouble, failures: int, now: datetime) -> tuple[SourceStatus | None, datetime | None]:
    """The status that a trouble makes (None: as before) and until when not to ask, after so many failures in a row."""
    match trouble.kind:
        case TroubleKind.BROKEN:
            return SourceStatus.BROKEN, now + (trouble.hold or timedelta(minutes=10))
        case TroubleKind.OVER_BUDGET:
            return SourceStatus.OVER_BUDGET, now + trouble.hold if trouble.hold else service.next_month(now)
        case TroubleKind.THROTTLED | TroubleKind.PASSING:
            hold = now + trouble.hold if trouble.hold else None
            if failures < FAILURES_UNTIL_SHOWN:
                return None, hold
            pause = min(timedelta(seconds=15) * 2 ** min(failures - FAILURES_UNTIL_SHOWN, 6), timedelta(minutes=10))
            return SourceStatus.FAILING, max(hold or now, now + pause)


_SEVERITY = (TroubleKind.PASSING, TroubleKind.THROTTLED, TroubleKind.OVER_BUDGET, TroubleKind.BROKEN)


def _worse(one: Trouble | None, other: Trouble) -> Trouble:
    if one is None or _SEVERITY.index(other.kind) > _SEVERITY.index(one.kind):
        return other
    return one


def _reason_of(trouble: Trouble | None) -> str:
    if trouble is None:
        return "no_value"
    return NO_ANSWER if trouble.kind is TroubleKind.PASSING else f"source_{trouble.kind}"
