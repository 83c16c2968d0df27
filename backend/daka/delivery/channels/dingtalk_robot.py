"""DingTalk group robot (自定义机器人).

Source: https://open.dingtalk.com/document/development/custom-robots-send-group-messages and …/customize-robot-security-settings.
DingTalk answers HTTP 200 to everything; only `errcode` shows whether a message was accepted.
"""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from daka.delivery.channels.fields import Keyword, Secret, keyword_setting, vendor_address, webhook_setting
from daka.delivery.channels.kind import Rate, RobotConfig, RobotKind
from daka.delivery.channels.markup import MARKDOWN, PLAIN, body_within
from daka.delivery.channels.people import NO_NUMBER_OR_USERID, Call, by_profile
from daka.delivery.channels.verdicts import DONE, RETRY, ByMessage, CodeTable, ProviderCode, broken, refused, throttled
from daka.delivery.messages import Action, Mention, RenderedMessage
from daka.delivery.remedies import MESSAGE_TOO_LONG, Remedy
from daka.mobile_numbers import bare_mobile
from daka.outbound.bodies import code_in, seconds_of
from daka.outbound.config import Choice, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("dingtalk", ("oapi.dingtalk.com", "oapi.dingtalk.io"))
LONGEST_BODY_BYTES = 20_000
MOST_MENTIONS = 50
BLOCKED_FOR = timedelta(minutes=10)
"""DingTalk blocks a robot this long after the 20th message in a minute."""
GATEWAY_BLOCKS_FOR = timedelta(minutes=5)

DINGTALK_TOKEN = Remedy(
    "dingtalk_token",
    zh="Webhook 里的 access_token 不对或已失效。到群机器人设置里重新复制 Webhook 地址。",
    en="The access_token in the webhook is wrong or no longer valid. Copy the webhook from the robot's settings again.",
)
DINGTALK_ROBOT_OFF = Remedy(
    "dingtalk_robot_off",
    zh="机器人已被停用。在群的机器人设置里启用它。",
    en="The robot is disabled. Enable it in the group's robot settings.",
)
DINGTALK_ROBOT_GONE = Remedy(
    "dingtalk_robot_gone",
    zh="机器人已被删除。在群里新加一个，把新的 Webhook 填到这里。",
    en="The robot was deleted. Add a new one to the group and enter its webhook here.",
)
DINGTALK_GROUP_GONE = Remedy(
    "dingtalk_group_gone",
    zh="群已解散。换一个群的机器人。",
    en="The group was dissolved. Use a robot of another group.",
)
DINGTALK_KEYWORD = Remedy(
    "dingtalk_keyword",
    zh="机器人要求消息里有关键词。把它的一个自定义关键词填到「关键词」里。",
    en="The robot requires a keyword. Enter one of its keywords under “Keyword”.",
)
DINGTALK_SIGN = Remedy(
    "dingtalk_sign",
    zh="加签密钥不对。到机器人的安全设置里复制以 SEC 开头的密钥。",
    en="The signing secret is wrong. Copy the secret that begins with SEC from the robot's security settings.",
)
DINGTALK_CLOCK = Remedy(
    "dingtalk_clock",
    zh="服务器的时钟差了一小时以上，签名过期。请校准服务器时间。",
    en="The server's clock is off by more than an hour, so the signature has expired. Set the server's time.",
)
DINGTALK_IP = Remedy(
    "dingtalk_ip",
    zh="机器人只接受白名单里的 IP。把服务器的出口 IP（IPv4）加进去，或改用加签。",
    en="The robot allows only listed IP addresses. Add the server's public IPv4 address, or use signing.",
)
DINGTALK_SECURITY = Remedy(
    "dingtalk_security",
    zh="机器人的安全设置没有通过。检查关键词、加签或 IP 白名单。",
    en="The robot's security check failed. Check the keyword, signing or the IP list.",
)
DINGTALK_UNKNOWN = Remedy(
    "dingtalk_unknown",
    zh="钉钉返回了未知的错误码，请按它的原文检查配置。",
    en="DingTalk returned an unknown code. Check the configuration against its message.",
)
FOREIGN = "not_dingtalk"


