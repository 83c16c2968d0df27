"""Passwords, signed tokens and secrets at rest. Each purpose has a key of its own, derived from `SECRET_KEY`."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jose import JWTError, jwk, jwt
from jose.backends.base import Key
from passlib.context import CryptContext

from daka.errors import ConfigurationError, TooMany

TokenPurpose = Literal["access", "link", "device", "external_login", "second_factor"]
Purpose = Literal["secrets"] | TokenPurpose

# argon2 takes 64 MiB for about 0.2 s a password: two at once keeps a small box responsive.
_passwords = CryptContext(schemes=["argon2"], argon2__time_cost=2, argon2__memory_cost=64 * 1024, argon2__parallelism=2)
_hashing = asyncio.Semaphore(2)
_strangers = asyncio.Semaphore(2)
"""Held by strangers before they line up, so that at most two of them are ever in front of anybody else."""
MOST_WAITING = 100
"""More than strangers may sign in at once (`identity.sign_in`), so that they never fill the line alone."""
_waiting = 0

# A hash of the same cost that no password is known for: checking it makes unknown users take as long as known ones.
NOBODY = "$argon2id$v=19$m=65536,t=2,p=2$Ucr5vzdmbG2NUWrN2dvb2w$WJuKGRbwRH/SGpASIIYOlLNIDi6z4MVJk8g7yBH292Q"


@asynccontextmanager
async def _turn_to_hash(*, is_stranger: bool = False) -> AsyncIterator[None]:
    """Wait for one's turn. A queue that would take longer than people wait is refused at once."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise TooMany("busy", 5, "Too many people sign in at this moment")
    _waiting += 1
    try:
        async with _strangers if is_stranger else nullcontext(), _hashing:
            yield
    finally:
        _waiting -= 1


async def hash_password(password: str) -> str:
    """argon2id hash of a password, computed in a thread. Never inside a transaction: it takes its time."""
    async with _turn_to_hash():
        return await asyncio.to_thread(_passwords.hash, password)


async def is_password(password: str, hashed: str | None, *, is_stranger: bool = False) -> bool:
    """Whether the password fits. Takes as long for somebody who does not exist or has no password (`hashed` is empty).

    Strangers come after everybody else.
    """
    async with _turn_to_hash(is_stranger=is_stranger):
        fits = await asyncio.to_thread(_passwords.verify, password, hashed or NOBODY)
    return fits and bool(hashed)


@lru_cache(maxsize=16)
def derived_key(secret: str, purpose: Purpose) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256, RFC 5869), so that a token of one kind never passes as another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"daka/{purpose}".encode()).derive(secret.encode())


@lru_cache(maxsize=16)
def _signing_key(secret: str, purpose: TokenPurpose) -> Key:
    """Made once: a company's 09:00 signs thousands of links."""
    return jwk.construct(base64.b64encode(derived_key(secret, purpose)).decode(), "HS256")


def signed(secret: str, purpose: TokenPurpose, *, issued_at: datetime, lifetime: timedelta, **claims: Any) -> str:
    """A compact HS256 JWT. `sub` must be among the claims."""
    payload = {
        "aud": purpose,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + lifetime).timestamp()),
        **claims,
    }
    return jwt.encode(payload, _signing_key(secret, purpose), algorithm="HS256")


def verified(secret: str, purpose: TokenPurpose, token: str, *, at: datetime) -> dict[str, Any] | None:
    """The claims of a token made by `signed` for this purpose and still valid `at` that moment, else None."""
    try:
        claims = jwt.decode(
            token,
            _signing_key(secret, purpose),
            algorithms=["HS256"],
            audience=purpose,
            # The expiry is required and checked below, against our own clock: jose's `require_exp` reads the system's.
            options={"require_sub": True, "require_iat": True, "require_aud": True, "verify_exp": False},
        )
    except JWTError:
        return None
    expires = claims.get("exp")
    return claims if isinstance(expires, int) and expires > at.timestamp() else None


def new_token(prefix: str = "") -> str:
    """A random bearer token with 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a random token: tokens have full entropy, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class SecretBox:
    """Encrypts the secret settings of channels at rest (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived_key(secret, "secrets")))

    def seal(self, values: dict[str, str]) -> str:
        return self._fernet.encrypt(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).decode()

    def opens(self, sealed: str) -> bool:
        """Whether it was sealed with this key."""
        try:
            self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def open(self, sealed: str) -> dict[str, str]:
        try:
            values: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise ConfigurationError(
                "SECRET_KEY is not the one that stored secrets were encrypted with; put the former key back, or rotate it"
            ) from error
        return values
