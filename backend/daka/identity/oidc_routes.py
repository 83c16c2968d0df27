"""HTTP of signing in elsewhere."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from daka.errors import NotFound
from daka.identity.access import DatabaseDep, SettingsDep
from daka.identity.oidc import WITHIN, IdentityProvider, SignInFailed, local_user
from daka.identity.sessions import open_family
from daka.identity.sign_in_routes import DeviceDep, keep_in_browser
from daka.problems import problems

OIDC_COOKIE = "daka_oidc"
OIDC_PATH = "/api/v1/auth/oidc"
START = f"{OIDC_PATH}/start"

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


class OtherWay(BaseModel):
    label: str
    url: str


class SignInMethods(BaseModel):
    """How people sign in here, beside their password."""

    oidc: OtherWay | None


def provider_of(request: Request, settings: SettingsDep) -> IdentityProvider:
    if not settings.oidc_issuer:
        raise NotFound("oidc_off", "OIDC_ISSUER is not set")
    found = getattr(request.app.state, "identity_provider", None) or IdentityProvider(settings)
    request.app.state.identity_provider = found
    return found


def _elsewhere(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


REDIRECTS: dict[int | str, dict[str, Any]] = {303: {"description": "On to the next page"}}


@router.get("/methods", operation_id="auth_methods", responses=problems())
async def read_methods(settings: SettingsDep) -> SignInMethods:
    """What the sign-in page offers."""
    return SignInMethods(oidc=OtherWay(label=settings.oidc_label, url=START) if settings.oidc_issuer else None)


@router.get(
    "/oidc/start",
    operation_id="auth_oidc_start",
    response_class=Response,
    status_code=303,
    responses={**REDIRECTS, **problems(404)},
)
async def start(
    request: Request,
    settings: SettingsDep,
    next_path: Annotated[str, Query(alias="next", max_length=500, description="Where to go afterwards")] = "/",
) -> Response:
    """Go to the provider's page."""
    try:
        departure = await provider_of(request, settings).departure(next_path)
    except SignInFailed as failure:
        return _elsewhere(f"/?sign_in_error={failure.code}")
    answer = _elsewhere(departure.url)
    answer.set_cookie(
        OIDC_COOKIE,
        departure.cookie,
        max_age=int(WITHIN.total_seconds()),
        path=OIDC_PATH,
        httponly=True,
        samesite="lax",  # the provider's page sends the browser back: Strict would not come along
        secure=request.url.scheme == "https",
    )
    return answer


@router.get(
    "/oidc/callback",
    operation_id="auth_oidc_callback",
    response_class=Response,
    status_code=303,
    responses={**REDIRECTS, **problems(404)},
)
async def arrive(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    cookie: Annotated[str | None, Cookie(alias=OIDC_COOKIE, max_length=2000, include_in_schema=False)] = None,
) -> Response:
    """Back from the provider: signed in, on to the page that was asked for; or to `/?sign_in_error=<code>`."""
    provider = provider_of(request, settings)
    try:
        if not code:
            raise SignInFailed("oidc_refused")
        person, next_path = await provider.arrival(cookie=cookie, state=state, code=code)
        async with database.write() as session:
            user = await local_user(session, settings, person)
            tokens = await open_family(session, settings, user, device)
    except SignInFailed as failure:
        answer = _elsewhere(f"/?sign_in_error={quote(failure.code)}")
    else:
        answer = _elsewhere(f"{next_path}{'&' if '?' in next_path else '?'}signed_in=oidc")
        keep_in_browser(answer, settings, tokens, is_secure=request.url.scheme == "https")
    answer.delete_cookie(OIDC_COOKIE, path=OIDC_PATH, httponly=True, samesite="lax")
    return answer
