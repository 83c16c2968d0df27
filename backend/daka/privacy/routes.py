"""HTTP of privacy: export and erasure of one person's data."""

from typing import Any

from fastapi import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import SessionDep
from daka.identity.access import Admin, Member, find_user
from daka.identity.models import User
from daka.identity.schemas import Body, RowId, Username
from daka.privacy import service
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1", tags=["privacy"])


class Erasure(Body):
    username: Username


async def _export(session: AsyncSession, user: User, response: Response) -> dict[str, Any]:
    response.headers["Content-Disposition"] = f'attachment; filename="daka-user-{user.id}.json"'
    return await service.export(session, user)


@router.get("/me/export", operation_id="me_export")
async def export_me(by: Member, session: SessionDep, response: Response) -> dict[str, Any]:
    """Export all data that refers to you, by table."""
    return await _export(session, by.user, response)


@router.get("/users/{user_id}/export", operation_id="users_export", responses=problems(403, 404))
async def export_user(user_id: RowId, by: Admin, session: SessionDep, response: Response) -> dict[str, Any]:
    """Export all data that refers to a person, by table."""
    return await _export(session, await find_user(session, user_id), response)


@router.post("/users/{user_id}/erase", operation_id="users_erase", status_code=204, responses=problems(403, 404, 409))
async def erase_user(user_id: RowId, asked: Erasure, by: Admin, session: SessionDep) -> None:
    """Erase a person's identity. Their history is kept without a name. Repeat the username, to prevent mistakes."""
    await service.erase(session, by, user_id, asked.username)
