"""HTTP of importing and exporting rosters."""

import asyncio
import re
from datetime import date, timedelta
from typing import Annotated, Literal, cast

from fastapi import APIRouter, BackgroundTasks, Depends, File, Form, Query, Request, Response, UploadFile, status
from pydantic import ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import SessionDep
from daka.errors import Conflict, Invalid, NotFound, Problem, TooLarge
from daka.identity.access import DatabaseDep, Member, Planner, PlannerApart, Principal, find_team
from daka.identity.models import User
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems
from daka.roster.cells import take_roster_turn
from daka.roster.holidays.models import DayKind
from daka.roster.holidays.service import calendar_days
from daka.roster.schemas import WorkDate, refuse_bad_span
from daka.roster.service import read_roster, users_by_id
from daka.roster.transfer import memory, writing
from daka.roster.transfer.jobs import GONE_AFTER, Imports
from daka.roster.transfer.models import ImportStatus, RosterImport
from daka.roster.transfer.schemas import ImportOutcome, ImportRead, ImportWordRead, Mapping
from daka.roster.transfer.service import Options, compare, read_in_thread, refusal, write
from daka.roster.transfer.sheets import BadFile
from daka.shifts.models import Shift
from daka.shifts.service import visible_shifts

router = APIRouter(prefix="/roster", tags=["roster"])

MOST_BYTES = 10_000_000
AT_ONCE_BYTES = 150_000
"""A file up to this size is carried out within the request; a larger one is a job."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Month = Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


async def imports_of(request: Request) -> Imports:
    return cast(Imports, request.app.state.imports)


ImportsDep = Annotated[Imports, Depends(imports_of)]


@router.post(
    "/import",
    operation_id="roster_import",
    responses={
        202: {"model": ImportRead, "description": "A large file: ask for its progress"},
        **problems(401, 403, 404, 413),
    },
)
async def import_roster(
    by: Planner,
    session: SessionDep,
    imports: ImportsDep,
    response: Response,
    later: BackgroundTasks,
    file: Annotated[UploadFile, File(description="XLSX, CSV, or the older system's JSON")],
    dry_run: Annotated[bool, Query(description="Only say what is in it and what it would change")] = False,
    month: Month = None,
    team_id: Annotated[RowId | None, Query(description="The team of new people and shifts")] = None,
    user_id: Annotated[
        RowId | None, Query(description="Whose roster a file without people is; default is oneself")
    ] = None,
    blanks: Annotated[Literal["keep", "clear"], Query(description="What blank cells of the file mean")] = "keep",
    only_good: Annotated[bool, Query(description="Take what is understood although some rows are not")] = False,
    mapping: Annotated[
        str | None, Form(max_length=200_000, description="JSON: what the file's words mean, see `Mapping`")
    ] = None,
) -> ImportRead:
    """Bring in a roster. All or nothing: a file with problems changes nothing unless `only_good` says so."""
    body = await file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge("file_too_large", f"The file is larger than {MOST_BYTES // 1_000_000} MB")
    if team_id is not None:
        await find_team(session, team_id, by)
    options = Options(
        is_dry_run=dry_run,
        file_name=re.sub(r"[\x00-\x1f\x7f]", "", file.filename or "")[:200],
        month=date.fromisoformat(f"{month}-01") if month else None,
        team_id=team_id,
        user_id=user_id,
        clears_blanks=blanks == "clear",
        takes_good_rows=only_good,
        mapping=_mapping(mapping),
    )
    now = clock.now()
    row = RosterImport(
        file_name=options.file_name,
        is_dry_run=dry_run,
        status=ImportStatus.RUNNING,
        created_by=by.id,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    await session.flush()
    if len(body) > AT_ONCE_BYTES:
        later.add_task(imports.start, row.id, by.id, body, options)
        response.status_code = status.HTTP_202_ACCEPTED
        return _import_read(row, imports)
    row.status, outcome = await _at_once(session, by, body, options)
    row.percent, row.outcome = 100, outcome.model_dump(mode="json")
    session.add(row)
    return _import_read(row, imports)


async def _at_once(
    session: AsyncSession, by: Principal, body: bytes, options: Options
) -> tuple[ImportStatus, ImportOutcome]:
    """A small file, in the request's transaction; what is refused is rolled back to before it began."""

    async def silently(_share: float) -> None:
        return None

    try:
        found = await read_in_thread(body, options, silently)
        await take_roster_turn(session)
        compared = await compare(session, by, found, options, silently)
        if compared.status is not ImportStatus.DONE:
            return compared.status, compared.outcome
        async with session.begin_nested():
            return ImportStatus.DONE, await write(session, by, compared, options, silently)
    except (BadFile, Problem) as error:
        return ImportStatus.REFUSED, refusal(error)


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
    responses=problems(401, 403, 404),
)
async def read_template(
    by: Planner, session: SessionDep, team_id: RowId | None = None, month: Month = None
) -> Response:
    """A workbook to fill in: the team's people, the days of a month, and the codes of its shifts."""
    today = clock.now().date()
    first = date.fromisoformat(f"{month}-01") if month else (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if team_id is not None:
        await find_team(session, team_id, by)
    table = await _table(session, by, first, last, team_id, is_blank=True)
    body = await asyncio.to_thread(writing.as_xlsx, table, "wide")
    return _file(body, XLSX, f"roster-template-{first:%Y-%m}.xlsx")


@router.get("/import/words", operation_id="roster_import_words_list", responses=problems(401, 403, 404))
async def list_import_words(by: Planner, session: SessionDep, team_id: RowId) -> Page[ImportWordRead]:
    """What words of this team's files meant the last time. It is offered, never applied unasked."""
    return Page(items=await memory.remembered_words(session, by, team_id))


@router.delete(
    "/import/words",
    operation_id="roster_import_words_clear",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)
async def forget_import_words(by: Planner, session: SessionDep, team_id: RowId) -> None:
    """Forget all of a team's words."""
    await memory.forget_words(session, by, team_id)


@router.delete(
    "/import/words/{word_id}",
    operation_id="roster_import_words_delete",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)
async def forget_import_word(word_id: RowId, by: Planner, session: SessionDep) -> None:
    """Forget one word; the next import asks for it again."""
    await memory.forget_word(session, by, word_id)


@router.get("/imports", operation_id="roster_imports_list", responses=problems(401, 403))
async def list_imports(by: Planner, session: SessionDep, imports: ImportsDep) -> Page[ImportRead]:
    """One's latest imports."""
    asked = select(RosterImport).where(RosterImport.created_by == by.id).order_by(RosterImport.id.desc()).limit(20)
    return Page(items=[_import_read(row, imports) for row in await session.exec(asked)])


@router.get("/imports/{import_id}", operation_id="roster_imports_read", responses=problems(401, 403, 404))
async def read_import(import_id: RowId, by: Planner, session: SessionDep, imports: ImportsDep) -> ImportRead:
    """How far an import is, or how it ended."""
    return _import_read(await _own_import(session, by, import_id), imports)


@router.delete(
    "/imports/{import_id}",
    operation_id="roster_imports_cancel",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409),
)
async def cancel_import(import_id: RowId, by: PlannerApart, database: DatabaseDep, imports: ImportsDep) -> None:
    """Stop an import; nothing of it is written."""
    async with database.read() as session:
        row = await _own_import(session, by, import_id)
        if row.status is not ImportStatus.RUNNING:
            raise Conflict("import_ended", "This import has ended already")
    if imports.cancel(import_id):  # told at once: on SQLite the import itself may hold the only write lock
        return
    async with database.write() as session:
        (await _own_import(session, by, import_id)).cancel_asked = True


