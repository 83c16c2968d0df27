"""Feishu and Lark custom bot (自定义机器人).

Source: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. Every refusal comes with HTTP 200 and a `code`.
"""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from daka.delivery.channels.fields import (
    Keyword,
    People,
    Secret,
    keyword_setting,
    table_of,
    vendor_address,
    webhook_setting,
)
from daka.delivery.channels.kind import Rate, RobotConfig, RobotKind
from daka.delivery.channels.markup import FEISHU, PLAIN, body_within
from daka.delivery.channels.people import Call, IdForm, found_in
from daka.delivery.channels.verdicts import DONE, ByMessage, CodeTable, ProviderCode, broken, refused, throttled
from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import code_in
from daka.outbound.config import Choice, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("feishu", ("open.feishu.cn", "open.larksuite.com"))
LONGEST_BODY_BYTES = 20_000
"""Of all that is sent, JSON included."""

OPEN_ID = IdForm(
    r"ou_[A-Za-z0-9_-]+|(?=.*[0-9])[A-Za-z0-9_-]+",  # also a user_id, which is no ordinary word
    zh="open_id（以 ou_ 开头）或 user_id",
    en="an open_id (begins with ou_) or a user_id",
)

FEISHU_TOKEN = Remedy(
    "feishu_token",
    zh="Webhook 地址不对或机器人已被移除。到群机器人设置里重新复制地址。",
    en="The webhook is wrong, or the bot was removed. Copy the address from the bot's settings again.",
)
FEISHU_SIGN = Remedy(
    "feishu_sign",
    zh="签名校验没有通过。检查密钥，并确认服务器时间准确。",
    en="The signature was refused. Check the secret, and that the server's clock is right.",
)
FEISHU_IP = Remedy(
    "feishu_ip",
    zh="机器人只接受白名单里的 IP。把服务器的出口 IP 加进去。",
    en="The bot allows only listed IP addresses. Add the server's public address.",
)
FEISHU_KEYWORD = Remedy(
    "feishu_keyword",
    zh="机器人要求消息里有关键词。把它的一个自定义关键词填到「关键词」里。",
    en="The bot requires a keyword. Enter one of its keywords under “Keyword”.",
)


def _read(_answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    """Older answers have `StatusCode` and `StatusMessage`."""
    code = code_in(found, "code") or code_in(found, "StatusCode")
    return ProviderCode(code, str(found.get("msg", found.get("StatusMessage", "")))) if code else None


class FeishuMessageFormat(Choice):
    POST = "post", "富文本", "Rich text"
    CARD = "card", "卡片（有按钮）", "Card (with buttons)"


class FeishuRobotConfig(RobotConfig):
    webhook_url: Annotated[Secret, vendor_address(VENDOR, r"/open-apis/bot/v2/hook/[\w-]+")] = webhook_setting(
        about=(
            "群设置 → 群机器人 → 自定义机器人（飞书或 Lark）",
            "From the group's settings: Bots → Custom bot (Feishu or Lark)",
        ),
        example="https://open.feishu.cn/open-apis/bot/v2/hook/…",
    )
    secret: Secret | None = setting(
        None,
        title=("签名密钥", "Signing secret"),
        about=("安全设置为「签名校验」时的密钥", "Needed when the bot's security setting is signature verification"),
        max_length=200,
    )
    keyword: Keyword | None = keyword_setting()
    people: Annotated[People, table_of(OPEN_ID)] | None = setting(
        None,
        title=("要 @ 的人", "People to mention"),
        about=(
            "一行一人：姓名或手机号，空格，open_id（以 ou_ 开头）或 user_id",
            "One per line: name or mobile number, a space, and the open_id (begins with ou_) or user_id",
        ),
        example="张三 ou_1a2b3c",
        extra={"format": "textarea", "profile": "feishu_userid"},
    )
    form: FeishuMessageFormat = setting(FeishuMessageFormat.POST, title=("消息样式", "Format"))


def signature(secret: str, timestamp_s: int) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed with "timestamp\\nsecret": the parts of DingTalk's, the other way round."""
    return base64.b64encode(hmac.new(f"{timestamp_s}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


class FeishuRobot(RobotKind[FeishuRobotConfig]):
    name: ClassVar[str] = "feishu_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "飞书 / Lark 机器人", "en": "Feishu / Lark bot"}
    example: ClassVar[dict[str, Any]] = {
        "webhook_url": "https://open.feishu.cn/open-apis/bot/v2/hook/0000-0000",
        "people": "张三 ou_1a2b3c",
    }
    options: ClassVar[frozenset[str]] = frozenset({"secret", "keyword", "people", "form"})
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(90, timedelta(minutes=1))
    burst: ClassVar[Rate | None] = Rate(4, timedelta(seconds=1))
    jitter: ClassVar[timedelta] = timedelta(seconds=20)
    """Feishu asks bots not to send at round times such as 10:00 and 17:30."""
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "0": DONE,
            "9499": ByMessage({"too many": throttled()}, refused()),
            "11232": throttled(),
            "11246 19002 19036 230001": refused(),  # this message: its size, its parameters, its card
            "19001": broken(FEISHU_TOKEN),
            "19021": broken(FEISHU_SIGN),
            "19022": broken(FEISHU_IP),
            "19024": broken(FEISHU_KEYWORD),
        },
        read=_read,
    )

    def call(self, config: FeishuRobotConfig, person: Mention) -> Call:
        return found_in(config.people, person)

    def request(self, config: FeishuRobotConfig, message: RenderedMessage) -> HttpRequest:
        assert message.at is not None
        keyword = config.keyword or ""
        title = f"【{keyword}】{message.title}" if keyword and keyword not in message.title else message.title
        called = [found for mention in message.mentions if (found := self.call(config, mention).id)]
        markup, form = (PLAIN, _post) if config.form is FeishuMessageFormat.POST else (FEISHU, _card)
        signed: dict[str, Any] = {}
        if config.secret:
            timestamp_s = int(message.at.timestamp())
            signed = {"timestamp": str(timestamp_s), "sign": signature(revealed(config.secret), timestamp_s)}

        def body(limit: int) -> dict[str, Any]:
            if message.is_plain:
                words = PLAIN.text_of(message, limit, actions=message.actions[:1])
                return {**signed, **_post(title, words, [], replace(message, actions=()))}
            return {**signed, **form(title, markup.text_of(message, limit), called, message)}

        return VENDOR.request(revealed(config.webhook_url), body_within(LONGEST_BODY_BYTES, body))


def _post(title: str, text: str, called: list[str], message: RenderedMessage) -> dict[str, Any]:
    rows: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in text.split("\n") if line]
    if called:
        rows.append([{"tag": "at", "user_id": who} for who in called])
    if message.actions:
        links: list[dict[str, str]] = []
        for action in message.actions:
            links += [{"tag": "a", "text": action.label, "href": action.url}, {"tag": "text", "text": "  "}]
        rows.append(links[:-1])
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": rows}}}}


def _card(title: str, text: str, called: list[str], message: RenderedMessage) -> dict[str, Any]:
    mentions = " ".join(f"<at id={who}></at>" for who in called)
    elements: list[dict[str, Any]] = [{"tag": "markdown", "content": "\n".join(filter(None, (text, mentions))) or " "}]
    for index, action in enumerate(message.actions):
        elements.append(
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": action.label},
                "type": "default" if index else "primary",
                "behaviors": [{"type": "open_url", "default_url": action.url}],
            }
        )
    header = {"title": {"tag": "plain_text", "content": title}, "template": "orange"}
    return {"msg_type": "interactive", "card": {"schema": "2.0", "header": header, "body": {"elements": elements}}}
