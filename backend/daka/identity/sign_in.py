"""Setting up and signing in: password, then perhaps a second factor, with a throttle that cannot lock an owner out."""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.database import Database, advisory_lock, is_too_busy
from daka.errors import Conflict, Forbidden, TooMany, Unauthenticated
from daka.identity import second_factor
from daka.identity.models import Role, SignInFailure, Team, User
from daka.identity.sessions import THROTTLE_WINDOW, Device, Tokens, open_family
from daka.settings import Settings

FAILURES_PER_ACCOUNT_AND_SOURCE = 8
FAILURES_PER_ADDRESS = 60
MOST_AT_ONCE = 60
"""Sign-ins under way from browsers that nobody signed in with before, and further ones from browsers that somebody did."""
KNOWN_AT_ONCE = 20
KNOWN_BROWSER_LIFETIME = timedelta(days=365)
SECOND_FACTOR_WITHIN = timedelta(minutes=5)
SETUP_LOCK = 0x73657475
THROTTLE_LOCKS = 1 << 40
"""Advisory locks from here on: one for each place that sign-ins come from."""
FIRST_TEAM = "我的班组"

DB_SLOTS = 3
"""Of each kind, so many use the database at once: on SQLite everybody who waits to write holds one of fifteen connections, and
people at work and reminders need them."""

_db_slots = {False: asyncio.Semaphore(DB_SLOTS), True: asyncio.Semaphore(DB_SLOTS)}
_at_once = {False: 0, True: 0}
"""By whether the browser is known: strangers who flood the line leave room for those who were here before."""


async def is_setup_needed(session: AsyncSession) -> bool:
    return (await session.exec(select(User.id).limit(1))).first() is None


async def create_first_admin(
    session: AsyncSession,
    settings: Settings,
    *,
    username: str,
    password_hash: str,
    display_name: str | None,
    device: Device,
) -> Tokens:
    """The first administrator, with a first team to plan.

    Raises:
        Conflict: somebody exists already.
    """
    await advisory_lock(session, SETUP_LOCK)
    if not await is_setup_needed(session):
        raise Conflict("already_set_up", "An account exists already; sign in")
    now = clock.now()
    team = Team(name=FIRST_TEAM, timezone=settings.timezone, created_at=now)
    session.add(team)
    await session.flush()
    admin = User(
        username=username.lower(),
        display_name=display_name or username,
        password_hash=password_hash,
        role=Role.ADMIN,
        team_id=team.id,
        created_at=now,
    )
    session.add(admin)
    await session.flush()
    asked_by(session, admin.id, admin.display_name)
    audit(session, "user.created", admin.id, admin.display_name, after={"username": admin.username, "role": "admin"})
    return await open_family(session, settings, admin, device)


async def sign_in(database: Database, settings: Settings, username: str, password: str, device: Device) -> Tokens:
    """Tokens for a username and password. The slow hash is checked outside of any transaction.

    Raises:
        TooMany: too many failures of late for this account from this place, or from this address; or too many at once.
        Unauthenticated: unknown user, wrong password or disabled account, indistinguishably; or `second_factor_needed`
            with a `second_factor_token` for `finish_sign_in`.
    """
    username = username.strip().lower()[:64].replace("\0", "")
    is_known = _browser(settings, device) is not None
    with _room_for_one_more(is_known=is_known):
        async with _db_slots[is_known], database.write() as session:
            asked = select(User).where(User.username == username, User.deleted_at.is_(None))
            user = (await session.exec(asked)).first()
            source = _source(settings, device, user)
            await _take_attempt(session, username, source)
        hashed = user.password_hash if user else None
        fits = await security.is_password(password[:200], hashed, is_stranger=not is_known)
        async with _db_slots[is_known], database.write() as session:
            user = await session.get(User, user.id, populate_existing=True) if user and fits else None
            is_welcome = user is not None and user.is_active and user.deleted_at is None
            if user is not None and is_welcome:
                if await second_factor.is_on(session, user):
                    await _forget_attempt(session, username, source)
                    token = challenge(settings, user)
                else:
                    await _forget_attempts(session, username, source)
                    return await _signed_in(session, settings, user, device)
    if not is_welcome:
        raise Unauthenticated("wrong_credentials", "The username or the password is wrong")
    problem = Unauthenticated("second_factor_needed", "A code from the authenticator app is needed")
    problem.extra["second_factor_token"] = token
    raise problem


