"""Signing in at an OpenID Connect provider: authorization code with PKCE, `state` and `nonce` (OpenID Connect Core 1.0).

The provider is set by the operator, so its address is not guarded; what it says is checked: signature, issuer, audience,
expiry and nonce. What happens between the two steps is kept in a signed cookie, not on the server.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit.trail import asked_by, audit
from daka.errors import DakaError
from daka.identity.models import ExternalIdentity, Role, User
from daka.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a key pair only: `none` and HMAC are refused whatever the token says."""
WITHIN = timedelta(minutes=10)
TIMEOUT_SECONDS = 10
KEEP_METADATA = timedelta(hours=1)
LEEWAY_SECONDS = 60


class SignInFailed(DakaError):
    """Signing in at the provider did not work out; the code is shown to the person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
    username: str
    display_name: str


class IdentityProvider:
    """One provider with what it says about itself, read once an hour."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metadata: dict[str, Any] | None = None
        self._read_at = clock.now()

    async def departure(self, next_path: str) -> Departure:
        """The provider's page for signing in, and the cookie that binds its answer to this browser.

        Raises:
            SignInFailed: the provider does not answer.
        """
        metadata = await self._known_metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._settings.oidc_client_id,
                "redirect_uri": self._redirect_uri,
                "scope": "openid profile email",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        endpoint = str(metadata["authorization_endpoint"])
        cookie = security.signed(
            self._settings.secret,
            "oidc",
            issued_at=clock.now(),
            lifetime=WITHIN,
            sub=state,
            nonce=nonce,
            verifier=verifier,
            next=safe_path(next_path),
        )
        return Departure(f"{endpoint}{'&' if '?' in endpoint else '?'}{query}", cookie)

    async def arrival(self, *, cookie: str | None, state: str, code: str) -> tuple[ExternalPerson, str]:
        """Who came back, and where they wanted to go.

        Raises:
            SignInFailed: another browser's answer, an old one, or one that the provider did not sign for us.
        """
        kept = security.verified(self._settings.secret, "oidc", cookie or "", at=clock.now())
        if kept is None or not security.same(str(kept["sub"]), state):
            raise SignInFailed("oidc_expired")
        from joserfc.errors import JoseError  # loaded where somebody signs in like that

        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                metadata = await self._known_metadata()
                tokens = await self._exchange(client, metadata, code, kept["verifier"])
                claims = await self._checked(client, metadata, str(tokens["id_token"]), kept["nonce"])
                if self._settings.oidc_username_claim not in claims and metadata.get("userinfo_endpoint"):
                    claims = {**await self._userinfo(client, metadata, tokens, claims["sub"]), **claims}
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInFailed("oidc_failed") from error
        username = str(claims.get(self._settings.oidc_username_claim) or "").strip().lower()
        name = str(claims.get("name") or username)
        person = ExternalPerson(self._settings.oidc_issuer, str(claims["sub"])[:255], username[:64], name[:80])
        return person, safe_path(str(kept["next"]))

    @property
    def _redirect_uri(self) -> str:
        return f"{self._settings.base_url}/api/v1/auth/oidc/callback"

    async def _known_metadata(self) -> dict[str, Any]:
        if self._metadata is None or clock.now() - self._read_at > KEEP_METADATA:
            url = self._settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                    found = (await client.get(url)).raise_for_status().json()
                if found["issuer"] != self._settings.oidc_issuer:
                    raise SignInFailed("oidc_wrong_issuer")
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise SignInFailed("oidc_unreachable") from error
            self._metadata, self._read_at = found, clock.now()
        return self._metadata

    async def _exchange(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], code: str, verifier: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        identity = (self._settings.oidc_client_id, self._settings.oidc_client_secret)
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods and identity[1]:
            answer = await client.post(metadata["token_endpoint"], data=form, auth=identity)
        else:
            form["client_id"] = identity[0]
            answer = await client.post(
                metadata["token_endpoint"], data=form | ({"client_secret": identity[1]} if identity[1] else {})
            )
        return cast(dict[str, Any], answer.raise_for_status().json())

    async def _checked(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], id_token: str, nonce: str
    ) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.jwk import KeySet

        keys = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        if claims.get("azp", self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise ValueError("the token was made for another client")
        return claims

    async def _userinfo(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], tokens: dict[str, Any], subject: str
    ) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        found = (await client.get(metadata["userinfo_endpoint"], headers=bearer)).raise_for_status().json()
        if found["sub"] != subject:
            raise ValueError("userinfo speaks of somebody else")
        return cast(dict[str, Any], found)


async def local_user(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User:
    """The account of somebody whom the provider vouches for.

    The first time it is found by its username, from then on by the provider's own subject. Administrators are never found by
    name: who can choose a name at the provider must not become one.

    Raises:
        SignInFailed: there is none, it is disabled, or it belongs to somebody else there.
    """
    asked = select(ExternalIdentity).where(
        ExternalIdentity.issuer == person.issuer, ExternalIdentity.subject == person.subject
    )
    known = (await session.exec(asked)).first()
    user = await session.get(User, known.user_id) if known else await _first_time(session, settings, person)
    if user is None or not user.is_active or user.deleted_at is not None:
        raise SignInFailed("oidc_no_account")
    asked_by(session, user.id, user.display_name)
    audit(session, "session.opened", user.id, user.display_name, after={"by": person.issuer})
    return user


async def _first_time(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User | None:
    if len(person.username) < 2:
        return None
    asked = select(User).where(User.username == person.username, col(User.deleted_at).is_(None))
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
    if user.role is Role.ADMIN:
        return None
    taken = select(ExternalIdentity.id).where(
        ExternalIdentity.user_id == user.id, ExternalIdentity.issuer == person.issuer
    )
    if (await session.exec(taken)).first() is not None:
        return None
    session.add(
        ExternalIdentity(
            user_id=cast(int, user.id), issuer=person.issuer, subject=person.subject, created_at=clock.now()
        )
    )
    await session.flush()
    return user


def safe_path(path: str) -> str:
    """The path if it stays on this site, else the start page (`//host` and `/\\host` lead elsewhere)."""
    stays = path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if stays and len(path) <= 500 and path.isascii() and path.isprintable() else "/"
