"""The servers that an installation's channels use. Pure functions."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion
from daka.outbound.http import moved, origins_of
from daka.settings import Settings

_NOTE = RenderedMessage(
    key="doctor", occasion=Occasion.TEST, title="", paragraphs=(), at=datetime(2026, 1, 1, tzinfo=UTC)
)
"""Only where it would go is looked at."""


def origin_of(kind: str, config: dict[str, Any], settings: Settings) -> tuple[str, bool] | None:
    """Scheme and host of a channel's server, without any secret, and whether the operator chose it."""
    found = KINDS.get(kind)
    if not isinstance(found, HttpKind):
        return None
    try:
        parsed = found.parsed(config)
    except ValidationError:  # its secrets cannot be decrypted, but the vendor's own server can still be checked
        if found.has_free_address or not found.is_choosable:
            return None
        parsed = found.parsed(found.example)
    request = moved(found.request(parsed, _NOTE), origins_of(settings))
    parts = urlsplit(request.url)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}", request.is_trusted
