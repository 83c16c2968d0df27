"""HTTP of signing in elsewhere, and of connecting one's account there."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query, Request, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from daka.audit_trail import audit
from daka.database import SessionDep
from daka.errors import Conflict, NotFound
from daka.identity import elsewhere, second_factor, sign_in
from daka.identity.access import DatabaseDep, Member, MemberApart, SettingsDep, confirmed
from daka.identity.dingtalk import DingTalk
from daka.identity.elsewhere import WITHIN, Provider, SignInFailed, Way
from daka.identity.feishu import Feishu
from daka.identity.oidc import OpenIdConnect
from daka.identity.schemas import CurrentPassword
from daka.identity.sessions import open_family
from daka.identity.sign_in import refuse_wrong_password
from daka.identity.sign_in_routes import DeviceDep, keep_in_browser
from daka.paging import Page
from daka.problems import problems
from daka.settings import Settings

COOKIE = "daka_elsewhere"
COOKIE_PATH = "/api/v1/auth"
PROVIDERS: dict[Way, type[Provider]] = {Way.OIDC: OpenIdConnect, Way.DINGTALK: DingTalk, Way.FEISHU: Feishu}

router = APIRouter(prefix="/api/v1")


class OtherWay(BaseModel):
    way: Way
    label: str | None = Field(description="What the operator calls it; null where the way has a name of its own")
    url: str


class SignInMethods(BaseModel):
    """How people sign in here, beside their password."""

    elsewhere: list[OtherWay]


class ConnectionRead(BaseModel):
    """One way of signing in elsewhere, and since when one's account is connected there."""

    way: Way
    label: str | None
    connected_at: datetime | None


class ConnectionBegun(BaseModel):
    url: str = Field(description="The provider's page: send the browser there, with the cookie of this answer")


def offered(settings: Settings) -> list[Way]:
    """The ways that the operator has set up."""
    is_set_up = {
        Way.OIDC: settings.oidc_issuer,
        Way.DINGTALK: settings.dingtalk_client_id and settings.dingtalk_client_secret,
        Way.FEISHU: settings.feishu_app_id and settings.feishu_app_secret,
    }
    return [way for way in Way if is_set_up[way]]


def label_of(settings: Settings, way: Way) -> str | None:
    return settings.oidc_label if way is Way.OIDC else None


def provider_of(request: Request, settings: SettingsDep, way: Way) -> Provider:
    if way not in offered(settings):
        raise NotFound("elsewhere_off", f"Signing in with {way} is not set up")
    made: dict[Way, Provider] = request.app.state.__dict__.setdefault("providers", {})
    return made.setdefault(way, PROVIDERS[way](settings))


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


