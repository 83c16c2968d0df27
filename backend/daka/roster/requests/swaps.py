"""Swaps: two people exchange cells once the other person has accepted and a planner has approved."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.hooks import notify_people
from daka.identity.access import Principal
from daka.identity.models import User
from daka.identity.teams import today_of
from daka.paging import page_of
from daka.roster.cells import Key, lock_roster
from daka.roster.requests.agreements import carry_out, cells_now, refuse_outdated, touch, warnings_of_approval
from daka.roster.requests.models import OPEN_SWAPS, Swap, SwapStatus
from daka.roster.requests.notices import swap_notice
from daka.roster.requests.schemas import SwapCell, SwapCreate, SwapRead, SwapStep
from daka.roster.schemas import RosterWarning
from daka.roster.service import users_by_id


async def ask_swap(session: AsyncSession, by: Principal, new: SwapCreate) -> SwapRead:
    """Request a swap with a colleague on one or two work dates."""
    other = (await users_by_id(session, {new.with_user_id})).get(new.with_user_id)
    is_colleague = other is not None and other.is_active and other.id != by.id and by.user.team_id is not None
    if other is None or not is_colleague or other.team_id != by.user.team_id:
        raise Invalid(
            "not_a_colleague", "The other person must be a colleague in your team", loc=("body", "with_user_id")
        )
    dates = sorted({new.date, *([new.return_date] if new.return_date else [])})
    if dates[0] < await today_of(session, by.user.team_id):
        raise Invalid("day_is_over", "Past days cannot be swapped", loc=("body", "date"))
    await lock_roster(session)
    cells = await cells_now(session, _keys((by.id, new.with_user_id), dates))
    if all(cells[by.id, day] == cells[new.with_user_id, day] for day in dates):
        raise Invalid("nothing_to_swap", "Both have the same shifts on these days", loc=("body", "date"))
    await _refuse_open_swaps(session, (by.id, new.with_user_id), dates)
    now = clock.now()
    swap = Swap(
        team_id=cast(int, by.user.team_id),
        user_id=by.id,
        with_user_id=new.with_user_id,
        work_date=new.date,
        return_date=new.return_date if new.return_date != new.date else None,
        cells=[
            SwapCell(user_id=user_id, date=day, shift_id=shift_id).model_dump(mode="json")
            for (user_id, day), shift_id in cells.items()
        ],
        status=SwapStatus.ASKED,
        reason=new.reason,
        created_at=now,
        updated_at=now,
    )
    session.add(swap)
    publish(session, Topic.ROSTER, team_id=swap.team_id)
    people = {by.id: by.user, new.with_user_id: other}
    await notify_people(session, swap_notice(swap, people, by.user))
    return _swap_read(swap, people, by)


def _keys(user_ids: tuple[int, int], dates: Iterable[date | None]) -> list[Key]:
    return [(user_id, day) for user_id in user_ids for day in dates if day is not None]


async def _refuse_open_swaps(session: AsyncSession, user_ids: tuple[int, int], dates: list[date]) -> None:
    taken = select(Swap.id).where(
        Swap.status.in_(OPEN_SWAPS),
        or_(Swap.user_id.in_(user_ids), Swap.with_user_id.in_(user_ids)),
        or_(Swap.work_date.in_(dates), Swap.return_date.in_(dates)),
    )
    if (await session.exec(taken.limit(1))).first() is not None:
        raise Conflict("swap_open", "One of these days is already part of an open swap")


async def take_step(
    session: AsyncSession, by: Principal, swap_id: int, step: SwapStep, *, over_imported: bool = False
) -> SwapRead:
    """Accept, decline, withdraw or approve. An approval exchanges the cells and re-plans the reminders in this transaction.

    Raises:
        NotFound: it does not exist, or `by` is not concerned.
        Forbidden: `by` may not take this step.
        Conflict: `swap_closed`; `swap_not_accepted` by the other person; `swap_outdated`: the roster changed since the request;
            `cells_imported`.
    """
    await lock_roster(session)
    swap = (await session.exec(select(Swap).where(Swap.id == swap_id).with_for_update())).first()
    if swap is None or not (by.id in (swap.user_id, swap.with_user_id) or by.plans(swap.team_id)):
        raise NotFound("swap_not_found", f"There is no swap {swap_id}")
    people = await users_by_id(session, {swap.user_id, swap.with_user_id})
    if step not in _steps_of(swap, by):
        raise Forbidden("not_your_step", "You may not take this step")
    if swap.status not in OPEN_SWAPS:
        raise Conflict("swap_closed", "This swap is closed")
    was_accepted = swap.status is SwapStatus.ACCEPTED
    if step == "approve":
        if not was_accepted:
            raise Conflict("swap_not_accepted", "The other person has not accepted yet")
        then = _asked_of(swap)
        await carry_out(session, by, swap.team_id, then, _traded(swap, then), _outdated(), over_imported=over_imported)
    if step == "accept" and was_accepted:
        return _swap_read(swap, people, by)
    swap.status = STATUS_AFTER[step]
    touch(session, by, swap)
    await notify_people(session, swap_notice(swap, people, by.user, was_accepted=was_accepted))
    return _swap_read(swap, people, by)


def _outdated() -> Conflict:
    return Conflict("swap_outdated", "The roster, leave or the team changed since this request; make a new one")


STATUS_AFTER: Mapping[SwapStep, SwapStatus] = {
    "accept": SwapStatus.ACCEPTED,
    "decline": SwapStatus.DECLINED,
    "withdraw": SwapStatus.WITHDRAWN,
    "approve": SwapStatus.APPROVED,
}


def _asked_of(swap: Swap) -> dict[Key, int | None]:
    """The cells as they were when the swap was asked for."""
    return {(cell.user_id, cell.date): cell.shift_id for cell in map(SwapCell.model_validate, swap.cells)}


def _traded(swap: Swap, cells: Mapping[Key, int | None]) -> dict[Key, int | None]:
    other = {swap.user_id: swap.with_user_id, swap.with_user_id: swap.user_id}
    return {(user_id, day): cells[other[user_id], day] for user_id, day in cells}


async def warnings_of(session: AsyncSession, by: Principal, swap_id: int) -> list[RosterWarning]:
    """The warnings that the approval of an open swap would make; for the team's planners.

    Raises NotFound; Forbidden; Conflict: `swap_outdated`, it cannot be approved any more.
    """
    swap = await session.get(Swap, swap_id)
    if swap is None or not (by.id in (swap.user_id, swap.with_user_id) or by.plans(swap.team_id)):
        raise NotFound("swap_not_found", f"There is no swap {swap_id}")
    if not by.plans(swap.team_id):
        raise Forbidden("not_your_step", "Only planners see the warnings")
    if swap.status not in OPEN_SWAPS:
        return []
    then = _asked_of(swap)
    await refuse_outdated(session, swap.team_id, then, _traded(swap, then), _outdated())
    return await warnings_of_approval(session, _traded(swap, then))


async def list_swaps(
    session: AsyncSession, by: Principal, *, is_open: bool | None, limit: int, cursor: str | None
) -> tuple[list[SwapRead], str | None]:
    """Swaps of `by` and of the teams they plan, newest first."""
    asked = select(Swap)
    if not by.is_admin:
        asked = asked.where(
            or_(Swap.user_id == by.id, Swap.with_user_id == by.id, Swap.team_id.in_(by.planned_team_ids))
        )
    if is_open is not None:
        within = Swap.status.in_(OPEN_SWAPS)
        asked = asked.where(within if is_open else ~within)
    rows, next_cursor = await page_of(session, asked, Swap.id, limit=limit, cursor=cursor)
    ids = {user_id for swap in rows for user_id in (swap.user_id, swap.with_user_id)}
    people = {user.id: user for user in await session.exec(select(User).where(User.id.in_(ids)))}
    return [_swap_read(swap, people, by) for swap in rows], next_cursor


def _steps_of(swap: Swap, by: Principal) -> list[SwapStep]:
    """The steps that `by` may take while the swap is open."""
    steps: list[SwapStep] = []
    if by.id == swap.with_user_id:
        steps += ["accept", "decline"]
    if by.id == swap.user_id:
        steps.append("withdraw")
    if by.plans(swap.team_id):
        steps += ["approve", "decline"]
    return list(dict.fromkeys(steps))


def _swap_read(swap: Swap, people: dict[int, User], by: Principal) -> SwapRead:
    def name(user_id: int) -> str:
        return people[user_id].display_name if user_id in people else ""

    steps = _steps_of(swap, by) if swap.status in OPEN_SWAPS else []
    too_early = "approve" if swap.status is SwapStatus.ASKED else "accept"
    return SwapRead(
        **swap.model_dump(exclude={"work_date", "cells"}),
        date=swap.work_date,
        display_name=name(swap.user_id),
        with_display_name=name(swap.with_user_id),
        cells=[SwapCell.model_validate(cell) for cell in swap.cells],
        steps=[step for step in steps if step != too_early],
    )
