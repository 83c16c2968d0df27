"""Resolves the words of a file to people and shifts. Pure, apart from `KnownWords.load`."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.identity.models import Role, User
from daka.mobile_numbers import bare_mobile
from daka.roster.cells import Key
from daka.roster.transfer.found import CellInFile, PersonInFile, Problems, RosterInFile, ShiftInLegend
from daka.roster.transfer.legends import said_of
from daka.roster.transfer.options import Options
from daka.roster.transfer.spans import TIMES, by_the_clock, times_in, without_times
from daka.roster.transfer.words import BLANK, names_in
from daka.shifts.models import Shift
from daka.shifts.rest_words import REST_WORDS
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import only_rest_shift, visible_shifts
from daka.widths import in_one_width, key

_HOURS = re.compile(r"\(?(\d{1,2}(?:\.\d)?)\s?(?:[hH]|小时)\)?")
"""What may stand below a shift in its cell without saying anything else: 早班, below it 8h."""
LONGEST_BREAK = 90
"""Minutes by which the hours that a file says may be fewer than those of the shift."""
_PLANNERS = re.compile(r"长$|主管|经理|领导|负责人|师傅|老师|上级")
"""Headings of people who plan, or lead, others."""
NOT_YET = 0
"""Stands for a shift that a dry run does not create."""


@dataclass(slots=True)
class KnownWords:
    """People and shifts by the words that files use for them."""

    users: dict[int, User]
    by_word: dict[str, list[User]]
    shifts: list[Shift]
    people_mapping: dict[str, int | str]
    shift_mapping: dict[str, int | ShiftCreate | str]
    not_read: frozenset[str] = frozenset()
    """Columns that name other people beside those of their rows, who do not count."""
    legend: Mapping[str, ShiftInLegend] = field(default_factory=dict)
    """What the file says of its shifts."""
    by_account: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))
    """By what only an account is called: it is nobody who has the same word for a name."""
    _found: dict[tuple[int | None, str], int | str] = field(default_factory=dict)

    @classmethod
    async def load(cls, session: AsyncSession, by: Principal, options: Options) -> "KnownWords":
        asked = select(User).where(User.deleted_at.is_(None)).order_by(User.id)
        if by.visible_team_ids is not None:
            asked = asked.where(or_(User.team_id.in_(by.visible_team_ids), User.id == by.id))
        known = cls(
            {},
            defaultdict(list),
            list(await visible_shifts(session, by)),
            {key(word): meaning for word, meaning in options.mapping.people.items()},
            {key(word): meaning for word, meaning in options.mapping.shifts.items()},
            frozenset(map(key, options.mapping.not_read)),
        )
        for user in await session.exec(asked):
            known.add(user)
        return known

    def add(self, user: User) -> None:
        self.users[user.id] = user
        accounts = {key(user.username), key(user.dingtalk_userid or "")} - {""}
        for word in accounts:
            self.by_account[word].append(user)
        for word in {key(user.display_name), *accounts} - {""}:
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

    def knows(self, person: PersonInFile) -> bool:
        return key(person.name) in self.people_mapping or bool(self.candidates(person))

    def named(self, name: str) -> list[User]:
        """The users with this name, whose accounts and mobile numbers do not count."""
        return [user for user in self.by_word.get(key(name), ()) if key(user.display_name) == key(name)]

    def contradicts(self, person: PersonInFile) -> bool:
        """Whether the name is one person's, and the account or mobile number another's."""
        if isinstance(self.people_mapping.get(key(person.name)), int):
            return False
        ids = [{user.id for user in users} for users in self._found_by_each(person)]
        return any(one.isdisjoint(other) for one in ids for other in ids)

    def _found_by_each(self, person: PersonInFile) -> list[list[User]]:
        account = key(person.account)
        found = [
            self.by_account.get(account) or self.by_word.get(account),
            self.by_word.get(bare_mobile(person.mobile)),
            self.by_word.get(key(person.name)),
        ]
        return [each for each in found if each]

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
        clocked = by_the_clock(code)
        if key(code) not in names and (times := [times_in(match) for match in TIMES.finditer(clocked)]):
            word = key(without_times(clocked))
            return _by_times(word, self.shift_mapping.get(word), times, fitting)
        first, _, more = code.partition("\n")
        hours = _HOURS.fullmatch(more.strip())
        said = first if hours else code
        exact = in_one_width(said).strip()
        word = key(said)
        for is_meant in (
            lambda shift: shift.code == exact,
            lambda shift: key(shift.code) == word,
            lambda shift: key(shift.name) == word,
        ):
            if meant := [shift for shift in fitting if is_meant(shift)]:
                break
        rest = only_rest_shift(fitting) if word in REST_WORDS else None
        meant = meant or ([rest] if rest else [])
        is_certain = (
            len(meant) == 1
            and self._agrees(meant[0], word, fitting)
            and (not hours or _lasts(meant[0], float(hours[1])))
        )
        return meant[0].id if is_certain else "unknown"

    def _agrees(self, shift: Shift, word: str, shifts: Sequence[Shift]) -> bool:
        """Whether a shift is the one that the file's legend says, if any, by its times or else by its name."""
        words = {word, key(shift.code), key(shift.name)}
        said = (said_of(each, self.legend) for each in words)
        return all(_is_said(shift, each, shifts) for each in said if each)


