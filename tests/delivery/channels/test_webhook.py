"""The generic webhook: Standard Webhooks' signature, two secrets while one is changed, and what a status means."""

import json
from pathlib import Path
from typing import Any

import pytest

from daka.delivery.channels.webhook import signature
from delivery.channels.conftest import Attempts, line, note_to
from fakes.server import FakeResponse, FakeServer

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["standard_webhooks"]
NEW, FORMER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_HxweHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE="


def test_the_signature_is_that_of_standard_webhooks() -> None:
    found = signature(VECTOR["secret"], VECTOR["id"], VECTOR["timestamp"], VECTOR["body"].encode())
    assert found == VECTOR["webhook-signature"]


async def test_while_a_secret_is_changed_both_sign_the_bytes_that_were_sent(
    attempt: Attempts, server: FakeServer
) -> None:
    config = {"url": f"{server.base_url}/hook", "secret": NEW, "former_secret": FORMER}
    assert (await attempt("webhook", config)).outcome == "done"
    asked = server.last
    key, timestamp = asked.headers["webhook-id"], int(asked.headers["webhook-timestamp"])
    assert asked.headers["webhook-signature"].split() == [
        signature(secret, key, timestamp, asked.body) for secret in (NEW, FORMER)
    ]
    assert (key, asked.json["data"]["id"]) == ("daka-key-0001", "daka-key-0001")
    assert asked.json["data"]["people"][0]["name"] == "Bob"


async def test_without_a_secret_nothing_is_signed(attempt: Attempts, server: FakeServer) -> None:
    await attempt("webhook", {"url": server.base_url})
    assert "webhook-signature" not in server.last.headers


@pytest.mark.parametrize(
    ("status", "outcome", "hint"),
    [
        (200, "done", ""),
        (204, "done", ""),
        (302, "broken_channel", "redirect"),
        (400, "broken_channel", "http_refused"),
        (401, "broken_channel", "http_refused"),
        (404, "broken_channel", "http_refused"),
        (410, "broken_channel", "webhook_gone"),
        (413, "bad_message", "message_refused"),
        (429, "throttled", "throttled"),
        (500, "retry", ""),
        (502, "throttled", "throttled"),
        (503, "retry", ""),
        (504, "throttled", "throttled"),
    ],
)
async def test_a_status_has_its_outcome(
    attempt: Attempts, server: FakeServer, status: int, outcome: str, hint: str
) -> None:
    server.next.append(FakeResponse("" if status == 204 else "words", status, {"Retry-After": "9"}))
    verdict = await attempt("webhook", {"url": server.base_url})
    assert (verdict.outcome, verdict.hint) == (outcome, hint)
    if outcome == "throttled":
        assert verdict.retry_after is not None
        assert verdict.retry_after.total_seconds() == 9


async def test_what_a_free_address_answers_is_not_told(attempt: Attempts, server: FakeServer) -> None:
    server.next.append(FakeResponse("the secret of the LAN", 500))
    assert "LAN" not in (await attempt("webhook", {"url": server.base_url})).provider_message


@pytest.mark.parametrize(
    ("said", "outcome", "code"),
    [
        (FakeResponse("anything"), "done", "200"),
        (FakeResponse({"errcode": 0}), "done", "0"),
        (FakeResponse({"errcode": 310000, "errmsg": "sign not match"}), "broken_channel", "310000"),
        (FakeResponse({"status": 1111, "wait": 5}), "throttled", "1111"),
        (FakeResponse("", 500), "retry", "500"),
        (FakeResponse("", 404), "broken_channel", "404"),
    ],
)
async def test_the_environments_address_follows_dingtalks_rules_where_it_can(
    attempt: Attempts, server: FakeServer, said: FakeResponse, outcome: str, code: str
) -> None:
    server.next.append(said)
    verdict = await attempt("environment_webhook", {"url": f"{server.base_url}/hook"}, note_to(line()))
    assert (verdict.outcome, verdict.provider_code) == (outcome, code)
    body: dict[str, Any] = server.last.json
    assert body["msgtype"] == "text"
    assert "@13800000001" in body["text"]["content"]
