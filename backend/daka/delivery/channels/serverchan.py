"""Server酱: Turbo (keys SCT…) and Server酱³ (keys sctp…). Source: https://sct.ftqq.com, https://doc.sc3.ft07.com."""

import re
from typing import Annotated, Any, ClassVar

from daka.delivery.channels.fields import Secret, rule
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import MARKDOWN
from daka.delivery.channels.verdicts import DONE, ByMessage, CodeTable, ProviderCode, broken, throttled, until_tomorrow
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import DAILY_LIMIT, UNKNOWN, Remedy
from daka.outbound.bodies import code_in
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("serverchan", ("sctapi.ftqq.com", "push.ft07.com"))
LONGEST_TITLE = 32
LONGEST_TEXT_BYTES = 32_000
_THREE = re.compile(r"sctp(\d+)t\w+", re.IGNORECASE)

SERVERCHAN_KEY = Remedy(
    "serverchan_key",
    zh="SendKey 不对。到 Server酱 网站重新复制。",
    en="The SendKey is wrong. Copy it again from the ServerChan site.",
)


def _read(_answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if not (code := code_in(found, "code")):
        return None
    inner = found["data"] if isinstance(found.get("data"), dict) else {}
    if code == "0":
        code = code_in(inner, "errno") or code
    return ProviderCode(code, str(found.get("message") or inner.get("error", "")))


class ServerChanConfig(Config):
    sendkey: Annotated[
        Secret,
        rule(
            lambda text: re.fullmatch(r"SCT\w+|sctp\d+t\w+", text, re.IGNORECASE),
            zh="应以 SCT 或 sctp 开头。",
            en="It must begin with SCT or sctp.",
        ),
    ] = setting(
        title=("SendKey", "SendKey"),
        about=(
            "以 SCT 或 sctp 开头。免费版每天只有几条，多次提醒会不够用",
            "Begins with SCT or sctp. The free plan has only a few messages a day",
        ),
        example="SCT…",
        max_length=200,
    )


class ServerChan(HttpKind[ServerChanConfig]):
    name: ClassVar[str] = "serverchan"
    labels: ClassVar[dict[str, str]] = {"zh": "Server酱", "en": "ServerChan"}
    example: ClassVar[dict[str, Any]] = {"sendkey": "SCT0000"}
    vendor: ClassVar[Vendor | None] = VENDOR
    codes: ClassVar[CodeTable] = CodeTable(
        {"0": DONE},
        unknown=ByMessage(
            {"次数|超过": throttled(until_tomorrow, DAILY_LIMIT), "key|AUTH": broken(SERVERCHAN_KEY)}, broken(UNKNOWN)
        ),
        read=_read,
    )

    def rate_key(self, config: ServerChanConfig) -> str:
        return revealed(config.sendkey)

    def target(self, config: ServerChanConfig) -> str:
        return VENDOR.hosts[bool(_THREE.fullmatch(revealed(config.sendkey)))]

    def request(self, config: ServerChanConfig, message: RenderedMessage) -> HttpRequest:
        key = revealed(config.sendkey)
        if three := _THREE.fullmatch(key):
            url = f"https://{three[1]}.push.ft07.com/send/{key}.send"
        else:
            url = f"https://sctapi.ftqq.com/{key}.send"
        body = {
            "title": message.title[:LONGEST_TITLE],
            "desp": MARKDOWN.text_of(message, LONGEST_TEXT_BYTES, actions=message.actions),
            "short": (message.paragraphs or (message.title,))[0][:64],
        }
        return VENDOR.request(url, body)
