"""Login with Feishu (飞书): its page shows a QR code, and a custom app (企业自建应用) confirms the people who may use it.

Sources: https://open.feishu.cn/document/authentication-management/access-token/obtain-oauth-code, …/get-user-access-token,
…/reference/authen-v1/user_info/get. PKCE is supported. Feishu gives no token for people who left the organisation or may not use
the app (20008, 20010), and warns that the phone numbers it returns are not verified.
"""

from typing import Any, ClassVar

from daka.identity.external_login import (
    AuthorizationRequest,
    ExternalLogin,
    ExternalPerson,
    IdentityProvider,
    SignInFailed,
    accepted,
)
from daka.outbound.bodies import rebased
from daka.vendors import feishu
from daka.vendors.replies import Meaning

PAGE = "https://accounts.feishu.cn"


class Feishu(ExternalLogin):
    name: ClassVar[IdentityProvider] = IdentityProvider.FEISHU
    needs = ("feishu_app_id", "feishu_app_secret")

    @property
    def client_id(self) -> str:
        return self.settings.feishu_app_id

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        page = rebased(f"{PAGE}/open-apis/authen/v1/authorize", self.settings.feishu_base_url)
        return self.page(page, request, code_challenge=request.challenge, code_challenge_method="S256")

    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        exchange = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": self.settings.feishu_app_secret,
            "code": code,
            "redirect_uri": request.redirect_uri,
            "code_verifier": request.verifier,
        }
        found = await self._send("/open-apis/authen/v2/oauth/token", exchange)
        found = await self._send("/open-apis/authen/v1/user_info", token=found["access_token"])
        open_id = found["data"]["open_id"]
        if not isinstance(open_id, str) or not open_id:
            raise ValueError("no open_id")
        return ExternalPerson(self.issuer, open_id[:255])

    async def _send(self, path: str, body: dict[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
        reply = feishu.read(await self.outbound.send(feishu.request(path, body, token=token)))
        if reply.meaning in (Meaning.PERSON, Meaning.SCOPE):
            raise SignInFailed("external_login_stranger")
        return accepted("Feishu", reply)
