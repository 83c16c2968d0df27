"""What kinds share that send as an app of a company: an access token that runs out, and messages to one person each."""

import re
from abc import abstractmethod
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar, TypeVar

from daka import clock
from daka.delivery.channels.kind import HttpKind, SendContext, Verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.outbound.tokens import AppToken
from daka.settings import Settings

C = TypeVar("C", bound=Config)


def listed(ids: str | None) -> list[str]:
    """The ids in a setting: commas, Chinese ones too, and blanks stand between them."""
    return re.findall(r"[^\s,，]+", ids or "")


class AppRefused(Exception):
    """The app did not get a token."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.provider_code)
        self.verdict = verdict


class AppKind(HttpKind[C]):
    """One person, one message: it is theirs, with their own links."""

    people_per_message: ClassVar[int] = 1
    sends_to_persons: ClassVar[bool] = True
    without_recipient: ClassVar[Remedy] = Remedy.NO_RECIPIENT
    """What helps when nobody is to be found in the note or the settings."""

    @abstractmethod
    def app(self, config: C) -> str:
        """Whose token it is: equal for channels that send as the same app with the same secret."""

    @abstractmethod
    def token_request(self, config: C, settings: Settings) -> HttpRequest:
        """The request for a token."""

    @abstractmethod
    def token_in(self, answer: HttpAnswer) -> tuple[str, timedelta] | None:
        """The token in an answer and how long it is good; None: the app was refused."""

    @abstractmethod
    def is_token_refused(self, answer: HttpAnswer) -> bool:
        """Whether the vendor takes the token no longer."""

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
        try:
            answer = await self.ask(
                config, context, lambda token: self.authorized(config, token, to, note, context.settings)
            )
        except AppRefused as refused:
            return refused.verdict
        return self.verdict(answer)

    async def ask(
        self, config: C, context: SendContext, request: Callable[[str], HttpRequest], *, is_counted: bool = True
    ) -> HttpAnswer:
        """Send a request that bears the app's token, and once more with a new one if the vendor does not take that.

        Raises:
            AppRefused: the app got no token.
            NoAnswer: see `Outbound.send`.
        """
        token = await self._token(config, context)
        context.counted_calls += is_counted
        answer = await context.send(request(token))
        if not self.is_token_refused(answer):
            return answer
        token = await self._token(config, context, refused=token)
        context.counted_calls += is_counted
        return await context.send(request(token))

    async def _token(self, config: C, context: SendContext, *, refused: str = "") -> str:
        async def fetch() -> AppToken:
            shown = len(context.exchanges)
            answer = await context.send(self.token_request(config, context.settings))
            if (found := self.token_in(answer)) is None:
                verdict = self.verdict(answer)
                if verdict.outcome is Outcome.DONE:
                    verdict = Verdict(Outcome.RETRY, "", "the vendor gave no token", http_status=answer.status)
                raise AppRefused(verdict)
            del context.exchanges[shown:]  # the answer carries a token that was not known to be secret
            token, good_for = found
            return AppToken(token, clock.now() + good_for)

        token = await context.tokens.get(self.app(config), fetch, refused=refused)
        if token not in context.secrets:
            context.secrets.append(token)
        return token
