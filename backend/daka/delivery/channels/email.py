"""E-mail over SMTP. The server's address is judged by the same guard as HTTP, and the judged socket is the one that is used.

Reply codes: RFC 5321 (4xx passes, 5xx stays), RFC 4954 (535: wrong credentials).
"""

import asyncio
import socket
import ssl
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery import remedies
from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import ChannelKind, SendContext
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import Choice, Config, revealed, setting
from daka.outbound.guard import AddressRefused, Guard, NameNotResolved
from daka.outbound.http import CONNECT_SECONDS, OVERALL_SECONDS, NoAnswer

EMAIL_LOGIN = Remedy(
    "email_login",
    zh="邮箱登录失败。QQ、163 等邮箱要填「授权码」，不是登录密码。",
    en="The mail server refused the login. QQ, 163 and others require an authorisation code, not the password.",
)
EMAIL_RECIPIENT = Remedy(
    "email_recipient",
    zh="收件地址被拒收。检查收件人。",
    en="The recipient was refused. Check the address.",
)
EMAIL_SENDER = Remedy(
    "email_sender",
    zh="发件地址被拒绝。多数邮箱要求发件人与登录账号一致。",
    en="The sender was refused. Most servers require it to be the account that signs in.",
)
EMAIL_TLS = Remedy(
    "email_tls",
    zh="加密方式与端口不符。465 端口选 TLS，587 端口选 STARTTLS。",
    en="Encryption and port do not match. Use port 465 for TLS, port 587 for STARTTLS.",
)

USUAL_PORTS = {465, 587, 25, 2525, 994}

MailAddress = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$")]


class MailEncryption(Choice):
    TLS = "tls", "TLS（多用 465 端口）", "TLS (mostly port 465)"
    STARTTLS = "starttls", "STARTTLS（多用 587 端口）", "STARTTLS (mostly port 587)"


class EmailConfig(Config):
    host: Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9._:-]+$")] = setting(
        title=("SMTP 服务器", "SMTP server"), example="smtp.qq.com"
    )
    port: int = setting(
        465,
        title=("端口", "Port"),
        about=("TLS 用 465，STARTTLS 用 587", "465 for TLS, 587 for STARTTLS"),
        ge=1,
        le=65535,
    )
    security: MailEncryption = setting(MailEncryption.TLS, title=("加密", "Encryption"))
    username: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = setting(
        None, title=("账号", "Account"), example="daka@qq.com"
    )
    password: Secret | None = setting(
        None,
        title=("密码或授权码", "Password"),
        about=(
            "QQ、163 等邮箱填「授权码」，不是登录密码",
            "QQ, 163 and others want an authorisation code, not the password",
        ),
        max_length=200,
    )
    sender: MailAddress = setting(
        title=("发件人", "From"),
        about=("多数邮箱要求与账号一致", "Most servers want it to be the account"),
        example="daka@qq.com",
    )
    to: MailAddress = setting(title=("收件人", "To"), example="zhangsan@example.org")


class Email(ChannelKind[EmailConfig]):
    name: ClassVar[str] = "email"
    labels: ClassVar[dict[str, str]] = {"zh": "电子邮件", "en": "E-mail"}
    example: ClassVar[dict[str, Any]] = {
        "host": "smtp.example.org",
        "sender": "daka@example.org",
        "to": "zhangsan@example.org",
    }
    options: ClassVar[frozenset[str]] = frozenset({"host", "port", "security", "username", "password", "sender"})
    people_per_message: ClassVar[int] = 200
    has_free_address: ClassVar[bool] = True

    def rate_key(self, config: EmailConfig) -> None:
        """Not the account: its public parts are known to others, and a hash of its password could be guessed."""
        return

    def audience_key(self, config: EmailConfig) -> str:
        return config.to.casefold()

    def target(self, config: EmailConfig) -> str:
        return config.host

    def preview(self, config: EmailConfig, message: RenderedMessage) -> str:
        return f"From: {config.sender}\nTo: {config.to}\nSubject: {message.title}\n\n{_text(message)}"

    async def deliver(self, config: EmailConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        verdict = Verdict(Outcome.RETRY)
        try:
            async with asyncio.timeout(OVERALL_SECONDS):
                verdict = await _send(config, mail_of(config, message), context.outbound.guard)
        except TimeoutError:
            raise NoAnswer("timeout", "no answer in time") from None
        finally:
            shown = f"{verdict.provider_code} {verdict.provider_message}".strip()
            text = self.preview(config, message)
            context.note_exchange("SMTP", f"{config.host}:{config.port}", {}, text, None, shown)
        return verdict


def mail_of(config: EmailConfig, message: RenderedMessage) -> EmailMessage:
    """The mail. Its Message-ID is the delivery's key, so that a second copy is known as one."""
    assert message.at is not None
    mail = EmailMessage()
    mail["From"] = formataddr(("打卡提醒", config.sender))
    mail["To"] = config.to
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.key}@{config.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message))
    return mail


