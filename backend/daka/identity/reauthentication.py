"""Actions that a stolen access token alone must not allow: they need the password, or a sign-in of the last five minutes.

`by: MemberReauthenticated` in a route's signature requires it; the password is `current_password` in the request body. The check
runs in transactions of its own, so the route begins its write transaction with `confirmed(session, by, lock=True)`.
"""

import json
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import select

from daka import clock
from daka.errors import Forbidden
from daka.identity.access import AdminApart, DatabaseDep, MemberApart, Principal
from daka.identity.models import RefreshToken
from daka.identity.sign_in import refuse_wrong_password
from daka.identity.sign_in_routes import DeviceDep

FRESH = timedelta(minutes=5)


async def _reauthenticated(request: Request, by: MemberApart, database: DatabaseDep, device: DeviceDep) -> Principal:
    password = await _password_in(request)
    if password is not None:
        await refuse_wrong_password(database, by.user, password, device)
        return by
    asked = select(RefreshToken.id).where(
        RefreshToken.user_id == by.id,
        RefreshToken.family == by.family,
        RefreshToken.signed_in_at > clock.now() - FRESH,
        RefreshToken.signed_in_at <= clock.now(),
        RefreshToken.revoked_at.is_(None),
    )
    async with database.read() as session:
        if by.family is None or (await session.exec(asked.limit(1))).first() is None:
            raise Forbidden("password_needed", "Send current_password, or sign in again")
    return by


async def _password_in(request: Request) -> str | None:
    """`current_password` of the JSON body, which the route's schema validates afterwards."""
    try:
        body = json.loads(await request.body())
        password = body.get("current_password") if isinstance(body, dict) else None
        return password[:200].encode().decode() if isinstance(password, str) else None
    except (ValueError, RecursionError):  # not JSON, or not text
        return None


MemberReauthenticated = Annotated[Principal, Depends(_reauthenticated)]


async def _admin_reauthenticated(_: AdminApart, by: MemberReauthenticated) -> Principal:
    return by


AdminReauthenticated = Annotated[Principal, Depends(_admin_reauthenticated)]
