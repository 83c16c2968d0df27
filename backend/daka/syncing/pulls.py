"""Pulls a team's roster from its vendor's attendance system, and writes what differs in one transaction.

Nothing is deleted on doubt: without a usable answer, or when many days are gone at once, the roster stays as it was.
What asks the vendor is a `RosterReader` (see `reader.py`); everything here is the same for all of them.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.database import Database
from daka.hooks import PersonalNotice, notify_people
from daka.identity.access import Principal, confirmed
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.identity.vendor_ids import ids_at, keep_ids
from daka.languages import Language, people_in
from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.reminders.punches.service import own_source
from daka.roster.actions import new_action
from daka.roster.cells import Key, lock_roster, write_cells
from daka.roster.holidays.service import calendar_days
from daka.roster.models import ActionKind, Assignment, DraftCell
from daka.shifts.models import Shift
from daka.shifts.service import shift_values
from daka.syncing.access import failure, open_source
from daka.syncing.comparison import AskedPerson, AskedTeam, NewShift, RosterComparison, compare_roster
from daka.syncing.directory import Directory, Match
from daka.syncing.leaves import record_leaves, take_over_leaves
from daka.syncing.models import Direction, PullStatus, RosterPush, RosterSource
from daka.syncing.people import chosen_before, compare
from daka.syncing.reader import PlanRead, RosterReader, if_told
from daka.syncing.reading import next_pull, stored_cells
from daka.syncing.registry import READERS
from daka.syncing.schemas import DepartmentChoice, PullRead

log = logging.getLogger(__name__)

DAYS_AHEAD = 14
JITTER_MINUTES = 10


class RosterPuller:
    """Reads rosters, when somebody asks and twice a day."""

    def __init__(self, database: Database, checker: PunchChecker) -> None:
        self._database = database
        self._checker = checker
        self._readers = {kind: reader() for kind, reader in READERS.items()}

    async def preview(self, source: PunchSource, departments: Sequence[DepartmentChoice] = ()) -> PullRead:
        """What a pull would change, also for the people whom these departments would add. Only calls are counted."""
        try:
            asked_team = await self._read(source.id, departments)
        except SourceError as error:
            return PullRead(**failure(error))
        async with self._database.read() as session:
            compared = await compare_roster(session, asked_team, await roster_source_of(session, source.id))
        is_doubtful = compared.found.is_doubtful or compared.read.vanished
        return compared.read.model_copy(update={"outcome": "stale"}) if is_doubtful else compared.read

    async def pull(self, source_id: int, *, by: Principal | None = None, accepts_gone: bool = False) -> PullRead:
        """Pull and write the differences. `by`: who asks for it; from then on the roster is read from this source."""
        try:
            asked_team = await self._read(source_id)
        except SourceError as error:
            await self._note_failure(source_id, error)
            return PullRead(**failure(error))
        async with self._database.write() as session:
            if by is not None:
                await own_source(session, source_id, await confirmed(session, by))
            await lock_roster(session)
            source = await session.get(PunchSource, source_id, with_for_update=True)
            row = await roster_source_of(session, source_id, lock=True)
            if not _is_as_read(source, asked_team) or (row is None and by is None):
                return PullRead(**failure(SourceError.broken("off", "the source was changed or removed")))
            if row is not None and (row.direction is Direction.PUSH or (row.direction is Direction.OFF and by is None)):
                return PullRead(**failure(SourceError.broken("push", "it is not read", hint="roster_pushes")))
            if row is None:
                row = RosterSource(punch_source_id=source_id)
                audit(session, "roster.sync_started", asked_team.team.id, asked_team.source.name)
            row.direction = Direction.PULL
            reader = self._readers[asked_team.source.kind]
            await _as_people_are_now(session, asked_team, reader)
            row.operator_userid = asked_team.plan.operator_userid
            row.started_by = row.started_by or (by.id if by else None)
            compared = await compare_roster(session, asked_team, row, accepts_gone=accepts_gone)
            found, read, was_ok = compared.found, compared.read, row.status is PullStatus.OK
            if found.is_doubtful and not accepts_gone:
                row.status, row.reason = PullStatus.STALE, f"{found.gone + found.held}/{found.known}"
                row.hint, read.outcome = "roster_gone", "stale"
            else:
                await _write(session, asked_team, row, compared, by)
                read.leaves_changed = await _record_leaves(session, asked_team, row, reader)
                row.changed, row.kept = len(found.wanted), len(found.kept)
                row.status, row.reason, row.hint, row.pulled_at = PullStatus.OK, "", "", clock.now()
                if read.vanished:
                    row.status, row.reason = PullStatus.STALE, " / ".join(read.vanished)[:400]
                    row.hint, read.outcome = "roster_person_gone", "stale"
            if by is None and was_ok and row.status is not PullStatus.OK:
                await _tell_planners(session, asked_team.team, reader, row, read.vanished)
            row.newcomers, row.leavers = len(asked_team.newcomers), len(asked_team.leavers)
            row.next_at = next_at(asked_team.team, source_id)
            session.add(row)
            publish(session, Topic.PUNCH, team_id=asked_team.team.id)
        return read

    async def pull_due(self) -> None:
        """Pull what is due, each by one process. One that fails unexpectedly does not stop the others."""
        async with self._database.write() as session:
            now = clock.now()
            due = (
                sa.update(RosterSource)
                .where(RosterSource.next_at <= now, RosterSource.direction == Direction.PULL)
                .values(next_at=now + timedelta(hours=1))
                .returning(RosterSource.punch_source_id)
            )
            source_ids = list((await session.exec(cast(Any, due))).scalars())
        for source_id in source_ids:
            try:
                await self._pull_or_note(source_id)
            except Exception:
                log.exception("A failed pull could not be noted", extra={"fields": {"source_id": source_id}})

    async def _pull_or_note(self, source_id: int) -> None:
        try:
            await self.pull(source_id)
        except Exception:
            log.exception("A roster could not be pulled", extra={"fields": {"source_id": source_id}})
            error = SourceError.passing("internal", "an unexpected failure; see the log")
            await self._note_failure(source_id, error)

    async def _note_failure(self, source_id: int, error: SourceError) -> None:
        async with self._database.write() as session:
            row = await roster_source_of(session, source_id, lock=True)
            source = await session.get(PunchSource, source_id)
            if row is None or source is None:
                return
            was_ok = row.status is PullStatus.OK
            row.status, row.reason, row.hint = PullStatus.FAILED, error.reason, error.hint[:40]
            if error.kind is SourceErrorKind.BROKEN:
                row.operator_userid = ""  # perhaps of an app before, or somebody who left: looked up again
                if was_ok:
                    team = await session.get(Team, source.team_id) if source.team_id is not None else None
                    await _tell_planners(session, team, self._readers[source.kind], row)
            publish(session, Topic.PUNCH, team_id=source.team_id)

    # --- reading ---

    async def _read(self, source_id: int, departments: Sequence[DepartmentChoice] = ()) -> AskedTeam:
        """What the vendor says of the people of a source's team. Raises SourceError."""
        async with self._database.read() as session:
            asked_team, access = await of_source(session, self._checker, source_id)
            is_chosen = departments or await chosen_before(session, asked_team.source)
        reader = self._readers[asked_team.source.kind]
        if is_chosen and (directory := await if_told(reader.directory(access))) is not None:
            await self._add_directory(asked_team, directory, departments)
        await look_up(reader, access, asked_team)
        asked_team.plan = await reader.read(access, replace(asked_team.asked(), calendar=asked_team.calendar))
        asked_team.calls = access.calls
        if not asked_team.plan.days:
            raise SourceError.broken("nothing", "there are no schedules", hint="roster_nothing_planned")
        return asked_team

    async def _add_directory(
        self, asked_team: AskedTeam, directory: Directory, departments: Sequence[DepartmentChoice]
    ) -> None:
        """Note who joined and who left; for a choice that is not saved, ask about those it would add as well."""
        async with self._database.read() as session:
            found = await compare(session, asked_team.source, directory, departments)
        team_id = asked_team.team.id
        new = [person for person, through in found.of(Match.NEW) if departments or found.chosen[through] == team_id]
        asked_team.newcomers = [person.name for person in new]
        asked_team.leavers = [user.display_name for user in found.leavers if user.team_id == team_id]
        if departments:
            linked = {
                found.matches[person.userid][1]: person.userid for person, _ in found.of(Match.BY_MOBILE, Match.BY_NAME)
            }
            asked_team.people = [
                replace(person, userid=person.userid or linked.get(person.id)) for person in asked_team.people
            ]
            asked_team.people += [
                AskedPerson(-number, person.name, person.userid, person.mobile) for number, person in enumerate(new, 1)
            ]


