"""Access to the attendance system behind a punch source, and what its failures become in an answer of the API."""

from typing import Any

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import ConfigurationError
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError
from daka.reminders.punches.service import config_of
from daka.syncing.reader import RosterReader
from daka.syncing.registry import reader_of


async def open_source(
    session: AsyncSession, checker: PunchChecker, source_id: int
) -> tuple[PunchSource, type[RosterReader], SourceSession[Any]]:
    """A source of an attendance system, what reads it, and access to it. Raises SourceError."""
    source = await session.get(PunchSource, source_id)
    if source is None or source.deleted_at is not None or not source.is_enabled:
        raise SourceError.broken("off", "the source is switched off")
    reader = reader_of(source)
    try:
        config = config_of(session, source)
    except (ValidationError, ConfigurationError):
        words = "the stored settings do not fit"
        raise SourceError.broken("settings", words, hint="settings") from None
    return source, reader, checker.session_of(source, config)


def failure(error: SourceError) -> dict[str, Any]:
    """The fields of an answer that say why there is none."""
    return {
        "outcome": error.kind.value,
        "provider_code": error.code,
        "provider_message": error.message,
        "remedy": remedy(error.hint, error.message),
    }
