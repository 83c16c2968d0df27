"""HTTP of setup, sign-in and sessions. Access tokens are sent in a header; only the refresh token is a cookie."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Cookie, Depends, Form, Header, Request, Response

from daka import security
from daka.answers import answers_to
from daka.change_events import last_event_id
from daka.database import SessionDep
from daka.errors import Conflict, Unauthenticated
from daka.identity import password_links, passwords, sessions, sign_in
from daka.identity.access import DatabaseDep, SettingsDep
from daka.identity.schemas import (
    LinkedPerson,
    LinkToken,
    LinkUse,
    RefreshRequest,
    RefreshResponse,
    SecondFactorSignIn,
    SetupRequest,
    SetupState,
    TokenResponse,
)
from daka.identity.sessions import Device, Tokens
from daka.problems import problems
from daka.routing import Router, joined
from daka.settings import Settings

REFRESH_COOKIE = "daka_refresh"
BROWSER_COOKIE = "daka_browser"
COOKIE_PATH = "/api/v1/auth"

setup = Router(prefix="/api/v1/setup", tags=["setup"])
auth = Router(prefix="/api/v1/auth", tags=["auth"])


async def device_of(request: Request) -> Device:
    address = request.client.host if request.client else ""
    return Device(address, request.headers.get("user-agent", ""), request.cookies.get(BROWSER_COOKIE))


DeviceDep = Annotated[Device, Depends(device_of)]
ClientHeader = Annotated[
    str | None,
    Header(alias="X-Daka-Client", description="`web`: return the refresh token in an HttpOnly cookie", max_length=20),
]
RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=200, include_in_schema=False)]


def keep_in_browser(response: Response, settings: Settings, tokens: Tokens, *, is_secure: bool) -> None:
    """Set two cookies that scripts cannot read and other sites cannot send: the refresh token and the known-browser mark."""
    for name, value, lifetime in (
        (REFRESH_COOKIE, tokens.refresh, sessions.REFRESH_LIFETIME),
        (BROWSER_COOKIE, sign_in.known_browser(settings, tokens.user_id), sign_in.KNOWN_BROWSER_LIFETIME),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path=COOKIE_PATH,
            httponly=True,
            samesite="strict",
            secure=is_secure,
        )


async def token_responder(
    request: Request, response: Response, settings: SettingsDep, client: ClientHeader = None
) -> Callable[[Tokens], TokenResponse]:
    """Returns tokens to the client in the body; for browsers, the refresh token in a cookie that scripts cannot read."""
    is_browser = client == "web"

    def respond(tokens: Tokens) -> TokenResponse:
        response.headers["Cache-Control"] = "no-store"
        if is_browser:
            keep_in_browser(response, settings, tokens, is_secure=request.url.scheme == "https")
        return TokenResponse(
            access_token=tokens.access,
            expires_in=int(sessions.ACCESS_LIFETIME.total_seconds()),
            refresh_token=None if is_browser else tokens.refresh,
        )

    return respond


TokenResponderDep = Annotated[Callable[[Tokens], TokenResponse], Depends(token_responder)]


def _presented(body: RefreshRequest | None, cookie: str | None, client: str | None) -> str | None:
    """The refresh token of the body, or of the cookie for our own web app: a page of another site cannot set the header."""
    if body is not None and body.refresh_token:
        return body.refresh_token
    return cookie if client == "web" else None


# --- setting up ------------------------------------------------------------------------------------------------------


@setup.get("", operation_id="setup_read")
async def read_setup(session: SessionDep) -> SetupState:
    """Check whether the first administrator still has to be created."""
    return SetupState(needed=await sign_in.is_setup_needed(session))


@setup.post("", operation_id="setup_create", status_code=201, responses=problems(409, 429))
async def create_setup(
    new: SetupRequest, database: DatabaseDep, settings: SettingsDep, device: DeviceDep, respond: TokenResponderDep
) -> TokenResponse:
    """Create the first administrator. This works only while there are no accounts."""
    async with database.read() as session:
        if not await sign_in.is_setup_needed(session):
            raise Conflict("already_set_up", "An account already exists; sign in")
    passwords.refuse_weak(new.password, new.username, new.display_name)
    hashed = await security.hash_password(new.password)
    async with database.write() as session:
        tokens = await sign_in.create_first_admin(session, settings, new, password_hash=hashed, device=device)
    return respond(tokens)


# --- signing in and out ----------------------------------------------------------------------------------------------


@auth.post("/token", operation_id="auth_token", responses=problems(401, 429))
async def create_token(
    username: Annotated[str, Form()],
    password: Annotated[str, Form(json_schema_extra={"format": "password"})],
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    respond: TokenResponderDep,
    grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
) -> TokenResponse:
    """Sign in with username and password (OAuth2 password form).

    If a second factor is on, the response is 401 with the code `second_factor_needed` and a `second_factor_token`.
    """
    return respond(await sign_in.sign_in(database, settings, username, password, device))


@auth.post("/second-factor", operation_id="auth_second_factor", responses=problems(401, 429))
async def complete_second_factor(
    step: SecondFactorSignIn,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    respond: TokenResponderDep,
) -> TokenResponse:
    """Complete the sign-in with a code of the second factor."""
    return respond(await sign_in.finish_sign_in(database, settings, step.second_factor_token, step.code, device))


@auth.post("/refresh", operation_id="auth_refresh", responses=problems(401))
async def refresh(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    respond: TokenResponderDep,
    body: RefreshRequest | None = None,
    cookie: RefreshCookie = None,
    client: ClientHeader = None,
) -> RefreshResponse:
    """Exchange a refresh token for new tokens. Using a token twice ends its session.

    Within 30 seconds the same device gets the same refresh token again, for example after reloading a page in between.
    """
    token = _presented(body, cookie, client)
    if token is None:
        raise Unauthenticated("refresh_missing", "There is no refresh token")
    answer = RefreshResponse(**respond(await sessions.refresh(database, settings, token, device)).model_dump())
    if body is not None and body.also:
        async with database.read() as session:
            answer.last_event_id = await last_event_id(session)
        answer.answers = await answers_to(request, body.also, answer.access_token)
    return answer


@auth.post("/logout", operation_id="auth_logout", status_code=204)
async def sign_out(
    response: Response,
    session: SessionDep,
    body: RefreshRequest | None = None,
    cookie: RefreshCookie = None,
    client: ClientHeader = None,
) -> None:
    """End the session of a refresh token, including its access token."""
    if token := _presented(body, cookie, client):
        await sessions.sign_out(session, token)
    response.delete_cookie(REFRESH_COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")


@auth.post("/password-link/check", operation_id="auth_password_link_check", responses=problems(404))
async def check_password_link(link: LinkToken, session: SessionDep) -> LinkedPerson:
    """Get the person whose password an invitation or a reset link sets. The link stays valid."""
    user, expires_at = await password_links.linked_person(session, link.token)
    return LinkedPerson(
        username=user.username,
        display_name=user.display_name,
        is_invitation=not user.password_hash,
        expires_at=expires_at,
    )


@auth.post("/password-link", operation_id="auth_password_link_use", status_code=204, responses=problems(404, 429))
async def use_password_link(link: LinkUse, database: DatabaseDep) -> None:
    """Set a password through an invitation or a reset link, which is then used up. Sign in afterwards as usual."""
    async with database.read() as session:
        user, _ = await password_links.linked_person(session, link.token)
    passwords.refuse_weak(link.password, user.username, user.display_name)
    hashed = await security.hash_password(link.password)
    async with database.write() as session:
        await password_links.use_link(session, link.token, hashed)


router = joined(setup, auth)
