"""Server酱: Turbo (keys SCT…) and Server酱³ (keys sctp…). Source: https://sct.ftqq.com, https://doc.sc3.ft07.com."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import HttpKind, Verdict, fitted, not_the_vendors, until_tomorrow
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

LONGEST_TITLE = 32
LONGEST_TEXT_BYTES = 32_000
_THREE = re.compile(r"sctp(\d+)t\w+", re.IGNORECASE)


def _is_key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"SCT\w+|sctp\d+t\w+", secret.get_secret_value(), re.IGNORECASE):
        raise ValueError("must begin with SCT or sctp")
    return secret


class ServerChanConfig(Config):
    sendkey: Annotated[Secret, AfterValidator(_is_key)] = setting(
        zh="SendKey",
        en="SendKey",
        help_zh="以 SCT 或 sctp 开头。免费版每天只有几条，多次提醒会不够用",
        help_en="Begins with SCT or sctp. The free plan has only a few messages a day",
        example="SCT…",
        max_length=200,
    )


class ServerChan(HttpKind[ServerChanConfig]):
    name: ClassVar[str] = "serverchan"
    labels: ClassVar[dict[str, str]] = {"zh": "Server酱", "en": "ServerChan"}
    config: ClassVar[type[Config]] = ServerChanConfig
    example: ClassVar[dict[str, Any]] = {"sendkey": "SCT0000"}

    def rate_key(self, config: ServerChanConfig) -> str:
        return revealed(config.sendkey)

    def target(self, config: ServerChanConfig) -> str:
        return "push.ft07.com" if _THREE.fullmatch(revealed(config.sendkey)) else "sctapi.ftqq.com"

    def request(self, config: ServerChanConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        key = revealed(config.sendkey)
        if three := _THREE.fullmatch(key):
            url = f"https://{three[1]}.push.ft07.com/send/{key}.send"
        else:
            url = f"https://sctapi.ftqq.com/{key}.send"
        links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
        body = {
            "title": note.title[:LONGEST_TITLE],
            "desp": fitted([], note.paragraphs, [links], LONGEST_TEXT_BYTES, between="\n\n"),
            "short": (note.paragraphs or (note.title,))[0][:64],
        }
        return HttpRequest(
            url=rebased(url, settings.serverchan_base_url),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.serverchan_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if "code" not in found:
            return not_the_vendors(answer)
        inner = found.get("data")
        inner_code = inner.get("errno", 0) if isinstance(inner, dict) else 0
        code = str(found["code"] or inner_code)
        words = str(found.get("message") or (inner.get("error", "") if isinstance(inner, dict) else ""))[:400]
        if code == "0":
            return Verdict(Outcome.DONE, code, words, http_status=status)
        if "次数" in words or "超过" in words:
            return Verdict(Outcome.THROTTLED, code, words, Remedy.DAILY_LIMIT, until_tomorrow(), status)
        if status >= 500:
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        hint = Remedy.SERVERCHAN_KEY if "key" in words.lower() or "AUTH" in words else Remedy.UNKNOWN
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, hint, http_status=status)
