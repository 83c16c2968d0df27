"""E-mail over SMTP. The server's address is judged by the same guard as HTTP, and the judged socket is the one that is used.

Reply codes: RFC 5321 (4xx passes, 5xx stays), RFC 4954 (535: wrong credentials).
"""

import asyncio
import re
import socket
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery import remedies
from daka.delivery.channels.fields import Secret, rule
from daka.delivery.channels.kind import ChannelKind, SendContext
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.languages import said
from daka.outbound.config import Choice, Config, revealed, setting
from daka.outbound.guard import AddressRefused, Guard, NameNotResolved, in_ascii, is_public
from daka.outbound.requests import CONNECT_SECONDS, OVERALL_SECONDS, NoAnswer
from daka.outbound.trust import trust

if TYPE_CHECKING:
    import aiosmtplib

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

EMAIL_UTF8 = Remedy(
    "email_utf8",
    zh="邮件服务器不支持 @ 前面带非英文字符的地址（SMTPUTF8）。换一个地址，或换支持它的服务器。",
    en="The mail server does not take addresses with other than ASCII characters before the @ (SMTPUTF8). Use another "
    "address, or a server that does.",
)
EMAIL_UNENCRYPTED = Remedy(
    "email_unencrypted",
    zh="不加密只能发往内网里、由管理员写进 ALLOW_PRIVATE_TARGETS 的服务器。公网上的服务器选 TLS 或 STARTTLS。",
    en="Without encryption mail only goes to servers on the LAN that an administrator lists in ALLOW_PRIVATE_TARGETS. "
    "Choose TLS or STARTTLS for servers on the internet.",
)
EMAIL_NO_AUTH = Remedy(
    "email_no_auth",
    zh="邮件服务器在这种加密方式下不接受登录。清空账号和密码，或换一种加密方式。",
    en="The mail server takes no login with this encryption. Clear account and password, or change the encryption.",
)

USUAL_PORTS = {465, 587, 25, 2525, 994}


