"""The people of a DingTalk organisation: read by department, compared with the accounts here. The upper half is pure.

Calls for contacts are not counted in the month's quota.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.dingtalk import Asking, DingTalkAttendance, PersonRefused
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.syncing.reading import is_true

ROOT = "1"
"""The department of the whole organisation."""
PEOPLE_PER_PAGE = 100
MOST_CALLS = 400
_USERID = re.compile(r"[A-Za-z0-9_.@:-]{1,64}")
_USERNAME = re.compile(r"[\w.@+-]{2,64}")
_MOBILE = re.compile(r"\+?[0-9 -]{5,23}")


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    userid: str
    name: str
    mobile: str
    department_ids: tuple[str, ...]


@dataclass(slots=True)
class Directory:
    departments: dict[str, Department] = field(default_factory=dict)
    """Parents before their children."""
    people: dict[str, DirectoryPerson] = field(default_factory=dict)
    """By userid."""
    is_complete: bool = True
    """Whether everything that the app may see was read."""


def read_departments(answer: Mapping[str, Any]) -> list[Department]:
    """The departments in an answer of `v2/department/listsub`."""
    rows = answer.get("result")
    found = []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and (department_id := _id(row.get("dept_id"))):
            name = str(row.get("name") or department_id).strip()[:80]
            found.append(Department(department_id, name, _id(row.get("parent_id"))))
    return found


def read_people(answer: Mapping[str, Any], department_id: str) -> tuple[list[DirectoryPerson], int | None]:
    """The people in an answer of `v2/user/list`, and the cursor of the next page. Lists may be written as texts."""
    result = answer.get("result")
    result = result if isinstance(result, dict) else {}
    people = []
    rows = result.get("list")
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not _USERID.fullmatch(str(row.get("userid") or "")):
            continue
        mobile = bare_mobile(str(row.get("mobile") or ""))
        people.append(
            DirectoryPerson(
                userid=str(row["userid"]),
                name=" ".join(str(row.get("name") or row["userid"]).split())[:80],
                mobile=mobile if _MOBILE.fullmatch(mobile) else "",
                department_ids=_ids(row.get("dept_id_list")) or (department_id,),
            )
        )
    following = _id(result.get("next_cursor"))
    return people, int(following) if is_true(result.get("has_more")) and following else None


def _id(value: Any) -> str | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() else None


def _ids(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = value.split(",")
    return tuple(found for each in value if (found := _id(each))) if isinstance(value, list) else ()


# --- choosing --------------------------------------------------------------------------------------------------------


def chosen_department(
    person: DirectoryPerson, departments: Mapping[str, Department], chosen: frozenset[str]
) -> str | None:
    """The chosen department through which a person comes: the nearest one above, of their first department that has one."""
    for start in person.department_ids:
        at: str | None = start
        passed: set[str] = set()
        while at is not None and at not in passed:
            if at in chosen:
                return at
            passed.add(at)
            at = departments[at].parent_id if at in departments else None
    return None


class Match(StrEnum):
    NEW = "new"
    KNOWN = "known"
    BY_MOBILE = "by_mobile"
    """An account with this number and without a userid: it gets the userid."""
    BY_NAME = "by_name"
    """The only account of the team with this name, with neither userid nor number: it gets the userid."""
    REMOVED = "removed"
    """The account was deleted here; it is not created again."""
    ELSEWHERE = "elsewhere"
    """The number is that of an account that has another userid, or of several."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What matching needs of an account."""

    id: int
    name: str
    team_id: int | None
    mobile: str
    userid: str | None
    is_deleted: bool = False
    may_change: bool = True
    """Whether who asks may give it a userid."""


def match_people(
    people: Sequence[tuple[DirectoryPerson, int | None]], accounts: Iterable[KnownAccount]
) -> dict[str, tuple[Match, int | None]]:
    """How each person (with the team that is chosen for them, None: a new one) is known here, by userid."""
    accounts = list(accounts)
    by_userid = {account.userid: account for account in accounts if account.is_deleted and account.userid}
    there = [account for account in accounts if not account.is_deleted]
    by_userid |= {account.userid: account for account in there if account.userid}
    named = Counter((person.name, team_id) for person, team_id in people)
    found: dict[str, tuple[Match, int | None]] = {}
    taken: set[int] = set()
    for person, team_id in people:
        account = by_userid.get(person.userid)
        if account is not None:
            match = Match.REMOVED if account.is_deleted else Match.KNOWN
        elif same := [each for each in there if person.mobile and each.mobile == person.mobile]:
            account = same[0]
            is_free = len(same) == 1 and account.userid is None and account.id not in taken and account.may_change
            match = Match.BY_MOBILE if is_free else Match.ELSEWHERE
        else:
            alike = [each for each in there if (each.name, each.team_id) == (person.name, team_id)]
            is_same = len(alike) == 1 and named[person.name, team_id] == 1 and team_id is not None
            is_free = is_same and alike[0].userid is None and not alike[0].mobile and alike[0].may_change
            account = alike[0] if is_free else None
            match = Match.BY_NAME if account else Match.NEW
        if account is not None:
            taken.add(account.id)
        found[person.userid] = match, account.id if account else None
    return found


def username_for(person: DirectoryPerson, taken: set[str]) -> str:
    """Their number if they have one, else their userid."""
    fallback = f"dt-{hashlib.sha256(person.userid.encode()).hexdigest()[:12]}"
    for name in (person.mobile, person.userid.lower()):
        if _USERNAME.fullmatch(name) and name not in taken:
            return name
    return fallback


# --- asking ----------------------------------------------------------------------------------------------------------


async def read_directory(kind: DingTalkAttendance, session: Asking) -> Directory:
    """Everybody whom the app may see, department by department. Raises SourceError."""
    found = Directory({ROOT: Department(ROOT, "")})
    calls = 0

    async def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        try:
            return await kind.call(session, f"/topapi/v2/{path}", body, is_counted=False)
        except PersonRefused as refused:
            raise SourceError(
                SourceErrorKind.BROKEN, str(refused), "a department is out of the app's scope", hint="dingtalk_scope"
            ) from None

    waiting = [ROOT]
    while waiting:
        department_id = waiting.pop(0)
        if calls > MOST_CALLS:
            found.is_complete = False
            break
        for department in read_departments(await call("department/listsub", {"dept_id": int(department_id)})):
            if department.id not in found.departments:
                found.departments[department.id] = Department(department.id, department.name, department_id)
                waiting.append(department.id)
        cursor: int | None = 0
        while cursor is not None:
            body = {"dept_id": int(department_id), "cursor": cursor, "size": PEOPLE_PER_PAGE}
            people, following = read_people(await call("user/list", body), department_id)
            found.people |= {person.userid: person for person in people}
            cursor = following if following is not None and following > cursor else None
    return found


async def known_userids(kind: DingTalkAttendance, session: Asking, userids: Iterable[str]) -> set[str]:
    """Those whom the app may see; asked one by one. Raises SourceError."""
    found = set()
    for userid in userids:
        try:
            await kind.call(session, "/topapi/v2/user/get", {"userid": userid}, is_counted=False)
        except PersonRefused:
            continue
        found.add(userid)
    return found
