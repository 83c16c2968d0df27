"""Leave: recording it, ending it, and re-planning the reminders."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.hooks import PlanChange, notify_people, plan_changed
from daka.identity.access import Principal, find_user, only_seen, publish_about
from daka.identity.models import User
from daka.identity.teams import team_of
from daka.paging import given, page_of
from daka.roster.calendar import dates_between
from daka.roster.cells import PEOPLE_AT_ONCE
from daka.roster.requests.models import LEAVE_TYPES, Absence, AbsenceKind
from daka.roster.requests.notices import leave_notice
from daka.roster.requests.schemas import LeaveCreate, LeaveRead, LeaveSearch


async def list_leaves(session: AsyncSession, by: Principal, search: LeaveSearch) -> tuple[list[LeaveRead], str | None]:
    """Leave and skipped days of `by` and of the people they plan, newest first."""
    asked = only_seen(select(Absence, User).join(User, User.id == Absence.user_id), by)
    asked = asked.where(*given({Absence.user_id: search.user_id, User.team_id: search.team_id}))
    if search.first is not None:
        asked = asked.where(Absence.last_date >= search.first)
    if search.last is not None:
        asked = asked.where(Absence.first_date <= search.last)
    rows, next_cursor = await page_of(session, asked, Absence.id, limit=search.limit, cursor=search.cursor)
    return [_leave_read(leave, user, by) for leave, user in rows], next_cursor


async def take_leave(session: AsyncSession, by: Principal, new: LeaveCreate) -> LeaveRead:
    """Record leave; the reminders of these days end in the same transaction."""
    user = await find_user(session, new.user_id or by.id)
    if not by.sees_user(user):
        if by.sees_team(user.team_id):
            raise Forbidden("not_your_team", "Only planners of this person's team can do that")
        raise NotFound("user_not_found", f"There is no user {new.user_id}")
    team, _ = await team_of(session, user.team_id)
    if new.leave_type and new.leave_type not in {*LEAVE_TYPES, *(team.leave_types if team else ())}:
        raise Invalid("unknown_leave_type", f"The team has no leave type {new.leave_type}", loc=("body", "leave_type"))
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
    # Leave for one punch is replaced by leave for whole days, and stands beside leave for the other punch of these days.
    superseded = [leave for leave in there if leave.punch_kind is not None and new.punch_kind is None]
    refused = [leave for leave in there if leave.punch_kind in (None, new.punch_kind)]
    refused += [leave for leave in superseded if not _can_delete(leave, user, by)]
    if refused:
        shown = {"id", "first_date", "last_date", "punch_kind", "can_delete"}
        raise Conflict(
            "leave_overlaps",
            "Some of these days are already covered by leave",
            leave=_leave_read(refused[0], user, by).model_dump(mode="json", include=shown),
        )
    for replaced in superseded:
        await _remove_days(session, replaced, new.first, new.last_date)
    leave = Absence(
        user_id=user.id,
        kind=AbsenceKind.LEAVE,
        first_date=new.first,
        last_date=new.last_date,
        punch_kind=new.punch_kind,
        leave_type=new.leave_type,
        reason=new.reason,
        created_by=by.id,
    )
    session.add(leave)
    await _replan(session, user, leave)
    if by.id != user.id:
        await notify_people(session, leave_notice(leave, by.user, is_deleted=False))
    read = _leave_read(leave, user, by)
    read.superseded = len(superseded)
    return read


async def _remove_days(session: AsyncSession, leave: Absence, first: date, last: date) -> None:
    """Remove these days from leave: shorten, split or delete it."""
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
    """Delete leave or a skipped day; reminders still to come are planned again."""
    leave = await session.get(Absence, leave_id)
    user = await session.get(User, leave.user_id) if leave else None
    if leave is None or user is None or not by.sees_user(user):
        raise NotFound("leave_not_found", f"There is no leave {leave_id}")
    if not _can_delete(leave, user, by):
        raise Forbidden("set_by_planner", "A planner recorded this; ask them to delete it")
    await session.delete(leave)
    await _replan(session, user, leave)
    if by.id != user.id and leave.kind is AbsenceKind.LEAVE:
        await notify_people(session, leave_notice(leave, by.user, is_deleted=True))


def _can_delete(leave: Absence, user: User, by: Principal) -> bool:
    return by.plans_user(user) or leave.created_by in (None, by.id)


async def _replan(session: AsyncSession, user: User, leave: Absence) -> None:
    await session.flush()
    publish_about(session, Topic.ROSTER, user)
    await plan_changed(session, PlanChange.of_users([leave.user_id], leave.first_date, leave.last_date))


def _leave_read(leave: Absence, user: User, by: Principal) -> LeaveRead:
    return LeaveRead(**leave.model_dump(), display_name=user.display_name, can_delete=_can_delete(leave, user, by))


async def whole_days_away(
    session: AsyncSession, user_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date], Absence]:
    """The leave of these people for whole days, by user id and date."""
    asked = select(Absence).where(
        Absence.kind == AbsenceKind.LEAVE,
        Absence.punch_kind.is_(None),
        Absence.first_date <= last,
        Absence.last_date >= first,
    )
    if len(user_ids) <= PEOPLE_AT_ONCE:
        asked = asked.where(Absence.user_id.in_(user_ids))
    return {
        (absence.user_id, day): absence
        for absence in await session.exec(asked.order_by(Absence.id))
        if absence.user_id in user_ids
        for day in dates_between(max(first, absence.first_date), min(last, absence.last_date))
    }
