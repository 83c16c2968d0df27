"""ntfy, the public server or one's own. Source: https://docs.ntfy.sh/publish/#publish-as-json.

As JSON to the server's root: headers would need RFC 2047 for Chinese.
"""

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import Secret, ServerAddress
from daka.delivery.channels.kind import (
    HttpKind,
    Verdict,
    fitted,
    not_the_vendors,
    plain_http_verdict,
    retry_after,
    until_tomorrow,
)
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, shortened
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

LONGEST_TITLE_BYTES = 1000
LONGEST_MESSAGE_BYTES = 4096
MOST_ACTIONS = 3

_BROKEN = {"40101": Remedy.NTFY_LOGIN, "40301": Remedy.NTFY_LOGIN, "40009": Remedy.NTFY_TOPIC}
_BAD_MESSAGE = {
    "40007": Remedy.MESSAGE_REFUSED,
    "40017": Remedy.MESSAGE_REFUSED,
    "40024": Remedy.MESSAGE_REFUSED,
    "40018": Remedy.MESSAGE_REFUSED,
    "40057": Remedy.MESSAGE_TOO_LONG,
    "40058": Remedy.MESSAGE_TOO_LONG,
    "41303": Remedy.MESSAGE_TOO_LONG,
}


def _is_topic(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not (0 < len(text) <= 64 and all(part.isascii() and (part.isalnum() or part in "-_") for part in text)):
        raise ValueError("use letters, digits, - and _, at most 64 characters")
    return secret


class NtfyConfig(Config):
    topic: Annotated[Secret, AfterValidator(_is_topic)] = setting(
        zh="主题",
        en="Topic",
        help_zh="取一个猜不到的名字：知道名字的人都能读",
        help_en="Choose a name that cannot be guessed: whoever knows it can read it",
        example="clockin-7f3a91",
        max_length=64,
    )
    server: ServerAddress = setting(
        "https://ntfy.sh",
        zh="服务器",
        en="Server",
        help_zh="自建服务器才需要改",
        help_en="Only for a server of your own",
    )
    token: Secret | None = setting(
        None,
        zh="访问令牌",
        en="Access token",
        help_zh="以 tk_ 开头，主题受保护时填写",
        help_en="Begins with tk_, for protected topics",
        example="tk_…",
        max_length=200,
    )
    priority: int = setting(
        5, zh="优先级", en="Priority", help_zh="1 到 5，5 最高", help_en="1 to 5, 5 is the highest", ge=1, le=5
    )


class Ntfy(HttpKind[NtfyConfig]):
    name: ClassVar[str] = "ntfy"
    labels: ClassVar[dict[str, str]] = {"zh": "ntfy", "en": "ntfy"}
    config: ClassVar[type[Config]] = NtfyConfig
    example: ClassVar[dict[str, Any]] = {"topic": "clockin-7f3a91"}
    options: ClassVar[frozenset[str]] = frozenset({"token", "priority"})
    has_free_address: ClassVar[bool] = True

    def rate_key(self, config: NtfyConfig) -> str:
        return f"{config.server}\n{revealed(config.topic)}"

    def target(self, config: NtfyConfig) -> str:
        return urlsplit(config.server).netloc

    def request(self, config: NtfyConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        body: dict[str, Any] = {
            "topic": revealed(config.topic),
            "title": shortened(note.title, LONGEST_TITLE_BYTES),
            "message": fitted([], note.paragraphs, [], LONGEST_MESSAGE_BYTES) or note.title,
            "priority": config.priority,
            "tags": ["alarm_clock"],
        }
        if note.actions:
            body["click"] = note.actions[0].url
            body["actions"] = [
                {"action": "view", "label": action.label, "url": action.url, "clear": True}
                for action in note.actions[:MOST_ACTIONS]
            ]
        headers = dict(JSON_HEADERS)
        if config.token:
            headers["Authorization"] = f"Bearer {revealed(config.token)}"
        return HttpRequest(url=f"{config.server}/", body=json_bytes(body), headers=headers)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if status == 200 and found.get("event") == "message":
            return Verdict(Outcome.DONE, "200", "", http_status=status)
        if "code" not in found:
            return not_the_vendors(answer, shows_words=False)
        code, words = str(found["code"]), str(found.get("error", ""))[:400]
        if code == "42908":
            return Verdict(Outcome.THROTTLED, code, words, Remedy.DAILY_LIMIT, until_tomorrow("UTC"), status)
        if code.startswith("429"):
            return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, retry_after(answer), status)
        if code in _BAD_MESSAGE:
            return Verdict(Outcome.BAD_MESSAGE, code, words, _BAD_MESSAGE[code], http_status=status)
        if code in _BROKEN or code.startswith(("401", "403")):
            return Verdict(
                Outcome.BROKEN_CHANNEL, code, words, _BROKEN.get(code, Remedy.NTFY_LOGIN), http_status=status
            )
        if status >= 500:
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        if status == 404:
            return plain_http_verdict(answer, shows_words=False)
        return Verdict(Outcome.BAD_MESSAGE, code, words, Remedy.MESSAGE_REFUSED, http_status=status)
