"""The people of an organisation as its vendor knows them, compared with the accounts here. Pure."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from daka.mobile_numbers import bare_mobile

FALLBACKS = {"dingtalk_userid": "dt", "feishu_userid": "fs", "wecom_userid": "wc"}
"""What made-up user names begin with."""
USERID = re.compile(r"[A-Za-z0-9_.@:-]{1,64}")
"""A person's id at any vendor."""
_USERNAME = re.compile(r"[\w.@+-]{2,64}")
_MOBILE = re.compile(r"\+?[0-9 -]{5,23}")


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    name: str
    parent_id: str | None = None

    @classmethod
    def told(cls, row: Mapping[str, Any], department_id: str, parent_id: str | None) -> Self:
        """As a vendor's row tells of it."""
        return cls(department_id, str(row.get("name") or department_id).strip()[:80], parent_id)


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    userid: str
    name: str
    mobile: str
    department_ids: tuple[str, ...]

    @classmethod
    def told(cls, row: Mapping[str, Any], userid: str, department_ids: tuple[str, ...]) -> Self:
        """As a vendor's row tells of them."""
        name, mobile = str(row.get("name") or userid), bare_mobile(str(row.get("mobile") or ""))
        return cls(userid, " ".join(name.split())[:80], mobile if _MOBILE.fullmatch(mobile) else "", department_ids)


@dataclass(slots=True)
class Directory:
    root: str
    """The department of the whole organisation."""
    departments: dict[str, Department] = field(default_factory=dict)
    """Parents before their children."""
    people: dict[str, DirectoryPerson] = field(default_factory=dict)
    """By userid."""
    is_complete: bool = True
    """Whether everything that the app may see was read."""

    def __post_init__(self) -> None:
        self.departments.setdefault(self.root, Department(self.root, ""))


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
    """How each person (with the team that is chosen for them, None: a new one) is known here, by userid.

    Capital letters in userids make no difference: at WeCom they do not, and elsewhere no two people differ only by them.
    """
    accounts = list(accounts)
    by_userid = {account.userid.casefold(): account for account in accounts if account.is_deleted and account.userid}
    there = [account for account in accounts if not account.is_deleted]
    by_userid |= {account.userid.casefold(): account for account in there if account.userid}
    by_mobile: dict[str, list[KnownAccount]] = defaultdict(list)
    by_name: dict[tuple[str, int | None], list[KnownAccount]] = defaultdict(list)
    for each in there:
        by_mobile[each.mobile].append(each)
        by_name[each.name, each.team_id].append(each)
    named = Counter((person.name, team_id) for person, team_id in people)
    found: dict[str, tuple[Match, int | None]] = {}
    taken: set[int] = set()
    for person, team_id in people:
        account = by_userid.get(person.userid.casefold())
        if account is not None:
            match = Match.REMOVED if account.is_deleted else Match.KNOWN
        elif same := by_mobile.get(person.mobile) if person.mobile else None:
            account = same[0]
            is_free = len(same) == 1 and account.userid is None and account.id not in taken and account.may_change
            match = Match.BY_MOBILE if is_free else Match.ELSEWHERE
        else:
            alike = by_name.get((person.name, team_id), [])
            is_same = len(alike) == 1 and named[person.name, team_id] == 1 and team_id is not None
            is_free = is_same and alike[0].userid is None and not alike[0].mobile and alike[0].may_change
            account = alike[0] if is_free else None
            match = Match.BY_NAME if account else Match.NEW
        if account is not None:
            taken.add(account.id)
        found[person.userid] = match, account.id if account else None
    return found


def username_for(person: DirectoryPerson, taken: set[str], field: str) -> str:
    """Their number if they have one, else their userid."""
    fallback = f"{FALLBACKS[field]}-{hashlib.sha256(person.userid.encode()).hexdigest()[:12]}"
    for name in (person.mobile, person.userid.lower()):
        if _USERNAME.fullmatch(name) and name not in taken:
            return name
    return fallback
