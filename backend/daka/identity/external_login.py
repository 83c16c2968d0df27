"""External login: signing in through an OpenID Connect provider, DingTalk or Feishu (OAuth 2.0, RFC 6749).

Each provider builds its authorization URL and exchanges the code for a person; everything else is here. The state between the
two requests is kept in a signed cookie, not on the server. What providers return is verified.

An account is matched by the provider's own identifier. Users connect it themselves while signed in; only OpenID Connect may match
by username, once, at the first login. Mobile numbers and DingTalk userids are never used: users can change these themselves.
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
from urllib.parse import urlencode

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.errors import Conflict, DakaError, NotFound
from daka.identity.access import lock_account
from daka.identity.grants import opens
from daka.identity.models import ExternalIdentity, Role, User
from daka.identity.schemas import Name, Username
from daka.outbound.http import Outbound
from daka.outbound.requests import NoAnswer
from daka.settings import Settings
from daka.vendors.replies import Meaning, VendorReply

LIFETIME = timedelta(minutes=10)
USERNAME: TypeAdapter[str] = TypeAdapter(Username)
NAME: TypeAdapter[str] = TypeAdapter(Name)

logger = logging.getLogger(__name__)


class IdentityProvider(StrEnum):
    OIDC = "oidc"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class SignInFailed(DakaError):
    """An external login failed; the web app shows a message for the code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The secrets of one authorization request, known only to this browser and the server."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    @property
    def challenge(self) -> str:
        """The PKCE code challenge of the verifier (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class RedirectToProvider:
    """The authorization URL, and the cookie that the callback must present."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class ExternalPerson:
    """A person authenticated by the provider."""

    issuer: str
    subject: str
    username: str | None = None
    """None if the provider's usernames are unrelated to those of this server."""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """A verified callback. `connects` is set if a signed-in user is connecting their account: its id and token version."""

    person: ExternalPerson
    next_path: str
    connects: tuple[int, int] | None


class ExternalLogin(ABC):
    """One identity provider as configured on this server."""

    name: ClassVar[IdentityProvider]
    needs: ClassVar[tuple[str, ...]]
    """The settings that turn it on."""

    def __init__(self, settings: Settings, outbound: Outbound) -> None:
        self.settings = settings
        self.outbound = outbound

    @property
    @abstractmethod
    def client_id(self) -> str:
        """The id of this server at the provider."""

    @property
    def issuer(self) -> str:
        """The namespace in which the provider's identifiers are unique."""
        return f"{self.name}:{self.client_id}"

    @property
    def redirect_uri(self) -> str:
        return f"{self.settings.base_url}/api/v1/auth/{self.name}/callback"

    def page(self, url: str, request: AuthorizationRequest, **more: str) -> str:
        """The URL of an authorization request, with what all providers expect (RFC 6749, 4.1.1) and more."""
        expected = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
        }
        return f"{url}{'&' if '?' in url else '?'}{urlencode(expected | more)}"

    @abstractmethod
    async def authorization_url(self, request: AuthorizationRequest) -> str:
        """The provider's sign-in page for this request. Raises SignInFailed: the provider cannot be reached."""

    @abstractmethod
    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        """Exchange the code for the person it was issued to.

        Raises:
            SignInFailed: the provider refuses this person.
            NoAnswer, ValueError, KeyError, TypeError: no response, or one that cannot be verified.
        """


def accepted(provider: str, reply: VendorReply) -> dict[str, Any]:
    """What a vendor's API answered. Raises ValueError: it refused."""
    if reply.meaning is not Meaning.DONE or reply.found is None:
        raise ValueError(f"{provider} refused: {reply.code} {reply.words}"[:200])
    return reply.found


