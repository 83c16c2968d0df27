"""HTTP of users."""

from datetime import date
from typing import Annotated

from fastapi import File, Query, UploadFile

from daka import security
from daka.database import SessionDep
from daka.file_reader import FileReaderDep
from daka.identity import moves, password_links, passwords, second_factor, sessions, users
from daka.identity.access import Admin, DatabaseDep, Member, Planner, PlannerApart, Principal, SettingsDep, confirmed
from daka.identity.models import TeamMove, User
from daka.identity.people_import import PeopleImport, import_people, read_people
from daka.identity.schemas import (
    Invitation,
    MoveCreate,
    MoveRead,
    PasswordLinkRead,
    PeopleSearch,
    PersonFields,
    RowId,
    UserCreate,
    UserDetails,
    UserRead,
    UserUpdate,
)
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1/users", tags=["users"])


@router.get("", operation_id="users_list", responses=problems(403))
async def list_users(by: Planner, session: SessionDep, search: Annotated[PeopleSearch, Query()]) -> Page[UserRead]:
    """List the people whom you plan, in the order in which they were added."""
    found, next_cursor = await users.list_users(session, by, search)
    return Page(items=[_user_read(user, by) for user in found], next_cursor=next_cursor)


@router.post("", operation_id="users_create", status_code=201, responses=problems(403, 404, 409, 429))
async def create_user(new: UserCreate, by: PlannerApart, database: DatabaseDep) -> UserRead:
    """Add a person. Planners can add members to their teams."""
    passwords.refuse_weak(new.password, new.username, new.display_name)
    hashed = await security.hash_password(new.password)
    async with database.write() as session:
        by = await confirmed(session, by)
        user = await users.create_user(session, by, new, hashed)
    return _user_read(user, by)


@router.post("/import", operation_id="users_import", responses=problems(403, 409, 413, 429))
async def import_users(
    file: Annotated[UploadFile, File(description="CSV or XLSX with headings such as 姓名, 工号, 手机, 班组")],
    by: PlannerApart,
    database: DatabaseDep,
    files: FileReaderDep,
    settings: SettingsDep,
    dry_run: bool = True,
) -> PeopleImport:
    """Add many people from a file. If any row has a problem, all problems are listed and nothing is written.

    Existing people are left unchanged.
    """
    rows = await read_people(files, by.id, await file.read())
    opened = database.read() if dry_run else database.write()
    async with opened as session:
        by = await confirmed(session, by)
        return await import_people(session, settings, by, rows, dry_run=dry_run)


@router.post("/invite", operation_id="users_invite", status_code=201, responses=problems(403, 404, 409))
async def invite_user(new: PersonFields, by: Planner, session: SessionDep, settings: SettingsDep) -> Invitation:
    """Add a person without a password, and create a link (also as a QR code) with which they set one."""
    user = await users.create_user(session, by, new, "")
    link = await password_links.make_link(session, settings, by, user)
    return Invitation(user=_user_read(user, by), link=link)


@router.get("/{user_id}", operation_id="users_read", responses=problems(404))
async def read_user(user_id: RowId, by: Member, session: SessionDep) -> UserDetails:
    """Get a person whom you plan, or yourself."""
    user = await users.visible_user(session, user_id, by)
    is_on = await second_factor.is_on(session, user) if by.is_admin else None
    return UserDetails.model_validate({**users.user_values(user, by), "has_second_factor": is_on})


@router.patch("/{user_id}", operation_id="users_update", responses=problems(403, 404, 409, 429))
async def update_user(user_id: RowId, change: UserUpdate, by: PlannerApart, database: DatabaseDep) -> UserRead:
    """Change a person. A new role, team or password, or disabling the account, takes effect at once."""
    async with database.read() as session:
        user = await users.planned_user(session, user_id, by)
    hashed = None
    if change.password is not None:
        users.refuse_own_account(by, user_id)
        passwords.refuse_weak(change.password, change.username or user.username, user.display_name)
        hashed = await security.hash_password(change.password)
    async with database.write() as session:
        by = await confirmed(session, by)
        user = await users.planned_user(session, user_id, by)
        await users.update_user(session, by, user, change, hashed)
    return _user_read(user, by)


@router.post(
    "/{user_id}/password-link", operation_id="users_password_link", status_code=201, responses=problems(403, 404)
)
async def create_password_link(
    user_id: RowId, by: Planner, session: SessionDep, settings: SettingsDep
) -> PasswordLinkRead:
    """Create a single-use link with which a person sets a new password. Earlier links become invalid."""
    users.refuse_own_account(by, user_id)
    user = await users.planned_user(session, user_id, by)
    users.refuse_higher_person(by, user)
    return await password_links.make_link(session, settings, by, user)


@router.post("/{user_id}/sign-out", operation_id="users_sign_out", status_code=204, responses=problems(403, 404))
async def sign_user_out(user_id: RowId, by: Planner, session: SessionDep) -> None:
    """Sign a person out everywhere, at once."""
    user = await users.planned_user(session, user_id, by)
    users.refuse_higher_person(by, user)
    await sessions.end_all_sessions(session, user)


@router.delete(
    "/{user_id}/second-factor", operation_id="users_second_factor_off", status_code=204, responses=problems(403, 404)
)
async def turn_second_factor_off(user_id: RowId, by: Admin, session: SessionDep) -> None:
    """Turn off a person's second factor, if they lost both their phone and their recovery codes."""
    users.refuse_own_account(by, user_id)
    await second_factor.turn_off(session, await users.planned_user(session, user_id, by))


@router.get("/{user_id}/moves", operation_id="users_moves_list", responses=problems(403, 404))
async def list_moves(user_id: RowId, by: Planner, session: SessionDep) -> Page[MoveRead]:
    """List a person's moves between teams, past and planned, latest first."""
    found = await moves.moves(session, await users.planned_user(session, user_id, by))
    return Page(items=[_move_read(move, unplanned) for move, unplanned in found])


@router.post("/{user_id}/moves", operation_id="users_moves_create", status_code=201, responses=problems(403, 404, 409))
async def create_move(user_id: RowId, new: MoveCreate, by: Planner, session: SessionDep) -> MoveRead:
    """Move a person to another team from a date on. They keep shared shifts, but lose the shifts of their former team."""
    return _move_read(*await moves.plan_move(session, by, await users.planned_user(session, user_id, by), new))


@router.delete(
    "/{user_id}/moves/{move_id}", operation_id="users_moves_delete", status_code=204, responses=problems(403, 404)
)
async def delete_move(user_id: RowId, move_id: RowId, by: Planner, session: SessionDep) -> None:
    """Cancel a move that has not taken effect yet."""
    await moves.cancel_move(session, by, await users.planned_user(session, user_id, by), move_id)


@router.delete("/{user_id}", operation_id="users_delete", status_code=204, responses=problems(403, 404, 409))
async def delete_user(user_id: RowId, by: Planner, session: SessionDep) -> None:
    """Delete a person. Their history is kept."""
    await users.delete_user(session, by, await users.planned_user(session, user_id, by))


def _move_read(move: TeamMove, unplanned_dates: list[date]) -> MoveRead:
    return MoveRead.model_validate({**move.model_dump(), "unplanned_dates": unplanned_dates})


def _user_read(user: User, by: Principal) -> UserRead:
    return UserRead.model_validate(users.user_values(user, by))
