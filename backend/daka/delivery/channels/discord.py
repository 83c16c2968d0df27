"""Discord webhook. Source: https://discord.com/developers/docs/resources/webhook#execute-webhook. Success is HTTP 204."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import vendor_address
from daka.delivery.channels.kind import HttpKind, Rate, Verdict, not_the_vendors, plain_http_verdict, retry_after
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

LONGEST_TEXT = 2000


class DiscordConfig(Config):
    webhook_url: Annotated[
        SecretStr,
        AfterValidator(
            vendor_address(
                ("discord.com", "discordapp.com"),
                r"/api/webhooks/\d+/[\w-]+",
                example="https://discord.com/api/webhooks/…",
            )
        ),
    ] = setting(
        zh="Webhook 地址",
        en="Webhook",
        help_zh="频道设置 → 整合 → Webhook",
        help_en="Channel settings → Integrations → Webhooks",
        example="https://discord.com/api/webhooks/…",
        max_length=500,
    )


class Discord(HttpKind[DiscordConfig]):
    name: ClassVar[str] = "discord"
    labels: ClassVar[dict[str, str]] = {"zh": "Discord", "en": "Discord"}
    config: ClassVar[type[Config]] = DiscordConfig
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://discord.com/api/webhooks/1/0"}
    rate: ClassVar[Rate | None] = Rate(25, timedelta(minutes=1))
    people_per_message: ClassVar[int] = 25

    def rate_key(self, config: DiscordConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).path

    def audience_key(self, config: DiscordConfig) -> str | None:
        return self.rate_key(config)

    def target(self, config: DiscordConfig) -> str:
        return "discord.com"

    def request(self, config: DiscordConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        # The page of the first action offers the others too, and each link is long.
        links = [f"{action.label}：<{action.url}>" for action in note.actions[:1]]
        room = LONGEST_TEXT - sum(map(len, links)) - 1
        text = "\n".join([f"**{note.title}**", *note.paragraphs])[:room]
        return HttpRequest(
            url=rebased(revealed(config.webhook_url), settings.discord_base_url),
            body=json_bytes({"content": "\n".join([text, *links]), "allowed_mentions": {"parse": []}}),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.discord_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        words, code = str(found.get("message", ""))[:400], str(found.get("code", status))
        if status == 204:
            return Verdict(Outcome.DONE, "204", "", http_status=status)
        if status == 429:
            wait = found.get("retry_after")
            pause = timedelta(seconds=max(float(wait), 1.0)) if isinstance(wait, int | float) else retry_after(answer)
            return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, pause, status)
        if status in (401, 403, 404):
            return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.DISCORD_WEBHOOK, http_status=status)
        if status == 400:
            return Verdict(Outcome.BAD_MESSAGE, code, words, Remedy.MESSAGE_REFUSED, http_status=status)
        return not_the_vendors(answer) if status < 300 else plain_http_verdict(answer)
