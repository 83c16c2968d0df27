"""Proofs that settings were seen to work: signed tokens for the person who tested them, which tell nothing about them."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.database import settings_in
from daka.outbound.config import Config
from daka.settings import Settings

Proof = Annotated[
    str, StringConstraints(max_length=1000), Field(description="Of a test of these very settings, within the last hour")
]
LIFETIME = timedelta(hours=1)
PURPOSE: security.TokenPurpose = "settings_test"


def proof_of(settings: Settings, user_id: int, kind: str, config: Config, *, at: datetime) -> str:
    """A token for one person that says: these settings were seen to work."""
    digest = _digest(settings, kind, config)
    return security.signed(settings.secret, PURPOSE, issued_at=at, lifetime=LIFETIME, sub=str(user_id), digest=digest)


def proven_at(session: AsyncSession, user_id: int, kind: str, config: Config, proof: str | None) -> datetime | None:
    """When these settings were seen to work, by a proof of `proof_of`; None without a valid one."""
    settings = settings_in(session)
    claims = security.verified(settings.secret, PURPOSE, proof, at=clock.now()) if proof else None
    if claims is None or claims["sub"] != str(user_id) or claims.get("digest") != _digest(settings, kind, config):
        return None
    return datetime.fromtimestamp(claims["iat"], UTC)


def _digest(settings: Settings, kind: str, config: Config) -> str:
    """With a key: a short password must not be guessed from it."""
    values = {**config.model_dump(mode="json", exclude=set(config.secret_fields())), **config.secrets()}
    text = json.dumps([kind, values], sort_keys=True)
    return hmac.digest(security.derived_key(settings.secret, PURPOSE), text.encode(), "sha256").hex()
