"""Signing in with DingTalk: its page shows a QR code, its internal app (企业内部应用) vouches for people of its organisation.

Sources: https://open.dingtalk.com/document/development/obtain-identity-credentials, …/obtain-user-token,
…/dingtalk-retrieve-user-information, …/query-a-user-by-the-union-id. DingTalk documents neither PKCE nor a nonce: `state`, bound
to the browser, is what ties its answer to the question. A DingTalk account outlives a job, so each time the organisation is asked
whether the person still belongs to it.
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

PAGE = "https://login.dingtalk.com"
NEW_API = "https://api.dingtalk.com"
OLD_API = "https://oapi.dingtalk.com"
NOT_IN_ORGANISATION = "60121"
INTERNAL = "0"
"""`contact_type` of the organisation's own people; 1 is an outside contact."""


class DingTalk(ExternalLogin):
    name: ClassVar[IdentityProvider] = IdentityProvider.DINGTALK

    @property
    def issuer(self) -> str:
        return f"{self.name}:{self.settings.dingtalk_client_id}"

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        query = {
            "response_type": "code",
            "client_id": self.settings.dingtalk_client_id,
            "redirect_uri": request.redirect_uri,
            "scope": "openid",
            "state": request.state,
            "prompt": "consent",
        }
        return f"{self._at(PAGE)}/oauth2/auth?{urlencode(query)}"

    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        key, secret = self.settings.dingtalk_client_id, self.settings.dingtalk_client_secret
        api = self._at(NEW_API)
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            exchange = {"clientId": key, "clientSecret": secret, "code": code, "grantType": "authorization_code"}
            token = _token(await client.post(f"{api}/v1.0/oauth2/userAccessToken", json=exchange))
            them = json_object(
                await client.get(f"{api}/v1.0/contact/users/me", headers={"x-acs-dingtalk-access-token": token})
            )
            union_id = them.get("unionId")
            if not isinstance(union_id, str) or not union_id:
                raise ValueError(f"no unionId: {_reason(them)}")
            app = _token(await client.post(f"{api}/v1.0/oauth2/accessToken", json={"appKey": key, "appSecret": secret}))
            found = json_object(
                await client.post(
                    f"{self._at(OLD_API)}/topapi/user/getbyunionid",
                    params={"access_token": app},
                    json={"unionid": union_id},
                )
            )
        _refuse_strangers(found)
        return ExternalPerson(self.issuer, union_id[:255])

    def _at(self, origin: str) -> str:
        return (self.settings.dingtalk_base_url or origin).rstrip("/")


def _token(answer: httpx.Response) -> str:
    found = json_object(answer)
    token = found.get("accessToken")
    if answer.status_code != 200 or not isinstance(token, str):
        raise ValueError(f"no token: {_reason(found)}")
    return token


def _refuse_strangers(found: dict[str, Any]) -> None:
    code = str(found.get("errcode"))
    if code == NOT_IN_ORGANISATION:
        raise SignInFailed("external_login_stranger")
    if code != "0":
        raise ValueError(f"is it one of us? {_reason(found)}")
    if str(found["result"]["contact_type"]) != INTERNAL:
        raise SignInFailed("external_login_stranger")


def _reason(found: dict[str, Any]) -> str:
    """DingTalk's own code and words, of either generation of its API."""
    return f"{found.get('code', found.get('errcode'))} {found.get('message', found.get('errmsg', ''))}"[:200]
