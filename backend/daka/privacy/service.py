"""Export and erasure of one person's data.

Both cover every table that refers to a person. So that a new table is not missed, `ON_ERASURE` must name it (a test compares).
History that others need (who worked when) is kept without a name. What identifies the person is then removed from every text of
every table, also from those about others; a new column of text is covered unless it is named here.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import AuditEntry, audit, masked_number
from daka.chat.models import ChatIdentity
from daka.database import execute
from daka.delivery.messages import plain_name
from daka.delivery.models import Channel, Delivery
from daka.delivery.service import delete_channel
from daka.errors import Conflict, NotFound
from daka.identity.access import Principal
from daka.identity.models import ExternalIdentity, SignInFailure, User
from daka.identity.users import delete_user
from daka.privacy.traces import PEOPLE_SETTINGS, Traces
from daka.roster.transfer.models import ImportMapping
from daka.syncing.service import forget_pushed
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
    "cell_note": "delete",
    "draft_cell": "delete",
    "chat_code": "delete",
    "chat_identity": "delete",
    "chat_message": "delete",
    "external_identity": "delete",
    "import_mapping": "delete",
    "inbox_message": "delete",
    "notice_choice": "delete",
    "open_shift": "keep",
    "password_link": "delete",
    "pending_replan": "delete",
    "proposal": "keep",
    "punch": "keep",
    "refresh_token": "delete",
    "delivery_reminder": "keep",
    "reminder": "keep",
    "roster_action": "keep",
    "roster_source": "keep",
    "roster_push": "keep",
    "roster_change": "keep",
    "roster_import": "keep",
    "scheduler_state": "keep",
    "second_factor": "delete",
    "swap": ("reason",),
    "team_move": "keep",
    "team_planner": "delete",
    "wish": "delete",
    "work_terms": "delete",
}
"""What erasure does with a person's rows in each table: delete, keep, or keep and empty these text columns."""


CODES = {
    "api_token": ("scopes",),
    "audit_entry": ("action", "subject_kind"),
    "channel": ("kind", "audience", "environment_name", "status_hint"),
    "chat_connection": ("dialect", "name", "holder", "reason", "team_ids", "user_ids"),
    "chat_message": ("app", "vendor_id", "realm", "reply"),
    "coverage_need": ("day",),
    "delivery": ("key", "lane"),
    "delivery_attempt": ("hint",),
    "import_mapping": ("kind", "meaning"),
    "inbox_message": ("key", "reminder_ids"),
    "lane": ("leased_by", "recent_sends"),
    "notice_choice": ("tomorrow_at",),
    "open_shift": ("declined_user_ids",),
    "pattern": ("cycle",),
    "punch": ("source",),
    "punch_check": ("reason",),
    "punch_source": ("kind", "environment_name", "account", "status_hint", "leased_by"),
    "refresh_token": ("family",),
    "reminder": ("ended_by", "quiet_spans"),
    "roster_push": ("entries", "differences"),
    "roster_source": ("hint", "imported", "leaves", "pushed", "push_shifts"),
    "shift": ("color", "periods", "policy"),
    "swap": ("cells",),
    "synced_department": ("department_id",),
    "team": ("timezone", "policy", "night", "roster_order"),
    "work_terms": ("shift_ids",),
}
"""Columns of text that only the program writes, in its own words: nobody's name can be in them."""
SETTINGS = {"channel": ("config",), "punch_source": ("config",)}
"""Settings of channels and punch sources, see `Traces.settings`."""
NAMES_OF_THINGS = {
    "calendar_day": ("name",),
    "message_template": ("variants",),
    "pattern": ("name",),
    "shift": ("name", "code"),
    "team": ("name",),
}
"""What planners call their things. A name stays there: a shift 早班 must outlive a person of that name. Numbers do not stay."""
FORGOTTEN_WHOLE = frozenset({"import_mapping", "sign_in_failure"})
"""A row with a trace is deleted here: only for this person was it worth anything."""


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
    traces = await traces_of(session, user)
    if user.deleted_at is None:
        await delete_user(session, by, user)
    await forget(session, user, traces)
    audit(session, "user.erased", user.id, user.display_name)


async def forget(session: AsyncSession, user: User, traces: Traces) -> None:
    """Remove a deleted person's identity from every table."""
    for channel in await session.exec(select(Channel).where(Channel.user_id == user.id)):
        if channel.deleted_at is None:
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
    await execute(session, sa.delete(SignInFailure).where(SignInFailure.username == _former_username(user)))
    user.display_name, user.username = traces.placeholder, erased_username(user.id)
    user.mobile = user.dingtalk_userid = user.wecom_userid = user.feishu_userid = user.policy = user.language = None
    user.password_hash = ""
    session.add(user)
    await session.flush()
    about = sa.and_(AuditEntry.subject_kind.in_(("user", "session")), AuditEntry.subject_id == user.id)
    by_them = AuditEntry.actor_id == user.id
    hidden = {"subject_name": traces.placeholder, "before": None, "after": None}
    await execute(session, sa.update(AuditEntry).where(about).values(hidden))
    hidden = {"actor_name": traces.placeholder, "address": "", "user_agent": ""}
    await execute(session, sa.update(AuditEntry).where(by_them).values(hidden))
    await _forget_lines(session, user.id, traces.placeholder)
    await forget_pushed(session, user.id)
    for table in metadata.sorted_tables:
        await _forget_traces(session, table, traces)


