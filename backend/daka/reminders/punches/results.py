"""What punch sources are asked about and what they return. Pure.

A source is asked about *points* (open punch points). The result of each is that its person punched, did not punch, or that
this is unknown. Only `PUNCHED` ends a reminder. Any other answer is `UNKNOWN`: the reminder is sent with 「未能核实」.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from daka.mobile_numbers import bare_mobile
from daka.outbound.config import Choice
from daka.reminders.steps import EARLY_PUNCH
from daka.shifts.times import PunchKind
from daka.widths import key


class PunchState(StrEnum):
    """Whether one punch point is settled, according to a source."""

    PUNCHED = "punched"
    NOT_PUNCHED = "not_punched"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Point:
    """One open punch point and its person."""

    reminder_id: int
    user_id: int
    username: str
    display_name: str
    mobile: str | None
    dingtalk_userid: str | None
    wecom_userid: str | None
    feishu_userid: str | None
    work_date: date
    period: int
    kind: PunchKind
    point_at: datetime
    counts_from: datetime
    """An earlier punch does not belong to this point."""
    counts_until: datetime
    """A punch from this moment on belongs to the next point of the same kind."""
    zone: str

    def counts(self, moment: datetime) -> bool:
        """Whether a punch at that moment is this point's."""
        return self.counts_from <= moment < self.counts_until


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A source's result for one point."""

    state: PunchState
    at: datetime | None = None
    """When the person punched, if the source reports it."""
    reason: str = ""
    """Why it is unknown: a code (see `remedies.DOUBTS`)."""


PUNCHED = CheckResult(PunchState.PUNCHED)
NOT_PUNCHED = CheckResult(PunchState.NOT_PUNCHED)


def unknown(reason: str) -> CheckResult:
    return CheckResult(PunchState.UNKNOWN, reason=reason)


CheckResults = dict[int, CheckResult]
"""By reminder id."""


class SourceErrorKind(StrEnum):
    """Why a source could not be asked."""

    BROKEN = "broken"
    """It cannot work until a person changes something."""
    PASSING = "passing"
    """No answer, or not the provider's: may resolve itself."""
    THROTTLED = "throttled"
    OVER_BUDGET = "over_budget"
    """The month's calls are used up."""


class SourceError(Exception):
    """A source could not be asked. Has the provider's own code and words, never an address or a secret."""

    def __init__(
        self, kind: SourceErrorKind, code: str, message: str = "", *, hint: str = "", hold: timedelta | None = None
    ) -> None:
        super().__init__(f"{kind}: {code} {message}")
        self.kind = kind
        self.code = code[:64]
        self.message = message[:300]
        self.hint = hint
        self.hold = hold
        """How long not to ask again."""

    @classmethod
    def broken(cls, code: str, message: str = "", *, hint: str = "") -> Self:
        return cls(SourceErrorKind.BROKEN, code, message, hint=hint)

    @classmethod
    def passing(cls, code: str, message: str = "", *, hint: str = "") -> Self:
        return cls(SourceErrorKind.PASSING, code, message, hint=hint)

    @property
    def reason(self) -> str:
        """The provider's own code and words."""
        return f"{self.code} {self.message}".strip()


def counting_span(point_at: datetime, same_kind: Iterable[datetime]) -> tuple[datetime, datetime]:
    """The interval in which a punch belongs to a point, given the person's other points of the same kind.

    Two neighbouring points are divided at the midpoint, so that a late clock-in in the morning does not count for the afternoon.
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
    """The older system's rule for a cell 打卡检测: `上班未打卡` and `下班未打卡` are not punched, any other text is punched.

    An empty cell, a value that is not text, and text that looks like an error of a spreadsheet or script are unknown.
    """
    if not isinstance(cell, str) or not (text := "".join(cell.split())):
        return unknown("empty_cell")
    if any(word in text for word in _NOT_PUNCHED_WORDS):
        return NOT_PUNCHED
    if _DOUBTFUL.search(text):
        return unknown("odd_value")
    return PUNCHED


def meaning_of_value(value: Any, *, punched: Sequence[str], not_punched: Sequence[str]) -> CheckResult:
    """The state that two lists of values give. A value that is missing or in neither list is unknown."""
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


class PersonField(Choice):
    """What identifies people in a source."""

    USERNAME = "username", "用户名", "User name"
    DISPLAY_NAME = "display_name", "姓名", "Name"
    MOBILE = "mobile", "手机号", "Mobile number"
    DINGTALK_USERID = "dingtalk_userid", "钉钉 userid", "DingTalk userid"
    WECOM_USERID = "wecom_userid", "企业微信 userid", "WeCom userid"
    FEISHU_USERID = "feishu_userid", "飞书 user_id", "Feishu user_id"


def name_in_source(point: Point, by: PersonField) -> str | None:
    """The person's name, number or id in the source; None if it is not on file here."""
    name: str | None = getattr(point, by)
    if by is PersonField.MOBILE and name:
        return bare_mobile(name)
    return name or None


def is_same_person(cell: Any, name: str, by: PersonField) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        return False
    text = str(cell).strip()
    match by:
        case PersonField.MOBILE:
            return bare_mobile(text) == name
        case PersonField.DISPLAY_NAME:
            return key(text) == key(name)
    return text == name
