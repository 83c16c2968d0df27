"""PushDeer, the public server or one's own. Source: https://github.com/easychen/pushdeer."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from daka.delivery.channels.fields import Secret, ServerAddress
from daka.delivery.channels.kind import HttpKind, Verdict, fitted, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings


class PushDeerConfig(Config):
    pushkey: Secret = setting(
        zh="PushKey",
        en="PushKey",
        help_zh="PushDeer App 里的 Key，以 PDU 开头",
        help_en="From the PushDeer app, begins with PDU",
        example="PDU…",
        max_length=200,
    )
    server: ServerAddress = setting(
        "https://api2.pushdeer.com",
        zh="服务器",
        en="Server",
        help_zh="自建服务器才需要改",
        help_en="Only for a server of your own",
    )


class PushDeer(HttpKind[PushDeerConfig]):
    name: ClassVar[str] = "pushdeer"
    labels: ClassVar[dict[str, str]] = {"zh": "PushDeer", "en": "PushDeer"}
    config: ClassVar[type[Config]] = PushDeerConfig
    example: ClassVar[dict[str, Any]] = {"pushkey": "PDU0000"}
    has_free_address: ClassVar[bool] = True

    def rate_key(self, config: PushDeerConfig) -> str:
        return f"{config.server}\n{revealed(config.pushkey)}"

    def target(self, config: PushDeerConfig) -> str:
        return urlsplit(config.server).netloc

    def request(self, config: PushDeerConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
        body = {
            "pushkey": revealed(config.pushkey),
            "text": note.title,
            "desp": fitted([], note.paragraphs, [links], 8000, between="\n\n"),
            "type": "markdown",
        }
        return HttpRequest(url=f"{config.server}/message/push", body=json_bytes(body), headers=JSON_HEADERS)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        """`code` 0 with an empty result means that nobody got it: a wrong key, or no device."""
        found, status = json_object(answer.text) or {}, answer.status
        if "code" not in found:
            return not_the_vendors(answer, shows_words=False)
        code, words = str(found["code"]), str(found.get("error", ""))[:400]
        if code == "0":
            content = found.get("content")
            if isinstance(content, dict) and content.get("result"):
                return Verdict(Outcome.DONE, code, words, http_status=status)
            return Verdict(Outcome.BROKEN_CHANNEL, code, "empty result", Remedy.PUSHDEER_KEY, http_status=status)
        if status >= 500:
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        hint = Remedy.PUSHDEER_KEY if "key" in words.lower() else Remedy.UNKNOWN
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, hint, http_status=status)
