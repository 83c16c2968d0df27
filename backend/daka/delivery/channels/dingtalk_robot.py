"""DingTalk group robot (自定义机器人).

Source: https://open.dingtalk.com/document/development/custom-robots-send-group-messages and …/customize-robot-security-settings.
DingTalk answers HTTP 200 to everything; only `errcode` says whether a message was taken.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import Keyword, Secret, vendor_address
from daka.delivery.channels.kind import HttpKind, Rate, Verdict, fitted, plain_http_verdict
from daka.delivery.messages import Action, RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

HOSTS = ("oapi.dingtalk.com", "oapi.dingtalk.io")
LONGEST_BODY_BYTES = 20_000
MOST_MENTIONS = 50
BLOCKED_FOR = timedelta(minutes=10)
"""DingTalk blocks a robot this long after the 20th message in a minute."""
GATEWAY_BLOCKS_FOR = timedelta(minutes=5)

_THROTTLED = {"130101", "410100", "660026", "302033"}
_THROTTLED_WORDS = re.compile(r"send too fast|too many|限流", re.IGNORECASE)
_BAD_MESSAGE = {
    "400105": Remedy.MESSAGE_REFUSED,
    "430101": Remedy.MESSAGE_REFUSED,
    "430102": Remedy.MESSAGE_REFUSED,
    "430103": Remedy.MESSAGE_REFUSED,
    "430104": Remedy.MESSAGE_REFUSED,
    "460101": Remedy.MESSAGE_TOO_LONG,
    "43002": Remedy.MESSAGE_REFUSED,  # POST is asked for
    "43004": Remedy.MESSAGE_REFUSED,  # wrong Content-Type
}
_BROKEN = {
    "300005": Remedy.DINGTALK_TOKEN,
    "300001": Remedy.DINGTALK_TOKEN,
    "400101": Remedy.DINGTALK_TOKEN,
    "40035": Remedy.DINGTALK_TOKEN,
    "400102": Remedy.DINGTALK_ROBOT_OFF,
    "400106": Remedy.DINGTALK_ROBOT_GONE,
    "400013": Remedy.DINGTALK_GROUP_GONE,
}

ADDRESS = vendor_address(
    HOSTS, "/robot/send", query="access_token", example="https://oapi.dingtalk.com/robot/send?access_token=…"
)


class Form(StrEnum):
    MARKDOWN = "markdown"
    ACTION_CARD = "action_card"
    TEXT = "text"


class DingTalkRobotConfig(Config):
    webhook_url: Annotated[SecretStr, AfterValidator(ADDRESS)] = setting(
        zh="Webhook 地址",
        en="Webhook",
        help_zh="群设置 → 机器人 → 自定义机器人里的 Webhook 地址",
        help_en="From the group's settings: Bots → Custom → Webhook",
        example="https://oapi.dingtalk.com/robot/send?access_token=…",
        max_length=500,
    )
    secret: Secret | None = setting(
        None,
        zh="加签密钥",
        en="Signing secret",
        help_zh="安全设置为「加签」时，以 SEC 开头的密钥",
        help_en="Begins with SEC; needed when the robot's security setting is signing",
        example="SEC…",
        max_length=200,
    )
    keyword: Keyword | None = setting(
        None,
        zh="关键词",
        en="Keyword",
        help_zh="安全设置为「自定义关键词」时填其中一个，发送时自动加上",
        help_en="One of the robot's keywords; it is added to each message",
        example="打卡",
    )
    form: Form = setting(
        Form.MARKDOWN,
        zh="消息样式",
        en="Form",
        choices={
            Form.MARKDOWN: ("Markdown（能 @ 人）", "Markdown (mentions people)"),
            Form.ACTION_CARD: ("卡片（有按钮，只能按 userid @ 人）", "Card (with buttons; mentions by userid only)"),
            Form.TEXT: ("纯文字（能 @ 人）", "Plain text (mentions people)"),
        },
    )


def signature(secret: str, timestamp_ms: int) -> str:
    """Base64 of HMAC-SHA256 over "timestamp\\nsecret", keyed with the secret."""
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed_address(webhook_url: str, secret: str, at: datetime, base_url: str = "") -> str:
    """The address of one attempt: a fresh timestamp and signature, and `base_url` instead of the vendor's if set."""
    parts = urlsplit(webhook_url)
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in ("timestamp", "sign")
    ]
    if secret:
        timestamp_ms = int(at.timestamp() * 1000)
        query += [("timestamp", str(timestamp_ms)), ("sign", signature(secret, timestamp_ms))]
    return rebased(f"https://{parts.netloc}{parts.path}?{urlencode(query, quote_via=quote, safe='')}", base_url)