def _is_said(shift: Shift, said: ShiftInLegend, shifts: Sequence[Shift]) -> bool:
    if said.periods:
        (start, *_), (*_, end) = said.periods[0], said.periods[-1]
        times = _times_of(shift)
        is_one_end = bool(times) and "" in (start, end) and start in ("", times[0][0]) and end in ("", times[-1][1])
        return is_one_end or times == list(said.periods)
    names = set(map(key, said.name.split("\n")))
    named = [other for other in shifts if not names.isdisjoint((key(other.code), key(other.name)))]
    is_work = shift.is_rest or names.isdisjoint(REST_WORDS)
    return bool(said.name) and is_work and all(_times_of(other) == _times_of(shift) for other in named)


def _times_of(shift: Shift) -> list[tuple[str, str]]:
    return [(period["start"], period["end"]) for period in shift.periods]


def _lasts(shift: Shift, hours: float) -> bool:
    """Whether a shift has this many hours, with or without a break."""
    minutes = [60 * int(time[:2]) + int(time[3:]) for times in _times_of(shift) for time in times]
    length = sum((end - start - 1) % 1440 + 1 for start, end in zip(minutes[::2], minutes[1::2], strict=True))
    return 0 <= length - 60 * hours <= LONGEST_BREAK


def _by_times(word: str, mapped: object, times: Sequence[tuple[str, str]], shifts: Sequence[Shift]) -> int | str:
    """The shift in a cell such as `8:00-16:00` or `早班 08:00-16:00`: its name and its times have to agree."""
    named = [shift for shift in shifts if not word or mapped == shift.id or word in (key(shift.code), key(shift.name))]
    fitting = [shift.id for shift in named if _times_of(shift) == times]
    if word and len(times) == 1:  # over a break
        fitting = [shift.id for shift in named if (own := _times_of(shift)) and (own[0][0], own[-1][1]) == times[0]]
    return fitting[0] if len(fitting) == 1 else "unknown"


def shown(known: KnownWords, code: str, team_id: int | None) -> int | str | None:
    """What a code would be in the roster: a shift, nothing, or the word of one that is not there yet. "skip": as it is."""
    meaning = known.shift_for(code, team_id)
    if meaning == "clear":
        return None
    if isinstance(meaning, int) and meaning <= NOT_YET:
        mapped = known.shift_mapping.get(key(code))
        return mapped.code if isinstance(mapped, ShiftCreate) else code
    return code if meaning in ("unknown", "foreign") else meaning


