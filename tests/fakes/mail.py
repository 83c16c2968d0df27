"""A mail server that knows one account and refuses what it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult


class FakeMail:
    def __init__(
        self,
        *,
        username: str = "",
        password: str = "",
        replies: dict[str, str] | None = None,
        last_word: str = "",
        has_utf8: bool = False,
        takes_login: bool = True,
    ) -> None:
        self.has_utf8, self.takes_login = has_utf8, takes_login
        self.envelopes: list[tuple[str, list[str]]] = []
        """Sender and recipients of each mail, as they came."""
        self.username, self.password, self.replies = username, password, replies or {}
        self.last_word = last_word
        """What QUIT does: `silent`, `gone`, `odd`; otherwise it is answered."""
        self.mails: list[EmailMessage] = []
        self.port = 0

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        right = (login.login.decode(), login.password.decode()) == (self.username, self.password)
        return AuthResult(success=right, handled=right)

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        reply = self.replies.get("RCPT", "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        reply = self.replies.get("DATA", "250 OK queued")
        if reply.startswith("250"):
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.mails.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=default)))
        return reply

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        if self.last_word == "silent":
            await asyncio.sleep(30)
        elif self.last_word == "gone":
            server.transport.abort()
        return "999 what?" if self.last_word == "odd" else "221 Bye"

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None, *, is_starttls: bool = False) -> AsyncIterator["FakeMail"]:
        def speaking() -> SMTP:
            return SMTP(
                self,
                hostname="fake",
                tls_context=tls if is_starttls else None,
                require_starttls=is_starttls,
                authenticator=self._authenticate if self.username else None,
                auth_require_tls=not self.takes_login,
                enable_SMTPUTF8=self.has_utf8,
            )

        listening = asyncio.get_running_loop().create_server(speaking, "127.0.0.1", 0, ssl=None if is_starttls else tls)
        server = await listening
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