def gateway_block(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    """DingTalk's gateway holds back a whole IP address: by `{"status":1111,…}`, or by a page of HTML."""
    if found.get("status") == 1111 and "errcode" not in found:
        wait = seconds_of(found.get("wait"))
        # The gateway names seconds but blocks for minutes.
        pause = None if wait is None else max(wait, timedelta(minutes=1))
        return ProviderCode("1111", "blocked by DingTalk's gateway", pause)
    if not found and answer.status < 500 and answer.text.lstrip()[:1] == "<":
        return ProviderCode("html", "a page instead of an answer")
    return None


def _read(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if (blocked := gateway_block(answer, found)) is not None:
        return blocked
    if code := code_in(found, "errcode"):
        return ProviderCode(code, str(found.get("errmsg", "")))
    # DingTalk refuses with HTTP 200: any other status comes from something in between.
    return (
        None if answer.status == 429 or answer.status >= 500 else ProviderCode(FOREIGN, "the answer was not DingTalk's")
    )


CODES = CodeTable(
    {
        "0": DONE,
        f"-1 {FOREIGN}": RETRY,
        "310000": ByMessage(
            {
                "keyword|关键词": broken(DINGTALK_KEYWORD),
                "timestamp|过期": broken(DINGTALK_CLOCK),
                "sign|签名": broken(DINGTALK_SIGN),
                "whitelist|白名单|^ip ": broken(DINGTALK_IP),
            },
            broken(DINGTALK_SECURITY),
        ),
        "300001 300005 400101 40035": broken(DINGTALK_TOKEN),
        "400102": broken(DINGTALK_ROBOT_OFF),
        "400106": broken(DINGTALK_ROBOT_GONE),
        "400013": broken(DINGTALK_GROUP_GONE),
        "400105 430101 430102 430103 430104": refused(),
        "43002 43004": refused(),  # POST is required, wrong Content-Type
        "460101": refused(MESSAGE_TOO_LONG),
        "130101 302033 410100 660026": throttled(BLOCKED_FOR),
        "1111 html": throttled(GATEWAY_BLOCKS_FOR),
    },
    # DingTalk's codes for too many messages change: the words are a second sign.
    unknown=ByMessage({"send too fast|too many|限流": throttled(BLOCKED_FOR)}, broken(DINGTALK_UNKNOWN)),
    read=_read,
)


class DingTalkMessageFormat(Choice):
    MARKDOWN = "markdown", "Markdown（能 @ 人）", "Markdown (mentions people)"
    ACTION_CARD = "action_card", "卡片（有按钮，能 @ 人）", "Card (with buttons; mentions people)"
    TEXT = "text", "纯文字（能 @ 人）", "Plain text (mentions people)"


class DingTalkRobotConfig(RobotConfig):
    webhook_url: Annotated[Secret, vendor_address(VENDOR, "/robot/send", query="access_token")] = webhook_setting(
        about=("群设置 → 机器人 → 自定义机器人里的 Webhook 地址", "From the group's settings: Bots → Custom → Webhook"),
        example="https://oapi.dingtalk.com/robot/send?access_token=…",
    )
    secret: Secret | None = setting(
        None,
        title=("加签密钥", "Signing secret"),
        about=(
            "安全设置为「加签」时，以 SEC 开头的密钥",
            "Begins with SEC; needed when the robot's security setting is signing",
        ),
        example="SEC…",
        max_length=200,
    )
    keyword: Keyword | None = keyword_setting()
    form: DingTalkMessageFormat = setting(DingTalkMessageFormat.MARKDOWN, title=("消息样式", "Format"))


def signature(secret: str, timestamp_ms: int) -> str:
    """Base64 of HMAC-SHA256 over "timestamp\\nsecret", keyed with the secret."""
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed_address(webhook_url: str, secret: str, at: datetime) -> str:
    """The address of one attempt, with a fresh timestamp and signature."""
    parts = urlsplit(webhook_url)
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in ("timestamp", "sign")
    ]
    if secret:
        timestamp_ms = int(at.timestamp() * 1000)
        query += [("timestamp", str(timestamp_ms)), ("sign", signature(secret, timestamp_ms))]
    return f"https://{parts.netloc}{parts.path}?{urlencode(query, quote_via=quote, safe='')}"


def text_body(message: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A text message that mentions its people: the literal @… must be in the text, or nobody is notified."""
    at, mentions = _mentions(message)
    head = [_with_keyword(message.title, keyword, message.text)]

    def body(limit: int) -> dict[str, Any]:
        content = PLAIN.text_of(message, limit, head=head, tail=[mentions], actions=message.actions)
        return {"msgtype": "text", "text": {"content": content}, "at": at, "msgUuid": message.key}

    return body_within(LONGEST_BODY_BYTES, body)


def markdown_body(message: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A markdown message with its actions as links."""
    title = _with_keyword(message.title, keyword, message.title)
    at, mentions = _mentions(message)
    head = [f"#### {_heading(message.title, keyword)}"]

    def body(limit: int) -> dict[str, Any]:
        text = MARKDOWN.text_of(message, limit, head=head, tail=[mentions], actions=message.actions)
        return {"msgtype": "markdown", "markdown": {"title": title, "text": text}, "at": at, "msgUuid": message.key}

    return body_within(LONGEST_BODY_BYTES, body)


def action_card_body(message: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A card whose buttons are the actions. It mentions people as markdown does: in `at` and in its text."""
    title = _with_keyword(message.title, keyword, message.title)
    at, mentions = _mentions(message)
    head = [f"### {_heading(message.title, keyword)}"]

    def body(limit: int) -> dict[str, Any]:
        text = MARKDOWN.text_of(message, limit, head=head, tail=[mentions])
        card: dict[str, Any] = {"title": title, "text": text, "btnOrientation": "0", **_buttons(message.actions)}
        return {"msgtype": "actionCard", "actionCard": card, "at": at, "msgUuid": message.key}

    return body_within(LONGEST_BODY_BYTES, body)


def _buttons(actions: tuple[Action, ...]) -> dict[str, Any]:
    if len(actions) == 1:
        return {"singleTitle": actions[0].label, "singleURL": actions[0].url}
    return {"btns": [{"title": action.label, "actionURL": action.url} for action in actions]}


def _with_keyword(text: str, keyword: str, searched: str) -> str:
    return f"【{keyword}】{text}" if keyword and keyword not in searched else text


def _heading(title: str, keyword: str) -> str:
    """The title as a heading. The keyword stands in it as it is: an escaped one would not be found."""
    escaped = MARKDOWN.escape(title)
    return _with_keyword(escaped, keyword, escaped)


def _mentions(message: RenderedMessage) -> tuple[dict[str, Any], str]:
    mentions = message.mentions[:MOST_MENTIONS]
    mobiles = [bare_mobile(found.mobile) for found in mentions if found.mobile]
    user_ids = [found.dingtalk_userid for found in mentions if found.dingtalk_userid and not found.mobile]
    words = " ".join(f"@{who}" for who in [*mobiles, *user_ids])
    return {"atMobiles": mobiles, "atUserIds": user_ids, "isAtAll": False}, words


class DingTalkRobot(RobotKind[DingTalkRobotConfig]):
    name: ClassVar[str] = "dingtalk_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉群机器人", "en": "DingTalk group robot"}
    example: ClassVar[dict[str, Any]] = {
        "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=0000",
        "keyword": "打卡",
    }
    options: ClassVar[frozenset[str]] = frozenset({"secret", "keyword", "form"})
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(18, timedelta(minutes=1))
    people_per_message: ClassVar[int] = MOST_MENTIONS
    codes: ClassVar[CodeTable] = CODES

    def rate_key(self, config: DingTalkRobotConfig) -> str:
        return robot_of(revealed(config.webhook_url))

    def call(self, config: DingTalkRobotConfig, person: Mention) -> Call:
        return by_profile(person.mobile or person.dingtalk_userid, NO_NUMBER_OR_USERID)

    def request(self, config: DingTalkRobotConfig, message: RenderedMessage) -> HttpRequest:
        if message.is_plain:
            message = replace(message, mentions=(), actions=message.actions[:1])
        assert message.at is not None
        make = {
            DingTalkMessageFormat.MARKDOWN: markdown_body,
            DingTalkMessageFormat.ACTION_CARD: action_card_body if message.actions else markdown_body,
            DingTalkMessageFormat.TEXT: text_body,
        }[DingTalkMessageFormat.TEXT if message.is_plain else config.form]
        url = signed_address(revealed(config.webhook_url), revealed(config.secret), message.at)
        return VENDOR.request(url, make(message, config.keyword or ""))


def robot_of(webhook_url: str) -> str:
    """What identifies a robot, wherever its address was copied from."""
    return dict(parse_qsl(urlsplit(webhook_url).query))["access_token"]
