"""Bodies and addresses of HTTP requests and answers. Pure."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import to_json

JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


def json_object(text: str) -> dict[str, Any] | None:
    """The text as a JSON object, None if it is anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """Compact UTF-8: a Chinese character takes three bytes, not the six of an escape."""
    return to_json(body)


def shortened(text: str, limit_bytes: int) -> str:
    """The text cut to a number of UTF-8 bytes, never inside a character."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    return encoded[: max(limit_bytes - 3, 0)].decode(errors="ignore") + "…"


def rebased(url: str, base_url: str) -> str:
    """The URL with another origin: a vendor's address replaced by a test server or a private gateway."""
    if not base_url:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{base_url.rstrip('/')}{parts.path}{query}"
