"""Signing in elsewhere: at the company's OpenID Connect provider, at DingTalk or at Feishu (OAuth 2.0, RFC 6749).

Each way knows where the browser is sent and whom its provider vouches for when the browser is back; all else is here. What
happens in between is kept in a signed cookie, not on the server. The providers are the operator's choice, so their addresses
are not guarded; what they say is checked.

An account is found by the provider's own identifier. Its owner connects it while signed in here; by username, at the first time,
only an OpenID Connect provider finds one. Never by a telephone number or a userid: people change these themselves.
"""

import base64
import hashlib
import logging
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import httpx
import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.errors import Conflict, DakaError, NotFound
from daka.identity.models import ExternalIdentity, Role, User
from daka.settings import Settings

WITHIN = timedelta(minutes=10)
TIMEOUT_SECONDS = 10

logger = logging.getLogger(__name__)


class Way(StrEnum):
    OIDC = "oidc"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class SignInFailed(DakaError):
    """Signing in elsewhere did not work out; the code is shown to the person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Trip:
    """One way there and back: what only this browser and we know."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    @property
    def challenge(self) -> str:
        """The verifier as it may be seen (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and what it must bring back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class ExternalPerson:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    username: str | None = None
    """None where the provider's usernames are not those of this server."""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back, where they wanted to go, and the account that they asked to connect: its id and token version."""

    person: ExternalPerson
    next_path: str
    connects: tuple[int, int] | None


class Provider(ABC):
    """One place where people sign in."""

    way: ClassVar[Way]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    @abstractmethod
    def issuer(self) -> str:
        """Who vouches: its identifiers are unique for this name."""

    @property
    def redirect_uri(self) -> str:
        return f"{self.settings.base_url}/api/v1/auth/{self.way}/callback"

    @abstractmethod
    async def page(self, trip: Trip) -> str:
        """The address of the page to sign in at.

        Raises:
            SignInFailed: the provider does not answer.
        """

    @abstractmethod
    async def person(self, trip: Trip, code: str) -> ExternalPerson:
        """Whom the code stands for.

        Raises:
            SignInFailed: the provider refuses this person.
            httpx.HTTPError, ValueError, KeyError, TypeError: no answer, or one that proves nothing.
        """