async def _own_import(session: AsyncSession, by: Principal, import_id: int) -> RosterImport:
    row = await session.get(RosterImport, import_id)
    if row is None or row.created_by != by.id:
        raise NotFound("import_not_found", f"You have no import {import_id}")
    return row


def _import_read(row: RosterImport, imports: Imports) -> ImportRead:
    percent = imports.percent(row.id)
    is_gone = percent is None and clock.now() - row.seen_at > GONE_AFTER
    is_running = row.status is ImportStatus.RUNNING
    return ImportRead(
        id=row.id,
        file_name=row.file_name,
        is_dry_run=row.is_dry_run,
        status=ImportStatus.INTERRUPTED if is_running and is_gone else row.status,
        percent=percent if is_running and percent is not None else row.percent,
        outcome=ImportOutcome.model_validate(row.outcome) if row.outcome else None,
        created_at=row.created_at,
    )


@router.get("/export", operation_id="roster_export", response_class=Response, responses=problems(401, 403))
async def export_roster(
    by: Member,
    session: SessionDep,
    first: Annotated[WorkDate, Query(alias="from", description="First date")],
    last: Annotated[WorkDate, Query(alias="to", description="Last date, included")],
    format: Literal["json", "csv", "xlsx"] = "xlsx",  # noqa: A002
    layout: Literal["wide", "long"] = "wide",
    team_id: RowId | None = None,
    user_id: RowId | None = None,
) -> Response:
    """The roster that one sees as a file; the import reads each of them back."""
    refuse_bad_span(first, last)
    table = await _table(session, by, first, last, team_id, user_id=user_id)
    name = f"roster-{first}-{last}.{format}"
    if format == "json":
        return _file(await asyncio.to_thread(writing.as_json, table), "application/json", name)
    if format == "csv":
        return _file(await asyncio.to_thread(writing.as_csv, table, layout), "text/csv; charset=utf-8", name)
    return _file(await asyncio.to_thread(writing.as_xlsx, table, layout), XLSX, name)


async def _table(
    session: AsyncSession,
    by: Principal,
    first: date,
    last: date,
    team_id: int | None,
    *,
    user_id: int | None = None,
    is_blank: bool = False,
) -> writing.RosterTable:
    roster = await read_roster(session, by, first, last, team_id=team_id, user_id=user_id)
    people: dict[int, User] = await users_by_id(session, {row.id for row in roster.users})
    codes = {shift.id: shift.code for shift in await session.exec(select(Shift))}
    kinds, _ = await calendar_days(session, first, last)
    return writing.RosterTable(
        dates=roster.dates,
        off=frozenset(day for day, found in kinds.items() if found.kind in (DayKind.WEEKEND, DayKind.HOLIDAY)),
        people=[
            writing.PersonRow(
                row.display_name,
                people[row.id].username,
                ["" if is_blank or shift_id is None else codes[shift_id] for shift_id in row.shift_ids],
            )
            for row in roster.users
        ],
        shifts=[
            (shift.code, shift.name, "、".join(f"{found['start']}–{found['end']}" for found in shift.periods or []))
            for shift in await visible_shifts(session, by, team_id=team_id)
        ],
    )


def _file(body: bytes, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
