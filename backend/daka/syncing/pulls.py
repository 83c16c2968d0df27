"""Pulls a team's roster from DingTalk attendance, and writes what differs in one transaction.

Nothing is deleted on doubt: without a usable answer, or when many days are gone at once, the roster stays as it was.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.database import Database
from daka.errors import ConfigurationError
from daka.hooks import PersonalNotice, notify_people
from daka.identity.access import Principal, confirmed
from daka.identity.models import Team, User
from daka.languages import Language
from daka.mobile_numbers import bare_mobile
from daka.outbound.quota import BEIJING
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.dingtalk import PEOPLE_PER_CALL, Asking, DingTalkAttendance, PersonRefused
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.recording import keep_learned
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.reminders.punches.service import config_of, own_source
from daka.roster.actions import new_action
from daka.roster.cells import Key, chunks, lock_roster, read_cells, write_cells
from daka.roster.models import ActionKind, Assignment, DraftCell
from daka.shifts.models import Shift
from daka.shifts.service import shift_values
from daka.syncing.directory import Directory, Match, known_userids, read_directory
from daka.syncing.leaves import PEOPLE_PER_CALL as LEAVE_PEOPLE_PER_CALL
from daka.syncing.leaves import ROWS_PER_PAGE, LeaveSpan, leave_window, read_leaves, record_leaves
from daka.syncing.models import PullStatus, RosterSource
from daka.syncing.people import chosen_before, compare
from daka.syncing.reading import (
    Days,
    Differences,
    PlannedDay,
    ShiftDefinition,
    Times,
    differences,
    latest,
    next_pull,
    read_days,
    read_operator,
    read_shift,
    standing_times,
    weeks,
)
from daka.syncing.schemas import DepartmentChoice, PullRead

DAYS_AHEAD = 14
MOST_LOOKUPS = 100
"""People without a userid who are looked up in one pull; the next pull goes on."""
MOST_REFUSED = 10
"""So many people may be refused whom the directory knows; to find out who it is costs calls."""
GROUPS_PER_PAGE = 10
JITTER_MINUTES = 10


@dataclass(slots=True)
class PlanRead:
    """What the vendor says of a team."""

    operator_userid: str = ""
    userids: dict[int, str] = field(default_factory=dict)
    """By user id."""
    refused: set[str] = field(default_factory=set)
    days: Days = field(default_factory=dict)
    definitions: dict[tuple[str, str], ShiftDefinition | None] = field(default_factory=dict)
    """By shift and version."""
    leaves: list[LeaveSpan] | None = None
    """None: DingTalk does not tell the app; what was recorded stays."""
    learned: dict[int, str] = field(default_factory=dict)
    newcomers: list[str] = field(default_factory=list)
    """Names of people in the team's departments without an account."""
    leavers: list[str] = field(default_factory=list)
    calls: int = 0


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    """Negative: somebody who has no account yet."""
    name: str
    userid: str | None
    mobile: str


@dataclass(slots=True)
class _Asked:
    source: PunchSource
    config: Any
    team: Team
    people: list[_Person]
    operator_userid: str
    first: date


