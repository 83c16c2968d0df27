"""Web Push: the installed web app rings by itself. One channel per browser; its settings are the browser's subscription.

Sources: RFC 8030, 8291, 8292; https://developer.apple.com/documentation/usernotifications (answers of Apple's service).
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

from daka import clock
from daka.delivery.channels.fields import Secret, rule
from daka.delivery.channels.kind import HttpKind, SendContext
from daka.delivery.channels.markup import PLAIN, body_within
from daka.delivery.channels.verdicts import BY_STATUS, DONE, CodeTable, ProviderCode, Verdict, broken
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import json_bytes
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

if TYPE_CHECKING:
    from daka.outbound.web_push import Subscription

VENDOR = Vendor(
    "web_push",
    ("web.push.apple.com", "fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com"),
)
LONGEST_BODY_BYTES = 3000
"""Push services take 4,096 encrypted; 103 are the envelope's."""
NOTICE_LIFETIME = timedelta(hours=12)
"""How long a push service keeps what is about no punch, for a device that is off."""

GONE = Remedy(
    "web_push_gone",
    zh="浏览器已取消这台设备的推送。在这台设备上打开「通知渠道」，重新开启推送。",
    en="The browser has ended the push of this device. Open Channels on the device and turn push on again.",
)
REFUSED = Remedy(
    "web_push_refused",
    zh="推送服务不认可本服务器的签名。请检查服务器时间和 PUBLIC_URL，再在这台设备上重新开启推送。",
    en="The push service does not accept this server's signature. Check its clock and PUBLIC_URL, then turn push on again.",
)


def _subscription(text: str) -> "Subscription":
    from daka.outbound.web_push import subscription_of  # loads cryptography, which a start does not need

    return subscription_of(text)


def _is_of_a_push_service(text: str) -> bool:
    parts = urlsplit(_subscription(text).endpoint)
    host = parts.hostname or ""
    is_known = any(host == known or host.endswith(f".{known}") for known in VENDOR.hosts)
    return parts.scheme == "https" and parts.port is None and parts.username is None and is_known


class WebPushConfig(Config):
    subscription: Annotated[
        Secret,
        rule(
            _is_of_a_push_service,
            zh="这不是浏览器给出的推送订阅。请在要收提醒的设备上开启推送。",
            en="This is not a push subscription of a browser. Turn push on at the device that is to ring.",
        ),
    ] = setting(
        title=("推送订阅", "Subscription"),
        about=(
            "由浏览器生成，在要收提醒的设备上开启推送即可",
            "Made by the browser when push is turned on at the device",
        ),
        example='{"endpoint": "https://web.push.apple.com/…", "keys": {"p256dh": "…", "auth": "…"}}',
        max_length=4000,
    )


def _read(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if answer.status == 200 and answer.text.strip():
        return None  # the sign-in page of a network, for example: push services answer without a body
    reason = str(found.get("reason") or found.get("message") or "")
    return ProviderCode(str(answer.status), reason)


class WebPush(HttpKind[WebPushConfig]):
    name: ClassVar[str] = "web_push"
    labels: ClassVar[dict[str, str]] = {"zh": "浏览器推送", "en": "Browser push"}
    example: ClassVar[dict[str, Any]] = {
        "subscription": json.dumps(
            {
                "keys": {
                    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
                },
                "endpoint": "https://web.push.apple.com/QK0000",
            }
        )
    }
    vendor: ClassVar[Vendor | None] = VENDOR
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "200 201 202": DONE,
            "404 410": broken(GONE),
            "400 401 403": broken(REFUSED),
        },
        unknown=BY_STATUS,
        read=_read,
    )

    def rate_key(self, config: WebPushConfig) -> str:
        return _subscription(revealed(config.subscription)).endpoint

    def audience_key(self, config: WebPushConfig) -> str:
        return self.rate_key(config)

    def target(self, config: WebPushConfig) -> str:
        return urlsplit(self.rate_key(config)).hostname or ""

    def secrets(self, config: WebPushConfig) -> list[str]:
        from daka.outbound.web_push import to_base64

        found = _subscription(revealed(config.subscription))
        path = urlsplit(found.endpoint).path.lstrip("/")
        return [*super().secrets(config), found.endpoint, path, to_base64(found.public_key), to_base64(found.auth)]

    def request(self, config: WebPushConfig, message: RenderedMessage) -> HttpRequest:
        """The request before it is encrypted and signed: its body is what the browser shows (declarative Web Push)."""
        alone = message.lines[0] if len(message.lines) == 1 else None
        tag = f"r{alone.reminder_id}" if alone else message.key[:32]
        link = message.actions[0].url if message.actions else "/"
        now = message.at or clock.now()
        ends_at = max((line.ends_at for line in message.lines), default=now + NOTICE_LIFETIME)

        def shown(limit_bytes: int) -> dict[str, Any]:
            notification = {
                "title": message.title,
                "body": PLAIN.text_of(message, limit_bytes),
                "navigate": link,
                "tag": tag,
                "lang": "zh-CN",
                "data": {"can_answer": alone is not None and bool(message.actions)},
            }
            return {"web_push": 8030, "notification": notification}

        headers = {
            "TTL": str(max(0, int((ends_at - now).total_seconds()))),
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        if alone:
            headers["Topic"] = tag  # a device that was off gets the last one only
        body = json_bytes(body_within(LONGEST_BODY_BYTES, shown))
        return HttpRequest(self.rate_key(config), body, headers, vendor=VENDOR.name)

    async def deliver(self, config: WebPushConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        from daka.outbound.web_push import authorization, contact_of, encrypted

        subscription, settings = _subscription(revealed(config.subscription)), context.database.settings
        request = self.request(config, message)
        vapid = authorization(
            settings.secret,
            subscription.endpoint,
            contact=contact_of(settings.base_url),
            at=message.at or clock.now(),
        )
        context.secrets.append(vapid)
        body = encrypted(request.body, subscription)
        return self.verdict(
            await context.send(replace(request, body=body, headers={**request.headers, "Authorization": vapid}))
        )
