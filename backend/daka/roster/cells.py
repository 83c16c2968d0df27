"""Writes the roster: cells, drafts, the change log and, in the same transaction, the reminders. Nothing else writes it.

Reminders, notices, feeds and members see the assignments, which are what is published. In a team that uses drafts, what a
planner edits lies over them until it is published.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import asked_by, audit
from daka.change_events import Topic, publish
from daka.database import advisory_lock, execute, is_postgres
from daka.errors import Conflict
from daka.hooks import PlanChange, TeamChange, imported_cells, plan_changed
from daka.identity.models import Team, User
from daka.roster.models import Assignment, DraftCell, RosterChange
from daka.shifts.models import Shift
from daka.statements import insert_or_update

ROSTER_LOCK = 0x64616B61
"""Advisory lock on PostgreSQL: changes are serialised, so that revisions are in commit order."""
PEOPLE_AT_ONCE = 500
ROWS_AT_ONCE = 20_000
CELLS_IN_AUDIT = 20
"""So many changes are told one by one in the audit log; all are in the history of their cells."""
LONGEST_NAMES = 60
IMPORTED_NAMED = 200
"""So many cells that follow an attendance system are named in one refusal."""

Key = tuple[int, date]
"""A cell: a person and a work date."""
Element = TypeVar("Element")


def chunks(rows: Sequence[Element], size: int) -> Iterator[Sequence[Element]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


async def lock_roster(session: AsyncSession) -> None:
    """Lock all rosters for writing until the transaction ends. Call it before reading what the change depends on."""
    await advisory_lock(session, ROSTER_LOCK)


def planned_cells(*, drafts: bool) -> sa.Subquery:
    """All planned cells (`user_id`, `work_date`, `shift_id`): the published ones, or with what is drafted over them."""
    published = sa.select(Assignment.user_id, Assignment.work_date, Assignment.shift_id)
    if not drafts:
        return published.subquery("cell")
    drafted = sa.select(DraftCell.user_id, DraftCell.work_date, DraftCell.shift_id)
    return sa.union_all(
        published.where(~_draft_of(Assignment).exists()), drafted.where(DraftCell.shift_id.is_not(None))
    ).subquery("cell")


def _draft_of(cell: type[Assignment] | type[RosterChange]) -> Any:
    """The draft over a cell, to be asked whether it exists."""
    return sa.select(sa.literal(1)).where(DraftCell.user_id == cell.user_id, DraftCell.work_date == cell.work_date)


def hides_nothing() -> Any:
    """Condition: the change shows in the draft, too. What is published under a draft does not."""
    return sa.or_(RosterChange.is_draft, ~_draft_of(RosterChange).exists())


async def read_cells(
    session: AsyncSession, user_ids: Iterable[int], first: date, last: date, *, drafts: bool = False
) -> dict[Key, int]:
    """The shift id of every planned cell of these people from `first` to `last`: published, or as planners see it."""
    cells: dict[Key, int] = {}
    cell = planned_cells(drafts=drafts).c
    for some in chunks(sorted(set(user_ids)), PEOPLE_AT_ONCE):
        asked = sa.select(cell.user_id, cell.work_date, cell.shift_id).where(
            cell.user_id.in_(some), cell.work_date.between(first, last)
        )
        found: list[Any] = list(await execute(session, asked))
        cells |= {(user_id, work_date): shift_id for user_id, work_date, shift_id in found}
    return cells


@dataclass(frozen=True, slots=True)
class WrittenCells:
    """How many cells changed, in which teams, and the first and last work date among them."""

    added: int = 0
    moved: int = 0
    cleared: int = 0
    team_ids: frozenset[int | None] = frozenset()
    first: date = date.max
    last: date = date.min

    @property
    def changed(self) -> int:
        return self.added + self.moved + self.cleared

    def __add__(self, other: "WrittenCells") -> "WrittenCells":
        return WrittenCells(
            self.added + other.added,
            self.moved + other.moved,
            self.cleared + other.cleared,
            self.team_ids | other.team_ids,
            min(self.first, other.first),
            max(self.last, other.last),
        )


async def _no_progress(_share: float) -> None:
    return None


async def edit_cells(
    session: AsyncSession,
    wanted: Mapping[Key, int | None],
    *,
    changed_by: int | None,
    over_imported: bool,
    action: int | Mapping[Key, int] | None = None,
    progress: Callable[[float], Awaitable[None]] = _no_progress,
) -> WrittenCells:
    """Set cells as a planner edits them: as drafts in teams that use drafts. Otherwise as `write_cells`."""
    asked = select(User.id).join(Team, Team.id == User.team_id).where(Team.uses_drafts == sa.true())
    drafting = set(await session.exec(asked))
    drafted = {key: shift_id for key, shift_id in wanted.items() if key[0] in drafting}
    written = WrittenCells()
    for cells, is_draft in (drafted, True), ({key: wanted[key] for key in wanted.keys() - drafted.keys()}, False):
        if cells:
            written += await write_cells(
                session,
                cells,
                changed_by=changed_by,
                over_imported=over_imported,
                action=action,
                progress=progress,
                is_draft=is_draft,
            )
    return written


async def write_cells(
    session: AsyncSession,
    wanted: Mapping[Key, int | None],
    *,
    changed_by: int | None,
    over_imported: bool,
    action: int | Mapping[Key, int] | None = None,
    progress: Callable[[float], Awaitable[None]] = _no_progress,
    is_draft: bool = False,
) -> WrittenCells:
    """Set published cells (None clears), log the changes and re-plan the reminders, in this transaction. Or set drafts.

    The caller has called `lock_roster`. A draft that is as what is published is none.
    `over_imported` is whether somebody agreed to write over cells that follow an attendance system, or has none to ask:
    otherwise they raise Conflict `cells_imported`.
    `action` is the id of a `RosterAction`, of all cells or of each. `progress` is
    called with the completed share, from 0 to 1, and may raise to stop.
    The database compares the cells, which keeps the transaction short for a whole company too. They are sent as a few JSON
    documents, since 155,000 of them as parameters are slow.
    """
    if not over_imported:
        await _refuse_imported(session, wanted)
    revision = await newest_revision(session)
    by_cell = action if isinstance(action, Mapping) else dict.fromkeys(wanted, action)
    rows = sorted(
        (user_id, day.isoformat(), shift_id, by_cell.get((user_id, day))) for (user_id, day), shift_id in wanted.items()
    )
    now = clock.now()
    done = 0
    for some in chunks(rows, ROWS_AT_ONCE):
        asked = _asked(await asyncio.to_thread(json.dumps, some), is_postgres(session))
        here = sa.and_(Assignment.user_id == asked.c.user_id, Assignment.work_date == asked.c.work_date)
        over = sa.and_(DraftCell.user_id == asked.c.user_id, DraftCell.work_date == asked.c.work_date)
        cells = asked.outerjoin(Assignment, here)
        present: Any = Assignment.shift_id
        if is_draft:
            cells = cells.outerjoin(DraftCell, over)
            present = sa.case((DraftCell.id.is_not(None), DraftCell.shift_id), else_=Assignment.shift_id)
        change = (
            sa.select(
                User.team_id,
                asked.c.user_id,
                asked.c.work_date,
                present,
                asked.c.shift_id,
                sa.literal(changed_by, sa.Integer),
                asked.c.action_id,
                sa.literal(now, sa.inspect(RosterChange).local_table.c.at.type),
                sa.literal(is_draft),
            )
            .select_from(cells.outerjoin(User, User.id == asked.c.user_id))
            .where(present.is_distinct_from(asked.c.shift_id))
        )
        columns = (
            "team_id",
            "user_id",
            "work_date",
            "before_shift_id",
            "after_shift_id",
            "changed_by",
            "action_id",
            "at",
            "is_draft",
        )
        seen = await newest_revision(session) if done else revision
        await execute(session, sa.insert(RosterChange).from_select(columns, change, include_defaults=False))
        # From here on the change log contains the differences.
        await (_apply_drafts if is_draft else _apply)(session, RosterChange.id > seen)
        done += len(some)
        await progress(0.9 * done / len(rows))
    return await _finish(session, revision, changed_by, is_draft=is_draft)


async def _refuse_imported(session: AsyncSession, wanted: Mapping[Key, int | None]) -> None:
    """Raises Conflict: these cells follow an attendance system, and would no longer."""
    imported = await imported_cells(session, {user_id for user_id, _ in wanted})
    locked = sorted(key for key, shift_id in imported.items() if key in wanted and wanted[key] != shift_id)
    if locked:
        raise Conflict(
            "cells_imported",
            f"{len(locked)} cells come from the attendance system and would no longer follow it; "
            "repeat the request with over_imported=true to change them all the same",
            count=len(locked),
            cells=[
                {"user_id": user_id, "date": day.isoformat(), "shift_id": imported[user_id, day]}
                for user_id, day in locked[:IMPORTED_NAMED]
            ],
        )


async def _apply(session: AsyncSession, is_new: sa.ColumnElement[bool]) -> None:
    """Write logged changes into the assignments. Drafts that are published with them are none any more."""
    clears = sa.select(RosterChange.user_id, RosterChange.work_date).where(
        is_new, RosterChange.after_shift_id.is_(None)
    )
    here = sa.tuple_(Assignment.user_id, Assignment.work_date)
    await execute(session, sa.delete(Assignment).where(here.in_(clears)))
    change = sa.select(
        RosterChange.user_id,
        RosterChange.work_date,
        RosterChange.after_shift_id,
        RosterChange.team_id,
        RosterChange.at,
    ).where(is_new, RosterChange.after_shift_id.is_not(None))
    columns = ("user_id", "work_date", "shift_id", "team_id", "updated_at")
    await execute(
        session, insert_or_update(session, Assignment, change, columns=columns, unique=("user_id", "work_date"))
    )
    # Not EXISTS: SQLite would look through all changes for each draft. There is no shift 0.
    published = sa.select(
        RosterChange.user_id, RosterChange.work_date, func.coalesce(RosterChange.after_shift_id, 0)
    ).where(is_new)
    draft = sa.tuple_(DraftCell.user_id, DraftCell.work_date, func.coalesce(DraftCell.shift_id, 0))
    await execute(session, sa.delete(DraftCell).where(draft.in_(published)))


async def _apply_drafts(session: AsyncSession, is_new: sa.ColumnElement[bool]) -> None:
    """Write logged changes into the drafts."""
    here = sa.and_(Assignment.user_id == RosterChange.user_id, Assignment.work_date == RosterChange.work_date)
    change = (
        sa.select(
            RosterChange.user_id,
            RosterChange.work_date,
            RosterChange.after_shift_id,
            Assignment.shift_id,
            RosterChange.changed_by,
            RosterChange.at,
        )
        .select_from(RosterChange)
        .outerjoin(Assignment, here)
        .where(is_new)
    )
    columns = ("user_id", "work_date", "shift_id", "base_shift_id", "drafted_by", "updated_at")
    await execute(
        session, insert_or_update(session, DraftCell, change, columns=columns, unique=("user_id", "work_date"))
    )
    back = sa.select(RosterChange.user_id, RosterChange.work_date).where(is_new)
    await execute(
        session,
        sa.delete(DraftCell).where(
            sa.tuple_(DraftCell.user_id, DraftCell.work_date).in_(back),
            DraftCell.shift_id.is_not_distinct_from(DraftCell.base_shift_id),
        ),
    )


def _asked(rows: str, on_postgres: bool) -> sa.Subquery:
    """Cells as a table, from JSON `[[user_id, work_date, shift_id or null, action_id or null], …]`."""
    names: dict[str, sa.types.TypeEngine[Any]] = {
        "user_id": sa.Integer(),
        "work_date": sa.Date(),
        "shift_id": sa.Integer(),
        "action_id": sa.Integer(),
    }
    if on_postgres:
        each = sa.func.json_array_elements(sa.cast(sa.literal(rows, sa.Text), sa.JSON)).column_valued("cell")
        found: list[Any] = [
            sa.cast(each.op("->>")(index), kind).label(name) for index, (name, kind) in enumerate(names.items())
        ]
    else:
        cell = sa.func.json_each(rows).table_valued("value").c.value
        found = [
            sa.type_coerce(sa.func.json_extract(cell, f"$[{index}]"), kind).label(name)
            for index, (name, kind) in enumerate(names.items())
        ]
    return sa.select(*found).subquery("asked")


async def _finish(session: AsyncSession, revision: int, changed_by: int | None, *, is_draft: bool) -> WrittenCells:
    """Count the changes logged after a revision, announce and audit them, and re-plan the reminders unless they are drafts."""
    is_new = RosterChange.id > revision
    before, after = RosterChange.before_shift_id, RosterChange.after_shift_id
    counted = sa.select(
        func.count(),
        func.count(before),
        func.count(after),
        func.min(RosterChange.work_date),
        func.max(RosterChange.work_date),
    ).where(is_new)
    totals: Any = (await execute(session, counted)).one()
    changed, had, have, first, last = totals
    if not changed:
        return WrittenCells()
    whose = select(RosterChange.user_id, RosterChange.team_id).where(is_new).distinct()
    people = dict(list(await session.exec(whose)))
    for team_id in (team_ids := frozenset(people.values())):
        publish(session, Topic.DRAFT if is_draft else Topic.ROSTER, team_id=team_id)
    totals = {"cells": changed, "people": len(people), "from": first, "to": last}
    action = "roster.drafted" if is_draft else "roster.changed"
    await _record(session, revision, changed_by, totals, action, next(iter(team_ids)) if len(team_ids) == 1 else None)
    if not is_draft:
        await plan_changed(session, PlanChange.of_users(people, first, last))
    return WrittenCells(changed - had, had + have - changed, changed - have, team_ids, first, last)


async def _record(
    session: AsyncSession,
    revision: int,
    changed_by: int | None,
    totals: Mapping[str, Any],
    action: str,
    team_id: int | None,
) -> None:
    """Audit the changes after a revision: whose cells, what was there, and what is."""
    if "asked_by" not in session.info and changed_by is not None and (user := await session.get(User, changed_by)):
        asked_by(session, user.id, user.display_name)  # an import writes after its request has ended
    before, after = sa.orm.aliased(Shift), sa.orm.aliased(Shift)
    asked = (
        select(User.display_name, RosterChange.work_date, before.name, after.name)
        .join(User, User.id == RosterChange.user_id)
        .outerjoin(before, before.id == RosterChange.before_shift_id)
        .outerjoin(after, after.id == RosterChange.after_shift_id)
        .where(RosterChange.id > revision)
        .order_by(RosterChange.id)
        .limit(CELLS_IN_AUDIT)
    )
    found = list(await session.exec(asked))
    names = "、".join(dict.fromkeys(name for name, *_ in found))
    if len(names) > LONGEST_NAMES:
        names = f"{names[:LONGEST_NAMES]}…"
    changes = [f"{name} {day}：{there or '空'} → {now or '空'}" for name, day, there, now in found]
    audit(session, action, team_id, names, after={**totals, "changes": changes})


async def discard_drafts(session: AsyncSession, cells: Iterable[Key], *, changed_by: int | None, **more: Any) -> int:
    """Let these cells be what is published. Returns how many were something else."""
    keys = set(cells)
    if not keys:
        return 0
    days = [day for _, day in keys]
    published = await read_cells(session, {user_id for user_id, _ in keys}, min(days), max(days))
    wanted = {key: published.get(key) for key in keys}
    written = await write_cells(session, wanted, changed_by=changed_by, over_imported=True, is_draft=True, **more)
    return written.changed


async def unplan_foreign_shifts(session: AsyncSession, change: TeamChange, dry_run: bool) -> list[date]:
    """Clear the days on which a person who changes teams has a shift of the former team. Shared shifts stay, in the new team.

    What was drafted for them in the former team is discarded. Returns the dates; a dry run changes nothing.
    """
    if not dry_run:
        await lock_roster(session)
    asked = (
        select(Assignment.work_date)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.user_id == change.user_id,
            Assignment.work_date >= change.first_date,
            Shift.team_id.is_not(None),
            Shift.team_id.is_distinct_from(change.after),
        )
        .order_by(Assignment.work_date)
    )
    days = list(await session.exec(asked))
    if dry_run:
        return days
    stay = sa.update(Assignment).where(Assignment.user_id == change.user_id, Assignment.work_date >= change.first_date)
    await session.exec(stay.values(team_id=change.after))
    if days:
        cleared = {(change.user_id, day): None for day in days}
        await write_cells(session, cleared, changed_by=change.changed_by, over_imported=True)
        publish(session, Topic.ROSTER, team_id=change.before)
    drafted = select(DraftCell.user_id, DraftCell.work_date).where(DraftCell.user_id == change.user_id)
    await discard_drafts(session, list(await session.exec(drafted)), changed_by=change.changed_by)
    return days


async def newest_revision(session: AsyncSession) -> int:
    """The id of the latest change in any team."""
    return (await session.exec(select(func.max(RosterChange.id)))).one() or 0