async def look_up(reader: RosterReader, access: SourceSession[Any], asked_team: AskedTeam) -> None:
    """Note the vendor's ids of the team's people; of those who have none here, by their mobile numbers.

    An id that two of them have, or that two numbers lead to, is nobody's: one of the two is not that person, or out of date.
    Capital letters make no difference, as at WeCom.
    """
    people = asked_team.people
    known = {person.id: person.userid for person in people if person.userid}
    unknown = {person.id: person.mobile for person in people if not person.userid and person.mobile}
    found = await reader.find_people(access, unknown) if unknown else {}
    owners = Counter(userid.casefold() for userid in known.values())
    asked_team.same_ids = {user_id for user_id, userid in known.items() if owners[userid.casefold()] > 1}
    owners.update(userid.casefold() for userid in found.values())
    found = {user_id: userid for user_id, userid in found.items() if owners[userid.casefold()] == 1}
    asked_team.userids = {user_id: known[user_id] for user_id in known.keys() - asked_team.same_ids} | found
    asked_team.learned = {user_id: userid for user_id, userid in found.items() if user_id > 0}


async def of_source(
    session: AsyncSession, checker: PunchChecker, source_id: int
) -> tuple[AskedTeam, SourceSession[Any]]:
    """The team of a source, with nothing read yet, and access to the source. Raises SourceError."""
    source, reader, access = await open_source(session, checker, source_id)
    team = await session.get(Team, source.team_id) if source.team_id is not None else None
    if team is None:
        raise SourceError.broken("no_team", "not of a team", hint="roster_no_team")
    now = clock.now()
    zone = reader.zone(ZoneInfo(team.timezone), now)
    mine = select(User).where(User.team_id == team.id, MAY_SIGN_IN)
    users = list(await session.exec(mine.order_by(User.id)))
    userids = await ids_at(session, reader.userids, [user.id for user in users])
    row = await roster_source_of(session, source_id)
    first = now.astimezone(zone).date()
    calendar, _ = await calendar_days(session, first, first + timedelta(days=DAYS_AHEAD - 1))
    asked_team = AskedTeam(
        source=source,
        team=team,
        zone=zone,
        first=first,
        days=DAYS_AHEAD,
        calendar=calendar,
        people=[
            AskedPerson(user.id, user.display_name, userids.get(user.id), bare_mobile(user.mobile or ""))
            for user in users
        ],
        plan=PlanRead(operator_userid=row.operator_userid if row else ""),
    )
    return asked_team, access


