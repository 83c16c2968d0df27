"""Preview and explain. Both use the functions that planning and sending use; nothing is worked out a second way."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import settings_in
from daka.delivery.channels.registry import INBOX, KINDS
from daka.delivery.delivery_log import list_deliveries
from daka.delivery.grouping import Group, Notification, Recipient, escalation_recipients, grouped, parts
from daka.delivery.models import Channel, Occasion
from daka.delivery.recipients import INBOX_NAME, load_channels, planners_of
from daka.delivery.routing import Channels, has_working, step_route
from daka.delivery.schemas import DeliveryRead, DeliverySearch
from daka.delivery.service import shown_channel_ids
from daka.explain.reasons import source_reason, why_day, why_point
from daka.explain.schemas import (
    AbsenceRead,
    CheckRead,
    DraftStep,
    Explanation,
    PointExplained,
    Preview,
    PreviewMessage,
    PreviewPerson,
    RosterStep,
    StepRead,
)
from daka.identity.access import Principal
from daka.identity.models import Team, User
from daka.identity.moves import move_before, planned_moves
from daka.paging import given
from daka.reminders import claims
from daka.reminders.models import Punch, Reminder
from daka.reminders.plan_rules import AppliedPolicy, PlannedPoint, team_of
from daka.reminders.planner import planned_between
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.service import enabled_sources, sources_for
from daka.reminders.schemas import PunchRead
from daka.reminders.service import reminder_read
from daka.reminders.states import OPEN
from daka.reminders.steps import Decision, forecast
from daka.reminders.transitions import window_of
from daka.roster.holidays.service import calendar_days
from daka.roster.models import Assignment, DraftCell, RosterChange
from daka.roster.requests.models import Absence
from daka.roster.schemas import DayRead
from daka.shifts.models import Shift
from daka.shifts.service import shift_nights, shift_read
from daka.shifts.times import PunchKind

MOST_MESSAGES = 2000
MOST_DELIVERIES = 100
NEW_INBOX = Channel(kind=INBOX.name, name=INBOX_NAME, config={}, lane="", created_at=datetime.min)  # noqa: DTZ901 - never stored
"""Stands for every inbox that has not been made yet."""


async def _reminders(
    session: AsyncSession, user_id: int | None, first: date, last: date
) -> dict[tuple[int, date, int, PunchKind], Reminder]:
    """The reminders of a person (None: everybody), by their punch points' keys."""
    asked = select(Reminder).where(Reminder.work_date.between(first, last), *given({Reminder.user_id: user_id}))
    return {(found.user_id, found.work_date, found.period, found.kind): found for found in await session.exec(asked)}


# --- preview ---------------------------------------------------------------------------------------------------------


async def preview(
    session: AsyncSession, by: Principal, *, days: int, at: datetime | None, team_id: int | None, user_id: int | None
) -> Preview:
    """The messages of some days from now (or from `at`, as if it were then), if nobody punches before."""
    now = at or clock.now()
    until = now + timedelta(days=days)
    first, last = (now - timedelta(days=2)).date(), (until + timedelta(days=1)).date()
    planned = await planned_between(session, first, last, None if user_id is None else [user_id], by)
    points = [row for row in planned if team_id is None or row[0].team_id == team_id]
    reminders = await _reminders(session, user_id, first, last)
    team_ids = {point.team_id for point, _, _, _ in points if point.team_id is not None}
    planners = await planners_of(session, team_ids)
    people = {user.id for _, user, _, _ in points} | {planner.id for found in planners.values() for planner in found}
    channels = await load_channels(session, user_ids=people, team_ids=team_ids)
    at_moment: dict[datetime, list[Notification[PreviewPerson]]] = defaultdict(list)
    for point, user, shift, _ in points:
        person = PreviewPerson(
            user_id=point.user_id,
            display_name=user.display_name,
            work_date=point.work_date,
            shift_name=shift.name,
            point_at=point.window.point_at,
        )
        reminder = reminders.get(point.key)
        for moment, decision in _decisions(point, reminder, now, until, is_real_now=at is None):
            if decision.remind:
                route = _step_route(channels, point, moment, now)
                recipients = [Recipient(channel) for channel in route]
                at_moment[moment].append(Notification(Occasion.REMINDER, point.kind, recipients, person))
            if decision.escalate and by.is_planner:  # the planners' own channels are nobody else's business
                recipients = _escalation_recipients(channels, point.team_id, planners)
                at_moment[moment].append(Notification(Occasion.ESCALATION, point.kind, recipients, person))
    groups = [
        (moment, group)
        for moment, notifications in sorted(at_moment.items())
        for group in sorted(grouped(notifications), key=lambda group: group.recipient.channel.id or 0)
    ]
    owners = await _names_of(session, {group.recipient.channel.user_id for _, group in groups} - {None})
    used = [group.recipient.channel for _, group in groups]
    shown = await shown_channel_ids(session, by, used)
    names = {channel.id: channel.name for channel in used if channel is NEW_INBOX or channel.id in shown}
    messages = [_message(moment, group, part, owners, names) for moment, group in groups for part in _parts(group)]
    return Preview(from_at=now, to_at=until, messages=messages[:MOST_MESSAGES], is_cut=len(messages) > MOST_MESSAGES)


