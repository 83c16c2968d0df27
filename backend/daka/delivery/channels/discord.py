"""Discord webhook. Source: https://discord.com/developers/docs/resources/webhook#execute-webhook. Success is HTTP 204."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from daka.delivery.channels.fields import Secret, vendor_address, webhook_setting
from daka.delivery.channels.kind import Rate, RobotConfig, RobotKind
from daka.delivery.channels.markup import DISCORD
from daka.delivery.channels.verdicts import BY_STATUS, DONE, CodeTable, ProviderCode, broken, refused, throttled
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import code_in, seconds_of
from daka.outbound.config import revealed
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("discord", ("discord.com", "discordapp.com"))
LONGEST_TEXT = 2000

DISCORD_WEBHOOK = Remedy(
    "discord_webhook",
    zh="Discord 的 Webhook 不对或已被删除。到频道设置的「整合」里重新复制。",
    en="The Discord webhook is wrong or was deleted. Copy it from the channel's integrations again.",
)


def _read(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if answer.status == 204:
        return ProviderCode("204")
    if answer.status < 300:
        return None
    wait = seconds_of(found.get("retry_after"))
    pause = None if wait is None else max(wait, timedelta(seconds=1))
    return ProviderCode(code_in(found, "code") or str(answer.status), str(found.get("message", "")), pause)


class DiscordConfig(RobotConfig):
    webhook_url: Annotated[Secret, vendor_address(VENDOR, r"/api/webhooks/\d+/[\w-]+")] = webhook_setting(
        about=("频道设置 → 整合 → Webhook", "Channel settings → Integrations → Webhooks"),
        example="https://discord.com/api/webhooks/…",
    )


class Discord(RobotKind[DiscordConfig]):
    name: ClassVar[str] = "discord"
    labels: ClassVar[dict[str, str]] = {"zh": "Discord", "en": "Discord"}
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://discord.com/api/webhooks/1/0000"}
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(25, timedelta(minutes=1))
    people_per_message: ClassVar[int] = 25
    codes: ClassVar[CodeTable] = CodeTable(
        {"204": DONE},
        statuses={400: refused(), 429: throttled(), **dict.fromkeys((401, 403, 404), broken(DISCORD_WEBHOOK))},
        unknown=BY_STATUS,
        read=_read,
    )

    def request(self, config: DiscordConfig, message: RenderedMessage) -> HttpRequest:
        # The page of the first action offers the others too, and each link is long.
        links = DISCORD.links(message.actions[:1])
        lines = [f"**{DISCORD.escape(message.title)}**", *map(DISCORD.escape, message.paragraphs)]
        text = "\n".join(lines)[: LONGEST_TEXT - len(links) - 1]
        body = {"content": f"{text}\n{links}".rstrip(), "allowed_mentions": {"parse": []}}
        return VENDOR.request(revealed(config.webhook_url), body)