def text_body(note: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A text message that calls its people: the literal @… must be in the text, or nobody is called."""
    at, words = _mentions(note)
    links = [f"{action.label}：{action.url}" for action in note.actions]
    head = [_with_keyword(note.title, keyword, note.text)]

    def body(limit: int) -> dict[str, Any]:
        content = fitted(head, note.paragraphs, [words, *links], limit)
        return {"msgtype": "text", "text": {"content": content}, "at": at, "msgUuid": note.key}

    return _fitting(body)


def markdown_body(note: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A markdown message with its actions as links."""
    title = _with_keyword(note.title, keyword, note.title)
    links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
    at, words = _mentions(note)

    def body(limit: int) -> dict[str, Any]:
        text = fitted(
            [f"#### {_heading(note.title, keyword)}"],
            list(map(_escaped, note.paragraphs)),
            [words, links],
            limit,
            between="\n\n",
        )
        return {"msgtype": "markdown", "markdown": {"title": title, "text": text}, "at": at, "msgUuid": note.key}

    return _fitting(body)


def action_card_body(note: RenderedMessage, keyword: str = "") -> dict[str, Any]:
    """A card whose buttons are the actions. Mentions work by userid inside the text only."""
    title = _with_keyword(note.title, keyword, note.title)
    words = " ".join(f"@{found.dingtalk_userid}" for found in note.mentions if found.dingtalk_userid)

    def body(limit: int) -> dict[str, Any]:
        text = fitted(
            [f"### {_heading(note.title, keyword)}"],
            list(map(_escaped, note.paragraphs)),
            [words],
            limit,
            between="  \n",
        )
        card: dict[str, Any] = {"title": title, "text": text, "btnOrientation": "0", **_buttons(note.actions)}
        return {"msgtype": "actionCard", "actionCard": card, "msgUuid": note.key}

    return _fitting(body)


def _buttons(actions: tuple[Action, ...]) -> dict[str, Any]:
    if len(actions) == 1:
        return {"singleTitle": actions[0].label, "singleURL": actions[0].url}
    return {"btns": [{"title": action.label, "actionURL": action.url} for action in actions]}


def _fitting(body: Any) -> dict[str, Any]:
    """The body cut until all of it, JSON included, is within DingTalk's limit."""
    limit = LONGEST_BODY_BYTES
    found: dict[str, Any] = body(limit)
    while (size := len(json_bytes(found))) > LONGEST_BODY_BYTES and limit > 0:
        limit = max(limit - max(size - LONGEST_BODY_BYTES, 200), 0)
        found = body(limit)
    return found


def _with_keyword(text: str, keyword: str, searched: str) -> str:
    return f"【{keyword}】{text}" if keyword and keyword not in searched else text


def _heading(title: str, keyword: str) -> str:
    """The title as a heading. The keyword stands in it as it is: an escaped one would not be found."""
    escaped = _escaped(title)
    return _with_keyword(escaped, keyword, escaped)


def _mentions(note: RenderedMessage) -> tuple[dict[str, Any], str]:
    mentions = note.mentions[:MOST_MENTIONS]
    mobiles = [digits_of(found.mobile) for found in mentions if found.mobile]
    user_ids = [found.dingtalk_userid for found in mentions if found.dingtalk_userid and not found.mobile]
    words = " ".join(f"@{who}" for who in [*mobiles, *user_ids])
    return {"atMobiles": mobiles, "atUserIds": user_ids, "isAtAll": False}, words


def digits_of(mobile: str) -> str:
    """A mobile number as DingTalk wants it: 13800000000, without blanks and the country code of the mainland."""
    return re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[ ()-]", "", mobile))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text)


def dingtalk_verdict(answer: HttpAnswer) -> Verdict:
    """The meaning of DingTalk's answer. Codes come first, words second, since DingTalk changes its words."""
    found, status = json_object(answer.text), answer.status
    if (blocked := gateway_block(answer, found)) is not None:
        return blocked
    if found is None or "errcode" not in found:
        if status == 429 or status >= 500:
            return plain_http_verdict(answer)
        return Verdict(Outcome.RETRY, "", "the answer was not DingTalk's", http_status=status)
    code, words = str(found["errcode"]), str(found.get("errmsg", ""))[:400]
    if code == "0":
        return Verdict(Outcome.DONE, code, words, http_status=status)
    if code == "-1":
        return Verdict(Outcome.RETRY, code, words, http_status=status)
    if code == "310000":
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, _security_hint(words), http_status=status)
    if code in _BAD_MESSAGE:
        return Verdict(Outcome.BAD_MESSAGE, code, words, _BAD_MESSAGE[code], http_status=status)
    if code in _BROKEN:
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, _BROKEN[code], http_status=status)
    if code in _THROTTLED or _THROTTLED_WORDS.search(words):
        return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, BLOCKED_FOR, status)
    return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.DINGTALK_UNKNOWN, http_status=status)