async def finish_sign_in(database: Database, settings: Settings, challenge: str, code: str, device: Device) -> Tokens:
    """Tokens for the second step: a code of the authenticator app, or a recovery code, which is used up.

    Raises:
        TooMany: too many wrong codes of late.
        Unauthenticated: a wrong code, or the first step was too long ago.
    """
    claims = security.verified(settings.secret, "second_factor", challenge, at=clock.now())
    if claims is None:
        raise Unauthenticated("second_factor_expired", "Enter the password again")
    async with database.write() as session:
        user = await session.get(User, int(claims["sub"]))
        if user is None or not user.is_active or user.deleted_at or user.token_version != claims["ver"]:
            raise Unauthenticated("second_factor_expired", "Enter the password again")
        source = f"code:{user.id}"  # whoever comes this far knows the password: counted wherever they are
        await _take_attempt(session, user.username, source)
    async with database.write() as session:
        user = cast(User, await session.get(User, user.id))
        taken = await second_factor.take_code(session, settings, user, code)
        if taken:
            await _forget_attempts(session, user.username, source)
            tokens = await _signed_in(session, settings, user, device)
    if not taken:
        raise Unauthenticated("wrong_code", "The code is wrong or was used already")
    return tokens


async def check_password(database: Database, user: User, password: str, device: Device) -> bool:
    """Whether a signed-in person knows their password, throttled like signing in: a stolen access token must not guess it."""
    source = f"known:{device.network}"[:64]
    async with database.write() as session:
        await _take_attempt(session, user.username, source)
    if not await security.is_password(password, user.password_hash):
        return False
    async with database.write() as session:
        await _forget_attempts(session, user.username, source)
    return True


async def refuse_wrong_password(database: Database, user: User, password: str, device: Device) -> None:
    """For what a stolen access token alone must not do."""
    if not await check_password(database, user, password, device):
        raise Forbidden("wrong_password", "The current password is wrong")


def known_browser(settings: Settings, user_id: int) -> str:
    """What a browser keeps after signing in. Its attempts are counted apart: nobody else can use them up."""
    return security.signed(
        settings.secret,
        "device",
        issued_at=clock.now(),
        lifetime=KNOWN_BROWSER_LIFETIME,
        sub=str(user_id),
        jti=security.new_token()[:22],
    )


async def _signed_in(session: AsyncSession, settings: Settings, user: User, device: Device) -> Tokens:
    asked_by(session, user.id, user.display_name)
    audit(session, "session.opened", user.id, user.display_name)
    return await open_family(session, settings, user, device)


def challenge(settings: Settings, user: User) -> str:
    """What the second step is to be begun with."""
    return security.signed(
        settings.secret,
        "second_factor",
        issued_at=clock.now(),
        lifetime=SECOND_FACTOR_WITHIN,
        sub=str(user.id),
        ver=user.token_version,
    )


# --- the throttle ----------------------------------------------------------------------------------------------------


def _busy() -> TooMany:
    return TooMany("busy", 5, "Too many people sign in at this moment")


@contextmanager
def _room_for_one_more(*, is_known: bool) -> Iterator[None]:
    """A flood is refused before it costs a connection or a hash."""
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


def _source(settings: Settings, device: Device, user: User | None) -> str:
    """Where attempts are counted: the browser if this person signed in with it before, else the network address."""
    known = _browser(settings, device)
    if user is not None and known is not None and known["sub"] == str(user.id):
        return f"browser:{known['jti']}"[:64]
    return device.network


def _browser(settings: Settings, device: Device) -> dict[str, Any] | None:
    """What this browser kept since somebody signed in with it."""
    return security.verified(settings.secret, "device", device.cookie, at=clock.now()) if device.cookie else None


async def _take_attempt(session: AsyncSession, username: str, source: str) -> None:
    """Count an attempt before it is made, so that many at once are not more than allowed; success takes it back.

    Counted per account *and* place, so that somebody elsewhere cannot lock an owner out.
    """
    await advisory_lock(session, THROTTLE_LOCKS + zlib.crc32(source.encode()))
    now = clock.now()
    recent = select(func.count(), func.min(SignInFailure.at)).where(
        SignInFailure.source == source, SignInFailure.at > now - THROTTLE_WINDOW
    )
    for asked, allowed in (
        (recent.where(SignInFailure.username == username), FAILURES_PER_ACCOUNT_AND_SOURCE),
        (recent, FAILURES_PER_ADDRESS),
    ):
        failures, first = (await session.exec(asked)).one()
        if failures >= allowed:
            wait = (first + THROTTLE_WINDOW - now).total_seconds()
            raise TooMany("too_many_attempts", max(1, int(wait) + 1), "Too many failed sign-ins; wait a little")
    session.add(SignInFailure(username=username, source=source, at=now))


async def _forget_attempts(session: AsyncSession, username: str, source: str) -> None:
    await session.exec(
        sa.delete(SignInFailure).where(SignInFailure.username == username, SignInFailure.source == source)
    )


async def _forget_attempt(session: AsyncSession, username: str, source: str) -> None:
    """The last one only: the password was right, but nobody is signed in yet."""
    last = select(func.max(SignInFailure.id)).where(SignInFailure.username == username, SignInFailure.source == source)
    await session.exec(sa.delete(SignInFailure).where(SignInFailure.id == (await session.exec(last)).one()))
