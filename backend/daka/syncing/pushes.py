"""Publishes a team's roster to its vendor's attendance system, when a planner asks for it after a preview, and reads it back.

The publication is a row before anything is sent: whatever happens then, reading back tells how much of it shows there.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.database import Database
from daka.errors import Conflict
from daka.hooks import PersonalNotice, notify_people
from daka.identity.access import Principal, confirmed, names_of
from daka.identity.models import Team, User
from daka.identity.vendor_ids import keep_ids
from daka.languages import Language, listed
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError
from daka.reminders.punches.service import own_source
from daka.roster.calendar import dates_between
from daka.roster.cells import lock_roster, read_cells
from daka.shifts.models import Shift
from daka.syncing.access import failure
from daka.syncing.comparison import AskedPerson, AskedTeam
from daka.syncing.models import Direction, PullStatus, PushStatus, RosterPush, RosterSource
from daka.syncing.pulls import look_up, of_source, roster_source_of
from daka.syncing.push_plan import PersonHere, PushPlan, ShiftHere, Unwritable, not_applied, plan_push
from daka.syncing.push_schemas import (
    DayText,
    PeriodThere,
    PublishOrder,
    PushCell,
    PushDifference,
    PushesRead,
    PushObstacle,
    PushOrder,
    PushPreview,
    PushRead,
    ShiftOffered,
    ShiftQuestion,
)
from daka.syncing.reading import PlannedDay, Times, cells_of, stored_cells
from daka.syncing.registry import READERS, writer_of
from daka.syncing.writer import Entry, RosterWriter, There

log = logging.getLogger(__name__)

CHECKS_AFTER = (timedelta(seconds=30), timedelta(minutes=5))
"""A vendor applies what it accepts later; what shows at once may be gone again."""
TRIES_EVERY = timedelta(minutes=5)
GIVES_UP_AFTER = timedelta(hours=1)
LEASE = timedelta(minutes=2)
"""For which one process has a publication that it reads back."""
A_CELL_TAKES = timedelta(seconds=0.5)
"""To be written, at the slowest. What is read back before all is written would be told as missing."""
MOST_LISTED = 10
MOST_DIFFERENCES = 200


@dataclass(slots=True)
class _Asked:
    """A source with what the vendor said of the days of an order."""

    team: AskedTeam
    writer: RosterWriter
    access: SourceSession[Any]
    there: There = field(default_factory=There)


class RosterPusher:
    """Writes rosters, never by itself; reads back what was written."""

    def __init__(self, database: Database, checker: PunchChecker) -> None:
        self._database = database
        self._checker = checker

    async def preview(self, source_id: int, order: PushOrder) -> PushPreview:
        """What publishing would write. Raises Conflict: `roster_not_pushed`."""
        async with self._database.read() as session:
            refuse_other_direction(await roster_source_of(session, source_id))
        try:
            asked = await self._ask(source_id, order)
        except SourceError as error:
            return PushPreview(**failure(error))
        async with self._database.read() as session:
            return await _preview(session, asked, order, await _plan(session, asked, order))

    async def push(self, source_id: int, order: PublishOrder, by: Principal) -> PushRead:
        """Write what the preview showed.

        Raises Conflict: `roster_not_pushed`; `push_differs`: it would write something else by now; `push_refused` by the vendor.
        """
        try:
            asked = await self._ask(source_id, order)
        except SourceError as error:
            raise Conflict(
                "push_refused", error.message, provider_code=error.code, remedy=remedy(error.hint, error.message)
            ) from error
        async with self._database.write() as session:
            by = await confirmed(session, by)
            await own_source(session, source_id, by)
            await lock_roster(session)
            row = await roster_source_of(session, source_id, lock=True)
            refuse_other_direction(row)
            assert row is not None
            plan = await _plan(session, asked, order)
            if plan.token != order.token or not plan.changes:
                raise Conflict("push_differs", "It is not what the preview showed any more; look at it again")
            push = await _begin(session, asked, order, plan, row, by)
        await self._write(push.id, asked, [change.entry for change in plan.changes])
        async with self._database.read() as session:
            return await _push_read(session, cast(RosterPush, await session.get(RosterPush, push.id)))

    async def _write(self, push_id: int, asked: _Asked, entries: Sequence[Entry]) -> None:
        reason, refused = "", set[tuple[str, date]]()
        try:
            refused = await asked.writer.write(asked.access, asked.there.operator_userid, entries)
        except SourceError as error:
            reason = error.reason
        async with self._database.write() as session:
            push = await session.get(RosterPush, push_id, with_for_update=True)
            if push is not None:
                push.status, push.reason = PushStatus.WRITTEN, reason
                push.differences = [row for row in push.entries if (row[1], date.fromisoformat(row[2])) in refused]
                push.next_check_at = clock.now() + CHECKS_AFTER[0]

    async def check_due(self) -> None:
        """Read back what is due, each by one process."""
        async with self._database.write() as session:
            now = clock.now()
            due = (
                sa.update(RosterPush)
                .where(RosterPush.next_check_at <= now)
                .values(next_check_at=now + LEASE)
                .returning(RosterPush.id)
            )
            ids = list((await session.exec(cast(Any, due))).scalars())
        for push_id in ids:
            try:
                await self._check(push_id)
            except Exception:
                log.exception("A publication could not be read back", extra={"fields": {"push_id": push_id}})

    async def _check(self, push_id: int) -> None:
        async with self._database.read() as session:
            push = await session.get(RosterPush, push_id)
        if push is None or push.next_check_at is None:
            return
        missing: list[Entry] | None = None
        reason = ""
        try:
            missing = await self._missing(push)
        except SourceError as error:
            reason = error.reason
        async with self._database.write() as session:
            push = await session.get(RosterPush, push_id, with_for_update=True)
            if push is None or push.next_check_at is None:
                return
            if missing is None:
                _note_failure(push, reason, clock.now())
            else:
                _note_missing(push, missing, clock.now())
            if push.next_check_at is None:  # who is meant at the vendor is not needed any more
                push.entries = []
                push.differences = [[row[0], "", row[2], "", None, row[5]] for row in push.differences]
            source = await session.get(PunchSource, push.punch_source_id)
            if source is not None:
                publish(session, Topic.PUNCH, team_id=source.team_id)
                if push.status in (PushStatus.DIFFERS, PushStatus.UNVERIFIED):
                    await _tell(session, push, source)

    async def _missing(self, push: RosterPush) -> list[Entry]:
        """The entries that do not show. Raises SourceError."""
        async with self._database.read() as session:
            team, access = await of_source(session, self._checker, push.punch_source_id)
        writer = writer_of(team.source)
        entries = [entry_of(row) for row in push.entries]
        asked = replace(
            team.asked(),
            userids=sorted({entry.userid for entry in entries}),
            first=push.first,
            days=(push.last - push.first).days + 1,
            operator_userid=push.operator_userid,
        )
        return not_applied(entries, await writer.days(access, asked))

    async def _ask(self, source_id: int, order: PushOrder) -> _Asked:
        """What the vendor says of the people of a source's team in these days. Raises SourceError."""
        async with self._database.read() as session:
            team, access = await of_source(session, self._checker, source_id)
        reader, writer = READERS[team.source.kind](), writer_of(team.source)
        await look_up(reader, access, team)
        first, last = max(order.first, team.first), min(order.last, team.first + timedelta(days=writer.days_ahead))
        there = There()
        if first <= last and team.userids:
            there = await writer.there(access, replace(team.asked(), first=first, days=(last - first).days + 1))
        return _Asked(team, writer, access, there)