# --- writing ---------------------------------------------------------------------------------------------------------


def _is_as_read(source: PunchSource | None, asked_team: AskedTeam) -> bool:
    """Whether the source is still there, and still the app and the team that were asked."""
    before = asked_team.source
    return (
        source is not None
        and source.deleted_at is None
        and source.is_enabled
        and (source.team_id, source.kind, source.account) == (before.team_id, before.kind, before.account)
    )


async def _as_people_are_now(session: AsyncSession, asked_team: AskedTeam, reader: RosterReader) -> None:
    """Asking took a while: leave out who is not in the team any more, and what was said of another userid than theirs now."""
    people = {person.id for person in asked_team.people}
    there = select(User.id).where(User.id.in_(people), User.team_id == asked_team.team.id, MAY_SIGN_IN)
    still: set[int] = set(await session.exec(there))
    left = people - still
    asked_team.people = [person for person in asked_team.people if person.id not in left]
    learned = {user_id: userid for user_id, userid in asked_team.learned.items() if user_id not in left}
    await keep_ids(session, reader.userids, learned)
    now = await ids_at(session, reader.userids, people - left)
    for user_id, userid in list(asked_team.userids.items()):
        if now.get(user_id) != userid:
            del asked_team.userids[user_id]


async def _write(
    session: AsyncSession, asked_team: AskedTeam, row: RosterSource, compared: RosterComparison, by: Principal | None
) -> None:
    created = {place: await _create_shift(session, asked_team.team, new) for place, new in compared.new.items()}

    def final(cells: dict[Key, int | None]) -> dict[Key, int | None]:
        return {key: created.get(shift_id, shift_id) if shift_id else None for key, shift_id in cells.items()}

    found, team = compared.found, asked_team.team
    imported = stored_cells(final(found.imported))
    if imported != row.imported:
        row.imported = imported
    if found.wanted:
        whose = by.id if by else row.started_by
        action = await new_action(session, whose, ActionKind.PULLED) if whose is not None else None
        await write_cells(
            session,
            final(found.wanted),
            changed_by=by.id if by else None,
            over_imported=True,
            action=action,
        )
        audit(session, "roster.synced", team.id, team.name, after={"cells": len(found.wanted)})
        await _archive_variants(session, asked_team)


