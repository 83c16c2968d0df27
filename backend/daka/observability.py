"""JSON logs without secrets, and request IDs."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Tokens in vendors' URLs, bearer headers and JWTs, wherever a message or a traceback contains one.
_SECRETS = (
    re.compile(r"(?i)((?:access_token|token|key|sign|secret|password|api[_-]?key|sendkey)=)[^&\s\\\"'<>]+"),
    re.compile(r"(?i)(bearer\s+)[a-z0-9._~+/=-]{8,}"),
    re.compile(r"()\b(?:SEC[0-9a-f]{16,}|daka_[\w-]{16,}|whsec_[\w+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+)"),
    re.compile(r"(?i)(/(?:hook|a|ical|services)/)[\w./-]{8,}"),
    re.compile(r"(?i)(://[^/\s:@]+:)[^@\s]+(?=@)"),
)


def redacted(text: str) -> str:
    """The text with anything that looks like a secret replaced by ***."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***", text)
    return text


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, request ID, and the fields of `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
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
