"""What the two kinds that send as a DingTalk app share: credentials, the access token, and the codes of both API generations.

Sources: https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app, …/server-api-error-codes-1,
…/call-frequency-limit. A token is good for two hours; asking again while it is good gives the same one.
"""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, TypeVar, cast
from urllib.parse import quote

from pydantic import StringConstraints

from daka.delivery.channels.app import AppKind, listed
from daka.delivery.channels.dingtalk_robot import gateway_block
from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import Budget, Rate, SendContext, Verdict, plain_http_verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.outbound.quota import account_key
from daka.reminders.punches.dingtalk import DingTalkAttendance
from daka.settings import Settings

OLD_API = "https://oapi.dingtalk.com"
NEW_API = "https://api.dingtalk.com"
LONGEST_USERID = 64

_TOKEN_REFUSED = {"40001", "40014", "42001", "InvalidAuthentication", "invalidauthentication"}
_THROTTLED = {"90018", "90002", "send.too.fast", "130101", "410100"}
_BROKEN = {
    "40089": Remedy.DINGTALK_APP,
    "40096": Remedy.DINGTALK_APP,
    "40001": Remedy.DINGTALK_APP,
    "40014": Remedy.DINGTALK_APP,
    "42001": Remedy.DINGTALK_APP,
    "41001": Remedy.DINGTALK_APP,
    "invalidClientIdOrSecret": Remedy.DINGTALK_APP,
    "InvalidAuthentication": Remedy.DINGTALK_APP,
    "AuthenticationFailed.MissingParameter": Remedy.DINGTALK_APP,
    "60011": Remedy.DINGTALK_PERMISSION,
    "50002": Remedy.DINGTALK_PERMISSION,
    "Forbidden.AccessDenied.AccessTokenPermissionDenied": Remedy.DINGTALK_PERMISSION,
    "send.forbidden": Remedy.DINGTALK_PERMISSION,
    "60020": Remedy.DINGTALK_APP_IP,
    "90020": Remedy.DINGTALK_QUOTA,
    "Forbidden.AccessDenied.ApiCountLimitForOrg": Remedy.DINGTALK_QUOTA,
}
_BAD_MESSAGE = {
    "33012": Remedy.DINGTALK_USERID,
    "60121": Remedy.DINGTALK_USERID,
    "34016": Remedy.MESSAGE_TOO_LONG,
    "43001": Remedy.MESSAGE_REFUSED,
    "43002": Remedy.MESSAGE_REFUSED,
    "43003": Remedy.MESSAGE_REFUSED,
    "43005": Remedy.MESSAGE_REFUSED,
    "43009": Remedy.MESSAGE_REFUSED,
}


class DingTalkAppConfig(Config):
    app_key: Annotated[str, StringConstraints(min_length=1, max_length=100)] = setting(
        zh="AppKey",
        en="AppKey",
        help_zh="钉钉开发者后台 → 应用 → 凭证与基础信息里的 Client ID（AppKey）",
        help_en="From the DingTalk console: app → credentials, Client ID",
        example="dingabc123",
    )
    app_secret: Secret = setting(
        zh="AppSecret",
        en="AppSecret",
        help_zh="同一页的 Client Secret（AppSecret）",
        help_en="On the same page, Client Secret",
        max_length=200,
    )
    userids: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，]*([,，\s]+[^\s,，]+)*$")] | None = (
        setting(
            None,
            zh="默认接收人",
            en="Default recipients",
            help_zh="收测试消息和通知的钉钉 userid，逗号分隔。提醒总是发给成员资料里的 userid",
            help_en="DingTalk userids for tests and notices, with commas. Reminders go to each person's own userid",
            example="manager01",
        )
    )


A = TypeVar("A", bound=DingTalkAppConfig)


