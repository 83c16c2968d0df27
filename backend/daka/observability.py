"""JSON logs without secrets, and request IDs."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Tokens in vendors' URLs, bearer headers and JWTs, wherever a message or a traceback contains one. Strangers write parts of
# these texts, so each pattern takes linear time: what could belong to a secret is consumed, never scanned again.
_SECRETS = (
    re.compile(r"(?i)(=(?<=[nytd]=)(?:(?<=token=)|(?<=key=)|(?<=sign=)|(?<=secret=)|(?<=password=)))[^&\s\\\"'<>]+"),
    re.compile(r"(?i)(bearer\s+)[a-z0-9._~+/=-]{8,}"),
    re.compile(r"()\b(?:SEC[0-9a-f]{16,}|daka_[\w-]{16,}|whsec_[\w+/=-]+|eyJ[\w-]{4,}(?:\.[\w-]+){0,2})"),
    re.compile(r"(?i)(/(?:hook|a|ical|services)/)[\w./-]{8,}"),
)
_USER_INFO = re.compile(r"(://[^/\s:@]+:)[^@\s]+(@?)")
LONGEST_LOGGED = 16_000
"""Characters of a message, a field or a traceback; the rest is left out before a pattern runs over it."""


def redacted(text: str) -> str:
    """The text with anything that looks like a secret replaced by ***."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***", text)
    return _USER_INFO.sub(lambda found: f"{found[1]}***@" if found[2] else found[0], text)


def capped(text: str) -> str:
    """The text, or its beginning and its last lines if it is longer than `LONGEST_LOGGED`."""
    if len(text) <= LONGEST_LOGGED:
        return text
    half = LONGEST_LOGGED // 2
    last_lines = text[-half:].partition("\n")[2]  # from a line's beginning: half a secret would not be recognised
    left_out = len(text) - half - len(last_lines)
    return f"{text[:half]} … {left_out} characters left out … {last_lines}"


def _capped_field(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return value if len(text) <= LONGEST_LOGGED else capped(text)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, request ID, and the fields of `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": capped(record.getMessage()),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= {name: _capped_field(value) for name, value in getattr(record, "fields", {}).items()}
        if record.exc_info:
            line["exception"] = capped(self.formatException(record.exc_info))
        return redacted(json.dumps(line, ensure_ascii=False, default=str))


def configure_logging(level: str) -> None:
    """All loggers write JSON to stderr. Libraries that log full URLs stay at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "aiohttp", "apscheduler", "asyncio", "aiosqlite", "sqlalchemy.engine", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
