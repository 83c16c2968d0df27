"""Login with DingTalk: its page shows a QR code, and an internal app (企业内部应用) confirms members of its organisation.

Sources: https://open.dingtalk.com/document/development/obtain-identity-credentials, …/obtain-user-token,
…/dingtalk-retrieve-user-information, …/query-a-user-by-the-union-id. DingTalk documents neither PKCE nor a nonce: `state`, bound
to the browser, ties the callback to the request. A DingTalk account outlives a job, so membership in the organisation is checked
at every login.
"""

from typing import ClassVar

from daka.identity.external_login import (
    AuthorizationRequest,
    ExternalLogin,
    ExternalPerson,
    IdentityProvider,
    SignInFailed,
    accepted,
)
from daka.outbound.bodies import rebased
from daka.vendors.apps import ask
from daka.vendors.dingtalk import DingTalkApp, read
from daka.vendors.replies import Meaning

PAGE = "https://login.dingtalk.com"
INTERNAL = "0"
"""`contact_type` of members of the organisation; 1 is an external contact."""


class DingTalk(ExternalLogin):
    name: ClassVar[IdentityProvider] = IdentityProvider.DINGTALK
    needs = ("dingtalk_client_id", "dingtalk_client_secret")

    @property
    def client_id(self) -> str:
        return self.settings.dingtalk_client_id

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        page = rebased(f"{PAGE}/oauth2/auth", self.settings.dingtalk_base_url)
        return self.page(page, request, scope="openid", prompt="consent")

    async def identify(self, request: AuthorizationRequest, code: str) -> ExternalPerson:
        key, secret = self.client_id, self.settings.dingtalk_client_secret
        app, send = DingTalkApp(key, secret), self.outbound.send
        exchange = {"clientId": key, "clientSecret": secret, "code": code, "grantType": "authorization_code"}
        answer = await send(app.new_request("", "/v1.0/oauth2/userAccessToken", exchange))
        token = str(accepted("DingTalk", read(answer, "accessToken"))["accessToken"])
        answer = await send(app.new_request(token, "/v1.0/contact/users/me"))
        union_id = str(accepted("DingTalk", read(answer, "unionId"))["unionId"])
        if not union_id:
            raise ValueError("no unionId")
        reply = await ask(
            app,
            self.outbound.tokens,
            send,
            lambda token: app.old_request(token, "/topapi/user/getbyunionid", {"unionid": union_id}),
            read,
        )
        is_member = reply.meaning not in (Meaning.PERSON, Meaning.SCOPE)
        if not is_member or str(accepted("DingTalk", reply)["result"]["contact_type"]) != INTERNAL:
            raise SignInFailed("external_login_stranger")
        return ExternalPerson(self.issuer, union_id[:255])
