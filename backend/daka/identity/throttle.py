"""Slows down guesses at passwords, without locking out the owner of the account."""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import advisory_lock, is_too_busy
from daka.errors import TooMany
from daka.identity.models import SignInFailure
from daka.identity.sessions import THROTTLE_WINDOW

FAILURES_PER_ACCOUNT_AND_SOURCE = 8
FAILURES_PER_ADDRESS = 60
MOST_AT_ONCE = 60
"""Concurrent sign-ins from unknown browsers."""
KNOWN_AT_ONCE = 20
"""Concurrent sign-ins from known browsers, in addition."""
THROTTLE_LOCKS = 1 << 40
"""First of the advisory locks: one for each source of sign-ins."""
SLOTS_EACH = 3
"""Sign-ins that use the database at once, for each kind of browser. On SQLite every waiting writer holds one of 15 connections,
which other requests and reminders need."""
DATABASE_SLOTS = {False: asyncio.Semaphore(SLOTS_EACH), True: asyncio.Semaphore(SLOTS_EACH)}
_at_once = {False: 0, True: 0}
"""By whether the browser is known: a flood from unknown browsers leaves capacity for known ones."""


def _busy() -> TooMany:
    return TooMany("busy", 5, "Too many people are signing in at the moment")


@contextmanager
def sign_in_slot(*, is_known: bool) -> Iterator[None]:
    """Limit concurrent sign-ins, so that a flood is refused before it costs a connection or a hash."""
    if _at_once[is_known] >= (KNOWN_AT_ONCE if is_known else MOST_AT_ONCE):
        raise _busy()
    _at_once[is_known] += 1
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        if is_too_busy(error):
            raise _busy() from error
        raise
    finally:
        _at_once[is_known] -= 1


async def take_attempt(session: AsyncSession, username: str, source: str) -> None:
    """Count an attempt before it is made, so that concurrent ones cannot exceed the limit. Success removes it again.

    Counted per account *and* source, so that an attacker cannot lock the owner out.
    """
    await advisory_lock(session, THROTTLE_LOCKS + zlib.crc32(source.encode()))
    now = clock.now()
    recent = select(func.count(), func.min(SignInFailure.at)).where(
        SignInFailure.source == source, SignInFailure.at.between(now - THROTTLE_WINDOW, now + clock.AHEAD)
    )
    for asked, allowed in (
        (recent.where(SignInFailure.username == username), FAILURES_PER_ACCOUNT_AND_SOURCE),
        (recent, FAILURES_PER_ADDRESS),
    ):
        failures, first = (await session.exec(asked)).one()
        if failures >= allowed:
            wait = (first + THROTTLE_WINDOW - now).total_seconds()
            raise TooMany("too_many_attempts", max(1, int(wait) + 1), "Too many failed sign-ins; try again later")
    session.add(SignInFailure(username=username, source=source, at=now))


async def delete_attempts(session: AsyncSession, username: str, source: str) -> None:
    await session.exec(
        sa.delete(SignInFailure).where(SignInFailure.username == username, SignInFailure.source == source)
    )


async def delete_attempt(session: AsyncSession, username: str, source: str) -> None:
    """Delete only the last one: the password was right, but the second factor is still due."""
    last = select(func.max(SignInFailure.id)).where(SignInFailure.username == username, SignInFailure.source == source)
    await session.exec(sa.delete(SignInFailure).where(SignInFailure.id == (await session.exec(last)).one()))
