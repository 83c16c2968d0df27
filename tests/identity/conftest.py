"""Cheap hashes: these tests sign in hundreds of times."""

from collections.abc import Iterator

import pytest
from passlib.context import CryptContext

from daka import security

REAL_PASSWORDS, REAL_NOBODY = security._passwords, security.NOBODY
CHEAP_PASSWORDS = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1)


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security, "_passwords", CHEAP_PASSWORDS)
        patch.setattr(security, "NOBODY", CHEAP_PASSWORDS.hash("nobody knows"))
        yield
