"""PushPlus (推送加). Source: http://api.pushplus.plus/doc-3034446. Its code 200 means queued, which is all it says."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import HttpKind, Verdict, fitted, not_the_vendors, until_tomorrow
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

_BROKEN = {
    "302": Remedy.PUSHPLUS_ACCOUNT,
    "401": Remedy.PUSHPLUS_ACCOUNT,
    "403": Remedy.PUSHPLUS_IP,
    "805": Remedy.PUSHPLUS_POINTS,
    "888": Remedy.PUSHPLUS_POINTS,
    "903": Remedy.PUSHPLUS_TOKEN,
    "905": Remedy.PUSHPLUS_REAL_NAME,
}


class By(StrEnum):
    WECHAT = "wechat"
    WEBHOOK = "webhook"
    CP = "cp"
    MAIL = "mail"
    SMS = "sms"


class PushPlusConfig(Config):
    token: Secret = setting(
        zh="Token",
        en="Token",
        help_zh="PushPlus 个人中心里的 token",
        help_en="From your PushPlus account",
        max_length=200,
    )
    topic: Annotated[str, StringConstraints(max_length=100)] | None = setting(
        None, zh="群组编码", en="Group", help_zh="发给一个群组时填写", help_en="To send to a group", example="workshop1"
    )
    channel: By = setting(
        By.WECHAT,
        zh="发送方式",
        en="SendContext",
        choices={
            By.WECHAT: ("微信公众号", "WeChat account"),
            By.WEBHOOK: ("Webhook", "Webhook"),
            By.CP: ("企业微信应用", "WeCom app"),
            By.MAIL: ("邮件", "Mail"),
            By.SMS: ("短信", "SMS"),
        },
    )


class PushPlus(HttpKind[PushPlusConfig]):
    name: ClassVar[str] = "pushplus"
    labels: ClassVar[dict[str, str]] = {"zh": "PushPlus 推送加", "en": "PushPlus"}
    config: ClassVar[type[Config]] = PushPlusConfig
    example: ClassVar[dict[str, Any]] = {"token": "0000"}

    def rate_key(self, config: PushPlusConfig) -> str:
        return revealed(config.token)

    def target(self, config: PushPlusConfig) -> str:
        return "www.pushplus.plus"

    def request(self, config: PushPlusConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
        body: dict[str, Any] = {
            "token": revealed(config.token),
            "title": note.title,
            "content": fitted([], note.paragraphs, [links], 18_000, between="\n\n") or note.title,
            "template": "markdown",
            "channel": config.channel,
        }
        if config.topic:
            body["topic"] = config.topic
        if note.lines:  # what is queued there for too long must not arrive any more
            body["timestamp"] = int(max(line.ends_at for line in note.lines).timestamp() * 1000)
        return HttpRequest(
            url=rebased("https://www.pushplus.plus/send", settings.pushplus_base_url),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.pushplus_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if "code" not in found:
            return not_the_vendors(answer)
        code, words = str(found["code"]), str(found.get("msg", ""))[:400]
        if code == "200":
            return Verdict(Outcome.DONE, code, words, http_status=status)
        if code in ("500", "600"):
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        if code == "900":
            return Verdict(Outcome.THROTTLED, code, words, Remedy.DAILY_LIMIT, until_tomorrow(), status)
        if code == "999":
            return Verdict(Outcome.BAD_MESSAGE, code, words, Remedy.MESSAGE_REFUSED, http_status=status)
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, _BROKEN.get(code, Remedy.UNKNOWN), http_status=status)
