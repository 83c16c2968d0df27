"""Sessions. A sign-in on one device is a family of single-use refresh tokens; ending the family ends its access at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.addresses import network_of
from daka.audit_trail import asked_by, audit
from daka.change_events import wake_listeners
from daka.database import Database
from daka.errors import NotFound, Unauthenticated
from daka.identity.access import Principal, lock_account
from daka.identity.models import PasswordLink, RefreshToken, SignInFailure, User
from daka.settings import Settings

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
REUSE_GRACE = timedelta(seconds=30)
"""A page that is reloaded while it refreshes never sees the new token, and presents the former one again."""
THROTTLE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    user_id: int


@dataclass(frozen=True, slots=True)
class Device:
    """The client that signs in."""

    address: str
    user_agent: str = ""
    cookie: str | None = None
    """The cookie of an earlier sign-in, see `known_browser`."""

    @property
    def network(self) -> str:
        """The address by which attempts are counted: the /64 network for IPv6, since one host has all of it."""
        return network_of(self.address)


async def open_family(session: AsyncSession, settings: Settings, user: User, device: Device) -> Tokens:
    """Start a session and return its tokens."""
    family = security.new_token()[:32]
    refresh = security.new_token()
    _add(session, user, device, refresh, family=family, signed_in_at=clock.now())
    return _tokens(settings, user, family, refresh)


def _add(
    session: AsyncSession,
    user: User,
    device: Device,
    refresh: str,
    *,
    family: str,
    signed_in_at: datetime,
    kept_until: datetime | None = None,
) -> None:
    """Add a token that expires after its lifetime, but not before `kept_until`: the clock may be years behind just now."""
    now = clock.now()
    session.add(
        RefreshToken(
            user_id=user.id,
            family=family,
            token_hash=security.token_hash(refresh),
            created_at=now,
            expires_at=max(now + REFRESH_LIFETIME, kept_until or now),
            signed_in_at=signed_in_at,
            user_agent=device.user_agent[:200],
            address=device.address[:64],
        )
    )


def _tokens(settings: Settings, user: User, family: str, refresh: str) -> Tokens:
    access = security.signed(
        settings.secret,
        "access",
        issued_at=clock.now(),
        lifetime=ACCESS_LIFETIME,
        sub=str(user.id),
        jti=security.new_token()[:22],
        ver=user.token_version,
        sid=family,
    )
    return Tokens(access, refresh, user.id)


async def refresh(database: Database, settings: Settings, token: str, device: Device) -> Tokens:
    """Exchange a refresh token, which is then used up, for new tokens.

    Raises:
        Unauthenticated: it is unknown, expired or revoked. Reusing one also ends its whole family, unless the device that
            exchanged it does so within `REUSE_GRACE`: it gets the same refresh token again.
    """
    async with database.write() as session:
        tokens = await _rotate(session, settings, token, device)
    if tokens is None:  # raised only after the end of the family is committed
        raise Unauthenticated("refresh_invalid", "The session has ended; sign in again")
    return tokens


async def _rotate(session: AsyncSession, settings: Settings, token: str, device: Device) -> Tokens | None:
    known = RefreshToken.token_hash == security.token_hash(token)
    user_id = (await session.exec(select(RefreshToken.user_id).where(known))).first()
    user = await lock_account(session, user_id) if user_id is not None else None
    row = (await session.exec(select(RefreshToken).where(known))).first()
    if row is None or user is None:
        return None
    now = clock.now()
    is_repeated = row.rotated_at is not None
    while row.rotated_at is not None:  # the device may also have exchanged the successor, and received neither
        token = security.next_token(settings.secret, token)
        following = select(RefreshToken).where(RefreshToken.token_hash == security.token_hash(token))
        successor = (await session.exec(following)).first()
        is_same_device = successor is not None and successor.user_agent == device.user_agent[:200]
        if successor is None or not is_same_device or now - row.rotated_at >= REUSE_GRACE:
            if row.revoked_at is None:
                asked_by(session, user.id, user.display_name)
                reused = {"signed_in_at": str(row.signed_in_at)}
                audit(session, "session.reused", user.id, user.display_name, after=reused)
            await end_family(session, row.family)
            return None
        row = successor
    if row.revoked_at is not None or row.expires_at <= now or not user.may_sign_in:
        return None
    if not is_repeated:
        token = security.next_token(settings.secret, token)
        row.rotated_at = now
        kept_until = None if clock.is_plausible() else row.expires_at
        _add(session, user, device, token, family=row.family, signed_in_at=row.signed_in_at, kept_until=kept_until)
    return _tokens(settings, user, row.family, token)


async def end_family(session: AsyncSession, family: str) -> None:
    """Sign one device out, its access token included. The lock is the one that a refresh under way holds."""
    owner = select(RefreshToken.user_id).where(RefreshToken.family == family)
    if (user_id := (await session.exec(owner.limit(1))).first()) is not None:
        await lock_account(session, user_id)
    await session.exec(
        sa.update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    wake_listeners(session)


async def sign_out(session: AsyncSession, token: str) -> None:
    """End the family of a refresh token, if the token is known."""
    asked = select(RefreshToken).where(RefreshToken.token_hash == security.token_hash(token))
    if row := (await session.exec(asked)).first():
        await end_family(session, row.family)


async def end_all_sessions(session: AsyncSession, user: User) -> None:
    """Sign a user out everywhere, at once, and end every grant (see `grants`)."""
    await lock_account(session, user.id)
    user.token_version += 1
    session.add(user)
    await session.exec(
        sa.update(RefreshToken)
        .where(RefreshToken.user_id == user.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    wake_listeners(session)


async def devices(session: AsyncSession, user: User) -> list[tuple[int, RefreshToken]]:
    """The devices on which a user is signed in, last used first: each with its ID, which it keeps, and its present token."""
    live = (
        select(RefreshToken)
        .where(
            RefreshToken.user_id == user.id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > clock.now(),
        )
        .order_by(RefreshToken.created_at.desc(), RefreshToken.id.desc())
    )
    first = select(RefreshToken.family, func.min(RefreshToken.id)).where(RefreshToken.user_id == user.id)
    ids = dict(list(await session.exec(first.group_by(RefreshToken.family))))
    return [(ids[token.family], token) for token in await session.exec(live)]


async def sign_device_out(session: AsyncSession, by: Principal, device_id: int) -> None:
    """End one of the user's own sessions. Raises NotFound: there is no session with this ID."""
    token = dict(await devices(session, by.user)).get(device_id)
    if token is None:
        raise NotFound("device_not_found", f"You are not signed in on device {device_id}")
    await end_family(session, token.family)
    audit(session, "session.ended", by.id, by.user.display_name, before={"device": token.user_agent})


async def delete_old_sign_ins(session: AsyncSession, before: datetime) -> None:
    """Delete failures outside the throttle's window, and tokens and links that expired before the given time."""
    await session.exec(sa.delete(SignInFailure).where(SignInFailure.at < clock.now() - THROTTLE_WINDOW))
    await session.exec(sa.delete(RefreshToken).where(RefreshToken.expires_at < before))
    await session.exec(sa.delete(PasswordLink).where(PasswordLink.expires_at < before))
