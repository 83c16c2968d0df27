"""Leave: who is away, and the reminders that stop for it."""

from datetime import date, timedelta
from enum import Enum

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, NotFound
from daka.hooks import PlanChange, plan_changed
from daka.identity.access import Principal, find_user
from daka.identity.models import User
from daka.paging import cursor_of, cut, key_of
from daka.roster.requests.models import Absence, AbsenceKind
from daka.roster.requests.schemas import LeaveCreate, LeaveRead
from daka.shifts.times import PunchKind


class Overlap(Enum):
    """What becomes of leave that is there when new leave covers some of its days."""

    BESIDE = "beside"
    """The other half of the days: both count."""
    SUPERSEDED = "superseded"
    """The whole day says more than its half: the half gives way on these days."""
    REFUSED = "refused"
    """These days, or this half of them, are free already."""


def overlap_of(there: PunchKind | None, new: PunchKind | None) -> Overlap:
    """Of leave for one punch of each day, or for the whole day (None)."""
    if there is None or there == new:
        return Overlap.REFUSED
    return Overlap.SUPERSEDED if new is None else Overlap.BESIDE


async def list_leaves(
    session: AsyncSession,
    by: Principal,
    *,
    first: date | None,
    last: date | None,
    user_id: int | None,
    team_id: int | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[LeaveRead], str | None]:
    """Leave and skipped days of oneself and of the people one plans, newest first."""
    asked = select(Absence, User).join(User, User.id == Absence.user_id)
    if not by.is_admin:
        asked = asked.where(or_(User.team_id.in_(by.planned_team_ids), User.id == by.id))
    if first is not None:
        asked = asked.where(Absence.last_date >= first)
    if last is not None:
        asked = asked.where(Absence.first_date <= last)
    if user_id is not None:
        asked = asked.where(Absence.user_id == user_id)
    if team_id is not None:
        asked = asked.where(User.team_id == team_id)
    if key := key_of(cursor, int):
        asked = asked.where(Absence.id < key[0])
    rows = list(await session.exec(asked.order_by(Absence.id.desc()).limit(limit + 1)))
    kept, last_row = cut(rows, limit)
    return [_leave_read(leave, user, by) for leave, user in kept], cursor_of(last_row[0].id) if last_row else None


async def take_leave(session: AsyncSession, by: Principal, new: LeaveCreate) -> LeaveRead:
    """Write down that somebody is away; their reminders of these days stop in the same transaction.

    Raises:
        NotFound: a person whom the asker does not see.
        Forbidden: a colleague whom the asker does not plan.
        Conflict: there is leave on some of the days already, and the new one is not more than it.
    """
    user = await find_user(session, new.user_id or by.id)
    if not by.sees_user(user):
        if by.sees_team(user.team_id):
            raise Forbidden("not_your_team", "Only planners of this person's team may do that")
        raise NotFound("user_not_found", f"There is no user {new.user_id}")
    there = list(
        await session.exec(
            select(Absence)
            .where(
                Absence.user_id == user.id,
                Absence.kind == AbsenceKind.LEAVE,
                Absence.first_date <= new.last_date,
                Absence.last_date >= new.first,
            )
            .order_by(Absence.first_date, Absence.id)
        )
    )
    overlaps = [(found, overlap_of(found.punch_kind, new.punch_kind)) for found in there]
    superseded = [found for found, overlap in overlaps if overlap is Overlap.SUPERSEDED]
    in_the_way = [found for found, overlap in overlaps if overlap is Overlap.REFUSED]
    in_the_way += [found for found in superseded if not _can_delete(found, user, by)]
    if in_the_way:
        shown = {"id", "first_date", "last_date", "punch_kind", "can_delete"}
        raise Conflict(
            "leave_overlaps",
            "There is leave on some of these days already",
            leave=_leave_read(in_the_way[0], user, by).model_dump(mode="json", include=shown),
        )
    for found in superseded:
        await _take_out(session, found, new.first, new.last_date)
    leave = Absence(
        user_id=user.id,
        kind=AbsenceKind.LEAVE,
        first_date=new.first,
        last_date=new.last_date,
        punch_kind=new.punch_kind,
        reason=new.reason,
        created_by=by.id,
        created_at=clock.now(),
    )
    session.add(leave)
    await _plan_anew(session, user, leave)
    read = _leave_read(leave, user, by)
    read.superseded = len(superseded)
    return read


async def _take_out(session: AsyncSession, leave: Absence, first: date, last: date) -> None:
    """Leave as it is without these days: shorter, in two pieces, or gone."""
    pieces = [
        (start, end)
        for start, end in (
            (leave.first_date, min(leave.last_date, first - timedelta(days=1))),
            (max(leave.first_date, last + timedelta(days=1)), leave.last_date),
        )
        if start <= end
    ]
    if not pieces:
        await session.delete(leave)
        return
    (leave.first_date, leave.last_date), *more = pieces
    session.add(leave)
    for start, end in more:
        session.add(
            Absence(**leave.model_dump(exclude={"id", "first_date", "last_date"}), first_date=start, last_date=end)
        )


async def end_leave(session: AsyncSession, by: Principal, leave_id: int) -> None:
    """Take leave or a skipped day back; what is still to come is reminded again.

    Raises:
        NotFound: there is none, or none that the asker sees.
        Forbidden: a planner wrote it down.
    """
    leave = await session.get(Absence, leave_id)
    user = await session.get(User, leave.user_id) if leave else None
    if leave is None or user is None or not by.sees_user(user):
        raise NotFound("leave_not_found", f"There is no leave {leave_id}")
    if not _can_delete(leave, user, by):
        raise Forbidden("set_by_planner", "A planner wrote this down; ask them to take it back")
    await session.delete(leave)
    await _plan_anew(session, user, leave)


def _can_delete(leave: Absence, user: User, by: Principal) -> bool:
    return by.plans_user(user) or leave.created_by in (None, by.id)


async def _plan_anew(session: AsyncSession, user: User, leave: Absence) -> None:
    await session.flush()
    publish(session, Topic.ROSTER, team_id=user.team_id, user_id=user.id if user.team_id is None else None)
    await plan_changed(session, PlanChange.of_users([leave.user_id], leave.first_date, leave.last_date))


def _leave_read(leave: Absence, user: User, by: Principal) -> LeaveRead:
    return LeaveRead(**leave.model_dump(), display_name=user.display_name, can_delete=_can_delete(leave, user, by))
