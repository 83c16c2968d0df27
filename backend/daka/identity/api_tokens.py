"""Personal tokens for scripts and shortcuts."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import audit
from daka.errors import Conflict, NotFound
from daka.identity.access import API_TOKEN_PREFIX
from daka.identity.models import (
    ApiToken,
    User,
)
from daka.identity.schemas import ApiTokenCreate

MOST_API_TOKENS = 50


async def create_api_token(session: AsyncSession, user: User, new: ApiTokenCreate) -> tuple[ApiToken, str]:
    """Create a personal token. The second value is the token itself, which is not stored."""
    if len(await api_tokens(session, user)) >= MOST_API_TOKENS:
        raise Conflict("too_many_tokens", f"At most {MOST_API_TOKENS} tokens; revoke one first")
    token = security.new_token(API_TOKEN_PREFIX)
    row = ApiToken(
        user_id=user.id,
        name=new.name,
        token_hash=security.token_hash(token),
        scopes=sorted(set(new.scopes)),
        created_at=clock.now(),
        expires_at=new.expires_at,
    )
    session.add(row)
    await session.flush()
    audit(session, "api_token.created", row.id, row.name, after={"scopes": row.scopes, "expires_at": row.expires_at})
    return row, token


async def api_tokens(session: AsyncSession, user: User) -> list[ApiToken]:
    return list(await session.exec(select(ApiToken).where(ApiToken.user_id == user.id).order_by(ApiToken.id)))


async def delete_api_token(session: AsyncSession, user: User, token_id: int) -> None:
    row = await session.get(ApiToken, token_id)
    if row is None or row.user_id != user.id:
        raise NotFound("token_not_found", f"You have no token {token_id}")
    audit(session, "api_token.deleted", row.id, row.name, before={"scopes": row.scopes})
    await session.delete(row)
