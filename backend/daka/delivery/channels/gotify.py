"""Gotify, always one's own server. Source: https://gotify.net/docs/pushmsg."""

from typing import Any, ClassVar

from daka.delivery.channels.fields import Secret, ServerAddress
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import MARKDOWN, plain_text
from daka.delivery.channels.verdicts import BY_STATUS, DONE, CodeTable, ProviderCode, broken, refused
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request

GOTIFY_TOKEN = Remedy(
    "gotify_token",
    zh="Gotify 的应用令牌不对。在 Gotify 的「应用」里重新复制（以 A 开头）。",
    en="The Gotify application token is wrong. Copy it again from “Apps” in Gotify (it begins with A).",
)


def _read(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if answer.status == 200:
        return ProviderCode("200") if "id" in found else None
    return ProviderCode(str(answer.status), str(found.get("errorDescription") or found.get("error", "")))


class GotifyConfig(Config):
    server: ServerAddress = setting(
        title=("服务器", "Server"),
        about=(
            "Gotify 的地址。局域网里的地址要管理员放行（ALLOW_PRIVATE_TARGETS）",
            "Address of the Gotify server. An administrator must allow LAN addresses (ALLOW_PRIVATE_TARGETS)",
        ),
        example="https://gotify.example.org",
    )
    app_token: Secret = setting(
        title=("应用令牌", "Application token"),
        about=("Gotify「应用」里的令牌，以 A 开头", "From “Apps” in Gotify, begins with A"),
        example="A…",
        max_length=200,
    )
    priority: int = setting(
        8,
        title=("优先级", "Priority"),
        about=("0 到 10，4 以上有声音，8 以上是高优先级", "0 to 10; it sounds from 4, and is high from 8"),
        ge=0,
        le=10,
    )


class Gotify(HttpKind[GotifyConfig]):
    name: ClassVar[str] = "gotify"
    labels: ClassVar[dict[str, str]] = {"zh": "Gotify", "en": "Gotify"}
    example: ClassVar[dict[str, Any]] = {"server": "https://gotify.example.org", "app_token": "A0000"}
    options: ClassVar[frozenset[str]] = frozenset({"priority"})
    has_free_address: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {"200": DONE, "400": refused(), "401 403": broken(GOTIFY_TOKEN)},
        unknown=BY_STATUS,
        read=_read,
    )

    def rate_key(self, config: GotifyConfig) -> str:
        return f"{config.server}\n{revealed(config.app_token)}"

    def request(self, config: GotifyConfig, message: RenderedMessage) -> HttpRequest:
        extras: dict[str, Any] = {"client::display": {"contentType": "text/markdown"}}
        if message.actions:
            extras["client::notification"] = {"click": {"url": message.actions[0].url}}
        body = {
            "title": message.title,
            "message": MARKDOWN.text_of(message, 16_000, actions=message.actions) or MARKDOWN.escape(message.title),
            "priority": config.priority,
            "extras": extras,
        }
        if message.is_plain:
            body |= {"message": plain_text(message, 16_000), "extras": {}}
        return json_request(f"{config.server}/message", body, {"X-Gotify-Key": revealed(config.app_token)})
