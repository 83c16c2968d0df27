"""Resolves the words of a file to people and shifts, compares it with the roster, and writes all of it or nothing."""

import asyncio
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Problem
from daka.file_reader import FileReader
from daka.hooks import imported_cells
from daka.identity.access import Principal
from daka.identity.models import Role, User
from daka.identity.schemas import PersonFields
from daka.identity.users import create_users
from daka.mobile_numbers import bare_mobile
from daka.roster.actions import action_id
from daka.roster.cells import Key, edit_cells, newest_revision, read_cells
from daka.roster.models import ActionKind
from daka.roster.transfer.drawing import Drawing
from daka.roster.transfer.file_lines import RosterLines
from daka.roster.transfer.found import CellInFile, PersonInFile, Problems, RosterInFile
from daka.roster.transfer.legends import TIMES, suggested_shift, times_in, without_times
from daka.roster.transfer.mappings import save_mappings
from daka.roster.transfer.models import ImportStatus
from daka.roster.transfer.schemas import (
    ImportOutcome,
    ImportProblem,
    Mapping,
    ShiftSuggestion,
    UnknownShift,
    UnknownWord,
)
from daka.roster.transfer.words import BLANK
from daka.shifts.models import Shift
from daka.shifts.rest_words import REST_WORDS
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import create_shift, only_rest_shift, visible_shifts
from daka.spreadsheets.sheet import BadFile
from daka.widths import in_one_width, key

MOST_UNKNOWN = 300
_NO_WORD = re.compile(r"[\d\s:.~()hH小时—–-]*")
"""What may stand below a shift in its cell without saying anything else: 早班, below it 8h."""
NOT_YET = 0
"""Stands for a shift that a dry run does not create."""


class Cancelled(Exception):
    """The import was cancelled; nothing is written."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to import a file."""

    is_dry_run: bool
    file_name: str = ""
    month: date | None = None
    team_id: int | None = None
    """The team of new people and shifts."""
    user_id: int | None = None
    """The owner of a roster in a file without people."""
    clears_blanks: bool = False
    skips_invalid_rows: bool = False
    """Import the valid rows even if others are not."""
    over_imported: bool = False
    """Write also over cells that follow an attendance system."""
    mapping: Mapping = field(default_factory=Mapping)

    def preview_of(self, body: bytes) -> str:
        """Stands for the file and all options: what a dry run showed, and what is written only if nothing differs."""
        chosen = asdict(self) | {"mapping": self.mapping.model_dump(mode="json"), "is_dry_run": None}
        del chosen["over_imported"]
        text = json.dumps(chosen, sort_keys=True, default=str)
        return hashlib.sha256(hashlib.sha256(body).digest() + text.encode()).hexdigest()


Progress = Callable[[float], Awaitable[None]]


async def read_apart(
    files: FileReader, user_id: int, body: bytes, options: Options, progress: Progress
) -> RosterInFile:
    """Have the file parsed in another process. `progress` is called several times a second and may raise to stop.

    Raises:
        BadFile: see `read_file` and `FileReader.read`.
        TooMany: too many files are being read.
    """
    lines = RosterLines()
    rows_read = 0

    def on_rows(count: int) -> None:
        nonlocal rows_read
        rows_read = count

    reading = asyncio.create_task(
        files.read(
            "daka.roster.transfer.file_lines:read_lines",
            body,
            lines.take,
            user_id=user_id,
            on_rows=on_rows,
            file_name=options.file_name,
            month=options.month and options.month.isoformat(),
        )
    )
    try:
        while not (await asyncio.wait({reading}, timeout=0.2))[0]:
            await progress(min(0.9, rows_read / (rows_read + 2_000)))
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return lines.found