def _message(
    at: datetime,
    group: Group[PreviewPerson],
    people: Sequence[PreviewPerson],
    owners: Mapping[int, str],
    names: Mapping[int, str],
) -> PreviewMessage:
    channel = group.recipient.channel
    return PreviewMessage(
        at=at,
        occasion=group.key.occasion,
        kind=group.key.kind,
        channel_id=channel.id,
        channel_name=names.get(channel.id, ""),
        channel_kind=channel.kind,
        labels=KINDS[channel.kind].labels,
        owner=owners.get(channel.user_id or 0),
        people=list(people),
    )


async def _names_of(session: AsyncSession, user_ids: Collection[int | None]) -> dict[int, str]:
    asked = select(User.id, User.display_name).where(User.id.in_(user_ids))
    return dict(cast(Any, list(await session.exec(asked))))


def _parts(group: Group[PreviewPerson]) -> list[Sequence[PreviewPerson]]:
    is_new = group.recipient.channel is NEW_INBOX
    return parts(group.lines, len(group.lines) if is_new else group.people_per_message)


def _step_route(channels: Channels, point: PlannedPoint, moment: datetime, now: datetime) -> Sequence[Channel]:
    team_from = point.window.team_from_at
    route = step_route(
        channels,
        user_id=point.user_id,
        team_id=point.team_id,
        kind=point.kind,
        includes_team=team_from is not None and moment >= team_from,
        now=now,
    )
    return route or [NEW_INBOX]


def _escalation_recipients(
    channels: Channels, team_id: int | None, planners: Mapping[int, Sequence[User]]
) -> list[Recipient]:
    recipients = escalation_recipients(channels, team_id, planners)
    team_planners = planners.get(team_id or 0, ())
    if all(has_working(channels.of_user.get(planner.id, [])) for planner in team_planners):
        return recipients
    return [*recipients, Recipient(NEW_INBOX)]


def _decisions(
    point: PlannedPoint, reminder: Reminder | None, now: datetime, until: datetime, *, is_real_now: bool
) -> Iterator[tuple[datetime, Decision]]:
    """What is due for one punch point after `now`: from where its reminder stands, or as planned if there is none."""
    if point.absence:
        return
    start, escalated, snoozed_until = None, False, None
    if is_real_now and reminder is not None:
        if reminder.status not in OPEN:
            return
        start, escalated = reminder.next_due_at, reminder.escalated_at is not None
        snoozed_until = reminder.snoozed_until
    for moment, decision in forecast(point.window, start=start, escalated=escalated, snoozed_until=snoozed_until):
        if moment > until:
            return
        if moment >= now:
            yield moment, decision


# --- explain ---------------------------------------------------------------------------------------------------------


async def explain(session: AsyncSession, by: Principal, user: User, day: date) -> Explanation:
    """Why a person was or was not reminded on a work date: the answer, and everything that it follows from."""
    now = clock.now()
    user_id = user.id
    reminders = await _reminders(session, user_id, day, day)
    assignment = (
        await session.exec(select(Assignment).where(Assignment.user_id == user_id, Assignment.work_date == day))
    ).first()
    move = move_before((await planned_moves(session, [user_id])).get(user_id, ()), day)
    team_id = team_of(assignment, user, move) if assignment else user.team_id
    team = await session.get(Team, team_id) if team_id else None
    zone_name = team.timezone if team else settings_in(session).timezone
    zone = ZoneInfo(zone_name)
    shift = await session.get(Shift, assignment.shift_id) if assignment else None
    is_paused = await claims.is_paused(session)
    horizon = now + timedelta(hours=settings_in(session).plan_horizon_hours)
    points = [
        await _point(session, by, *found, reminders.get(found[0].key), zone, now, horizon, is_paused)
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
        remedy=remedy(source.status_hint) if is_in_trouble else {},
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
    people = await _names_of(session, {change.changed_by for change in changes if change.changed_by})
    return [
        RosterStep(
            at=change.at,
            changed_by=people.get(change.changed_by or 0),
            before=names.get(change.before_shift_id),
            after=names.get(change.after_shift_id),
        )
        for change in changes
    ]