class RosterPuller:
    """Reads rosters. Definitions of shifts are kept: a changed shift has another version."""

    def __init__(self, database: Database, checker: PunchChecker) -> None:
        self._database = database
        self._checker = checker
        self._definitions: dict[tuple[str, str, str], ShiftDefinition | None] = {}

    async def preview(self, source: PunchSource, departments: Sequence[DepartmentChoice] = ()) -> PullRead:
        """What a pull would change, also for the people whom these departments would add. Only calls are counted."""
        try:
            asked, answer = await self._ask(source.id, departments)
        except SourceError as error:
            return failed(error)
        async with self._database.read() as session:
            found, read, _ = await _compare(session, asked, answer)
        return read.model_copy(update={"outcome": "stale"}) if found.is_doubtful else read

    async def pull(self, source_id: int, *, by: Principal | None = None, accepts_gone: bool = False) -> PullRead:
        """Pull and write the differences. `by`: who asks for it; from then on the roster is read from this source."""
        try:
            asked, answer = await self._ask(source_id)
        except SourceError as error:
            await self._note_failure(source_id, error)
            return failed(error)
        async with self._database.write() as session:
            if by is not None:
                await own_source(session, source_id, await confirmed(session, by))
            await lock_roster(session)
            source = await session.get(PunchSource, source_id, with_for_update=True)
            row = await roster_source_of(session, source_id, lock=True)
            if source is None or source.deleted_at is not None or (row is None and by is None):
                return failed(SourceError(SourceErrorKind.BROKEN, "off", "the source was removed"))
            if row is None:
                row = RosterSource(
                    punch_source_id=source_id,
                    operator_userid=answer.operator_userid,
                    next_at=clock.now(),
                )
                audit(session, "roster.sync_started", asked.team.id, asked.source.name)
            row.operator_userid = answer.operator_userid
            row.started_by = row.started_by or (by.id if by else None)
            await keep_learned(session, answer.learned)
            found, read, definitions = await _compare(session, asked, answer, row)
            if found.is_doubtful and not accepts_gone:
                if by is None and row.status is PullStatus.OK:
                    await _tell_planners(session, asked.team.id, asked.team.name, "roster_gone")
                row.status, row.reason, row.hint = PullStatus.STALE, f"{found.gone}/{found.known}", "roster_gone"
                read.outcome = "stale"
            else:
                await self._write(session, asked, row, found, definitions, by)
                read.leaves_changed = await self._record_leaves(session, asked, row, answer)
                row.changed, row.kept = len(found.wanted), len(found.kept)
                row.status, row.reason, row.hint, row.pulled_at = PullStatus.OK, "", "", clock.now()
            row.newcomers, row.leavers = len(answer.newcomers), len(answer.leavers)
            row.next_at = next_at(asked.team, source_id)
            session.add(row)
            publish(session, Topic.PUNCH, team_id=asked.team.id)
        return read

    async def pull_due(self) -> None:
        """Pull what is due, each by one process."""
        async with self._database.write() as session:
            now = clock.now()
            due = (
                sa.update(RosterSource)
                .where(RosterSource.next_at <= now)
                .values(next_at=now + timedelta(hours=1))
                .returning(RosterSource.punch_source_id)
            )
            source_ids = list((await session.exec(cast(Any, due))).scalars())
        for source_id in source_ids:
            await self.pull(source_id)

    async def _write(
        self,
        session: AsyncSession,
        asked: _Asked,
        row: RosterSource,
        found: Differences,
        definitions: "dict[int, _NewShift]",
        by: Principal | None,
    ) -> None:
        created = {}
        for place, new in definitions.items():
            shift = Shift(
                name=new.name,
                code=new.code,
                color=new.color,
                periods=new.periods,
                team_id=asked.team.id,
                is_variant=new.is_variant,
            )
            session.add(shift)
            await session.flush()
            created[place] = shift.id
            audit(session, "shift.created", shift.id, shift.name, after=shift_values(shift))
            publish(session, Topic.SHIFT, team_id=asked.team.id)

        def final(cells: dict[Key, int | None]) -> dict[Key, int | None]:
            return {key: created.get(shift_id, shift_id) if shift_id else None for key, shift_id in cells.items()}

        imported = {f"{user_id} {day}": shift_id for (user_id, day), shift_id in final(found.imported).items()}
        if imported != row.imported:
            row.imported = imported
        if found.wanted:
            whose = by.id if by else row.started_by
            action = await new_action(session, whose, ActionKind.PULLED) if whose is not None else None
            await write_cells(session, final(found.wanted), changed_by=by.id if by else None, action=action)
            audit(session, "roster.synced", asked.team.id, asked.team.name, after={"cells": len(found.wanted)})
            await _archive_variants(session, asked)

    async def _record_leaves(self, session: AsyncSession, asked: _Asked, row: RosterSource, answer: PlanRead) -> int:
        if answer.leaves is None:
            return 0
        users = {userid: user_id for user_id, userid in answer.userids.items() if userid not in answer.refused}
        spans = [(users[leave.userid], leave) for leave in answer.leaves if leave.userid in users]
        last = asked.first + timedelta(days=DAYS_AHEAD - 1)
        changed = await record_leaves(session, row, asked.team.id, spans, set(users.values()), asked.first, last)
        if changed:
            audit(session, "leave.synced", asked.team.id, asked.team.name, after={"leaves": changed})
        return changed

    async def _note_failure(self, source_id: int, error: SourceError) -> None:
        async with self._database.write() as session:
            row = await roster_source_of(session, source_id, lock=True)
            source = await session.get(PunchSource, source_id)
            if row is None or source is None:
                return
            if row.status is PullStatus.OK and error.kind is SourceErrorKind.BROKEN:
                team = await session.get(Team, source.team_id)
                await _tell_planners(session, source.team_id, team.name if team else source.name, error.hint)
            row.status, row.reason = PullStatus.FAILED, f"{error.code} {error.message}".strip()[:400]
            row.hint = error.hint[:40]
            if error.kind is SourceErrorKind.BROKEN:
                row.operator_userid = ""  # perhaps of an app before, or somebody who left: looked up again
            session.add(row)
            publish(session, Topic.PUNCH, team_id=source.team_id)

    # --- asking ---

    async def _ask(self, source_id: int, departments: Sequence[DepartmentChoice] = ()) -> tuple[_Asked, PlanRead]:
        """What the vendor says of the people of a source's team. Raises SourceError."""
        async with self._database.read() as session:
            asked = await _asked(session, source_id)
            is_chosen = departments or await chosen_before(session, asked.source)
        answer = PlanRead(operator_userid=asked.operator_userid)
        kind = KINDS[asked.source.kind]
        assert isinstance(kind, DingTalkAttendance)
        source_session: Asking = self._checker.session_of(asked.source, asked.config, answer.learned)

        async def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer.calls += 1
            return await kind.call(source_session, f"/topapi/attendance/{path}", body)

        if not answer.operator_userid:
            groups = await call("getsimplegroups", {"offset": 0, "size": GROUPS_PER_PAGE})
            answer.operator_userid = read_operator(groups) or ""
            if not answer.operator_userid:
                raise SourceError(
                    SourceErrorKind.BROKEN, "no_group", "there is no attendance group", hint="roster_no_group"
                )
        if is_chosen:
            await self._add_directory(asked, answer, await _directory(kind, source_session), departments)
        lookups = 0
        for user in asked.people:
            userid, mobile = user.userid, user.mobile
            if userid is None and mobile and lookups < MOST_LOOKUPS:
                lookups += 1
                userid = await kind.userid_by_mobile(source_session, user.id, mobile)
            if userid:
                answer.userids[user.id] = userid

        unexplained: set[str] = set()

        async def ask_for(userids: Sequence[str], first: date, last: date) -> None:
            body = {
                "op_user_id": answer.operator_userid,
                "userids": ",".join(userids),
                "from_date_time": _midnight(first),
                "to_date_time": _midnight(last),
            }
            try:
                found = await call("schedule/listbyusers", body)
            except PersonRefused as refused:
                # The directory is not counted and knows who it is.
                if strangers := set(userids) - await known_userids(kind, source_session, userids):
                    answer.refused |= strangers
                    if left := [userid for userid in userids if userid not in strangers]:
                        await ask_for(left, first, last)
                    return
                if len(userids) == 1:
                    answer.refused.add(userids[0])
                    unexplained.add(userids[0])
                    if len(unexplained) > MOST_REFUSED:
                        raise SourceError(
                            SourceErrorKind.BROKEN, str(refused), "it refuses the people", hint="dingtalk_permission"
                        ) from None
                    return
                middle = len(userids) // 2
                await ask_for(userids[:middle], first, last)
                await ask_for(userids[middle:], first, last)
                return
            rows = found.get("result")
            if not isinstance(rows, list):
                raise SourceError(SourceErrorKind.PASSING, "not_dingtalk", "no list of schedules", hint="not_json")
            answer.days |= read_days(rows, first, last)

        for first, last in weeks(asked.first, DAYS_AHEAD):
            for some in chunks(sorted(set(answer.userids.values()) - answer.refused), PEOPLE_PER_CALL):
                await ask_for(some, first, last)
        if not answer.days:
            raise SourceError(
                SourceErrorKind.BROKEN, "nothing", "there are no schedules", hint="roster_nothing_planned"
            )
        answer.leaves = await self._leaves(call, asked.first, sorted(set(answer.userids.values()) - answer.refused))
        for shift_id, version in sorted({(day.shift_id, day.version) for day in answer.days.values() if day}):
            if not shift_id:
                continue
            key = (asked.source.account, shift_id, version)
            if key not in self._definitions:
                body = {
                    "op_user_id": answer.operator_userid,
                    "shift_id": int(shift_id) if shift_id.isdigit() else shift_id,
                }
                try:
                    self._definitions[key] = read_shift(await call("shift/query", body))
                except PersonRefused as refused:
                    raise SourceError(
                        SourceErrorKind.BROKEN, str(refused), "the manager is refused", hint="dingtalk_permission"
                    ) from None
            answer.definitions[shift_id, version] = self._definitions[key]
        return asked, answer

    async def _leaves(
        self, call: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]], first: date, userids: Sequence[str]
    ) -> list[LeaveSpan] | None:
        """The leave of these people in the days ahead; None without the permission, or without a clear answer."""
        start, end = leave_window(first, DAYS_AHEAD)
        found: list[LeaveSpan] = []
        try:
            for some in chunks(userids, LEAVE_PEOPLE_PER_CALL):
                has_more, offset = True, 0
                while has_more:
                    body = {"userid_list": ",".join(some), "start_time": start, "end_time": end}
                    answer = await call("getleavestatus", {**body, "offset": offset, "size": ROWS_PER_PAGE})
                    spans, has_more = read_leaves(answer)
                    found += spans
                    offset += ROWS_PER_PAGE
        except (PersonRefused, ValueError):
            return None
        except SourceError as error:
            if error.kind is SourceErrorKind.BROKEN:
                return None
            raise
        return found

    async def _add_directory(
        self, asked: _Asked, answer: PlanRead, directory: Directory | None, departments: Sequence[DepartmentChoice]
    ) -> None:
        """Note who joined and who left; for a choice that is not saved, ask about those it would add as well."""
        if directory is None:
            return
        async with self._database.read() as session:
            found = await compare(session, asked.source, directory, departments)
        new = [
            person for person, through in found.of(Match.NEW) if departments or found.chosen[through] == asked.team.id
        ]
        answer.newcomers = [person.name for person in new]
        answer.leavers = [user.display_name for user in found.leavers if user.team_id == asked.team.id]
        if departments:
            linked = {
                found.matches[person.userid][1]: person.userid for person, _ in found.of(Match.BY_MOBILE, Match.BY_NAME)
            }
            asked.people = [replace(person, userid=person.userid or linked.get(person.id)) for person in asked.people]
            asked.people += [
                _Person(-number, person.name, person.userid, person.mobile) for number, person in enumerate(new, 1)
            ]