def ask_about_codes(
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


def take_marks_for_codes(found: RosterInFile, known: KnownWords) -> None:
    """Marks such as / are blank cells, unless a shift is called so."""
    marks = {key(word) for shift in known.shifts for word in (shift.code, shift.name)} & BLANK
    if marks:
        found.cells = [replace(cell, code=cell.mark) if key(cell.mark) in marks else cell for cell in found.cells]


def turn_rows_of_shifts(found: RosterInFile, known: KnownWords) -> None:
    """Rows of nobody with people in all of their cells are those of a shift: 一线, then 张三 and 李四."""
    people: dict[PersonInFile, bool] = {}
    for cell in found.cells:
        if cell.code and people.get(cell.person, True):
            people[cell.person] = all(known.named(name) for name in names_in(cell.code))
    shifts = {who for who, holds_people in people.items() if holds_people and not known.knows(who)}
    found.cells = [
        each
        for cell in found.cells
        for each in (
            [replace(cell, person=PersonInFile(name), code=cell.person.name) for name in names_in(cell.code)]
            if cell.person in shifts
            else [cell]
        )
    ]


def names_to_create(found: RosterInFile, known: KnownWords) -> dict[str, str]:
    """Names of people to be created, by key."""
    asked = {word for word, meaning in known.people_mapping.items() if meaning == "new"}
    people = {cell.person: None for cell in found.cells} if asked else {}
    return {
        key(person.name): person.name for person in people if key(person.name) in asked and not known.candidates(person)
    }


def add_placeholder_people(
    by: Principal, options: Options, known: KnownWords, names: dict[str, str]
) -> dict[int, User]:
    """Users that `write` creates; until then they have negative ids."""
    placeholders: dict[int, User] = {}
    taken = {user.username for user in known.users.values()}
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
        known.add(user)
        known.people_mapping[word] = user.id
    return placeholders


def add_placeholder_shifts(options: Options, known: KnownWords) -> dict[int, ShiftCreate]:
    placeholders: dict[int, ShiftCreate] = {}
    for meaning in known.shift_mapping.values():
        if isinstance(meaning, ShiftCreate):
            new = meaning.model_copy(update={"team_id": meaning.team_id or options.team_id})
            shift_id = -len(placeholders) - 1
            placeholders[shift_id] = new
            known.shifts.append(
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


@dataclass(slots=True)
class ResolvedFile(Problems):
    """A file in the terms of this system: user ids and shift ids."""

    wanted: dict[Key, int | None] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    unknown_people: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown_shifts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    meant: dict[PersonInFile, User | str] = field(default_factory=dict)
    """The user whom each person of the file is, or why not."""

    def add_problem_of(self, cell: CellInFile, code: str, detail: str, value: str) -> None:
        self.add_problem(cell.row, code, detail, value, column=cell.column, person=cell.person, day=cell.day)


def resolve(found: RosterInFile, by: Principal, options: Options, known: KnownWords) -> ResolvedFile:
    result = ResolvedFile(list(found.problems), found.problem_count)
    people = result.meant
    named: dict[int, PersonInFile] = {}
    seen: dict[Key, tuple[int | str, str]] = {}
    reported: set[tuple[int, str]] = set()
    for cell in found.cells:
        who = people.get(cell.person)
        if who is None:
            who = _who(cell.person, by, options, known)
            if isinstance(who, User) and named.setdefault(who.id, cell.person).is_another(cell.person):
                who = "ambiguous_person"
            people[cell.person] = who
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
        _take(cell, who, options, known, result, seen)
    _ask_about_people_beside(found, known, result)
    return result


def _ask_about_people_beside(found: RosterInFile, known: KnownWords, result: ResolvedFile) -> None:
    """About columns that name other members than those of their rows, but for planners with rows of their own."""
    planned = {who.id for who in result.meant.values() if isinstance(who, User)}
    asked = set[tuple[str, int]]()
    for each, (row, person) in found.beside.items():
        names = [name for name in names_in(each.said) if key(name) not in known.people_mapping]
        others = [user for name in names for user in known.named(name)]
        if _PLANNERS.search(each.heading):
            others = [user for user in others if user.id not in planned]
        column = each.heading or f"#{each.column}"
        if others and key(column) not in known.not_read and (each.sheet, each.column) not in asked:
            asked.add((each.sheet, each.column))
            detail = "这一行还写着另一个成员；请给每人写一行，或选择不读这一列"
            between = f"{each.said[:40]} = {column[:36]}"
            result.add_problem(
                row, "person_beside", detail, between, column=each.column, sheet=each.sheet, person=person
            )


PERSON_DETAILS = {
    "unknown_person": "没有这个成员",
    "ambiguous_person": "有多个成员同名；请增加「账号」一列，或选择对应的成员",
    "person_contradiction": "姓名与账号或手机号是两个人",
    "not_your_team": "这个成员不归你排班",
    "owner_missing": "文件里没有姓名；请说明这是谁的排班（参数 user_id）",
}


def _who(person: PersonInFile, by: Principal, options: Options, known: KnownWords) -> User | str:
    mapped = known.people_mapping.get(key(person.name))
    if mapped == "skip":
        return "skip"
    if not person.name and not person.account:  # a file of one person
        if options.user_id is None:
            return "owner_missing"
        candidates = [known.users[options.user_id]] if options.user_id in known.users else []
    else:
        if known.contradicts(person):
            return "person_contradiction"
        candidates = known.candidates(person)
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
    known: KnownWords,
    result: ResolvedFile,
    seen: dict[Key, tuple[int | str, str]],
) -> None:
    at = (user.id, cell.day)
    meaning: int | str = "clear"
    if cell.code:
        meaning = known.shift_for(cell.code, user.team_id)
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
