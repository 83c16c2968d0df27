"""What swaps and open shifts have in common: people agree on cells, and a planner's approval writes them."""

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.errors import Conflict
from daka.identity.access import Principal
from daka.roster.cells import Key, read_cells, write_cells
from daka.roster.requests.leaves import whole_days_away
from daka.roster.requests.models import OpenShift, Swap
from daka.roster.review.warnings import new_warnings
from daka.roster.schemas import RosterWarning
from daka.roster.service import users_by_id
from daka.shifts.models import Shift

Cells = Mapping[Key, int | None]


async def cells_now(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, int | None]:
    """What is published in these cells."""
    keys = list(keys)
    days = [day for _, day in keys]
    planned = await read_cells(session, {user_id for user_id, _ in keys}, min(days), max(days))
    return {key: planned.get(key) for key in keys}


async def refuse_outdated(session: AsyncSession, team_id: int, then: Cells, wanted: Cells, outdated: Conflict) -> None:
    """Raises `outdated`: a cell is another than it was `then`, or somebody has left, or would work on a day of their leave."""
    people = await users_by_id(session, {user_id for user_id, _ in then})
    stayed = all(
        user_id in people and people[user_id].may_sign_in and people[user_id].team_id == team_id for user_id, _ in then
    )
    gained = [key for key, shift_id in wanted.items() if shift_id != then[key]]
    if not stayed or await cells_now(session, then) != then or await _away_at_work(session, gained, wanted):
        raise outdated


async def carry_out(
    session: AsyncSession,
    by: Principal,
    team_id: int,
    then: Cells,
    wanted: Cells,
    outdated: Conflict,
    *,
    over_imported: bool,
) -> None:
    """Publish the cells that were agreed on; reminders are re-planned. The caller has called `lock_roster`.

    Raises `outdated`: see `refuse_outdated`. Conflict: `cells_imported`.
    """
    await refuse_outdated(session, team_id, then, wanted, outdated)
    await write_cells(session, wanted, changed_by=by.id, over_imported=over_imported)


async def _away_at_work(session: AsyncSession, gained: Collection[Key], wanted: Cells) -> bool:
    """Whether somebody would get a shift to work on a day of their leave: nobody would come, or be reminded."""
    if not gained:
        return False
    ids, days = {user_id for user_id, _ in gained}, [day for _, day in gained]
    away = await whole_days_away(session, ids, min(days), max(days))
    rest = set(await session.exec(select(Shift.id).where(Shift.is_rest == sa.true())))
    return any(key in away and wanted[key] is not None and wanted[key] not in rest for key in gained)


async def warnings_of_approval(session: AsyncSession, wanted: Cells) -> list[RosterWarning]:
    """The warnings that an approval would make."""
    people = await users_by_id(session, {user_id for user_id, _ in wanted})
    return await new_warnings(session, list(people.values()), wanted)


def touch(session: AsyncSession, by: Principal, request: Swap | OpenShift) -> None:
    """Note that `by` has just changed the status of a request, and tell browsers."""
    request.decided_by = by.id
    request.updated_at = clock.now()
    session.add(request)
    publish(session, Topic.ROSTER, team_id=request.team_id)