def gateway_block(answer: HttpAnswer, found: dict[str, Any] | None) -> Verdict | None:
    """DingTalk's gateway holds back a whole IP address: by `{"status":1111,…}`, or by a page of HTML."""
    if found is not None and found.get("status") == 1111 and "errcode" not in found:
        wait = found.get("wait")
        # The gateway speaks of seconds but blocks for minutes.
        pause = timedelta(seconds=max(wait, 60)) if isinstance(wait, int) else GATEWAY_BLOCKS_FOR
        return Verdict(
            Outcome.THROTTLED, "1111", "blocked by DingTalk's gateway", Remedy.THROTTLED, pause, answer.status
        )
    if found is None and answer.status < 500 and answer.text.lstrip()[:1] == "<":
        return Verdict(
            Outcome.THROTTLED,
            "html",
            "a page instead of an answer",
            Remedy.THROTTLED,
            GATEWAY_BLOCKS_FOR,
            answer.status,
        )
    return None


def _security_hint(words: str) -> Remedy:
    lowered = words.lower()
    if "keyword" in lowered or "关键词" in words:
        return Remedy.DINGTALK_KEYWORD
    if "timestamp" in lowered or "过期" in words:
        return Remedy.DINGTALK_CLOCK
    if "sign" in lowered or "签名" in words:
        return Remedy.DINGTALK_SIGN
    if "whitelist" in lowered or "白名单" in words or lowered.startswith("ip "):
        return Remedy.DINGTALK_IP
    return Remedy.DINGTALK_SECURITY


class DingTalkRobot(HttpKind[DingTalkRobotConfig]):
    name: ClassVar[str] = "dingtalk_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉群机器人", "en": "DingTalk group robot"}
    config: ClassVar[type[Config]] = DingTalkRobotConfig
    example: ClassVar[dict[str, Any]] = {
        "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=0000",
        "keyword": "打卡",
    }
    options: ClassVar[frozenset[str]] = frozenset({"secret", "keyword", "form"})
    rate: ClassVar[Rate | None] = Rate(18, timedelta(minutes=1))
    people_per_message: ClassVar[int] = MOST_MENTIONS

    def rate_key(self, config: DingTalkRobotConfig) -> str:
        return robot_of(revealed(config.webhook_url))

    def audience_key(self, config: DingTalkRobotConfig) -> str | None:
        return self.rate_key(config)

    def target(self, config: DingTalkRobotConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).hostname or ""

    def request(self, config: DingTalkRobotConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        assert note.at is not None
        make = {Form.MARKDOWN: markdown_body, Form.ACTION_CARD: action_card_body, Form.TEXT: text_body}
        form = config.form if note.actions or config.form is not Form.ACTION_CARD else Form.MARKDOWN
        return HttpRequest(
            url=signed_address(
                revealed(config.webhook_url), revealed(config.secret), note.at, settings.dingtalk_base_url
            ),
            body=json_bytes(make[form](note, config.keyword or "")),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.dingtalk_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return dingtalk_verdict(answer)


def robot_of(webhook_url: str) -> str:
    """What tells one robot from another, wherever its address was pasted from."""
    return dict(parse_qsl(urlsplit(webhook_url).query))["access_token"]
