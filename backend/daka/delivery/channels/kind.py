"""What a kind of channel is: a settings schema, message → request, answer → verdict. One file per kind, listed in `registry`."""

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict, SecretStr

from daka.delivery.http import HttpAnswer, HttpRequest, NoAnswer
from daka.delivery.messages import Note
from daka.delivery.models import Outcome
from daka.settings import Settings


class Config(BaseModel):
    """Settings of a channel. Fields of type SecretStr are encrypted at rest and never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def secret_fields(cls) -> frozenset[str]:
        return frozenset(name for name, info in cls.model_fields.items() if "SecretStr" in str(info.annotation))


C = TypeVar("C", bound=Config)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many messages in so long, for one robot, whoever sends them."""

    messages: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means, with the provider's own code and words, and the code of a remedy (`hint`)."""

    outcome: Outcome
    provider_code: str = ""
    provider_message: str = ""
    hint: str = ""
    retry_after: timedelta | None = None
    http_status: int | None = None


class ChannelKind(ABC, Generic[C]):
    """Base of all kinds that speak HTTP; `inbox` is the one that does not."""

    name: ClassVar[str]
    labels: ClassVar[dict[str, str]]
    """Names for people, by language."""
    config: ClassVar[type[Config]]
    rate: ClassVar[Rate | None] = None
    people_per_message: ClassVar[int] = 50

    @abstractmethod
    def identity(self, config: C) -> str:
        """What makes two channels the same robot: they share order and rate limit. May be secret; it is hashed."""

    @abstractmethod
    def request(self, config: C, note: Note, settings: Settings) -> HttpRequest:
        """The HTTP request for one attempt."""

    @abstractmethod
    def verdict(self, answer: HttpAnswer) -> Verdict:
        """What the provider's answer means, its own code first."""

    def target(self, config: C) -> str:
        """Where it goes, fit to be shown."""
        return ""

    def lane(self, config: C) -> str:
        """Key of the lane that this channel sends in."""
        return hashlib.sha256(f"{self.name}\n{self.identity(config)}".encode()).hexdigest()[:40]

    def parsed(self, values: dict[str, Any]) -> C:
        """Settings as the kind's own type.

        Raises:
            pydantic.ValidationError: they do not fit.
        """
        return cast(C, self.config.model_validate(values))


def verdict_without_answer(failure: NoAnswer) -> Verdict:
    """No answer: try again, unless the address itself is refused."""
    outcome = Outcome.BROKEN_CHANNEL if failure.is_address_refused else Outcome.RETRY
    hint = "address_refused" if failure.is_address_refused else ""
    return Verdict(outcome, failure.code, str(failure), hint)


def plain_http_verdict(answer: HttpAnswer, *, now: datetime | None = None) -> Verdict:
    """What an HTTP status alone says, for providers that say nothing more.

    2xx is done, 408/425/429/502/504 wait, other 5xx are tried again, 3xx and 4xx need a person.
    """
    code, words = str(answer.status), answer.text.strip()[:200]
    if 200 <= answer.status < 300:
        return Verdict(Outcome.DONE, code, words, http_status=answer.status)
    if answer.status == 429:
        return Verdict(Outcome.THROTTLED, code, words, "throttled", retry_after(answer), answer.status)
    if answer.status in (408, 425) or answer.status >= 500:
        return Verdict(
            Outcome.RETRY, code, words, "", retry_after(answer) if answer.status == 503 else None, answer.status
        )
    if 300 <= answer.status < 400:
        return Verdict(
            Outcome.BROKEN_CHANNEL, code, "redirects are not followed", "redirect", http_status=answer.status
        )
    if answer.status in (413, 422):
        return Verdict(Outcome.BAD_MESSAGE, code, words, "message_refused", http_status=answer.status)
    return Verdict(Outcome.BROKEN_CHANNEL, code, words, "http_refused", http_status=answer.status)


def retry_after(answer: HttpAnswer) -> timedelta | None:
    """The `Retry-After` header in seconds, at most an hour."""
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(text), 3600)) if text.isdecimal() else None


def json_object(text: str) -> dict[str, Any] | None:
    """The answer as a JSON object, None if it is anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def json_bytes(body: dict[str, Any]) -> bytes:
    """Compact UTF-8: Chinese takes three bytes a character, not six."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def shortened(text: str, limit_bytes: int) -> str:
    """The text cut to a number of UTF-8 bytes, never inside a character."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    return encoded[: limit_bytes - 3].decode(errors="ignore") + "…"


def revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
