"""Explain: why somebody was or was not reminded on a work date, from what planning and sending themselves use."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import settings_in
from daka.delivery.delivery_log import list_deliveries
from daka.delivery.models import Channel, Delivery, DeliveryReminder, DeliveryStatus, Occasion
from daka.delivery.schemas import DeliveryRead, DeliverySearch
from daka.explain.reasons import source_reason, why_day, why_point
from daka.explain.schemas import AbsenceRead, CheckRead, DraftStep, Explanation, PointExplained, RosterStep, StepRead
from daka.identity.access import Principal, names_of
from daka.identity.models import Team, User
from daka.identity.moves import move_before, planned_moves
from daka.reminders.models import Punch, Reminder
from daka.reminders.plan_rules import AppliedPolicy, PlannedPoint, team_of
from daka.reminders.planner import planned_between
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.serving import enabled_sources, sources_for
from daka.reminders.schemas import PunchRead
from daka.reminders.service import reminder_read
from daka.reminders.states import OPEN
from daka.reminders.steps import forecast
from daka.reminders.transitions import window_of
from daka.roster.holidays.service import calendar_days
from daka.roster.models import Assignment, DraftCell, RosterChange
from daka.roster.requests.models import Absence
from daka.roster.schemas import DayRead
from daka.scheduler.service import is_paused
from daka.shifts.models import Shift
from daka.shifts.service import shift_nights, shift_read

MOST_DELIVERIES = 100


async def explain(session: AsyncSession, by: Principal, user: User, day: date) -> Explanation:
    """Why a person was or was not reminded on a work date: the answer, and everything that it follows from."""
    now = clock.now()
    user_id = user.id
    of_day = select(Reminder).where(Reminder.user_id == user_id, Reminder.work_date == day)
    reminders = {(found.period, found.kind): found for found in await session.exec(of_day)}
    assignment = (
        await session.exec(select(Assignment).where(Assignment.user_id == user_id, Assignment.work_date == day))
    ).first()
    move = move_before((await planned_moves(session, [user_id])).get(user_id, ()), day)
    team_id = team_of(assignment, user, move) if assignment else user.team_id
    team = await session.get(Team, team_id) if team_id else None
    zone_name = team.timezone if team else settings_in(session).timezone
    zone = ZoneInfo(zone_name)
    shift = await session.get(Shift, assignment.shift_id) if assignment else None
    is_off = await is_paused(session)
    horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
    points = [
        await _point(session, by, *found, reminders.get((found[0].period, found[0].kind)), zone, now, horizon, is_off)
        for found in await planned_between(session, day, day, [user_id], by)
    ]
    days, _ = await calendar_days(session, day, day)
    return Explanation(
        user_id=user_id,
        display_name=user.display_name,
        date=day,
        timezone=zone_name,
        day=DayRead.model_validate(days[day]),
        reason=why_day(
            has_assignment=assignment is not None,
            is_rest=shift is not None and shift.is_rest,
            is_active=user.is_active,
            points=[point.reason for point in points],
        ),
        shift=shift_read(shift, await shift_nights(session), user.team_id) if shift else None,
        roster_steps=await _roster_steps(session, user_id, day),
        draft=await _draft(session, user_id, day) if by.plans_user(user) else None,
        absences=[
            AbsenceRead.model_validate(found.model_dump(include=set(AbsenceRead.model_fields)))
            for found in await session.exec(
                select(Absence).where(Absence.user_id == user_id, Absence.first_date <= day, Absence.last_date >= day)
            )
        ],
        punches=[
            PunchRead.model_validate(found.model_dump())
            for found in await session.exec(select(Punch).where(Punch.user_id == user_id, Punch.work_date == day))
        ],
        points=points,
    )


async def _point(
    session: AsyncSession,
    by: Principal,
    point: PlannedPoint,
    user: User,
    shift: Shift,
    applied: AppliedPolicy,
    reminder: Reminder | None,
    zone: ZoneInfo,
    now: datetime,
    horizon: datetime,
    is_paused: bool,
) -> PointExplained:
    deliveries: Sequence[DeliveryRead] = []
    if reminder is not None:
        deliveries, _ = await list_deliveries(
            session, by, DeliverySearch(reminder_id=reminder.id, limit=MOST_DELIVERIES)
        )
    window = window_of(reminder) if reminder else point.window
    attempts = (attempt for found in deliveries for attempt in found.attempts if attempt.outcome != "done")
    last_failed = max(attempts, key=lambda attempt: attempt.at, default=None)
    answer = (last_failed.provider_code, last_failed.provider_message) if last_failed else ()
    reason = why_point(
        reminder,
        point.work_date,
        zone,
        is_past=window.ends_at <= now,
        is_beyond_horizon=window.opens_at > horizon,
        is_paused=is_paused,
        provider_words=" ".join(filter(None, answer)),
        arrived_over=await _arrived_over(session, reminder),
    )
    return PointExplained(
        period=point.period,
        kind=point.kind,
        point_at=window.point_at,
        reason=reason,
        policy_from=applied.owner,
        unreadable_policies=list(applied.unreadable),
        reminder=reminder_read(reminder, user, shift) if reminder else None,
        steps=[
            StepRead(at=moment, remind=found.remind, escalate=found.escalate, is_past=moment <= now)
            for moment, found in forecast(window, start=None)
            if found.remind or found.escalate
        ],
        checks=await _checks(session, by, reminder, user) if reminder else [],
        deliveries=list(reversed(deliveries)),
    )


async def _arrived_over(session: AsyncSession, reminder: Reminder | None) -> set[str]:
    """The kinds of channels that took a message to the person, also those that the asker may not see."""
    if reminder is None:
        return set()
    asked = (
        select(Channel.kind)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .join(DeliveryReminder, DeliveryReminder.delivery_id == Delivery.id)
        .where(
            DeliveryReminder.reminder_id == reminder.id,
            Delivery.occasion == Occasion.REMINDER,
            Delivery.status == DeliveryStatus.SENT,
        )
    )
    return set(await session.exec(asked.distinct()))


async def _checks(session: AsyncSession, by: Principal, reminder: Reminder, user: User) -> list[CheckRead]:
    """The latest checks by the sources that serve the person, and by those that did when they checked."""
    enabled = await enabled_sources(session)
    serving = {source.id for source in sources_for(enabled, user.id, user.team_id)}
    said = {
        check.source_id: check
        for check in await session.exec(select(PunchCheck).where(PunchCheck.reminder_id == reminder.id))
    }
    asked = select(PunchSource).where(PunchSource.id.in_([*serving, *said])).order_by(PunchSource.id)
    return [
        _check_read(source, said.get(source.id), by)
        for source in await session.exec(asked)
        if source.id in said or reminder.status in OPEN
    ]


def _check_read(source: PunchSource, check: PunchCheck | None, by: Principal) -> CheckRead:
    is_mine = by.is_admin or (by.is_planner if source.team_id is None else by.plans(source.team_id))
    is_in_trouble = is_mine and source.status is not SourceStatus.OK
    return CheckRead(
        source_id=source.id,
        source_name=source.name,
        source_kind=source.kind,
        asked_at=check.asked_at if check else None,
        state=check.state if check else None,
        said=source_reason(check.state if check else None, check.reason if check else ""),
        trouble=source.status_reason if is_in_trouble else "",
        remedy=remedy(source.status_hint, source.status_reason) if is_in_trouble else {},
    )


async def _draft(session: AsyncSession, user_id: int, day: date) -> DraftStep | None:
    asked = (
        select(DraftCell, Shift.name, User.display_name)
        .outerjoin(Shift, Shift.id == DraftCell.shift_id)
        .outerjoin(User, User.id == DraftCell.drafted_by)
        .where(DraftCell.user_id == user_id, DraftCell.work_date == day)
    )
    for draft, shift, changed_by in await session.exec(asked):
        return DraftStep(at=draft.updated_at, changed_by=changed_by, shift=shift)
    return None


async def _roster_steps(session: AsyncSession, user_id: int, day: date) -> list[RosterStep]:
    changes = list(
        await session.exec(
            select(RosterChange)
            .where(
                RosterChange.user_id == user_id,
                RosterChange.work_date == day,
                RosterChange.is_draft == sa.false(),
            )
            .order_by(RosterChange.id)
        )
    )
    ids = {shift_id for change in changes for shift_id in (change.before_shift_id, change.after_shift_id)}
    names: dict[int | None, str] = {
        found.id: found.name for found in await session.exec(select(Shift).where(Shift.id.in_(ids)))
    }
    people = await names_of(session, {change.changed_by for change in changes if change.changed_by})
    return [
        RosterStep(
            at=change.at,
            changed_by=people.get(change.changed_by or 0),
            before=names.get(change.before_shift_id),
            after=names.get(change.after_shift_id),
        )
        for change in changes
    ]
