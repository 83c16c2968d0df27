"""Web Push: what a push service is sent, and what its answers mean."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conftest import Clock, Workplace, test_settings
from daka.delivery.channels.registry import KINDS
from daka.outbound.web_push import CURVE, _derived, from_base64, public_point, server_key, to_base64
from delivery.channels.conftest import AT, LINK, Attempts, line, note_to
from fakes.server import FakeResponse, FakeServer

BROWSER = derive_private_key(int.from_bytes(from_base64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), CURVE)
AUTH = from_base64("BTBZMqHH6r4Tts7J_aSIgg")
DATABASE = SimpleNamespace(settings=test_settings(public_url="https://daka.example.com"))


def config(endpoint: str = "https://web.push.apple.com/QABC") -> dict[str, Any]:
    keys = {"p256dh": to_base64(public_point(BROWSER)), "auth": to_base64(AUTH)}
    return {"subscription": json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})}


def decrypted(body: bytes) -> dict[str, Any]:
    """What the browser reads, by its own half of the key agreement."""
    salt, length, rest = body[:16], body[20], body[21:]
    theirs, sealed = rest[:length], rest[length:]
    shared = BROWSER.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    material = _derived(shared, AUTH, b"WebPush: info\0" + public_point(BROWSER) + theirs, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    plain = AESGCM(key).decrypt(_derived(material, salt, b"Content-Encoding: nonce\0", 12), sealed, None)
    assert plain[-1] == 2
    found: dict[str, Any] = json.loads(plain[:-1])
    return found


async def sent(attempt: Attempts, server: FakeServer, note: Any = None) -> Any:
    server.next.append(FakeResponse("", 201))
    verdict = await attempt("web_push", config(), note, database=DATABASE, web_push_base_url=server.base_url)
    assert verdict.outcome == "done"
    return server.last


async def test_a_reminder_is_encrypted_for_the_browser_and_signed_by_the_server(
    attempt: Attempts, server: FakeServer
) -> None:
    asked = await sent(attempt, server)
    assert (asked.method, asked.path) == ("POST", "/QABC")
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["ttl"] == str(25 * 60)  # until the reminder's window is over
    assert (headers["urgency"], headers["topic"], headers["content-encoding"]) == ("high", "r1", "aes128gcm")
    token = headers["authorization"].removeprefix("vapid t=").partition(",")[0]
    claims = json.loads(from_base64(token.split(".")[1]))
    assert (claims["aud"], claims["sub"]) == ("https://web.push.apple.com", "https://daka.example.com")
    assert headers["authorization"].endswith(f"k={to_base64(public_point(server_key(DATABASE.settings.secret)))}")
    shown = decrypted(asked.body)
    assert shown["web_push"] == 8030
    assert shown["notification"]["title"] == "上班打卡提醒 09:00"
    assert shown["notification"]["navigate"] == LINK
    assert (shown["notification"]["tag"], shown["notification"]["data"]) == ("r1", {"can_answer": True})
    assert "13800000001" not in json.dumps(shown)


async def test_a_message_about_several_people_cannot_be_answered_from_the_notification(
    attempt: Attempts, server: FakeServer
) -> None:
    asked = await sent(attempt, server, note_to(line(), line("Eve", reminder_id=2)))
    assert "topic" not in {name.lower() for name in asked.headers}
    assert decrypted(asked.body)["notification"]["data"] == {"can_answer": False}


async def test_the_longest_message_fits_into_what_services_take(attempt: Attempts, server: FakeServer) -> None:
    note = replace(note_to(line()), paragraphs=tuple('"打卡"\\' * 200 for _ in range(40)), title="打" * 120)
    asked = await sent(attempt, server, note)
    assert len(asked.body) <= 4096
    assert decrypted(asked.body)["notification"]["body"]


async def test_what_is_over_is_kept_by_no_push_service(attempt: Attempts, server: FakeServer) -> None:
    note = replace(note_to(line()), at=AT + timedelta(hours=2))
    asked = await sent(attempt, server, note)
    assert {name.lower(): value for name, value in asked.headers.items()}["ttl"] == "0"


@pytest.mark.parametrize(
    ("body", "status", "outcome", "hint"),
    [
        *[("", status, "done", "") for status in (200, 201, 202)],
        *[("", status, "broken_channel", "web_push_gone") for status in (404, 410)],
        ({"reason": "BadJwtToken"}, 403, "broken_channel", "web_push_refused"),
        ({"reason": "VapidPkHashMismatch"}, 400, "broken_channel", "web_push_refused"),
        ("", 401, "broken_channel", "web_push_refused"),
        ("", 413, "bad_message", "message_refused"),
        ("", 429, "throttled", "throttled"),
        *[("", status, "retry", "") for status in (500, 502, 503)],
        ("", 302, "broken_channel", "redirect"),
    ],
)
async def test_every_answer_has_its_outcome(
    attempt: Attempts, server: FakeServer, body: Any, status: int, outcome: str, hint: str
) -> None:
    server.next.append(FakeResponse(body, status, {"Retry-After": "3"} if status in (429, 503) else {}))
    verdict = await attempt("web_push", config(), database=DATABASE, web_push_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)
    if status == 429:
        assert verdict.retry_after == timedelta(seconds=3)


async def test_neither_address_nor_keys_nor_signature_are_shown(attempt: Attempts, server: FakeServer) -> None:
    await sent(attempt, server)
    for secret in ("QABC", to_base64(AUTH), to_base64(public_point(BROWSER)), "vapid t=ey"):
        assert secret not in attempt.shown


@pytest.mark.parametrize(
    "endpoint",
    [
        *["http://web.push.apple.com/x", "https://evil.example/x", "https://web.push.apple.com.evil.example/x"],
        *["https://web.push.apple.com:8443/x", "https://user@web.push.apple.com/x", "https://127.0.0.1/x", "", "x"],
        *["https://evilpush.apple.com/x", "https://fcm.googleapis.com@evil.example/x"],
    ],
)
async def test_only_push_services_are_asked(workplace: Workplace, frozen: Clock, endpoint: str) -> None:
    channel = {"name": "手机", "kind": "web_push", "config": config(endpoint)}
    answer = await workplace.bob.http.post("/api/v1/channels", json=channel)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://web.push.apple.com/QABC",
        "https://fcm.googleapis.com/fcm/send/x:y",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
    ],
)
async def test_a_device_is_a_channel_of_its_owner(workplace: Workplace, frozen: Clock, endpoint: str) -> None:
    key = (await workplace.bob.get("/api/v1/channels/web-push-key"))["public_key"]
    assert len(key) == 87
    assert from_base64(key) == public_point(server_key(workplace.settings.secret))
    made = await workplace.bob.post(
        "/api/v1/channels", {"name": "手机", "kind": "web_push", "config": config(endpoint)}
    )
    assert made["user_id"] == workplace.bob.id
    assert "keys" not in json.dumps(made["config"])
    assert KINDS["web_push"].lane(KINDS["web_push"].parsed(config(endpoint))) is not None
