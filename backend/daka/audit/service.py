"""Searching, exporting and expiring the audit log."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import AuditEntry
from daka.database import execute
from daka.paging import cursor_of, cut, key_of

MOST_EXPORTED = 50_000
COLUMNS = (
    "id", "at", "actor_id", "actor_name", "action", "subject_kind", "subject_id", "subject_name", "before", "after",
    "address", "user_agent", "request_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Filters of the audit log; None means any."""

    actor_id: int | None = None
    action: str | None = None
    """An action, or only the kind before the dot."""
    subject_kind: str | None = None
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None
    """Part of the actor's or the subject's name, of the address, or of the request ID."""

    def entries(self) -> Any:
        """The query, newest first."""
        asked = select(AuditEntry).order_by(AuditEntry.id.desc())
        if self.actor_id is not None:
            asked = asked.where(AuditEntry.actor_id == self.actor_id)
        if self.action is not None:
            by_kind = "." not in self.action
            asked = asked.where((AuditEntry.subject_kind if by_kind else AuditEntry.action) == self.action)
        if self.subject_kind is not None:
            asked = asked.where(AuditEntry.subject_kind == self.subject_kind)
        if self.subject_id is not None:
            asked = asked.where(AuditEntry.subject_id == self.subject_id)
        if self.since is not None:
            asked = asked.where(AuditEntry.at >= self.since)
        if self.until is not None:
            asked = asked.where(AuditEntry.at < self.until)
        if self.words:
            named = (AuditEntry.actor_name, AuditEntry.subject_name, AuditEntry.address, AuditEntry.request_id)
            asked = asked.where(sa.or_(*(column.icontains(self.words, autoescape=True) for column in named)))
        return asked


async def list_entries(
    session: AsyncSession, search: AuditSearch, *, limit: int, cursor: str | None
) -> tuple[list[AuditEntry], str | None]:
    """One page of entries, newest first."""
    asked = search.entries()
    if key := key_of(cursor, int):
        asked = asked.where(AuditEntry.id < key[0])
    kept, last = cut(list(await session.exec(asked.limit(limit + 1))), limit)
    return kept, cursor_of(last.id) if last else None


async def exported(session: AsyncSession, search: AuditSearch) -> str:
    """The newest entries as CSV that spreadsheets open as text and in the right encoding."""
    return as_csv(list(await session.exec(search.entries().limit(MOST_EXPORTED))))


def as_csv(entries: Sequence[AuditEntry]) -> str:
    """CSV with a byte order mark. A cell that a spreadsheet would read as a formula is quoted."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_cell(getattr(entry, column)) for column in COLUMNS])
    return "\ufeff" + written.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


async def delete_old_entries(session: AsyncSession, keep: timedelta) -> None:
    """Delete entries older than the retention period; nothing else ever deletes any."""
    await execute(session, sa.delete(AuditEntry).where(AuditEntry.at < clock.now() - keep))
