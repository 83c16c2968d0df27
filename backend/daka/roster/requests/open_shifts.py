"""Open shifts: a planner offers one to a team, somebody takes it, and a planner approves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.hooks import notify_people
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import MAY_SIGN_IN, User
from daka.identity.teams import today_of
from daka.paging import page_of
from daka.roster.cells import Key, lock_roster, read_cells
from daka.roster.requests.agreements import carry_out, cells_now, refuse_outdated, touch, warnings_of_approval
from daka.roster.requests.leaves import whole_days_away
from daka.roster.requests.models import OPEN_OFFERS, OpenShift, OpenShiftStatus
from daka.roster.requests.notices import open_shift_notice
from daka.roster.requests.schemas import OpenShiftCreate, OpenShiftRead, OpenShiftStep
from daka.roster.schemas import RosterWarning
from daka.roster.service import refuse_unfitting, users_by_id
from daka.shifts.models import Shift
from daka.shifts.service import visible_shifts

STATUS_AFTER: Mapping[OpenShiftStep, OpenShiftStatus] = {
    "take": OpenShiftStatus.TAKEN,
    "give_back": OpenShiftStatus.OFFERED,
    "decline": OpenShiftStatus.OFFERED,
    "approve": OpenShiftStatus.APPROVED,
    "withdraw": OpenShiftStatus.WITHDRAWN,
}


async def offer(session: AsyncSession, by: Principal, new: OpenShiftCreate) -> list[OpenShiftRead]:
    """Offer a shift to the people of a team, and tell those who are free that day."""
    await refuse_foreign_team(session, by, new.team_id)
    shift = next((shift for shift in await visible_shifts(session, by) if shift.id == new.shift_id), None)
    refuse_unfitting(shift, new.shift_id, [new.team_id], ("body", "shift_id"))
    if shift is None or shift.is_rest:
        raise Invalid("rest_not_offered", "A rest shift cannot be offered", loc=("body", "shift_id"))
    if new.date < await today_of(session, new.team_id):
        raise Invalid("day_is_over", "Past days cannot be offered", loc=("body", "date"))
    now = clock.now()
    found = [
        OpenShift(
            team_id=new.team_id,
            work_date=new.date,
            shift_id=new.shift_id,
            status=OpenShiftStatus.OFFERED,
            reason=new.reason,
            offered_by=by.id,
            created_at=now,
            updated_at=now,
        )
        for _ in range(new.people)
    ]
    session.add_all(found)
    await session.flush()
    publish(session, Topic.ROSTER, team_id=new.team_id)
    colleagues = select(User).where(User.team_id == new.team_id, MAY_SIGN_IN)
    people = {user.id: user for user in await session.exec(colleagues)}
    busy = await _busy(session, [(user_id, new.date) for user_id in people])
    free = frozenset(user_id for user_id in people if (user_id, new.date) not in busy)
    await notify_people(session, open_shift_notice(found[0], shift, None, by.user, "offer", free))
    return [_read(open_shift, {}, by, busy) for open_shift in found]


async def _busy(session: AsyncSession, keys: Sequence[Key]) -> set[Key]:
    """Those of these people and days on which they work, or are on leave."""
    if not keys:
        return set()
    ids, days = {user_id for user_id, _ in keys}, [day for _, day in keys]
    cells = await read_cells(session, ids, min(days), max(days))
    rest = set(await session.exec(select(Shift.id).where(Shift.is_rest == sa.true())))
    away = await whole_days_away(session, ids, min(days), max(days))
    return {key for key in keys if key in away or (key in cells and cells[key] not in rest)}


async def take_step(
    session: AsyncSession, by: Principal, open_shift_id: int, step: OpenShiftStep, *, over_imported: bool = False
) -> OpenShiftRead:
    """Take, give back, approve, decline or withdraw. An approval writes the cell and re-plans the reminders in this transaction.

    Raises:
        NotFound: it does not exist, or `by` is not concerned.
        Forbidden: `by` may not take this step.
        Conflict: `open_shift_gone`: taken, given or withdrawn meanwhile; `busy_that_day`; `open_shift_outdated`: the taker's day
            has changed; `cells_imported`.
    """
    await lock_roster(session)
    asked = select(OpenShift).where(OpenShift.id == open_shift_id).with_for_update()
    found = _seen((await session.exec(asked)).first(), open_shift_id, by)
    if step not in _rights(found, by):
        raise Forbidden("not_your_step", "You may not take this step")
    if step not in _steps(found, by):
        raise Conflict("open_shift_gone", "This shift is no longer open for that")
    was_taken = found.status is OpenShiftStatus.TAKEN
    if step == "take":
        await _take(session, by, found)
    taker_id = found.taken_by
    if step == "approve" and taker_id is not None:
        then, wanted = _agreed(found, taker_id)
        await carry_out(session, by, found.team_id, then, wanted, _outdated(), over_imported=over_imported)
    elif step in ("give_back", "decline"):
        found.taken_by = None
        if step == "decline" and taker_id is not None:
            found.declined_user_ids = [*found.declined_user_ids, taker_id]
    found.status = STATUS_AFTER[step]
    touch(session, by, found)
    whom = frozenset({taker_id} if taker_id is not None else ())
    people = await users_by_id(session, whom)
    shift = await session.get(Shift, found.shift_id)
    if was_taken or step == "take":
        await notify_people(session, open_shift_notice(found, shift, people.get(taker_id or 0), by.user, step, whom))
    return _read(found, people, by, set())


def _outdated() -> Conflict:
    return Conflict(
        "open_shift_outdated", "This person's day has changed since, or they have left; decline, and let others take it"
    )


def _agreed(found: OpenShift, taker_id: int) -> tuple[dict[Key, int | None], dict[Key, int | None]]:
    """The taker's day as it was, and as an approval makes it."""
    at = (taker_id, found.work_date)
    return {at: found.before_shift_id}, {at: found.shift_id}


