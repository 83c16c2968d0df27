"""Passwords, signed tokens and secrets at rest. Each purpose has a key of its own, derived from `SECRET_KEY`."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from daka.errors import ConfigurationError, TooMany

if TYPE_CHECKING:  # each is loaded when it is first needed
    from cryptography.fernet import Fernet
    from jose.backends.base import Key
    from passlib.context import CryptContext

TokenPurpose = Literal["access", "link", "device", "external_login", "second_factor", "settings_test", "phone"]
Purpose = Literal["secrets", "refresh", "web_push", "chat_code"] | TokenPurpose

_hashing = asyncio.Semaphore(2)
"""Argon2 needs 64 MiB and about 0.2 s per password: two at once keep a small server responsive."""
_low_priority = asyncio.Semaphore(2)
"""Acquired before `_hashing` by low-priority callers, so that at most two of them are ahead of any other."""
MOST_WAITING = 100
"""Above the limit for unknown browsers (`identity.sign_in`), so that these alone never fill the queue."""
_waiting = 0

# A hash that matches no known password: verifying it makes unknown users take as long as known ones.
DUMMY_HASH = "$argon2id$v=19$m=65536,t=2,p=2$Ucr5vzdmbG2NUWrN2dvb2w$WJuKGRbwRH/SGpASIIYOlLNIDi6z4MVJk8g7yBH292Q"


@lru_cache
def _passwords() -> "CryptContext":
    from passlib.context import CryptContext

    return CryptContext(schemes=["argon2"], argon2__time_cost=2, argon2__memory_cost=64 * 1024, argon2__parallelism=2)


@asynccontextmanager
async def _hashing_slot(*, is_low_priority: bool = False) -> AsyncIterator[None]:
    """Wait for a free slot. When the queue is full, refuse at once."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise TooMany("busy", 5, "Too many people are signing in at the moment")
    _waiting += 1
    try:
        async with _low_priority if is_low_priority else nullcontext(), _hashing:
            yield
    finally:
        _waiting -= 1


async def hash_password(password: str) -> str:
    """Argon2id hash of a password, computed in a thread. Slow, so never call it inside a transaction."""
    async with _hashing_slot():
        return await asyncio.to_thread(lambda: _passwords().hash(password))


async def is_password(password: str, hashed: str | None, *, is_low_priority: bool = False) -> bool:
    """Whether the password is correct. Takes as long for an unknown user or one without a password (`hashed` is empty).

    Low-priority checks wait until the others are done.
    """
    async with _hashing_slot(is_low_priority=is_low_priority):
        fits = await asyncio.to_thread(lambda: _passwords().verify(password, hashed or DUMMY_HASH))
    return fits and bool(hashed)


@lru_cache(maxsize=16)
def derived_key(secret: str, purpose: Purpose) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256, RFC 5869), so that a token of one kind never passes as another."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, f"daka/{purpose}\1".encode(), "sha256")


@lru_cache(maxsize=16)
def _signing_key(secret: str, purpose: TokenPurpose) -> "Key":
    from jose import jwk

    return jwk.construct(base64.b64encode(derived_key(secret, purpose)).decode(), "HS256")


def signed(secret: str, purpose: TokenPurpose, *, issued_at: datetime, lifetime: timedelta, **claims: Any) -> str:
    """A compact HS256 JWT. `sub` must be among the claims."""
    from jose import jwt

    payload = {
        "aud": purpose,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + lifetime).timestamp()),
        **claims,
    }
    return jwt.encode(payload, _signing_key(secret, purpose), algorithm="HS256")


def verified(secret: str, purpose: TokenPurpose, token: str, *, at: datetime) -> dict[str, Any] | None:
    """The claims of a token made by `signed` for this purpose and still valid `at` this time, else None."""
    from jose import JWTError, jwt

    try:
        claims = jwt.decode(
            token,
            _signing_key(secret, purpose),
            algorithms=["HS256"],
            audience=purpose,
            # The expiry is required and checked below against `clock`; jose's `require_exp` reads the system clock.
            options={"require_sub": True, "require_iat": True, "require_aud": True, "verify_exp": False},
        )
    except JWTError:
        return None
    expires = claims.get("exp")
    return claims if isinstance(expires, int) and expires > at.timestamp() else None


_ID_BYTES, _MINUTE_BYTES, _TAG_BYTES = 5, 4, 9


def short_token(secret: str, purpose: TokenPurpose, number: int, expires_at: datetime) -> str:
    """24 characters for a message: a number below 2^40 and the minute of expiry (rounded up), signed with 72 bits.

    The tag is short because each guess takes a request: 2^40 of them find one with a probability of 2^-32.
    """
    minute = -int(-expires_at.timestamp() // 60)
    signed_part = number.to_bytes(_ID_BYTES) + minute.to_bytes(_MINUTE_BYTES)
    return base64.urlsafe_b64encode(signed_part + _short_tag(secret, purpose, signed_part)).decode()


def short_token_value(secret: str, purpose: TokenPurpose, token: str, *, at: datetime) -> int | None:
    """The number of a token made by `short_token` for this purpose and still valid `at` this time, else None."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    signed_part, tag = raw[: _ID_BYTES + _MINUTE_BYTES], raw[_ID_BYTES + _MINUTE_BYTES :]
    if not hmac.compare_digest(tag, _short_tag(secret, purpose, signed_part)):
        return None
    expires = int.from_bytes(signed_part[_ID_BYTES:]) * 60
    return int.from_bytes(signed_part[:_ID_BYTES]) if expires > at.timestamp() else None


def _short_tag(secret: str, purpose: TokenPurpose, signed_part: bytes) -> bytes:
    return hmac.digest(derived_key(secret, purpose), b"short\0" + signed_part, "sha256")[:_TAG_BYTES]


def new_token(prefix: str = "") -> str:
    """A random bearer token with 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def next_token(secret: str, token: str) -> str:
    """The token that replaces this one: always the same, and nobody can compute it without the key."""
    digest = hmac.digest(derived_key(secret, "refresh"), token.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """The hash stored of a random token: tokens have full entropy, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class SecretBox:
    """Encrypts the secret settings of channels at rest (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @cached_property
    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        return Fernet(base64.urlsafe_b64encode(derived_key(self._secret, "secrets")))

    def seal(self, values: dict[str, str]) -> str:
        return self._fernet.encrypt(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).decode()

    def opens(self, sealed: str) -> bool:
        """Whether the value was encrypted with this key."""
        return self._opened(sealed) is not None

    def open(self, sealed: str) -> dict[str, str]:
        if (opened := self._opened(sealed)) is None:
            raise ConfigurationError(
                "SECRET_KEY cannot decrypt the stored secrets; restore the former key, or run daka rotate-key"
            )
        values: dict[str, str] = json.loads(opened)
        return values

    def _opened(self, sealed: str) -> bytes | None:
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            return None
