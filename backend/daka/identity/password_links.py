"""Single-use links with which a person sets a password: an invitation, or a reset by one of their planners.

The token is in the URL's fragment, which browsers do not send to any server, so that no log contains it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by, audit
from daka.errors import NotFound
from daka.identity.access import Principal, lock_account, planned_teams
from daka.identity.grants import is_current
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
            token_version=user.token_version,
            created_by=by.id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    audit(session, "user.password_link_made", user.id, user.display_name, after={"expires_at": expires_at})
    return f"{settings.base_url}/set-password#{token}", expires_at


async def linked_person(session: AsyncSession, token: str) -> tuple[User, datetime]:
    """The person whose password a link sets, and when the link expires."""
    row, user = await _valid(session, token)
    return user, row.expires_at


async def use_link(session: AsyncSession, token: str, password_hash: str) -> User:
    """Set the password. The link is used up, and all sessions of the person end."""
    row, user = await _valid(session, token)
    row.used_at = clock.now()
    asked_by(session, user.id, user.display_name)
    user.password_hash = password_hash
    audit(session, "user.password_set", user.id, user.display_name, after={"by": "link"})
    await end_all_sessions(session, user)
    return user


async def _valid(session: AsyncSession, token: str) -> tuple[PasswordLink, User]:
    """The link and its person, whose account a write transaction locks.

    A link is as good as the right to make it: its maker must still have that right.
    """
    found = PasswordLink.token_hash == security.token_hash(token)
    user_id = (await session.exec(select(PasswordLink.user_id).where(found))).first()
    if user_id is not None:
        is_writing = session.info.get("writes")
        user = await (lock_account(session, user_id) if is_writing else session.get(User, user_id))
        asked = select(PasswordLink, User).join(User, User.id == PasswordLink.created_by)
        is_open = (
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > clock.now(),
            is_current(PasswordLink.user_id, PasswordLink.token_version),
        )
        row = (await session.exec(asked.where(found, *is_open))).first()
        if row is not None and user is not None and await _may_make(session, row[1], user):
            return row[0], user
    raise NotFound("link_not_valid", "This link was already used or has expired; ask for a new one")


async def _may_make(session: AsyncSession, maker: User, user: User) -> bool:
    return maker.may_sign_in and Principal(maker, await planned_teams(session, maker)).may_change(user)
