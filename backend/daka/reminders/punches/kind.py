"""What a kind of punch source is: a settings schema, and how to ask one batch of people. One file per kind, listed in `registry`.

Sources speak HTTP through a port (`Http`), so that reminders know nothing of delivery, whose guarded client is behind it.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import ConfigDict

from daka.outbound.config import Config
from daka.outbound.forms import setting
from daka.reminders.punches.known import Findings, PersonField, Point, Trouble, TroubleKind
from daka.settings import Settings

# --- the port to the network -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One HTTP request to a source. The address and the headers may carry secrets: never log them."""

    url: str = field(repr=False)
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_trusted: bool = False
    """The address comes from the operator's own settings, not from a person: it may be on the LAN."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str


class Http(Protocol):
    """The way out."""

    async def ask(self, question: Question) -> Answer:
        """Ask once.

        Raises:
            Trouble: no usable answer. The message has no address in it.
        """


# --- kinds -----------------------------------------------------------------------------------------------------------


class SourceConfig(Config):
    """Settings of a source. Blanks at the ends count: names of columns and values are compared as they are."""

    model_config = ConfigDict(str_strip_whitespace=False)

    monthly_calls: int = setting(
        0,
        zh="每月最多查询次数",
        en="Calls a month at most",
        help_zh="用完后本月不再查询，提醒照常发出并注明「未能核实」；0 表示不限",
        help_en="When they are used up nothing is asked until the next month, and reminders go out as usual; 0 is no limit",
        ge=0,
        le=1_000_000,
    )


PERSON_WORDS: dict[str, tuple[str, str]] = {
    PersonField.USERNAME: ("用户名", "User name"),
    PersonField.DISPLAY_NAME: ("姓名", "Name"),
    PersonField.MOBILE: ("手机号", "Mobile number"),
    PersonField.DINGTALK_USERID: ("钉钉 userid", "DingTalk userid"),
}


def person_setting(*, help_zh: str, help_en: str) -> Any:
    """Of whom a source speaks that cannot tell people apart. The web app offers people, not numbers (`format`)."""
    return setting(
        None,
        zh="只查询这一个人",
        en="Only this person",
        help_zh=help_zh,
        help_en=help_en,
        ge=1,
        extra={"format": "user-id"},
    )


C = TypeVar("C", bound=SourceConfig)

Learn = Callable[[int, str], Awaitable[None]]
"""Keep the DingTalk user id of a user."""


@dataclass(frozen=True, slots=True)
class Line(Generic[C]):
    """A line to one source: its settings, the time, and a counted way to ask."""

    config: C
    settings: Settings
    now: datetime
    http: Http
    count_call: Callable[[], Awaitable[None]]
    """Take one call from the month's budget; raises `Trouble` when nothing is left."""
    learn_dingtalk_userid: Learn

    async def ask(self, question: Question, *, is_counted: bool = True) -> Answer:
        if is_counted:
            await self.count_call()
        return await self.http.ask(question)


class SourceKind(ABC, Generic[C]):
    """Base of all kinds."""

    name: ClassVar[str]
    labels: ClassVar[dict[str, str]]
    """Names for people, by language."""
    config: ClassVar[type[SourceConfig]]

    @abstractmethod
    def account(self, config: C) -> str:
        """Whose monthly budget its calls use up: equal for sources that share one. May be secret; it is hashed."""

    def target(self, config: C) -> str:
        """Where it asks, fit to be shown."""
        return ""

    def names_people(self, config: C) -> bool:
        """Whether the source can tell people apart. One that cannot may only speak for one person."""
        return True

    @abstractmethod
    def batches(self, config: C, points: Sequence[Point]) -> list[Sequence[Point]]:
        """The points in the parts that are asked one by one; a part that fails does not spoil the others."""

    @abstractmethod
    async def ask(self, line: Line[C], points: Sequence[Point]) -> Findings:
        """Ask about one batch. Points that the answer does not speak of may be left out: they are unknown.

        Raises:
            Trouble: the source could not be asked.
        """


# --- shared by kinds -------------------------------------------------------------------------------------------------


def document(answer: Answer) -> Any:
    """The answer's JSON.

    Raises:
        Trouble: by its HTTP status, or because it is not JSON.
    """
    refuse_status(answer)
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        raise Trouble(TroubleKind.PASSING, "not_json", "the answer is not JSON", hint="not_json") from error


def refuse_status(answer: Answer) -> None:
    """Raise for an HTTP status that is not a success: 4xx need a person, 5xx pass, 429 waits."""
    status = answer.status
    if 200 <= status < 300:
        return
    code = str(status)
    if status == 429:
        raise Trouble(TroubleKind.THROTTLED, code, "too many requests", hint="throttled", hold=timedelta(minutes=1))
    if status in (408, 425) or status >= 500:
        raise Trouble(TroubleKind.PASSING, code, "the server has a problem", hint="server_problem")
    if 300 <= status < 400:
        raise Trouble(TroubleKind.BROKEN, code, "redirects are not followed", hint="redirect")
    hint = {401: "credentials", 403: "permission", 404: "not_found"}.get(status, "http_refused")
    raise Trouble(TroubleKind.BROKEN, code, "the server refused", hint=hint)
