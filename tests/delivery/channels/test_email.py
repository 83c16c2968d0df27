"""E-mail: the mail itself, the login, and what a server's refusal means."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from daka.delivery.channels.email import Unencrypted, open_connection
from daka.delivery.channels.registry import KINDS
from daka.outbound.guard import Guard
from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.mail import FakeMail
from fakes.names import no_names as no_names
from fakes.server import FakeServer, own_certificate


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that this process trusts."""
    context = own_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    return context


def config(port: int, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "sender": "daka@example.org", "to": "bob@example.org", **more}


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_arrives_with_its_words_and_a_stable_id(
    attempt: Attempts, tls: ssl.SSLContext, security: str
) -> None:
    async with FakeMail().running(tls, is_starttls=security == "starttls") as server:
        verdict = await attempt("email", config(server.port, security=security))
        assert (verdict.outcome, verdict.provider_code) == ("done", "250")
        mail = server.mails[0]
    assert mail["Subject"] == "上班打卡提醒 09:00"
    assert mail["Message-ID"] == "<daka-key-0001@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert LINK in mail.get_content()


async def test_the_right_login_is_taken_and_the_wrong_one_explained(attempt: Attempts, tls: ssl.SSLContext) -> None:
    async with FakeMail(username="daka", password="code-1").running(tls) as server:
        right = await attempt("email", config(server.port, username="daka", password="code-1"))
        wrong = await attempt("email", config(server.port, username="daka", password="canary-password"))
        assert "canary-password" not in attempt.shown
    assert (right.outcome, wrong.outcome, wrong.hint) == ("done", "broken_channel", "email_login")
    assert wrong.provider_code == "535"


@pytest.mark.parametrize(
    ("replies", "outcome", "hint"),
    [
        ({"RCPT": "550 no such user"}, "broken_channel", "email_recipient"),
        ({"RCPT": "450 mailbox busy"}, "retry", ""),
        ({"MAIL": "553 sender not allowed"}, "broken_channel", "email_sender"),
        ({"MAIL": "451 try later"}, "retry", ""),
        ({"DATA": "554 looks like spam"}, "bad_message", "message_refused"),
        ({"DATA": "452 disk full"}, "retry", ""),
        ({"DATA": "251 forwarded"}, "done", ""),
        ({"DATA": "200 whatever"}, "done", ""),
        ({"DATA": "552 too large"}, "bad_message", "message_too_long"),
        ({"MAIL": "552 too large"}, "bad_message", "message_too_long"),
        ({"MAIL": "530 authentication required"}, "broken_channel", "email_login"),
        ({"RCPT": "530 must issue STARTTLS first"}, "broken_channel", "email_tls"),
    ],
)
async def test_a_reply_of_4xx_passes_and_one_of_5xx_stays(
    attempt: Attempts, tls: ssl.SSLContext, replies: dict[str, str], outcome: str, hint: str
) -> None:
    async with FakeMail(replies=replies).running(tls) as server:
        verdict = await attempt("email", config(server.port))
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("last_word", ["silent", "gone", "odd"])
async def test_a_mail_that_was_taken_is_sent_whatever_becomes_of_the_farewell(
    attempt: Attempts, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, last_word: str, security: str
) -> None:
    monkeypatch.setattr("daka.delivery.channels.email.OVERALL_SECONDS", 2.0)
    mail = FakeMail(last_word=last_word)
    async with mail.running(tls, is_starttls=security == "starttls") as server:
        verdict = await attempt("email", config(server.port, security=security))
        assert len(server.mails) == 1
    assert (verdict.outcome, verdict.provider_code) == ("done", "250")


async def test_a_refusal_stays_one_when_the_farewell_is_not_answered(
    attempt: Attempts, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daka.delivery.channels.email.OVERALL_SECONDS", 2.0)
    async with FakeMail(replies={"RCPT": "550 no such user"}, last_word="silent").running(tls) as server:
        verdict = await attempt("email", config(server.port))
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "email_recipient")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    attempt: Attempts, tmp_path: Path, security: str
) -> None:
    mail = FakeMail()
    async with mail.running(own_certificate(tmp_path, "127.0.0.1"), is_starttls=security == "starttls") as server:
        verdict = await attempt("email", config(server.port, security=security))
        assert server.mails == []
    assert (verdict.outcome, verdict.provider_code, verdict.hint) == ("broken_channel", "certificate", "certificate")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_without_encryption_is_told_apart(attempt: Attempts, security: str) -> None:
    async with FakeMail().running(None) as server:
        verdict = await attempt("email", config(server.port, security=security))
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "email_tls")


