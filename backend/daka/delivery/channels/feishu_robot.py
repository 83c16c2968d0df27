"""Feishu and Lark custom bot (自定义机器人).

Source: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. Every refusal comes with HTTP 200 and a `code`.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import Keyword, People, Secret, vendor_address
from daka.delivery.channels.kind import HttpKind, Rate, Verdict, fitted, id_of, ids_by_name, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

HOSTS = ("open.feishu.cn", "open.larksuite.com")
LONGEST_TEXT_BYTES = 16_000
"""The body may have 20 KB; the rest is for JSON, links and mentions."""

_BROKEN = {
    "19001": Remedy.FEISHU_TOKEN,
    "19021": Remedy.FEISHU_SIGN,
    "19022": Remedy.FEISHU_IP,
    "19024": Remedy.FEISHU_KEYWORD,
}


class Form(StrEnum):
    POST = "post"
    CARD = "card"


class FeishuRobotConfig(Config):
    webhook_url: Annotated[
        SecretStr,
        AfterValidator(
            vendor_address(
                HOSTS, r"/open-apis/bot/v2/hook/[\w-]+", example="https://open.feishu.cn/open-apis/bot/v2/hook/…"
            )
        ),
    ] = setting(
        zh="Webhook 地址",
        en="Webhook",
        help_zh="群设置 → 群机器人 → 自定义机器人（飞书或 Lark）",
        help_en="From the group's settings: Bots → Custom bot (Feishu or Lark)",
        example="https://open.feishu.cn/open-apis/bot/v2/hook/…",
        max_length=500,
    )
    secret: Secret | None = setting(
        None,
        zh="签名密钥",
        en="Signing secret",
        help_zh="安全设置为「签名校验」时的密钥",
        help_en="Needed when the bot's security setting is signature verification",
        max_length=200,
    )
    keyword: Keyword | None = setting(
        None,
        zh="关键词",
        en="Keyword",
        help_zh="安全设置为「自定义关键词」时填其中一个，发送时自动加上",
        help_en="One of the bot's keywords; it is added to each message",
        example="打卡",
    )
    people: People | None = setting(
        None,
        zh="要 @ 的人",
        en="People to mention",
        help_zh="一行一人：姓名或手机号，空格，open_id（以 ou_ 开头）",
        help_en="One a line: name or mobile number, a blank, and the open_id (begins with ou_)",
        example="张三 ou_1a2b3c",
        extra={"format": "textarea"},
    )
    form: Form = setting(
        Form.POST,
        zh="消息样式",
        en="Form",
        choices={Form.POST: ("富文本", "Rich text"), Form.CARD: ("卡片（有按钮）", "Card (with buttons)")},
    )


def signature(secret: str, timestamp_s: int) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed with "timestamp\\nsecret": the pieces of DingTalk's, the other way round."""
    return base64.b64encode(hmac.new(f"{timestamp_s}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


class FeishuRobot(HttpKind[FeishuRobotConfig]):
    name: ClassVar[str] = "feishu_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "飞书 / Lark 机器人", "en": "Feishu / Lark bot"}
    config: ClassVar[type[Config]] = FeishuRobotConfig
    example: ClassVar[dict[str, Any]] = {
        "webhook_url": "https://open.feishu.cn/open-apis/bot/v2/hook/00000000-0000",
        "people": "张三 ou_1a2b3c",
    }
    options: ClassVar[frozenset[str]] = frozenset({"secret", "keyword", "people", "form"})
    rate: ClassVar[Rate | None] = Rate(90, timedelta(minutes=1))
    burst: ClassVar[Rate | None] = Rate(4, timedelta(seconds=1))
    jitter: ClassVar[timedelta] = timedelta(seconds=20)
    """Feishu asks bots not to send at round times such as 10:00 and 17:30."""

    def rate_key(self, config: FeishuRobotConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).path

    def audience_key(self, config: FeishuRobotConfig) -> str | None:
        return self.rate_key(config)

    def target(self, config: FeishuRobotConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).hostname or ""

    def request(self, config: FeishuRobotConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        assert note.at is not None
        keyword = config.keyword or ""
        title = f"【{keyword}】{note.title}" if keyword and keyword not in note.title else note.title
        ids = ids_by_name(config.people or "")
        called = [found for found in (id_of(mention, ids) for mention in note.mentions) if found]
        text = fitted([], note.paragraphs, [], LONGEST_TEXT_BYTES)
        body = (_post if config.form is Form.POST else _card)(title, text, called, note)
        if config.secret:
            timestamp_s = int(note.at.timestamp())
            body = {"timestamp": str(timestamp_s), "sign": signature(revealed(config.secret), timestamp_s), **body}
        return HttpRequest(
            url=rebased(revealed(config.webhook_url), settings.feishu_base_url),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.feishu_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found = json_object(answer.text) or {}
        code = str(found.get("code", found.get("StatusCode", "")))
        words = str(found.get("msg", found.get("StatusMessage", "")))[:400]
        if not code:
            return not_the_vendors(answer)
        if code == "0":
            outcome, hint = Outcome.DONE, Remedy.NONE
        elif code == "11232" or (code == "9499" and "too many" in words.lower()):
            outcome, hint = Outcome.THROTTLED, Remedy.THROTTLED
        elif code == "9499":
            outcome, hint = Outcome.BAD_MESSAGE, Remedy.MESSAGE_REFUSED
        else:
            outcome, hint = Outcome.BROKEN_CHANNEL, _BROKEN.get(code, Remedy.UNKNOWN)
        return Verdict(outcome, code, words, hint, http_status=answer.status)


def _post(title: str, text: str, called: list[str], note: RenderedMessage) -> dict[str, Any]:
    rows: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in text.split("\n") if line]
    if called:
        rows.append([{"tag": "at", "user_id": who} for who in called])
    if note.actions:
        links: list[dict[str, str]] = []
        for action in note.actions:
            links += [{"tag": "a", "text": action.label, "href": action.url}, {"tag": "text", "text": "  "}]
        rows.append(links[:-1])
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": rows}}}}


def _card(title: str, text: str, called: list[str], note: RenderedMessage) -> dict[str, Any]:
    words = " ".join(f"<at id={who}></at>" for who in called)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    elements: list[dict[str, Any]] = [{"tag": "markdown", "content": "\n".join(filter(None, (escaped, words))) or " "}]
    for index, action in enumerate(note.actions):
        elements.append(
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": action.label},
                "type": "default" if index else "primary",
                "behaviors": [{"type": "open_url", "default_url": action.url}],
            }
        )
    header = {"title": {"tag": "plain_text", "content": title}, "template": "orange"}
    return {
        "msg_type": "interactive",
        "card": {"schema": "2.0", "header": header, "body": {"elements": elements}},
    }
