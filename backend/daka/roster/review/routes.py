"""Routes for coverage and the month report."""

import asyncio

from fastapi import Response

from daka.database import SessionDep
from daka.identity.access import Planner, find_team
from daka.identity.schemas import RowId
from daka.openapi import XLSX, file_answer, file_response
from daka.paging import Page
from daka.problems import problems
from daka.roster.review import coverage, history, notes, report
from daka.roster.review.candidates import candidates_for
from daka.roster.review.schemas import (
    CandidateRead,
    CellHistoryEntry,
    CellNoteBody,
    CellNoteRead,
    Needs,
    NeedsBody,
    RosterReport,
)
from daka.roster.review.workbook import as_xlsx
from daka.roster.schemas import SpanDep, WithDrafts, WorkDate
from daka.routing import Router

router = Router(prefix="/api/v1/roster", tags=["roster"])


@router.get("/report", operation_id="roster_report", responses=problems(403))
async def read_report(
    by: Planner,
    session: SessionDep,
    span: SpanDep,
    team_id: RowId | None = None,
    drafts: WithDrafts = False,
) -> RosterReport:
    """Nights, weekends, holidays and hours per person; warnings; planned and required headcounts."""
    return await report.read_report(session, by, *span, team_id, drafts=drafts)


@router.get(
    "/report/export",
    operation_id="roster_report_export",
    response_class=Response,
    responses={**file_answer(XLSX), **problems(403)},
)
async def export_report(
    by: Planner,
    session: SessionDep,
    span: SpanDep,
    team_id: RowId | None = None,
    drafts: WithDrafts = False,
) -> Response:
    """The report's totals and the days of each shift per person, as a workbook."""
    table = await report.report_table(session, by, *span, team_id, drafts=drafts)
    body = await asyncio.to_thread(as_xlsx, table)
    return file_response(body, XLSX, f"roster-report-{'draft-' if drafts else ''}{span.first}-{span.last}.xlsx")


@router.get("/candidates", operation_id="roster_candidates", responses=problems(403, 404))
async def read_candidates(
    by: Planner, session: SessionDep, date: WorkDate, shift_id: RowId, team_id: RowId | None = None
) -> Page[CandidateRead]:
    """Who can take a shift on a day, best first: free, rested, with the fewest nights and days this month."""
    return Page(items=await candidates_for(session, by, date, shift_id, team_id), next_cursor=None)


@router.get("/history", operation_id="roster_history", responses=problems(403, 404))
async def read_history(by: Planner, session: SessionDep, user_id: RowId, date: WorkDate) -> Page[CellHistoryEntry]:
    """The changes of one cell, newest first: who, when, what was there before."""
    return Page(items=await history.cell_history(session, by, user_id, date), next_cursor=None)


@router.get("/notes", operation_id="roster_notes_list", responses=problems(403))
async def list_notes(
    by: Planner, session: SessionDep, span: SpanDep, team_id: RowId | None = None
) -> Page[CellNoteRead]:
    """The notes on the cells of people whom you plan. Only planners see them."""
    return Page(items=await notes.read_notes(session, by, *span, team_id), next_cursor=None)


@router.put("/notes", operation_id="roster_notes_set", status_code=204, responses=problems(403, 404))
async def set_note(body: CellNoteBody, by: Planner, session: SessionDep) -> None:
    """Write the note on a cell, or take it away."""
    await notes.set_note(session, by, body)


@router.get("/coverage", operation_id="roster_coverage_read", responses=problems(403, 404))
async def read_needs(by: Planner, session: SessionDep, team_id: RowId) -> Needs:
    """A team's required headcounts by shift and day type."""
    await find_team(session, team_id, by)
    return Needs(team_id=team_id, needs=await coverage.read_needs(session, team_id))


@router.put("/coverage", operation_id="roster_coverage_update", responses=problems(403, 404))
async def replace_needs(body: NeedsBody, by: Planner, session: SessionDep, team_id: RowId) -> Needs:
    """Replace a team's required headcounts."""
    await coverage.replace_needs(session, by, team_id, body.needs)
    return Needs(team_id=team_id, needs=await coverage.read_needs(session, team_id))