def _note_failure(push: RosterPush, reason: str, now: datetime) -> None:
    is_over = abs(now - push.at) > GIVES_UP_AFTER
    push.reason = reason
    push.next_check_at = None if is_over else now + TRIES_EVERY
    push.status = PushStatus.UNVERIFIED if is_over else push.status


def _note_missing(push: RosterPush, missing: Sequence[Entry], now: datetime) -> None:
    absent = {(entry.userid, entry.day.isoformat()) for entry in missing}
    push.differences = [row for row in push.entries if (row[1], row[2]) in absent]
    push.checks += 1
    if push.checks < len(CHECKS_AFTER) and now - push.at < CHECKS_AFTER[1]:
        push.status = PushStatus.WRITTEN
        push.next_check_at = min(push.at, now) + CHECKS_AFTER[1]  # the clock may have been set back
    else:
        push.status = PushStatus.DIFFERS if push.differences else PushStatus.VERIFIED
        push.next_check_at = None


def refuse_other_direction(row: RosterSource | None) -> None:
    """Raises Conflict: the roster is not published to this source."""
    if row is None or row.direction is not Direction.PUSH:
        raise Conflict(
            "roster_not_pushed", "This roster is not published; set the direction of its source to push first"
        )


def entry_of(row: Sequence[Any]) -> Entry:
    return Entry(row[1], date.fromisoformat(row[2]), row[3], row[4])


