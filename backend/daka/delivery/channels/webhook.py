"""Generic webhook, signed as Standard Webhooks 1.0.0 asks (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from daka.delivery.channels.kind import ChannelKind, Config, Verdict, json_bytes, plain_http_verdict, revealed
from daka.delivery.http import HttpAnswer, HttpRequest
from daka.delivery.messages import Note
from daka.delivery.models import Occasion
from daka.settings import Settings

_TYPES = {
    Occasion.REMINDER: "reminder.due",
    Occasion.ESCALATION: "reminder.escalated",
    Occasion.ALERT: "channel.alert",
    Occasion.TEST: "channel.test",
}


def _web_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value().strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must be an https:// address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must not carry a login or a fragment")
    return SecretStr(secret.get_secret_value().strip())


def _signing_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if text.startswith("whsec_"):
        try:
            key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError("after whsec_ there must be Base64") from error
        if len(key) < 16:
            raise ValueError("the key is too short")
    return SecretStr(text)


class WebhookConfig(Config):
    url: Annotated[SecretStr, AfterValidator(_web_address)] = Field(
        title="URL", description="接收 JSON 的 https 地址", max_length=2048
    )
    secret: Annotated[SecretStr, AfterValidator(_signing_secret)] | None = Field(
        default=None, title="签名密钥", description="whsec_… （Standard Webhooks）", max_length=200
    )


def signature(secret: str, key: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and Base64 of HMAC-SHA256 over "id.timestamp.body". A `whsec_` secret is decoded, any other taken as it is."""
    raw = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(raw, f"{key}.{timestamp_s}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class Webhook(ChannelKind[WebhookConfig]):
    name: ClassVar[str] = "webhook"
    labels: ClassVar[dict[str, str]] = {"zh": "Webhook", "en": "Webhook"}
    config: ClassVar[type[Config]] = WebhookConfig
    people_per_message: ClassVar[int] = 200

    def identity(self, config: WebhookConfig) -> str:
        return revealed(config.url)

    def target(self, config: WebhookConfig) -> str:
        return urlsplit(revealed(config.url)).hostname or ""

    def request(self, config: WebhookConfig, note: Note, settings: Settings) -> HttpRequest:
        assert note.at is not None
        body = json_bytes(
            {
                "type": _TYPES[note.occasion],
                "timestamp": note.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "data": {
                    "id": note.key,
                    "title": note.title,
                    "text": note.text,
                    "late": note.is_late,
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
                        for line in note.lines
                    ],
                    "actions": [{"label": action.label, "url": action.url} for action in note.actions],
                },
            }
        )
        timestamp_s = int(note.at.timestamp())
        headers = {"Content-Type": "application/json", "webhook-id": note.key, "webhook-timestamp": str(timestamp_s)}
        if config.secret:
            headers["webhook-signature"] = signature(revealed(config.secret), note.key, timestamp_s, body)
        return HttpRequest(url=revealed(config.url), body=body, headers=headers)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return plain_http_verdict(answer)
