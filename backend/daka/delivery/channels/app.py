"""What kinds share that send as an app of a company: an access token that runs out, and messages to one person each."""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from daka.delivery.channels.kind import HttpKind, SendContext, Verdict, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.outbound.tokens import AppToken
from daka.settings import Settings
from daka.vendors import apps
from daka.vendors.apps import App
from daka.vendors.replies import Meaning, Reply

C = TypeVar("C", bound=Config)


def listed(ids: str | None) -> list[str]:
    """The ids in a setting: commas, Chinese ones too, and blanks stand between them."""
    return re.findall(r"[^\s,，]+", ids or "")


MEANINGS: Mapping[Meaning, tuple[Outcome, Remedy]] = {
    Meaning.DONE: (Outcome.DONE, Remedy.NONE),
    Meaning.RETRY: (Outcome.RETRY, Remedy.NONE),
    Meaning.THROTTLED: (Outcome.THROTTLED, Remedy.THROTTLED),
    Meaning.MESSAGE: (Outcome.BAD_MESSAGE, Remedy.MESSAGE_REFUSED),
    Meaning.TOO_LONG: (Outcome.BAD_MESSAGE, Remedy.MESSAGE_TOO_LONG),
    Meaning.UNKNOWN: (Outcome.BROKEN_CHANNEL, Remedy.UNKNOWN),
}
"""What meanings are for every vendor; each kind adds its own."""


class AppKind(HttpKind[C]):
    """One person, one message: it is theirs, with their own links."""

    people_per_message: ClassVar[int] = 1
    sends_to_persons: ClassVar[bool] = True
    without_recipient: ClassVar[Remedy] = Remedy.NO_RECIPIENT
    """What helps when nobody is to be found in the note or the settings."""

    meanings: ClassVar[Mapping[Meaning, tuple[Outcome, Remedy]]]
    """The outcome and the remedy of every meaning that the vendor's table has."""

    @abstractmethod
    def app(self, config: C, settings: Settings) -> App:
        """The app as which the channel sends."""

    @abstractmethod
    def read(self, answer: HttpAnswer) -> Reply:
        """The meaning of an answer to `authorized`."""

    @abstractmethod
    def recipients(self, config: C, note: RenderedMessage) -> list[str]:
        """The vendor's ids of the people in the note, of an escalation its readers'; without any the channel's own.

        What is one person's own never goes to somebody else: a reminder for somebody without an id has no recipient.
        """

    @abstractmethod
    def authorized(
        self, config: C, token: str, to: list[str], note: RenderedMessage, settings: Settings
    ) -> HttpRequest:
        """The request with the app's token, to these people."""

    def request(self, config: C, note: RenderedMessage, settings: Settings) -> HttpRequest:
        return self.authorized(config, "…", self.recipients(config, note) or ["…"], note, settings)

    async def deliver(self, config: C, note: RenderedMessage, context: SendContext) -> Verdict:
        if not (to := self.recipients(config, note)):
            return Verdict(Outcome.BAD_MESSAGE, "no_recipient", "no userid to send to", self.without_recipient)
        return self.verdict_of(
            await self.ask(config, context, lambda token: self.authorized(config, token, to, note, context.settings))
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return self.verdict_of(self.read(answer))

    def verdict_of(self, reply: Reply) -> Verdict:
        if reply.found is None:
            return not_the_vendors(reply.answer)
        outcome, hint = self.meanings[reply.meaning]
        return Verdict(outcome, reply.code, reply.words, hint, reply.wait, reply.answer.status)

    async def ask(self, config: C, context: SendContext, request: Callable[[str], HttpRequest]) -> Reply:
        """Send a request with the app's token. What went over the wire shows no token.

        Raises:
            NoAnswer: see `Outbound.send`.
        """
        app = self.app(config, context.settings)

        async def fetch(asked: HttpRequest) -> HttpAnswer:
            shown = len(context.exchanges)
            answer = await context.send(asked)
            if isinstance(app.token_in(answer), AppToken):
                del context.exchanges[shown:]  # the answer carries a token that was not known to be secret
            return answer

        async def send(asked: HttpRequest) -> HttpAnswer:
            context.counted_calls += 1
            return await context.send(asked)

        def with_token(token: str) -> HttpRequest:
            if token not in context.secrets:
                context.secrets.append(token)
            return request(token)

        return await apps.ask(app, context.outbound.tokens, send, with_token, self.read, fetch=fetch)
