"""Has a file read, compares it with the roster, and writes all of it or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.errors import Problem
from daka.file_reader import FileReader
from daka.hooks import imported_cells
from daka.identity.access import Principal
from daka.identity.models import User
from daka.identity.schemas import PersonFields
from daka.identity.users import create_users
from daka.roster.actions import action_id
from daka.roster.cells import Key, edit_cells, newest_revision, read_cells
from daka.roster.models import ActionKind
from daka.roster.transfer.drawing import Drawing
from daka.roster.transfer.far_days import set_far_days_aside
from daka.roster.transfer.file_lines import RosterLines
from daka.roster.transfer.found import RosterInFile
from daka.roster.transfer.legends import suggested_shift
from daka.roster.transfer.mappings import save_mappings
from daka.roster.transfer.models import ImportStatus
from daka.roster.transfer.options import Options
from daka.roster.transfer.resolving import (
    KnownWords,
    add_placeholder_people,
    add_placeholder_shifts,
    ask_about_codes,
    names_to_create,
    resolve,
    shown,
    take_marks_for_codes,
    turn_rows_of_shifts,
)
from daka.roster.transfer.schemas import ImportOutcome, ImportProblem, ShiftSuggestion, UnknownShift, UnknownWord
from daka.shifts.models import Shift
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import create_shift, visible_shifts
from daka.spreadsheets.sheet import BadFile
from daka.widths import key

MOST_UNKNOWN = 300


class Cancelled(Exception):
    """The import was cancelled; nothing is written."""


Progress = Callable[[float], Awaitable[None]]


async def read_apart(
    files: FileReader, user_id: int, body: bytes, options: Options, progress: Progress
) -> RosterInFile:
    """Have the file parsed in another process. `progress` is called several times a second and may raise to stop.

    Raises:
        BadFile: see `read_file` and `FileReader.read`.
        TooMany: too many files are being read.
    """
    lines = RosterLines()
    rows_read = 0

    def on_rows(count: int) -> None:
        nonlocal rows_read
        rows_read = count

    reading = asyncio.create_task(
        files.read(
            "daka.roster.transfer.file_lines:read_lines",
            body,
            lines.take,
            user_id=user_id,
            on_rows=on_rows,
            file_name=options.file_name,
            month=options.month and options.month.isoformat(),
        )
    )
    try:
        while not (await asyncio.wait({reading}, timeout=0.2))[0]:
            await progress(min(0.9, rows_read / (rows_read + 2_000)))
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return lines.found


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference between a file and the roster. Computed without a lock."""

    status: ImportStatus
    """`DONE` if it may be written."""
    outcome: ImportOutcome
    wanted: dict[Key, int | None]
    """Negative ids are placeholders for people and shifts that `write` creates."""
    new_people: dict[int, User]
    new_shifts: dict[int, ShiftCreate]
    based_on: frozenset[tuple[object, ...]]
    """The people, shifts and permissions it was computed with."""


async def compare(
    session: AsyncSession, by: Principal, found: RosterInFile, options: Options, progress: Progress
) -> Comparison:
    """Compare the file with the roster. A file with problems is refused unless invalid rows are to be skipped."""
    outcome = ImportOutcome(layout=found.layout, sheets=found.sheets, rows=found.rows)
    known = await KnownWords.load(session, by, options)
    known.legend = found.legend
    set_far_days_aside(found, options.month, clock.now().date())
    take_marks_for_codes(found, known)
    turn_rows_of_shifts(found, known)
    new_names = names_to_create(found, known)
    taken = {(shift.team_id, key(shift.code)) for shift in known.shifts}
    new_shifts = {} if options.is_dry_run else add_placeholder_shifts(options, known)
    new_people = add_placeholder_people(by, options, known, new_names)
    resolved = await asyncio.to_thread(resolve, found, by, options, known)
    ask_about_codes(found, options, taken, resolved)
    await progress(0.3)
    wanted = resolved.wanted
    if wanted:
        days = [day for _, day in wanted]
        existing = await read_cells(session, resolved.people, min(days), max(days), drafts=True)
        await progress(0.6)
        await asyncio.to_thread(_count, wanted, existing, outcome)
        imported = await imported_cells(session, resolved.people)
        outcome.over_imported = sum(key in wanted and wanted[key] != shift_id for key, shift_id in imported.items())
    file_days = [cell.day for cell in found.cells]
    outcome.first_date, outcome.last_date = min(file_days, default=None), max(file_days, default=None)
    outcome.people, outcome.cells = len(resolved.people), len(wanted)
    outcome.new_people = sorted(new_names.values())
    outcome.new_shifts = [shift.code for shift in options.mapping.shifts.values() if isinstance(shift, ShiftCreate)]
    outcome.problem_count = resolved.problem_count
    outcome.unknown_people = _unknown_words(resolved.unknown_people)
    outcome.unknown_shifts = [
        UnknownShift(**each.model_dump(), shift=_suggestion(each.word, found))
        for each in _unknown_words(resolved.unknown_shifts)
    ]
    status = ImportStatus.DONE
    if options.is_dry_run:
        status = ImportStatus.CHECKED
    elif outcome.problem_count and not options.skips_invalid_rows:
        status = ImportStatus.REFUSED
    drawing = Drawing(resolved.meant, options.clears_blanks, partial(shown, known))
    if status is not ImportStatus.DONE and drawing.take(found.cells, options.team_id or by.user.team_id):
        drawn_users = [user for user in drawing.users if user > 0]
        now = await read_cells(session, drawn_users, drawing.dates[0], drawing.dates[-1], drafts=True)
        outcome.drawn = drawing.month(now)
    outcome.problems, outcome.notes = (
        [
            ImportProblem(
                **{name: getattr(each, name) for name in ("sheet", "row", "column", "code", "value", "detail")},
                line=drawing.line_of(each.person),
                date=each.day,
            )
            for each in some
        ]
        for some in (resolved.problems, found.notes.problems)
    )
    await progress(1.0)
    people = [(user.id, user.team_id, user.is_active) for user in resolved.people.values()]
    based_on = _basis(by, known.shifts, people)
    return Comparison(status, outcome, wanted, new_people, new_shifts, based_on)


