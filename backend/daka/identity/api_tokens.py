"""Personal tokens for scripts and shortcuts."""

from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import audit
from daka.errors import Conflict, NotFound
from daka.identity.access import API_TOKEN_PREFIX
from daka.identity.grants import is_current
from daka.identity.models import ApiToken, User
from daka.identity.schemas import ApiTokenCreate

MOST_API_TOKENS = 50
LIFETIME = timedelta(days=90)
"""Of a token whose creator names no expiry."""


async def create_api_token(session: AsyncSession, user: User, new: ApiTokenCreate) -> tuple[ApiToken, str]:
    """Create a personal token. The second value is the token itself, which is not stored."""
    if len(await api_tokens(session, user)) >= MOST_API_TOKENS:
        raise Conflict("too_many_tokens", f"At most {MOST_API_TOKENS} tokens; revoke one first")
    token = security.new_token(API_TOKEN_PREFIX)
    now = clock.now()
    row = ApiToken(
        user_id=user.id,
        name=new.name,
        token_hash=security.token_hash(token),
        token_version=user.token_version,
        scopes=sorted(set(new.scopes)),
        created_at=now,
        expires_at=new.expires_at if "expires_at" in new.model_fields_set else now + LIFETIME,
    )
    session.add(row)
    await session.flush()
    audit(session, "api_token.created", row.id, row.name, after={"scopes": row.scopes, "expires_at": row.expires_at})
    return row, token


async def api_tokens(session: AsyncSession, user: User) -> list[ApiToken]:
    asked = (
        select(ApiToken)
        .where(ApiToken.user_id == user.id, is_current(ApiToken.user_id, ApiToken.token_version))
        .order_by(ApiToken.id)
    )
    return list(await session.exec(asked))


async def delete_api_token(session: AsyncSession, user: User, token_id: int) -> None:
    row = await session.get(ApiToken, token_id)
    if row is None or row.user_id != user.id:
        raise NotFound("token_not_found", f"You have no token {token_id}")
    audit(session, "api_token.deleted", row.id, row.name, before={"scopes": row.scopes})
    await session.delete(row)
