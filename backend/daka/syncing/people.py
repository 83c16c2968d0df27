"""People from a vendor's directory: which departments belong to which teams, whose accounts are missing, and who has left.

Accounts are created and get the vendor's ids; nobody is deactivated, moved or deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.database import Database
from daka.errors import Forbidden
from daka.identity.access import Principal, confirmed, find_team
from daka.identity.models import MAY_SIGN_IN, Team, User
from daka.identity.schemas import PersonFields, TeamCreate
from daka.identity.teams import create_team
from daka.identity.users import create_users
from daka.identity.vendor_ids import alone_with_ids, ids_at
from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import PersonField, SourceError
from daka.reminders.punches.service import copied_source, own_source
from daka.settings import Settings
from daka.syncing.access import failure, open_source
from daka.syncing.directory import (
    Directory,
    DirectoryPerson,
    KnownAccount,
    Match,
    chosen_department,
    match_people,
    username_for,
)
from daka.syncing.models import SyncedDepartment
from daka.syncing.permissions import PermissionTests, Refusals
from daka.syncing.reading import MOST_GONE
from daka.syncing.registry import reader_of
from daka.syncing.schemas import (
    DepartmentChoice,
    DepartmentRead,
    DirectoryPersonRead,
    LeaverRead,
    PeopleRead,
    PermissionsRead,
    TeamSourceRead,
)


@dataclass(slots=True)
class PeopleCompared:
    """The people of the chosen departments, and how they are known here."""

    userids: PersonField
    directory: Directory
    chosen: dict[str, int | None] = field(default_factory=dict)
    """Team by department; None is a new one."""
    people: list[tuple[DirectoryPerson, str]] = field(default_factory=list)
    """With the chosen department through which they come."""
    matches: dict[str, tuple[Match, int | None]] = field(default_factory=dict)
    leavers: list[User] = field(default_factory=list)

    def of(self, *matches: Match) -> list[tuple[DirectoryPerson, str]]:
        return [(person, through) for person, through in self.people if self.matches[person.userid][0] in matches]

    def leave_out(self, team_ids: Collection[int | None]) -> None:
        """Leave out the people of these teams: they were only compared to know whose they are."""
        self.people = [each for each in self.people if self.chosen[each[1]] not in team_ids]
        self.leavers = [user for user in self.leavers if user.team_id not in team_ids]


async def chosen_before(session: AsyncSession, source: PunchSource) -> dict[str, int | None]:
    """Teams by department, as chosen for the sources of the same app."""
    asked = (
        select(SyncedDepartment.department_id, PunchSource.team_id)
        .join(PunchSource, PunchSource.id == SyncedDepartment.punch_source_id)
        .where(PunchSource.account == source.account, PunchSource.deleted_at.is_(None))
    )
    return {department_id: team_id for department_id, team_id in await session.exec(asked) if team_id is not None}


async def compare(
    session: AsyncSession,
    source: PunchSource,
    directory: Directory,
    order: Sequence[DepartmentChoice] = (),
    by: Principal | None = None,
) -> PeopleCompared:
    """The people of the departments that are or were chosen, compared with the accounts."""
    field = reader_of(source).userids
    userids = await ids_at(session, field)
    found = PeopleCompared(field, directory, {choice.department_id: choice.team_id for choice in order})
    if not order:
        found.chosen = await chosen_before(session, source)
    chosen = frozenset(found.chosen)
    for person in sorted(directory.people.values(), key=lambda person: person.userid):
        if through := chosen_department(person, directory.departments, chosen):
            found.people.append((person, through))
    accounts = [
        KnownAccount(
            user.id,
            user.display_name,
            user.team_id,
            bare_mobile(user.mobile or ""),
            userids.get(user.id),
            user.deleted_at is not None,
            by is None or by.may_change(user),
        )
        for user in await session.exec(select(User).order_by(User.id))
    ]
    found.matches = match_people([(person, found.chosen[through]) for person, through in found.people], accounts)
    teams = {team_id for team_id in found.chosen.values() if team_id is not None}
    mine = select(User).where(User.team_id.in_(teams), MAY_SIGN_IN)
    linked = [user for user in await session.exec(mine.order_by(User.id)) if user.id in userids]
    there = {userid.casefold() for userid in directory.people}
    gone = [user for user in linked if userids[user.id].casefold() not in there]
    if directory.is_complete and len(gone) <= max(1, MOST_GONE * len(linked)):  # more are rather out of the app's scope
        found.leavers = gone
    return found


def _of_others(before: Mapping[str, int | None], by: Principal) -> dict[str, int | None]:
    """The departments that were chosen for teams that `by` does not plan."""
    return {department_id: team_id for department_id, team_id in before.items() if not by.plans(team_id)}


class PeopleReader:
    """Reads people from vendors' directories, and creates those who are missing."""

    def __init__(self, database: Database, checker: PunchChecker, settings: Settings) -> None:
        self._database = database
        self._checker = checker
        self._settings = settings

    async def directory(self, source_id: int) -> tuple[PunchSource, Directory]:
        """Raises SourceError."""
        async with self._database.read() as session:
            source, reader, access = await open_source(session, self._checker, source_id)
        return source, await reader().directory(access)

    async def try_permissions(self, source_id: int) -> PermissionsRead:
        """Try each permission of the app. A few of the calls count."""
        access: SourceSession[Any] | None = None
        tests = PermissionTests(Refusals(frozenset(), frozenset(), {}))
        try:
            async with self._database.read() as session:
                _, reader, access = await open_source(session, self._checker, source_id)
            tests = PermissionTests(reader.refusals)
            await reader().permissions(access, tests)
        except SourceError as error:
            tests.refuse("", error)
        return PermissionsRead(permissions=tests.found, calls=access.calls if access else 0)

    async def preview(self, source_id: int, order: Sequence[DepartmentChoice], by: Principal) -> PeopleRead:
        """What would be added. Nothing is written."""
        try:
            source, directory = await self.directory(source_id)
        except SourceError as error:
            return PeopleRead(**failure(error))
        async with self._database.read() as session:
            before = await chosen_before(session, source)
            others = [
                DepartmentChoice(department_id=department_id, team_id=team_id)
                for department_id, team_id in _of_others(before, by).items()
                if order and department_id not in {choice.department_id for choice in order}
            ]
            found = await compare(session, source, directory, [*order, *others], by)
            found.leave_out({team_id for team_id in found.chosen.values() if team_id and not by.plans(team_id)})
            return _read(found, before, by)

    async def add(self, source_id: int, order: Sequence[DepartmentChoice], by: Principal) -> PeopleRead:
        """Create the missing accounts, and remember the choice. Each team gets a source with the same app.

        Without an order: those of the departments chosen before for the source's own team. Departments of teams that `by` does
        not plan stay as they are.
        """
        try:
            source, directory = await self.directory(source_id)
        except SourceError as error:
            return PeopleRead(**failure(error))
        async with self._database.write() as session:
            by = await confirmed(session, by)
            await own_source(session, source_id, by)
            await alone_with_ids(session)  # who adds those of another department comes before or after
            before = await chosen_before(session, source)
            teams = await self._teams(session, source, directory, order, before, by)
            chosen = before | {department_id: team.id for department_id, team in teams.items()}
            others = _of_others(before, by) if order else before
            choice = [
                DepartmentChoice(department_id=department_id, team_id=team_id)
                for department_id, team_id in chosen.items()
                if department_id in teams or department_id in others
            ]
            found = await compare(session, source, directory, choice, by)
            found.leave_out({each.team_id for each in choice} - {team.id for team in teams.values()})
            await _create(session, found, by)
            read = _read(found, found.chosen, by)
            if order:
                await _forget(session, source, chosen.keys() - teams.keys() - others.keys() | teams.keys())
            for team in {team.id: team for team in teams.values()}.values():
                its_source = await copied_source(session, source, team)
                if order:
                    ids = [department_id for department_id, its in teams.items() if its is team]
                    session.add_all(SyncedDepartment(punch_source_id=its_source.id, department_id=each) for each in ids)
                read.sources.append(TeamSourceRead(source_id=its_source.id, team_id=team.id, team_name=team.name))
                publish(session, Topic.PUNCH, team_id=team.id)
        return read

    async def _teams(
        self,
        session: AsyncSession,
        source: PunchSource,
        directory: Directory,
        order: Sequence[DepartmentChoice],
        before: Mapping[str, int | None],
        by: Principal,
    ) -> dict[str, Team]:
        """The team of each department that `by` may choose for; new ones are created."""
        wanted: Mapping[str, int | None] = {choice.department_id: choice.team_id for choice in order}
        names = {choice.department_id: choice.new_team for choice in order}
        if not order:
            wanted = {department_id: team_id for department_id, team_id in before.items() if team_id == source.team_id}
        others = _of_others(before, by)
        teams: dict[str, Team] = {}
        created: dict[str, Team] = {}
        for department_id, team_id in wanted.items():
            if department_id in others:
                if team_id == others[department_id]:
                    continue
                raise Forbidden("not_your_team", "Only planners of a department's team may choose another one")
            if team_id is not None:
                teams[department_id] = await find_team(session, team_id, by)
                if not by.plans(team_id):
                    raise Forbidden("not_your_team", "Only planners of the team may add people to it")
                continue
            if not by.is_admin:
                raise Forbidden("admins_only", "Only administrators create teams")
            department = directory.departments.get(department_id)
            name = names.get(department_id) or (department.name if department else "") or department_id
            if name not in created:
                new = TeamCreate(name=name, timezone="Asia/Shanghai")
                created[name] = await create_team(session, self._settings, new)
            teams[department_id] = created[name]
        return teams


