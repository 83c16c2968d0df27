"""ntfy, the public server or one's own. Source: https://docs.ntfy.sh/publish/#publish-as-json.

As JSON to the server's root: headers would need RFC 2047 for Chinese.
"""

import re
from typing import Annotated, Any, ClassVar

from daka.delivery.channels.fields import Secret, ServerAddress, own_server, rule
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import PLAIN, plain_text
from daka.delivery.channels.verdicts import (
    BY_STATUS,
    DONE,
    CodeTable,
    ProviderCode,
    broken,
    refused,
    throttled,
    until_tomorrow,
)
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import DAILY_LIMIT, MESSAGE_TOO_LONG, Remedy
from daka.outbound.bodies import code_in, shortened
from daka.outbound.config import Config, revealed, setting
from daka.outbound.http import HttpAnswer, HttpRequest, json_request

LONGEST_TITLE_BYTES = 1000
LONGEST_MESSAGE_BYTES = 4096
MOST_ACTIONS = 3

NTFY_LOGIN = Remedy(
    "ntfy_login",
    zh="这个主题要求登录，或令牌没有写权限。检查访问令牌。",
    en="The topic is protected, or the token may not write to it. Check the access token.",
)
NTFY_TOPIC = Remedy(
    "ntfy_topic",
    zh="主题名不合规。只用字母、数字、- 和 _，不超过 64 个字符。",
    en="The topic's name is not allowed. Use letters, digits, - and _, at most 64 characters.",
)


def _read(_answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if found.get("event") == "message":
        return ProviderCode("200")
    code = code_in(found, "code")
    return ProviderCode(code, str(found.get("error", ""))) if code else None


class NtfyConfig(Config):
    topic: Annotated[
        Secret,
        rule(
            lambda text: re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text),
            zh="只用字母、数字、- 和 _，不超过 64 个字符。",
            en="Use letters, digits, - and _, at most 64 characters.",
        ),
    ] = setting(
        title=("主题", "Topic"),
        about=(
            "取一个猜不到的名字：知道名字的人都能读",
            "Choose a name that cannot be guessed: everybody who knows it can read it",
        ),
        example="clockin-7f3a91",
        max_length=64,
    )
    server: ServerAddress = own_server("https://ntfy.sh")
    token: Secret | None = setting(
        None,
        title=("访问令牌", "Access token"),
        about=("以 tk_ 开头，主题受保护时填写", "Begins with tk_, for protected topics"),
        example="tk_…",
        max_length=200,
    )
    priority: int = setting(
        5, title=("优先级", "Priority"), about=("1 到 5，5 最高", "1 to 5, 5 is the highest"), ge=1, le=5
    )


class Ntfy(HttpKind[NtfyConfig]):
    name: ClassVar[str] = "ntfy"
    labels: ClassVar[dict[str, str]] = {"zh": "ntfy", "en": "ntfy"}
    example: ClassVar[dict[str, Any]] = {"topic": "clockin-0000"}
    options: ClassVar[frozenset[str]] = frozenset({"token", "priority"})
    has_free_address: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "200": DONE,
            "40007 40017 40018 40024": refused(),
            "40057 40058 41303": refused(MESSAGE_TOO_LONG),
            "40009": broken(NTFY_TOPIC),
            "40101 40301": broken(NTFY_LOGIN),
            "42901": throttled(),
            "42908": throttled(lambda: until_tomorrow("UTC"), DAILY_LIMIT),
        },
        statuses={401: broken(NTFY_LOGIN), 403: broken(NTFY_LOGIN), 404: BY_STATUS},
        unknown=refused(),
        read=_read,
    )

    def rate_key(self, config: NtfyConfig) -> str:
        return f"{config.server}\n{revealed(config.topic)}\n{revealed(config.token)}"

    def request(self, config: NtfyConfig, message: RenderedMessage) -> HttpRequest:
        body: dict[str, Any] = {
            "topic": revealed(config.topic),
            "title": shortened(message.title, LONGEST_TITLE_BYTES),
            "message": PLAIN.text_of(message, LONGEST_MESSAGE_BYTES) or message.title,
            "priority": config.priority,
            "tags": ["alarm_clock"],
        }
        if message.is_plain:
            body |= {"message": plain_text(message, LONGEST_MESSAGE_BYTES), "tags": []}
        elif message.actions:
            body["click"] = message.actions[0].url
            body["actions"] = [
                {"action": "view", "label": action.label, "url": action.url, "clear": True}
                for action in message.actions[:MOST_ACTIONS]
            ]
        headers = {"Authorization": f"Bearer {revealed(config.token)}"} if config.token else {}
        return json_request(f"{config.server}/", body, headers)