ADDRESSES = [
    # sender and recipient, as they are saved and as they are sent
    ("daka@例子.公司", "bob@邮件.中国", "daka@xn--fsqu00a.xn--55qx5d", "bob@xn--5nq051n.xn--fiqs8s"),
    ("daka@Bücher.example", "bob@example.org", "daka@xn--bcher-kva.example", "bob@example.org"),
    ("daka@example.org", "bob@例子。公司", "daka@example.org", "bob@xn--fsqu00a.xn--55qx5d"),
]


@pytest.mark.parametrize(("sender", "to", "sent_by", "sent_to"), ADDRESSES)
async def test_a_domain_of_any_script_is_sent_in_ascii(
    attempt: Attempts, tls: ssl.SSLContext, sender: str, to: str, sent_by: str, sent_to: str
) -> None:
    async with FakeMail().running(tls) as server:
        verdict = await attempt("email", config(server.port, sender=sender, to=to))
        assert (verdict.outcome, server.envelopes) == ("done", [(sent_by, [sent_to])])
        assert (server.mails[0]["From"].addresses[0].addr_spec, server.mails[0]["To"]) == (sent_by, sent_to)


@pytest.mark.parametrize("address", ["bob@-例子-.公司", "bob@例子..公司", "bob@" + "例" * 80])
def test_what_cannot_be_a_domain_is_refused_at_save(address: str) -> None:
    with pytest.raises(ValidationError) as raised:
        KINDS["email"].parsed(config(465, to=address))
    assert raised.value.errors()[0]["ctx"]["zh"] == "@ 后面不是有效的域名。"


@pytest.mark.parametrize("who", ["sender", "to"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_address_that_needs_smtputf8(attempt: Attempts, tls: ssl.SSLContext, who: str, security: str) -> None:
    given = {who: "王波@例子.公司", "security": security}
    async with FakeMail(has_utf8=True).running(tls, is_starttls=security == "starttls") as server:
        assert (await attempt("email", config(server.port, **given))).outcome == "done"
        assert "王波@xn--fsqu00a.xn--55qx5d" in repr(server.envelopes)
    async with FakeMail().running(tls, is_starttls=security == "starttls") as server:
        verdict = await attempt("email", config(server.port, **given))
        assert server.mails == []
    assert (verdict.outcome, verdict.provider_code, verdict.hint) == ("broken_channel", "smtputf8", "email_utf8")


async def test_a_relay_on_the_lan_may_be_without_encryption(attempt: Attempts) -> None:
    async with FakeMail().running(None) as server:
        assert (await attempt("email", config(server.port, security="none"))).outcome == "done"
        assert len(server.mails) == 1


async def test_a_relay_that_takes_no_login_says_so(attempt: Attempts) -> None:
    async with FakeMail(takes_login=False).running(None) as server:
        verdict = await attempt("email", config(server.port, security="none", username="daka", password="x"))
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "email_no_auth")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("93.184.216.34", ()),
        ("93.184.216.34", ("93.184.216.34",)),
        ("2606:4700::1111", ("2606:4700::/32",)),
        ("smtp.example.org", ("smtp.example.org",)),
    ],
)
async def test_mail_without_encryption_stays_on_the_lan(
    no_names: dict[str, str], host: str, allowed: tuple[str, ...]
) -> None:
    no_names["smtp.example.org"] = "93.184.216.34"
    with pytest.raises(Unencrypted):
        await open_connection(host, 25, Guard(allowed), is_encrypted=False)


async def test_a_closed_port_is_tried_again(attempt: Attempts) -> None:
    assert (await attempt("email", config(1))).outcome == "retry"


async def test_a_server_whose_name_does_not_resolve_is_tried_again(attempt: Attempts, no_names: dict[str, str]) -> None:
    verdict = await attempt("email", {**config(465), "host": "smtp.example.org"})
    assert (verdict.outcome, verdict.provider_code, verdict.hint) == ("retry", "dns", "name_not_resolved")


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "::1", "127.1", "2130706433"])
async def test_a_server_inside_is_refused(attempt: Attempts, host: str) -> None:
    verdict = await attempt("email", {**config(465), "host": host})
    if host in ("127.1", "2130706433"):  # what these mean is allowed here, but nothing listens on the port
        assert verdict.outcome == "retry"
    else:
        assert (verdict.outcome, verdict.hint) == ("broken_channel", "address_refused")


async def test_a_web_server_is_no_mail_server(attempt: Attempts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daka.delivery.channels.email.OVERALL_SECONDS", 0.5)
    async with FakeServer().running() as server:
        assert (await attempt("email", config(server.port))).outcome in ("retry", "broken_channel")


async def test_line_breaks_in_a_title_add_no_headers(attempt: Attempts, tls: ssl.SSLContext) -> None:
    async with FakeMail().running(tls) as server:
        note = note_to(line(), title="打卡\r\nBcc: everybody@example.org")
        assert (await attempt("email", config(server.port), note)).outcome == "done"
        assert server.mails[0]["Bcc"] is None