async def _create(session: AsyncSession, found: PeopleCompared, by: Principal) -> None:
    taken = set(await session.exec(select(User.username)))
    new = []
    for person, through in found.of(Match.NEW):
        username = username_for(person, taken, found.userids)
        taken.add(username)
        new.append(
            PersonFields(
                username=username,
                display_name=person.name or None,
                team_id=found.chosen[through],
                mobile=person.mobile or None,
                **{found.userids: person.userid},
            )
        )
    if new:
        await create_users(session, by, new)
    for person, _ in found.of(Match.BY_MOBILE, Match.BY_NAME):
        user = await session.get(User, found.matches[person.userid][1], with_for_update=True)
        if user is None or getattr(user, found.userids) is not None:
            continue
        before = {found.userids.value: None}
        setattr(user, found.userids, person.userid)
        user.mobile = user.mobile or person.mobile or None
        after = {found.userids.value: person.userid}
        audit(session, "user.updated", user.id, user.display_name, before=before, after=after)
    for team_id in set(found.chosen.values()):
        publish(session, Topic.ROSTER, team_id=team_id)


async def _forget(session: AsyncSession, source: PunchSource, department_ids: Collection[str]) -> None:
    """Forget what was chosen for these departments, whichever source of the app it was chosen for."""
    same_app = sa.select(PunchSource.id).where(PunchSource.account == source.account)
    await session.exec(
        sa.delete(SyncedDepartment).where(
            SyncedDepartment.punch_source_id.in_(same_app), SyncedDepartment.department_id.in_(list(department_ids))
        )
    )


