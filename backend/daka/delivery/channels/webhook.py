"""Generic webhook, signed as Standard Webhooks 1.0.0 asks (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from typing import Any, ClassVar

from daka.delivery.channels.fields import SigningSecret, WebAddress
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.verdicts import CodeTable, broken, throttled
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import json_bytes
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpRequest

WEBHOOK_GONE = Remedy(
    "webhook_gone",
    zh="服务商表示这个地址已永久停用（410）。填写新的地址。",
    en="The receiver says that this address is permanently gone (410). Enter a new one.",
)
_TYPES = {
    Occasion.REMINDER: "reminder.due",
    Occasion.ESCALATION: "reminder.escalated",
    Occasion.ALERT: "channel.alert",
    Occasion.ROSTER: "roster.notice",
    Occasion.BACKUP: "backup.failed",
    Occasion.TEST: "channel.test",
}


class WebhookConfig(Config):
    url: WebAddress = setting(
        title=("地址", "URL"),
        about=("接收 JSON 的 https 地址", "An https address that takes JSON"),
        example="https://example.org/hooks/daka",
        max_length=2048,
    )
    secret: SigningSecret | None = setting(
        None,
        title=("签名密钥", "Signing secret"),
        about=(
            "以 whsec_ 开头的密钥（Standard Webhooks）；不填则不签名",
            "Begins with whsec_ (Standard Webhooks); without one nothing is signed",
        ),
        example="whsec_…",
        max_length=200,
    )
    former_secret: SigningSecret | None = setting(
        None,
        title=("旧的签名密钥", "Former signing secret"),
        about=(
            "更换密钥期间两个密钥都签；对方换好之后清空",
            "While the secret is changed both sign; clear it when the receiver knows the new one",
        ),
        max_length=200,
    )


def signature(secret: str, key: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and Base64 of HMAC-SHA256 over "id.timestamp.body". A `whsec_` secret is decoded, any other taken as it is."""
    raw = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(raw, f"{key}.{timestamp_s}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class Webhook(HttpKind[WebhookConfig]):
    name: ClassVar[str] = "webhook"
    labels: ClassVar[dict[str, str]] = {"zh": "Webhook", "en": "Webhook"}
    example: ClassVar[dict[str, Any]] = {
        "url": "https://example.org/hooks/daka",
        "secret": "whsec_MDAwMDAwMDAwMDAwMDAwMA==",
        "former_secret": "whsec_MDAwMDAwMDAwMDAwMDAwMA==",
    }
    options: ClassVar[frozenset[str]] = frozenset({"secret", "former_secret"})
    people_per_message: ClassVar[int] = 200
    has_free_address: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {},
        statuses={410: broken(WEBHOOK_GONE), 502: throttled(), 504: throttled()},
        read=lambda _answer, _found: None,  # an answer's text may imitate anything
        is_status_enough=True,
    )

    def rate_key(self, config: WebhookConfig) -> str:
        return f"{revealed(config.url)}\n{revealed(config.secret)}"

    def audience_key(self, config: WebhookConfig) -> str | None:
        return revealed(config.url)

    def request(self, config: WebhookConfig, message: RenderedMessage) -> HttpRequest:
        assert message.at is not None
        body = json_bytes(
            {
                "type": _TYPES[message.occasion],
                "timestamp": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "data": {
                    "id": message.key,
                    "title": message.title,
                    "text": message.text,
                    "late": message.is_late,
                    "people": [
                        {
                            "reminder_id": line.reminder_id,
                            "user_id": line.user_id,
                            "name": line.name,
                            "kind": line.kind,
                            "work_date": line.work_date.isoformat(),
                            "point_at": line.point_at.isoformat(),
                            "shift": line.shift_name,
                        }
                        for line in message.lines
                    ],
                    "actions": [{"label": action.label, "url": action.url} for action in message.actions],
                },
            }
        )
        timestamp_s = int(message.at.timestamp())
        headers = {"Content-Type": "application/json", "webhook-id": message.key, "webhook-timestamp": str(timestamp_s)}
        secrets = [revealed(secret) for secret in (config.secret, config.former_secret) if secret is not None]
        if secrets:
            headers["webhook-signature"] = " ".join(
                signature(secret, message.key, timestamp_s, body) for secret in secrets
            )
        return HttpRequest(url=revealed(config.url), body=body, headers=headers)
