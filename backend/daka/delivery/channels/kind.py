"""What a kind of channel is: a settings schema, message → request, answer → verdict. One file per kind, listed in `registry`.

ChannelKind          delivers a message by any means (inbox, e-mail)
└── HttpKind         with one request, whose answer is read by a table of codes (`verdicts`)
    ├── RobotKind    with the webhook of a group's robot
    └── AppKind      with an app's access token (`app`)
"""

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import Database
from daka.delivery.channels.people import Call
from daka.delivery.channels.verdicts import CodeTable, Verdict
from daka.delivery.messages import Answer, Mention, RenderedMessage
from daka.delivery.models import Channel, Outcome
from daka.delivery.remedies import HTTP_REFUSED, MESSAGE_REFUSED, NOT_KNOWN
from daka.outbound.bodies import mended
from daka.outbound.config import Config, Kind, revealed
from daka.outbound.http import Outbound, moved
from daka.outbound.masking import masked, secret_parts
from daka.outbound.quota import account_key
from daka.outbound.requests import HttpAnswer, HttpRequest, NoAnswer, Vendor
from daka.schema import Schema

C = TypeVar("C", bound=Config)


@dataclass(frozen=True, slots=True)
class Rate:
    """The most messages in a sliding period, for one robot, whichever process or channel sends them."""

    messages: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class ChatApp:
    """The app, bot or robot over whose connection people's answers come in: one connection, whichever channels use it."""

    dialect: str
    """Which vendor's, see `chat.dialects`."""
    name: str
    """Its public name there: the AppKey, the bot's number."""
    secret: str = field(repr=False)
    realm: str
    """Within what people's ids are unique: the same person has one id there."""
    is_for_want_of_links: bool = False
    """Used only where messages carry no links, because no phone could open them."""
    carries_messages: bool = False
    """Messages go out over the connection as well, so that only the process that holds it can send."""

    @property
    def key(self) -> str:
        """It contains the secret: who only knows the public name must not take over somebody's connection."""
        return account_key(f"chat {self.dialect}", f"{self.name}\n{self.secret}")


@dataclass(frozen=True, slots=True)
class CardState:
    """What a message that was sent says now."""

    text: str
    """`● 已打卡 08:58`; empty while nothing has happened."""
    answers: tuple[Answer, ...] = ()
    """The buttons that remain."""

    def on(self, message: RenderedMessage) -> RenderedMessage:
        """The message with this beneath its text."""
        text = (self.text,) if self.text else ()
        return replace(message, answers=self.answers, actions=(), paragraphs=(*message.paragraphs, *text))


@dataclass(frozen=True, slots=True)
class Budget:
    """The account whose monthly API calls a channel uses, as punch sources count them, and the limit; 0 is no limit."""

    account: str
    monthly_calls: int


class ExchangeRead(Schema):
    """A request and its answer, with secrets masked and at most 2 kB of the answer."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int | None
    answer: str = Field(
        description="Empty if people type in the address themselves and the asker is not an administrator"
    )


LONGEST_SHOWN = 2048


@dataclass(slots=True)
class SendContext:
    """What one attempt works with. It records the exchanges, masked."""

    channel: Channel
    outbound: Outbound
    database: Database
    secrets: list[str] = field(default_factory=list, repr=False)
    """What to mask: the channel's secrets, and tokens that were fetched for it."""
    exchanges: list[ExchangeRead] = field(default_factory=list)
    is_watched: bool = True
    """Whether exchanges are recorded: only a test send shows them."""
    counted_calls: int = 0
    """Requests that count against the vendor's monthly quota."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request. Of an answer that was cut, what came counts. Raises NoAnswer: see `Outbound.send`."""
        request = moved(request, self.outbound.origins)
        status, text = None, ""
        try:
            answer = await self.outbound.send(request)
            status, text = answer.status, answer.text
            return replace(answer, text=mended(text))
        except NoAnswer as failure:
            text = str(failure)
            raise
        finally:
            if self.is_watched:
                body = request.body.decode(errors="replace")
                self.note_exchange(request.method, request.url, request.headers, body, status, text)

    def note_exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str, status: int | None, answer: str
    ) -> None:
        if not self.is_watched:
            return
        self.exchanges.append(
            ExchangeRead(
                method=method,
                url=masked(url, self.secrets),
                headers={name: masked(value, self.secrets) for name, value in headers.items()},
                body=masked(body, self.secrets),
                status=status,
                answer=masked(answer, self.secrets)[:LONGEST_SHOWN],
            )
        )