def _read(found: PeopleCompared, chosen: Mapping[str, int | None], by: Principal) -> PeopleRead:
    departments = found.directory.departments
    here = [
        DirectoryPersonRead(
            name=person.name,
            department=departments[through].name if through in departments else "",
            match=found.matches[person.userid][0],
            has_mobile=bool(person.mobile),
        )
        for person, through in found.people
    ]
    return PeopleRead(
        outcome="ok",
        departments=_department_reads(found.directory, chosen),
        people=here,
        added=len(found.of(Match.NEW)),
        linked=len(found.of(Match.BY_MOBILE, Match.BY_NAME)),
        leavers=[
            LeaverRead(user_id=user.id, name=user.display_name) for user in found.leavers if by.plans(user.team_id)
        ],
    )


def _department_reads(directory: Directory, chosen: Mapping[str, int | None]) -> list[DepartmentRead]:
    """The tree, each department before those below it."""
    people: dict[str, set[str]] = {department_id: set() for department_id in directory.departments}
    for person in directory.people.values():
        for start in person.department_ids:
            at: str | None = start
            while at in people and person.userid not in people[at]:
                people[at].add(person.userid)
                at = directory.departments[at].parent_id
    found: list[DepartmentRead] = []

    def walk(department_id: str, depth: int) -> None:
        department = directory.departments[department_id]
        count = len(people[department_id])
        found.append(
            DepartmentRead(
                id=department_id, name=department.name, depth=depth, people=count, team_id=chosen.get(department_id)
            )
        )
        for each in directory.departments.values():
            if each.parent_id == department_id:
                walk(each.id, depth + 1)

    walk(directory.root, 0)
    return found
