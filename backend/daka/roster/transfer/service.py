"""What a file's words mean here, what it would change, and writing that: all of it or nothing."""

import asyncio
import re
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import security
from daka.errors import Problem
from daka.identity.access import Principal
from daka.identity.models import User
from daka.identity.schemas import UserCreate
from daka.identity.service import create_user
from daka.roster.cells import Key, newest_revision, read_cells, take_roster_turn, write_cells
from daka.roster.models import ImportStatus
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


async def carry_out(
    session: AsyncSession, by: Principal, found: RosterInFile, options: Options, progress: Progress
) -> tuple[ImportStatus, ImportOutcome]:
    """Compare the file with the roster and, unless it is a dry run, write it in this transaction.

    A file with problems writes nothing, unless the good rows were asked for.
    """
    await take_roster_turn(session)
    outcome = ImportOutcome(layout=found.layout, sheets=found.sheets, rows=found.rows)
    book = await _Book.of(session, by, options)
    if not options.is_dry_run:
        await _add_new_shifts(session, by, options, book)
    new_names = _new_names(found, options, book)
    if not options.is_dry_run:
        await _add_new_people(session, by, options, book, new_names)
    understood = await asyncio.to_thread(_understood, found, by, options, book)
    await progress(0.2)
    existing = (
        await read_cells(
            session,
            understood.people,
            min(day for _, day in understood.wanted),
            max(day for _, day in understood.wanted),
        )
        if understood.wanted
        else {}
    )
    for cell, after in understood.wanted.items():
        before = existing[cell][1] if cell in existing else None
        if before == after:
            outcome.same += 1
        elif before is None:
            outcome.added += 1
        elif after is None:
            outcome.cleared += 1
        else:
            outcome.moved += 1
    days = [cell.day for cell in found.cells]
    outcome.first_date, outcome.last_date = min(days, default=None), max(days, default=None)
    outcome.people, outcome.cells = len(understood.people), len(understood.wanted)
    outcome.new_people = sorted(new_names.values())
    outcome.new_shifts = [shift.code for shift in options.mapping.shifts.values() if isinstance(shift, ShiftCreate)]
    outcome.problems, outcome.problem_count = understood.problems, understood.problem_count
    outcome.unknown_people = _unknown(understood.unknown_people)
    outcome.unknown_shifts = _unknown(understood.unknown_shifts)
    await progress(0.3)
    if options.is_dry_run:
        return ImportStatus.CHECKED, outcome
    if outcome.problem_count and not options.takes_good_rows:
        return ImportStatus.REFUSED, outcome
    await write_cells(
        session,
        understood.wanted,
        team_of={user_id: user.team_id for user_id, user in understood.people.items()},
        changed_by=by.id,
        progress=lambda share: progress(0.3 + 0.7 * share),
    )
    outcome.revision = await newest_revision(session)
    return ImportStatus.DONE, outcome


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
        asked = select(User).where(col(User.deleted_at).is_(None)).order_by(col(User.id))
        if by.visible_team_ids is not None:
            asked = asked.where(or_(col(User.team_id).in_(by.visible_team_ids), User.id == by.id))
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
        self.users[cast(int, user.id)] = user
        for word in {key(user.display_name), key(user.username), key(user.dingtalk_userid or "")} - {""}:
            self.by_word[word].append(user)
        if user.mobile:
            self.by_word[re.sub(r"\D", "", user.mobile)[-11:]].append(user)

    def candidates(self, person: PersonInFile) -> list[User]:
        """Whom a person in a file may be: by mapping, account, mobile number, then name."""
        mapped = self.people_mapping.get(key(person.name))
        if isinstance(mapped, int):
            return [self.users[mapped]] if mapped in self.users else []
        for word in (key(person.account), re.sub(r"\D", "", person.mobile)[-11:], key(person.name)):
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
            return next((cast(int, shift.id) for shift in fitting if shift.code == mapped.code), NOT_YET)
        if isinstance(mapped, int):
            return mapped if any(shift.id == mapped for shift in fitting) else "foreign"
        if mapped is not None:
            return mapped
        for word in (key(code), key(code.split("\n")[0])):
            for shift in (*(one for one in fitting if key(one.code) == word), *fitting):
                if word in (key(shift.code), key(shift.name)):
                    return cast(int, shift.id)
            if word in REST_WORDS and (rest := [shift for shift in fitting if shift.is_rest]):
                return cast(int, rest[0].id)
        return "unknown"


def _new_names(found: RosterInFile, options: Options, book: _Book) -> dict[str, str]:
    """People of the file who are to be added, by key."""
    asked = {word for word, meaning in book.people_mapping.items() if meaning == "new"}
    return {
        key(cell.person.name): cell.person.name
        for cell in found.cells
        if key(cell.person.name) in asked and not book.candidates(cell.person)
    }


async def _add_new_people(
    session: AsyncSession, by: Principal, options: Options, book: _Book, names: dict[str, str]
) -> None:
    if not names:
        return
    # Nobody knows this password: a planner or administrator sets one when the person is to sign in.
    unusable = await security.hash_password(security.new_token())
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
        new = UserCreate(
            username=username,
            password=security.new_token(),
            display_name=name[:80],
            team_id=options.team_id or by.user.team_id,
        )
        user = await create_user(session, by, new, unusable)
        book.add(user)
        book.people_mapping[word] = cast(int, user.id)


async def _add_new_shifts(session: AsyncSession, by: Principal, options: Options, book: _Book) -> None:
    for meaning in list(book.shift_mapping.values()):
        if isinstance(meaning, ShiftCreate):
            team_id = meaning.team_id or options.team_id
            book.shifts.append(await create_shift(session, by, meaning.model_copy(update={"team_id": team_id})))


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
    at = (cast(int, user.id), cell.day)
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
