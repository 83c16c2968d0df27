"""Which reminders are due: claimed by one process at a time, and moved on in the same transaction."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import settings_in
from daka.identity.models import Team, User
from daka.reminders.models import Reminder, SchedulerState
from daka.reminders.states import ReminderStatus
from daka.reminders.steps import Decision, Window, evaluate
from daka.reminders.transitions import window_of
from daka.roster.models import Assignment
from daka.shifts.models import Shift

_NAMED = (User.team_id, User.display_name, User.mobile, User.dingtalk_userid)
ONLY_FOR_MESSAGES = (
    load_only(*cast(Any, _NAMED), raiseload=True),
    load_only(cast(Any, Shift.name), raiseload=True),
    load_only(cast(Any, Team.timezone), raiseload=True),
)
"""Only the columns that messages need: policies and periods are JSON documents, and this reads thousands of rows."""


BY_WINDOW = "window"
"""`ended_by` of a reminder that was open until its window closed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due reminder that this transaction holds, with everything that its message needs."""

    reminder: Reminder
    user: User
    shift: Shift
    team: Team | None
    due_at: datetime
    window: Window
    decision: Decision


async def is_paused(session: AsyncSession) -> bool:
    """Whether reminding is paused, by an administrator or by REMINDER_ENABLED=false."""
    if not settings_in(session).reminder_enabled:
        return True
    asked = select(SchedulerState.paused_at).where(SchedulerState.id == 1)
    return (await session.exec(asked)).first() is not None


async def is_on_hold(session: AsyncSession) -> bool:
    """Whether nothing may be sent: reminding is paused, or the clock cannot be right."""
    return not clock.is_plausible() or await is_paused(session)


def is_worked_in() -> sa.ColumnElement[bool]:
    """The condition for `Team` beside `Reminder` and `User`: the team that the shift is worked in, else the person's."""
    here = sa.and_(Assignment.user_id == Reminder.user_id, Assignment.work_date == Reminder.work_date)
    team_id = sa.select(Assignment.team_id).where(here).correlate(Reminder).scalar_subquery()
    return Team.id == func.coalesce(team_id, User.team_id)


async def claim_due(
    session: AsyncSession, now: datetime, limit: int, *, without: Collection[int] = ()
) -> list[Claimed]:
    """Take up to `limit` due reminders and move each to its next evaluation. The rows are locked, so nobody else takes them.

    Reminders whose window has closed are taken too, with `decision.end`; the caller then ends them. Those in `without`
    are left: a punch check about them is under way.
    """
    asked = (
        select(Reminder, User, Shift, Team)
        .join(User, User.id == Reminder.user_id)
        .join(Shift, Shift.id == Reminder.shift_id)
        .outerjoin(Team, is_worked_in())
        .where(Reminder.next_due_at <= now, Reminder.id.not_in(without))
        .order_by(Reminder.next_due_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Reminder)
        .options(*ONLY_FOR_MESSAGES)
    )
    claimed = []
    moved: dict[tuple[datetime | None, bool, bool, datetime | None], list[int]] = defaultdict(list)
    for reminder, user, shift, team in await session.exec(asked):
        due_at = cast(datetime, reminder.next_due_at)
        window = window_of(reminder)
        found = evaluate(
            window, due_at, now, escalated=reminder.escalated_at is not None, snoozed_until=reminder.snoozed_until
        )
        claimed.append(Claimed(reminder, user, shift, team, due_at, window, found))
        if not found.end:
            still_snoozed = reminder.snoozed_until if reminder.snoozed_until and reminder.snoozed_until > now else None
            moved[found.next_at, found.remind, found.escalate, still_snoozed].append(reminder.id)
    # Most reminders that are due together move on together: a few statements for a whole company.
    for (next_at, remind, escalate, snoozed_until), ids in moved.items():
        values: dict[str, Any] = {
            "next_due_at": next_at,
            "snoozed_until": snoozed_until,
            "status": ReminderStatus.NAGGING,
            "steps_sent": Reminder.steps_sent + int(remind),
            "updated_at": now,
        }
        if escalate:
            values["escalated_at"] = now
        await session.exec(
            sa.update(Reminder).where(Reminder.id.in_(ids)).values(**values),
            execution_options={"synchronize_session": False},
        )
    return claimed


async def next_due_at(session: AsyncSession) -> datetime | None:
    """The earliest moment at which a reminder is due."""
    # The condition names the partial index: without it SQLite reads the whole table.
    asked = select(func.min(Reminder.next_due_at)).where(Reminder.next_due_at.is_not(None))
    return (await session.exec(asked)).one()


async def postpone(session: AsyncSession, reminder_ids: Collection[int], until: datetime) -> None:
    """Let reminders that are still open be due later."""
    still_open = sa.update(Reminder).where(Reminder.id.in_(reminder_ids), Reminder.next_due_at.is_not(None))
    await session.exec(still_open.values(next_due_at=until))


async def still_nagging(session: AsyncSession, reminder_ids: Collection[int], now: datetime) -> dict[int, User]:
    """Those of the reminders that are nagging and within their window, with their people."""
    asked = select(Reminder, User).join(User, User.id == Reminder.user_id).where(Reminder.id.in_(reminder_ids))
    return {
        reminder.id: user
        for reminder, user in await session.exec(asked)
        if reminder.status is ReminderStatus.NAGGING and now < window_of(reminder).ends_at
    }
