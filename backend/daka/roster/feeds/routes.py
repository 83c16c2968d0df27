"""Routes for calendar feeds: managing their addresses, and the calendars themselves."""

import hashlib
from datetime import timedelta
from typing import Annotated

from fastapi import Header, Path, Request, Response, status
from fastapi.responses import RedirectResponse

from daka import clock
from daka.database import SessionDep
from daka.identity.access import DatabaseDep, Member, SettingsDep, confirmed
from daka.identity.reauthentication import MemberReauthenticated
from daka.identity.schemas import RowId
from daka.identity.second_factor import qr_svg
from daka.paging import Page
from daka.problems import problems
from daka.roster.feeds import service
from daka.roster.feeds.schemas import FeedCreate, FeedCreated, FeedRead
from daka.roster.models import CalendarFeed
from daka.routing import Router

router = Router(prefix="/api/v1/me/ical", tags=["ical"])
public = Router(tags=["ical"])

ICALENDAR = "text/calendar; charset=utf-8"
FeedToken = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
SAVE_LAST_READ_EVERY = timedelta(hours=1)


@router.get("", operation_id="ical_list")
async def list_feeds(by: Member, session: SessionDep) -> Page[FeedRead]:
    """Your calendar feeds, without their secret addresses."""
    return Page(items=[FeedRead.model_validate(feed.model_dump()) for feed in await service.feeds(session, by.user)])


@router.post("", operation_id="ical_create", status_code=201, responses=problems(403, 404, 409, 429))
async def open_feed(
    new: FeedCreate, by: MemberReauthenticated, database: DatabaseDep, settings: SettingsDep
) -> FeedCreated:
    """Create a secret address for a calendar app, with your own shifts or a team's."""
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        feed, secret = await service.open_feed(session, by, new)
    url = f"{settings.base_url}/ical/{secret}.ics"
    webcal = "webcal" + url.removeprefix("https").removeprefix("http")
    return FeedCreated(**feed.model_dump(), url=url, webcal_url=webcal, qr_svg=qr_svg(webcal))


@router.delete("/{feed_id}", operation_id="ical_delete", status_code=204, responses=problems(404))
async def revoke_feed(feed_id: RowId, by: Member, session: SessionDep) -> None:
    """Revoke a calendar feed; its address stops working."""
    await service.revoke_feed(session, by, feed_id)


@public.get(
    "/ical/{token}.ics",
    operation_id="ical_read",
    response_class=Response,
    responses={
        200: {"description": "The calendar", "content": {"text/calendar": {"schema": {"type": "string"}}}},
        304: {"description": "Unchanged since `If-None-Match`"},
        **problems(404),
    },
)
async def read_feed(
    token: FeedToken,
    request: Request,
    session: SessionDep,
    if_none_match: Annotated[str | None, Header(max_length=2000)] = None,
) -> Response:
    """The calendar at a secret address. Needs no authentication."""
    feed, owner = await service.find_feed(session, token)
    body = await service.feed_text(session, feed, owner)
    await _save_last_read(request, feed)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=0, must-revalidate"}
    known = {found.strip().removeprefix("W/") for found in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(
        body, media_type=ICALENDAR, headers={**headers, "Content-Disposition": 'inline; filename="roster.ics"'}
    )


@public.get("/ical/{token}", include_in_schema=False)
async def read_feed_without_suffix(token: FeedToken) -> Response:
    """Some programs and people drop the `.ics`."""
    return RedirectResponse(f"/ical/{token}.ics", status.HTTP_308_PERMANENT_REDIRECT)


async def _save_last_read(request: Request, feed: CalendarFeed) -> None:
    now = clock.now()
    if feed.last_read_at is None or now - feed.last_read_at >= SAVE_LAST_READ_EVERY:
        async with request.app.state.database.write() as session:
            if found := await session.get(CalendarFeed, feed.id):
                found.last_read_at = now
