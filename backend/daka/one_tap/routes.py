"""HTTP of the one-tap page."""

from typing import Annotated, Any

from fastapi import Form, Header, Path, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from daka.database import Database, SessionDep
from daka.identity.access import DatabaseDep, SettingsDep
from daka.identity.schemas import RowId
from daka.identity.sessions import Device
from daka.identity.sign_in_routes import DeviceDep
from daka.one_tap import page, phones, service
from daka.one_tap.schemas import LinkAnswer
from daka.problems import problems
from daka.reminders.actions import Action
from daka.routing import Router
from daka.settings import Settings

router = Router(tags=["links"])
LinkToken = Annotated[str, Path(max_length=1200)]
AcceptLanguage = Annotated[str, Header(max_length=1000)]
GONE: dict[int | str, dict[str, Any]] = {
    410: {
        "description": "A page that says that the link has expired",
        "content": {"text/html": {"schema": {"type": "string"}}},
    },
    **problems(),
}


@router.get("/a/{token}", operation_id="link_show", response_class=HTMLResponse, responses=GONE)
async def show_link(
    token: LinkToken,
    session: SessionDep,
    settings: SettingsDep,
    database: DatabaseDep,
    device: DeviceDep,
    said: Annotated[str, Query(max_length=40, description="What became of an action; see the redirect of POST")] = "",
    of: Annotated[RowId | None, Query(description="The reminder that it was about")] = None,
    accept_language: AcceptLanguage = "",
) -> HTMLResponse:
    """The page behind the link of a message. It only shows; nothing changes.

    Behind the QR code of `doctor_phone`, it says whether a phone has opened it; that it did is remembered.
    """
    if (asker := phones.asker_of(settings, token)) is not None:
        return await _phone_page(database, settings, asker, device, accept_language)
    return _page(await service.linked_reminders(session, settings, token), accept_language, said=said, of=of)


@router.post(
    "/a/{token}",
    operation_id="link_act",
    response_model=LinkAnswer,
    responses={
        200: {"description": "For who accepts JSON"},
        303: {"description": "Back to the page, which says what became of it"},
        **GONE,
    },
)
async def act_on_link(
    token: LinkToken,
    session: SessionDep,
    settings: SettingsDep,
    action: Annotated[Action, Form()],
    reminder: Annotated[RowId | None, Form(description="Which one, if the link names several")] = None,
    accept: Annotated[str, Header(max_length=1000)] = "",
    accept_language: AcceptLanguage = "",
) -> Response:
    """What the page's buttons do, which lead back to it; and the buttons of a notification, which accept `application/json`."""
    result = await service.act(session, settings, token, action, reminder)
    if not result.rows:
        return _page([], accept_language)
    if "application/json" in accept:
        statuses = {row.reminder.id: row.reminder.status for row in result.rows}
        return JSONResponse(LinkAnswer(statuses=statuses, refusal=result.refusal).model_dump(mode="json"))
    address, language = page.address_of(result, action, reminder), page.language_of(accept_language)
    return RedirectResponse(address, status_code=303, headers=page.headers(page.new_nonce(), language))


async def _phone_page(
    database: Database, settings: Settings, asker: int, device: Device, accept_language: str
) -> HTMLResponse:
    is_outside = None
    if phones.is_phone(device.user_agent):
        async with database.write() as session:
            await phones.note_opening(session, settings, asker, device.address)
        is_outside = phones.is_from_internet(device.address)
    nonce, language = page.new_nonce(), page.language_of(accept_language)
    body = page.phone_page(is_outside, language, nonce=nonce)
    return HTMLResponse(body, headers=page.headers(nonce, language))


def _page(rows: service.Linked, accept_language: str, *, said: str = "", of: int | None = None) -> HTMLResponse:
    nonce, language = page.new_nonce(), page.language_of(accept_language)
    body = (
        page.page(rows, language, nonce=nonce, said=said, of=of) if rows else page.expired_page(language, nonce=nonce)
    )
    return HTMLResponse(body, status_code=200 if rows else 410, headers=page.headers(nonce, language))
