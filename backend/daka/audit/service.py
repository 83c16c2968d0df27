"""Searching, exporting and expiring the audit log."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit.schemas import AuditPageSearch, AuditSearch
from daka.audit_trail import AuditEntry
from daka.database import execute
from daka.paging import given, page_of

MOST_EXPORTED = 50_000
COLUMNS = (
    "id", "at", "actor_id", "actor_name", "action", "subject_kind", "subject_id", "subject_name", "before", "after",
    "address", "user_agent", "request_id",
)  # fmt: skip


def _entries(search: AuditSearch) -> Any:
    """The query. An action without a dot stands for all actions of its kind."""
    is_kind = search.action is not None and "." not in search.action
    equal = {
        AuditEntry.actor_id: search.actor_id,
        AuditEntry.subject_kind if is_kind else AuditEntry.action: search.action,
        AuditEntry.subject_id: search.subject_id,
    }
    asked = select(AuditEntry).where(*given(equal), *given({AuditEntry.subject_kind: search.subject_kind}))
    if search.since is not None:
        asked = asked.where(AuditEntry.at >= search.since)
    if search.until is not None:
        asked = asked.where(AuditEntry.at < search.until)
    if search.q and (words := search.q.strip()):
        named = (AuditEntry.actor_name, AuditEntry.subject_name, AuditEntry.address, AuditEntry.request_id)
        asked = asked.where(sa.or_(*(column.icontains(words, autoescape=True) for column in named)))
    return asked


async def list_entries(session: AsyncSession, search: AuditPageSearch) -> tuple[list[AuditEntry], str | None]:
    """One page of entries, newest first."""
    return await page_of(session, _entries(search), AuditEntry.id, limit=search.limit, cursor=search.cursor)


async def exported(session: AsyncSession, search: AuditSearch) -> str:
    """The newest entries as CSV that spreadsheets open as text and in the right encoding."""
    newest = _entries(search).order_by(AuditEntry.id.desc()).limit(MOST_EXPORTED)
    return as_csv(list(await session.exec(newest)))


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