def _text(message: RenderedMessage) -> str:
    return (
        "\n\n".join([*message.paragraphs, *(f"{action.label}：{action.url}" for action in message.actions)])
        or message.title
    )


async def _send(config: EmailConfig, mail: EmailMessage, guard: Guard) -> Verdict:
    import aiosmtplib  # loaded by those who send mail

    connected: socket.socket | None = None
    try:
        connected = await _connected(config.host, config.port, guard)
        client = aiosmtplib.SMTP(
            hostname=config.host,
            sock=connected,
            use_tls=config.security is MailEncryption.TLS,
            start_tls=config.security is MailEncryption.STARTTLS,
            tls_context=ssl.create_default_context(),
            timeout=OVERALL_SECONDS,
        )
        try:
            await client.connect()
            connected = None  # the client closes it
            if config.username and config.password:
                await client.login(config.username, revealed(config.password))
            _, words = await client.send_message(mail, sender=config.sender, recipients=[config.to])
            return Verdict(Outcome.DONE, "250", words[:400])
        finally:
            # Whether the mail is taken is settled: the answer to QUIT is not waited for.
            transport: Any = client.transport
            if transport is not None and not transport.is_closing():
                transport.write(b"QUIT\r\n")
            client.close()
    except AddressRefused as refused:
        raise NoAnswer("refused_address", str(refused)) from None
    except NameNotResolved as unresolved:
        raise NoAnswer("dns", str(unresolved)) from None
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        return _reply(first.code, first.message, EMAIL_RECIPIENT)
    except aiosmtplib.SMTPDataError as refused:
        return _reply(refused.code, refused.message, remedies.MESSAGE_REFUSED, lasting=Outcome.BAD_MESSAGE)
    except aiosmtplib.SMTPResponseException as refused:
        by_kind = {aiosmtplib.SMTPAuthenticationError: EMAIL_LOGIN, aiosmtplib.SMTPSenderRefused: EMAIL_SENDER}
        return _reply(refused.code, refused.message, by_kind.get(type(refused), remedies.UNKNOWN))
    except aiosmtplib.SMTPNotSupported:
        return Verdict(Outcome.BROKEN_CHANNEL, "tls", "the server does not speak STARTTLS or AUTH", EMAIL_TLS)
    except (aiosmtplib.SMTPException, OSError, MessageError, ValueError) as error:
        if _is_tls(error):
            return Verdict(Outcome.BROKEN_CHANNEL, "tls", "the TLS connection failed", EMAIL_TLS)
        raise NoAnswer("connection", f"the connection failed ({type(error).__name__})") from None
    finally:
        if connected is not None:
            connected.close()


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if type(error).__module__ == "ssl" or "SSL" in type(error).__name__:
            return True
        error = error.__cause__ or error.__context__
    return False


def _reply(code: int, words: str, hint: Remedy, *, lasting: Outcome = Outcome.BROKEN_CHANNEL) -> Verdict:
    outcome = lasting if code >= 500 else Outcome.RETRY
    return Verdict(outcome, str(code), words[:400], hint if code >= 500 else remedies.NONE)


async def _connected(host: str, port: int, guard: Guard) -> socket.socket:
    """A connected socket to an address that the guard has judged."""
    addresses = await guard.addresses(host.lower().rstrip("."), port)
    if port not in USUAL_PORTS and not guard.is_exempt(host.lower().rstrip("."), addresses, port):
        raise AddressRefused("only the usual ports for mail are reached")
    failure: OSError | None = None
    for address in addresses:
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        candidate = socket.socket(family, socket.SOCK_STREAM)
        candidate.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(candidate, (str(address), port))
            return candidate
        except (OSError, TimeoutError) as error:
            candidate.close()
            failure = error if isinstance(error, OSError) else OSError("timeout")
    raise failure or OSError("no address")