async def _directory(kind: DingTalkAttendance, session: Asking) -> Directory | None:
    """Everybody in DingTalk; None if the app may not know: the roster can be read all the same."""
    try:
        return await read_directory(kind, session)
    except SourceError as error:
        if error.kind is SourceErrorKind.BROKEN:
            return None
        raise


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp() * 1000)


def failed(error: SourceError) -> PullRead:
    return PullRead(
        outcome=error.kind.value, provider_code=error.code, provider_message=error.message, remedy=remedy(error.hint)
    )


def next_at(team: Team, source_id: int) -> datetime:
    jitter = source_id * 7 % (2 * JITTER_MINUTES + 1) - JITTER_MINUTES
    return next_pull(clock.now().astimezone(ZoneInfo(team.timezone)), jitter)


async def roster_source_of(session: AsyncSession, source_id: int, *, lock: bool = False) -> RosterSource | None:
    asked = select(RosterSource).where(RosterSource.punch_source_id == source_id)
    return (await session.exec(asked.with_for_update() if lock else asked)).first()


async def _asked(session: AsyncSession, source_id: int) -> _Asked:
    source = await session.get(PunchSource, source_id)
    if source is None or source.deleted_at is not None or not source.is_enabled:
        raise SourceError(SourceErrorKind.BROKEN, "off", "the source is switched off")
    team = await session.get(Team, source.team_id) if source.team_id is not None else None
    if team is None or not isinstance(KINDS[source.kind], DingTalkAttendance):
        raise SourceError(SourceErrorKind.BROKEN, "no_team", "not DingTalk attendance of a team", hint="roster_no_team")
    now = clock.now()
    if now.astimezone(ZoneInfo(team.timezone)).utcoffset() != now.astimezone(BEIJING).utcoffset():
        raise SourceError(SourceErrorKind.BROKEN, "zone", "the team is in another time zone", hint="roster_zone")
    try:
        config = config_of(session, source)
    except (ValidationError, ConfigurationError):
        raise SourceError(
            SourceErrorKind.BROKEN, "settings", "the stored settings do not fit", hint="settings"
        ) from None
    mine = select(User).where(User.team_id == team.id, User.deleted_at.is_(None), User.is_active == sa.true())
    row = await roster_source_of(session, source_id)
    return _Asked(
        source,
        config,
        team,
        [
            _Person(user.id, user.display_name, user.dingtalk_userid, bare_mobile(user.mobile or ""))
            for user in await session.exec(mine.order_by(User.id))
        ],
        row.operator_userid if row else "",
        now.astimezone(BEIJING).date(),
    )


