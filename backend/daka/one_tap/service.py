"""What the buttons of the one-tap page do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import advisory_lock
from daka.delivery import links
from daka.delivery.models import DeliveryReminder
from daka.errors import Problem
from daka.identity.models import Team, User
from daka.reminders import actions
from daka.reminders.claims import is_worked_in
from daka.reminders.models import Reminder
from daka.reminders.planner import PLANNING_LOCK
from daka.settings import Settings
from daka.shifts.models import Shift


@dataclass(frozen=True, slots=True)
class LinkedReminder:
    """A reminder of a link with everything that its page shows."""

    reminder: Reminder
    user: User
    shift: Shift
    zone: ZoneInfo
    """Of the team whose shift it is."""


Linked = Sequence[LinkedReminder]
"""The reminders of a link; empty if it has expired."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What became of an action."""

    rows: Linked
    """All reminders of the link."""
    refusal: str
    """The code of the refusal; empty if the action was not refused."""
    is_new: bool
    """Whether it had not been done before."""


async def act(
    session: AsyncSession, settings: Settings, token: str, action: actions.Action, reminder_id: int | None
) -> ActionResult:
    """Act on one of the link's reminders."""
    if action in ("skip", "skip_work_date", "undo"):
        await advisory_lock(session, PLANNING_LOCK)
    rows = await linked_reminders(session, settings, token, to_change=True)
    chosen = [row for row in rows if reminder_id == row.reminder.id or (reminder_id is None and len(rows) == 1)]
    # Nobody is chosen where a shift was taken away meanwhile, or several are named.
    refusal, is_new = "" if chosen else "reminder_not_found", True
    delivery_id = links.linked_delivery(settings, token)
    told = await links.told_points(session, [delivery_id] if delivery_id is not None else [])
    for row in chosen:
        try:
            async with session.begin_nested():
                point = told.get((delivery_id or 0, row.reminder.id))
                is_new = await actions.perform(session, action, row.reminder, row.user, told=point)
        except Problem as problem:
            refusal = problem.code
            await session.refresh(row.reminder)
    return ActionResult(rows, refusal, is_new)


async def linked_reminders(session: AsyncSession, settings: Settings, token: str, *, to_change: bool = False) -> Linked:
    """The reminders that a link names, by punch point; locked if they are to be changed."""
    delivery_id = links.linked_delivery(settings, token)
    ids: Any = links.linked_reminders(settings, token)
    if delivery_id is not None:
        ids = select(DeliveryReminder.reminder_id).where(DeliveryReminder.delivery_id == delivery_id)
    elif not ids:
        return []
    asked = (
        select(Reminder, User, Shift, Team)
        .join(User, User.id == Reminder.user_id)
        .join(Shift, Shift.id == Reminder.shift_id)
        .outerjoin(Team, is_worked_in())
        .where(Reminder.id.in_(ids))
        .order_by(Reminder.point_at, Reminder.id)
    )
    if to_change:
        asked = asked.with_for_update(of=Reminder)
    return [
        LinkedReminder(reminder, user, shift, ZoneInfo(team.timezone) if team else settings.zone)
        for reminder, user, shift, team in await session.exec(asked)
    ]