async def depart(provider: Provider, next_path: str, *, connects: User | None = None) -> Departure:
    """The provider's page for signing in, and the cookie that binds its answer to this browser."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = await provider.page(Trip(state, nonce, verifier, provider.redirect_uri))
    cookie = security.signed(
        provider.settings.secret,
        "elsewhere",
        issued_at=clock.now(),
        lifetime=WITHIN,
        sub=state,
        way=provider.way.value,
        nonce=nonce,
        verifier=verifier,
        next=safe_path(next_path),
        connects=[connects.id, connects.token_version] if connects else None,
    )
    return Departure(url, cookie)


async def arrive(provider: Provider, *, cookie: str | None, state: str, code: str) -> Arrival:
    """Who came back.

    Raises:
        SignInFailed: another browser's answer, an old one, or one that the provider does not stand by.
    """
    if not code:
        raise SignInFailed("elsewhere_refused")
    kept = security.verified(provider.settings.secret, "elsewhere", cookie or "", at=clock.now())
    if kept is None or kept["way"] != provider.way or not security.same(str(kept["sub"]), state):
        raise SignInFailed("elsewhere_expired")
    trip = Trip(state, kept["nonce"], kept["verifier"], provider.redirect_uri)
    try:
        person = await provider.person(trip, code)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        # An HTTP error's own words carry the address, and an address may carry a token.
        reason = (
            type(error).__name__ if isinstance(error, httpx.HTTPError) else f"{type(error).__name__}: {error}"[:300]
        )
        logger.warning("sign_in_elsewhere_failed", extra={"fields": {"way": provider.way.value, "reason": reason}})
        raise SignInFailed("elsewhere_failed") from error
    connects = kept.get("connects")
    return Arrival(person, safe_path(str(kept["next"])), (connects[0], connects[1]) if connects else None)


def page_of_refusals(settings: Settings, cookie: str | None) -> str:
    """Where somebody is told that it did not work: the sign-in page, or where they asked to connect their account."""
    kept = security.verified(settings.secret, "elsewhere", cookie or "", at=clock.now())
    return safe_path(str(kept["next"])) if kept and kept.get("connects") else "/"


# --- accounts --------------------------------------------------------------------------------------------------------


async def local_user(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User:
    """The account of somebody whom the provider vouches for.

    Raises:
        SignInFailed: there is none, it is disabled, or it belongs to somebody else there.
    """
    known = await _identity(session, person)
    if known is None and person.username is None:
        raise SignInFailed("elsewhere_not_connected")
    user = await session.get(User, known.user_id) if known else await _first_time(session, settings, person)
    if user is None or not user.is_active or user.deleted_at is not None:
        raise SignInFailed("elsewhere_no_account")
    asked_by(session, user.id, user.display_name)
    return user


async def connect(session: AsyncSession, arrival: Arrival) -> None:
    """From now on this person at the provider is the one who asked for it here.

    Raises:
        SignInFailed: who asked was signed out meanwhile, is connected already, or the other account is somebody else's.
    """
    user_id, token_version = arrival.connects or (0, 0)
    user = await session.get(User, user_id)
    if user is None or not user.is_active or user.deleted_at is not None or user.token_version != token_version:
        raise SignInFailed("elsewhere_expired")
    known = await _identity(session, arrival.person)
    if known is not None and known.user_id == user.id:
        return
    if known is not None or await connection(session, user, arrival.person.issuer) is not None:
        raise SignInFailed("elsewhere_taken")
    asked_by(session, user.id, user.display_name)
    await _remember(session, user, arrival.person)
    audit(session, "user.connected", user.id, user.display_name, after={"by": arrival.person.issuer})


async def connection(session: AsyncSession, user: User, issuer: str) -> ExternalIdentity | None:
    asked = select(ExternalIdentity).where(ExternalIdentity.user_id == user.id, ExternalIdentity.issuer == issuer)
    return (await session.exec(asked)).first()


async def disconnect(session: AsyncSession, user: User, issuer: str) -> None:
    """
    Raises:
        NotFound: they are not connected.
        Conflict: without a password they could not come back.
    """
    found = await connection(session, user, issuer)
    if found is None:
        raise NotFound("not_connected", "This account is not connected there")
    if not user.password_hash:
        raise Conflict("last_way_in", "Set a password first")
    await session.delete(found)
    audit(session, "user.disconnected", user.id, user.display_name, before={"by": issuer})


async def forget_connections(session: AsyncSession, user: User) -> None:
    """After a password that somebody lost or betrayed: what was connected with it goes, too. A company's provider stays."""
    theirs = sa.or_(*(ExternalIdentity.issuer.startswith(f"{way}:") for way in (Way.DINGTALK, Way.FEISHU)))
    await session.exec(sa.delete(ExternalIdentity).where(ExternalIdentity.user_id == user.id, theirs))


async def _identity(session: AsyncSession, person: ExternalPerson) -> ExternalIdentity | None:
    asked = select(ExternalIdentity).where(
        ExternalIdentity.issuer == person.issuer, ExternalIdentity.subject == person.subject
    )
    return (await session.exec(asked)).first()


async def _remember(session: AsyncSession, user: User, person: ExternalPerson) -> None:
    """Note who somebody is at the provider. Of two who do so at the same moment one is refused."""
    row = ExternalIdentity(user_id=user.id, issuer=person.issuer, subject=person.subject, created_at=clock.now())
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except sa.exc.IntegrityError as error:
        raise SignInFailed("elsewhere_taken") from error


async def _first_time(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User | None:
    """Found by username, or made if the operator wants it.

    Administrators are never found by name: who can choose a name at the provider must not become one.
    """
    if person.username is None or len(person.username) < 2:
        return None
    asked = select(User).where(User.username == person.username, User.deleted_at.is_(None))
    user = (await session.exec(asked)).first()
    if user is None:
        if not settings.oidc_create_members:
            return None
        user = User(
            username=person.username,
            display_name=person.display_name or person.username,
            password_hash="",
            role=Role.MEMBER,
            created_at=clock.now(),
        )
        session.add(user)
        await session.flush()
        audit(
            session, "user.created", user.id, user.display_name, after={"username": user.username, "by": person.issuer}
        )
    if user.role is Role.ADMIN or await connection(session, user, person.issuer) is not None:
        return None
    await _remember(session, user, person)
    return user


def said(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer, whatever its status: vendors put their reasons into it.

    Raises:
        ValueError: it is none.
    """
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def safe_path(path: str) -> str:
    """The path if it stays on this site, else the start page (`//host` and `/\\host` lead elsewhere)."""
    stays = path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if stays and len(path) <= 500 and path.isascii() and path.isprintable() else "/"
