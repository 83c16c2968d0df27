"""DingTalk group robot (自定义机器人).

Source: https://open.dingtalk.com/document/development/custom-robots-send-group-messages and …/customize-robot-security-settings.
DingTalk answers HTTP 200 to everything; only `errcode` says whether a message was taken.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from daka.delivery.channels.kind import (
    ChannelKind,
    Config,
    Rate,
    Verdict,
    json_bytes,
    json_object,
    plain_http_verdict,
    revealed,
    shortened,
)
from daka.delivery.http import HttpAnswer, HttpRequest
from daka.delivery.messages import Note
from daka.delivery.models import Outcome
from daka.settings import Settings

HOSTS = ("oapi.dingtalk.com", "oapi.dingtalk.io")
LONGEST_BODY_BYTES = 20_000
BLOCKED_FOR = timedelta(minutes=10)
"""DingTalk blocks a robot this long after the 20th message in a minute."""

_THROTTLED = {"130101", "410100", "660026", "302033"}
_THROTTLED_WORDS = re.compile(r"send too fast|too many|限流", re.IGNORECASE)
_BAD_MESSAGE = {"400105", "430101", "430102", "430103", "430104", "460101"}
_HINTS = {
    "300005": "dingtalk_token",
    "300001": "dingtalk_token",
    "400101": "dingtalk_token",
    "400102": "dingtalk_robot_off",
    "400106": "dingtalk_robot_gone",
    "400013": "dingtalk_group_gone",
    "40035": "dingtalk_token",
    "400105": "message_refused",
    "460101": "message_too_long",
}


def _robot_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value().strip())
    if parts.scheme != "https" or parts.hostname not in HOSTS or parts.path != "/robot/send":
        raise ValueError("must be the robot's address: https://oapi.dingtalk.com/robot/send?access_token=…")
    if not dict(parse_qsl(parts.query)).get("access_token"):
        raise ValueError("the address has no access_token")
    return SecretStr(secret.get_secret_value().strip())


class DingTalkRobotConfig(Config):
    webhook_url: Annotated[SecretStr, AfterValidator(_robot_address)] = Field(
        title="Webhook", description="机器人设置里的 Webhook 地址", max_length=500
    )
    secret: SecretStr | None = Field(
        default=None, title="加签密钥", description="安全设置为「加签」时，以 SEC 开头的密钥", max_length=200
    )
    keyword: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = Field(
        default=None, title="关键词", description="安全设置为「自定义关键词」时填写其中一个，发送时自动加上"
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
    origin = base_url.rstrip("/") or f"https://{parts.hostname}"
    return f"{origin}{parts.path}?{urlencode(query, quote_via=quote, safe='')}"


def text_body(note: Note, keyword: str = "") -> dict[str, Any]:
    """A text message that calls its people: the literal @… must be in the text, or nobody is called."""
    text = _with_keyword(note.text, keyword, note.title)
    at, words = _mentions(note)
    content = shortened(f"{text}\n{words}" if words else text, LONGEST_BODY_BYTES - 2_000)
    return {"msgtype": "text", "text": {"content": content}, "at": at, "msgUuid": note.key}


def markdown_body(note: Note, keyword: str = "") -> dict[str, Any]:
    """A markdown message with its actions as links."""
    title = _with_keyword(note.title, keyword, note.title)
    links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
    at, words = _mentions(note)
    blocks = [f"#### {_escaped(title)}", *map(_escaped, note.paragraphs), words, links]
    text = shortened("\n\n".join(block for block in blocks if block), LONGEST_BODY_BYTES - 2_000)
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}, "at": at, "msgUuid": note.key}


def _with_keyword(text: str, keyword: str, searched: str) -> str:
    return f"【{keyword}】{text}" if keyword and keyword not in searched else text


def _mentions(note: Note) -> tuple[dict[str, Any], str]:
    mobiles = [_digits(found.mobile) for found in note.mentions if found.mobile]
    user_ids = [found.dingtalk_userid for found in note.mentions if found.dingtalk_userid and not found.mobile]
    words = " ".join(f"@{who}" for who in [*mobiles, *user_ids])
    return {"atMobiles": mobiles, "atUserIds": user_ids, "isAtAll": False}, words


def _digits(mobile: str) -> str:
    return re.sub(r"[ -]", "", mobile)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text)


def dingtalk_verdict(answer: HttpAnswer) -> Verdict:
    """The meaning of DingTalk's answer. Codes come first, words second, since DingTalk changes its words."""
    found = json_object(answer.text)
    status = answer.status
    if found is None or ("errcode" not in found and "status" not in found):
        if answer.status == 429 or answer.status >= 500:
            return plain_http_verdict(answer)
        return Verdict(Outcome.RETRY, "", "the answer was not DingTalk's", http_status=status)
    if "errcode" not in found:
        if found.get("status") == 1111:
            wait = found.get("wait")
            pause = timedelta(minutes=5) if not isinstance(wait, int) else timedelta(seconds=max(wait, 60))
            return Verdict(Outcome.THROTTLED, "1111", "blocked by DingTalk's gateway", "throttled", pause, status)
        return Verdict(Outcome.RETRY, str(found["status"])[:64], "the answer was not DingTalk's", http_status=status)
    code, words = str(found["errcode"]), str(found.get("errmsg", ""))[:400]
    if code == "0":
        return Verdict(Outcome.DONE, code, words, http_status=status)
    if code in _THROTTLED or _THROTTLED_WORDS.search(words):
        return Verdict(Outcome.THROTTLED, code, words, "throttled", BLOCKED_FOR, status)
    if code == "-1":
        return Verdict(Outcome.RETRY, code, words, http_status=status)
    if code == "310000":
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, _security_hint(words), http_status=status)
    outcome = Outcome.BAD_MESSAGE if code in _BAD_MESSAGE else Outcome.BROKEN_CHANNEL
    return Verdict(outcome, code, words, _HINTS.get(code, "dingtalk_unknown"), http_status=status)


def _security_hint(words: str) -> str:
    lowered = words.lower()
    if "keyword" in lowered or "关键词" in words:
        return "dingtalk_keyword"
    if "timestamp" in lowered or "过期" in words:
        return "dingtalk_clock"
    if "sign" in lowered or "签名" in words:
        return "dingtalk_sign"
    if "whitelist" in lowered or "白名单" in words or lowered.startswith("ip "):
        return "dingtalk_ip"
    return "dingtalk_security"


class DingTalkRobot(ChannelKind[DingTalkRobotConfig]):
    name: ClassVar[str] = "dingtalk_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉群机器人", "en": "DingTalk group robot"}
    config: ClassVar[type[Config]] = DingTalkRobotConfig
    rate: ClassVar[Rate | None] = Rate(18, timedelta(minutes=1))
    people_per_message: ClassVar[int] = 50

    def identity(self, config: DingTalkRobotConfig) -> str:
        return dict(parse_qsl(urlsplit(revealed(config.webhook_url)).query))["access_token"]

    def target(self, config: DingTalkRobotConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).hostname or ""

    def request(self, config: DingTalkRobotConfig, note: Note, settings: Settings) -> HttpRequest:
        assert note.at is not None
        address = signed_address(
            revealed(config.webhook_url), revealed(config.secret), note.at, settings.dingtalk_base_url
        )
        return HttpRequest(
            url=address,
            body=json_bytes(markdown_body(note, config.keyword or "")),
            headers={"Content-Type": "application/json; charset=utf-8"},
            is_trusted=bool(settings.dingtalk_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return dingtalk_verdict(answer)
