"""Bark (iOS push), the public server or one's own. Source: https://github.com/Finb/bark-server (route_push.go)."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import StringConstraints

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

LONGEST_BODY_BYTES = 3000
"""Apple's push takes 4 KB in all."""


class Level(StrEnum):
    ACTIVE = "active"
    TIME_SENSITIVE = "timeSensitive"
    CRITICAL = "critical"


class BarkConfig(Config):
    device_key: Secret = setting(
        zh="设备 Key",
        en="Device key",
        help_zh="Bark App 首页地址里的那一段",
        help_en="The part of the address that the Bark app shows",
        max_length=200,
    )
    server: ServerAddress = setting(
        "https://api.day.app",
        zh="服务器",
        en="Server",
        help_zh="自建服务器才需要改",
        help_en="Only for a server of your own",
    )
    level: Level = setting(
        Level.TIME_SENSITIVE,
        zh="提醒级别",
        en="Level",
        choices={
            Level.ACTIVE: ("普通", "Ordinary"),
            Level.TIME_SENSITIVE: ("时效性通知（能穿过专注模式）", "Time-sensitive (passes Focus)"),
            Level.CRITICAL: ("重要警告（静音时也响）", "Critical (sounds even when muted)"),
        },
    )
    call: bool = setting(False, zh="持续响铃 30 秒", en="Ring for 30 seconds")
    sound: Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$")] | None = setting(
        None, zh="铃声", en="Sound", help_zh="Bark 里的铃声名", help_en="Name of a sound in Bark", example="minuet"
    )
    volume: int | None = setting(
        None,
        zh="音量",
        en="Volume",
        help_zh="0 到 10，只对 critical 有用",
        help_en="0 to 10, for critical only",
        example=5,
        ge=0,
        le=10,
    )


class Bark(HttpKind[BarkConfig]):
    name: ClassVar[str] = "bark"
    labels: ClassVar[dict[str, str]] = {"zh": "Bark（iPhone 推送）", "en": "Bark (iPhone push)"}
    config: ClassVar[type[Config]] = BarkConfig
    example: ClassVar[dict[str, Any]] = {"device_key": "AbCdEf123"}
    options: ClassVar[frozenset[str]] = frozenset({"level", "call", "sound", "volume"})
    has_free_address: ClassVar[bool] = True

    def rate_key(self, config: BarkConfig) -> str:
        return f"{config.server}\n{revealed(config.device_key)}"

    def target(self, config: BarkConfig) -> str:
        return urlsplit(config.server).netloc

    def request(self, config: BarkConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        body: dict[str, Any] = {
            "device_key": revealed(config.device_key),
            "title": note.title,
            "body": fitted([], note.paragraphs, [], LONGEST_BODY_BYTES) or note.title,
            "level": config.level,
            "group": "打卡",
            "id": note.key,  # the same message told again replaces itself
        }
        if note.actions:
            body["url"] = note.actions[0].url
        if config.call:
            body["call"] = "1"
        if config.sound:
            body["sound"] = config.sound
        if config.volume is not None and config.level is Level.CRITICAL:
            body["volume"] = config.volume
        return HttpRequest(url=f"{config.server}/push", body=json_bytes(body), headers=JSON_HEADERS)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if status == 418:
            return Verdict(Outcome.BROKEN_CHANNEL, "418", "login needed", Remedy.BARK_LOGIN, http_status=status)
        if "code" not in found:
            return not_the_vendors(answer, shows_words=False)
        code, words = str(found["code"]), str(found.get("message", ""))[:400]
        if status == 200 and code == "200":
            return Verdict(Outcome.DONE, code, words, http_status=status)
        if "device" in words.lower() or "BadDeviceToken" in words or "Unregistered" in words:
            return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.BARK_KEY, http_status=status)
        if code == "500" or status >= 500:
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        if status >= 400:
            return plain_http_verdict(answer, shows_words=False)
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.UNKNOWN, http_status=status)