async def _plan(session: AsyncSession, asked: _Asked, order: PushOrder) -> PushPlan:
    """By the roster as it is now."""
    team = asked.team
    people = [
        PersonHere(each.id, each.name, team.userids.get(each.id), each.id in team.same_ids) for each in team.people
    ]
    cells = await read_cells(session, [person.id for person in people], order.first, order.last)
    row = await roster_source_of(session, asked.team.source.id)
    chosen = dict(row.push_shifts) if row else {}
    chosen |= {str(choice.shift_id): choice.vendor_shift_id for choice in order.shifts}
    return plan_push(
        people,
        dates_between(order.first, order.last),
        cells,
        await _shifts(session, set(cells.values())),
        asked.there,
        today=asked.team.first,
        last=asked.team.first + timedelta(days=asked.writer.days_ahead),
        chosen={int(shift_id): there for shift_id, there in chosen.items()},
        clears=order.clears and asked.writer.can_clear,
    )


async def _shifts(session: AsyncSession, ids: set[int]) -> dict[int, ShiftHere]:
    found = await session.exec(select(Shift).where(Shift.id.in_(ids)))
    return {
        shift.id: ShiftHere(
            shift.id,
            shift.name,
            () if shift.is_rest else tuple((each["start"], each["end"]) for each in shift.periods),
            shift.asks_clock_out,
        )
        for shift in found
    }


async def _begin(
    session: AsyncSession, asked: _Asked, order: PushOrder, plan: PushPlan, row: RosterSource, by: Principal
) -> RosterPush:
    """Record what is about to be written. Earlier publications are not read back where this one writes over them."""
    entries = [
        [
            each.person.id,
            each.entry.userid,
            each.day.isoformat(),
            each.entry.group_id,
            each.entry.shift_id,
            each.shift_id,
        ]
        for each in plan.changes
    ]
    written = {(entry[1], entry[2]) for entry in entries}
    earlier = select(RosterPush).where(
        RosterPush.punch_source_id == row.punch_source_id, RosterPush.next_check_at.is_not(None)
    )
    for push in await session.exec(earlier.with_for_update()):
        push.entries = [entry for entry in push.entries if (entry[1], entry[2]) not in written]
    days = [change.day for change in plan.changes]
    push = RosterPush(
        punch_source_id=row.punch_source_id,
        started_by=by.id,
        first=min(days),
        last=max(days),
        operator_userid=asked.there.operator_userid,
        cells=len(entries),
        entries=entries,
        status=PushStatus.WRITING,
        next_check_at=clock.now() + LEASE + len(entries) * A_CELL_TAKES,
    )
    session.add(push)
    row.operator_userid = asked.there.operator_userid
    row.push_shifts = row.push_shifts | {str(each.shift_id): each.vendor_shift_id for each in order.shifts}
    row.pushed = stored_cells(cells_of(row.pushed, asked.team.first) | plan.compared)
    session.add(row)
    await keep_ids(session, READERS[asked.team.source.kind].userids, asked.team.learned)
    await session.flush()
    team = asked.team.team
    audit(
        session,
        "roster.pushed",
        team.id,
        team.name,
        after={"cells": len(entries), "from": push.first, "to": push.last, "source": asked.team.source.name},
    )
    publish(session, Topic.PUNCH, team_id=team.id)
    return push


async def _tell(session: AsyncSession, push: RosterPush, source: PunchSource) -> None:
    """Tell the planner who published that it does not show there."""
    team = await session.get(Team, source.team_id) if source.team_id is not None else None
    name, where = team.name if team else source.name, READERS[source.kind].names
    if push.status is PushStatus.DIFFERS:
        read = await _differences(session, push)
        count = len(push.differences)
        some = [f"{each.name} {each.date:%m-%d} {each.wanted}".strip() for each in read[:5]]
        zh, en = (listed(some, language) for language in Language)
        said = {
            Language.CHINESE: f"{count} 格没有生效：{zh}。请到「打卡数据源」查看并重新发布。",
            Language.ENGLISH: f"Cells without effect: {count} ({en}). See Punch sources, and publish again.",
        }
    else:
        said = {
            Language.CHINESE: f"发布之后读不回来，不能确认是否生效。{push.reason}",
            Language.ENGLISH: f"It could not be read back; whether it took effect is not certain. {push.reason}",
        }
    texts = {
        Language.CHINESE: (f"{name}的排班没有全部发布到{where['zh']}", said[Language.CHINESE]),
        Language.ENGLISH: (f"Not all of {name}'s roster is in {where['en']}", said[Language.ENGLISH]),
    }
    await notify_people(session, PersonalNotice(frozenset({push.started_by}), texts))


