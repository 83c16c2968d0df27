"""Routes for the calendar of day kinds."""

from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.datastructures import UploadFile

from daka.database import SessionDep
from daka.errors import Invalid
from daka.file_reader import FileReaderDep
from daka.identity.access import Admin, AdminApart, DatabaseDep, Member, confirmed
from daka.problems import problems
from daka.roster.holidays import service
from daka.roster.holidays.schemas import CalendarImported, CalendarYear, CalendarYearBody
from daka.routing import Router

router = Router(prefix="/api/v1/calendar", tags=["calendar"])

Year = Annotated[int, Path(ge=2000, le=2100)]

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
"""Generators know one type of a body. The JSON without a form is for `curl` and described in words."""


@router.get("/{year}", operation_id="calendar_read")
async def read_year(year: Year, by: Member, session: SessionDep) -> CalendarYear:
    """Every day of a year: workday, weekend, holiday or makeup workday, and the source of that."""
    return await service.read_year(session, year)


@router.put("/{year}", operation_id="calendar_update", responses=problems(403))
async def set_days(year: Year, body: CalendarYearBody, by: Admin, session: SessionDep) -> CalendarYear:
    """Set days by hand, or reset them. Other days stay unchanged."""
    await service.set_days(session, year, body)
    return await service.read_year(session, year)


@router.post("/import", operation_id="calendar_import", responses=problems(403, 413, 429), openapi_extra=FILE)
async def import_calendar(
    request: Request,
    by: AdminApart,
    database: DatabaseDep,
    files: FileReaderDep,
    dry_run: Annotated[bool, Query(description="Report the changes without writing them")] = False,
) -> CalendarImported:
    """Import a year as holiday-cn or timor.tech JSON: as a file, or as the body itself with `Content-Type: application/json`."""
    imported = await service.read_calendar(files, by.id, await _file(request))
    async with database.write() as session:
        await confirmed(session, by)
        return await service.import_calendar(session, imported, is_dry_run=dry_run)


async def _file(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid("file_missing", "Send the file in the field `file`", loc=("body", "file"))
            return await file.read()
    return await request.body()
