"""The audit trail: who changed what, before and after, from where. Written in the transaction of the change, never modified.

Every feature calls `audit(…)`. The actor is stored in the session (`asked_by`), the address in a context variable (`origin`).
Secrets are masked when written, so that the log can be shown and exported as it is.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.columns import Mapped, Table, json_column
from daka.observability import redacted, request_id

SECRET_WORDS = frozenset(
    {"password", "passwd", "secret", "secrets", "token", "tokens", "hash", "hashes", "sealed"}
    | {"url", "webhook", "key", "keys", "sendkey", "authorization", "cookie"}
)
"""A field whose name contains one of these words (`webhook_url`) is recorded as ***."""
PERSONAL_NUMBERS = ("mobile",)
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Origin:
    """The client that sent a request."""

    address: str = ""
    user_agent: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - it is frozen


class AuditEntry(Table, table=True):
    """One change. `before` and `after` hold only the fields that differ."""

    __table_args__ = (sa.Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)
    id: Mapped[int] = Field(default=None, primary_key=True)
    at: Mapped[datetime] = Field(index=True)
    actor_id: Mapped[int | None] = Field(default=None, foreign_key="user.id", index=True)
    """None: the system itself, or a person who is not signed in."""
    actor_name: Mapped[str] = Field(default="", max_length=80)
    action: Mapped[str] = Field(max_length=64, index=True)
    """`subject.what`, for example `user.updated`."""
    subject_kind: Mapped[str] = Field(max_length=32)
    subject_id: Mapped[int | None] = Field(default=None)
    subject_name: Mapped[str] = Field(default="", max_length=120)
    before: Mapped[dict[str, Any] | None] = Field(default=None, sa_type=json_column())
    after: Mapped[dict[str, Any] | None] = Field(default=None, sa_type=json_column())
    address: Mapped[str] = Field(default="", max_length=64)
    user_agent: Mapped[str] = Field(default="", max_length=200)
    request_id: Mapped[str] = Field(default="", max_length=32)


def asked_by(session: AsyncSession, user_id: int | None, name: str) -> None:
    """Set the actor of all further audit entries of this transaction."""
    session.info["asked_by"] = (user_id, name)


def audit(
    session: AsyncSession,
    action: str,
    subject_id: int | None = None,
    name: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a change in its own transaction. Nothing is recorded if `before` and `after` are given and equal.

    `action` is `subject.what`; the part before the dot is the kind of the subject.
    """
    if before is not None and after is not None:
        names = [field for field in {**before, **after} if before.get(field) != after.get(field)]
        if not names:
            return
        before = {field: before.get(field) for field in names}
        after = {field: after.get(field) for field in names}
    actor_id, actor_name = session.info.get("asked_by", (None, ""))
    where = origin.get()
    session.add(
        AuditEntry(
            at=clock.now(),
            actor_id=actor_id,
            actor_name=actor_name[:80],
            action=action,
            subject_kind=action.partition(".")[0],
            subject_id=subject_id,
            subject_name=name[:120],
            before=shown(before),
            after=shown(after),
            address=where.address[:64],
            user_agent=where.user_agent[:200],
            request_id=request_id.get(),
        )
    )


def shown(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Fields as they are logged: JSON, without secrets, mobile numbers masked."""
    return None if fields is None else {name: _shown(name, value) for name, value in fields.items()}


def masked_number(number: str | None) -> str | None:
    """138****0001: enough to recognise, but not to call."""
    if number is None or len(number) < 5:
        return number and "****"
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 9 else f"****{number[-2:]}"


def _shown(name: str, value: Any) -> Any:
    if value is not None and name in PERSONAL_NUMBERS:
        return masked_number(str(value))
    if value not in (None, "") and SECRET_WORDS & set(name.lower().split("_")):
        return "***"
    if isinstance(value, Mapping):
        return shown(value)
    if isinstance(value, str):
        return redacted(value[: 4 * LONGEST_TEXT])[:LONGEST_TEXT]
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown("", part) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else json.loads(json.dumps(str(value)))


def _refuse_change(_mapper: Any, _connection: Any, entry: AuditEntry) -> NoReturn:
    raise RuntimeError(f"audit entry {entry.id} must not be changed or deleted")


event.listen(AuditEntry, "before_update", _refuse_change)
event.listen(AuditEntry, "before_delete", _refuse_change)
