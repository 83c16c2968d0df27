"""HTTP of reminders, punches, and the one-tap page."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Path, Query, status
from fastapi.responses import HTMLResponse
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import SessionDep, advisory_lock, settings_in
from daka.errors import Forbidden, Problem
from daka.identity.access import Member, Principal, SettingsDep, find_user, member_with
from daka.identity.models import Team, User
from daka.identity.schemas import RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems
from daka.reminders import actions, links, punch_records, service
from daka.reminders.models import Punch, Reminder
from daka.reminders.planner import PLANNING_LOCK
from daka.reminders.schemas import PunchCreate, PunchRead, ReminderRead, Snooze
from daka.reminders.states import ReminderStatus
from daka.roster.schemas import WorkDate
from daka.settings import Settings

router = APIRouter()
FirstDate = Annotated[WorkDate | None, Query(alias="from", description="First work date")]
LastDate = Annotated[WorkDate | None, Query(alias="to", description="Last work date, included")]


@router.get("/api/v1/reminders", operation_id="reminders_list", tags=["reminders"], responses=problems(401, 403))
async def list_reminders(
    by: Annotated[Principal, Depends(member_with("reminders:read"))],
    session: SessionDep,
    first: FirstDate = None,
    last: LastDate = None,
    user_id: RowId | None = None,
    status: ReminderStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ReminderRead]:
    """One's own reminders and those of people whom one plans, by punch point."""
    items, next_cursor = await service.list_reminders(
        session, by, first=first, last=last, user_id=user_id, status=status, limit=limit, cursor=cursor
    )
    return Page(items=items, next_cursor=next_cursor)


