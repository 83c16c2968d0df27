"""What a kind of channel is: a settings schema, message → request, answer → verdict. One file per kind, listed in `registry`.

ChannelKind          delivers a note by any means (inbox, e-mail)
└── HttpKind         does it with one request and reads the answer
    └── AppKind      the same with an app's access token (`app`)
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.database import Database
from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.models import Channel, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import shortened
from daka.outbound.config import Config
from daka.outbound.http import HttpAnswer, HttpRequest, NoAnswer, Outbound
from daka.outbound.masking import masked, secret_parts
from daka.settings import Settings

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
    hint: Remedy = Remedy.NONE
    retry_after: timedelta | None = None
    http_status: int | None = None
    receipt: str = ""
    """The number under which the provider says later what became of the message (see `ChannelKind.receipt`)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Whose monthly API calls a channel uses up, as punch sources count them, and how many those are; 0 is no limit."""

    account: str
    monthly_calls: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, secrets masked, for the eyes of the channel's owner."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    status: int | None
    answer: str


LONGEST_SHOWN = 2048


@dataclass(slots=True)
class SendContext:
    """What an attempt may use to reach people. It remembers what went over it, masked."""

    channel: Channel
    settings: Settings
    outbound: Outbound
    database: Database
    secrets: list[str] = field(default_factory=list, repr=False)
    """What must not be seen: the channel's secrets, and tokens that were fetched for it."""
    exchanges: list[Exchange] = field(default_factory=list)
    is_watched: bool = True
    """Whether anybody will see the exchanges: only whoever tries a channel."""
    counted_calls: int = 0
    """How many requests the vendor counts in the month's calls."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request.

        Raises:
            NoAnswer: see `Outbound.send`.
        """
        status, answer = None, ""
        try:
            found = await self.outbound.send(request)
            status, answer = found.status, found.text
            return found
        except NoAnswer as failure:
            answer = str(failure)
            raise
        finally:
            if self.is_watched:
                body = request.body.decode(errors="replace")
                self.note_exchange(request.method, request.url, request.headers, body, status, answer)

    def note_exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str, status: int | None, answer: str
    ) -> None:
        if not self.is_watched:
            return
        self.exchanges.append(
            Exchange(
                method,
                masked(url, self.secrets),
                {name: masked(value, self.secrets) for name, value in headers.items()},
                masked(body, self.secrets),
                status,
                masked(answer, self.secrets)[:LONGEST_SHOWN],
            )
        )


class ChannelKind(ABC, Generic[C]):
    """Base of all kinds."""

    name: ClassVar[str]
    labels: ClassVar[dict[str, str]]
    """Names for people, by language."""
    config: ClassVar[type[Config]]
    example: ClassVar[dict[str, Any]]
    """Settings that would do, for previews."""
    rate: ClassVar[Rate | None] = None
    burst: ClassVar[Rate | None] = None
    """A second, shorter limit that holds as well."""
    people_per_message: ClassVar[int] = 50
    sends_to_persons: ClassVar[bool] = False
    """Each message is one person's own and goes to their own id: the lane does not say who gets it."""
    goes_by_profile: ClassVar[bool] = False
    """That id is the DingTalk userid in people's profiles, so that planners can be written to without being named here."""
    jitter: ClassVar[timedelta] = timedelta(0)
    """Spread over so long what is due at a round time, where the vendor asks for that."""
    has_free_address: ClassVar[bool] = False
    """People choose the address themselves: what it answers is shown to administrators only (blind SSRF)."""
    is_choosable: ClassVar[bool] = True
    """Whether people add such channels themselves."""

    options: ClassVar[frozenset[str]] = frozenset()
    """Settings that do not change who sees a message: its format, a keyword, a password."""

    @abstractmethod
    def rate_key(self, config: C) -> str | None:
        """What shares one order and one rate limit: the robot, the app, the account. None: this channel alone."""

    def audience_key(self, config: C) -> str | None:
        """Who sees a message: equal for channels that reach the same people in the same place, which get an escalation once.

        All settings but the `options`, unless a kind knows better. None: this channel alone.
        """
        told = {**dict(config), **config.secrets()}
        return json.dumps({name: str(told[name]) for name in sorted(told.keys() - self.options)})

    @abstractmethod
    async def deliver(self, config: C, note: RenderedMessage, context: SendContext) -> Verdict:
        """Make one attempt.

        Raises:
            NoAnswer: there was no usable answer.
        """

    @abstractmethod
    def preview(self, config: C, note: RenderedMessage, settings: Settings) -> str:
        """What would be sent, for people to read."""

    async def receipt(self, config: C, ticket: str, context: SendContext) -> Verdict:
        """What became of a message that the provider accepted under this number (`Verdict.receipt`).

        DONE: it arrived. BAD_MESSAGE: it did not. RETRY, THROTTLED: ask again later. BROKEN_CHANNEL: this cannot be asked.

        Raises:
            NoAnswer: there was no usable answer.
        """
        raise NotImplementedError(f"{self.name} gives no receipts")

    def budget(self, config: C) -> Budget | None:
        """Whose monthly API calls it uses up; None where nobody counts them."""
        return None

    async def keep(self, session: AsyncSession, channel: Channel, note: RenderedMessage) -> None:
        """What is written in the transaction that records a success; only the inbox has something to write."""

    def target(self, config: C) -> str:
        """Where it goes, fit to be shown."""
        return ""

    def lane(self, config: C) -> str | None:
        """Key of the lane that this channel sends in; None for one of its own."""
        return hashed(self.name, self.rate_key(config))

    def audience(self, config: C) -> str | None:
        """De-duplication key of escalations: one is sent once per audience. None for an audience of its own."""
        return hashed(self.name, self.audience_key(config))

    def parsed(self, values: dict[str, Any]) -> C:
        """Settings as the kind's own type.

        Raises:
            pydantic.ValidationError: they do not fit.
        """
        return cast(C, self.config.model_validate(values))

    def secrets(self, config: C) -> list[str]:
        """What must not be seen anywhere."""
        return secret_parts(config.secrets().values())


