"""Export and erasure of one person's data.

Both cover every table that refers to a person. So that a new table is not missed, `ON_ERASURE` must name it (a test compares).
History that others need (who worked when) is kept without a name.
"""

from datetime import date, datetime, time
from enum import Enum
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import AuditEntry, audit
from daka.database import execute
from daka.delivery.models import Channel, Delivery, DeliveryReminder
from daka.delivery.service import delete_channel
from daka.errors import Conflict, NotFound
from daka.identity.access import Principal
from daka.identity.models import SignInFailure, User
from daka.identity.users import delete_user
from daka.reminders.models import Reminder
from daka.tables import metadata

NEVER_EXPORTED = ("hash", "sealed", "secret", "token")
"""Columns whose names contain one of these are credentials, not personal data."""

ON_ERASURE: dict[str, Literal["delete", "keep"] | tuple[str, ...]] = {
    "user": "keep",  # without names and numbers, see `erase`
    "audit_entry": "keep",  # without the name, see `erase`
    "channel": "keep",  # disabled, without its settings, see `erase`
    "absence": ("reason",),
    "api_token": "delete",
    "assignment": "keep",
    "calendar_feed": "delete",
    "external_identity": "delete",
    "import_mapping": "delete",
    "inbox_message": "delete",
    "notice_choice": "delete",
    "password_link": "delete",
    "pending_replan": "delete",
    "punch": "keep",
    "refresh_token": "delete",
    "reminder": "keep",
    "roster_change": "keep",
    "roster_import": "keep",
    "scheduler_state": "keep",
    "second_factor": "delete",
    "swap": ("reason",),
    "team_move": "keep",
    "team_planner": "delete",
}
"""What erasure does with a person's rows in each table: delete, keep, or keep and empty these text columns."""


def tables_of_people() -> dict[str, list[str]]:
    """All tables that refer to people, with the referring columns."""
    found = {
        table.name: [
            column.name
            for column in table.columns
            if any(key.target_fullname == "user.id" for key in column.foreign_keys)
        ]
        for table in metadata.sorted_tables
    }
    return {"user": ["id"]} | {name: columns for name, columns in found.items() if columns}


async def export(session: AsyncSession, user: User) -> dict[str, Any]:
    """All data that refers to a person, by table, without credentials."""
    found: dict[str, Any] = {"exported_at": clock.now().isoformat(), "user_id": user.id}
    for name, columns in tables_of_people().items():
        table = metadata.tables[name]
        shown = [column for column in table.columns if not any(word in column.name for word in NEVER_EXPORTED)]
        asked = sa.select(*shown).where(sa.or_(*[table.c[column] == user.id for column in columns]))
        rows = (await execute(session, asked)).mappings()
        found[name] = [{key: _plain(value) for key, value in row.items()} for row in rows]
    return found


async def erase(session: AsyncSession, by: Principal, user_id: int, username: str) -> None:
    """Erase a person's identity. They can no longer sign in, and their history can no longer be attributed to them.

    Raises:
        NotFound: there is no such user; a deleted one can still be erased.
        Conflict: `username` is not theirs, which prevents mistakes.
    """
    user = await session.get(User, user_id)
    if user is None:
        raise NotFound("user_not_found", f"There is no user {user_id}")
    if username.lower() not in (user.username, user.username.removesuffix(f"~{user.id}")):
        raise Conflict("username_differs", "Repeat the username of the person to be erased")
    name = f"已注销成员 {user.id}"
    former = user.username
    if user.deleted_at is None:
        await delete_user(session, by, user)
    for channel in await session.exec(select(Channel).where(Channel.user_id == user.id)):
        await delete_channel(session, channel)
        channel.name, channel.config, channel.status_reason, channel.status_hint = "", {}, "", ""
    await session.flush()
    for table_name, columns in tables_of_people().items():
        action = ON_ERASURE.get(table_name, "keep")
        table = metadata.tables[table_name]
        owner = "user_id" if "user_id" in columns else None
        if owner is None or action == "keep":
            continue
        mine = table.c[owner] == user.id
        if action == "delete":
            await execute(session, sa.delete(table).where(mine))
        else:
            await execute(session, sa.update(table).where(mine).values(dict.fromkeys(action, "")))
    await execute(session, sa.delete(SignInFailure).where(SignInFailure.username == former))
    await _erase_from_messages(session, user, name)
    user.display_name, user.username = name, f"erased~{user.id}"
    user.mobile = user.dingtalk_userid = user.policy = None
    user.password_hash = ""
    session.add(user)
    await session.flush()
    about = sa.and_(AuditEntry.subject_kind.in_(("user", "session")), AuditEntry.subject_id == user.id)
    by_them = AuditEntry.actor_id == user.id
    await execute(session, sa.update(AuditEntry).where(about).values(subject_name=name, before=None, after=None))
    await execute(session, sa.update(AuditEntry).where(by_them).values(actor_name=name, address="", user_agent=""))
    audit(session, "user.erased", user.id, name)


async def _erase_from_messages(session: AsyncSession, user: User, name: str) -> None:
    """Replace the name in logged messages, including those about several people."""
    carried = (
        select(Delivery)
        .join(DeliveryReminder, DeliveryReminder.delivery_id == Delivery.id)
        .join(Reminder, Reminder.id == DeliveryReminder.reminder_id)
        .where(Reminder.user_id == user.id)
    )
    for delivery in (await session.exec(carried)).unique():
        message = dict(delivery.message)
        lines = cast(list[dict[str, Any]], message.get("lines", []))
        message["lines"] = [{**line, "name": name} if line.get("user_id") == user.id else line for line in lines]
        delivery.message = message
        session.add(delivery)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
