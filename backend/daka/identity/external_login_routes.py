"""HTTP of external login, and of connecting a user's account to a provider."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Cookie, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from daka.audit_trail import audit
from daka.database import SessionDep
from daka.errors import Conflict, NotFound
from daka.identity import external_accounts, external_login, second_factor, sign_in
from daka.identity.access import DatabaseDep, Member, SettingsDep, confirmed
from daka.identity.dingtalk import DingTalk
from daka.identity.external_login import LIFETIME, ExternalLogin, IdentityProvider, SignInFailed
from daka.identity.feishu import Feishu
from daka.identity.oidc import OpenIdConnect
from daka.identity.reauthentication import MemberReauthenticated
from daka.identity.schemas import CurrentPassword
from daka.identity.sessions import open_family
from daka.identity.sign_in_routes import DeviceDep, keep_in_browser
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router, joined
from daka.schema import Schema
from daka.settings import Settings

COOKIE = "daka_external_login"
COOKIE_PATH = "/api/v1/auth"
LOGINS: tuple[type[ExternalLogin], ...] = (OpenIdConnect, DingTalk, Feishu)

auth = Router(prefix="/api/v1/auth", tags=["auth"])
connections = Router(prefix="/api/v1/me/connections", tags=["me"])


class IdentityProviderRead(Schema):
    provider: IdentityProvider
    label: str | None = Field(description="The operator's name for it (OIDC_LABEL), if there is one")
    url: str


class SignInMethods(Schema):
    """The identity providers offered besides the password."""

    providers: list[IdentityProviderRead]


class ConnectionRead(Schema):
    """An identity provider, and when the user's account was connected to it."""

    provider: IdentityProvider
    label: str | None
    connected_at: datetime | None


class ConnectionBegun(Schema):
    url: str = Field(description="The provider's page: send the browser there, with the cookie of this response")


def configured_providers(settings: Settings) -> list[IdentityProvider]:
    return [login.name for login in LOGINS if all(getattr(settings, name) for name in login.needs)]


def label_of(settings: Settings, provider: IdentityProvider) -> str | None:
    return settings.oidc_label or None if provider is IdentityProvider.OIDC else None


def login_of(request: Request, settings: SettingsDep, provider: IdentityProvider) -> ExternalLogin:
    if provider not in configured_providers(settings):
        raise NotFound("external_login_off", f"Signing in with {provider} is not configured")
    logins: dict[IdentityProvider, ExternalLogin] = request.app.state.external_logins
    kind = next(login for login in LOGINS if login.name is provider)
    return logins.setdefault(provider, kind(settings, request.app.state.outbound))


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


