"""HTTP of the one-tap page."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse

from daka.database import SessionDep
from daka.identity.access import SettingsDep
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.reminders import links, one_tap

router = APIRouter(tags=["links"])
LinkToken = Annotated[str, Path(max_length=1200)]
GONE: dict[int | str, dict[str, Any]] = {
    410: {
        "description": "A page that says that the link has expired",
        "content": {"text/html": {"schema": {"type": "string"}}},
    },
    **problems(),
}


@router.get("/a/{token}", operation_id="link_show", response_class=HTMLResponse, responses=GONE)
async def show_link(token: LinkToken, session: SessionDep, settings: SettingsDep) -> HTMLResponse:
    """The page behind the link of a message. It only shows; nothing changes."""
    return _page(await one_tap.linked_reminders(session, settings, token))


@router.post("/a/{token}", operation_id="link_act", response_class=HTMLResponse, responses=GONE)
async def act_on_link(
    token: LinkToken,
    session: SessionDep,
    settings: SettingsDep,
    action: Annotated[one_tap.Action, Form()],
    reminder: Annotated[RowId | None, Form(description="Which one, if the link names several")] = None,
) -> HTMLResponse:
    """What the page's buttons do."""
    rows, refusal = await one_tap.act(session, settings, token, action, reminder)
    return _page(rows, refusal=refusal)


def _page(rows: one_tap.Linked, *, refusal: str = "") -> HTMLResponse:
    nonce = links.new_nonce()
    body = links.page(rows, nonce=nonce, refusal=refusal) if rows else links.expired_page(nonce=nonce)
    return HTMLResponse(body, status_code=200 if rows else 410, headers=links.page_headers(nonce))
