"""Login with an OpenID Connect provider: authorization code with PKCE, `state` and `nonce` (OpenID Connect Core 1.0).

Signature, issuer, audience, expiry and nonce of the ID token are verified.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from daka import clock
from daka.identity.external_login import (
    AuthorizationRequest,
    ExternalLogin,
    ExternalPerson,
    IdentityProvider,
    SignInFailed,
)
from daka.outbound.bodies import json_object
from daka.outbound.http import Outbound
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Asymmetric signatures only: `none` and HMAC are refused even if the token's header names them."""
KEEP_METADATA = timedelta(hours=1)
LEEWAY_SECONDS = 60
LONGEST_ANSWER_BYTES = 1024 * 1024


class OpenIdConnect(ExternalLogin):
    """One provider. Its metadata is cached for an hour."""

    name: ClassVar[IdentityProvider] = IdentityProvider.OIDC
    needs = ("oidc_issuer",)

    def __init__(self, settings: Settings, outbound: Outbound) -> None:
        super().__init__(settings, outbound)
        self._metadata: dict[str, Any] | None = None
        self._read_at = clock.now()

    @property
    def client_id(self) -> str:
        return self.settings.oidc_client_id

    @property
    def issuer(self) -> str:
        return self.settings.oidc_issuer

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        return self.page(
            str((await self._known_metadata())["authorization_endpoint"]),
            request,
            scope="openid profile email",
            nonce=request.nonce,
            code_challenge=request.challenge,
            code_challenge_method="S256",
        )

    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        from joserfc.errors import JoseError  # loaded where somebody signs in like that

        metadata = await self._known_metadata()
        tokens = await self._exchange(metadata, request, code)
        try:
            claims = await self._checked(metadata, str(tokens["id_token"]), request.nonce)
        except JoseError as error:
            raise ValueError(str(error)) from error
        if self.settings.oidc_username_claim not in claims and metadata.get("userinfo_endpoint"):
            claims = {**await self._userinfo(metadata, tokens, claims["sub"]), **claims}
        username = str(claims.get(self.settings.oidc_username_claim) or "").strip().lower()
        name = str(claims.get("name") or username)
        return ExternalPerson(self.issuer, str(claims["sub"])[:255], username[:64], name[:80])

    async def _known_metadata(self) -> dict[str, Any]:
        if self._metadata is None or clock.now() - self._read_at > KEEP_METADATA:
            url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                found = await self._get(url)
                if found["issuer"] != self.issuer:
                    raise SignInFailed("external_login_misconfigured")
            except (NoAnswer, ValueError, KeyError, TypeError) as error:
                raise SignInFailed("external_login_unreachable") from error
            self._metadata, self._read_at = found, clock.now()
        return self._metadata

    async def _exchange(self, metadata: dict[str, Any], request: AuthorizationRequest, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": request.redirect_uri,
            "code_verifier": request.verifier,
        }
        client_id, secret = self.client_id, self.settings.oidc_client_secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods and secret:
            headers["Authorization"] = f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"
        else:
            form |= {"client_id": client_id, **({"client_secret": secret} if secret else {})}
        return await self._send(HttpRequest(metadata["token_endpoint"], urlencode(form).encode(), headers))

    async def _checked(self, metadata: dict[str, Any], id_token: str, nonce: str) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.jwk import KeySet

        keys: Any = await self._get(metadata["jwks_uri"])
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        if claims.get("azp", self.client_id) != self.client_id:
            raise ValueError("the token was made for another client")
        return claims

    async def _userinfo(self, metadata: dict[str, Any], tokens: dict[str, Any], subject: str) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        found = await self._get(metadata["userinfo_endpoint"], bearer)
        if found["sub"] != subject:
            raise ValueError("userinfo is about another subject")
        return found

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        return await self._send(HttpRequest(url, headers=headers or {}, method="GET"))

    async def _send(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON object of a success. The operator chose the issuer, and it names the other addresses: all are trusted."""
        trusted = replace(request, is_trusted=True, longest_answer_bytes=LONGEST_ANSWER_BYTES)
        answer = await self.outbound.send(trusted)
        found = json_object(answer.text)
        if not 200 <= answer.status < 300:
            raise ValueError(f"HTTP {answer.status}")
        if found is None:
            raise ValueError("not a JSON object")
        return found