# --- what is shown ---------------------------------------------------------------------------------------------------


async def _preview(session: AsyncSession, asked: _Asked, order: PushOrder, plan: PushPlan) -> PushPreview:
    there = asked.there
    people = {person.id: person for person in asked.team.people}
    used = {change.shift_id for change in plan.changes if change.shift_id is not None}
    shifts = await _shifts(session, used | plan.unknown_shifts)
    found = {change.shift_id: change.entry.shift_id for change in plan.changes}
    return PushPreview(
        outcome="ok",
        token=plan.token if plan.changes else "",
        cells=[
            PushCell(
                user_id=change.person.id,
                name=change.person.name,
                date=change.day,
                before=_there_text(change.before, there),
                after=None if change.shift_id is None else _text(shifts[change.shift_id]),
            )
            for change in plan.changes
        ],
        obstacles=[_obstacle(key, days, people, asked, shifts) for key, days in plan.obstacles.items()],
        questions=[
            ShiftQuestion(
                shift_id=shift.id, name=shift.name, times=_periods(shift.times), vendor_shift_id=found.get(shift.id)
            )
            for shift in shifts.values()
            if not shift.is_rest
        ],
        offered=[
            ShiftOffered(id=shift.id, name=shift.name, times=_periods(shift.times)) for shift in there.shifts.values()
        ],
        same=plan.same,
        blank=plan.blank,
        can_clear=asked.writer.can_clear,
        calls=asked.access.calls,
    )


def _obstacle(
    key: tuple[Unwritable, int, int | None],
    days: int,
    people: Mapping[int, AskedPerson],
    asked: _Asked,
    shifts: Mapping[int, ShiftHere],
) -> PushObstacle:
    reason, user_id, shift_id = key
    group = asked.there.groups.get(asked.team.userids.get(user_id, ""))
    return PushObstacle(
        reason=reason,
        name=people[user_id].name,
        shift=shifts[shift_id].name if shift_id is not None else None,
        group=group.name if group and reason is Unwritable.GROUP else None,
        days=days,
    )


def _there_text(day: PlannedDay | None, there: There) -> DayText | None:
    if day is None:
        return None
    shift = there.shifts.get(day.shift_id)
    return DayText(name=shift.name if shift else "", times=_periods(day.periods))


def _periods(times: Times) -> list[PeriodThere]:
    return [PeriodThere(start=start, end=end) for start, end in times]


def _text(shift: ShiftHere) -> DayText:
    return DayText(name=shift.name, times=_periods(shift.times))


async def _differences(session: AsyncSession, push: RosterPush) -> list[PushDifference]:
    rows = push.differences[:MOST_DIFFERENCES]
    names = await names_of(session, {row[0] for row in rows})
    shifts = await _shifts(session, {row[5] for row in rows if row[5] is not None})
    return [
        PushDifference(
            name=names.get(row[0], ""),
            date=date.fromisoformat(row[2]),
            wanted=shifts[row[5]].name if row[5] in shifts else "",
        )
        for row in rows
    ]


async def _push_read(session: AsyncSession, push: RosterPush) -> PushRead:
    by = await session.get(User, push.started_by)
    return PushRead(
        **push.model_dump(
            include={"id", "at", "first", "last", "cells", "status", "checks", "next_check_at", "reason"}
        ),
        by_name=by.display_name if by else "",
        differences=await _differences(session, push),
    )


async def latest_pushes(session: AsyncSession, source_id: int) -> PushesRead:
    asked = select(RosterPush).where(RosterPush.punch_source_id == source_id)
    found = await session.exec(asked.order_by(RosterPush.id.desc()).limit(MOST_LISTED))
    return PushesRead(items=[await _push_read(session, push) for push in found])


async def set_direction(session: AsyncSession, source: PunchSource, direction: Direction) -> RosterSource:
    """Let the roster go there, or neither way. What was read stays, and does not follow any more."""
    if source.kind not in READERS:
        raise Conflict("roster_not_pushed", "This kind of source knows no rosters")
    row = await roster_source_of(session, source.id, lock=True) or RosterSource(punch_source_id=source.id)
    before = {"direction": row.direction if row.id else Direction.OFF}
    row.direction = direction
    if direction is Direction.PUSH:
        row.imported, row.status, row.reason, row.hint = {}, PullStatus.OK, "", ""
    session.add(row)
    await session.flush()
    audit(
        session, "roster.direction_changed", source.team_id, source.name, before=before, after={"direction": direction}
    )
    publish(session, Topic.PUNCH, team_id=source.team_id)
    return row
