"""Gotify, always one's own server. Source: https://gotify.net/docs/pushmsg."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from daka.delivery.channels.fields import Secret, ServerAddress
from daka.delivery.channels.kind import HttpKind, Verdict, fitted, not_the_vendors, plain_http_verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings


class GotifyConfig(Config):
    server: ServerAddress = setting(
        zh="服务器",
        en="Server",
        help_zh="Gotify 的地址。局域网里的地址要管理员放行（ALLOW_PRIVATE_TARGETS）",
        help_en="Address of the Gotify server. An administrator must allow LAN addresses (ALLOW_PRIVATE_TARGETS)",
        example="https://gotify.example.org",
    )
    app_token: Secret = setting(
        zh="应用令牌",
        en="Application token",
        help_zh="Gotify「应用」里的令牌，以 A 开头",
        help_en="From “Apps” in Gotify, begins with A",
        example="A…",
        max_length=200,
    )
    priority: int = setting(
        8,
        zh="优先级",
        en="Priority",
        help_zh="0 到 10，4 以上有声音，8 以上是高优先级",
        help_en="0 to 10; from 4 on it sounds, from 8 on it is high",
        ge=0,
        le=10,
    )


class Gotify(HttpKind[GotifyConfig]):
    name: ClassVar[str] = "gotify"
    labels: ClassVar[dict[str, str]] = {"zh": "Gotify", "en": "Gotify"}
    config: ClassVar[type[Config]] = GotifyConfig
    example: ClassVar[dict[str, Any]] = {"server": "https://gotify.example.org", "app_token": "A000"}
    options: ClassVar[frozenset[str]] = frozenset({"priority"})
    has_free_address: ClassVar[bool] = True

    def rate_key(self, config: GotifyConfig) -> str:
        return f"{config.server}\n{revealed(config.app_token)}"

    def target(self, config: GotifyConfig) -> str:
        return urlsplit(config.server).netloc

    def request(self, config: GotifyConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
        extras: dict[str, Any] = {"client::display": {"contentType": "text/markdown"}}
        if note.actions:
            extras["client::notification"] = {"click": {"url": note.actions[0].url}}
        body = {
            "title": note.title,
            "message": fitted([], note.paragraphs, [links], 16_000, between="\n\n") or note.title,
            "priority": config.priority,
            "extras": extras,
        }
        headers = {**JSON_HEADERS, "X-Gotify-Key": revealed(config.app_token)}
        return HttpRequest(url=f"{config.server}/message", body=json_bytes(body), headers=headers)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if status == 200 and "id" in found:
            return Verdict(Outcome.DONE, "200", "", http_status=status)
        if status in (401, 403):
            words = str(found.get("errorDescription") or found.get("error", ""))[:400]
            return Verdict(Outcome.BROKEN_CHANNEL, str(status), words, Remedy.GOTIFY_TOKEN, http_status=status)
        if status == 400:
            words = str(found.get("errorDescription") or found.get("error", ""))[:400]
            return Verdict(Outcome.BAD_MESSAGE, str(status), words, Remedy.MESSAGE_REFUSED, http_status=status)
        return (
            not_the_vendors(answer, shows_words=False)
            if status < 300
            else plain_http_verdict(answer, shows_words=False)
        )
