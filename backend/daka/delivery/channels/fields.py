"""Settings that several kinds share. A rule of a kind's own is a `rule` too: its reason has both languages."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, SecretStr, StringConstraints, ValidationInfo

from daka.delivery.channels.people import IdForm, problem_with
from daka.outbound.config import Words, is_being_saved, refusal, setting
from daka.outbound.requests import Vendor


def rule(check: Callable[[str], object], *, zh: str, en: str) -> AfterValidator:
    """A rule for the text of a setting, secret or not: refused if `check` is false, or if the text is no address at all."""

    def checked(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        try:
            is_good = check(text)
        except ValueError:
            is_good = False
        if not is_good:
            raise refusal(zh=zh, en=en)
        return value

    return AfterValidator(checked)


_TRIMMED = AfterValidator(lambda secret: SecretStr(secret.get_secret_value().strip()))
_FILLED = rule(bool, zh="不能为空。", en="It must not be empty.")
_ONE_LINE = rule(
    lambda text: all(ord(character) >= 32 and ord(character) != 127 for character in text),
    zh="不能有换行。",
    en="It must not contain line breaks.",
)

Secret = Annotated[SecretStr, _TRIMMED, _FILLED, _ONE_LINE]
"""A key or password without the blanks and line breaks that copying adds."""


def vendor_address(vendor: Vendor, path: str, *, query: str = "") -> AfterValidator:
    """The rule that a webhook is the vendor's own: https, one of its hosts, its path, and the key in the query."""

    def is_theirs(text: str) -> bool:
        parts = urlsplit(text)
        is_host = parts.scheme == "https" and parts.netloc in vendor.hosts and parts.port is None and not parts.fragment
        return bool(
            is_host and re.fullmatch(path, parts.path) and (not query or dict(parse_qsl(parts.query)).get(query))
        )

    return rule(
        is_theirs,
        zh="这不是有效的 Webhook 地址。请从服务商的设置里完整复制。",
        en="This is not a valid webhook address. Copy all of it from the provider's settings.",
    )


def webhook_setting(*, about: Words, example: str) -> Any:
    """The setting `webhook_url` of a robot: where to find its address, and what one looks like."""
    return setting(title=("Webhook 地址", "Webhook"), about=about, example=example, max_length=500)


def _is_web_address(text: str) -> bool:
    parts = urlsplit(text.strip())
    _ = parts.port
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _is_bare(text: str) -> bool:
    parts = urlsplit(text.strip())
    return parts.username is None and parts.password is None and not parts.fragment


_WEB_ADDRESS = rule(
    _is_web_address,
    zh="应为以 http:// 或 https:// 开头的地址。",
    en="Enter an address that starts with http:// or https://.",
)
_BARE = rule(_is_bare, zh="地址不能带登录名、密码或 #。", en="It must not carry a login or a fragment.")

WebAddress = Annotated[SecretStr, _WEB_ADDRESS, _BARE, _TRIMMED]
"""A free address that may carry keys: the guard judges it when it is dialled."""

ServerAddress = Annotated[
    str,
    StringConstraints(max_length=300),
    _WEB_ADDRESS,
    _BARE,
    rule(
        lambda text: not urlsplit(text).query,
        zh="应为服务器地址，以 http:// 或 https:// 开头，不带参数。",
        en="Enter the server's address only, with http:// or https://.",
    ),
    AfterValidator(lambda text: text.strip().rstrip("/")),
]
"""The address of a server that users may run themselves."""


def own_server(default: str) -> Any:
    """The setting `server` of a service that has a public server and can be run by oneself."""
    return setting(default, title=("服务器", "Server"), about=("自建服务器才需要改", "Only for a server of your own"))


def _is_signing_key(text: str) -> bool:
    if not text.startswith("whsec_"):
        return True
    try:
        return len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 16
    except binascii.Error:
        return False


SigningSecret = Annotated[
    Secret,
    rule(
        _is_signing_key,
        zh="whsec_ 后面应是至少 16 字节的 Base64。",
        en="After whsec_ there must be at least 16 bytes in Base64.",
    ),
]


def table_of(form: IdForm) -> AfterValidator:
    """The rule that every line of a table can be read. Only for saving: what was saved before goes on, as far as it is read."""

    def checked(table: str, info: ValidationInfo) -> str:
        if is_being_saved(info) and (problem := problem_with(table, form)) is not None:
            zh, en = problem
            raise refusal(zh=zh, en=en)
        return table

    return AfterValidator(checked)


People = Annotated[str, StringConstraints(max_length=8000)]


def listed(ids: str | None) -> list[str]:
    """The ids in a setting, separated by commas (also Chinese ones) or blanks."""
    return re.findall(r"[^\s,，]+", ids or "")


Keyword = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


def keyword_setting() -> Any:
    """The setting `keyword` of a robot that takes only messages with one of its keywords."""
    about = (
        "安全设置为「自定义关键词」时填其中一个，发送时自动加上",
        "One of the robot's keywords; it is added to each message",
    )
    return setting(None, title=("关键词", "Keyword"), about=about, example="打卡")