@router.post(
    "/api/v1/reminders/{reminder_id}/ack",
    operation_id="reminders_ack",
    tags=["reminders"],
    responses=problems(401, 404, 409),
)
async def acknowledge(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """我已打卡: the person has punched; nothing more is sent."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.acknowledge(session, reminder, user, "web" if user.id == by.id else f"user:{by.id}")
    return await service.read_one(session, reminder, user)


@router.post(
    "/api/v1/reminders/{reminder_id}/snooze",
    operation_id="reminders_snooze",
    tags=["reminders"],
    responses=problems(401, 404, 409),
)
async def snooze(reminder_id: RowId, by: Member, session: SessionDep, pause: Snooze | None = None) -> ReminderRead:
    """Remind again later, at the latest at the end of the window."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.snooze(session, reminder, user, (pause or Snooze()).minutes)
    return await service.read_one(session, reminder, user)


@router.post(
    "/api/v1/reminders/{reminder_id}/skip",
    operation_id="reminders_skip",
    tags=["reminders"],
    responses=problems(401, 404, 409),
)
async def skip(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """今天跳过: nothing more about this work date."""
    reminder, user = await actions.own_reminder(session, reminder_id, by, replans=True)
    await actions.skip(session, reminder, user, by.id)
    return await service.read_one(session, reminder, user)


@router.post(
    "/api/v1/reminders/{reminder_id}/undo",
    operation_id="reminders_undo",
    tags=["reminders"],
    responses=problems(401, 404, 409),
)
async def undo(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """Take back an acknowledgement or a skip within five minutes."""
    reminder, user = await actions.own_reminder(session, reminder_id, by, replans=True)
    await actions.undo(session, reminder, user)
    return await service.read_one(session, reminder, user)


@router.post(
    "/api/v1/reminders/{reminder_id}/resend",
    operation_id="reminders_resend",
    tags=["reminders"],
    responses=problems(401, 404, 409),
)
async def resend(reminder_id: RowId, by: Member, session: SessionDep) -> ReminderRead:
    """Remind once more right now. Also before the window: a planner may want to tell somebody early."""
    reminder, user = await actions.own_reminder(session, reminder_id, by)
    actions.resend(session, reminder, user)
    return await service.read_one(session, reminder, user)


@router.get("/api/v1/punches", operation_id="punches_list", tags=["punches"], responses=problems(401))
async def list_punches(
    by: Member,
    session: SessionDep,
    first: FirstDate = None,
    last: LastDate = None,
    user_id: RowId | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[PunchRead]:
    """Punches that the system knows of, newest first."""
    rows, next_cursor = await service.list_punches(
        session, by, first=first, last=last, user_id=user_id, limit=limit, cursor=cursor
    )
    return Page(items=[_punch_read(punch) for punch in rows], next_cursor=next_cursor)


@router.post(
    "/api/v1/punches",
    operation_id="punches_create",
    tags=["punches"],
    status_code=status.HTTP_201_CREATED,
    responses=problems(401, 403, 404, 409),
)
async def create_punch(
    new: PunchCreate, by: Annotated[Principal, Depends(member_with("punch:write"))], session: SessionDep
) -> PunchRead:
    """Say that somebody punched. Saying it twice changes nothing."""
    user = by.user if new.user_id is None else await find_user(session, new.user_id)
    if user.id != by.id and not by.plans_user(user):
        raise Forbidden("not_your_team", "You may only say so for yourself or for people whom you plan")
    punch = await punch_records.record_punch(
        session, user, new.kind, at=punch_records.moment_of_punch(new.at), work_date=new.work_date, source=new.source
    )
    return _punch_read(punch)


def _punch_read(punch: Punch) -> PunchRead:
    return PunchRead.model_validate(punch.model_dump())


# --- the one-tap page ------------------------------------------------------------------------------------------------

LinkToken = Annotated[str, Path(max_length=1200)]
GONE: dict[int | str, dict[str, Any]] = {
    410: {"description": "A page that says that the link is no longer good", "content": {"text/html": {}}},
    **problems(),
}


@router.get("/a/{token}", operation_id="link_show", tags=["links"], response_class=HTMLResponse, responses=GONE)
async def show_link(token: LinkToken, session: SessionDep, settings: SettingsDep) -> HTMLResponse:
    """The page behind the link of a message. It only shows; nothing changes."""
    return _page(await _linked(session, settings, token))


@router.post("/a/{token}", operation_id="link_act", tags=["links"], response_class=HTMLResponse, responses=GONE)
async def act_on_link(
    token: LinkToken,
    session: SessionDep,
    settings: SettingsDep,
    action: Annotated[Literal["ack", "snooze", "skip", "undo"], Form()],
    reminder: Annotated[RowId | None, Form(description="Which, if the link names several")] = None,
) -> HTMLResponse:
    """What the page's buttons do."""
    if action in ("skip", "undo"):
        await advisory_lock(session, PLANNING_LOCK)
    rows = await _linked(session, settings, token, to_change=True)
    chosen = [row for row in rows if reminder in (None, row[0].id)] if len(rows) == 1 or reminder is not None else []
    said = ""
    for found, user, _ in chosen:
        try:
            async with session.begin_nested():
                await _act(session, action, found, user)
        except Problem as problem:
            said = _PROBLEM_WORDS.get(problem.code, "这一步没有生效")
            await session.refresh(found)
    return _page(rows, said=said)


_PROBLEM_WORDS = {
    "reminder_ended": "这条提醒已经结束",
    "too_late_to_undo": "已经不能撤销了",
    "nothing_to_undo": "没有可以撤销的操作",
}


async def _act(session: AsyncSession, action: str, reminder: Reminder, user: User) -> None:
    if action == "ack":
        actions.acknowledge(session, reminder, user, "link")
    elif action == "snooze":
        actions.snooze(session, reminder, user)
    elif action == "skip":
        await actions.skip(session, reminder, user, None)
    else:
        await actions.undo(session, reminder, user)
    await session.flush()


Linked = Sequence[tuple[Reminder, User, ZoneInfo]]


async def _linked(session: AsyncSession, settings: Settings, token: str, *, to_change: bool = False) -> Linked:
    ids = links.linked_reminder_ids(settings, token)
    if ids is None:
        return []
    asked = (
        select(Reminder, User, Team)
        .join(User, User.id == Reminder.user_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(Reminder.id.in_(ids))
        .order_by(Reminder.point_at, Reminder.id)
    )
    if to_change:
        asked = asked.with_for_update(of=Reminder)
    zone = settings_in(session).zone
    return [
        (reminder, user, ZoneInfo(team.timezone) if team else zone)
        for reminder, user, team in await session.exec(asked)
    ]


def _page(rows: Linked, *, said: str = "") -> HTMLResponse:
    nonce = links.new_nonce()
    body = links.page(rows, nonce=nonce, said=said) if rows else links.expired_page(nonce=nonce)
    return HTMLResponse(body, status_code=200 if rows else 410, headers=links.page_headers(nonce))
