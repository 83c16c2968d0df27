"""What a file's words mean here, what it would change, and writing that: all of it or nothing."""

import asyncio
import re
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.errors import Problem
from daka.identity.access import Principal
from daka.identity.models import Role, User
from daka.identity.schemas import UserCreate
from daka.identity.service import create_user
from daka.mobile_numbers import bare_mobile
from daka.roster.cells import Key, newest_revision, read_cells, write_many
from daka.roster.transfer.memory import remember_words
from daka.roster.transfer.models import ImportStatus
from daka.roster.transfer.reading import CellInFile, PersonInFile, RosterInFile, RowProblem, key, read_file
from daka.roster.transfer.schemas import ImportOutcome, ImportProblem, Mapping, UnknownWord
from daka.roster.transfer.sheets import BadFile
from daka.shifts.models import Shift
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import create_shift, visible_shifts

REST_WORDS = {"休", "休息", "off", "公休", "轮休", "rest"}
MOST_UNKNOWN = 300
NOT_YET = 0
"""In a dry run, the shift that the import would make."""


class Cancelled(Exception):
    """Somebody asked to stop. Nothing is written."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read."""

    is_dry_run: bool
    file_name: str = ""
    month: date | None = None
    team_id: int | None = None
    """The team of new people."""
    user_id: int | None = None
    """Whose roster a file without people is."""
    clears_blanks: bool = False
    takes_good_rows: bool = False
    """Take what is understood although some rows are not."""
    mapping: Mapping = field(default_factory=Mapping)


Progress = Callable[[float], Awaitable[None]]


async def read_in_thread(body: bytes, options: Options, progress: Progress) -> RosterInFile:
    """Read the file beside the event loop. `progress` hears of it several times a second and may raise to stop.

    Raises:
        BadFile: see `read_file`.
    """
    stop = threading.Event()
    rows_read = 0

    def on_row(count: int) -> None:
        nonlocal rows_read
        rows_read = count
        if stop.is_set():
            raise Cancelled

    reading = asyncio.create_task(
        asyncio.to_thread(read_file, body, file_name=options.file_name, month=options.month, on_row=on_row)
    )
    try:
        while not (await asyncio.wait({reading}, timeout=0.2))[0]:
            await progress(min(0.9, rows_read / (rows_read + 2_000)))
        return await reading
    finally:
        stop.set()


