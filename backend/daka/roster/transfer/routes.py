"""Routes for importing and exporting rosters."""

import asyncio
import re
from datetime import date, timedelta
from typing import Annotated, Literal, cast

from fastapi import Depends, File, Form, Query, Request, Response, UploadFile, status
from pydantic import ValidationError

from daka import clock
from daka.database import SessionDep
from daka.errors import Conflict, Invalid, TooLarge
from daka.file_reader import FileReaderDep
from daka.identity.access import DatabaseDep, Member, Planner, PlannerApart, find_team
from daka.identity.schemas import RowId
from daka.lifetime import Lifetime
from daka.openapi import XLSX, file_answer, file_response
from daka.paging import Page
from daka.problems import problems
from daka.roster.dates import next_month
from daka.roster.schemas import OverImported, SpanDep, WithDrafts
from daka.roster.transfer import mappings, writing
from daka.roster.transfer.exports import roster_table
from daka.roster.transfer.jobs import Imports, find_own_import, import_at_once, import_read, latest_imports
from daka.roster.transfer.models import ImportStatus
from daka.roster.transfer.options import Options
from daka.roster.transfer.schemas import ImportMappingRead, ImportRead, Mapping
from daka.routing import Router

router = Router(prefix="/api/v1/roster", tags=["roster"])

MOST_BYTES = 10_000_000
AT_ONCE_BYTES = 150_000
"""Files up to this size are imported within the request; larger ones in the background."""
Month = Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


async def imports_of(request: Request) -> Imports:
    state = request.app.state
    lifetime = cast(Lifetime, state.lifetime)
    return await lifetime.of(Imports, lambda: Imports(state.database, state.file_reader))


ImportsDep = Annotated[Imports, Depends(imports_of)]


@router.post(
    "/import",
    operation_id="roster_import",
    responses={
        202: {"model": ImportRead, "description": "A large file: poll its progress"},
        **problems(403, 404, 409, 413, 429),
    },
)
async def import_roster(
    by: PlannerApart,
    database: DatabaseDep,
    files: FileReaderDep,
    imports: ImportsDep,
    response: Response,
    file: Annotated[UploadFile, File(description="XLSX, XLS, ODS, CSV, or the older system's JSON")],
    dry_run: Annotated[bool, Query(description="Report the contents and the changes without writing anything")] = False,
    month: Month = None,
    team_id: Annotated[RowId | None, Query(description="The team of new people and shifts")] = None,
    user_id: Annotated[RowId | None, Query(description="The owner of a roster in a file without people")] = None,
    blanks: Annotated[
        Literal["keep", "clear"], Query(description="Whether blank cells in the file keep or clear the roster's cells")
    ] = "keep",
    skip_invalid_rows: Annotated[bool, Query(description="Import the valid rows even if others are not")] = False,
    over_imported: OverImported = False,
    preview: Annotated[
        str | None,
        Query(max_length=64, description="`outcome.preview` of a dry run: refused if the file or an option differs"),
    ] = None,
    mapping: Annotated[
        str | None,
        Form(max_length=200_000, description="JSON: what the names and codes in the file mean, see `Mapping`"),
    ] = None,
) -> ImportRead:
    """Import a roster. All or nothing: a file with problems changes nothing unless `skip_invalid_rows` is set."""
    body = await file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge("file_too_large", f"The file is larger than {MOST_BYTES // 1_000_000} MB")
    if team_id is not None:
        async with database.read() as session:
            await find_team(session, team_id, by)
    options = Options(
        is_dry_run=dry_run,
        file_name=re.sub(r"[\x00-\x1f\x7f]", "", file.filename or "")[:200],
        month=date.fromisoformat(f"{month}-01") if month else None,
        team_id=team_id,
        user_id=user_id,
        clears_blanks=blanks == "clear",
        skips_invalid_rows=skip_invalid_rows,
        over_imported=over_imported,
        mapping=_mapping(mapping),
    )
    if not dry_run and preview is not None and preview != options.preview_of(body):
        raise Conflict("preview_differs", "The file or an option is not what the dry run showed; check it again")
    if len(body) > AT_ONCE_BYTES:
        response.status_code = status.HTTP_202_ACCEPTED
        return await imports.start(by, body, options)
    return import_read(await import_at_once(database, files, by, body, options), imports)


def _mapping(text: str | None) -> Mapping:
    try:
        return Mapping.model_validate_json(text) if text else Mapping()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid("bad_mapping", f"mapping: {where}: {first['msg']}", loc=("body", "mapping")) from error


