"""The sign-in pages of DingTalk and Feishu, and what their apps may ask about who signed in there."""

import base64
import hashlib
import json
import secrets
from abc import abstractmethod
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fakes.server import Asked, FakeResponse, FakeServer

CLIENT, CLIENT_SECRET = "app-1", "secret-of-the-app"


class FakeScanPage(FakeServer):
    """Whoever comes agrees at once as `person`."""

    page: str
    code_name = "code"

    def __init__(self, person: str = "bob") -> None:
        super().__init__()
        self.person = person
        self.asks: dict[str, tuple[str, dict[str, str]]] = {}
        """By code: who agreed, and what we had asked for. A code works once."""
        self.tokens: dict[str, str] = {}

    def approve(self, url: str) -> dict[str, str]:
        """What the person's browser brings back after they agreed at this address."""
        parts = urlsplit(url)
        assert parts.path == self.page
        return self._agreed({name: values[0] for name, values in parse_qs(parts.query).items()})

    def _agreed(self, asked: dict[str, str]) -> dict[str, str]:
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        self.check(asked)
        code = secrets.token_urlsafe(8)
        self.asks[code] = (self.person, asked)
        return {self.code_name: code, "state": asked["state"]}

    @abstractmethod
    def check(self, asked: dict[str, str]) -> None:
        """What this vendor's page insists on."""

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.path == self.page:
            back = urlencode(self._agreed(asked.query))
            return FakeResponse("", 303, {"Location": f"{asked.query['redirect_uri']}?{back}"})
        if asked.path == "/favicon.ico":
            return FakeResponse("", 404)
        return self.api(asked, json.loads(asked.body) if asked.body else {})

    @abstractmethod
    def api(self, asked: Asked, body: dict[str, Any]) -> FakeResponse: ...

    def token_for(self, who: str) -> str:
        token = f"user-token-{secrets.token_urlsafe(6)}"
        self.tokens[token] = who
        return token


class FakeDingTalkPage(FakeScanPage):
    page = "/oauth2/auth"
    code_name = "authCode"

    def __init__(self, person: str = "bob") -> None:
        super().__init__(person)
        self.contact_types = {"bob": 0, "alice": 0, "root": 0, "charlie": 0}
        """The organisation's people (0) and outside contacts (1). Anybody may have a DingTalk account."""

    def check(self, asked: dict[str, str]) -> None:
        assert (asked["scope"], asked["prompt"]) == ("openid", "consent")

    def api(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        match asked.path:
            case "/v1.0/oauth2/userAccessToken":
                who, _ = self.asks.pop(body["code"], ("", {}))
                if (body["clientId"], body["clientSecret"], body["grantType"]) != (
                    CLIENT,
                    CLIENT_SECRET,
                    "authorization_code",
                ):
                    return FakeResponse(
                        {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}, 400
                    )
                if not who:
                    return FakeResponse(
                        {"code": "invalidParameter.authCode.notFound", "message": "不合法的临时授权码"}, 400
                    )
                return FakeResponse({"accessToken": self.token_for(who), "refreshToken": "r", "expireIn": 7200})
            case "/v1.0/contact/users/me":
                found = self.tokens.get(asked.headers.get("x-acs-dingtalk-access-token", ""))
                if found is None:
                    return FakeResponse({"code": "InvalidAuthentication", "message": "不合法的access_token"}, 400)
                return FakeResponse({"nick": "一个昵称", "unionId": f"union-{found}", "openId": f"open-{found}"})
            case "/v1.0/oauth2/accessToken":
                assert (body["appKey"], body["appSecret"]) == (CLIENT, CLIENT_SECRET)
                return FakeResponse({"accessToken": "token-of-the-app", "expireIn": 7200})
            case "/topapi/user/getbyunionid":
                who = body["unionid"].removeprefix("union-")
                if asked.query["access_token"] != "token-of-the-app":
                    return FakeResponse({"errcode": 40014, "errmsg": "不合法的access_token"})
                if who not in self.contact_types:
                    return FakeResponse({"errcode": 60121, "errmsg": "找不到该用户"})
                result = {"contact_type": self.contact_types[who], "userid": f"userid-{who}"}
                return FakeResponse({"errcode": 0, "errmsg": "ok", "result": result})
        raise AssertionError(asked.path)


class FakeFeishuPage(FakeScanPage):
    page = "/open-apis/authen/v1/authorize"

    def __init__(self, person: str = "bob") -> None:
        super().__init__(person)
        self.may_use_the_app = {"bob", "alice", "root", "charlie"}

    def check(self, asked: dict[str, str]) -> None:
        assert asked["code_challenge_method"] == "S256"

    def api(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        match asked.path:
            case "/open-apis/authen/v2/oauth/token":
                who, asked_for = self.asks.pop(body["code"], ("", {}))
                if (body["client_id"], body["client_secret"]) != (CLIENT, CLIENT_SECRET):
                    return self.refusal(20002, "The client secret is invalid.")
                if not who:
                    return self.refusal(20003, "The authorization code is not found.")
                proof = hashlib.sha256(body["code_verifier"].encode()).digest()
                if base64.urlsafe_b64encode(proof).decode().rstrip("=") != asked_for["code_challenge"]:
                    return self.refusal(20049, "PKCE code challenge failed.")
                assert body["redirect_uri"] == asked_for["redirect_uri"]
                if who not in self.may_use_the_app:
                    return self.refusal(20010, "The user does not have permission to use this app.")
                token = self.token_for(who)
                return FakeResponse({"code": 0, "access_token": token, "expires_in": 7200, "token_type": "Bearer"})
            case "/open-apis/authen/v1/user_info":
                found = self.tokens.get(asked.headers["authorization"].removeprefix("Bearer "))
                if found is None:
                    return FakeResponse({"code": 20005, "msg": "The user access token passed is invalid"}, 400)
                person = {"name": "一个名字", "open_id": f"ou_{found}", "union_id": f"on_{found}", "tenant_key": "t1"}
                return FakeResponse({"code": 0, "msg": "success", "data": {**person, "mobile": "+8613800000001"}})
        raise AssertionError(asked.path)

    @staticmethod
    def refusal(code: int, words: str) -> FakeResponse:
        return FakeResponse({"code": code, "error": "invalid_grant", "error_description": words}, 400)
