"""What a punch source can be asked and can say. Pure.

A source is asked about *points* (open punch points) and says of each whether its person punched, did not, or that it does not
know. Only `PUNCHED` ends a reminder. Whatever is not understood is `UNKNOWN`: the reminder goes out and says 「未能核实」.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from daka.mobile_numbers import bare_mobile
from daka.reminders.steps import EARLY_PUNCH
from daka.shifts.times import PunchKind


class PunchState(StrEnum):
    """What a source knows of one punch point."""

    PUNCHED = "punched"
    NOT_PUNCHED = "not_punched"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Point:
    """One open punch point and its person, as the sources know them."""

    reminder_id: int
    user_id: int
    username: str
    display_name: str
    mobile: str | None
    dingtalk_userid: str | None
    work_date: date
    period: int
    kind: PunchKind
    point_at: datetime
    counts_from: datetime
    """A punch earlier than this belongs to something else."""
    counts_until: datetime
    """A punch from this moment on belongs to the next point of the same kind."""
    zone: str

    def counts(self, moment: datetime) -> bool:
        """Whether a punch at that moment is this point's."""
        return self.counts_from <= moment < self.counts_until


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a source said of one point."""

    state: PunchState
    at: datetime | None = None
    """When the person punched, if the source says so."""
    reason: str = ""
    """Why it is unknown, as a code that the web app translates."""


PUNCHED = CheckResult(PunchState.PUNCHED)
NOT_PUNCHED = CheckResult(PunchState.NOT_PUNCHED)


def unknown(reason: str) -> CheckResult:
    return CheckResult(PunchState.UNKNOWN, reason=reason)


CheckResults = dict[int, CheckResult]
"""By reminder id."""


class SourceErrorKind(StrEnum):
    """What is wrong with a source that could not be asked."""

    BROKEN = "broken"
    """Settings that cannot work until a person changes something."""
    PASSING = "passing"
    """No answer, or one that is not the provider's: it may pass by itself."""
    THROTTLED = "throttled"
    OVER_BUDGET = "over_budget"
    """The month's calls are used up."""


class SourceError(Exception):
    """A source could not be asked. Carries the provider's own code and words, never an address or a secret."""

    def __init__(
        self, kind: SourceErrorKind, code: str, message: str = "", *, hint: str = "", hold: timedelta | None = None
    ) -> None:
        super().__init__(f"{kind}: {code} {message}")
        self.kind = kind
        self.code = code[:64]
        self.message = message[:300]
        self.hint = hint
        self.hold = hold
        """Do not ask again for so long."""


def counting_span(point_at: datetime, same_kind: Iterable[datetime]) -> tuple[datetime, datetime]:
    """From when until when a punch belongs to a point, given the person's other points of the same kind.

    Between two points the middle divides, so that a late clock-in in the morning is not taken for the afternoon's.
    """
    before = max((moment for moment in same_kind if moment < point_at), default=None)
    after = min((moment for moment in same_kind if moment > point_at), default=None)
    earliest = point_at - EARLY_PUNCH
    latest = point_at + LATEST_PUNCH
    if before is not None:
        earliest = max(earliest, before + (point_at - before) / 2)
    if after is not None:
        latest = min(latest, point_at + (after - point_at) / 2)
    return earliest, latest


LATEST_PUNCH = timedelta(hours=12)


# --- cells of tables -------------------------------------------------------------------------------------------------

_NOT_PUNCHED_WORDS = ("未打卡", "缺卡", "没打卡", "没有打卡")
_DOUBTFUL = re.compile(r"^#|error|fail|null|undefined|nan|错误|失败|异常|未知|无数据|加载|超时|[?？]", re.IGNORECASE)


def meaning_of_cell(cell: Any) -> CheckResult:
    """The older system's rule for a cell 打卡检测: `上班未打卡` and `下班未打卡` are not punched, another text is punched.

    Nothing at all, what is not a text, and what looks like a spreadsheet's or a script's error is unknown.
    """
    if not isinstance(cell, str) or not (text := "".join(cell.split())):
        return unknown("empty_cell")
    if any(word in text for word in _NOT_PUNCHED_WORDS):
        return NOT_PUNCHED
    if _DOUBTFUL.search(text):
        return unknown("odd_value")
    return PUNCHED


def meaning_of_value(value: Any, *, punched: Sequence[str], not_punched: Sequence[str]) -> CheckResult:
    """What a value means by two lists of words. What is in neither, or missing, is unknown."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str() | int() | float():
            text = str(value).strip()
        case _:
            return unknown("empty_cell")
    if not text:
        return unknown("empty_cell")
    if text in not_punched:
        return NOT_PUNCHED
    return PUNCHED if text in punched else unknown("odd_value")


class PersonField(StrEnum):
    """By what a source knows its people."""

    USERNAME = "username"
    DISPLAY_NAME = "display_name"
    MOBILE = "mobile"
    DINGTALK_USERID = "dingtalk_userid"


def name_in_source(point: Point, by: PersonField) -> str | None:
    """How the source calls the person, None if we do not know."""
    name: str | None = getattr(point, by)
    if by is PersonField.MOBILE and name:
        return bare_mobile(name)
    return name or None


def is_same_person(cell: Any, name: str, by: PersonField) -> bool:
    """Whether a cell names this person."""
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        return False
    text = str(cell).strip()
    return bare_mobile(text) == name if by is PersonField.MOBILE else text == name