def _keep(answer: Response, redirect: external_login.RedirectToProvider, request: Request) -> None:
    answer.set_cookie(
        COOKIE,
        redirect.cookie,
        max_age=int(LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",  # Strict would not be sent with the redirect back from the provider
        secure=request.url.scheme == "https",
    )


REDIRECTS: dict[str, Any] = {
    "response_class": Response,
    "status_code": 303,
    "responses": {303: {"description": "Redirect to the next page"}, **problems(404)},
}


@auth.get("/methods", operation_id="auth_methods")
async def read_methods(settings: SettingsDep) -> SignInMethods:
    """List the identity providers of the sign-in page."""
    return SignInMethods(
        providers=[
            IdentityProviderRead(
                provider=provider, label=label_of(settings, provider), url=f"/api/v1/auth/{provider}/start"
            )
            for provider in configured_providers(settings)
        ]
    )


@auth.get("/{provider}/start", operation_id="auth_external_login_start", **REDIRECTS)
async def start(
    provider: IdentityProvider,
    request: Request,
    settings: SettingsDep,
    next_path: Annotated[str, Query(alias="next", max_length=500, description="The page to open afterwards")] = "/",
) -> Response:
    """Redirect to the provider's sign-in page."""
    try:
        redirect = await external_login.begin(login_of(request, settings, provider), next_path)
    except SignInFailed as failure:
        return _to(f"/?sign_in_error={failure.code}")
    answer = _to(redirect.url)
    _keep(answer, redirect, request)
    return answer


@auth.get("/{provider}/callback", operation_id="auth_external_login_callback", **REDIRECTS)
async def callback(
    provider: IdentityProvider,
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    auth_code: Annotated[str, Query(alias="authCode", max_length=2000, description="DingTalk's name for `code`")] = "",
    cookie: Annotated[str | None, Cookie(alias=COOKIE, max_length=2000, include_in_schema=False)] = None,
) -> Response:
    """Handle the redirect back from the provider.

    After signing in, redirects to the requested page, with `#second_factor=<token>` if a second factor is due; after connecting,
    to the settings; after a failure, to `/?sign_in_error=<code>`.
    """
    login = login_of(request, settings, provider)
    try:
        result = await external_login.complete(login, cookie=cookie, state=state, code=code or auth_code)
        if result.connects is not None:
            async with database.write() as session:
                await external_accounts.connect(session, result)
            answer = _to(f"{result.next_path}?connected={provider}")
        else:
            async with database.write() as session:
                user = await external_accounts.local_user(session, settings, result.person)
                if await second_factor.is_on(session, user):
                    answer = _to(f"{result.next_path}#second_factor={sign_in.challenge(settings, user)}")
                else:
                    audit(session, "session.opened", user.id, user.display_name, after={"by": login.issuer})
                    tokens = await open_family(session, settings, user, device)
                    joint = "&" if "?" in result.next_path else "?"
                    answer = _to(f"{result.next_path}{joint}signed_in={provider}")
                    keep_in_browser(answer, settings, tokens, is_secure=request.url.scheme == "https")
    except SignInFailed as failure:
        answer = _to(f"{external_login.failure_page(settings, cookie)}?sign_in_error={quote(failure.code)}")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="lax")
    return answer


# --- the user's connections -------------------------------------------------------------------------------------------


@connections.get("", operation_id="me_connections_list")
async def list_my_connections(
    by: Member, session: SessionDep, settings: SettingsDep, request: Request
) -> Page[ConnectionRead]:
    """List the configured identity providers and which of them your account is connected to."""
    items = []
    for provider in configured_providers(settings):
        found = await external_accounts.connection(session, by.user, login_of(request, settings, provider).issuer)
        connected_at = found.created_at if found else None
        items.append(ConnectionRead(provider=provider, label=label_of(settings, provider), connected_at=connected_at))
    return Page(items=items)


@connections.post("/{provider}", operation_id="me_connections_begin", responses=problems(403, 404, 409, 429))
async def begin_my_connection(
    provider: IdentityProvider,
    check: CurrentPassword,
    by: MemberReauthenticated,
    database: DatabaseDep,
    settings: SettingsDep,
    request: Request,
    response: Response,
) -> ConnectionBegun:
    """Begin connecting your account to a provider.

    The password is required, so that a stolen access token is not enough.
    """
    login = login_of(request, settings, provider)
    async with database.read() as session:
        by = await confirmed(session, by)
        if await external_accounts.connection(session, by.user, login.issuer) is not None:
            raise Conflict("external_login_taken", "Disconnect the current account first")
    try:
        redirect = await external_login.begin(login, "/settings", connects=by.user)
    except SignInFailed as failure:
        raise Conflict(failure.code, "The provider cannot be reached") from failure
    _keep(response, redirect, request)
    response.headers["Cache-Control"] = "no-store"
    return ConnectionBegun(url=redirect.url)


@connections.delete("/{provider}", operation_id="me_connections_delete", status_code=204, responses=problems(404, 409))
async def delete_my_connection(
    provider: IdentityProvider, by: Member, session: SessionDep, settings: SettingsDep, request: Request
) -> None:
    """Disconnect your account from a provider."""
    await external_accounts.disconnect(session, by.user, login_of(request, settings, provider).issuer)


router = joined(auth, connections)
