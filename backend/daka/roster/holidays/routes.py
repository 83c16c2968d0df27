"""Routes for the calendar of day kinds."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.datastructures import UploadFile

from daka.database import SessionDep
from daka.errors import Invalid
from daka.identity.access import Admin, Member
from daka.problems import problems
from daka.roster.holidays import service
from daka.roster.holidays.schemas import CalendarImported, CalendarYear, CalendarYearBody

router = APIRouter(prefix="/calendar", tags=["calendar"])

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


@router.post("/import", operation_id="calendar_import", responses=problems(403, 413), openapi_extra=FILE)
async def import_calendar(
    request: Request,
    by: Admin,
    session: SessionDep,
    dry_run: Annotated[bool, Query(description="Report the changes without writing them")] = False,
) -> CalendarImported:
    """Import a year as holiday-cn or timor.tech JSON: as a file, or as the body itself with `Content-Type: application/json`."""
    return await service.import_calendar(session, await _text(request), is_dry_run=dry_run)


async def _text(request: Request) -> str:
    body: bytes
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid("file_missing", "Send the file in the field `file`", loc=("body", "file"))
            body = await file.read()
    else:
        body = await request.body()
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("calendar_not_json", "This is not UTF-8 text") from error
