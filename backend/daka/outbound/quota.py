"""API calls of a calendar month, counted for each account of a vendor: by punch sources and by channels together."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.columns import Mapped, Table
from daka.database import execute
from daka.statements import insert_new

BEIJING = ZoneInfo("Asia/Shanghai")
"""Vendors bill by this time zone, and dates in their requests are in it."""


class ApiQuota(Table, table=True):
    """How many calls an account has used in a calendar month."""

    __table_args__ = (sa.CheckConstraint("calls >= 0", name="calls"),)
    account: Mapped[str] = Field(primary_key=True, max_length=40)
    month: Mapped[str] = Field(primary_key=True, max_length=7)
    """`2026-11`, see `month_of`."""
    calls: Mapped[int] = Field(default=0)


def month_of(now: datetime) -> str:
    """The month in Beijing's calendar, e.g. `2026-11`."""
    return f"{now.astimezone(BEIJING):%Y-%m}"


def next_month(now: datetime) -> datetime:
    """When the next month begins in Beijing."""
    local = now.astimezone(BEIJING)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def forecast(calls: int, now: datetime) -> int:
    """How many calls this month will have used at its end if it goes on as so far. On its first day, what was used."""
    local, end = now.astimezone(BEIJING), next_month(now)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    passed = (local - first) / (end - first)
    return calls if local.day == 1 else round(calls / passed)


def account_key(kind: str, account: str) -> str:
    """The hash under which an account's calls are counted."""
    return hashlib.sha256(f"{kind}\n{account}".encode()).hexdigest()[:40]


async def count_calls(session: AsyncSession, account: str, calls: int = 1, *, monthly_calls: int = 0) -> int | None:
    """Count calls of this month. Returns the new count, None if the limit was reached already; 0 is no limit."""
    mine = {"account": account, "month": month_of(clock.now())}
    await execute(session, insert_new(session, ApiQuota).values(**mine, calls=0))
    change = sa.update(ApiQuota).filter_by(**mine).values(calls=ApiQuota.calls + calls).returning(ApiQuota.calls)
    if monthly_calls:
        change = change.where(ApiQuota.calls < monthly_calls)
    return (await execute(session, change)).scalar_one_or_none()


async def calls_this_month(session: AsyncSession, accounts: Iterable[str]) -> dict[str, int]:
    """Calls by account."""
    asked = select(ApiQuota.account, ApiQuota.calls).where(
        ApiQuota.account.in_(list(accounts)), ApiQuota.month == month_of(clock.now())
    )
    return dict(list(await session.exec(asked)))


async def forget_old_counts(session: AsyncSession, before: datetime) -> None:
    """Remove the counts of earlier years."""
    await session.exec(sa.delete(ApiQuota).where(ApiQuota.month < f"{before.year - 1}-12"))
