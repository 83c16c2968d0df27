"""PushPlus (推送加). Source: http://api.pushplus.plus/doc-3034446. Its code 200 means queued, not delivered."""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import MARKDOWN, plain_text
from daka.delivery.channels.verdicts import DONE, RETRY, CodeTable, broken, refused, throttled, until_tomorrow
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import DAILY_LIMIT, Remedy
from daka.outbound.config import Choice, Config, revealed, setting
from daka.outbound.requests import HttpRequest, Vendor

VENDOR = Vendor("pushplus", ("www.pushplus.plus",))

PUSHPLUS_TOKEN = Remedy(
    "pushplus_token",
    zh="PushPlus 的 token 不对。到 PushPlus 个人中心重新复制。",
    en="The PushPlus token is wrong. Copy it from your PushPlus account again.",
)
PUSHPLUS_ACCOUNT = Remedy(
    "pushplus_account",
    zh="PushPlus 账号没有登录或没有权限。登录 PushPlus 查看账号状态。",
    en="The PushPlus account is signed out or lacks a permission. Check the account on PushPlus.",
)
PUSHPLUS_IP = Remedy(
    "pushplus_ip",
    zh="PushPlus 的安全 IP 里没有服务器的地址。到 PushPlus 的开发设置里加上。",
    en="The server's address is not among the safe IPs of PushPlus. Add it in PushPlus's developer settings.",
)
PUSHPLUS_POINTS = Remedy(
    "pushplus_points",
    zh="PushPlus 的积分不够或没有这个渠道的权限。充值，或换一个发送渠道。",
    en="PushPlus points are used up, or this way of sending is not included. Top up, or choose another one.",
)
PUSHPLUS_REAL_NAME = Remedy(
    "pushplus_real_name",
    zh="PushPlus 账号还没有实名认证。到 PushPlus 个人中心完成认证。",
    en="The PushPlus account has not passed real-name verification. Complete it on PushPlus.",
)


class PushPlusChannel(Choice):
    WECHAT = "wechat", "微信公众号", "WeChat account"
    WEBHOOK = "webhook", "Webhook", "Webhook"
    CP = "cp", "企业微信应用", "WeCom app"
    MAIL = "mail", "邮件", "Mail"
    SMS = "sms", "短信", "SMS"


class PushPlusConfig(Config):
    token: Secret = setting(
        title=("Token", "Token"), about=("PushPlus 个人中心里的 token", "From your PushPlus account"), max_length=200
    )
    topic: Annotated[str, StringConstraints(max_length=100)] | None = setting(
        None, title=("群组编码", "Group"), about=("发给一个群组时填写", "To send to a group"), example="workshop1"
    )
    channel: PushPlusChannel = setting(PushPlusChannel.WECHAT, title=("发送渠道", "Send by"))


class PushPlus(HttpKind[PushPlusConfig]):
    name: ClassVar[str] = "pushplus"
    labels: ClassVar[dict[str, str]] = {"zh": "PushPlus 推送加", "en": "PushPlus"}
    example: ClassVar[dict[str, Any]] = {"token": "0000"}
    vendor: ClassVar[Vendor | None] = VENDOR
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "200": DONE,
            "302 401": broken(PUSHPLUS_ACCOUNT),
            "403": broken(PUSHPLUS_IP),
            "500 600": RETRY,
            "805 888": broken(PUSHPLUS_POINTS),
            "900": throttled(until_tomorrow, DAILY_LIMIT),
            "903": broken(PUSHPLUS_TOKEN),
            "905": broken(PUSHPLUS_REAL_NAME),
            "999": refused(),
        },
        message="msg",
    )

    def rate_key(self, config: PushPlusConfig) -> str:
        return revealed(config.token)

    def request(self, config: PushPlusConfig, message: RenderedMessage) -> HttpRequest:
        body: dict[str, Any] = {
            "token": revealed(config.token),
            "title": message.title,
            "content": MARKDOWN.text_of(message, 18_000, actions=message.actions) or MARKDOWN.escape(message.title),
            "template": "markdown",
            "channel": config.channel,
        }
        if message.is_plain:
            body |= {"content": plain_text(message, 18_000), "template": "txt"}
        if config.topic:
            body["topic"] = config.topic
        if message.lines:  # what is still queued there after the window must not arrive any more
            body["timestamp"] = int(max(line.ends_at for line in message.lines).timestamp() * 1000)
        return VENDOR.request("https://www.pushplus.plus/send", body)
