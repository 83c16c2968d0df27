"""Setup and sign-in: password, then a second factor if one is on, with a throttle that cannot lock the account's owner out."""

from datetime import timedelta
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.database import Database, advisory_lock
from daka.errors import Conflict, Forbidden, Unauthenticated
from daka.identity import second_factor
from daka.identity.access import lock_account
from daka.identity.models import Role, Team, User
from daka.identity.schemas import SetupRequest
from daka.identity.sessions import Device, Tokens, open_family
from daka.identity.throttle import DATABASE_SLOTS, delete_attempt, delete_attempts, sign_in_slot, take_attempt
from daka.languages import Words, said
from daka.settings import Settings
from daka.widths import visible

KNOWN_BROWSER_LIFETIME = timedelta(days=365)
SECOND_FACTOR_WITHIN = timedelta(minutes=5)
SETUP_LOCK = 0x73657475
FIRST_TEAM: Words = ("我的班组", "My team")


async def is_setup_needed(session: AsyncSession) -> bool:
    return (await session.exec(select(User.id).limit(1))).first() is None


async def create_first_admin(
    session: AsyncSession, settings: Settings, new: SetupRequest, *, password_hash: str, device: Device
) -> Tokens:
    """Create the first administrator and a first team. Raises Conflict: an account already exists."""
    await advisory_lock(session, SETUP_LOCK)
    if not await is_setup_needed(session):
        raise Conflict("already_set_up", "An account already exists; sign in")
    team = Team(
        name=new.team_name or said(FIRST_TEAM, new.language),
        timezone=new.timezone or settings.timezone,
        language=new.language,
    )
    session.add(team)
    await session.flush()
    admin = User(
        username=new.username.lower(),
        display_name=new.display_name or new.username,
        password_hash=password_hash,
        role=Role.ADMIN,
        team_id=team.id,
    )
    session.add(admin)
    await session.flush()
    asked_by(session, admin.id, admin.display_name)
    audit(session, "user.created", admin.id, admin.display_name, after={"username": admin.username, "role": "admin"})
    return await open_family(session, settings, admin, device)


async def sign_in(database: Database, settings: Settings, username: str, password: str, device: Device) -> Tokens:
    """Tokens for a username and password. The slow hash is verified outside of any transaction.

    Raises:
        TooMany: too many recent failures of this account from this source, or from this address; or too many sign-ins at once.
        Unauthenticated: unknown user, wrong password or disabled account, indistinguishably; or `second_factor_needed`
            with a `second_factor_token` for `finish_sign_in`.
    """
    username = visible(username).strip().lower()[:64].replace("\0", "")
    is_known = _browser(settings, device) is not None
    with sign_in_slot(is_known=is_known):
        async with DATABASE_SLOTS[is_known], database.write() as session:
            asked = select(User).where(User.username == username, User.deleted_at.is_(None))
            user = (await session.exec(asked)).first()
            source = _source(settings, device, user)
            await take_attempt(session, username, source)
        hashed = user.password_hash if user else None
        fits = await security.is_password(password[:200], hashed, is_low_priority=not is_known)
        async with DATABASE_SLOTS[is_known], database.write() as session:
            user = await lock_account(session, user.id) if user and fits else None
            # The password may have been changed while the old one was verified.
            is_unchanged = user is not None and user.password_hash == hashed
            is_allowed = is_unchanged and user is not None and user.may_sign_in
            if user is not None and is_allowed:
                if await second_factor.is_on(session, user):
                    await delete_attempt(session, username, source)
                    token = challenge(settings, user)
                else:
                    await delete_attempts(session, username, source)
                    return await _signed_in(session, settings, user, device)
    if not is_allowed:
        raise Unauthenticated("wrong_credentials", "The username or the password is wrong")
    problem = Unauthenticated("second_factor_needed", "A code from the authenticator app is needed")
    problem.extra["second_factor_token"] = token
    raise problem


async def finish_sign_in(database: Database, settings: Settings, challenge: str, code: str, device: Device) -> Tokens:
    """Tokens for the second step: a code of the authenticator app, or a recovery code, which is then used up."""
    claims = security.verified(settings.secret, "second_factor", challenge, at=clock.now())
    if claims is None:
        raise Unauthenticated("second_factor_expired", "Enter the password again")
    async with database.write() as session:
        user = _challenged(await session.get(User, int(claims["sub"])), claims)
        # The password is known here, so guesses of the six digits are counted from all addresses together. Recovery codes have 48
        # bits: counting theirs by network only cannot lock out the owner.
        is_of_the_app = second_factor.is_of_the_app(code)
        source = f"code:{user.id}" if is_of_the_app else f"recovery:{device.network}"[:64]
        await take_attempt(session, user.username, source)
    async with database.write() as session:
        user = _challenged(await lock_account(session, user.id), claims)
        taken = await second_factor.take_code(session, settings, user, code)
        if taken:
            await delete_attempts(session, user.username, source)
            tokens = await _signed_in(session, settings, user, device)
    if not taken:
        if is_of_the_app:
            raise Unauthenticated("wrong_code", "The code is wrong or was already used")
        raise Unauthenticated("wrong_recovery_code", "This recovery code is wrong or was already used")
    return tokens


def _challenged(user: User | None, claims: dict[str, Any]) -> User:
    """The account, if it has not changed since the password was verified."""
    if user is None or not user.may_sign_in or user.token_version != claims["ver"]:
        raise Unauthenticated("second_factor_expired", "Enter the password again")
    return user


async def refuse_wrong_password(database: Database, user: User, password: str, device: Device) -> None:
    """Require a signed-in user's password, throttled like sign-in: a stolen access token must not be enough to guess it."""
    source = f"known:{device.network}"[:64]
    async with database.write() as session:
        await take_attempt(session, user.username, source)
    if not await security.is_password(password, user.password_hash):
        raise Forbidden("wrong_password", "The current password is wrong")
    async with database.write() as session:
        await delete_attempts(session, user.username, source)


def known_browser(settings: Settings, user_id: int) -> str:
    """Cookie value that marks a known browser. Its attempts are counted separately, so that others cannot use them up."""
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
    """The token that the second step requires."""
    return security.signed(
        settings.secret,
        "second_factor",
        issued_at=clock.now(),
        lifetime=SECOND_FACTOR_WITHIN,
        sub=str(user.id),
        ver=user.token_version,
    )


def _source(settings: Settings, device: Device, user: User | None) -> str:
    """The key by which attempts are counted: the browser if this user signed in with it before, else the network address."""
    known = _browser(settings, device)
    if user is not None and known is not None and known["sub"] == str(user.id):
        return f"browser:{known['jti']}"[:64]
    return device.network


def _browser(settings: Settings, device: Device) -> dict[str, Any] | None:
    """The claims of the cookie that marks a known browser, if it has one."""
    return security.verified(settings.secret, "device", device.cookie, at=clock.now()) if device.cookie else None