@dataclass(slots=True)
class _Understood:
    """A file in the words of this system."""

    wanted: dict[Key, int | None] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    problems: list[ImportProblem] = field(default_factory=list)
    problem_count: int = 0
    unknown_people: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown_shifts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def complain(self, problem: RowProblem) -> None:
        self.problem_count += 1
        if len(self.problems) < 500:
            self.problems.append(
                ImportProblem(
                    sheet=problem.sheet,
                    row=problem.row,
                    column=problem.column,
                    code=problem.code,
                    value=problem.value[:80],
                    detail=problem.detail,
                )
            )


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside the roster as it is: what an import would write, with nothing locked meanwhile."""

    status: ImportStatus
    """`DONE` once it is written."""
    outcome: ImportOutcome
    wanted: dict[Key, int | None]
    """May name people and shifts that are still to be made, by negative ids."""
    new_people: dict[int, User]
    new_shifts: dict[int, ShiftCreate]
    rests_on: frozenset[tuple[object, ...]]
    """The people, shifts and rights that it was read with."""


async def compare(
    session: AsyncSession, by: Principal, found: RosterInFile, options: Options, progress: Progress
) -> Compared:
    """Compare the file with the roster. A file with problems is refused, unless the good rows were asked for."""
    outcome = ImportOutcome(layout=found.layout, sheets=found.sheets, rows=found.rows)
    book = await _Book.of(session, by, options)
    new_names = _new_names(found, options, book)
    new_shifts = {} if options.is_dry_run else _promise_shifts(by, options, book)
    new_people = {} if options.is_dry_run else _promise_people(by, options, book, new_names)
    understood = await asyncio.to_thread(_understood, found, by, options, book)
    await progress(0.3)
    wanted = understood.wanted
    if wanted:
        days = [day for _, day in wanted]
        existing = await read_cells(session, understood.people, min(days), max(days))
        await progress(0.6)
        await asyncio.to_thread(_count, wanted, existing, outcome)
    file_days = [cell.day for cell in found.cells]
    outcome.first_date, outcome.last_date = min(file_days, default=None), max(file_days, default=None)
    outcome.people, outcome.cells = len(understood.people), len(wanted)
    outcome.new_people = sorted(new_names.values())
    outcome.new_shifts = [shift.code for shift in options.mapping.shifts.values() if isinstance(shift, ShiftCreate)]
    outcome.problems, outcome.problem_count = understood.problems, understood.problem_count
    outcome.unknown_people = _unknown(understood.unknown_people)
    outcome.unknown_shifts = _unknown(understood.unknown_shifts)
    await progress(1.0)
    status = ImportStatus.DONE
    if options.is_dry_run:
        status = ImportStatus.CHECKED
    elif outcome.problem_count and not options.takes_good_rows:
        status = ImportStatus.REFUSED
    people = [(user.id, user.team_id, user.is_active) for user in understood.people.values()]
    rests_on = _foundations(by, book.shifts, people)
    return Compared(status, outcome, wanted, new_people, new_shifts, rests_on)


async def write(
    session: AsyncSession, by: Principal, compared: Compared, options: Options, progress: Progress
) -> ImportOutcome:
    """Write all of it in this transaction. Cells that somebody changed since it was compared get what the file says.

    The caller has taken the roster's turn.
    """
    user_ids, shift_ids = await _keep_promises(session, by, compared)
    wanted = {
        (user_ids.get(user_id, user_id), day): shift_id if shift_id is None else shift_ids.get(shift_id, shift_id)
        for (user_id, day), shift_id in compared.wanted.items()
    }
    counts = await write_many(session, wanted, changed_by=by.id, progress=progress)
    outcome = compared.outcome.model_copy(deep=True)
    outcome.added, outcome.moved, outcome.cleared = counts.added, counts.moved, counts.cleared
    outcome.same = len(wanted) - counts.added - counts.moved - counts.cleared
    outcome.revision = await newest_revision(session)
    team_id = options.team_id or by.user.team_id
    if team_id is not None and by.plans(team_id):
        made = {new.code: shift_ids[stand_in] for stand_in, new in compared.new_shifts.items()}
        await remember_words(session, team_id, options.mapping, made)
    return outcome


async def still_holds(session: AsyncSession, by: Principal, compared: Compared) -> bool:
    """Whether people, shifts and rights are still those that the file was compared with. Cells may have changed."""
    asked = select(User.id, User.team_id, User.is_active).where(User.deleted_at.is_(None))
    user_ids = {user_id for user_id, _ in compared.wanted}
    people = [found for found in await session.exec(asked) if found[0] in user_ids]
    return _foundations(by, await visible_shifts(session, by), people) == compared.rests_on


Person = tuple[int | None, int | None, bool]


def _foundations(by: Principal, shifts: Iterable[Shift], people: Iterable[Person]) -> frozenset[tuple[object, ...]]:
    return frozenset(
        [
            ("rights", by.is_admin, by.planned_team_ids),
            *(("shift", shift.id, shift.team_id) for shift in shifts if (shift.id or 0) > 0),
            *(("person", *person) for person in people if (person[0] or 0) > 0),
        ]
    )


def _count(wanted: dict[Key, int | None], existing: dict[Key, tuple[int, int]], outcome: ImportOutcome) -> None:
    for cell, after in wanted.items():
        before = existing[cell][1] if cell in existing else None
        if before == after:
            outcome.same += 1
        elif before is None:
            outcome.added += 1
        elif after is None:
            outcome.cleared += 1
        else:
            outcome.moved += 1


def refusal(error: BadFile | Problem) -> ImportOutcome:
    """The outcome of a file that cannot be read, or of a mapping that cannot be."""
    detail = error.detail if isinstance(error, Problem) else str(error)
    return ImportOutcome(layout="", failure=error.code, failure_detail=detail)


def _unknown(rows_of: dict[str, list[int]]) -> list[UnknownWord]:
    listed = sorted(rows_of.items(), key=lambda entry: entry[1][0])[:MOST_UNKNOWN]
    return [UnknownWord(word=word, rows=len(rows), first_row=rows[0]) for word, rows in listed]


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Book:
    """Who and what there is, by the words that files use."""

    users: dict[int, User]
    by_word: dict[str, list[User]]
    shifts: list[Shift]
    people_mapping: dict[str, int | str]
    shift_mapping: dict[str, int | ShiftCreate | str]
    _found: dict[tuple[int | None, str], int | str] = field(default_factory=dict)

    @classmethod
    async def of(cls, session: AsyncSession, by: Principal, options: Options) -> "_Book":
        asked = select(User).where(User.deleted_at.is_(None)).order_by(User.id)
        if by.visible_team_ids is not None:
            asked = asked.where(or_(User.team_id.in_(by.visible_team_ids), User.id == by.id))
        book = cls(
            {},
            defaultdict(list),
            list(await visible_shifts(session, by)),
            {key(word): meaning for word, meaning in options.mapping.people.items()},
            {key(word): meaning for word, meaning in options.mapping.shifts.items()},
        )
        for user in await session.exec(asked):
            book.add(user)
        return book

    def add(self, user: User) -> None:
        self.users[user.id] = user
        for word in {key(user.display_name), key(user.username), key(user.dingtalk_userid or "")} - {""}:
            self.by_word[word].append(user)
        if user.mobile:
            self.by_word[bare_mobile(user.mobile)].append(user)

    def candidates(self, person: PersonInFile) -> list[User]:
        """Whom a person in a file may be: by mapping, account, mobile number, then name."""
        mapped = self.people_mapping.get(key(person.name))
        if isinstance(mapped, int):
            return [self.users[mapped]] if mapped in self.users else []
        for word in (key(person.account), bare_mobile(person.mobile), key(person.name)):
            if word and (found := self.by_word.get(word)):
                return found
        return []

    def shift_for(self, code: str, team_id: int | None) -> int | str:
        """The shift that a code or name means in a team; `skip` or `clear` by mapping; `unknown`; `foreign`."""
        at = (team_id, code)
        if at not in self._found:
            self._found[at] = self._look_up(code, team_id)
        return self._found[at]

    def _look_up(self, code: str, team_id: int | None) -> int | str:
        fitting = [shift for shift in self.shifts if shift.team_id in (None, team_id)]
        mapped = self.shift_mapping.get(key(code))
        if isinstance(mapped, ShiftCreate):
            return next((shift.id for shift in fitting if shift.code == mapped.code), NOT_YET)
        if isinstance(mapped, int):
            return mapped if any(shift.id == mapped for shift in fitting) else "foreign"
        if mapped is not None:
            return mapped
        for word in (key(code), key(code.split("\n")[0])):
            for shift in (*(one for one in fitting if key(one.code) == word), *fitting):
                if word in (key(shift.code), key(shift.name)):
                    return shift.id
            if word in REST_WORDS and (rest := [shift for shift in fitting if shift.is_rest]):
                return rest[0].id
        return "unknown"


def _new_names(found: RosterInFile, options: Options, book: _Book) -> dict[str, str]:
    """People of the file who are to be added, by key."""
    asked = {word for word, meaning in book.people_mapping.items() if meaning == "new"}
    return {
        key(cell.person.name): cell.person.name
        for cell in found.cells
        if key(cell.person.name) in asked and not book.candidates(cell.person)
    }


def _promise_people(by: Principal, options: Options, book: _Book, names: dict[str, str]) -> dict[int, User]:
    """People to be made when it is written, under negative ids until then."""
    promised: dict[int, User] = {}
    taken = {user.username for user in book.users.values()}
    for word, name in names.items():
        base = re.sub(r"[^\w.@+-]", "_", name).lower()[:50]
        base = base if len(base) > 1 else f"{base}_"
        username = next(
            candidate
            for number in range(1, 100_000)
            if (candidate := base if number == 1 else f"{base}{number}") not in taken
        )
        taken.add(username)
        user = User(
            id=-len(promised) - 1,
            username=username,
            display_name=name[:80],
            team_id=options.team_id or by.user.team_id,
            password_hash="",
            role=Role.MEMBER,
            created_at=clock.now(),
        )
        promised[user.id] = user
        book.add(user)
        book.people_mapping[word] = user.id
    return promised


def _promise_shifts(by: Principal, options: Options, book: _Book) -> dict[int, ShiftCreate]:
    promised: dict[int, ShiftCreate] = {}
    for meaning in book.shift_mapping.values():
        if isinstance(meaning, ShiftCreate):
            new = meaning.model_copy(update={"team_id": meaning.team_id or options.team_id})
            shift_id = -len(promised) - 1
            promised[shift_id] = new
            book.shifts.append(
                Shift(
                    id=shift_id,
                    name=new.name,
                    code=new.code,
                    color="",
                    periods=[],
                    team_id=new.team_id,
                    created_at=clock.now(),
                )
            )
    return promised


async def _keep_promises(
    session: AsyncSession, by: Principal, compared: Compared
) -> tuple[dict[int, int], dict[int, int]]:
    """Make the new people and shifts. Returns people's ids by those that stood in for them, and shifts'."""
    user_ids: dict[int, int] = {}
    shift_ids: dict[int, int] = {}
    for stand_in, new_shift in compared.new_shifts.items():
        shift_ids[stand_in] = (await create_shift(session, by, new_shift)).id
    if compared.new_people:
        # Nobody knows this password: a planner or administrator sets one when the person is to sign in.
        unusable = await security.hash_password(security.new_token())
    for stand_in, user in compared.new_people.items():
        new = UserCreate(
            username=user.username,
            password=security.new_token(),
            display_name=user.display_name,
            team_id=user.team_id,
        )
        user_ids[stand_in] = (await create_user(session, by, new, unusable)).id
    return user_ids, shift_ids


def _understood(found: RosterInFile, by: Principal, options: Options, book: _Book) -> _Understood:
    result = _Understood()
    for problem in found.problems:
        result.complain(problem)
    result.problem_count = max(result.problem_count, found.problem_count)
    people: dict[PersonInFile, User | str] = {}
    seen: dict[Key, str] = {}
    complained: set[tuple[int, str]] = set()
    for cell in found.cells:
        who = people.get(cell.person)
        if who is None:
            who = people[cell.person] = _who(cell.person, by, options, book)
        if isinstance(who, str):
            if who not in ("skip", "new"):
                if who == "unknown_person":
                    rows = result.unknown_people[cell.person.name or cell.person.account]
                    if not rows or rows[-1] != cell.row:
                        rows.append(cell.row)
                if (cell.row, who) not in complained:
                    complained.add((cell.row, who))
                    result.complain(RowProblem(cell.row, who, PERSON_DETAILS[who], cell.person.name))
            continue
        _take(cell, who, options, book, result, seen)
    return result


PERSON_DETAILS = {
    "unknown_person": "没有这个成员",
    "ambiguous_person": "有几个成员都叫这个名字；请加一列“账号”或选择是谁",
    "not_your_team": "这个成员不归你排班",
}


def _who(person: PersonInFile, by: Principal, options: Options, book: _Book) -> User | str:
    mapped = book.people_mapping.get(key(person.name))
    if mapped == "skip":
        return "skip"
    if not person.name and not person.account:  # a file of one person
        candidates = [book.users[user_id]] if (user_id := options.user_id or by.id) in book.users else []
    else:
        candidates = book.candidates(person)
    if not candidates:
        return "new" if mapped == "new" else "unknown_person"
    planned = [user for user in candidates if by.plans_user(user)]
    if not planned:
        return "not_your_team"
    active = [user for user in planned if user.is_active] or planned
    return active[0] if len(active) == 1 else "ambiguous_person"


def _take(
    cell: CellInFile, user: User, options: Options, book: _Book, result: _Understood, seen: dict[Key, str]
) -> None:
    at = (user.id, cell.day)
    if not cell.code:
        if not options.clears_blanks or at in seen:
            return
        meaning: int | str = "clear"
    else:
        if seen.get(at, cell.code) != cell.code:
            result.complain(RowProblem(cell.row, "twice", f"{cell.day} 已经排了 {seen[at]}", cell.code))
            return
        meaning = book.shift_for(cell.code, user.team_id)
        if meaning == "unknown":
            result.unknown_shifts[cell.code].append(cell.row)
            result.complain(RowProblem(cell.row, "unknown_shift", f"{cell.day}：没有这个班次", cell.code))
            return
        if meaning == "foreign":
            result.complain(RowProblem(cell.row, "shift_of_other_team", f"{cell.day}：这是别的班组的班次", cell.code))
            return
        seen[at] = cell.code
    if meaning == "skip":
        return
    result.people[at[0]] = user
    result.wanted[at] = meaning if isinstance(meaning, int) else None
