"""What a provider's answer means. Each kind has a table of its vendor's codes; one function reads them all.

1. The provider's own code comes first: most robots answer HTTP 200 to everything, also to a wrong key.
2. A code of success counts with HTTP 2xx only, and not if the answer names people who got nothing (`unreached`).
3. An unknown code goes by the words, then by the HTTP status (5xx again, 429 later), then by the table's `unknown`.
4. An answer that is not in the vendor's form never counts as sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from re import IGNORECASE, search
from typing import Any
from zoneinfo import ZoneInfo

from daka import clock
from daka.delivery import remedies
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import code_in, json_object
from daka.outbound.requests import HttpAnswer, NoAnswer
from daka.vendors.replies import by_code

LONGEST_MESSAGE = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means, with the provider's own code and words, and a remedy (`hint`)."""

    outcome: Outcome
    provider_code: str = ""
    provider_message: str = ""
    hint: Remedy = remedies.NONE
    retry_after: timedelta | None = None
    http_status: int | None = None
    ticket: str = ""
    """The id under which the provider reports later whether the message arrived (see `ChannelKind.receipt`)."""
    card: str = ""
    """The id under which the message can be changed in place (see `ChannelKind.update`)."""


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The meaning of one code."""

    outcome: Outcome
    remedy: Remedy = remedies.NONE
    wait: timedelta | Callable[[], timedelta] | None = None
    """How long to wait if the answer does not contain it."""


@dataclass(frozen=True, slots=True)
class ByMessage:
    """The meaning of a code (or of unknown ones) by the provider's message: the first pattern that matches decides."""

    patterns: Mapping[str, VerdictRow]
    otherwise: VerdictRow

    def row(self, message: str) -> VerdictRow:
        found = (row for pattern, row in self.patterns.items() if search(pattern, message, IGNORECASE))
        return next(found, self.otherwise)


DONE = VerdictRow(Outcome.DONE)
RETRY = VerdictRow(Outcome.RETRY)


def broken(remedy: Remedy) -> VerdictRow:
    """The settings cannot work until a person mends them."""
    return VerdictRow(Outcome.BROKEN_CHANNEL, remedy)


def nobody(message: RenderedMessage, remedy: Remedy) -> "Verdict":
    """No vendor was asked: the message has nobody to go to. A test goes to the tester, or to whom the settings list."""
    is_listed = message.occasion is Occasion.TEST and remedy is not remedies.NO_RECIPIENT
    hint = remedies.NO_TEST_RECIPIENT if is_listed else remedy
    return Verdict(Outcome.BAD_MESSAGE, "no_recipient", "", hint)


def refused(remedy: Remedy = remedies.MESSAGE_REFUSED) -> VerdictRow:
    """This message, or this person, is not taken; the channel works."""
    return VerdictRow(Outcome.BAD_MESSAGE, remedy)


def throttled(
    wait: timedelta | Callable[[], timedelta] | None = None, remedy: Remedy = remedies.THROTTLED
) -> VerdictRow:
    """The provider takes nothing for a while."""
    return VerdictRow(Outcome.THROTTLED, remedy, wait)


BY_STATUS = VerdictRow(Outcome.RETRY, remedies.HTTP_REFUSED)
"""A code that means no more than the HTTP status."""


