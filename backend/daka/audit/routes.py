"""HTTP of the audit log, which is read-only."""

from typing import Annotated

from fastapi import Query, Response

from daka.audit import service
from daka.audit.schemas import AuditPageSearch, AuditRead, AuditSearch
from daka.database import SessionDep
from daka.identity.access import Admin
from daka.openapi import file_answer
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1/audit", tags=["audit"])


@router.get("", operation_id="audit_list", responses=problems(403))
async def list_audit(by: Admin, session: SessionDep, search: Annotated[AuditPageSearch, Query()]) -> Page[AuditRead]:
    """List who changed what, newest first. `action` is an action such as `user.updated`, or a kind such as `user`."""
    entries, next_cursor = await service.list_entries(session, search)
    return Page(items=[AuditRead.model_validate(entry.model_dump()) for entry in entries], next_cursor=next_cursor)


@router.get(
    "/export",
    operation_id="audit_export",
    response_class=Response,
    responses={**file_answer("text/csv"), **problems(403)},
)
async def export_audit(by: Admin, session: SessionDep, search: Annotated[AuditSearch, Query()]) -> Response:
    """Export the same entries as a CSV file."""
    return Response(
        await service.exported(session, search),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="daka-audit.csv"'},
    )
