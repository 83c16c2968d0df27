"""HTTP of the audit log, which is read-only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from daka.audit import service
from daka.audit.schemas import AuditRead
from daka.audit.service import AuditSearch
from daka.database import SessionDep
from daka.identity.access import Admin
from daka.identity.schemas import Moment, RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

ActionFilter = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z_.]+$")]


async def _search(
    actor_id: RowId | None = None,
    action: ActionFilter = None,
    subject_kind: ActionFilter = None,
    subject_id: RowId | None = None,
    since: Annotated[Moment | None, Query(alias="from", description="At or after this time")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Before this time")] = None,
    q: Annotated[str | None, Query(max_length=80, description="Part of a name, an address or a request ID")] = None,
) -> AuditSearch:
    return AuditSearch(actor_id, action, subject_kind, subject_id, since, until, q.strip() if q else None)


SearchDep = Annotated[AuditSearch, Depends(_search)]


@router.get("", operation_id="audit_list", responses=problems(403))
async def list_audit(
    by: Admin, session: SessionDep, search: SearchDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[AuditRead]:
    """List who changed what, newest first. `action` is an action such as `user.updated`, or a kind such as `user`."""
    entries, next_cursor = await service.list_entries(session, search, limit=limit, cursor=cursor)
    return Page(items=[AuditRead.model_validate(entry.model_dump()) for entry in entries], next_cursor=next_cursor)


@router.get(
    "/export",
    operation_id="audit_export",
    response_class=Response,
    responses={200: {"description": "CSV", "content": {"text/csv": {}}}, **problems(403)},
)
async def export_audit(by: Admin, session: SessionDep, search: SearchDep) -> Response:
    """Export the same entries as a CSV file."""
    return Response(
        await service.exported(session, search),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="daka-audit.csv"'},
    )