def erased_username(user_id: int) -> str:
    return f"erased~{user_id}"


def _former_username(user: User) -> str:
    return user.username.removesuffix(f"~{user.id}")


async def traces_of(session: AsyncSession, user: User) -> Traces:
    """What identifies this person, now and formerly, and nobody else."""
    names: set[str | None] = {user.display_name, _former_username(user)}
    identifiers: set[str | None] = set(_numbers_of(user))
    about_them = select(AuditEntry.before, AuditEntry.after).where(
        AuditEntry.subject_kind == "user", AuditEntry.subject_id == user.id
    )
    for fields in await session.exec(about_them):
        for found in filter(None, fields):
            names |= {found.get("display_name"), found.get("username")}
            identifiers |= {found.get(name) for name in ("mobile", "dingtalk_userid", "wecom_userid", "feishu_userid")}
    for mapping in await session.exec(select(ImportMapping).where(ImportMapping.user_id == user.id)):
        names.add(mapping.word)
    for identity in await session.exec(select(ExternalIdentity).where(ExternalIdentity.user_id == user.id)):
        identifiers.add(identity.subject)
    for chat in await session.exec(select(ChatIdentity).where(ChatIdentity.user_id == user.id)):
        identifiers.add(chat.person)
    for channel in await session.exec(select(Channel).where(Channel.user_id == user.id)):
        listed = [value for name, value in channel.config.items() if name in PEOPLE_SETTINGS]
        identifiers |= {word for value in listed for word in str(value).replace(",", " ").split()}
    names |= {plain_name(name) for name in names if name}
    others: set[str] = set()
    for other in await session.exec(select(User).where(User.id != user.id, User.deleted_at.is_(None))):
        theirs = (other.display_name, other.username, *_numbers_of(other))
        others |= {value.lower() for value in theirs if value}
    own = {value for value in names | identifiers if value and value.lower() not in others}
    return Traces(
        placeholder=f"已注销成员 {user.id}",
        names=frozenset(own & names),
        identifiers=frozenset(own - names),
        longer_names=frozenset(other for other in others if any(value.lower() in other for value in own if value[1:])),
    )


def _numbers_of(user: User) -> tuple[str | None, ...]:
    return user.mobile, masked_number(user.mobile), user.dingtalk_userid, user.wecom_userid, user.feishu_userid


async def _forget_lines(session: AsyncSession, user_id: int, name: str) -> None:
    """Their lines in messages lose the name even if somebody else has the same one."""
    theirs = sa.cast(Delivery.message, sa.Text).contains(f'"user_id": {user_id},', autoescape=True)
    for delivery in await session.exec(select(Delivery).where(theirs)):
        lines: Any = delivery.message.get("lines", [])
        unknown = {"name": name, "mobile": None, "dingtalk_userid": None}
        lines = [line | unknown if line.get("user_id") == user_id else line for line in lines]
        delivery.message = {**delivery.message, "lines": lines}


def texts_of_people(table: sa.Table) -> Iterator[sa.Column[Any]]:
    """The columns in which people may have been written about."""
    if table.name == "user":  # others' own values
        return
    for column in table.columns:
        kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
        is_text = isinstance(kind, sa.String | sa.JSON) and not isinstance(kind, sa.Enum)
        is_key = column.primary_key or column.foreign_keys or any(word in column.name for word in NEVER_EXPORTED)
        if is_text and not is_key and column.name not in CODES.get(table.name, ()):
            yield column


async def _forget_traces(session: AsyncSession, table: sa.Table, traces: Traces) -> None:
    """Remove the traces from the texts of one table."""
    columns = list(texts_of_people(table))
    if not columns or not traces.values:
        return
    is_traced = sa.or_(
        *(
            sa.cast(column, sa.Text).icontains(form, autoescape=True)
            for column in columns
            for form in traces.forms(in_json=isinstance(column.type, sa.JSON))
        )
    )
    keys = list(table.primary_key.columns)
    for row in (await execute(session, sa.select(*keys, *columns).where(is_traced))).mappings().all():
        cleared = {column.name: _without(traces, column, row[column.name]) for column in columns}
        changed = {name: value for name, value in cleared.items() if value != row[name]}
        if changed:
            this = sa.and_(*(key == row[key.name] for key in keys))
            is_worthless = table.name in FORGOTTEN_WHOLE
            change = sa.delete(table) if is_worthless else sa.update(table).values(changed)
            await execute(session, change.where(this))


def _without(traces: Traces, column: sa.Column[Any], value: Any) -> Any:
    if column.name in NAMES_OF_THINGS.get(column.table.name, ()):
        traces = traces.only_identifiers()
    if value is None:
        return None
    if column.name in SETTINGS.get(column.table.name, ()):
        return traces.settings(value)
    if isinstance(column.type, sa.JSON):
        return traces.document(value)
    length = getattr(column.type, "length", None)
    return traces.text(value)[:length]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
