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

from daka import clock, security
from daka.errors import DakaError
from daka.identity.models import User
from daka.outbound.http import Outbound
from daka.outbound.requests import NoAnswer
from daka.settings import Settings
from daka.vendors.replies import Meaning, VendorReply

LIFETIME = timedelta(minutes=10)

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


def safe_path(path: str) -> str:
    """The path if it stays on this site, else the start page (`//host` and `/\\host` point to other sites)."""
    stays = path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if stays and len(path) <= 500 and path.isascii() and path.isprintable() else "/"
