"""Bark (iOS push), the public server or one's own. Source: https://github.com/Finb/bark-server (route_push.go)."""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.fields import Secret, ServerAddress, own_server
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import PLAIN, plain_text
from daka.delivery.channels.verdicts import BY_STATUS, DONE, RETRY, ByMessage, CodeTable, broken
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import UNKNOWN, Remedy
from daka.outbound.config import Choice, Config, revealed, setting
from daka.outbound.requests import HttpRequest, json_request

LONGEST_BODY_BYTES = 3000
"""Apple's push takes 4 KB in all."""

BARK_KEY = Remedy(
    "bark_key",
    zh="Bark 服务器上没有这个设备 Key。打开手机上的 Bark，重新复制。",
    en="The Bark server does not know this device key. Open Bark on the phone and copy it again.",
)
BARK_LOGIN = Remedy(
    "bark_login",
    zh="这个 Bark 服务器要求登录，Daka 不支持。换一个服务器，或去掉它的登录。",
    en="This Bark server requires a login, which is not supported. Use another server, or remove the login.",
)
_KEY = {"device|BadDeviceToken|Unregistered": broken(BARK_KEY)}


class BarkLevel(Choice):
    ACTIVE = "active", "普通", "Ordinary"
    TIME_SENSITIVE = "timeSensitive", "时效性通知（能穿过专注模式）", "Time-sensitive (passes Focus)"
    CRITICAL = "critical", "重要警告（静音时也响）", "Critical (sounds even when muted)"


class BarkConfig(Config):
    device_key: Secret = setting(
        title=("设备 Key", "Device key"),
        about=("Bark App 首页地址里的那一段", "The part of the address that the Bark app shows"),
        max_length=200,
    )
    server: ServerAddress = own_server("https://api.day.app")
    level: BarkLevel = setting(BarkLevel.TIME_SENSITIVE, title=("提醒级别", "Level"))
    call: bool = setting(False, title=("持续响铃 30 秒", "Ring for 30 seconds"))
    sound: Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$")] | None = setting(
        None, title=("铃声", "Sound"), about=("Bark 里的铃声名", "Name of a sound in Bark"), example="minuet"
    )
    volume: int | None = setting(
        None,
        title=("音量", "Volume"),
        about=("0 到 10，只用于「重要警告」", "0 to 10, for critical only"),
        example=5,
        ge=0,
        le=10,
    )


class Bark(HttpKind[BarkConfig]):
    name: ClassVar[str] = "bark"
    labels: ClassVar[dict[str, str]] = {"zh": "Bark（iPhone 推送）", "en": "Bark (iPhone push)"}
    example: ClassVar[dict[str, Any]] = {"device_key": "AbCd0000"}
    options: ClassVar[frozenset[str]] = frozenset({"level", "call", "sound", "volume"})
    has_free_address: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "200": DONE,
            "400": ByMessage(_KEY, BY_STATUS),
            "404": BY_STATUS,
            "500": ByMessage(_KEY, RETRY),
        },
        statuses={418: broken(BARK_LOGIN)},
        unknown=ByMessage(_KEY, broken(UNKNOWN)),
    )

    def rate_key(self, config: BarkConfig) -> str:
        return f"{config.server}\n{revealed(config.device_key)}"

    def request(self, config: BarkConfig, message: RenderedMessage) -> HttpRequest:
        body: dict[str, Any] = {
            "device_key": revealed(config.device_key),
            "title": message.title,
            "body": PLAIN.text_of(message, LONGEST_BODY_BYTES) or message.title,
            "level": config.level,
            "group": "打卡",
            "id": message.key,  # a repetition of the same message replaces it
        }
        if message.is_plain:
            plain = {"body": plain_text(message, LONGEST_BODY_BYTES), "level": BarkLevel.ACTIVE}
            return json_request(f"{config.server}/push", {**body, **plain})
        if message.actions:
            body["url"] = message.actions[0].url
        if config.call:
            body["call"] = "1"
        if config.sound:
            body["sound"] = config.sound
        if config.volume is not None and config.level is BarkLevel.CRITICAL:
            body["volume"] = config.volume
        return json_request(f"{config.server}/push", body)