async def begin(login: ExternalLogin, next_path: str, *, connects: User | None = None) -> RedirectToProvider:
    """Start an authorization request. The cookie binds the callback to this browser."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = await login.authorization_url(AuthorizationRequest(state, nonce, verifier, login.redirect_uri))
    cookie = security.signed(
        login.settings.secret,
        "external_login",
        issued_at=clock.now(),
        lifetime=LIFETIME,
        sub=state,
        provider=login.name.value,
        nonce=nonce,
        verifier=verifier,
        next=safe_path(next_path),
        connects=[connects.id, connects.token_version] if connects else None,
    )
    return RedirectToProvider(url, cookie)


async def complete(login: ExternalLogin, *, cookie: str | None, state: str, code: str) -> CallbackResult:
    """Verify the callback and ask the provider for the person.

    Raises SignInFailed: the callback belongs to another browser, is too old, or the provider does not confirm it.
    """
    if not code:
        raise SignInFailed("external_login_refused")
    kept = security.verified(login.settings.secret, "external_login", cookie or "", at=clock.now())
    if kept is None or kept["provider"] != login.name or not security.same(str(kept["sub"]), state):
        raise SignInFailed("external_login_expired")
    request = AuthorizationRequest(state, kept["nonce"], kept["verifier"], login.redirect_uri)
    try:
        person = await login.identify(request, code)
        if not person.subject or not person.subject.isprintable():
            raise ValueError("the identifier has control characters, or none at all")
    except (NoAnswer, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"[:300]
        logger.warning("external_login_failed", extra={"fields": {"provider": login.name.value, "reason": reason}})
        is_unreachable = isinstance(error, NoAnswer) and error.code == "dns"
        raise SignInFailed("external_login_unreachable" if is_unreachable else "external_login_failed") from error
    connects = kept.get("connects")
    return CallbackResult(person, safe_path(str(kept["next"])), (connects[0], connects[1]) if connects else None)


def failure_page(settings: Settings, cookie: str | None) -> str:
    """The page that shows the error: the settings for a user connecting their account, else the sign-in page."""
    kept = security.verified(settings.secret, "external_login", cookie or "", at=clock.now())
    return safe_path(str(kept["next"])) if kept and kept.get("connects") else "/"


# --- accounts --------------------------------------------------------------------------------------------------------


async def local_user(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User:
    """The account of a person authenticated by the provider."""
    known = await _identity(session, person)
    user = await lock_account(session, known.user_id) if known else None
    if known is None or user is None or (user.is_active and not opens(known, user)):
        if person.username is None:
            raise SignInFailed("external_login_not_connected")
        user = await _match_by_username(session, settings, person)
    if user is None or not user.may_sign_in:
        raise SignInFailed("external_login_no_account")
    asked_by(session, user.id, user.display_name)
    return user


async def connect(session: AsyncSession, result: CallbackResult) -> None:
    """Connect the provider's person to the account of the user who asked for it.

    Raises SignInFailed: the user was signed out meanwhile or is connected already, or the person belongs to another account.
    """
    user_id, token_version = result.connects or (0, 0)
    user = await lock_account(session, user_id)
    if user is None or not user.may_sign_in or user.token_version != token_version:
        raise SignInFailed("external_login_expired")
    known = await _identity(session, result.person)
    if known is not None:
        owner = await session.get(User, known.user_id)
        if owner is None or not opens(known, owner):
            known = None
    if known is not None and known.user_id == user.id:
        return
    if known is not None or await connection(session, user, result.person.issuer) is not None:
        raise SignInFailed("external_login_taken")
    asked_by(session, user.id, user.display_name)
    await _remember(session, user, result.person, token_version=user.token_version)
    audit(session, "user.connected", user.id, user.display_name, after={"by": result.person.issuer})


async def connection(session: AsyncSession, user: User, issuer: str) -> ExternalIdentity | None:
    """The identity at this provider that opens the user's account, if there is one."""
    asked = select(ExternalIdentity).where(ExternalIdentity.user_id == user.id, ExternalIdentity.issuer == issuer)
    return next((found for found in await session.exec(asked) if opens(found, user)), None)


async def disconnect(session: AsyncSession, user: User, issuer: str) -> None:
    """
    Raises:
        NotFound: they are not connected.
        Conflict: the user has no password, so this is their only way to sign in.
    """
    found = await connection(session, user, issuer)
    if found is None:
        raise NotFound("not_connected", "This account is not connected to this provider")
    if not user.password_hash:
        raise Conflict("last_way_in", "Set a password first")
    await session.delete(found)
    audit(session, "user.disconnected", user.id, user.display_name, before={"by": issuer})


async def _identity(session: AsyncSession, person: ExternalPerson) -> ExternalIdentity | None:
    asked = select(ExternalIdentity).where(
        ExternalIdentity.issuer == person.issuer, ExternalIdentity.subject == person.subject
    )
    return (await session.exec(asked)).first()


async def _remember(
    session: AsyncSession, user: User, person: ExternalPerson, *, token_version: int | None = None
) -> None:
    """Store the connection in place of one that has ended. Of two concurrent attempts one is refused."""
    row = ExternalIdentity(
        user_id=user.id,
        issuer=person.issuer,
        subject=person.subject,
        token_version=token_version,
    )
    try:
        async with session.begin_nested():
            if ended := await _identity(session, person):
                await session.delete(ended)
                await session.flush()
            session.add(row)
            await session.flush()
    except (sa.exc.IntegrityError, sa.orm.exc.StaleDataError) as error:
        raise SignInFailed("external_login_taken") from error


async def _match_by_username(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User | None:
    """Match by username at the first login, or create the account if OIDC_CREATE_MEMBERS is on.

    Administrators are never matched by name: choosing a username at the provider must not grant administrator rights.
    """
    username = _valid(USERNAME, person.username)
    if username is None:
        return None
    asked = select(User).where(User.username == username, User.deleted_at.is_(None))
    found = (await session.exec(asked)).first()
    user = await lock_account(session, found.id) if found is not None else None
    if user is None:
        if not settings.oidc_create_members:
            return None
        user = User(
            username=username,
            display_name=_valid(NAME, person.display_name) or username,
            password_hash="",
            role=Role.MEMBER,
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


def _valid(kind: TypeAdapter[str], text: str | None) -> str | None:
    """The provider's text as if a user had entered it; None if it would be refused."""
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


def safe_path(path: str) -> str:
    """The path if it stays on this site, else the start page (`//host` and `/\\host` point to other sites)."""
    stays = path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if stays and len(path) <= 500 and path.isascii() and path.isprintable() else "/"
