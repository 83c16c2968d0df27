"""HTTP of server-sent events."""

from typing import Annotated, cast

from fastapi import Header, Request
from fastapi.responses import StreamingResponse

from daka.addresses import network_of
from daka.audit_trail import origin
from daka.identity.access import Member
from daka.live.stream import Live
from daka.openapi import file_answer
from daka.routing import Router

router = Router(prefix="/api/v1/events", tags=["events"])


@router.get(
    "",
    operation_id="events_stream",
    response_class=StreamingResponse,
    responses=file_answer("text/event-stream", description="Events named after what changed"),
)
async def stream_events(
    request: Request, by: Member, last_event_id: Annotated[str | None, Header(max_length=20)] = None
) -> StreamingResponse:
    """Changes as server-sent events: `reminder`, `delivery`, `roster`, `punch`, `channel`, `inbox`, `shift`, `scheduler`."""
    live = cast(Live, request.app.state.live)
    last_id = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
    address = network_of(origin.get().address)
    return StreamingResponse(
        live.events(by, last_id, address),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
