"""ntfy, the public server or one's own. Source: https://docs.ntfy.sh/publish/#publish-as-json.

As JSON to the server's root: headers would need RFC 2047 for Chinese.
"""

import hmac
import json
import re
from typing import Annotated, Any, ClassVar
from urllib.parse import urldefrag, urlsplit

from daka.delivery.channels.fields import Secret, ServerAddress, own_server, rule
from daka.delivery.channels.kind import ChatApp, HttpKind
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
from daka.delivery.messages import ACTION_WORDS, Answer, RenderedMessage
from daka.delivery.models import Occasion
from daka.delivery.remedies import DAILY_LIMIT, MESSAGE_TOO_LONG, Remedy
from daka.languages import said
from daka.outbound.bodies import code_in, shortened
from daka.outbound.config import Choice, Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request

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


class NtfyButtons(Choice):
    AUTO = (
        "auto",
        "一点就应答：手机直接请求这里；没有 PUBLIC_URL 时经由 ntfy",
        "Answer at once: here, or through ntfy without PUBLIC_URL",
    )
    NTFY = "ntfy", "一点就应答，经由 ntfy：不需要公网地址", "Answer at once, through ntfy: no public address is needed"
    PAGE = "page", "打开网页", "Open a page"


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
    buttons: NtfyButtons = setting(
        NtfyButtons.AUTO,
        title=("按钮", "Buttons"),
        about=(
            "手机在外面打不开这里的地址时，选「经由 ntfy」",
            "Choose “through ntfy” if phones cannot reach this address from outside",
        ),
    )


def reply_topic(topic: str) -> str:
    """Where the buttons of a topic's messages write to; nobody guesses it who does not know the topic."""
    return f"daka-{hmac.digest(topic.encode(), b'replies', 'sha256').hex()[:32]}"


class Ntfy(HttpKind[NtfyConfig]):
    name: ClassVar[str] = "ntfy"
    labels: ClassVar[dict[str, str]] = {"zh": "ntfy", "en": "ntfy"}
    example: ClassVar[dict[str, Any]] = {"topic": "clockin-0000"}
    options: ClassVar[frozenset[str]] = frozenset({"token", "priority", "buttons"})
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

    def chat_app(self, config: NtfyConfig) -> ChatApp | None:
        """The realm is the lane: an answer counts for a person whose reminder went to this topic."""
        if config.buttons is NtfyButtons.PAGE:
            return None
        return ChatApp(
            "ntfy",
            urlsplit(config.server).netloc,
            json.dumps([config.server, revealed(config.topic), revealed(config.token)]),
            f"ntfy:{self.lane(config)}",
            is_for_want_of_links=config.buttons is NtfyButtons.AUTO,
        )

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
        else:
            if message.actions:
                body["click"] = message.actions[0].url
            if actions := _buttons(config, message):
                body["actions"] = actions[:MOST_ACTIONS]
        headers = {"Authorization": f"Bearer {revealed(config.token)}"} if config.token else {}
        return json_request(f"{config.server}/", body, headers)


def _buttons(config: NtfyConfig, message: RenderedMessage) -> list[dict[str, Any]]:
    """Of one person's reminder they answer by themselves, where the settings and the address allow; else they open the page."""
    is_alone = len(message.lines) == 1 or message.occasion is Occasion.TEST
    if is_alone and message.answers and message.delivery_id is not None:
        url = f"{config.server}/{reply_topic(revealed(config.topic))}"
        return [
            _request(said(ACTION_WORDS[answer], message.language), url, f"{answer}:{message.delivery_id}")
            for answer in message.answers
        ]
    if len(message.lines) == 1 and config.buttons is not NtfyButtons.PAGE:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return [
            {**_request(action.label, urldefrag(action.url).url, f"action={answer}"), "headers": headers}
            for action, answer in zip(message.actions, Answer, strict=False)
        ]
    return [{"action": "view", "label": action.label, "url": action.url, "clear": True} for action in message.actions]


def _request(label: str, url: str, body: str) -> dict[str, Any]:
    return {"action": "http", "label": label, "url": url, "method": "POST", "body": body, "clear": True}