async def write(
    session: AsyncSession, by: Principal, compared: Comparison, options: Options, progress: Progress
) -> ImportOutcome:
    """Write everything in this transaction. The file wins over cells that changed since the comparison.

    The caller holds the roster lock.
    """
    user_ids, shift_ids = await _create_placeholders(session, by, compared)
    wanted = {
        (user_ids.get(user_id, user_id), day): shift_id if shift_id is None else shift_ids.get(shift_id, shift_id)
        for (user_id, day), shift_id in compared.wanted.items()
    }
    action = await action_id(session, by, ActionKind.IMPORTED)
    written = await edit_cells(
        session, wanted, changed_by=by.id, over_imported=options.over_imported, action=action, progress=progress
    )
    outcome = compared.outcome.model_copy(deep=True)
    outcome.added, outcome.moved, outcome.cleared = written.added, written.moved, written.cleared
    outcome.same = len(wanted) - written.changed
    outcome.revision = await newest_revision(session)
    outcome.action_id = action
    team_id = options.team_id or by.user.team_id
    if team_id is not None and by.plans(team_id):
        created = {new.code: shift_ids[placeholder] for placeholder, new in compared.new_shifts.items()}
        await save_mappings(session, team_id, options.mapping, created)
    return outcome


async def _create_placeholders(
    session: AsyncSession, by: Principal, compared: Comparison
) -> tuple[dict[int, int], dict[int, int]]:
    """Create the new people and shifts. Returns user ids and shift ids by placeholder."""
    shift_ids = {number: (await create_shift(session, by, new)).id for number, new in compared.new_shifts.items()}
    # Without a password; they can sign in once a planner or administrator has sent a link.
    people = [
        PersonFields(username=user.username, display_name=user.display_name, team_id=user.team_id)
        for user in compared.new_people.values()
    ]
    created = await create_users(session, by, people)
    return dict(zip(compared.new_people, [user.id for user in created], strict=True)), shift_ids


async def is_current(session: AsyncSession, by: Principal, compared: Comparison) -> bool:
    """Whether people, shifts and permissions are unchanged since the comparison. Cells may have changed."""
    asked = select(User.id, User.team_id, User.is_active).where(User.deleted_at.is_(None))
    user_ids = {user_id for user_id, _ in compared.wanted}
    people = [found for found in await session.exec(asked) if found[0] in user_ids]
    return _basis(by, await visible_shifts(session, by), people) == compared.based_on


Person = tuple[int | None, int | None, bool]


def _basis(by: Principal, shifts: Iterable[Shift], people: Iterable[Person]) -> frozenset[tuple[object, ...]]:
    return frozenset(
        [
            ("rights", by.is_admin, by.planned_team_ids),
            *(("shift", shift.id, shift.team_id) for shift in shifts if (shift.id or 0) > 0),
            *(("person", *person) for person in people if (person[0] or 0) > 0),
        ]
    )


def _count(wanted: dict[Key, int | None], existing: dict[Key, int], outcome: ImportOutcome) -> None:
    for cell, after in wanted.items():
        before = existing.get(cell)
        if before == after:
            outcome.same += 1
        elif before is None:
            outcome.added += 1
        elif after is None:
            outcome.cleared += 1
        else:
            outcome.moved += 1


def failed_outcome(error: BadFile | Problem) -> ImportOutcome:
    """The outcome of an unreadable file or an invalid mapping."""
    detail = error.detail if isinstance(error, Problem) else str(error)
    return ImportOutcome(layout="", failure=error.code, failure_detail=detail)


def _unknown_words(rows_of: dict[str, list[int]]) -> list[UnknownWord]:
    listed = sorted(rows_of.items(), key=lambda entry: entry[1][0])[:MOST_UNKNOWN]
    return [UnknownWord(word=word, rows=len(rows), first_row=rows[0]) for word, rows in listed]


def _suggestion(word: str, found: RosterInFile) -> ShiftSuggestion | None:
    suggested = suggested_shift(word, found.legend)
    return ShiftSuggestion.model_validate(suggested, from_attributes=True) if suggested else None
