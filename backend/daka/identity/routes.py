"""HTTP of people, teams and signing in."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Header, Request, Response, status
from fastapi.security import OAuth2PasswordRequestForm

from daka import security
from daka.database import Database, SessionDep
from daka.errors import Conflict, Forbidden, Invalid, Unauthenticated
from daka.identity import service
from daka.identity.access import Admin, Member, Planner, SettingsDep, find_team
from daka.identity.models import ApiToken, Team, User
from daka.identity.schemas import (
    ApiTokenCreate,
    ApiTokenCreated,
    ApiTokenRead,
    MeRead,
    MeUpdate,
    PasswordChange,
    RefreshRequest,
    RowId,
    SetupRequest,
    SetupState,
    TeamCreate,
    TeamRead,
    TeamUpdate,
    TokenResponse,
    UserCreate,
    UserRead,
    UserUpdate,
)
from daka.identity.service import Device, Tokens
from daka.paging import Page
from daka.problems import problems

REFRESH_COOKIE = "daka_refresh"
COOKIE_PATH = "/api/v1/auth"

router = APIRouter(prefix="/api/v1")


def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def device_of(request: Request) -> Device:
    return Device(request.client.host if request.client else "", request.headers.get("user-agent", ""))


DatabaseDep = Annotated[Database, Depends(database_of)]
DeviceDep = Annotated[Device, Depends(device_of)]
ClientHeader = Annotated[
    str | None,
    Header(alias="X-Daka-Client", description="`web` keeps the refresh token in an HttpOnly cookie", max_length=20),
]


def _handed_out(tokens: Tokens, client: str | None, request: Request, response: Response) -> TokenResponse:
    """The tokens in the body; for browsers the refresh token in a cookie that scripts cannot read."""
    response.headers["Cache-Control"] = "no-store"
    if client == "web":
        response.set_cookie(
            REFRESH_COOKIE,
            tokens.refresh,
            max_age=int(service.REFRESH_LIFETIME.total_seconds()),
            path=COOKIE_PATH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return TokenResponse(
        access_token=tokens.access,
        expires_in=tokens.expires_in,
        refresh_token=None if client == "web" else tokens.refresh,
    )


@router.get("/setup", operation_id="setup_read", tags=["setup"])
async def read_setup(session: SessionDep) -> SetupState:
    """Whether the first administrator is still to be created."""
    return SetupState(needed=await service.is_setup_needed(session))


@router.post(
    "/setup", operation_id="setup_create", tags=["setup"], status_code=status.HTTP_201_CREATED, responses=problems(409)
)
async def create_setup(
    new: SetupRequest,
    request: Request,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    client: ClientHeader = None,
) -> TokenResponse:
    """Create the first administrator. Once anybody exists, this is over."""
    async with database.read() as session:
        if not await service.is_setup_needed(session):
            raise Conflict("already_set_up", "An account exists already; sign in")
    hashed = await security.hash_password(new.password)
    async with database.write() as session:
        tokens = await service.create_first_admin(
            session, settings, username=new.username, password_hash=hashed, display_name=new.display_name, device=device
        )
    return _handed_out(tokens, client, request, response)


@router.post("/auth/token", operation_id="auth_token", tags=["auth"], responses=problems(401, 429))
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    request: Request,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    client: ClientHeader = None,
) -> TokenResponse:
    """Sign in with username and password (OAuth2 password form)."""
    tokens = await service.sign_in(database, settings, form.username, form.password, device)
    return _handed_out(tokens, client, request, response)


def _presented(body: RefreshRequest | None, cookie: str | None, client: str | None) -> str | None:
    """The refresh token of the body, or of the cookie if our own web app asks: a foreign page cannot set the header."""
    if body is not None and body.refresh_token:
        return body.refresh_token
    return cookie if client == "web" else None


@router.post("/auth/refresh", operation_id="auth_refresh", tags=["auth"], responses=problems(401))
async def refresh(
    request: Request,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    body: RefreshRequest | None = None,
    cookie: Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=200, include_in_schema=False)] = None,
    client: ClientHeader = None,
) -> TokenResponse:
    """Trade a refresh token for new tokens. Using one twice ends every session that came from it."""
    token = _presented(body, cookie, client)
    if token is None:
        raise Unauthenticated("refresh_missing", "There is no refresh token")
    return _handed_out(await service.refresh(database, settings, token, device), client, request, response)


@router.post(
    "/auth/logout",
    operation_id="auth_logout",
    tags=["auth"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(),
)
async def sign_out(
    response: Response,
    session: SessionDep,
    body: RefreshRequest | None = None,
    cookie: Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=200, include_in_schema=False)] = None,
    client: ClientHeader = None,
) -> None:
    """End the session of a refresh token."""
    if token := _presented(body, cookie, client):
        await service.sign_out(session, token)
    response.delete_cookie(REFRESH_COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")


@router.get("/me", operation_id="me_read", tags=["me"], responses=problems(401))
async def read_me(by: Member, session: SessionDep, settings: SettingsDep) -> MeRead:
    """The signed-in person."""
    team, zone = await service.zone_name(session, settings, by.user)
    return MeRead(
        **service.user_values(by.user),
        team=_team_read(team) if team else None,
        timezone=zone,
        planned_team_ids=sorted(by.planned_team_ids),
    )


@router.patch("/me", operation_id="me_update", tags=["me"], responses=problems(401))
async def update_me(change: MeUpdate, by: Member, session: SessionDep, settings: SettingsDep) -> MeRead:
    """Change one's own name and numbers."""
    for name, value in change.model_dump(exclude_unset=True).items():
        if name != "display_name" or value is not None:
            setattr(by.user, name, value)
    session.add(by.user)
    await session.flush()
    return await read_me(by, session, settings)


