"""What the attendance systems of DingTalk, Feishu and WeCom have in common: answers, moments, and people who are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from daka import clock
from daka.reminders.punches.kind import PersonRefused, refuse_status
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.vendors.replies import Meaning, VendorReply

MOST_REMEMBERED = 10_000


def content_of(
    reply: VendorReply, vendor: str, remedies: Mapping[Meaning, str], *, people: tuple[Meaning, ...] = ()
) -> dict[str, Any]:
    """The body of a success. `people` are the meanings that are about one person.

    Raises:
        PersonRefused: the vendor does not know one of the people, or they are outside the app's scope.
        SourceError: any other failure; `remedies` has the hints of those that need somebody.
    """
    code, words = reply.code, reply.words
    if reply.found is None:
        refuse_status(reply.answer)
        raise SourceError.passing(f"not_{vendor}", words, hint="not_json")
    if reply.meaning in people:
        raise PersonRefused(code)
    match reply.meaning:
        case Meaning.DONE:
            return reply.found
        case Meaning.THROTTLED:
            raise SourceError(SourceErrorKind.THROTTLED, code, words, hint="throttled", hold=reply.wait)
        case Meaning.RETRY:
            raise SourceError(SourceErrorKind.PASSING, code or f"not_{vendor}", words, hold=reply.wait)
        case meaning:
            raise SourceError.broken(code, words, hint=remedies.get(meaning, f"{vendor}_unknown"))


def moment_of(number: int, per_second: int = 1) -> datetime | None:
    """A moment by its distance from 1970; None: there is no such moment."""
    try:
        return datetime.fromtimestamp(number / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class RefusedPeople:
    """Whom a vendor refused, so that they are not asked about each time. A key is a base URL, an app and an id or number."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str, str], datetime] = {}

    def has(self, key: tuple[str, str, str]) -> bool:
        until = self._until.get(key)
        return until is not None and clock.now() < until

    def add(self, key: tuple[str, str, str], span: timedelta) -> None:
        if len(self._until) > MOST_REMEMBERED:
            self._until.clear()
        self._until[key] = clock.now() + span