def hashed(kind: str, key: str | None) -> str | None:
    return None if key is None else hashlib.sha256(f"{kind}\n{key}".encode()).hexdigest()[:40]


class HttpKind(ChannelKind[C]):
    """A kind that delivers with one HTTP request."""

    @abstractmethod
    def request(self, config: C, note: RenderedMessage, settings: Settings) -> HttpRequest:
        """The HTTP request for one attempt."""

    @abstractmethod
    def verdict(self, answer: HttpAnswer) -> Verdict:
        """What the provider's answer means, its own code first."""

    async def deliver(self, config: C, note: RenderedMessage, context: SendContext) -> Verdict:
        return self.verdict(await context.send(self.request(config, note, context.settings)))

    def preview(self, config: C, note: RenderedMessage, settings: Settings) -> str:
        body = json.loads(self.request(config, note, settings).body)
        return json.dumps(body, ensure_ascii=False, indent=2)


# --- verdicts --------------------------------------------------------------------------------------------------------


def verdict_without_answer(failure: NoAnswer) -> Verdict:
    """No answer: try again, unless the address itself is refused."""
    if failure.is_address_refused:
        return Verdict(Outcome.BROKEN_CHANNEL, failure.code, str(failure), Remedy.ADDRESS_REFUSED)
    return Verdict(Outcome.RETRY, failure.code, str(failure))


def plain_http_verdict(answer: HttpAnswer, *, shows_words: bool = True) -> Verdict:
    """What an HTTP status alone says, for providers that say nothing more.

    2xx is done, 408/425 and 5xx are tried again, 429 holds the channel, 3xx and other 4xx need a person.
    """
    code, words, status = str(answer.status), answer.text.strip()[:200] if shows_words else "", answer.status
    if 200 <= status < 300:
        return Verdict(Outcome.DONE, code, words, http_status=status)
    if status == 429:
        return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, retry_after(answer), status)
    if status in (408, 425) or status >= 500:
        return Verdict(
            Outcome.RETRY, code, words, retry_after=retry_after(answer) if status == 503 else None, http_status=status
        )
    if 300 <= status < 400:
        return Verdict(Outcome.BROKEN_CHANNEL, code, "redirects are not followed", Remedy.REDIRECT, http_status=status)
    if status in (413, 422):
        return Verdict(Outcome.BAD_MESSAGE, code, words, Remedy.MESSAGE_REFUSED, http_status=status)
    return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.HTTP_REFUSED, http_status=status)


def not_the_vendors(answer: HttpAnswer, *, shows_words: bool = True) -> Verdict:
    """An answer that is not in the vendor's form: by its HTTP status, but success is never believed."""
    if answer.status < 300:
        return Verdict(Outcome.RETRY, "", "the answer was not the provider's", http_status=answer.status)
    return plain_http_verdict(answer, shows_words=shows_words)


def retry_after(answer: HttpAnswer) -> timedelta | None:
    """The `Retry-After` header in seconds, at most an hour."""
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(text), 3600)) if text.isdecimal() else None


def until_tomorrow(zone: str = "Asia/Shanghai", now: datetime | None = None) -> timedelta:
    """How long until the next midnight there, when daily quotas come back."""
    here = (now or clock.now()).astimezone(ZoneInfo(zone))
    midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), here.tzinfo)
    return midnight - here


# --- bodies ----------------------------------------------------------------------------------------------------------


def fitted(
    head: Sequence[str], middle: Sequence[str], tail: Sequence[str], limit_bytes: int, *, between: str = "\n"
) -> str:
    """Head, middle and tail in so many bytes: the middle gives context, so that mentions and links at the end stay whole."""
    kept = list(middle)

    def whole() -> str:
        left_out = [f"……另有 {len(middle) - len(kept)} 行"] if len(kept) < len(middle) else []
        return between.join(part for part in (*head, *kept, *left_out, *tail) if part)

    while kept and len(whole().encode()) > limit_bytes:
        kept.pop()
    return shortened(whole(), limit_bytes)


def ids_by_name(text: str) -> dict[str, str]:
    """`张三 ou_1a2b` line by line, as people write it: who is called by which id."""
    pairs = (line.replace("=", " ").replace("：", " ").replace(":", " ").split() for line in text.splitlines())
    return {words[0]: words[-1] for words in pairs if len(words) >= 2}


def id_of(mention: Mention, ids: Mapping[str, str]) -> str | None:
    """The vendor's id of a mentioned person, found by mobile number or name."""
    return ids.get(mention.mobile or "") or ids.get(mention.name)
