"""Single-use links with which a person sets a password: an invitation, or a reset by one of their planners.

The token is in the URL's fragment, which browsers do not send to any server, so that no log contains it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.errors import NotFound
from daka.identity.access import Principal
from daka.identity.external_login import delete_connections
from daka.identity.models import PasswordLink, User
from daka.identity.schemas import PasswordLinkRead
from daka.identity.second_factor import qr_svg
from daka.identity.sessions import end_all_sessions
from daka.settings import Settings

INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=24)


async def make_link(session: AsyncSession, settings: Settings, by: Principal, user: User) -> PasswordLinkRead:
    """Create a link for a person, with a QR code. Earlier links become invalid."""
    await session.exec(sa.delete(PasswordLink).where(PasswordLink.user_id == user.id))
    url, expires_at = _add_link(session, settings, by, user)
    await session.flush()
    return PasswordLinkRead(user_id=user.id, url=url, qr_svg=qr_svg(url), expires_at=expires_at)


async def first_links(session: AsyncSession, settings: Settings, by: Principal, users: Sequence[User]) -> list[str]:
    """Create links for new people, in one step and without QR codes: there may be two thousand."""
    urls = [_add_link(session, settings, by, user)[0] for user in users]
    await session.flush()
    return urls


def _add_link(session: AsyncSession, settings: Settings, by: Principal, user: User) -> tuple[str, datetime]:
    now = clock.now()
    token = security.new_token()
    expires_at = now + (RESET_LIFETIME if user.password_hash else INVITATION_LIFETIME)
    session.add(
        PasswordLink(
            user_id=user.id,
            token_hash=security.token_hash(token),
            created_by=by.id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    audit(session, "user.password_link_made", user.id, user.display_name, after={"expires_at": expires_at})
    return f"{settings.base_url}/set-password#{token}", expires_at


async def linked_person(session: AsyncSession, token: str) -> tuple[User, datetime]:
    """The person whose password a link sets, and when the link expires."""
    row = await _valid(session, token)
    return cast(User, await session.get(User, row.user_id)), row.expires_at


async def use_link(session: AsyncSession, token: str, password_hash: str) -> User:
    """Set the password. The link is used up, and all sessions of the person end."""
    row = await _valid(session, token)
    row.used_at = clock.now()
    session.add(row)
    user = cast(User, await session.get(User, row.user_id))
    asked_by(session, user.id, user.display_name)
    user.password_hash = password_hash
    audit(session, "user.password_set", user.id, user.display_name, after={"by": "link"})
    await end_all_sessions(session, user)
    await delete_connections(session, user)
    return user


async def _valid(session: AsyncSession, token: str) -> PasswordLink:
    asked = (
        select(PasswordLink)
        .join(User, User.id == PasswordLink.user_id)
        .where(
            PasswordLink.token_hash == security.token_hash(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > clock.now(),
            User.is_active == sa.true(),
            User.deleted_at.is_(None),
        )
    )
    if session.info.get("writes"):
        asked = asked.with_for_update(of=PasswordLink)
    if (row := (await session.exec(asked)).first()) is None:
        raise NotFound("link_not_valid", "This link was already used or has expired; ask for a new one")
    return row