@router.get(
    "/import/template",
    operation_id="roster_import_template",
    response_class=Response,
    responses={**file_answer(XLSX), **problems(403, 404)},
)
async def read_template(
    by: Planner, session: SessionDep, team_id: RowId | None = None, month: Month = None
) -> Response:
    """A workbook to fill in: the team's people, the days of a month, and the shift codes."""
    first = date.fromisoformat(f"{month}-01") if month else next_month(clock.now().date())
    last = next_month(first) - timedelta(days=1)
    if team_id is not None:
        await find_team(session, team_id, by)
    table = await roster_table(session, by, first, last, team_id, is_blank=True)
    body = await asyncio.to_thread(writing.as_xlsx, table, "wide")
    return file_response(body, XLSX, f"roster-template-{first:%Y-%m}.xlsx")


@router.get("/import/words", operation_id="roster_import_words_list", responses=problems(403, 404))
async def list_import_words(by: Planner, session: SessionDep, team_id: RowId) -> Page[ImportMappingRead]:
    """A team's saved mappings. They are suggestions: an import applies only the mapping it is given."""
    return Page(items=await mappings.saved_mappings(session, by, team_id))


@router.delete("/import/words", operation_id="roster_import_words_clear", status_code=204, responses=problems(403, 404))
async def forget_import_words(by: Planner, session: SessionDep, team_id: RowId) -> None:
    """Delete all saved mappings of a team."""
    await mappings.delete_mappings(session, by, team_id)


@router.delete(
    "/import/words/{word_id}", operation_id="roster_import_words_delete", status_code=204, responses=problems(403, 404)
)
async def forget_import_word(word_id: RowId, by: Planner, session: SessionDep) -> None:
    """Delete one saved mapping; the next import asks for it again."""
    await mappings.delete_mapping(session, by, word_id)


@router.get("/imports", operation_id="roster_imports_list", responses=problems(403))
async def list_imports(by: Planner, session: SessionDep, imports: ImportsDep) -> Page[ImportRead]:
    """Your 20 latest imports."""
    items = [import_read(row, imports) for row in await latest_imports(session, by)]
    for item in items:
        if item.outcome:
            item.outcome.drawn = None  # large, and out of date
    return Page(items=items)


@router.get("/imports/{import_id}", operation_id="roster_imports_read", responses=problems(403, 404))
async def read_import(import_id: RowId, by: Planner, session: SessionDep, imports: ImportsDep) -> ImportRead:
    """The progress or the outcome of an import."""
    return import_read(await find_own_import(session, by, import_id), imports)


@router.delete(
    "/imports/{import_id}", operation_id="roster_imports_cancel", status_code=204, responses=problems(403, 404, 409)
)
async def cancel_import(import_id: RowId, by: PlannerApart, database: DatabaseDep, imports: ImportsDep) -> None:
    """Cancel an import; nothing is written."""
    async with database.read() as session:
        row = await find_own_import(session, by, import_id)
        if row.status is not ImportStatus.RUNNING:
            raise Conflict("import_ended", "This import has already ended")
    if imports.cancel(import_id):  # in memory: on SQLite the import itself may hold the only write lock
        return
    async with database.write() as session:
        (await find_own_import(session, by, import_id)).cancel_asked = True


@router.get(
    "/export",
    operation_id="roster_export",
    response_class=Response,
    responses={**file_answer(XLSX, "text/csv", "application/json"), **problems(403)},
)
async def export_roster(
    by: Member,
    session: SessionDep,
    span: SpanDep,
    format: Literal["json", "csv", "xlsx"] = "xlsx",  # noqa: A002
    layout: Literal["wide", "long"] = "wide",
    team_id: RowId | None = None,
    user_id: RowId | None = None,
    drafts: WithDrafts = False,
) -> Response:
    """The roster you may see, as a file that the import can read."""
    table = await roster_table(session, by, *span, team_id, user_id=user_id, drafts=drafts)
    name = f"roster-{'draft-' if drafts else ''}{span.first}-{span.last}.{format}"
    if format == "json":
        return file_response(await asyncio.to_thread(writing.as_json, table), "application/json", name)
    if format == "csv":
        return file_response(await asyncio.to_thread(writing.as_csv, table, layout), "text/csv; charset=utf-8", name)
    return file_response(await asyncio.to_thread(writing.as_xlsx, table, layout), XLSX, name)
