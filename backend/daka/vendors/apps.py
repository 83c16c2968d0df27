"""Asking a vendor as an app: with an access token that is fetched when needed and replaced when it is refused."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from daka.outbound.requests import HttpAnswer, HttpRequest
from daka.outbound.tokens import AppToken, AppTokens
from daka.vendors.replies import Meaning, VendorReply

Send = Callable[[HttpRequest], Awaitable[HttpAnswer]]


class App(Protocol):
    """An app's credentials."""

    @property
    def token_key(self) -> str:
        """Key of its token in the cache."""

    def token_request(self) -> HttpRequest: ...

    def token_in(self, answer: HttpAnswer) -> AppToken | VendorReply:
        """The token in an answer, or why there is none."""


class _NoToken(Exception):
    def __init__(self, reply: VendorReply) -> None:
        super().__init__(reply.code)
        self.reply = reply


async def ask(
    app: App,
    tokens: AppTokens,
    send: Send,
    request: Callable[[str], HttpRequest],
    read: Callable[[HttpAnswer], VendorReply],
    *,
    fetch: Send | None = None,
) -> VendorReply:
    """Send a request with the app's token, and once more with a new token if it is refused.

    `fetch` sends the request for a token, unless `send` does that too. If the vendor gives no token, the reply is the one to the
    request for it. Raises NoAnswer: see `Outbound.send`.
    """

    async def new_token() -> AppToken:
        found = app.token_in(await (fetch or send)(app.token_request()))
        if isinstance(found, VendorReply):
            raise _NoToken(found)
        return found

    try:
        token = await tokens.get(app.token_key, new_token)
        reply = read(await send(request(token)))
        if reply.meaning is Meaning.TOKEN_REFUSED:
            token = await tokens.get(app.token_key, new_token, refused=token)
            reply = read(await send(request(token)))
    except _NoToken as none:
        return none.reply
    return reply
