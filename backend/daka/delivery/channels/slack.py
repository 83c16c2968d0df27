"""Slack incoming webhook. Source: https://api.slack.com/messaging/webhooks#handling_errors. Answers are plain text."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import vendor_address
from daka.delivery.channels.kind import HttpKind, Rate, Verdict, fitted, not_the_vendors, plain_http_verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

_BROKEN = {
    "user_not_found": Remedy.SLACK_CHANNEL,
    "channel_not_found": Remedy.SLACK_CHANNEL,
    "channel_is_archived": Remedy.SLACK_CHANNEL,
    "posting_to_general_channel_denied": Remedy.SLACK_CHANNEL,
    "action_prohibited": Remedy.SLACK_CHANNEL,
    "invalid_token": Remedy.SLACK_WEBHOOK,
    "no_service": Remedy.SLACK_WEBHOOK,
    "no_team": Remedy.SLACK_WEBHOOK,
}
_BAD_MESSAGE = {"invalid_payload", "no_text", "too_many_attachments"}


class SlackConfig(Config):
    webhook_url: Annotated[
        SecretStr,
        AfterValidator(
            vendor_address(("hooks.slack.com",), r"/services/\w+/\w+/\w+", example="https://hooks.slack.com/services/…")
        ),
    ] = setting(
        zh="Webhook 地址",
        en="Webhook",
        help_zh="Slack 应用的 Incoming Webhook",
        help_en="An incoming webhook of a Slack app",
        example="https://hooks.slack.com/services/…",
        max_length=500,
    )


class Slack(HttpKind[SlackConfig]):
    name: ClassVar[str] = "slack"
    labels: ClassVar[dict[str, str]] = {"zh": "Slack", "en": "Slack"}
    config: ClassVar[type[Config]] = SlackConfig
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://hooks.slack.com/services/T0/B0/0"}
    rate: ClassVar[Rate | None] = Rate(50, timedelta(minutes=1))

    def rate_key(self, config: SlackConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).path

    def audience_key(self, config: SlackConfig) -> str | None:
        return self.rate_key(config)

    def target(self, config: SlackConfig) -> str:
        return "hooks.slack.com"

    def request(self, config: SlackConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        links = " · ".join(f"<{action.url}|{_escaped(action.label)}>" for action in note.actions)
        text = fitted([f"*{_escaped(note.title)}*"], list(map(_escaped, note.paragraphs)), [links], 30_000)
        return HttpRequest(
            url=rebased(revealed(config.webhook_url), settings.slack_base_url),
            body=json_bytes({"text": text}),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.slack_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        words, status = answer.text.strip()[:100], answer.status
        if status == 200 and words == "ok":
            return Verdict(Outcome.DONE, words, "", http_status=status)
        if words in _BAD_MESSAGE:
            return Verdict(Outcome.BAD_MESSAGE, words, "", Remedy.MESSAGE_REFUSED, http_status=status)
        if words in _BROKEN:
            return Verdict(Outcome.BROKEN_CHANNEL, words, "", _BROKEN[words], http_status=status)
        return not_the_vendors(answer) if status < 300 else plain_http_verdict(answer)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