@dataclass(frozen=True, slots=True)
class ProviderCode:
    """The provider's code and message in an answer, and the wait that it asks for."""

    code: str
    message: str = ""
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A vendor's codes, and where they stand in its answers."""

    rows: Mapping[str, VerdictRow | ByMessage]
    """By code; several codes with one meaning have blanks between them."""
    unknown: VerdictRow | ByMessage = field(default_factory=lambda: broken(remedies.UNKNOWN))
    statuses: Mapping[int, VerdictRow] = field(default_factory=dict)
    """HTTP statuses that mean something special where no code is known."""
    code: str = "code"
    message: str = "message"
    """Names of the JSON fields with code and words."""
    unreached: tuple[str, ...] = ()
    """Names of JSON fields that list people who got nothing in spite of a success code: each is a code in `rows`."""
    read: Callable[[HttpAnswer, dict[str, Any]], ProviderCode | None] | None = None
    """Finds the reply where it is not simply in two JSON fields. None: the answer is not in the vendor's form."""
    is_status_enough: bool = False
    """HTTP 2xx alone is success, for receivers without a code of their own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", by_code(self.rows))

    def verdict(self, answer: HttpAnswer, *, shows_words: bool = True) -> Verdict:
        """What an answer means. `shows_words` is false for addresses that people chose: its text is not passed on."""
        found = json_object(answer.text) or {}
        reply = self._reply(answer, found)
        if reply is None and answer.status in self.statuses:
            reply = ProviderCode(str(answer.status))
        row = self._row(reply, answer.status) if reply else BY_STATUS
        if reply and row.outcome is Outcome.DONE and (missed := next(filter(found.get, self.unreached), None)):
            named = found[missed]
            reply = ProviderCode(missed, ", ".join(map(str, named)) if isinstance(named, list) else str(named))
            row = self._row(reply, answer.status)
        if reply is None or row is BY_STATUS:
            by_status = plain_http_verdict if self.is_status_enough else not_the_vendors
            return by_status(answer, shows_words=shows_words)
        wait = None
        if row.outcome is Outcome.THROTTLED:
            wait = reply.wait or (row.wait() if callable(row.wait) else row.wait) or answer.retry_after
        message = reply.message[:LONGEST_MESSAGE]
        return Verdict(row.outcome, reply.code, message, row.remedy, wait, answer.status)

    def _reply(self, answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
        if self.read is not None:
            return self.read(answer, found)
        code = code_in(found, self.code)
        return ProviderCode(code, str(found.get(self.message) or "")) if code else None

    def _row(self, reply: ProviderCode, status: int) -> VerdictRow:
        if (known := self.rows.get(reply.code)) is not None:
            row = known.row(reply.message) if isinstance(known, ByMessage) else known
            return row if row.outcome is not Outcome.DONE or status < 300 else BY_STATUS
        if (by_status := self.statuses.get(status)) is not None:
            return by_status
        row = self.unknown.row(reply.message) if isinstance(self.unknown, ByMessage) else self.unknown
        if row.outcome in (Outcome.BROKEN_CHANNEL, Outcome.BAD_MESSAGE) and status >= 500:
            return RETRY
        return throttled() if status == 429 and row.outcome is not Outcome.THROTTLED else row


def verdict_without_answer(failure: NoAnswer) -> Verdict:
    """No answer: try again, unless the address itself is refused."""
    if failure.is_address_refused:
        return Verdict(Outcome.BROKEN_CHANNEL, failure.code, str(failure), remedies.ADDRESS_REFUSED)
    known = {"dns": remedies.NAME_NOT_RESOLVED, "certificate": remedies.CERTIFICATE}
    return Verdict(Outcome.RETRY, failure.code, str(failure), known.get(failure.code, remedies.NONE))


def plain_http_verdict(answer: HttpAnswer, *, shows_words: bool = True) -> Verdict:
    """The meaning of an HTTP status alone, for receivers without codes of their own.

    2xx is done, 408/425 and 5xx are tried again, 429 holds the channel, 3xx and other 4xx need a person.
    """
    code, words, status = str(answer.status), answer.text.strip()[:200] if shows_words else "", answer.status
    if 200 <= status < 300:
        return Verdict(Outcome.DONE, code, words, http_status=status)
    if status == 429:
        return Verdict(Outcome.THROTTLED, code, words, remedies.THROTTLED, answer.retry_after, status)
    if status in (408, 425) or status >= 500:
        wait = answer.retry_after if status == 503 else None
        return Verdict(Outcome.RETRY, code, words, retry_after=wait, http_status=status)
    if 300 <= status < 400:
        words = "redirects are not followed"
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, remedies.REDIRECT, http_status=status)
    if status in (413, 422):
        return Verdict(Outcome.BAD_MESSAGE, code, words, remedies.MESSAGE_REFUSED, http_status=status)
    return Verdict(Outcome.BROKEN_CHANNEL, code, words, remedies.HTTP_REFUSED, http_status=status)


def not_the_vendors(answer: HttpAnswer, *, shows_words: bool = True) -> Verdict:
    """An answer that is not in the vendor's form: by its HTTP status, but success is never believed."""
    if answer.status < 300:
        return Verdict(Outcome.RETRY, "", "the answer was not the provider's", http_status=answer.status)
    return plain_http_verdict(answer, shows_words=shows_words)


def until_tomorrow(zone: str = "Asia/Shanghai") -> timedelta:
    """How long until the next midnight there, when daily quotas are reset."""
    here = clock.now().astimezone(ZoneInfo(zone))
    midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), here.tzinfo)
    return midnight - here
