"""Plans again what a change touches: at once, or in slices by the worker when it touches very many people."""

import logging
from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database, advisory_lock, execute
from daka.hooks import PlanChange
from daka.identity.models import TeamMove
from daka.reminders import planner
from daka.reminders.models import PendingReplan
from daka.roster.models import Assignment

log = logging.getLogger(__name__)

REPLANS_AT_ONCE = planner.PEOPLE_PER_TRANSACTION


async def replan(session: AsyncSession, change: PlanChange) -> None:
    """Plan what a change touches, in its transaction. A change of very many people, or by a wrong clock, is recorded as pending.

    On SQLite nobody else can write during a transaction, and sending must not wait until a whole company is planned.
    """
    user_ids = change.user_ids
    if change.shift_id is not None:
        assigned = await session.exec(
            select(Assignment.user_id).where(Assignment.shift_id == change.shift_id).distinct()
        )
        user_ids = (user_ids or frozenset()) | frozenset(assigned)
    if change.team_id is not None:
        stayed = sa.select(Assignment.user_id).where(Assignment.team_id == change.team_id)
        moving = sa.select(TeamMove.user_id).where(TeamMove.team_id == change.team_id, TeamMove.applied_at.is_(None))
        user_ids = (user_ids or frozenset()) | frozenset((await execute(session, sa.union(stayed, moving))).scalars())
    if user_ids is not None and (len(user_ids) > planner.PEOPLE_AT_ONCE or not clock.is_plausible()):
        await _defer(session, user_ids, change.first_date, change.last_date)
    else:
        await planner.plan(session, user_ids=user_ids, first_date=change.first_date, last_date=change.last_date)


async def _defer(session: AsyncSession, user_ids: Collection[int], first: date | None, last: date | None) -> None:
    """Record the people as pending, or widen the dates of those who are pending already."""
    await advisory_lock(session, planner.PLANNING_LOCK)
    pending = {row.user_id: row for row in await session.exec(select(PendingReplan))}
    for user_id in user_ids & pending.keys():
        row = pending[user_id]
        row.first_date = min(row.first_date, first) if row.first_date and first else None
        row.last_date = max(row.last_date, last) if row.last_date and last else None
    if fresh := sorted(user_ids - pending.keys()):
        rows = [{"user_id": user_id, "first_date": first, "last_date": last} for user_id in fresh]
        await execute(session, sa.insert(PendingReplan), rows)


async def run_pending_replans(database: Database) -> int:
    """Plan everybody who is pending, some people a transaction, so that others can write in between.

    A row is deleted in the transaction that plans it, so a process that ends in the middle leaves the rest to the next one.
    Returns the number of people.
    """
    done = 0
    at_once = REPLANS_AT_ONCE
    while True:
        async with database.read() as session:
            if (await session.exec(select(PendingReplan.user_id).limit(1))).first() is None:
                return done
        try:
            done += await _run_some(database, at_once)
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            if at_once == 1:
                await _drop_first(database)
            at_once = 1  # so that only the person at fault is left unplanned


async def _run_some(database: Database, at_once: int) -> int:
    async with database.write() as session:
        await advisory_lock(session, planner.PLANNING_LOCK)
        pending = list(await session.exec(select(PendingReplan).order_by(PendingReplan.user_id).limit(at_once)))
        firsts, lasts = [row.first_date for row in pending], [row.last_date for row in pending]
        await planner.plan(
            session,
            user_ids=[row.user_id for row in pending],
            first_date=None if None in firsts else min(filter(None, firsts), default=None),
            last_date=None if None in lasts else max(filter(None, lasts), default=None),
        )
        for row in pending:
            await session.delete(row)
    return len(pending)


async def _drop_first(database: Database) -> None:
    async with database.write() as session:
        row = (await session.exec(select(PendingReplan).order_by(PendingReplan.user_id).limit(1))).first()
        if row is not None:
            log.exception("A person's reminders could not be planned", extra={"fields": {"user_id": row.user_id}})
            await session.delete(row)
