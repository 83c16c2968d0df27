"""HTTP of privacy: one person's data, given out or forgotten."""

from fastapi import APIRouter, status
from fastapi.responses import JSONResponse

from daka.database import SessionDep
from daka.errors import NotFound
from daka.identity.access import Admin, Member, find_user
from daka.identity.models import User
from daka.identity.schemas import Body, RowId, Username
from daka.privacy import service
from daka.problems import problems

router = APIRouter(prefix="/api/v1", tags=["privacy"])


class Erasure(Body):
    username: Username


async def _export(session: SessionDep, user: User) -> JSONResponse:
    headers = {"Content-Disposition": f'attachment; filename="daka-user-{user.id}.json"'}
    return JSONResponse(await service.export(session, user), headers=headers)


@router.get("/me/export", operation_id="me_export", responses=problems(401))
async def export_me(by: Member, session: SessionDep) -> JSONResponse:
    """Everything that the system knows of oneself, by table."""
    return await _export(session, by.user)


@router.get("/users/{user_id}/export", operation_id="users_export", responses=problems(401, 403, 404))
async def export_user(user_id: RowId, by: Admin, session: SessionDep) -> JSONResponse:
    """Everything that the system knows of a person, by table."""
    return await _export(session, await find_user(session, user_id))


@router.post(
    "/users/{user_id}/erase",
    operation_id="users_erase",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409),
)
async def erase_user(user_id: RowId, asked: Erasure, by: Admin, session: SessionDep) -> None:
    """Forget who a person was: history stays without a name. The username is repeated, so that nobody is erased by mistake."""
    user = await session.get(User, user_id)  # also one who was removed before
    if user is None:
        raise NotFound("user_not_found", f"There is no user {user_id}")
    await service.erase(session, by, user, asked.username)