async def _create_shift(session: AsyncSession, team: Team, new: NewShift) -> int:
    shift = Shift(
        name=new.name,
        code=new.code,
        color=new.color,
        periods=new.periods,
        asks_clock_out=new.asks_clock_out,
        team_id=team.id,
        is_variant=new.is_variant,
    )
    session.add(shift)
    await session.flush()
    audit(session, "shift.created", shift.id, shift.name, after=shift_values(shift))
    publish(session, Topic.SHIFT, team_id=team.id)
    return shift.id


async def _record_leaves(session: AsyncSession, asked_team: AskedTeam, row: RosterSource, reader: RosterReader) -> int:
    plan, team = asked_team.plan, asked_team.team
    if plan.leaves is None:
        return 0
    users = {userid: user_id for user_id, userid in asked_team.userids.items() if userid not in plan.refused}
    session.add(row)
    await session.flush()
    await take_over_leaves(session, row, set(users.values()))
    changed = await record_leaves(
        session,
        row,
        team.id,
        [(users[leave.userid], leave) for leave in plan.leaves if leave.userid in users],
        set(users.values()),
        asked_team.first,
        plan.leaves_until or asked_team.dates[-1],
        zone=asked_team.zone,
        reason=reader.names["zh"],
    )
    if changed:
        audit(session, "leave.synced", team.id, team.name, after={"leaves": changed})
    return changed


async def _archive_variants(session: AsyncSession, asked_team: AskedTeam) -> None:
    """Put away the moved times of single days that nobody has from today on."""
    used = sa.select(Assignment.shift_id).where(Assignment.work_date >= asked_team.first)
    drafted = sa.select(DraftCell.shift_id).where(DraftCell.shift_id.is_not(None))
    idle = select(Shift).where(
        Shift.team_id == asked_team.team.id,
        Shift.is_variant == sa.true(),
        Shift.archived_at.is_(None),
        Shift.id.not_in(used),
        Shift.id.not_in(drafted),
    )
    for shift in await session.exec(idle):
        shift.archived_at = clock.now()
        publish(session, Topic.SHIFT, team_id=asked_team.team.id)


async def _tell_planners(
    session: AsyncSession, team: Team | None, reader: RosterReader, row: RosterSource, vanished: Sequence[str] = ()
) -> None:
    """Once, when a pull that ran by itself no longer works: the roster stays as it was, or that of the people who vanished."""
    if team is None:
        return
    said, vendor = remedy(row.hint, row.reason), reader.names
    if row.hint == "roster_person_gone":
        zh, en = (people_in(vanished, language) for language in Language)
        texts = {
            Language.CHINESE: (f"{zh}在{vendor['zh']}里一天排班都没有了", said["zh"]),
            Language.ENGLISH: (f"{en}: no day left in {vendor['en']}", said["en"]),
        }
    else:
        texts = {
            Language.CHINESE: (f"{team.name}的排班没有从{vendor['zh']}同步", f"排班保持原样。{said.get('zh', '')}"),
            Language.ENGLISH: (
                f"The roster of {team.name} was not read from {vendor['en']}",
                f"It stays as it was. {said.get('en', '')}",
            ),
        }
    await notify_people(session, PersonalNotice(frozenset(), texts, planners_of=team.id))


# --- when ------------------------------------------------------------------------------------------------------------


def next_at(team: Team, source_id: int) -> datetime:
    jitter = source_id * 7 % (2 * JITTER_MINUTES + 1) - JITTER_MINUTES
    return next_pull(clock.now().astimezone(ZoneInfo(team.timezone)), jitter)


async def roster_source_of(session: AsyncSession, source_id: int, *, lock: bool = False) -> RosterSource | None:
    asked = select(RosterSource).where(RosterSource.punch_source_id == source_id)
    return (await session.exec(asked.with_for_update() if lock else asked)).first()


async def put_forward_pulls(session: AsyncSession) -> None:
    """Pull now what a clock that was ahead has put off: two pulls are never a day apart."""
    now = clock.now()
    await session.exec(
        sa.update(RosterSource).where(RosterSource.next_at > now + timedelta(days=1)).values(next_at=now)
    )
    ahead = RosterPush.next_check_at > now + timedelta(hours=1)
    await session.exec(sa.update(RosterPush).where(ahead).values(next_check_at=now))
