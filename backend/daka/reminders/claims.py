"""Which reminders are due: claimed by one process at a time, and moved on in the same transaction."""

import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import execute, settings_in
from daka.identity.models import Team, User
from daka.reminders.models import Reminder
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.steps import Decision, Window, evaluate
from daka.reminders.transitions import window_of
from daka.roster.models import Assignment
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind
from daka.statements import among

_SALT = secrets.randbits(30)

BY_WINDOW = "window"
"""`ended_by` of a reminder that was open until its window closed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due reminder that this transaction holds, with everything that its message needs."""

    reminder_id: int
    user_id: int
    team_id: int | None
    """The person's own team, whose channels are used."""
    name: str
    mobile: str | None
    dingtalk_userid: str | None
    work_date: date
    kind: PunchKind
    shift_name: str
    zone: str
    """Of the team that the shift is worked in."""
    due_at: datetime
    asked_at: datetime | None
    window: Window
    decision: Decision


def is_worked_in() -> sa.ColumnElement[bool]:
    """The condition for `Team` beside `Reminder` and `User`: the team that the shift is worked in, else the person's."""
    here = sa.and_(Assignment.user_id == Reminder.user_id, Assignment.work_date == Reminder.work_date)
    team_id = sa.select(Assignment.team_id).where(here).correlate(Reminder).scalar_subquery()
    return Team.id == func.coalesce(team_id, User.team_id)


_IS_DUE = sa.and_(Reminder.next_due_at <= sa.bindparam("now"), ~among(Reminder.id, "without"))


async def due_at(
    session: AsyncSession, now: datetime, limit: int, is_alone: sa.ColumnElement[bool], *, without: Collection[int] = ()
) -> tuple[list[list[int]], list[int]]:
    """Up to `limit` due reminders, the earliest first: those of each person of whom `is_alone` holds for all, and all others."""
    asked = (
        select(Reminder.id, Reminder.user_id, Reminder.next_due_at, is_alone)
        .where(_IS_DUE)
        .order_by(Reminder.next_due_at, Reminder.id)
        .limit(limit)
    )
    of_person: dict[int, list[int]] = defaultdict(list)
    since: dict[int, datetime] = {}
    together: set[int] = set()
    for reminder_id, user_id, due_at, alone in await session.exec(asked, params={"now": now, "without": without}):
        of_person[user_id].append(reminder_id)
        since.setdefault(user_id, cast(datetime, due_at))
        if not alone:
            together.add(user_id)
    # Of those who are due at the same moment each process begins with others, so that they seldom meet.
    in_order = sorted(of_person.keys() - together, key=lambda user_id: (since[user_id], hash((_SALT, user_id))))
    return [of_person[user_id] for user_id in in_order], [found for user_id in together for found in of_person[user_id]]


_WINDOW = (
    Reminder.point_at,
    Reminder.opens_at,
    Reminder.closes_at,
    Reminder.every_minutes,
    Reminder.escalate_at,
    Reminder.team_from_at,
    Reminder.quiet_spans,
)
"""What `window_of` reads."""


def _about(*columns: Any) -> Any:
    """A query of these columns of reminders, their people, shifts and teams."""
    of_person = sa.select(*columns).join(User, User.id == Reminder.user_id)
    return of_person.join(Shift, Shift.id == Reminder.shift_id).outerjoin(Team, is_worked_in())


_DUE = (
    _about(
        Reminder.id,
        Reminder.user_id,
        User.team_id,
        User.display_name,
        User.mobile,
        User.dingtalk_userid,
        Reminder.work_date,
        Reminder.kind,
        Shift.name.label("shift_name"),
        Team.timezone,
        Reminder.next_due_at,
        Reminder.escalated_at,
        Reminder.snoozed_until,
        Reminder.asked_at,
        *_WINDOW,
    )
    .where(_IS_DUE)
    .order_by(Reminder.next_due_at, Reminder.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True, of=Reminder)
)
_SOME_DUE = _DUE.where(among(Reminder.id, "only"))


