"""Slack incoming webhook. Source: https://api.slack.com/messaging/webhooks#handling_errors. Answers are plain text."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from daka.delivery.channels.fields import Secret, vendor_address, webhook_setting
from daka.delivery.channels.kind import Rate, RobotConfig, RobotKind
from daka.delivery.channels.markup import SLACK
from daka.delivery.channels.verdicts import DONE, CodeTable, ProviderCode, broken, refused
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.config import revealed
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("slack", ("hooks.slack.com",))

SLACK_WEBHOOK = Remedy(
    "slack_webhook",
    zh="Slack 的 Webhook 不对或已被撤销。到 Slack 应用里重新生成。",
    en="The Slack webhook is wrong or was revoked. Create a new one in the Slack app.",
)
SLACK_CHANNEL = Remedy(
    "slack_channel",
    zh="Slack 频道不存在、已归档，或不许发消息。换一个频道。",
    en="The Slack channel is gone, archived, or closed to posts. Choose another one.",
)


def _read(answer: HttpAnswer, _found: dict[str, Any]) -> ProviderCode | None:
    words = answer.text.strip()
    return ProviderCode(words) if words in Slack.codes.rows else None


class SlackConfig(RobotConfig):
    webhook_url: Annotated[Secret, vendor_address(VENDOR, r"/services/\w+/\w+/\w+")] = webhook_setting(
        about=("Slack 应用的 Incoming Webhook", "An incoming webhook of a Slack app"),
        example="https://hooks.slack.com/services/…",
    )


class Slack(RobotKind[SlackConfig]):
    name: ClassVar[str] = "slack"
    labels: ClassVar[dict[str, str]] = {"zh": "Slack", "en": "Slack"}
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://hooks.slack.com/services/T0/B0/0000"}
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(50, timedelta(minutes=1))
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "ok": DONE,
            "invalid_payload no_text too_many_attachments": refused(),
            "user_not_found channel_not_found channel_is_archived": broken(SLACK_CHANNEL),
            "posting_to_general_channel_denied action_prohibited": broken(SLACK_CHANNEL),
            "invalid_token no_service no_team": broken(SLACK_WEBHOOK),
        },
        read=_read,
    )

    def request(self, config: SlackConfig, message: RenderedMessage) -> HttpRequest:
        head = [f"*{SLACK.escape(message.title)}*"]
        text = SLACK.text_of(message, 30_000, head=head, actions=message.actions)
        return VENDOR.request(revealed(config.webhook_url), {"text": text})
