"""A server with a certificate of a private CA: refused with a hint, and reached once the operator names the CA."""

from pathlib import Path

import pytest

from daka.errors import ConfigurationError
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.outbound.trust import trust
from delivery.channels.conftest import Attempts
from delivery.channels.conftest import attempt as attempt
from fakes.server import FakeServer, own_certificate


@pytest.fixture(autouse=True)
def no_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


async def test_a_private_ca_is_trusted_when_it_is_named(
    attempt: Attempts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = own_certificate(tmp_path, "127.0.0.1")
    async with FakeServer().running(tls=context) as server:
        address = server.base_url.replace("http://", "https://")
        config = {"server": address, "device_key": "AbCd0000"}
        refused = await attempt("bark", config)
        assert (refused.outcome, refused.provider_code, refused.hint) == ("retry", "certificate", "certificate")
        assert "SSL_CERT_FILE" in refused.hint.zh
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        found = await attempt("bark", config)
        assert found.provider_code != "certificate", found
        assert len(server.asked) == 1


def test_a_private_ca_replaces_no_public_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publicly = len(trust().get_ca_certs())
    own_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    assert len(trust().get_ca_certs()) >= publicly > 50


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_cannot_be_read_is_said_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, str(tmp_path / "absent"))
    with pytest.raises(ConfigurationError, match=name):
        Outbound(Guard())
    with pytest.raises(ConfigurationError, match=name):
        trust()
