"""What a kind of punch source is: a settings schema, and how to ask about points. One file per kind, listed in `registry`."""

import json
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from daka.outbound.config import Config, Kind, Words, setting
from daka.outbound.http import Outbound
from daka.outbound.requests import HttpAnswer, HttpRequest, NoAnswer
from daka.reminders.punches.results import CheckResult, CheckResults, PersonField, Point, SourceError, SourceErrorKind

LONGEST_ANSWER_BYTES = 1024 * 1024
"""Fifty people's punches of a day, with addresses and devices, are about 200 kB."""


def calls_setting(default: int, *, about: Words) -> Any:
    """The most calls that are made in a month."""
    return setting(default, title=("每月最多查询次数", "Calls per month, at most"), about=about, ge=0, le=1_000_000)


class SourceConfig(Config):
    """Settings of a source. Leading and trailing blanks are kept: column names and values are compared exactly."""

    model_config = ConfigDict(str_strip_whitespace=False)

    monthly_calls: int = calls_setting(
        0,
        about=(
            "用完后本月不再查询，提醒照常发送并注明「未能核实」；0 表示不限",
            "After that, the source is not asked until next month; reminders are still sent. 0 is no limit",
        ),
    )


def person_setting(*, about: Words) -> Any:
    """The one person that a source is about if it cannot tell people apart. The web app shows a list of people (`format`)."""
    return setting(None, title=("只查询这一个人", "Only this person"), about=about, ge=1, extra={"format": "user-id"})


C = TypeVar("C", bound=SourceConfig)


@dataclass(slots=True)
class SourceSession(Generic[C]):
    """Access to one source for one check: its settings, the time, and the HTTP client with the month's count of calls."""

    config: C
    now: datetime
    outbound: Outbound
    count_call: Callable[[], Awaitable[None]]
    """Count one call of the month; raises `SourceError` if none is left."""
    learned: dict[int, str] = field(default_factory=dict)
    """Ids at the vendor that were found by mobile number, by user id; see `SourceKind.learns`."""
    calls: int = 0
    """How many were counted."""

    async def send(self, request: HttpRequest, *, is_counted: bool = True) -> HttpAnswer:
        """Send once.

        Raises SourceError: no call is left, no usable answer, or one that was cut because it is too large.
        """
        if is_counted:
            await self.count_call()
            self.calls += 1
        try:
            answer = await self.outbound.send(replace(request, longest_answer_bytes=LONGEST_ANSWER_BYTES))
        except NoAnswer as failure:
            kind = SourceErrorKind.BROKEN if failure.is_address_refused else SourceErrorKind.PASSING
            hint = "address_refused" if failure.is_address_refused else failure.code
            raise SourceError(kind, failure.code, str(failure), hint=hint) from None
        if len(answer.text.encode()) >= LONGEST_ANSWER_BYTES:
            raise SourceError.passing("too_large", "the answer is too large", hint="too_large")
        return answer


class SourceKind(Kind[C]):
    """Base of all kinds."""

    config: ClassVar[type[SourceConfig]]
    learns: ClassVar[PersonField] = PersonField.DINGTALK_USERID
    """The field of the profile in which the ids are kept that it looked up."""

    @abstractmethod
    def account(self, config: C) -> str:
        """The account whose monthly calls it uses, with the secret that opens it; equal for sources that share one.

        It is stored as a hash. Without the secret, anybody who knows the account's name could use up its calls.
        """

    def names_people(self, config: C) -> bool:
        """Whether the source can tell people apart. One that cannot may serve one person only."""
        return True

    def identified_by(self, config: C) -> tuple[PersonField, ...]:
        """What of a person the source goes by; people who have all of it in common are one person to it."""
        return (self.learns,)

    @abstractmethod
    def chunks(self, config: C, points: Sequence[Point]) -> list[Sequence[Point]]:
        """The points, divided into chunks that are asked about separately: one that fails does not affect the others."""

    @abstractmethod
    async def ask(self, session: SourceSession[C], points: Sequence[Point]) -> CheckResults:
        """Ask about one chunk. Points that the answer does not cover may be left out: they are unknown.

        Raises SourceError: the source could not be asked.
        """


# --- shared by kinds -------------------------------------------------------------------------------------------------


class PersonRefused(Exception):
    """The vendor does not know one of the people in a request, or they are outside the app's scope."""


def by_people(points: Sequence[Point], most: int) -> list[Sequence[Point]]:
    """The points in parts of at most `most` people each."""
    people = list(dict.fromkeys(point.user_id for point in points))
    parts = [set(people[start : start + most]) for start in range(0, len(people), most)]
    return [[point for point in points if point.user_id in part] for part in parts]


IdentifiedPoints = Sequence[tuple[str, Point]]
"""Points, each with its person's id at the vendor."""


async def by_halves(
    people: Sequence[str],
    ask: Callable[[Sequence[str]], Awaitable[None]],
    refuse: Callable[[str, PersonRefused], None],
) -> None:
    """Ask about people, by id. If one is refused, or the answer is too large, ask about each half, down to who is refused."""
    try:
        await ask(people)
        return
    except PersonRefused as refused:
        if len(people) == 1:
            refuse(people[0], refused)
            return
    except SourceError as error:
        if error.code != "too_large" or len(people) == 1:
            raise
    middle = len(people) // 2
    await by_halves(people[:middle], ask, refuse)
    await by_halves(people[middle:], ask, refuse)


async def ask_by_halves(
    known: IdentifiedPoints,
    ask: Callable[[IdentifiedPoints], Awaitable[CheckResults]],
    refuse: Callable[[str], CheckResult],
) -> CheckResults:
    """The results of these points, asked by halves; `refuse` says what is known of a person who is refused."""
    results: CheckResults = {}

    async def ask_about(people: Sequence[str]) -> None:
        results.update(await ask([pair for pair in known if pair[0] in people]))

    def note(person: str, _: PersonRefused) -> None:
        result = refuse(person)
        results.update((point.reminder_id, result) for each, point in known if each == person)

    if people := list(dict.fromkeys(person for person, _ in known)):
        await by_halves(people, ask_about, note)
    return results


def document(answer: HttpAnswer) -> Any:
    """The answer's JSON. Raises SourceError: by its HTTP status, or because it is not JSON."""
    refuse_status(answer)
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        raise SourceError.passing("not_json", "the answer is not JSON", hint="not_json") from error


def refuse_status(answer: HttpAnswer) -> None:
    """Raise if the HTTP status is not a success: 4xx need a person, 5xx are temporary, 429 waits."""
    status = answer.status
    if 200 <= status < 300:
        return
    code = str(status)
    if status == 429:
        hold = answer.retry_after or timedelta(minutes=1)
        raise SourceError(SourceErrorKind.THROTTLED, code, "too many requests", hint="throttled", hold=hold)
    if status in (408, 425) or status >= 500:
        hold_back = answer.retry_after if status == 503 else None
        raise SourceError(
            SourceErrorKind.PASSING, code, "the server has a problem", hint="server_problem", hold=hold_back
        )
    if 300 <= status < 400:
        raise SourceError.broken(code, "redirects are not followed", hint="redirect")
    hint = {401: "credentials", 403: "permission", 404: "not_found"}.get(status, "http_refused")
    raise SourceError.broken(code, "the server refused", hint=hint)
