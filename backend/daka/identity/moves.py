"""Moves of people to another team on a date. Their history stays with the person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import asked_by, audit
from daka.database import settings_in
from daka.errors import Conflict, NotFound
from daka.hooks import PlanChange, TeamChange, notify_people, plan_changed, team_changed
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import Team, TeamMove, User
from daka.identity.schemas import MoveCreate
from daka.identity.sessions import end_all_sessions
from daka.identity.teams import today_of
from daka.identity.users import move_notice, refuse_higher_person
from daka.identity.vendor_ids import refuse_taken_ids


async def plan_move(session: AsyncSession, by: Principal, user: User, new: MoveCreate) -> tuple[TeamMove, list[date]]:
    """Move a person to another team on a date, immediately if it is not in the future.

    Also returns the work dates that become unplanned.
    """
    refuse_higher_person(by, user)
    await refuse_foreign_team(session, by, new.team_id)
    asked = select(TeamMove).where(TeamMove.user_id == user.id, TeamMove.from_date == new.from_date)
    if (await session.exec(asked)).first() is not None:
        raise Conflict("move_planned", f"A move on {new.from_date} is already planned")
    if user.is_active:
        await refuse_taken_ids(session, by, user.model_dump(), new.team_id, but=user.id)
    move = TeamMove(
        user_id=user.id,
        team_id=new.team_id,
        from_date=new.from_date,
        created_by=by.id,
    )
    session.add(move)
    await session.flush()
    audit(session, "user.move_planned", user.id, user.display_name, after=new.model_dump())
    await notify_people(session, await move_notice(session, user, new.team_id, new.from_date, by))
    if new.from_date <= (today := await today_of(session, user.team_id)):
        # Today's shift may be under way; it stays in the former team.
        return move, await _move(session, move, user, unplanned_from=today + timedelta(days=1))
    await plan_changed(session, PlanChange.of_users([user.id], new.from_date))
    return move, await _unplanned_days(session, move, user)


async def moves(session: AsyncSession, user: User) -> list[tuple[TeamMove, list[date]]]:
    """A person's moves, latest first, with the work dates that planned ones will leave unplanned."""
    asked = select(TeamMove).where(TeamMove.user_id == user.id).order_by(TeamMove.from_date.desc())
    return [(move, await _unplanned_days(session, move, user)) for move in list(await session.exec(asked))]


async def _unplanned_days(session: AsyncSession, move: TeamMove, user: User) -> list[date]:
    if move.applied_at is not None:
        return []
    return await team_changed(session, _change(move, user, move.from_date), dry_run=True)


async def cancel_move(session: AsyncSession, by: Principal, user: User, move_id: int) -> None:
    """Cancel a planned move. Raises NotFound: it does not exist or has been made."""
    refuse_higher_person(by, user)
    move = await session.get(TeamMove, move_id)
    if move is None or move.user_id != user.id or move.applied_at is not None:
        raise NotFound("move_not_found", f"There is no planned move {move_id}")
    audit(session, "user.move_cancelled", user.id, user.display_name, before={"from_date": move.from_date})
    await notify_people(session, await move_notice(session, user, move.team_id, move.from_date, by, is_cancelled=True))
    await session.delete(move)
    await plan_changed(session, PlanChange.of_users([user.id], move.from_date))


async def next_move_at(session: AsyncSession) -> datetime | None:
    """When the next planned move is to be made: its date begins in the time zone of the former team."""
    asked = select(TeamMove.from_date, Team.timezone).join(User, User.id == TeamMove.user_id)
    waiting = asked.outerjoin(Team, Team.id == User.team_id).where(TeamMove.applied_at.is_(None)).distinct()
    default = settings_in(session).timezone
    begins = [datetime.combine(day, time(), ZoneInfo(zone or default)) for day, zone in await session.exec(waiting)]
    return min((moment.astimezone(UTC) for moment in begins), default=None)


async def apply_due_moves(session: AsyncSession) -> int:
    """Make the moves whose date has begun in the time zone of the former team. Returns their number."""
    asked = select(TeamMove, User).join(User, User.id == TeamMove.user_id)
    waiting = asked.where(TeamMove.applied_at.is_(None)).order_by(TeamMove.from_date)
    done = 0
    for move, user in list(await session.exec(waiting)):
        if move.from_date <= (today := await today_of(session, user.team_id)):
            asked_by(session, None, "")
            await _move(session, move, user, unplanned_from=max(move.from_date, today))
            done += 1
    return done


async def planned_moves(session: AsyncSession, user_ids: Collection[int] | None) -> dict[int, list[TeamMove]]:
    """The moves that are still to be made by these people (None: by anybody), by person, in order."""
    found: dict[int, list[TeamMove]] = defaultdict(list)
    waiting = select(TeamMove).where(TeamMove.applied_at.is_(None))
    if user_ids is not None:
        waiting = waiting.where(TeamMove.user_id.in_(user_ids))
    for move in await session.exec(waiting.order_by(TeamMove.from_date)):
        found[move.user_id].append(move)
    return found


def move_before(moves: Sequence[TeamMove], work_date: date) -> TeamMove | None:
    """The last of the moves whose date is not after the work date."""
    return next((move for move in reversed(moves) if move.from_date <= work_date), None)


async def _move(session: AsyncSession, move: TeamMove, user: User, *, unplanned_from: date) -> list[date]:
    change = _change(move, user, unplanned_from)
    before = user.team_id
    move.applied_at = clock.now()
    session.add(move)
    if user.deleted_at is not None or before == move.team_id:
        return []
    user.team_id = move.team_id
    await end_all_sessions(session, user)
    audit(
        session, "user.updated", user.id, user.display_name, before={"team_id": before}, after={"team_id": user.team_id}
    )
    unplanned = await team_changed(session, change)
    await plan_changed(session, PlanChange.of_users([user.id]))
    return unplanned


def _change(move: TeamMove, user: User, first_date: date) -> TeamChange:
    return TeamChange(user.id, user.team_id, move.team_id, first_date, move.created_by)