@dataclass(slots=True)
class _Resolved(Problems):
    """A file in the terms of this system: user ids and shift ids."""

    wanted: dict[Key, int | None] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    unknown_people: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown_shifts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    meant: dict[PersonInFile, User | str] = field(default_factory=dict)
    """The user whom each person of the file is, or why not."""

    def add_problem_of(self, cell: CellInFile, code: str, detail: str, value: str) -> None:
        self.add_problem(cell.row, code, detail, value, column=cell.column, person=cell.person, day=cell.day)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference between a file and the roster. Computed without a lock."""

    status: ImportStatus
    """`DONE` if it may be written."""
    outcome: ImportOutcome
    wanted: dict[Key, int | None]
    """Negative ids are placeholders for people and shifts that `write` creates."""
    new_people: dict[int, User]
    new_shifts: dict[int, ShiftCreate]
    based_on: frozenset[tuple[object, ...]]
    """The people, shifts and permissions it was computed with."""


async def compare(
    session: AsyncSession, by: Principal, found: RosterInFile, options: Options, progress: Progress
) -> Comparison:
    """Compare the file with the roster. A file with problems is refused unless invalid rows are to be skipped."""
    outcome = ImportOutcome(layout=found.layout, sheets=found.sheets, rows=found.rows)
    directory = await _Directory.load(session, by, options)
    _take_marks_for_codes(found, directory)
    new_names = _new_names(found, directory)
    taken = {(shift.team_id, key(shift.code)) for shift in directory.shifts}
    new_shifts = {} if options.is_dry_run else _add_placeholder_shifts(options, directory)
    new_people = _add_placeholder_people(by, options, directory, new_names)
    resolved = await asyncio.to_thread(_resolve, found, by, options, directory)
    _ask_about_codes(found, options, taken, resolved)
    await progress(0.3)
    wanted = resolved.wanted
    if wanted:
        days = [day for _, day in wanted]
        existing = await read_cells(session, resolved.people, min(days), max(days), drafts=True)
        await progress(0.6)
        await asyncio.to_thread(_count, wanted, existing, outcome)
        imported = await imported_cells(session, resolved.people)
        outcome.over_imported = sum(key in wanted and wanted[key] != shift_id for key, shift_id in imported.items())
    file_days = [cell.day for cell in found.cells]
    outcome.first_date, outcome.last_date = min(file_days, default=None), max(file_days, default=None)
    outcome.people, outcome.cells = len(resolved.people), len(wanted)
    outcome.new_people = sorted(new_names.values())
    outcome.new_shifts = [shift.code for shift in options.mapping.shifts.values() if isinstance(shift, ShiftCreate)]
    outcome.problem_count = resolved.problem_count
    outcome.unknown_people = _unknown_words(resolved.unknown_people)
    outcome.unknown_shifts = [
        UnknownShift(**each.model_dump(), shift=_suggestion(each.word, found))
        for each in _unknown_words(resolved.unknown_shifts)
    ]
    status = ImportStatus.DONE
    if options.is_dry_run:
        status = ImportStatus.CHECKED
    elif outcome.problem_count and not options.skips_invalid_rows:
        status = ImportStatus.REFUSED
    drawing = Drawing(resolved.meant, options.clears_blanks, partial(_shown, directory))
    if status is not ImportStatus.DONE and drawing.take(found.cells, options.team_id or by.user.team_id):
        drawn_users = [user for user in drawing.users if user > 0]
        now = await read_cells(session, drawn_users, drawing.dates[0], drawing.dates[-1])
        outcome.drawn = drawing.month(now)
    outcome.problems = [
        ImportProblem(
            **{name: getattr(each, name) for name in ("sheet", "row", "column", "code", "value", "detail")},
            line=drawing.line_of(each.person),
            date=each.day,
        )
        for each in resolved.problems
    ]
    await progress(1.0)
    people = [(user.id, user.team_id, user.is_active) for user in resolved.people.values()]
    based_on = _basis(by, directory.shifts, people)
    return Comparison(status, outcome, wanted, new_people, new_shifts, based_on)


async def write(
    session: AsyncSession, by: Principal, compared: Comparison, options: Options, progress: Progress
) -> ImportOutcome:
    """Write everything in this transaction. The file wins over cells that changed since the comparison.

    The caller holds the roster lock.
    """
    user_ids, shift_ids = await _create_placeholders(session, by, compared)
    wanted = {
        (user_ids.get(user_id, user_id), day): shift_id if shift_id is None else shift_ids.get(shift_id, shift_id)
        for (user_id, day), shift_id in compared.wanted.items()
    }
    action = await action_id(session, by, ActionKind.IMPORTED)
    written = await edit_cells(
        session, wanted, changed_by=by.id, over_imported=options.over_imported, action=action, progress=progress
    )
    outcome = compared.outcome.model_copy(deep=True)
    outcome.added, outcome.moved, outcome.cleared = written.added, written.moved, written.cleared
    outcome.same = len(wanted) - written.changed
    outcome.revision = await newest_revision(session)
    outcome.action_id = action
    team_id = options.team_id or by.user.team_id
    if team_id is not None and by.plans(team_id):
        created = {new.code: shift_ids[placeholder] for placeholder, new in compared.new_shifts.items()}
        await save_mappings(session, team_id, options.mapping, created)
    return outcome


async def is_current(session: AsyncSession, by: Principal, compared: Comparison) -> bool:
    """Whether people, shifts and permissions are unchanged since the comparison. Cells may have changed."""
    asked = select(User.id, User.team_id, User.is_active).where(User.deleted_at.is_(None))
    user_ids = {user_id for user_id, _ in compared.wanted}
    people = [found for found in await session.exec(asked) if found[0] in user_ids]
    return _basis(by, await visible_shifts(session, by), people) == compared.based_on


Person = tuple[int | None, int | None, bool]


def _basis(by: Principal, shifts: Iterable[Shift], people: Iterable[Person]) -> frozenset[tuple[object, ...]]:
    return frozenset(
        [
            ("rights", by.is_admin, by.planned_team_ids),
            *(("shift", shift.id, shift.team_id) for shift in shifts if (shift.id or 0) > 0),
            *(("person", *person) for person in people if (person[0] or 0) > 0),
        ]
    )


def _count(wanted: dict[Key, int | None], existing: dict[Key, int], outcome: ImportOutcome) -> None:
    for cell, after in wanted.items():
        before = existing.get(cell)
        if before == after:
            outcome.same += 1
        elif before is None:
            outcome.added += 1
        elif after is None:
            outcome.cleared += 1
        else:
            outcome.moved += 1


def failed_outcome(error: BadFile | Problem) -> ImportOutcome:
    """The outcome of an unreadable file or an invalid mapping."""
    detail = error.detail if isinstance(error, Problem) else str(error)
    return ImportOutcome(layout="", failure=error.code, failure_detail=detail)


def _unknown_words(rows_of: dict[str, list[int]]) -> list[UnknownWord]:
    listed = sorted(rows_of.items(), key=lambda entry: entry[1][0])[:MOST_UNKNOWN]
    return [UnknownWord(word=word, rows=len(rows), first_row=rows[0]) for word, rows in listed]


def _suggestion(word: str, found: RosterInFile) -> ShiftSuggestion | None:
    suggested = suggested_shift(word, found.legend)
    return ShiftSuggestion.model_validate(suggested, from_attributes=True) if suggested else None


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Directory:
    """People and shifts by the words that files use for them."""

    users: dict[int, User]
    by_word: dict[str, list[User]]
    shifts: list[Shift]
    people_mapping: dict[str, int | str]
    shift_mapping: dict[str, int | ShiftCreate | str]
    _found: dict[tuple[int | None, str], int | str] = field(default_factory=dict)

    @classmethod
    async def load(cls, session: AsyncSession, by: Principal, options: Options) -> "_Directory":
        asked = select(User).where(User.deleted_at.is_(None)).order_by(User.id)
        if by.visible_team_ids is not None:
            asked = asked.where(or_(User.team_id.in_(by.visible_team_ids), User.id == by.id))
        directory = cls(
            {},
            defaultdict(list),
            list(await visible_shifts(session, by)),
            {key(word): meaning for word, meaning in options.mapping.people.items()},
            {key(word): meaning for word, meaning in options.mapping.shifts.items()},
        )
        for user in await session.exec(asked):
            directory.add(user)
        return directory

    def add(self, user: User) -> None:
        self.users[user.id] = user
        for word in {key(user.display_name), key(user.username), key(user.dingtalk_userid or "")} - {""}:
            self.by_word[word].append(user)
        if user.mobile:
            self.by_word[bare_mobile(user.mobile)].append(user)

    def candidates(self, person: PersonInFile) -> list[User]:
        """The users that a person in a file may be: by mapping, account, mobile number, then name."""
        mapped = self.people_mapping.get(key(person.name))
        if isinstance(mapped, int):
            return [self.users[mapped]] if mapped in self.users else []
        found = self._found_by_each(person)
        first = found[0] if found else []
        for others in found[1:]:
            first = [user for user in first if user in others] or first
        return first

    def contradicts(self, person: PersonInFile) -> bool:
        """Whether the name is one person's, and the account or mobile number another's."""
        if isinstance(self.people_mapping.get(key(person.name)), int):
            return False
        ids = [{user.id for user in users} for users in self._found_by_each(person)]
        return any(one.isdisjoint(other) for one in ids for other in ids)

    def _found_by_each(self, person: PersonInFile) -> list[list[User]]:
        words = (key(person.account), bare_mobile(person.mobile), key(person.name))
        return [found for word in words if word and (found := self.by_word.get(word))]

    def shift_for(self, code: str, team_id: int | None) -> int | str:
        """The shift with this code or name in a team, or `skip`, `clear` (both by mapping), `unknown`, `foreign`."""
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
        names = {key(name) for shift in fitting for name in (shift.name, shift.code)}
        if key(code) not in names and (times := [times_in(match) for match in TIMES.finditer(code)]):
            return _by_times(key(without_times(code)), times, fitting)
        first, _, more = code.partition("\n")
        said = first if _NO_WORD.fullmatch(more) else code
        exact = in_one_width(said).strip()
        word = key(said)
        for is_meant in (
            lambda shift: shift.code == exact,
            lambda shift: key(shift.code) == word,
            lambda shift: key(shift.name) == word,
        ):
            if meant := [shift.id for shift in fitting if is_meant(shift)]:
                return meant[0] if len(meant) == 1 else "unknown"
        rest = only_rest_shift(fitting) if word in REST_WORDS else None
        return rest.id if rest else "unknown"


def _by_times(word: str, times: Sequence[tuple[str, str]], shifts: Sequence[Shift]) -> int | str:
    """The shift in a cell such as `8:00-16:00` or `早班 08:00-16:00`: its name and its times have to agree."""
    fitting = [
        shift.id
        for shift in shifts
        if [(period["start"], period["end"]) for period in shift.periods] == times
        and (not word or word in (key(shift.code), key(shift.name)))
    ]
    return fitting[0] if len(fitting) == 1 else "unknown"


def _shown(directory: _Directory, code: str, team_id: int | None) -> int | str | None:
    """What a code would be in the roster: a shift, nothing, or the word of one that is not there yet. "skip": as it is."""
    meaning = directory.shift_for(code, team_id)
    if meaning == "clear":
        return None
    if isinstance(meaning, int) and meaning <= NOT_YET:
        mapped = directory.shift_mapping.get(key(code))
        return mapped.code if isinstance(mapped, ShiftCreate) else code
    return code if meaning in ("unknown", "foreign") else meaning


def _ask_about_codes(
    found: RosterInFile, options: Options, taken: set[tuple[int | None, str]], resolved: Problems
) -> None:
    """Two new shifts with one code, or one with the code of another shift of the team, are a problem already in the dry run."""
    for word, meaning in options.mapping.shifts.items():
        if isinstance(meaning, ShiftCreate):
            at = (meaning.team_id or options.team_id, key(meaning.code))
            if at in taken:
                row = next((cell.row for cell in found.cells if key(cell.code) == key(word)), 0)
                resolved.add_problem(row, "same_code", "两个班次用了同一个代号", f"{word} → {meaning.code}")
            taken.add(at)


def _take_marks_for_codes(found: RosterInFile, directory: _Directory) -> None:
    """Marks such as / are blank cells, unless a shift is called so."""
    marks = {key(word) for shift in directory.shifts for word in (shift.code, shift.name)} & BLANK
    if marks:
        found.cells = [replace(cell, code=cell.mark) if key(cell.mark) in marks else cell for cell in found.cells]


def _new_names(found: RosterInFile, directory: _Directory) -> dict[str, str]:
    """Names of people to be created, by key."""
    asked = {word for word, meaning in directory.people_mapping.items() if meaning == "new"}
    people = {cell.person: None for cell in found.cells} if asked else {}
    return {
        key(person.name): person.name
        for person in people
        if key(person.name) in asked and not directory.candidates(person)
    }


def _add_placeholder_people(
    by: Principal, options: Options, directory: _Directory, names: dict[str, str]
) -> dict[int, User]:
    """Users that `write` creates; until then they have negative ids."""
    placeholders: dict[int, User] = {}
    taken = {user.username for user in directory.users.values()}
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
            id=-len(placeholders) - 1,
            username=username,
            display_name=name[:80],
            team_id=options.team_id or by.user.team_id,
            password_hash="",
            role=Role.MEMBER,
        )
        placeholders[user.id] = user
        directory.add(user)
        directory.people_mapping[word] = user.id
    return placeholders


def _add_placeholder_shifts(options: Options, directory: _Directory) -> dict[int, ShiftCreate]:
    placeholders: dict[int, ShiftCreate] = {}
    for meaning in directory.shift_mapping.values():
        if isinstance(meaning, ShiftCreate):
            new = meaning.model_copy(update={"team_id": meaning.team_id or options.team_id})
            shift_id = -len(placeholders) - 1
            placeholders[shift_id] = new
            directory.shifts.append(
                Shift(
                    id=shift_id,
                    name=new.name,
                    code=new.code,
                    color="",
                    periods=[],
                    team_id=new.team_id,
                )
            )
    return placeholders


async def _create_placeholders(
    session: AsyncSession, by: Principal, compared: Comparison
) -> tuple[dict[int, int], dict[int, int]]:
    """Create the new people and shifts. Returns user ids and shift ids by placeholder."""
    shift_ids = {number: (await create_shift(session, by, new)).id for number, new in compared.new_shifts.items()}
    # Without a password; they can sign in once a planner or administrator has sent a link.
    people = [
        PersonFields(username=user.username, display_name=user.display_name, team_id=user.team_id)
        for user in compared.new_people.values()
    ]
    created = await create_users(session, by, people)
    return dict(zip(compared.new_people, [user.id for user in created], strict=True)), shift_ids


def _resolve(found: RosterInFile, by: Principal, options: Options, directory: _Directory) -> _Resolved:
    result = _Resolved(list(found.problems), found.problem_count)
    people = result.meant
    seen: dict[Key, tuple[int | str, str]] = {}
    reported: set[tuple[int, str]] = set()
    for cell in found.cells:
        who = people.get(cell.person)
        if who is None:
            who = people[cell.person] = _who(cell.person, by, options, directory)
        if isinstance(who, str):
            if who == "unknown_person" and not cell.code:
                continue  # a row of nobody without a shift, such as a team's name or a note
            if who not in ("skip", "new"):
                if who == "unknown_person":
                    rows = result.unknown_people[cell.person.name or cell.person.account]
                    if not rows or rows[-1] != cell.row:
                        rows.append(cell.row)
                row = 0 if who == "owner_missing" else cell.row  # one question about the whole file
                if (row, who) not in reported:
                    reported.add((row, who))
                    result.add_problem(cell.row, who, PERSON_DETAILS[who], cell.person.name, person=cell.person)
            continue
        _take(cell, who, options, directory, result, seen)
    return result


PERSON_DETAILS = {
    "unknown_person": "没有这个成员",
    "ambiguous_person": "有多个成员同名；请增加「账号」一列，或选择对应的成员",
    "person_contradiction": "姓名与账号或手机号是两个人",
    "not_your_team": "这个成员不归你排班",
    "owner_missing": "文件里没有姓名；请说明这是谁的排班（参数 user_id）",
}


def _who(person: PersonInFile, by: Principal, options: Options, directory: _Directory) -> User | str:
    mapped = directory.people_mapping.get(key(person.name))
    if mapped == "skip":
        return "skip"
    if not person.name and not person.account:  # a file of one person
        if options.user_id is None:
            return "owner_missing"
        candidates = [directory.users[options.user_id]] if options.user_id in directory.users else []
    else:
        if directory.contradicts(person):
            return "person_contradiction"
        candidates = directory.candidates(person)
    if not candidates:
        return "new" if mapped == "new" else "unknown_person"
    planned = [user for user in candidates if by.plans_user(user)]
    if not planned:
        return "not_your_team"
    active = [user for user in planned if user.is_active] or planned
    return active[0] if len(active) == 1 else "ambiguous_person"


def _take(
    cell: CellInFile,
    user: User,
    options: Options,
    directory: _Directory,
    result: _Resolved,
    seen: dict[Key, tuple[int | str, str]],
) -> None:
    at = (user.id, cell.day)
    meaning: int | str = "clear"
    if cell.code:
        meaning = directory.shift_for(cell.code, user.team_id)
        if meaning == "unknown":
            result.unknown_shifts[cell.code].append(cell.row)
            result.add_problem_of(cell, "unknown_shift", f"{cell.day}：没有这个班次", cell.code)
            return
        if meaning == "foreign":
            detail = f"{cell.day}：这是别的班组的班次"
            result.add_problem_of(cell, "shift_of_other_team", detail, cell.code)
            return
        before, code = seen.setdefault(at, (meaning, cell.code))
        # New shifts all mean the same placeholder in a dry run: their words tell them apart.
        if before != meaning or (meaning == NOT_YET and key(code) != key(cell.code)):
            value = f"{user.display_name} {cell.day}: {code} / {cell.code}"
            result.add_problem_of(cell, "twice", "同一天排了两个班", value)
            return
    elif not options.clears_blanks or at in seen:
        return
    if meaning == "skip":
        return
    result.people[at[0]] = user
    result.wanted[at] = meaning if isinstance(meaning, int) else None