class DingTalkAppKind(AppKind[A]):
    """The text has the time, for DingTalk drops repetitions."""

    options: ClassVar[frozenset[str]] = frozenset(
        {"app_secret", "agent_id", "robot_code", "has_receipts", "monthly_calls"}
    )
    goes_by_profile: ClassVar[bool] = True
    rate: ClassVar[Rate | None] = Rate(90, timedelta(seconds=10))

    def rate_key(self, config: A) -> str:
        return config.app_key

    def audience_key(self, config: A) -> str:
        """Whom it reaches when no reader is known by their profile."""
        return f"{config.app_key} {sorted(listed(config.userids))}"

    def target(self, config: A) -> str:
        return "oapi.dingtalk.com"

    def budget(self, config: A) -> Budget | None:
        """The same month's calls that an attendance source of the app uses."""
        return Budget(account_key(DingTalkAttendance.name, config.app_key), 0)

    def app(self, config: A) -> str:
        return f"dingtalk {config.app_key} {hash(revealed(config.app_secret))}"

    def token_request(self, config: A, settings: Settings) -> HttpRequest:
        body = {"appKey": config.app_key, "appSecret": revealed(config.app_secret)}
        return dingtalk_request(f"{NEW_API}/v1.0/oauth2/accessToken", body, settings)

    def token_in(self, answer: HttpAnswer) -> tuple[str, timedelta] | None:
        found = json_object(answer.text) or {}
        token = found.get("accessToken")
        if answer.status != 200 or not isinstance(token, str):
            return None
        return token, timedelta(seconds=int(found.get("expireIn", 7200)))

    def is_token_refused(self, answer: HttpAnswer) -> bool:
        return _code_of(json_object(answer.text) or {}) in _TOKEN_REFUSED or answer.status == 401

    def recipients(self, config: A, note: RenderedMessage) -> list[str]:
        is_report = note.occasion is Occasion.ESCALATION
        called = note.readers if is_report else note.mentions
        named = [mention.dingtalk_userid for mention in called if mention.dingtalk_userid]
        if named or (note.lines and not is_report):
            return named
        return listed(config.userids)

    async def userid_of(self, config: DingTalkAppConfig, mobile: str, context: SendContext) -> tuple[Verdict, str]:
        """Who has this mobile number, with DingTalk's answer; empty when it names nobody.

        Source: https://open.dingtalk.com/document/development/query-users-by-phone-number. Not counted in the month's calls.

        Raises:
            AppRefused: the app got no token.
            NoAnswer: see `Outbound.send`.
        """

        def asked(token: str) -> HttpRequest:
            address = f"{OLD_API}/topapi/v2/user/getbymobile?access_token={quote(token, safe='')}"
            return dingtalk_request(address, {"mobile": mobile}, context.settings)

        answer = await self.ask(cast(A, config), context, asked, is_counted=False)
        found = (json_object(answer.text) or {}).get("result")
        userid = found.get("userid") if isinstance(found, dict) else None
        return app_verdict(answer), userid if isinstance(userid, str) and len(userid) <= LONGEST_USERID else ""


def dingtalk_request(
    url: str, body: dict[str, Any], settings: Settings, headers: dict[str, str] | None = None
) -> HttpRequest:
    return HttpRequest(
        url=rebased(url, settings.dingtalk_base_url),
        body=json_bytes(body),
        headers={**JSON_HEADERS, **(headers or {})},
        is_trusted=bool(settings.dingtalk_base_url),
    )


def _code_of(found: dict[str, Any]) -> str:
    """The code of either generation; `errcode` 88 only says that `sub_code` has it."""
    if str(found.get("errcode")) == "88":
        return str(found.get("sub_code", "88"))
    return str(found.get("errcode", found.get("code", "")))


def app_verdict(answer: HttpAnswer) -> Verdict:
    """The meaning of an answer of either generation: `errcode` with HTTP 200, or `code` with HTTP 4xx and 5xx."""
    found, status = json_object(answer.text), answer.status
    if (blocked := gateway_block(answer, found)) is not None:
        return blocked
    if found is None:
        return plain_http_verdict(answer) if status >= 300 else Verdict(Outcome.RETRY, http_status=status)
    code = _code_of(found)
    words = str(found.get("sub_msg") or found.get("errmsg") or found.get("message") or "")[:400]
    if code in ("", "0") and status < 300:
        return Verdict(Outcome.DONE, "0", words, http_status=status)
    if code == "-1" or (status >= 500 and code not in _BROKEN):
        return Verdict(Outcome.RETRY, code, words, http_status=status)
    if code in _THROTTLED or "QpsLimit" in code or (code.isdecimal() and 90001 <= int(code) <= 90014) or status == 429:
        return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, timedelta(minutes=1), status)
    if code in _BAD_MESSAGE:
        return Verdict(Outcome.BAD_MESSAGE, code, words, _BAD_MESSAGE[code], http_status=status)
    if code.lower().startswith(("invalidparameter", "miss.param")):
        hint = Remedy.DINGTALK_USERID if "user" in code.lower() or "staff" in code.lower() else Remedy.MESSAGE_REFUSED
        return Verdict(Outcome.BAD_MESSAGE, code, words, hint, http_status=status)
    return Verdict(Outcome.BROKEN_CHANNEL, code, words, _BROKEN.get(code, Remedy.DINGTALK_UNKNOWN), http_status=status)
