"""PushDeer, the public server or one's own. Source: https://github.com/easychen/pushdeer."""

from typing import Any, ClassVar

from daka.delivery.channels.fields import Secret, ServerAddress, own_server
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import MARKDOWN
from daka.delivery.channels.verdicts import DONE, ByMessage, CodeTable, ProviderCode, broken
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import UNKNOWN, Remedy
from daka.outbound.bodies import code_in
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request

PUSHDEER_KEY = Remedy(
    "pushdeer_key",
    zh="PushKey 不对，或没有登记任何设备。到 PushDeer 里检查。",
    en="The PushKey is wrong, or no device is registered. Check it in PushDeer.",
)
EMPTY = "empty_result"


def _read(_answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    """`code` 0 with an empty result means that nobody got it: a wrong key, or no device."""
    if not (code := code_in(found, "code")):
        return None
    content = found.get("content")
    if code == "0" and not (isinstance(content, dict) and content.get("result")):
        return ProviderCode(EMPTY)
    return ProviderCode(code, str(found.get("error", "")))


class PushDeerConfig(Config):
    pushkey: Secret = setting(
        title=("PushKey", "PushKey"),
        about=("PushDeer App 里的 Key，以 PDU 开头", "From the PushDeer app, begins with PDU"),
        example="PDU…",
        max_length=200,
    )
    server: ServerAddress = own_server("https://api2.pushdeer.com")


class PushDeer(HttpKind[PushDeerConfig]):
    name: ClassVar[str] = "pushdeer"
    labels: ClassVar[dict[str, str]] = {"zh": "PushDeer", "en": "PushDeer"}
    example: ClassVar[dict[str, Any]] = {"pushkey": "PDU0000"}
    has_free_address: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {"0": DONE, EMPTY: broken(PUSHDEER_KEY)},
        unknown=ByMessage({"key": broken(PUSHDEER_KEY)}, broken(UNKNOWN)),
        read=_read,
    )

    def rate_key(self, config: PushDeerConfig) -> str:
        return f"{config.server}\n{revealed(config.pushkey)}"

    def request(self, config: PushDeerConfig, message: RenderedMessage) -> HttpRequest:
        body = {
            "pushkey": revealed(config.pushkey),
            "text": message.title,
            "desp": MARKDOWN.text_of(message, 8000, actions=message.actions),
            "type": "markdown",
        }
        return json_request(f"{config.server}/message/push", body)