# --- comparing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _NewShift:
    name: str
    code: str
    color: str
    periods: list[dict[str, str]]
    is_variant: bool


async def _compare(
    session: AsyncSession, asked: _Asked, answer: PlanRead, row: RosterSource | None = None
) -> tuple[Differences, PullRead, dict[int, _NewShift]]:
    """The differences from the roster now. Shifts that are still to be created have negative ids."""
    row = row or await roster_source_of(session, asked.source.id)
    team_id = asked.team.id
    visible = select(Shift).where(Shift.archived_at.is_(None), or_(Shift.team_id == team_id, Shift.team_id.is_(None)))
    shifts = list(await session.exec(visible.order_by(Shift.team_id.is_(None), Shift.id)))
    rest = next((shift.id for shift in shifts if shift.is_rest), None)
    new: dict[int, _NewShift] = {}
    known: dict[tuple[str, Times], int] = {}
    standing = standing_times(answer.days.values())
    user_of = {userid: user_id for user_id, userid in answer.userids.items()}
    said: dict[Key, int | None] = {}
    unclear: set[Key] = set()
    names: set[str] = set()
    dates = [asked.first + timedelta(days=passed) for passed in range(DAYS_AHEAD)]
    for (userid, day), planned in sorted(answer.days.items(), key=lambda item: item[0]):
        if userid not in user_of:
            continue
        key = (user_of[userid], day)
        definition = answer.definitions.get((planned.shift_id, planned.version)) if planned else None
        if planned is None or (definition and definition.is_partly_free):
            unclear.add(key)
        elif not planned.periods or (definition and definition.is_free):
            said[key] = rest
        else:
            name = definition.name if definition else _times_in_words(planned)
            names.add(name)
            minutes = definition.flexible_minutes if definition else 0
            usual, times = (latest(found, minutes) for found in (standing[planned.shift_id], planned.periods))
            if (name, times) not in known:
                if times != usual and (name, usual) not in known:  # the usual times have the name
                    known[name, usual] = _shift_for(shifts, new, name, usual)
                known[name, times] = _shift_for(shifts, new, name, times, is_variant=times != usual)
            said[key] = known[name, times]
    read_of = {user_id for user_id, _ in said.keys() | unclear}
    not_asked = {
        user.id for user in asked.people if user.id not in answer.userids or answer.userids[user.id] in answer.refused
    }
    unclear |= {(user_id, day) for user_id in not_asked for day in dates}
    present = await read_cells(session, [user.id for user in asked.people], dates[0], dates[-1])
    found = differences(
        said,
        frozenset(unclear),
        [(user.id, day) for user in asked.people for day in dates],
        {cell_of(text): shift_id for text, shift_id in row.imported.items()} if row else {},
        present,
        is_first=row is None or row.pulled_at is None,
    )
    wanted = set(found.wanted.values())
    read = PullRead(
        outcome="ok",
        people=len(read_of),
        without_schedule=[user.name for user in asked.people if user.id not in read_of and user.id not in not_asked],
        not_found=[user.name for user in asked.people if user.id in not_asked],
        shifts=sorted(names),
        days=DAYS_AHEAD,
        changed=len(found.wanted),
        replaced=sum(key in present for key in found.wanted) - found.gone,
        gone=found.gone,
        kept=len(found.kept),
        unclear=len(unclear) - len(not_asked) * len(dates),
        leaves=len(answer.leaves or ()),
        newcomers=answer.newcomers,
        leavers=answer.leavers,
        calls=answer.calls,
    )
    return found, read, {place: shift for place, shift in new.items() if place in wanted}


