"""Signing in with Feishu (飞书): its page shows a QR code, its custom app (企业自建应用) vouches for people who may use it.

Sources: https://open.feishu.cn/document/authentication-management/access-token/obtain-oauth-code, …/get-user-access-token,
…/reference/authen-v1/user_info/get. PKCE is supported. Feishu gives no token for people who left the organisation or may not use
the app (20008, 20010), and warns that the telephone numbers it gives are not verified.
"""

from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx

from daka.identity.external_login import (
    TIMEOUT_SECONDS,
    AuthorizationRequest,
    ExternalLogin,
    ExternalPerson,
    IdentityProvider,
    SignInFailed,
    json_object,
)

PAGE = "https://accounts.feishu.cn"
API = "https://open.feishu.cn"
STRANGERS = {20008, 20010}


class Feishu(ExternalLogin):
    name: ClassVar[IdentityProvider] = IdentityProvider.FEISHU

    @property
    def issuer(self) -> str:
        return f"{self.name}:{self.settings.feishu_app_id}"

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        query = {
            "response_type": "code",
            "client_id": self.settings.feishu_app_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
            "code_challenge": request.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._at(PAGE)}/open-apis/authen/v1/authorize?{urlencode(query)}"

    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        exchange = {
            "grant_type": "authorization_code",
            "client_id": self.settings.feishu_app_id,
            "client_secret": self.settings.feishu_app_secret,
            "code": code,
            "redirect_uri": request.redirect_uri,
            "code_verifier": request.verifier,
        }
        api = self._at(API)
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            tokens = json_object(await client.post(f"{api}/open-apis/authen/v2/oauth/token", json=exchange))
            if tokens.get("code") in STRANGERS:
                raise SignInFailed("external_login_stranger")
            bearer = {"Authorization": f"Bearer {_accepted(tokens)['access_token']}"}
            them = _accepted(json_object(await client.get(f"{api}/open-apis/authen/v1/user_info", headers=bearer)))[
                "data"
            ]
        open_id = them["open_id"]
        if not isinstance(open_id, str) or not open_id:
            raise ValueError("no open_id")
        return ExternalPerson(self.issuer, open_id[:255])

    def _at(self, origin: str) -> str:
        return (self.settings.feishu_base_url or origin).rstrip("/")


def _accepted(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("code") != 0:
        words = found.get("error_description", found.get("msg", ""))
        raise ValueError(f"Feishu refused: {found.get('code')} {words}"[:200])
    return found
