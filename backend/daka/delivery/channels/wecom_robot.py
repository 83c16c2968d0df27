"""WeCom group robot (企业微信消息推送).

Source: https://developer.work.weixin.qq.com/document/path/99110. The key in the address is the only protection.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from daka.delivery.channels.fields import People, Secret, table_of, vendor_address, webhook_setting
from daka.delivery.channels.kind import Rate, RobotConfig, RobotKind
from daka.delivery.channels.markup import WECOM_MARKDOWN, WECOM_TEXT
from daka.delivery.channels.people import NO_NUMBER, Call, IdForm, by_profile, found_in
from daka.delivery.channels.verdicts import DONE, RETRY, CodeTable, broken, refused, throttled
from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.remedies import MESSAGE_TOO_LONG, Remedy
from daka.mobile_numbers import bare_mobile
from daka.outbound.config import Choice, revealed, setting
from daka.outbound.requests import HttpRequest, Vendor

VENDOR = Vendor("wecom", ("qyapi.weixin.qq.com",))
LONGEST_TEXT_BYTES = 2048
LONGEST_MARKDOWN_BYTES = 4096

USERID = IdForm(r"[A-Za-z0-9][A-Za-z0-9_.@-]*", zh="企业微信 userid", en="a WeCom userid")

WECOM_KEY = Remedy(
    "wecom_key",
    zh="Webhook 里的 key 不对，或机器人已被移除。到群里重新复制 Webhook 地址。",
    en="The key in the webhook is wrong, or the robot was removed. Copy the webhook from the group again.",
)


class WecomMessageFormat(Choice):
    TEXT = "text", "纯文字（能按手机号 @ 人）", "Plain text (mentions by mobile number)"
    MARKDOWN = "markdown", "Markdown（只能按 userid @ 人）", "Markdown (mentions by userid only)"


class WecomRobotConfig(RobotConfig):
    webhook_url: Annotated[Secret, vendor_address(VENDOR, "/cgi-bin/webhook/send", query="key")] = webhook_setting(
        about=("群 → 消息推送（群机器人）→ Webhook 地址", "From the group: message push (robot) → webhook"),
        example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    )
    form: WecomMessageFormat = setting(WecomMessageFormat.TEXT, title=("消息样式", "Format"))
    people: Annotated[People, table_of(USERID)] | None = setting(
        None,
        title=("要 @ 的人", "People to mention"),
        about=(
            "一行一人：姓名或手机号，空格，企业微信 userid。不填则按手机号 @",
            "One per line: name or mobile number, a space, and the WeCom userid. Otherwise by mobile number",
        ),
        example="张三 zhangsan",
        extra={"format": "textarea", "profile": "wecom_userid"},
    )


class WecomRobot(RobotKind[WecomRobotConfig]):
    name: ClassVar[str] = "wecom_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信群机器人", "en": "WeCom group robot"}
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0000"}
    options: ClassVar[frozenset[str]] = frozenset({"people", "form"})
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(18, timedelta(minutes=1))
    people_per_message: ClassVar[int] = 15
    """As many lines as fit into 2048 bytes beside a link."""
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "0": DONE,
            "-1": RETRY,
            "40008 44004": refused(),
            "40058 45002": refused(MESSAGE_TOO_LONG),
            "45009": throttled(timedelta(minutes=1)),
            "93000": broken(WECOM_KEY),
        },
        code="errcode",
        message="errmsg",
    )

    def rate_key(self, config: WecomRobotConfig) -> str:
        return dict(parse_qsl(urlsplit(revealed(config.webhook_url)).query))["key"]

    def call(self, config: WecomRobotConfig, person: Mention) -> Call:
        found = found_in(config.people, person)
        if found.id or config.form is WecomMessageFormat.MARKDOWN:
            return found
        return by_profile(person.mobile, NO_NUMBER)

    def request(self, config: WecomRobotConfig, message: RenderedMessage) -> HttpRequest:
        is_text = message.is_plain or config.form is WecomMessageFormat.TEXT
        message = replace(message, mentions=()) if message.is_plain else message
        body = (_text if is_text else _markdown)(message, config.people)
        return VENDOR.request(revealed(config.webhook_url), body)


def _text(message: RenderedMessage, table: str | None) -> dict[str, Any]:
    called = [(mention, found_in(table, mention).id) for mention in message.mentions]
    # The first action's page offers the others too; in 2048 bytes there is no room for each one's link.
    links = list(map(str, message.actions[:1]))
    head = [WECOM_TEXT.escape(message.title)]
    return {
        "msgtype": "text",
        "text": {
            "content": WECOM_TEXT.text_of(message, LONGEST_TEXT_BYTES, head=head, tail=links),
            "mentioned_list": [user_id for _, user_id in called if user_id],
            "mentioned_mobile_list": [
                bare_mobile(mention.mobile) for mention, user_id in called if mention.mobile and not user_id
            ],
        },
    }


def _markdown(message: RenderedMessage, table: str | None) -> dict[str, Any]:
    called = [user_id for mention in message.mentions if (user_id := found_in(table, mention).id)]
    mentions = " ".join(f"<@{user_id}>" for user_id in called)
    head = [f"### {WECOM_MARKDOWN.escape(message.title)}"]
    content = WECOM_MARKDOWN.text_of(
        message, LONGEST_MARKDOWN_BYTES, head=head, tail=[mentions], actions=message.actions
    )
    return {"msgtype": "markdown", "markdown": {"content": content}}
