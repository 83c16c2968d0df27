"""What kinds share that send as a company's app: an access token that expires, and one message per person."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from daka.delivery import remedies
from daka.delivery.channels.kind import HttpKind, SendContext
from daka.delivery.channels.verdicts import (
    DONE,
    RETRY,
    Verdict,
    VerdictRow,
    broken,
    nobody,
    not_the_vendors,
    refused,
    throttled,
)
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config
from daka.outbound.requests import HttpAnswer, HttpRequest
from daka.outbound.tokens import AppToken
from daka.vendors import apps
from daka.vendors.apps import App
from daka.vendors.replies import Meaning, VendorReply

C = TypeVar("C", bound=Config)


MEANINGS: Mapping[Meaning, VerdictRow] = {
    Meaning.DONE: DONE,
    Meaning.RETRY: RETRY,
    Meaning.THROTTLED: throttled(),
    Meaning.HELD: refused(remedies.PERSON_HELD),
    Meaning.MESSAGE: refused(),
    Meaning.TOO_LONG: refused(remedies.MESSAGE_TOO_LONG),
    Meaning.UNKNOWN: broken(remedies.UNKNOWN),
}
"""What every vendor's meanings are for a channel; each kind adds its own."""


class AppKind(HttpKind[C]):
    """One message per person, with that person's own links."""

    people_per_message: ClassVar[int] = 1
    sends_to_persons: ClassVar[bool] = True
    without_recipient: ClassVar[Remedy] = remedies.NO_RECIPIENT
    """The remedy when neither message nor settings name a recipient."""
    meanings: ClassVar[Mapping[Meaning, VerdictRow]]
    """The outcome and the remedy of every meaning in the vendor's table (`daka.vendors`)."""

    @abstractmethod
    def app(self, config: C) -> App:
        """The app as which the channel sends."""

    @abstractmethod
    def read(self, answer: HttpAnswer) -> VendorReply:
        """The meaning of an answer to `authorized`."""

    @abstractmethod
    def recipients(self, config: C, message: RenderedMessage) -> list[str]:
        """The vendor's ids of the people in the message, or of an escalation's readers; without any, the channel's own.

        A reminder never goes to anybody but the person: without an id it has no recipient.
        """

    @abstractmethod
    def authorized(self, config: C, token: str, to: list[str], message: RenderedMessage) -> HttpRequest:
        """The request with the app's token, to these people."""

    def request(self, config: C, message: RenderedMessage) -> HttpRequest:
        return self.authorized(config, "…", self.recipients(config, message) or ["…"], message)

    async def deliver(self, config: C, message: RenderedMessage, context: SendContext) -> Verdict:
        if not (to := self.recipients(config, message)):
            return self.no_recipient(message)
        verdict = self.verdict_of(
            await self.ask(config, context, lambda token: self.authorized(config, token, to, message))
        )
        return await self.undecorated(verdict, config, message, context)

    def no_recipient(self, message: RenderedMessage) -> Verdict:
        """Nobody was asked: there is nobody to send to."""
        return nobody(message, self.without_recipient)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return self.verdict_of(self.read(answer))

    def verdict_of(self, reply: VendorReply) -> Verdict:
        if reply.found is None:
            return not_the_vendors(reply.answer)
        row = self.meanings[reply.meaning]
        return Verdict(row.outcome, reply.code, reply.words, row.remedy, reply.wait, reply.answer.status)

    async def ask(
        self,
        config: C,
        context: SendContext,
        request: Callable[[str], HttpRequest],
        read: Callable[[HttpAnswer], VendorReply] | None = None,
    ) -> VendorReply:
        """Send a request with the app's token. The recorded exchanges show no token.

        Raises NoAnswer: see `Outbound.send`.
        """
        app = self.app(config)

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

        return await apps.ask(app, context.outbound.tokens, send, with_token, read or self.read, fetch=fetch)
