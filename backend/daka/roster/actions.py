"""What a planner did to the roster, and what undoing or redoing it means for each cell (pure)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.roster.cells import Key
from daka.roster.models import ActionKind, RosterAction


class Edit(NamedTuple):
    """The shift of a cell before and after an action."""

    before: int | None
    after: int | None


def edits_of(changes: Iterable[tuple[int, date, int | None, int | None]]) -> dict[Key, Edit]:
    """What changes (person, date, before, after; oldest first) did to each cell. What they left as it was is missing."""
    edits: dict[Key, Edit] = {}
    for user_id, day, before, after in changes:
        known = edits.get((user_id, day))
        edits[user_id, day] = Edit(known.before if known else before, after)
    return {key: edit for key, edit in edits.items() if edit.before != edit.after}


class Reversal(NamedTuple):
    """Cells to write, and cells that hold something else than the action left there: someone changed them since."""

    wanted: dict[Key, int | None]
    changed_since: dict[Key, int | None]


def reversal(edits: Mapping[Key, Edit], now: Mapping[Key, int], *, is_redo: bool) -> Reversal:
    """What undoing (or redoing) these edits writes; `now` holds the planned cells. Cells that are so already stay."""
    found = Reversal({}, {})
    for key, edit in edits.items():
        expected, wanted = (edit.before, edit.after) if is_redo else (edit.after, edit.before)
        if (present := now.get(key)) == expected:
            found.wanted[key] = wanted
        elif present != wanted:
            found.changed_since[key] = wanted
    return found


async def action_id(session: AsyncSession, by: Principal, kind: ActionKind, key: str | None = None) -> int:
    """A new action's id; with a key that the planner has used before, that action's. The roster is locked."""
    if key is not None:
        asked = select(RosterAction.id).where(RosterAction.made_by == by.id, RosterAction.key == key)
        if (known := (await session.exec(asked)).first()) is not None:
            return known
    return await new_action(session, by.id, kind, key)


async def new_action(session: AsyncSession, made_by: int, kind: ActionKind, key: str | None = None) -> int:
    action = RosterAction(kind=kind, made_by=made_by, key=key)
    session.add(action)
    await session.flush()
    return action.id
