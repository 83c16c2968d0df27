"""A proxy in the environment is not used, and that is said."""

import logging

import pytest

from conftest import test_settings
from daka.doctor.service import examine
from daka.outbound.http import Outbound
from daka.outbound.proxies import ignored_proxies
from daka.wiring import HOOKS


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, []),
        ({"NO_PROXY": "localhost"}, []),
        ({"HTTPS_PROXY": ""}, []),
        ({"TRUSTED_PROXY": "127.0.0.1"}, []),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, ["HTTPS_PROXY"]),
        ({"https_proxy": "http://proxy:3128"}, ["https_proxy"]),
        ({"HTTP_PROXY": "x", "all_proxy": "socks5://x"}, ["HTTP_PROXY", "all_proxy"]),
    ],
)
def test_a_variable_that_names_a_proxy_is_found(environment: dict[str, str], named: list[str]) -> None:
    assert ignored_proxies(environment) == named


async def test_a_start_and_the_doctor_say_that_it_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.example:3128")
    settings = test_settings()
    with caplog.at_level(logging.WARNING):
        async with Outbound.of(settings):
            pass
    assert "HTTPS_PROXY is set, but no proxy is used" in caplog.text
    (found,) = [each for each in await examine(settings, HOOKS, offline=True) if each.check == "proxy"]
    assert found.message.en.startswith("HTTPS_PROXY is set, but no proxy is used")
    assert "password@" not in caplog.text + repr(found)