def cell_of(text: str) -> Key:
    user_id, day = text.split()
    return int(user_id), date.fromisoformat(day)


def _times_in_words(day: PlannedDay) -> str:
    return "、".join(f"{start}–{end}" for start, end in day.periods)[:40]


async def _archive_variants(session: AsyncSession, asked: _Asked) -> None:
    """Put away the moved times of single days that nobody has from today on."""
    used = sa.select(Assignment.shift_id).where(Assignment.work_date >= asked.first)
    drafted = sa.select(DraftCell.shift_id).where(DraftCell.shift_id.is_not(None))
    idle = select(Shift).where(
        Shift.team_id == asked.team.id,
        Shift.is_variant == sa.true(),
        Shift.archived_at.is_(None),
        Shift.id.not_in(used),
        Shift.id.not_in(drafted),
    )
    for shift in await session.exec(idle):
        shift.archived_at = clock.now()
        session.add(shift)
        publish(session, Topic.SHIFT, team_id=asked.team.id)


async def _tell_planners(session: AsyncSession, team_id: int | None, team: str, hint: str) -> None:
    """Once, when a pull that ran by itself no longer works: the roster stays as it was."""
    if team_id is None:
        return
    said = remedy(hint)
    texts = {
        Language.CHINESE: (f"{team}的排班没有从钉钉同步", f"排班保持原样。{said.get('zh', '')}"),
        Language.ENGLISH: (
            f"The roster of {team} was not read from DingTalk",
            f"It stays as it was. {said.get('en', '')}",
        ),
    }
    await notify_people(session, PersonalNotice(frozenset(), texts, planners_of=team_id))


