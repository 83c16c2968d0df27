"""Searching, exporting and expiring the audit log."""

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit.schemas import AuditPageSearch, AuditRead, AuditSearch
from daka.audit_trail import AuditEntry
from daka.database import execute
from daka.identity.models import User
from daka.paging import given, page_of
from daka.spreadsheets.csv_text import as_text, csv_file

MOST_EXPORTED = 50_000
OF_TEAMS = ("team", "roster", "leave")
"""Kinds of entries whose subject is a team."""
OF_PEOPLE = ("user", "session")
COLUMNS = tuple(AuditRead.model_fields)


def _entries(search: AuditSearch) -> Any:
    """The query. An action without a dot stands for all actions of its kind."""
    is_kind = search.action is not None and "." not in search.action
    equal = {
        AuditEntry.actor_id: search.actor_id,
        AuditEntry.subject_kind if is_kind else AuditEntry.action: search.action,
        AuditEntry.subject_id: search.subject_id,
    }
    asked = select(AuditEntry).where(*given(equal), *given({AuditEntry.subject_kind: search.subject_kind}))
    if search.team_id is not None:
        people = select(User.id).where(User.team_id == search.team_id)
        of_team = sa.and_(AuditEntry.subject_kind.in_(OF_TEAMS), AuditEntry.subject_id == search.team_id)
        asked = asked.where(
            of_team | sa.and_(AuditEntry.subject_kind.in_(OF_PEOPLE), AuditEntry.subject_id.in_(people))
        )
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


async def exported(session: AsyncSession, search: AuditSearch) -> bytes:
    """The newest entries as a CSV file. A cell that a spreadsheet would read as a formula is quoted."""
    newest = _entries(search).order_by(AuditEntry.id.desc()).limit(MOST_EXPORTED)
    cells = [[_cell(getattr(entry, column)) for column in COLUMNS] for entry in await session.exec(newest)]
    return csv_file([COLUMNS, *cells])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return as_text(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value))


async def delete_old_entries(session: AsyncSession, keep: timedelta) -> None:
    """Delete entries older than the retention period; nothing else ever deletes any."""
    await execute(session, sa.delete(AuditEntry).where(AuditEntry.at < clock.now() - keep))