def wired(address: str) -> str:
    """A mail address as it is sent: its domain in ASCII. What stands before the @ stays, and may need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{in_ascii(domain)}"


MailAddress = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$"),
    rule(wired, zh="@ 后面不是有效的域名。", en="What follows the @ is not a domain."),
]


class MailEncryption(Choice):
    TLS = "tls", "TLS（多用 465 端口）", "TLS (mostly port 465)"
    STARTTLS = "starttls", "STARTTLS（多用 587 端口）", "STARTTLS (mostly port 587)"
    NONE = (
        "none",
        "不加密（只限 ALLOW_PRIVATE_TARGETS 里的内网服务器）",
        "None (only for servers in ALLOW_PRIVATE_TARGETS)",
    )


class EmailConfig(Config):
    host: Annotated[
        str,
        StringConstraints(max_length=200),
        rule(
            lambda text: re.fullmatch(r"[A-Za-z0-9._:-]+", in_ascii(text)),
            zh="应为服务器的域名或 IP。",
            en="Enter the server's name or address.",
        ),
    ] = setting(title=("SMTP 服务器", "SMTP server"), example="smtp.qq.com")
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
    mail["From"] = _named(said(("打卡提醒", "Daka"), message.language), wired(config.sender))
    mail["To"] = _named("", wired(config.to))
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.key}@{wired(config.sender).rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message))
    return mail


def _named(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _text(message: RenderedMessage) -> str:
    return "\n\n".join([*message.paragraphs, *map(str, message.actions)]) or message.title


async def _send(config: EmailConfig, mail: EmailMessage, guard: Guard) -> Verdict:
    import aiosmtplib  # loaded by those who send mail

    host = in_ascii(config.host).lower().rstrip(".")
    connected: socket.socket | None = None
    try:
        connected = await open_connection(
            host, config.port, guard, is_encrypted=config.security is not MailEncryption.NONE
        )
        client = aiosmtplib.SMTP(
            hostname=host,
            sock=connected,
            use_tls=config.security is MailEncryption.TLS,
            start_tls=config.security is MailEncryption.STARTTLS,
            tls_context=trust(),
            timeout=OVERALL_SECONDS,
        )
        try:
            await client.connect()
            connected = None  # the client closes it
            if config.username and config.password:
                await client.login(config.username, revealed(config.password))
            _, words = await client.send_message(mail, sender=wired(config.sender), recipients=[wired(config.to)])
            return Verdict(Outcome.DONE, "250", words[:400])
        finally:
            # Whether the mail is taken is settled: the answer to QUIT is not waited for.
            transport: Any = client.transport
            if transport is not None and not transport.is_closing():
                transport.write(b"QUIT\r\n")
            client.close()
    except Unencrypted as refused:
        return Verdict(Outcome.BROKEN_CHANNEL, "refused_address", str(refused), EMAIL_UNENCRYPTED)
    except AddressRefused as refused:
        raise NoAnswer("refused_address", str(refused)) from None
    except NameNotResolved as unresolved:
        raise NoAnswer("dns", str(unresolved)) from None
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        return _reply(first.code, first.message, EMAIL_RECIPIENT)
    except aiosmtplib.SMTPResponseException as refused:
        return _refusal(refused)
    except (aiosmtplib.SMTPException, OSError, MessageError, ValueError) as error:
        return _failure(error)
    finally:
        if connected is not None:
            connected.close()


def _refusal(refused: "aiosmtplib.SMTPResponseException") -> Verdict:
    import aiosmtplib

    if isinstance(refused, aiosmtplib.SMTPDataError):
        # The first digit decides (RFC 5321, 4.3.2). The library takes 250 only, so that here it answers DATA, before the mail.
        if 200 <= refused.code < 300 and refused.code != 250:
            return Verdict(Outcome.DONE, str(refused.code), refused.message[:400])
        return _reply(refused.code, refused.message, remedies.MESSAGE_REFUSED, lasting=Outcome.BAD_MESSAGE)
    by_kind = {aiosmtplib.SMTPAuthenticationError: EMAIL_LOGIN, aiosmtplib.SMTPSenderRefused: EMAIL_SENDER}
    return _reply(refused.code, refused.message, by_kind.get(type(refused), remedies.UNKNOWN))


def _failure(error: Exception) -> Verdict:
    """What a failure without a reply of the server means. Raises NoAnswer: nothing lasting."""
    if (lacking := _LACKING.search(str(error))) is not None:
        code = lacking[1].lower()
        return Verdict(Outcome.BROKEN_CHANNEL, code, f"the server lacks {lacking[1]}", _WITHOUT[code])
    if _chain_has(error, ssl.SSLCertVerificationError):
        return Verdict(Outcome.BROKEN_CHANNEL, "certificate", "the certificate is not trusted", remedies.CERTIFICATE)
    if _is_tls(error):
        return Verdict(Outcome.BROKEN_CHANNEL, "tls", "the TLS connection failed", EMAIL_TLS)
    raise NoAnswer("connection", f"the connection failed ({type(error).__name__})") from None


def _chain_has(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if type(error).__module__ == "ssl" or "SSL" in type(error).__name__:
            return True
        error = error.__cause__ or error.__context__
    return False


def _reply(code: int, words: str, hint: Remedy, *, lasting: Outcome = Outcome.BROKEN_CHANNEL) -> Verdict:
    if code < 500:
        return Verdict(Outcome.RETRY, str(code), words[:400])
    if code in _BY_CODE:
        lasting, hint = _BY_CODE[code]
    if code == 530 and "TLS" in words.upper():
        hint = EMAIL_TLS
    return Verdict(lasting, str(code), words[:400], hint)


_BY_CODE = {
    552: (Outcome.BAD_MESSAGE, remedies.MESSAGE_TOO_LONG),
    **dict.fromkeys((530, 534, 535, 538), (Outcome.BROKEN_CHANNEL, EMAIL_LOGIN)),
}
"""Codes that mean the same whatever was said before (RFC 4954, 6; RFC 5321, 4.2.3)."""


_LACKING = re.compile(r"(SMTPUTF8|STARTTLS|AUTH)\b.{0,20} not supported")
"""How the library says that the server lacks an extension."""
_WITHOUT = {"smtputf8": EMAIL_UTF8, "starttls": EMAIL_TLS, "auth": EMAIL_NO_AUTH}


class Unencrypted(AddressRefused):
    """Mail without encryption would leave the LAN."""


async def open_connection(host: str, port: int, guard: Guard, *, is_encrypted: bool) -> socket.socket:
    """A connected socket to an address that the guard has judged."""
    addresses = await guard.addresses(host, port)
    is_exempt = guard.is_exempt(host, addresses, port)
    if not is_encrypted and (not is_exempt or any(map(is_public, addresses))):
        raise Unencrypted("without encryption mail only goes to the LAN")
    if port not in USUAL_PORTS and not is_exempt:
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