def _shift_for(
    shifts: Sequence[Shift], new: dict[int, _NewShift], name: str, times: Times, *, is_variant: bool = False
) -> int:
    """The shift with these times, by preference the one of this name; else a new one, with a negative id."""
    periods = [{"start": start, "end": end} for start, end in times]
    fitting = [
        shift
        for shift in shifts
        if not shift.is_rest and shift.periods == periods and (is_variant or not shift.is_variant)
    ]
    for place, shift in new.items():
        if shift.periods == periods and (is_variant or shift.name == name):
            return place
    if fitting:
        return next((shift for shift in fitting if shift.name == name), fitting[0]).id
    taken_names = {shift.name for shift in shifts} | {shift.name for shift in new.values()}
    taken_codes = {shift.code for shift in shifts} | {shift.code for shift in new.values()}
    visible = "".join(letter for letter in name if letter.isprintable()).strip() or "班次"
    if is_variant or visible[:40] in taken_names:
        visible = f"{visible[:20]} {times[0][0]}–{times[-1][1]}"
    letters = "".join(letter for letter in visible if not letter.isspace() and letter != ",") or "班"
    codes = [letters[:1], letters[:2], *(f"{letters[:1]}{number}" for number in range(2, 1000))]
    code = next(code for code in codes if code not in taken_codes)
    place = -len(new) - 1
    new[place] = _NewShift(visible[:40], code, f"hue-{(len(shifts) + len(new)) % 12 + 1}", periods, is_variant)
    return place


async def put_forward_pulls(session: AsyncSession) -> None:
    """Pull now what a clock that was ahead has put off: two pulls are never a day apart."""
    now = clock.now()
    await session.exec(
        sa.update(RosterSource).where(RosterSource.next_at > now + timedelta(days=1)).values(next_at=now)
    )
