"""Web Push: the encryption of a message for one browser (RFC 8291 over RFC 8188) and the server's signature (RFC 8292)."""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daka import security

CURVE = SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256."""
TOKEN_LIFETIME = timedelta(hours=12)
RECORD_SIZE = 4096


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, and its keys."""

    endpoint: str
    public_key: bytes
    """Uncompressed point of P-256, 65 bytes (`p256dh`)."""
    auth: bytes
    """16 bytes."""


def subscription_of(text: str) -> Subscription:
    """A subscription as browsers serialize it (`PushSubscription.toJSON`). Raises ValueError: it is none."""
    found = json.loads(text)
    if not isinstance(found, dict) or not isinstance(keys := found.get("keys"), dict):
        raise ValueError("no subscription")
    endpoint, public_key, auth = found.get("endpoint"), keys.get("p256dh"), keys.get("auth")
    if not (isinstance(endpoint, str) and isinstance(public_key, str) and isinstance(auth, str)):
        raise ValueError("an incomplete subscription")
    parsed = Subscription(endpoint, from_base64(public_key), from_base64(auth))
    EllipticCurvePublicKey.from_encoded_point(CURVE, parsed.public_key)
    if len(parsed.public_key) != 65 or len(parsed.auth) != 16:
        raise ValueError("keys of another length")
    return parsed


def to_base64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@lru_cache(maxsize=4)
def server_key(secret: str) -> EllipticCurvePrivateKey:
    """The key pair of this installation, derived from `SECRET_KEY`: browsers are subscribed to its public half."""
    number = int.from_bytes(security.derived_key(secret, "web_push"))
    return derive_private_key(number % (ORDER - 1) + 1, CURVE)


def public_point(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypted(
    plaintext: bytes, to: Subscription, *, sender: EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """The body of a push message. Key and salt are fresh for each, except in tests."""
    sender, salt = sender or generate_private_key(CURVE), salt or os.urandom(16)
    ours, theirs = public_point(sender), EllipticCurvePublicKey.from_encoded_point(CURVE, to.public_key)
    shared = sender.exchange(ECDH(), theirs)
    key_material = _derived(shared, to.auth, b"WebPush: info\0" + to.public_key + ours, 32)
    content_key = _derived(key_material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(key_material, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, plaintext + b"\x02", None)  # 2: the last record
    return salt + RECORD_SIZE.to_bytes(4) + len(ours).to_bytes(1) + ours + sealed


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)


def authorization(secret: str, endpoint: str, *, contact: str, at: datetime) -> str:
    """The `Authorization` header: who sends, to which service, until when (VAPID). Signed once per service and hour."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(endpoint))
    return _authorization(secret, origin, contact, int(at.timestamp()) // 3600 * 3600)


@lru_cache(maxsize=64)
def _authorization(secret: str, origin: str, contact: str, issued_at: int) -> str:
    key = server_key(secret)
    claims = {"aud": origin, "exp": issued_at + int(TOKEN_LIFETIME.total_seconds()), "sub": contact}
    parts = [{"typ": "JWT", "alg": "ES256"}, claims]
    signed = ".".join(to_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    numbers = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    signature = to_base64(b"".join(number.to_bytes(32) for number in numbers))
    return f"vapid t={signed}.{signature}, k={to_base64(public_point(key))}"


def contact_of(base_url: str) -> str:
    """Whom a push service may contact. Apple refuses names that are not public, such as localhost."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_public = "." in host and not host.endswith((".local", ".lan", ".localhost", ".internal", ".invalid", ".home"))
    is_name = any(letter.isalpha() for letter in host.rpartition(".")[2])
    return f"https://{host}" if is_public and is_name else "https://daka.example.org"
