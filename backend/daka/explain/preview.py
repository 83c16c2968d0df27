"""Preview: the messages that are to come, worked out by the functions that planning and sending use."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, cast

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import execute
from daka.delivery.channels.registry import INBOX, KINDS
from daka.delivery.grouping import Group, Notification, Recipient, escalation_recipients, grouped, parts
from daka.delivery.messages import Mention
from daka.delivery.models import Channel, Occasion
from daka.delivery.recipients import INBOX_NAME, load_channels, mention_of, namesakes_among, planners_of
from daka.delivery.routing import Channels, has_working, step_route
from daka.delivery.service import shown_channel_ids
from daka.explain.schemas import Preview, PreviewMessage, PreviewPerson
from daka.identity.access import Principal, names_of
from daka.identity.models import User
from daka.paging import given
from daka.policy import LONGEST_LEAD_MINUTES
from daka.reminders.models import Reminder
from daka.reminders.plan_rules import Key, PlannedPoint
from daka.reminders.planner import planned_between
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.steps import Decision, Window, forecast
from daka.shifts.times import PunchKind

MOST_MESSAGES = 2000
MOST_LINES = 4_000
"""People in the messages of one answer: half a megabyte."""
EARLIEST = timedelta(hours=14, minutes=LONGEST_LEAD_MINUTES)
"""How long before its work date begins in UTC a message may be due: in the easternmost zone, by the earliest policy."""
NEW_INBOX = Channel(kind=INBOX.name, name=INBOX_NAME, config={}, lane="", created_at=datetime.min)  # noqa: DTZ901 - never stored
"""Stands for every inbox that has not been made yet."""


async def preview(
    session: AsyncSession,
    by: Principal,
    *,
    days: int,
    at: datetime | None,
    after: datetime | None,
    team_id: int | None,
    user_id: int | None,
) -> Preview:
    """The messages of some days from now (or from `at`, as if it were then), if nobody punches before.

    Work dates are read a few at a time until the answer is full: a big company's week is many answers long.
    """
    now = at or clock.now()
    until = now + timedelta(days=days)
    outlook = _Outlook(now, until, max(now, after + timedelta.resolution) if after else now, is_real_now=at is None)
    first, last = (outlook.begins_at - timedelta(days=2)).date(), (until + timedelta(days=1)).date()
    dates_at_once = 4
    while first <= last and not outlook.is_full:
        final = min(first + timedelta(days=dates_at_once - 1), last)
        await _look_at(session, by, outlook, first, final, team_id=team_id, user_id=user_id)
        first, dates_at_once = final + timedelta(days=1), 1 if outlook.will_be_full else dates_at_once * 2
        outlook.close(until if first > last else datetime.combine(first, time(), UTC) - EARLIEST)
    groups = outlook.groups
    owners = await names_of(
        session, {user_id for _, group in groups if (user_id := group.recipient.channel.user_id) is not None}
    )
    used = [group.recipient.channel for _, group in groups]
    shown = await shown_channel_ids(session, by, used)
    names = {channel.id: channel.name for channel in used if channel is NEW_INBOX or channel.id in shown}
    messages = [_message(moment, group, part, owners, names) for moment, group in groups for part in _parts(group)]
    return Preview(from_at=now, to_at=outlook.complete_until, messages=messages, is_cut=outlook.is_full)


class Standing(NamedTuple):
    """Where a reminder stands."""

    status: ReminderStatus
    next_due_at: datetime | None
    escalated_at: datetime | None
    snoozed_until: datetime | None


class _Outlook:
    """What will be sent between two moments, in order, until the answer is full."""

    def __init__(self, now: datetime, until: datetime, begins_at: datetime, *, is_real_now: bool) -> None:
        self.now = now
        self.until = until
        self.begins_at = begins_at
        self.is_real_now = is_real_now
        self.groups: list[tuple[datetime, Group[PreviewPerson]]] = []
        self.complete_until = begins_at
        self.is_full = False
        self._open: dict[datetime, list[Notification[PreviewPerson]]] = defaultdict(list)
        self._decisions: dict[tuple[Window, Standing | None], list[tuple[datetime, Decision]]] = {}
        self._lines = 0

    @property
    def will_be_full(self) -> bool:
        """Whether what is known already is more than an answer holds: more days are not worth reading at once."""
        return self._lines + sum(len(found) for found in self._open.values()) > MOST_LINES

    def add(self, moment: datetime, notification: Notification[PreviewPerson]) -> None:
        self._open[moment].append(notification)

    def decisions(self, window: Window, standing: Standing | None) -> list[tuple[datetime, Decision]]:
        """What is due for a punch point: from where its reminder stands, or as planned if there is none."""
        key = (window, standing if self.is_real_now else None)
        if (found := self._decisions.get(key)) is None:
            found = self._decisions[key] = list(self._forecast(*key))
        return found

    def _forecast(self, window: Window, standing: Standing | None) -> Iterator[tuple[datetime, Decision]]:
        if window.ends_at < self.begins_at or (standing is not None and standing.status not in OPEN):
            return
        start, escalated, snoozed_until = None, False, None
        if standing is not None:
            start, snoozed_until = standing.next_due_at, standing.snoozed_until
            escalated = standing.escalated_at is not None
        for moment, decision in forecast(window, start=start, escalated=escalated, snoozed_until=snoozed_until):
            if moment > self.until:
                return
            if moment >= self.begins_at:
                yield moment, decision

    def close(self, until: datetime) -> None:
        """Group what is due until then: nothing is added any more. Whole moments only, so that the next answer follows on."""
        for moment in sorted(moment for moment in self._open if moment <= until):
            groups = sorted(grouped(self._open.pop(moment)), key=lambda group: group.recipient.channel.id or 0)
            lines = sum(len(group.lines) for group in groups)
            messages = sum(len(_parts(group)) for group in groups)
            if self.groups and (len(self.groups) + messages > MOST_MESSAGES or self._lines + lines > MOST_LINES):
                self.is_full = True
                return
            self.groups += [(moment, group) for group in groups]
            self._lines += lines
            self.complete_until = moment
        self.complete_until = max(self.begins_at, until)


async def _look_at(
    session: AsyncSession,
    by: Principal,
    outlook: _Outlook,
    first: date,
    last: date,
    *,
    team_id: int | None,
    user_id: int | None,
) -> None:
    """Add what these work dates ask for."""
    planned = await planned_between(session, first, last, None if user_id is None else [user_id], by)
    points = [row for row in planned if not row[0].absence and team_id in (None, row[0].team_id)]
    standings = await _standings(session, user_id, first, last) if outlook.is_real_now else {}
    team_ids = {point.team_id for point, _, _, _ in points if point.team_id is not None}
    planners = await planners_of(session, team_ids)
    people = {user.id for _, user, _, _ in points} | {planner.id for found in planners.values() for planner in found}
    channels = await load_channels(session, user_ids=people, team_ids=team_ids)
    alike = await namesakes_among(session, channels)
    routes: dict[tuple[int, PunchKind, bool], list[Recipient]] = {}
    reported: dict[int | None, list[Recipient]] = {}
    for point, user, shift, _ in points:
        decisions = outlook.decisions(point.window, standings.get(point.key))
        if not decisions:
            continue
        person = PreviewPerson(
            user_id=point.user_id,
            display_name=user.display_name,
            work_date=point.work_date,
            shift_name=shift.name,
            point_at=point.window.point_at,
        )
        team_from = point.window.team_from_at
        for moment, decision in decisions:
            if decision.remind:
                way = (point.user_id, point.kind, team_from is not None and moment >= team_from)
                if (recipients := routes.get(way)) is None:
                    mention = mention_of(user, has_namesake=user.id in alike)
                    recipients = routes[way] = _step_recipients(
                        channels, point, mention, outlook.now, includes_team=way[2]
                    )
                outlook.add(moment, Notification(Occasion.REMINDER, point.kind, recipients, person))
            if decision.escalate and by.is_planner:  # the planners' own channels are nobody else's business
                if (recipients := reported.get(point.team_id)) is None:
                    recipients = reported[point.team_id] = _escalation_recipients(
                        channels, point.team_id, planners, outlook.now
                    )
                outlook.add(moment, Notification(Occasion.ESCALATION, point.kind, recipients, person))


async def _standings(session: AsyncSession, user_id: int | None, first: date, last: date) -> dict[Key, Standing]:
    """Where the reminders of a person (None: everybody) stand, by their punch points' keys."""
    key = (Reminder.user_id, Reminder.work_date, Reminder.period, Reminder.kind)
    state = (Reminder.status, Reminder.next_due_at, Reminder.escalated_at, Reminder.snoozed_until)
    asked = sa.select(*key, *state).where(Reminder.work_date.between(first, last), *given({Reminder.user_id: user_id}))
    return {cast(Key, tuple(row[:4])): Standing._make(row[4:]) for row in await execute(session, asked)}


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


def _parts(group: Group[PreviewPerson]) -> list[Sequence[PreviewPerson]]:
    is_new = group.recipient.channel is NEW_INBOX
    return parts(group.lines, len(group.lines) if is_new else group.people_per_message)


def _step_recipients(
    channels: Channels, point: PlannedPoint, person: Mention, now: datetime, *, includes_team: bool
) -> list[Recipient]:
    route, is_reached = step_route(
        channels,
        user_id=point.user_id,
        person=person,
        team_id=point.team_id,
        kind=point.kind,
        includes_team=includes_team,
        now=now,
    )
    if not is_reached:
        route.append(NEW_INBOX)
    return [Recipient(channel) for channel in route]


def _escalation_recipients(
    channels: Channels, team_id: int | None, planners: Mapping[int, Sequence[User]], now: datetime
) -> list[Recipient]:
    recipients = escalation_recipients(channels, team_id, planners, now)
    team_planners = planners.get(team_id or 0, ())
    if all(has_working(channels.of_user.get(planner.id, [])) for planner in team_planners):
        return recipients
    return [*recipients, Recipient(NEW_INBOX)]