@router.post("/me/password", operation_id="me_password", tags=["me"], responses=problems(401, 403))
async def change_my_password(
    change: PasswordChange,
    by: Member,
    request: Request,
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    device: DeviceDep,
    client: ClientHeader = None,
) -> TokenResponse:
    """Set a new password. Every other session ends; the answer opens a new one here."""
    if not await security.is_password(change.current_password, by.user.password_hash):
        raise Forbidden("wrong_password", "The current password is wrong")
    await service.change_password(session, by.user, await security.hash_password(change.new_password))
    return _handed_out(await service.open_family(session, settings, by.user, device), client, request, response)


@router.get("/me/tokens", operation_id="me_tokens_list", tags=["me"], responses=problems(401))
async def list_my_tokens(by: Member, session: SessionDep) -> Page[ApiTokenRead]:
    """One's personal tokens, without the tokens themselves."""
    return Page(items=[_token_read(token) for token in await service.api_tokens(session, by.user)])


@router.post(
    "/me/tokens",
    operation_id="me_tokens_create",
    tags=["me"],
    status_code=status.HTTP_201_CREATED,
    responses=problems(401),
)
async def create_my_token(new: ApiTokenCreate, by: Member, session: SessionDep) -> ApiTokenCreated:
    """A token for a shortcut or a script; it is shown this once."""
    if new.expires_at is not None and new.expires_at.tzinfo is None:
        raise Invalid("timezone_missing", "expires_at needs an offset", loc=("body", "expires_at"))
    row, token = await service.create_api_token(session, by.user, new)
    return ApiTokenCreated(**_token_read(row).model_dump(), token=token)


@router.delete(
    "/me/tokens/{token_id}",
    operation_id="me_tokens_delete",
    tags=["me"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 404),
)
async def delete_my_token(token_id: RowId, by: Member, session: SessionDep) -> None:
    """Revoke a personal token at once."""
    await service.delete_api_token(session, by.user, token_id)


@router.get("/users", operation_id="users_list", tags=["users"], responses=problems(401, 403))
async def list_users(by: Planner, session: SessionDep, team_id: RowId | None = None) -> Page[UserRead]:
    """The people whom one plans."""
    return Page(items=[_user_read(user) for user in await service.visible_users(session, by, team_id=team_id)])


@router.post(
    "/users",
    operation_id="users_create",
    tags=["users"],
    status_code=status.HTTP_201_CREATED,
    responses=problems(401, 403, 404, 409),
)
async def create_user(new: UserCreate, by: Planner, session: SessionDep) -> UserRead:
    """Add a person. Planners add members to their teams."""
    return _user_read(await service.create_user(session, by, new, await security.hash_password(new.password)))


@router.get("/users/{user_id}", operation_id="users_read", tags=["users"], responses=problems(401, 404))
async def read_user(user_id: RowId, by: Member, session: SessionDep) -> UserRead:
    """A person whom one plans, or oneself."""
    return _user_read(await service.seen_user(session, user_id, by))


@router.patch("/users/{user_id}", operation_id="users_update", tags=["users"], responses=problems(401, 403, 404, 409))
async def update_user(user_id: RowId, change: UserUpdate, by: Planner, session: SessionDep) -> UserRead:
    """Change a person. A new role, team or password, or disabling, takes effect at once."""
    user = await service.planned_user(session, user_id, by)
    hashed = await security.hash_password(change.password) if change.password else None
    return _user_read(await service.update_user(session, by, user, change, hashed))


@router.delete(
    "/users/{user_id}",
    operation_id="users_delete",
    tags=["users"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409),
)
async def delete_user(user_id: RowId, by: Planner, session: SessionDep) -> None:
    """Remove a person; their history stays."""
    await service.delete_user(session, by, await service.planned_user(session, user_id, by))


@router.get("/teams", operation_id="teams_list", tags=["teams"], responses=problems(401))
async def list_teams(by: Member, session: SessionDep) -> Page[TeamRead]:
    """The teams that one sees."""
    return Page(items=[_team_read(team) for team in await service.visible_teams(session, by)])


@router.post(
    "/teams",
    operation_id="teams_create",
    tags=["teams"],
    status_code=status.HTTP_201_CREATED,
    responses=problems(401, 403, 409),
)
async def create_team(new: TeamCreate, by: Admin, session: SessionDep, settings: SettingsDep) -> TeamRead:
    """Add a team."""
    return _team_read(await service.create_team(session, settings, new))


@router.get("/teams/{team_id}", operation_id="teams_read", tags=["teams"], responses=problems(401, 404))
async def read_team(team_id: RowId, by: Member, session: SessionDep) -> TeamRead:
    """One team."""
    return _team_read(await find_team(session, team_id, by))


@router.patch("/teams/{team_id}", operation_id="teams_update", tags=["teams"], responses=problems(401, 403, 404, 409))
async def update_team(team_id: RowId, change: TeamUpdate, by: Planner, session: SessionDep) -> TeamRead:
    """Change a team's name, zone or default policy; its reminders are planned anew at once."""
    return _team_read(await service.update_team(session, by, await find_team(session, team_id, by), change))


@router.delete(
    "/teams/{team_id}",
    operation_id="teams_delete",
    tags=["teams"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409),
)
async def delete_team(team_id: RowId, by: Admin, session: SessionDep) -> None:
    """Remove a team without people."""
    await service.delete_team(session, await find_team(session, team_id, by))


def _user_read(user: User) -> UserRead:
    return UserRead.model_validate(service.user_values(user))


def _team_read(team: Team) -> TeamRead:
    return TeamRead.model_validate(team.model_dump())


def _token_read(token: ApiToken) -> ApiTokenRead:
    return ApiTokenRead.model_validate(token.model_dump())
