"""DingTalk's API for internal apps, of both generations: requests, the access token, and what its codes mean.

Sources: https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app, …/server-api-error-codes-1,
…/call-frequency-limit, …/query-users-by-phone-number. A token is valid for two hours; asking again returns the same one.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from daka.outbound.bodies import code_in, json_object
from daka.outbound.quota import account_key
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request
from daka.outbound.tokens import AppToken, AppTokens
from daka.vendors.apps import Send, ask
from daka.vendors.replies import A_MINUTE, CodeMeaning, Meaning, VendorReply, by_code, reply_of, row_by_status, token_in

OLD_API = "https://oapi.dingtalk.com"
"""The token goes into the query; HTTP 200 and `errcode` for nearly everything."""
NEW_API = "https://api.dingtalk.com"
"""The token goes into a header; failures are HTTP 4xx and 5xx with `code`. Its tokens are valid for the old API too."""
LONGEST_USERID = 64

QPS_WAIT = timedelta(seconds=2)
"""DingTalk says: at least a second."""
BAN = timedelta(minutes=5)
"""As long as DingTalk blocks an address that asks too often."""

TABLE = by_code(
    {
        "0": CodeMeaning(Meaning.DONE),
        "-1": CodeMeaning(Meaning.RETRY),
        "40001 40014 42001 InvalidAuthentication": CodeMeaning(Meaning.TOKEN_REFUSED),
        # 41001: there was no token in the request; another one would not help
        "41001 AuthenticationFailed.MissingParameter": CodeMeaning(Meaning.APP),
        "40035 40089 40096 invalidClientIdOrSecret": CodeMeaning(Meaning.APP),
        "60011 Forbidden.AccessDenied.AccessTokenPermissionDenied send.forbidden": CodeMeaning(Meaning.PERMISSION),
        "60020": CodeMeaning(Meaning.ADDRESS),
        f"1111 {' '.join(map(str, range(90001, 90015)))}": CodeMeaning(Meaning.THROTTLED, BAN),
        "90002 90018": CodeMeaning(Meaning.THROTTLED, QPS_WAIT),
        "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi": CodeMeaning(Meaning.THROTTLED, QPS_WAIT),
        "Forbidden.AccessDenied.QpsLimitForApi": CodeMeaning(Meaning.THROTTLED, QPS_WAIT),
        "send.too.fast 130101 410100": CodeMeaning(Meaning.THROTTLED, A_MINUTE),
        "90020 Forbidden.AccessDenied.ApiCountLimitForOrg": CodeMeaning(Meaning.QUOTA),
        "33012 40103 40104 60121": CodeMeaning(Meaning.PERSON),  # 40104: an invalid mobile number
        "50002 50004": CodeMeaning(Meaning.SCOPE),  # 50004: a department
        "34016": CodeMeaning(Meaning.TOO_LONG),
        "43001 43002 43003 43005 43009 400002": CodeMeaning(Meaning.MESSAGE),
    }
)
_ROWS = {code.lower(): row for code, row in TABLE.items()}


def read(answer: HttpAnswer, expects: str = "errcode") -> VendorReply:
    """The meaning of an answer. `expects` is a key of every success: of the new API one of its own, since it has no `errcode`."""
    found, status = json_object(answer.text), answer.status
    if found is None:
        return reply_of(row_by_status(answer), "", "the answer was not DingTalk's", answer)
    if found.get("status") == 1111 and "errcode" not in found:
        return reply_of(TABLE["1111"], "1111", "blocked by DingTalk's gateway", answer, found)
    code = code_in(found, "errcode") or code_in(found, "code")
    words = found.get("errmsg") or found.get("message") or ""
    if code == "88" and code_in(found, "sub_code"):  # the gateway's errors have the actual code inside
        code, words = code_in(found, "sub_code"), found.get("sub_msg") or words
    if not code and status < 300 and expects in found:
        code = "0"
    return reply_of(_row(code, answer), code, str(words), answer, found)


def _row(code: str, answer: HttpAnswer) -> CodeMeaning:
    lowered = code.lower()
    if row := _ROWS.get(lowered):
        return row
    if lowered.startswith(("invalidparameter", "miss.param")):
        return CodeMeaning(Meaning.PERSON if "user" in lowered or "staff" in lowered else Meaning.MESSAGE)
    if code and answer.status < 300:
        return CodeMeaning(Meaning.UNKNOWN)
    return row_by_status(answer)


@dataclass(frozen=True, slots=True)
class DingTalkApp:
    """An internal app (企业内部应用)."""

    key: str
    secret: str = field(repr=False)

    @property
    def token_key(self) -> str:
        return f"dingtalk {self.key} {hash(self.secret)}"

    @property
    def quota_account(self) -> str:
        """The account under which the app's calls of the month are counted. Messages and attendance count together."""
        return account_key("dingtalk_attendance", f"{self.key}\n{self.secret}")

    def token_request(self) -> HttpRequest:
        return self.new_request("", "/v1.0/oauth2/accessToken", {"appKey": self.key, "appSecret": self.secret})

    def token_in(self, answer: HttpAnswer) -> AppToken | VendorReply:
        return token_in(read(answer, "accessToken"), "accessToken", "expireIn")

    def old_request(self, token: str, path: str, body: dict[str, Any]) -> HttpRequest:
        return json_request(f"{OLD_API}{path}?access_token={quote(token, safe='')}", body, vendor="dingtalk")

    def new_request(self, token: str, path: str, body: dict[str, Any] | None = None) -> HttpRequest:
        """A POST with a body, else a GET."""
        headers = {"x-acs-dingtalk-access-token": token} if token else {}
        return json_request(f"{NEW_API}{path}", body, headers, vendor="dingtalk")


async def userid_of(app: DingTalkApp, tokens: AppTokens, send: Send, mobile: str) -> tuple[VendorReply, str | None]:
    """Who has this mobile number. DingTalk does not count this call. Raises NoAnswer: see `Outbound.send`."""

    def request(token: str) -> HttpRequest:
        return app.old_request(token, "/topapi/v2/user/getbymobile", {"mobile": mobile})

    reply = await ask(app, tokens, send, request, read)
    if reply.code == "400002":  # a parameter is invalid, and the number is the only one
        reply = replace(reply, meaning=Meaning.PERSON)
    found = (reply.found or {}).get("result")
    userid = found.get("userid") if isinstance(found, dict) else None
    return reply, userid if isinstance(userid, str) and 0 < len(userid) <= LONGEST_USERID else None