class ChannelKind(Kind[C]):
    """Base of all kinds."""

    config: ClassVar[type[Config]]
    example: ClassVar[dict[str, Any]]
    """Valid settings, for previews and tests. A secret in it contains `0000`, which tests replace by a canary."""
    vendor: ClassVar[Vendor | None] = None
    """Whose servers it talks to. Without one its users choose the address (`has_free_address`), or it talks to none."""
    rate: ClassVar[Rate | None] = None
    burst: ClassVar[Rate | None] = None
    """A second limit, over a shorter period."""
    people_per_message: ClassVar[int] = 50
    sends_to_persons: ClassVar[bool] = False
    """Each message goes to one person's own id, not to a group."""
    goes_by_profile: ClassVar[bool] = False
    """That id is the DingTalk userid in people's profiles, so that planners are reached without being listed in the settings."""
    jitter: ClassVar[timedelta] = timedelta(0)
    """What is due at a round time is spread over this period, where the vendor asks for that."""
    has_free_address: ClassVar[bool] = False
    """Users choose the address: its answers are shown to administrators only (blind SSRF)."""
    is_choosable: ClassVar[bool] = True
    """Whether users add such channels themselves."""

    changes_only_newest: ClassVar[bool] = False
    """Of several messages about a reminder only the last one is changed in place."""

    options: ClassVar[frozenset[str]] = frozenset()
    """Settings that do not change who sees a message: its format, a keyword, a password."""

    @abstractmethod
    def rate_key(self, config: C) -> str | None:
        """What shares one order and one rate limit: the robot, the app, the account. None: this channel alone.

        It contains the secret that opens it: who only knows an app's public ids must not use up its rate, or have it throttled.
        """

    def audience_key(self, config: C) -> str | None:
        """Who sees a message: equal for channels that reach the same people in the same place, which get an escalation once.

        All settings but the `options`, unless a kind knows better. None: this channel alone.
        """
        values = {**dict(config), **config.secrets()}
        return json.dumps({name: str(values[name]) for name in sorted(values.keys() - self.options)})

    @abstractmethod
    async def deliver(self, config: C, message: RenderedMessage, context: SendContext) -> Verdict:
        """Make one attempt. Raises NoAnswer: there was no usable answer."""

    @abstractmethod
    def preview(self, config: C, message: RenderedMessage) -> str:
        """The body that would be sent, in readable form."""

    def call(self, config: C, person: Mention) -> Call | None:
        """Whether a reminder calls this person, or reaches them where each has their own; None: the kind calls nobody."""
        return None

    async def receipt(self, config: C, ticket: str, context: SendContext) -> Verdict:
        """The fate of a message that the provider accepted under this ticket (`Verdict.ticket`).

        DONE: it arrived. BAD_MESSAGE: it did not. RETRY, THROTTLED: ask again later. BROKEN_CHANNEL: no receipts are available.
        Raises NoAnswer: there was no usable answer.
        """
        raise NotImplementedError(f"{self.name} gives no receipts")

    def chat_app(self, config: C) -> ChatApp | None:
        """Where answers to this channel's messages come in; None: its messages carry links only."""
        return None

    async def update(
        self, config: C, card: str, message: RenderedMessage, state: CardState, context: SendContext
    ) -> Verdict:
        """Change a message that was sent under this id (`Verdict.card`) in place.

        Raises NoAnswer: there was no usable answer.
        """
        raise NotImplementedError(f"{self.name} cannot change what it sent")

    def budget(self, config: C) -> Budget | None:
        """The monthly quota that it uses; None without one."""
        return None

    async def keep(self, session: AsyncSession, channel: Channel, message: RenderedMessage) -> None:
        """Write to the transaction that records a success; only the inbox does."""

    def target(self, config: C) -> str:
        """The host it goes to, without secrets."""
        if isinstance(server := getattr(config, "server", None), str):
            return urlsplit(server).netloc
        return super().target(config) or (self.vendor.hosts[0] if self.vendor else "")

    def lane(self, config: C) -> str | None:
        """Key of the lane that this channel sends in; None for one of its own."""
        return hashed(self.name, self.rate_key(config))

    def audience(self, config: C) -> str | None:
        """De-duplication key of escalations: one is sent once per audience. None for an audience of its own."""
        return hashed(self.name, self.audience_key(config))

    def secrets(self, config: C) -> list[str]:
        """What to mask wherever it appears."""
        return secret_parts(config.secrets().values())


def hashed(kind: str, key: str | None) -> str | None:
    return None if key is None else account_key(kind, key)


def may_be_about_content(verdict: Verdict) -> bool:
    """Whether the content was refused, or a code that no table knows, or HTTP 400, does not say what was."""
    if verdict.outcome is Outcome.BROKEN_CHANNEL:
        return verdict.hint in NOT_KNOWN or (verdict.hint is HTTP_REFUSED and verdict.http_status == 400)
    return verdict.outcome is Outcome.BAD_MESSAGE and verdict.hint is MESSAGE_REFUSED


class HttpKind(ChannelKind[C]):
    """A kind that delivers with one HTTP request."""

    codes: ClassVar[CodeTable]
    """What the provider's answers mean."""

    @abstractmethod
    def request(self, config: C, message: RenderedMessage) -> HttpRequest:
        """The HTTP request for one attempt. Pure; the moment of the attempt is `message.at`."""

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return self.codes.verdict(answer, shows_words=not self.has_free_address)

    async def deliver(self, config: C, message: RenderedMessage, context: SendContext) -> Verdict:
        verdict = self.verdict(await context.send(self.request(config, message)))
        return await self.undecorated(verdict, config, message, context)

    async def undecorated(self, verdict: Verdict, config: C, message: RenderedMessage, context: SendContext) -> Verdict:
        """If the content was refused, or for an unknown reason, send it once more without decorations (`is_plain`).

        A button, a card or a mention that a vendor does not take must not cost the reminder.
        """
        if message.is_plain or not may_be_about_content(verdict):
            return verdict
        plain = replace(message, is_plain=True)
        if self.request(config, plain).body == self.request(config, message).body:
            return verdict
        again = await self.deliver(config, plain, context)
        is_known = again.outcome is not Outcome.RETRY or (again.http_status or 0) >= 500
        return verdict if again.outcome in (Outcome.BAD_MESSAGE, verdict.outcome) or not is_known else again

    def preview(self, config: C, message: RenderedMessage) -> str:
        body = json.loads(self.request(config, message).body)
        return json.dumps(body, ensure_ascii=False, indent=2)


class RobotConfig(Config):
    webhook_url: SecretStr


R = TypeVar("R", bound=RobotConfig)


class RobotKind(HttpKind[R]):
    """A robot of one group. Its webhook names the group, so that it is both what is rated and who sees a message."""

    def rate_key(self, config: R) -> str:
        return urlsplit(revealed(config.webhook_url)).path

    def audience_key(self, config: R) -> str:
        return self.rate_key(config)