async def _take(session: AsyncSession, by: Principal, found: OpenShift) -> None:
    at = (by.id, found.work_date)
    if found.work_date < await today_of(session, found.team_id):
        raise Conflict("open_shift_gone", "The day of this shift is over")
    if await _busy(session, [at]):
        raise Conflict("busy_that_day", "You work or are on leave on that day")
    found.taken_by = by.id
    found.before_shift_id = (await cells_now(session, [at]))[at]


async def warnings_of(session: AsyncSession, by: Principal, open_shift_id: int) -> list[RosterWarning]:
    """The warnings that the approval of a taken shift would make; for the team's planners.

    Raises NotFound; Forbidden; Conflict: `open_shift_outdated`, it cannot be approved any more.
    """
    found = _seen(await session.get(OpenShift, open_shift_id), open_shift_id, by)
    if not by.plans(found.team_id):
        raise Forbidden("not_your_step", "Only planners see the warnings")
    if found.status is not OpenShiftStatus.TAKEN or found.taken_by is None:
        return []
    then, wanted = _agreed(found, found.taken_by)
    await refuse_outdated(session, found.team_id, then, wanted, _outdated())
    return await warnings_of_approval(session, wanted)


async def list_open_shifts(
    session: AsyncSession, by: Principal, *, is_open: bool | None, limit: int, cursor: str | None
) -> tuple[list[OpenShiftRead], str | None]:
    """What `by` may take or has taken, and that of the teams they plan, newest first."""
    asked = select(OpenShift)
    if not by.is_admin:
        offered = and_(OpenShift.team_id == by.user.team_id, OpenShift.status == OpenShiftStatus.OFFERED)
        asked = asked.where(or_(offered, OpenShift.taken_by == by.id, OpenShift.team_id.in_(by.planned_team_ids)))
    if is_open is not None:
        # Yesterday may be today in another time zone.
        within = and_(OpenShift.status.in_(OPEN_OFFERS), OpenShift.work_date >= clock.now().date() - timedelta(days=1))
        asked = asked.where(within if is_open else ~within)
    rows, next_cursor = await page_of(session, asked, OpenShift.id, limit=limit, cursor=cursor)
    ids = {found.taken_by for found in rows if found.taken_by is not None}
    people = {user.id: user for user in await session.exec(select(User).where(User.id.in_(ids)))}
    takeable = [(by.id, found.work_date) for found in rows if "take" in _steps(found, by)]
    busy = await _busy(session, takeable)
    return [_read(found, people, by, busy) for found in rows], next_cursor


def _seen(found: OpenShift | None, open_shift_id: int, by: Principal) -> OpenShift:
    is_seen = found is not None and (by.sees_team(found.team_id) or found.taken_by == by.id)
    if found is None or not is_seen:
        raise NotFound("open_shift_not_found", f"There is no open shift {open_shift_id}")
    return found


def _rights(found: OpenShift, by: Principal) -> list[OpenShiftStep]:
    """The steps that are for `by`, now or at another time."""
    rights: list[OpenShiftStep] = []
    if by.user.team_id == found.team_id:
        rights += ["take", "give_back"]
    if by.plans(found.team_id):
        rights += ["approve", "decline", "withdraw"]
    return rights


def _steps(found: OpenShift, by: Principal) -> list[OpenShiftStep]:
    """The steps that `by` may take now."""
    match found.status:
        case OpenShiftStatus.OFFERED:
            possible: Iterable[OpenShiftStep] = ("take", "withdraw")
        case OpenShiftStatus.TAKEN:
            possible = ("give_back", "approve", "decline", "withdraw")
        case _:
            possible = ()
    refused: set[OpenShiftStep] = set()
    if by.id in found.declined_user_ids:
        refused.add("take")
    if by.id != found.taken_by:
        refused.add("give_back")
    return [step for step in _rights(found, by) if step in possible and step not in refused]


def _read(found: OpenShift, people: Mapping[int, User], by: Principal, busy: set[Key]) -> OpenShiftRead:
    taker = people.get(found.taken_by or 0)
    is_busy = (by.id, found.work_date) in busy
    return OpenShiftRead(
        **found.model_dump(exclude={"work_date", "before_shift_id", "declined_user_ids"}),
        date=found.work_date,
        taken_by_name=taker.display_name if taker else "",
        steps=[step for step in _steps(found, by) if not (step == "take" and is_busy)],
    )
