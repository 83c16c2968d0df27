"""What a vendor's answer means. Channels, punch sources and sign-in translate meanings to their own outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from daka.outbound.requests import HttpAnswer
from daka.outbound.tokens import AppToken, app_token


def rows_of(found: Any) -> list[dict[str, Any]]:
    """The objects of a list in an answer; whatever else is in it, or there instead, is left out."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def object_of(found: Any, *names: str) -> dict[str, Any]:
    """The object to which these names lead in an answer; without members if something else is there."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


LONGEST_NUMBER = 40
"""Digits; Python refuses to read thousands of them."""


def number_of(value: Any) -> int | None:
    """A number in an answer, also one that is written as a text of digits. None: something else, or endless digits."""
    text = str(value)
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number and not isinstance(value, bool) else None


class Meaning(StrEnum):
    DONE = "done"
    RETRY = "retry"
    """The vendor failed, or the answer is not the vendor's: try again later."""
    THROTTLED = "throttled"
    """Too many requests: wait (`VendorReply.wait`), then try again."""
    QUOTA = "quota"
    """The month's calls are used up."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    """The access token has expired or is invalid: fetch a new one and try once more."""
    APP = "app"
    """The app's credentials are wrong."""
    AGENT = "agent"
    """The app's id does not belong to its credentials."""
    PERMISSION = "permission"
    """The app lacks a permission."""
    ADDRESS = "address"
    """The server's IP address is not on the app's list."""
    PERSON = "person"
    """This one person is unknown; other people are not affected."""
    SCOPE = "scope"
    """This one person is outside the app's scope; other people are not affected."""
    HELD = "held"
    """Nothing more goes to this one person for a while; other people are not affected."""
    MESSAGE = "message"
    """The request cannot be accepted as it is."""
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    """A code that is in no table: failed, and not tried again by itself."""


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """A row of a vendor's code table."""

    meaning: Meaning
    wait: timedelta | None = None


A_MINUTE = timedelta(minutes=1)
"""The wait where the vendor gives none."""

Row = TypeVar("Row")


def by_code(rows: Mapping[str, Row]) -> dict[str, Row]:
    """A table with one row for each code, from one with a row for several codes, with blanks between them."""
    return {code: row for codes, row in rows.items() for code in codes.split()}


@dataclass(frozen=True, slots=True)
class VendorReply:
    """An answer with its meaning, and the vendor's own code and words."""

    meaning: Meaning
    code: str
    words: str
    answer: HttpAnswer = field(repr=False)
    found: dict[str, Any] | None = field(default=None, repr=False)
    """The body; None if it is not a JSON object."""
    wait: timedelta | None = None


def token_in(reply: VendorReply, token_field: str, seconds_field: str) -> AppToken | VendorReply:
    """The access token in an answer, or why there is none."""
    found = reply.found or {}
    if reply.meaning is not Meaning.DONE:
        return reply
    if not isinstance(token := found.get(token_field), str) or not token:
        return VendorReply(Meaning.RETRY, "", "the answer has no token", reply.answer, found)
    return app_token(token, found.get(seconds_field))


def reply_of(
    row: CodeMeaning, code: str, words: str, answer: HttpAnswer, found: dict[str, Any] | None = None
) -> VendorReply:
    """The reply that a row of the table makes of an answer. The longer wait counts: the row's, or what the answer asks for."""
    may_ask = row.meaning in (Meaning.THROTTLED, Meaning.QUOTA) or answer.status == 503
    waits = [wait for wait in (row.wait, answer.retry_after if may_ask else None) if wait]
    return VendorReply(row.meaning, code, words[:400], answer, found, max(waits, default=None))


def row_by_status(answer: HttpAnswer) -> CodeMeaning:
    """The meaning of an answer without a code that is known."""
    status = answer.status
    if status == 429:
        return CodeMeaning(Meaning.THROTTLED, answer.retry_after or A_MINUTE)
    if status == 401:
        return CodeMeaning(Meaning.TOKEN_REFUSED)
    is_temporary = status < 300 or status in (408, 425) or status >= 500
    return CodeMeaning(Meaning.RETRY if is_temporary else Meaning.UNKNOWN)
