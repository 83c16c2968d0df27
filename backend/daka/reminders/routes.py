"""HTTP of reminders and punches."""

from typing import Annotated

from fastapi import Depends, Query

from daka.database import SessionDep
from daka.identity.access import Member, Principal, member_with
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems
from daka.reminders import actions, service
from daka.reminders.models import Punch
from daka.reminders.schemas import (
    CurrentPunch,
    PunchCreate,
    PunchRead,
    PunchSearch,
    ReminderRead,
    ReminderSearch,
    Skip,
    Snooze,
)
from daka.routing import Router, joined

reminders = Router(prefix="/api/v1/reminders", tags=["reminders"])
punches = Router(prefix="/api/v1/punches", tags=["punches"])


@reminders.get("", operation_id="reminders_list", responses=problems(403))
async def list_reminders(
    by: Annotated[Principal, Depends(member_with("reminders:read"))],
    session: SessionDep,
    search: Annotated[ReminderSearch, Query()],
) -> Page[ReminderRead]:
    """One's own reminders and those of people whom one plans, by punch point."""
    items, next_cursor = await service.list_reminders(session, by, search)
    return Page(items=items, next_cursor=next_cursor)


@reminders.post("/{reminder_id}/ack", operation_id="reminders_ack", responses=problems(404, 409))
async def acknowledge(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """我已打卡: the person has punched; no more reminders are sent."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.acknowledge(session, reminder, user, "web" if user.id == by.id else f"user:{by.id}")
    return await service.read_one(session, reminder, user)


@reminders.post("/{reminder_id}/snooze", operation_id="reminders_snooze", responses=problems(404, 409))
async def snooze(reminder_id: RowId, by: Member, session: SessionDep, pause: Snooze | None = None) -> ReminderRead:
    """Remind again later, at the latest at the punch point or, after it, at the end of the window."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.snooze(session, reminder, user, (pause or Snooze()).minutes)
    return await service.read_one(session, reminder, user)


@reminders.post("/{reminder_id}/skip", operation_id="reminders_skip", responses=problems(404, 409))
async def skip(reminder_id: RowId, by: Member, session: SessionDep, what: Skip | None = None) -> ReminderRead:
    """这次跳过: no more reminders of this punch or, with `scope: work_date`, of the whole work date."""
    reminder, user = await actions.own_reminder(session, reminder_id, by, replans=True)
    await actions.skip(session, reminder, user, by.id, (what or Skip()).scope)
    return await service.read_one(session, reminder, user)


@reminders.post("/{reminder_id}/undo", operation_id="reminders_undo", responses=problems(404, 409))
async def undo(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """Undo an acknowledgement or a skip within five minutes."""
    reminder, user = await actions.own_reminder(session, reminder_id, by, replans=True)
    await actions.undo(session, reminder, user)
    return await service.read_one(session, reminder, user)


@reminders.post("/{reminder_id}/resend", operation_id="reminders_resend", responses=problems(404, 409))
async def resend(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """Remind once more right now; also before the window opens, so that a planner can remind somebody early."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.resend(session, reminder, user)
    return await service.read_one(session, reminder, user)


@punches.get("", operation_id="punches_list")
async def list_punches(by: Member, session: SessionDep, search: Annotated[PunchSearch, Query()]) -> Page[PunchRead]:
    """Recorded punches, newest first."""
    rows, next_cursor = await service.list_punches(session, by, search)
    return Page(items=[_punch_read(punch) for punch in rows], next_cursor=next_cursor)


@punches.post("", operation_id="punches_create", status_code=201, responses=problems(403, 404, 409))
async def create_punch(
    by: Annotated[Principal, Depends(member_with("punch:write"))], session: SessionDep, new: PunchCreate | None = None
) -> PunchRead:
    """Record a punch. Recording it twice changes nothing; one call without a body serves clocking in and out."""
    return _punch_read(await service.create_punch(session, by, new or PunchCreate()))


@punches.get("/current", operation_id="punches_current")
async def read_current_punch(
    by: Annotated[Principal, Depends(member_with("punch:write"))], session: SessionDep
) -> CurrentPunch:
    """Whether a punch of yours is missing right now, also in words: for a shortcut that asks, and speaks only if it is."""
    return await service.current_punch(session, by)


def _punch_read(punch: Punch) -> PunchRead:
    return PunchRead.model_validate(punch.model_dump())


router = joined(reminders, punches)