@dataclass(frozen=True, slots=True)
class Current:
    """What a message says of an open reminder, as it is now."""

    name: str
    mobile: str | None
    dingtalk_userid: str | None
    shift_name: str
    zone: str
    asked_at: datetime | None
    window: Window
    is_snoozed: bool


_CURRENT = _about(
    Reminder.id,
    User.display_name,
    User.mobile,
    User.dingtalk_userid,
    Shift.name.label("shift_name"),
    Team.timezone,
    Reminder.snoozed_until,
    Reminder.asked_at,
    *_WINDOW,
).where(among(Reminder.id, "ids"), Reminder.status.in_(OPEN))


async def current(session: AsyncSession, reminder_ids: Collection[int], now: datetime) -> dict[int, Current]:
    """Those of the reminders that are open, by id."""
    default_zone = settings_in(session).timezone
    found: Any = await execute(session, _CURRENT, {"ids": reminder_ids}) if reminder_ids else ()
    return {
        row.id: Current(
            row.display_name,
            row.mobile,
            row.dingtalk_userid,
            row.shift_name,
            row.timezone or default_zone,
            row.asked_at,
            window_of(row),
            row.snoozed_until is not None and row.snoozed_until > now,
        )
        for row in found
    }


async def claim_due(
    session: AsyncSession,
    now: datetime,
    limit: int,
    *,
    without: Collection[int] = (),
    only: Collection[int] | None = None,
) -> list[Claimed]:
    """Take up to `limit` due reminders and move each to its next evaluation. The rows are locked, so nobody else takes them.

    Reminders whose window has closed are taken too, with `decision.end`; the caller then ends them. Those in `without`
    are left: a punch check about them is under way. `only` takes some of those that are due.
    """
    asked: Any = _DUE if only is None else _SOME_DUE
    given = {"now": now, "without": without, "limit": limit} | ({} if only is None else {"only": only})
    default_zone = settings_in(session).timezone
    claimed = []
    decided: dict[tuple[object, ...], tuple[Window, Decision]] = {}
    moved: dict[tuple[datetime | None, bool, bool, datetime | None], list[int]] = defaultdict(list)
    for row in await execute(session, asked, given):
        reminder_id, user_id, team_id, name, mobile, userid, work_date, kind, shift_name, zone, *moments, quiet = tuple(
            row
        )
        same = (*moments, str(quiet))
        if (known := decided.get(same)) is None:
            window = window_of(row)
            found = evaluate(
                window, row.next_due_at, now, escalated=row.escalated_at is not None, snoozed_until=row.snoozed_until
            )
            known = decided[same] = window, found
        window, found = known
        claimed.append(
            Claimed(
                reminder_id,
                user_id,
                team_id,
                name,
                mobile,
                userid,
                work_date,
                kind,
                shift_name,
                zone or default_zone,
                row.next_due_at,
                row.asked_at,
                window,
                found,
            )
        )
        if not found.end:
            still_snoozed = row.snoozed_until if row.snoozed_until and row.snoozed_until > now else None
            moved[found.next_at, found.remind, found.escalate, still_snoozed].append(reminder_id)
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
            sa.update(Reminder).where(among(Reminder.id, ids)).values(**values),
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
    """Those of the reminders that are nagging and within their window, with their people.

    They are held until the end of the transaction: of several that look at them at once, the last sees what the others did.
    """
    asked = (
        select(Reminder, User)
        .join(User, User.id == Reminder.user_id)
        .where(Reminder.id.in_(reminder_ids))
        .order_by(Reminder.id)
        .with_for_update(of=Reminder, key_share=True)
    )
    return {
        reminder.id: user
        for reminder, user in await session.exec(asked)
        if reminder.status is ReminderStatus.NAGGING and now < window_of(reminder).ends_at
    }
