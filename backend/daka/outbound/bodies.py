"""Bodies and addresses of HTTP requests and answers. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json

LONGEST_WAIT = timedelta(hours=1)


def json_object(text: str) -> dict[str, Any] | None:
    """The text as a JSON object, None if it is anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def mended(text: str) -> str:
    """A JSON object that broke off, or with something after its end, as what of it is whole. Any other text as it is.

    Of a list of refused people that broke off, a name stays that began: somebody was refused.
    """
    if not text.startswith("{"):
        return text
    try:
        json.loads(text)
    except RecursionError:
        return text
    except ValueError:
        # A number at the end may have lost digits, and a code that is a text its end.
        begun = text.rstrip("0123456789+-.eE")
        try:
            whole = from_json(begun, allow_partial=True)
            found = from_json(begun, allow_partial="trailing-strings")
        except ValueError:
            return text
        kept = {name: found[name] for name in found if name in whole or not name.lower().endswith("code")}
        return json.dumps(kept, ensure_ascii=False)
    return text


def code_in(found: Mapping[str, Any], name: str) -> str:
    """A vendor's code as text: 0, 0.0, "0" and " 0 " are one. Empty where the field is missing, or no code at all."""
    value = found.get(name)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""


def seconds_of(value: object, longest: timedelta = LONGEST_WAIT) -> timedelta | None:
    """A number of seconds in an answer, also as text; at most `longest`. None if it is not a number above zero."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    # Compared first: a number in an answer can be too large for a timedelta, and even for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return longest if value >= longest.total_seconds() else timedelta(seconds=value)


def wait_of(value: object, now: datetime) -> timedelta | None:
    """The wait that an answer asks for, in seconds or as an HTTP date (RFC 9110, 10.2.3); at most `LONGEST_WAIT`."""
    if isinstance(value, str) and ":" in value:
        try:
            until = parsedate_to_datetime(value)
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
        except (ValueError, OverflowError):
            return None
        return seconds_of(seconds)
    return seconds_of(value)


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """Compact UTF-8: a Chinese character takes three bytes, not the six of an escape."""
    return to_json(body)


def shortened(text: str, limit_bytes: int) -> str:
    """The text cut to a number of UTF-8 bytes, never inside a character."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    return encoded[: max(limit_bytes - 3, 0)].decode(errors="ignore") + "…"


def shortened_utf16(text: str, units: int) -> str:
    """The text cut to a number of UTF-16 units, never inside a character: an emoji takes two."""
    encoded = text.encode("utf-16-le")
    return text if len(encoded) <= 2 * units else encoded[: 2 * units].decode("utf-16-le", errors="ignore")


def rebased(url: str, base_url: str) -> str:
    """The URL with another origin, if there is one: a vendor's address replaced by a test server or a private gateway."""
    if not base_url:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{base_url.rstrip('/')}{parts.path}{query}"
