"""Forged, expired and swapped tokens: nothing but a token that we signed for this purpose, and that is still good, passes."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st
from jose import jwt

from conftest import MONDAY_EIGHT, ONE_DATABASE, SECRET, Clock, Workplace
from daka import security
from scenes import path_of_link

PURPOSES: tuple[security.TokenPurpose, ...] = ("access", "link", "device", "external_login", "second_factor")
NOW = int(MONDAY_EIGHT.timestamp())
CLAIMS = {"aud": "access", "sub": "1", "ver": 0, "iat": NOW, "exp": NOW + 900, "jti": "x"}


def good(purpose: security.TokenPurpose = "access", **claims: Any) -> str:
    lifetime = timedelta(minutes=15)
    return security.signed(
        SECRET, purpose, issued_at=MONDAY_EIGHT, lifetime=lifetime, **{"sub": "1", "ver": 0, **claims}
    )


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, signature])


def key(purpose: security.Purpose = "access") -> str:
    return base64.b64encode(security.derived_key(SECRET, purpose)).decode()


RSA = rsa.generate_private_key(65537, 2048)
PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()

FORGED = {
    "alg none": unsigned({"alg": "none", "typ": "JWT"}, CLAIMS),
    "alg None": unsigned({"alg": "None", "typ": "JWT"}, CLAIMS),
    "no alg": unsigned({"typ": "JWT"}, CLAIMS),
    "none with our signature": unsigned({"alg": "none"}, CLAIMS, good().split(".")[2]),
    "another key": jwt.encode(CLAIMS, "another-key-of-more-than-32-characters", algorithm="HS256"),
    "empty key": jwt.encode(CLAIMS, "", algorithm="HS256"),
    "the secret itself": jwt.encode(CLAIMS, SECRET, algorithm="HS256"),
    "HS512 with our key": jwt.encode(CLAIMS, key(), algorithm="HS512"),
    "RS256": jwt.encode(CLAIMS, PEM, algorithm="RS256"),
    "a key in the header": jwt.encode(
        CLAIMS, "k" * 32, algorithm="HS256", headers={"jwk": {"kty": "oct", "k": "a2tr"}}
    ),
    "without exp": jwt.encode({k: v for k, v in CLAIMS.items() if k != "exp"}, key(), algorithm="HS256"),
    "without sub": jwt.encode({k: v for k, v in CLAIMS.items() if k != "sub"}, key(), algorithm="HS256"),
    "without aud": jwt.encode({k: v for k, v in CLAIMS.items() if k != "aud"}, key(), algorithm="HS256"),
    "without iat": jwt.encode({k: v for k, v in CLAIMS.items() if k != "iat"}, key(), algorithm="HS256"),
    "without version": jwt.encode({k: v for k, v in CLAIMS.items() if k != "ver"}, key(), algorithm="HS256"),
    "an older version": good(ver=-1),
    "expired": good(exp=NOW),
    "not a number": good(sub="1 OR 1=1"),
    "nobody": good(sub="999"),
    "a family that never was": good(sid="x" * 32),
    "the payload of another": ".".join([good().split(".")[0], good(sub="2").split(".")[1], good().split(".")[2]]),
    "empty": "",
    "dots": "..",
    "not base64": "a.b.c",
    "long": "a" * 5000,
    "a personal token that never was": "daka_" + "a" * 43,
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_access_tokens_are_refused(workplace: Workplace, name: str) -> None:
    answer = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {FORGED[name]}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_good_one_passes(workplace: Workplace) -> None:
    token = good(sub=str(workplace.bob.id))
    assert (
        await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    ).status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "bearer\t", "Token", "Bearer,", ""])
@ONE_DATABASE
async def test_only_the_bearer_scheme_counts(workplace: Workplace, scheme: str) -> None:
    token = good(sub=str(workplace.bob.id))
    answer = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"{scheme} {token}".strip()})
    assert answer.status_code == 401


async def test_a_token_in_the_address_does_not_count(workplace: Workplace) -> None:
    token = good(sub=str(workplace.bob.id))
    assert (await workplace.anonymous.get("/api/v1/me", params={"access_token": token})).status_code == 401
    assert (await workplace.anonymous.get("/api/v1/me", headers={"Cookie": f"access_token={token}"})).status_code == 401


@pytest.mark.parametrize("made_for", PURPOSES)
@pytest.mark.parametrize("used_for", PURPOSES)
def test_a_token_for_one_purpose_never_passes_for_another(
    made_for: security.TokenPurpose, used_for: security.TokenPurpose
) -> None:
    passed = security.verified(SECRET, used_for, good(made_for), at=MONDAY_EIGHT)
    assert (passed is not None) == (made_for == used_for)
    relabelled = jwt.encode({**CLAIMS, "aud": used_for}, key(made_for), algorithm="HS256")
    assert (security.verified(SECRET, used_for, relabelled, at=MONDAY_EIGHT) is not None) == (made_for == used_for)


def test_keys_of_purposes_differ() -> None:
    keys = {security.derived_key(SECRET, purpose) for purpose in (*PURPOSES, "secrets")}
    assert len(keys) == len(PURPOSES) + 1


def test_keys_are_those_of_rfc_5869() -> None:
    wanted = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"daka/secrets").derive(SECRET.encode())
    assert security.derived_key(SECRET, "secrets") == wanted


@settings(max_examples=300)
@given(st.text(max_size=200) | st.binary(max_size=150).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    for purpose in PURPOSES:
        assert security.verified(SECRET, purpose, text, at=MONDAY_EIGHT) is None


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_with_any_byte_changed_is_refused(position: int, flip: int) -> None:
    token = good().encode()
    position %= len(token)
    changed = bytearray(token)
    changed[position] ^= flip
    text = changed.decode("latin-1")
    found = security.verified(SECRET, "access", text, at=MONDAY_EIGHT)
    if found is not None:  # the last character of base64 carries bits that mean nothing
        assert found == security.verified(SECRET, "access", good(), at=MONDAY_EIGHT)


@settings(max_examples=200)
@given(
    st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8), max_size=6)
)
def test_any_claims_under_our_own_signature_do_not_break_the_check(claims: dict[str, Any]) -> None:
    token = jwt.encode({**CLAIMS, **claims}, key(), algorithm="HS256")
    found = security.verified(SECRET, "access", token, at=MONDAY_EIGHT)
    assert found is None or found["exp"] > NOW


# --- short tokens -----------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**40 - 1), st.sampled_from(PURPOSES), st.integers(1, 10**7))
def test_a_short_token_has_24_characters_and_names_its_number_until_it_expires(
    number: int, purpose: security.TokenPurpose, seconds: int
) -> None:
    expires = MONDAY_EIGHT + timedelta(seconds=seconds)
    token = security.short_token(SECRET, purpose, number, expires)
    assert len(token) == 24
    assert security.short_token_value(SECRET, purpose, token, at=expires - timedelta(seconds=1)) == number
    assert security.short_token_value(SECRET, purpose, token, at=expires + timedelta(minutes=1)) is None


@given(st.integers(0, 18 * 8 - 1))
def test_a_short_token_with_one_other_bit_or_of_another_purpose_or_server_is_refused(bit: int) -> None:
    token = security.short_token(SECRET, "link", 7, MONDAY_EIGHT + timedelta(hours=1))
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[bit // 8] ^= 1 << bit % 8
    forged = base64.urlsafe_b64encode(raw).decode()
    assert security.short_token_value(SECRET, "link", forged, at=MONDAY_EIGHT) is None
    assert security.short_token_value(SECRET, "device", token, at=MONDAY_EIGHT) is None
    assert security.short_token_value(SECRET[::-1], "link", token, at=MONDAY_EIGHT) is None


@given(st.text(max_size=40) | st.binary(max_size=24).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_read_as_a_short_token_without_an_error(text: str) -> None:
    assert security.short_token_value(SECRET, "link", text, at=MONDAY_EIGHT) is None


# --- one-tap links ---------------------------------------------------------------------------------------------------


async def give_reminders(workplace: Workplace) -> list[dict[str, Any]]:
    shift = {"name": "早班", "code": "早", "periods": [{"start": "08:10", "end": "18:00"}]}
    made = await workplace.alice.post("/api/v1/shifts", shift)
    cell = {"user_id": workplace.bob.id, "date": "2026-11-23", "shift_id": made["id"]}
    await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    return (await workplace.bob.get("/api/v1/reminders"))["items"]


async def test_a_link_acts_on_its_own_reminder_only(workplace: Workplace) -> None:
    first, second = await give_reminders(workplace)
    path = await path_of_link(workplace, first["id"], ends_at=MONDAY_EIGHT + timedelta(hours=1))
    answer = await workplace.anonymous.post(path, data={"action": "ack", "reminder": str(second["id"])})
    assert answer.status_code == 303
    states = {item["id"]: item["status"] for item in (await workplace.bob.get("/api/v1/reminders"))["items"]}
    assert states[second["id"]] == second["status"]
    assert states[first["id"]] == first["status"]
    await workplace.anonymous.post(path, data={"action": "ack"})
    states = {item["id"]: item["status"] for item in (await workplace.bob.get("/api/v1/reminders"))["items"]}
    assert (states[first["id"]], states[second["id"]]) == ("acknowledged", second["status"])


async def test_looking_at_a_link_changes_nothing(workplace: Workplace) -> None:
    first, _ = await give_reminders(workplace)
    path = await path_of_link(workplace, first["id"], ends_at=MONDAY_EIGHT + timedelta(hours=1))
    for _ in range(3):
        assert (await workplace.anonymous.get(path)).status_code == 200
    assert (await workplace.bob.get("/api/v1/reminders"))["items"][0]["status"] == first["status"]


async def test_an_access_token_is_no_link_and_a_link_no_access_token(workplace: Workplace, frozen: Clock) -> None:
    first, _ = await give_reminders(workplace)
    token = good(sub=str(workplace.bob.id))
    assert (await workplace.anonymous.get(f"/a/{token}")).status_code == 410
    assert (await workplace.anonymous.post(f"/a/{token}", data={"action": "ack"})).status_code == 410
    path = await path_of_link(workplace, first["id"], ends_at=MONDAY_EIGHT + timedelta(hours=1))
    link = path.removeprefix("/a/")
    answer = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {link}"})
    assert answer.status_code == 401
    frozen.forward(hours=13, minutes=1)
    assert (await workplace.anonymous.get(f"/a/{link}")).status_code == 410
