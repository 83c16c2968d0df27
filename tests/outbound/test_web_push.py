"""Web Push against the examples of its RFCs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from daka.outbound import web_push
from daka.outbound.web_push import CURVE, Subscription, from_base64, to_base64

UA_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = derive_private_key(int.from_bytes(from_base64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE)
BROWSER = Subscription("https://push.example.net/x", from_base64(UA_PUBLIC), from_base64(AUTH))
AT = datetime(2026, 1, 5, 0, 45, tzinfo=UTC)


def test_the_example_of_rfc_8291() -> None:
    body = web_push.encrypted(
        b"When I grow up, I want to be a watermelon",
        BROWSER,
        sender=SENDER,
        salt=from_base64("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert to_base64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_chinese_text_with_a_known_salt() -> None:
    text = '{"t":"打卡提醒","b":"09:00 上班,还没有打卡记录","k":"r81234"}'
    body = web_push.encrypted(text.encode(), BROWSER, sender=SENDER, salt=bytes(range(16)))
    assert len(body) == len(text.encode()) + 103
    assert to_base64(body) == (
        "AAECAwQFBgcICQoLDA0ODwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A9"
        "NTdCdhJkiWE5TYm0CEY2AOCJDDX7RT8DgC_6_fAzZqp1VVo2FvPn7xuhl2I9l6gCBq7p3pMpMk5JH0c6gNAOJu-LxaSYJsL3ZMfcwBc3mTgFweWpymM"
        "EqXNK-"
    )


def test_each_message_has_a_salt_and_a_key_of_its_own() -> None:
    assert web_push.encrypted(b"x", BROWSER)[:86] != web_push.encrypted(b"x", BROWSER)[:86]


def test_the_signature_names_the_service_and_can_be_verified() -> None:
    header = web_push.authorization("a secret", BROWSER.endpoint, contact="https://daka.example.org", at=AT)
    token, _, key = header.removeprefix("vapid t=").partition(", k=")
    signed, _, signature = token.rpartition(".")
    assert json.loads(from_base64(signed.partition(".")[0])) == {"typ": "JWT", "alg": "ES256"}
    claims = json.loads(from_base64(signed.partition(".")[2]))
    assert (claims["aud"], claims["sub"]) == ("https://push.example.net", "https://daka.example.org")
    assert timedelta() < datetime.fromtimestamp(claims["exp"], UTC) - AT <= timedelta(hours=24)
    raw = from_base64(signature)
    assert len(raw) == 64
    public = EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64(key))
    public.verify(
        encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])), signed.encode(), ECDSA(SHA256())
    )


def test_the_key_pair_stays_as_long_as_the_secret_does() -> None:
    one, same, other = (web_push.public_point(web_push.server_key(secret)) for secret in ("a", "a", "b"))
    assert one == same != other
    assert (len(one), one[0]) == (65, 4)


@pytest.mark.parametrize(
    "text",
    [
        *["", "[]", "{}", "1", "null", '{"endpoint": "https://x.example"}', '{"keys": 1}', "not json"],
        json.dumps({"endpoint": "https://x.example", "keys": {"p256dh": UA_PUBLIC, "auth": "short"}}),
        json.dumps({"endpoint": "https://x.example", "keys": {"p256dh": to_base64(b"\4" * 65), "auth": AUTH}}),
        json.dumps({"endpoint": "https://x.example", "keys": {"p256dh": UA_PUBLIC[:-4], "auth": AUTH}}),
        json.dumps({"endpoint": 5, "keys": {"p256dh": UA_PUBLIC, "auth": AUTH}}),
    ],
)
def test_what_is_no_subscription(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and cryptography raise subclasses
        web_push.subscription_of(text)


@pytest.mark.parametrize(
    ("address", "contact"),
    [
        ("https://daka.example.com:8443/", "https://daka.example.com"),
        *[(address, "https://daka.example.org") for address in ("http://localhost:8000", "http://192.168.1.5:8080")],
        *[(address, "https://daka.example.org") for address in ("https://nas.local", "https://box.lan", "http://nas")],
    ],
)
def test_a_contact_that_apple_believes(address: str, contact: str) -> None:
    assert web_push.contact_of(address) == contact
