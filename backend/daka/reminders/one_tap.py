"""What the buttons of the one-tap page do."""

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import advisory_lock
from daka.errors import Problem
from daka.identity.models import Team, User
from daka.reminders import actions, links
from daka.reminders.claims import is_worked_in
from daka.reminders.models import Reminder
from daka.reminders.planner import PLANNING_LOCK
from daka.reminders.states import SkipScope
from daka.settings import Settings

Action = Literal["ack", "snooze", "skip", "skip_work_date", "undo"]
Linked = Sequence[tuple[Reminder, User, ZoneInfo]]
"""The reminders of a link with their people and their teams' zones; empty if it has expired."""

REFUSALS = {
    "reminder_ended": "这条提醒已经结束",
    "too_late_to_undo": "已经不能撤销了",
    "nothing_to_undo": "没有可以撤销的操作",
}


async def act(
    session: AsyncSession, settings: Settings, token: str, action: Action, reminder_id: int | None
) -> tuple[Linked, str]:
    """Act on one of the link's reminders. Returns all of them, and why the action was refused if it was."""
    if action in ("skip", "skip_work_date", "undo"):
        await advisory_lock(session, PLANNING_LOCK)
    rows = await linked_reminders(session, settings, token, to_change=True)
    chosen = [row for row in rows if reminder_id == row[0].id or (reminder_id is None and len(rows) == 1)]
    refusal = ""
    for reminder, user, _ in chosen:
        try:
            async with session.begin_nested():
                await _act(session, action, reminder, user)
        except Problem as problem:
            refusal = REFUSALS.get(problem.code, "这一步没有生效")
            await session.refresh(reminder)
    return rows, refusal


async def _act(session: AsyncSession, action: Action, reminder: Reminder, user: User) -> None:
    if action == "ack":
        actions.acknowledge(session, reminder, user, "link")
    elif action == "snooze":
        actions.snooze(session, reminder, user)
    elif action == "skip":
        await actions.skip(session, reminder, user, None)
    elif action == "skip_work_date":
        await actions.skip(session, reminder, user, None, SkipScope.WORK_DATE)
    else:
        await actions.undo(session, reminder, user)
    await session.flush()


async def linked_reminders(session: AsyncSession, settings: Settings, token: str, *, to_change: bool = False) -> Linked:
    """The reminders that a link names, by punch point; locked if they are to be changed."""
    ids = links.linked_reminder_ids(settings, token)
    if ids is None:
        return []
    asked = (
        select(Reminder, User, Team)
        .join(User, User.id == Reminder.user_id)
        .outerjoin(Team, is_worked_in())
        .where(Reminder.id.in_(ids))
        .order_by(Reminder.point_at, Reminder.id)
    )
    if to_change:
        asked = asked.with_for_update(of=Reminder)
    return [
        (reminder, user, ZoneInfo(team.timezone) if team else settings.zone)
        for reminder, user, team in await session.exec(asked)
    ]