def _keep(answer: Response, departure: elsewhere.Departure, request: Request) -> None:
    answer.set_cookie(
        COOKIE,
        departure.cookie,
        max_age=int(WITHIN.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",  # the provider's page sends the browser back: Strict would not come along
        secure=request.url.scheme == "https",
    )


REDIRECTS: dict[int | str, dict[str, Any]] = {303: {"description": "On to the next page"}}


@router.get("/auth/methods", operation_id="auth_methods", tags=["auth"], responses=problems())
async def read_methods(settings: SettingsDep) -> SignInMethods:
    """What the sign-in page offers."""
    return SignInMethods(
        elsewhere=[
            OtherWay(way=way, label=label_of(settings, way), url=f"/api/v1/auth/{way}/start")
            for way in offered(settings)
        ]
    )


@router.get(
    "/auth/{way}/start",
    operation_id="auth_elsewhere_start",
    tags=["auth"],
    response_class=Response,
    status_code=303,
    responses={**REDIRECTS, **problems(404)},
)
async def start(
    way: Way,
    request: Request,
    settings: SettingsDep,
    next_path: Annotated[str, Query(alias="next", max_length=500, description="Where to go afterwards")] = "/",
) -> Response:
    """Go to the provider's page."""
    try:
        departure = await elsewhere.depart(provider_of(request, settings, way), next_path)
    except SignInFailed as failure:
        return _to(f"/?sign_in_error={failure.code}")
    answer = _to(departure.url)
    _keep(answer, departure, request)
    return answer


@router.get(
    "/auth/{way}/callback",
    operation_id="auth_elsewhere_callback",
    tags=["auth"],
    response_class=Response,
    status_code=303,
    responses={**REDIRECTS, **problems(404)},
)
async def come_back(
    way: Way,
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    auth_code: Annotated[str, Query(alias="authCode", max_length=2000, description="DingTalk's name for `code`")] = "",
    cookie: Annotated[str | None, Cookie(alias=COOKIE, max_length=2000, include_in_schema=False)] = None,
) -> Response:
    """Back from the provider.

    Signed in, on to the page that was asked for; where a second factor is on, with `#second_factor=<token>` for the second step.
    Connected, on to the settings. Or to `/?sign_in_error=<code>`.
    """
    provider = provider_of(request, settings, way)
    try:
        arrival = await elsewhere.arrive(provider, cookie=cookie, state=state, code=code or auth_code)
        if arrival.connects is not None:
            async with database.write() as session:
                await elsewhere.connect(session, arrival)
            answer = _to(f"{arrival.next_path}?connected={way}")
        else:
            async with database.write() as session:
                user = await elsewhere.local_user(session, settings, arrival.person)
                if await second_factor.is_on(session, user):
                    answer = _to(f"{arrival.next_path}#second_factor={sign_in.challenge(settings, user)}")
                else:
                    audit(session, "session.opened", user.id, user.display_name, after={"by": provider.issuer})
                    tokens = await open_family(session, settings, user, device)
                    joint = "&" if "?" in arrival.next_path else "?"
                    answer = _to(f"{arrival.next_path}{joint}signed_in={way}")
                    keep_in_browser(answer, settings, tokens, is_secure=request.url.scheme == "https")
    except SignInFailed as failure:
        answer = _to(f"{elsewhere.page_of_refusals(settings, cookie)}?sign_in_error={quote(failure.code)}")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="lax")
    return answer


# --- one's own connections -------------------------------------------------------------------------------------------


@router.get("/me/connections", operation_id="me_connections_list", tags=["me"], responses=problems(401))
async def list_my_connections(
    by: Member, session: SessionDep, settings: SettingsDep, request: Request
) -> Page[ConnectionRead]:
    """The ways of signing in elsewhere, and which of them one's account is connected with."""
    items = []
    for way in offered(settings):
        found = await elsewhere.connection(session, by.user, provider_of(request, settings, way).issuer)
        items.append(
            ConnectionRead(way=way, label=label_of(settings, way), connected_at=found.created_at if found else None)
        )
    return Page(items=items)


@router.post(
    "/me/connections/{way}",
    operation_id="me_connections_begin",
    tags=["me"],
    responses=problems(401, 403, 404, 409, 429),
)
async def begin_my_connection(
    way: Way,
    check: CurrentPassword,
    by: MemberApart,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    request: Request,
    response: Response,
) -> ConnectionBegun:
    """Connect one's account: the address to go to. The password is asked for, so that a stolen access token is not enough."""
    provider = provider_of(request, settings, way)
    await refuse_wrong_password(database, by.user, check.current_password, device)
    async with database.read() as session:
        by = await confirmed(session, by)
        if await elsewhere.connection(session, by.user, provider.issuer) is not None:
            raise Conflict("elsewhere_taken", "Disconnect the present one first")
    try:
        departure = await elsewhere.depart(provider, "/settings", connects=by.user)
    except SignInFailed as failure:
        raise Conflict(failure.code, "The provider cannot be asked now") from failure
    _keep(response, departure, request)
    response.headers["Cache-Control"] = "no-store"
    return ConnectionBegun(url=departure.url)


@router.delete(
    "/me/connections/{way}",
    operation_id="me_connections_delete",
    tags=["me"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 404, 409),
)
async def delete_my_connection(
    way: Way, by: Member, session: SessionDep, settings: SettingsDep, request: Request
) -> None:
    """Disconnect one's account: signing in there no longer leads here."""
    await elsewhere.disconnect(session, by.user, provider_of(request, settings, way).issuer)
