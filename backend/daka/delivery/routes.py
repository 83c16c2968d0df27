"""HTTP of channels, the delivery log and the inbox."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, status
from sqlmodel import select

from daka import clock, security
from daka.database import SessionDep
from daka.delivery import service
from daka.delivery.channels.kind import Verdict
from daka.delivery.messages import note
from daka.delivery.models import Channel, ChannelStatus, DeliveryStatus, InboxMessage, Lane, Outcome
from daka.delivery.schemas import (
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelUpdate,
    DeliveryRead,
    InboxRead,
    TestResult,
)
from daka.delivery.sender import Sender, mark_broken
from daka.errors import TooMany
from daka.identity.access import DatabaseDep, Member, SettingsDep, bearer, principal
from daka.identity.schemas import RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems

router = APIRouter(prefix="/api/v1")


def sender_of(request: Request) -> Sender:
    return cast(Sender, request.app.state.sender)


@router.get("/channels/kinds", operation_id="channels_kinds", tags=["channels"], responses=problems(401))
async def list_kinds(by: Member) -> Page[ChannelKindRead]:
    """The kinds of channels with the schemas of their settings."""
    return Page(items=service.kinds())


@router.get("/channels", operation_id="channels_list", tags=["channels"], responses=problems(401))
async def list_channels(by: Member, session: SessionDep) -> Page[ChannelRead]:
    """One's own channels and those of the teams that one plans."""
    return Page(items=await service.channel_reads(session, await service.visible_channels(session, by)))


@router.post(
    "/channels",
    operation_id="channels_create",
    tags=["channels"],
    status_code=status.HTTP_201_CREATED,
    responses=problems(401, 403, 404, 409),
)
async def create_channel(new: ChannelCreate, by: Member, session: SessionDep) -> ChannelRead:
    """Add a channel: one's own, or a team's that one plans."""
    return await _read(session, await service.create_channel(session, by, new))


@router.get("/channels/{channel_id}", operation_id="channels_read", tags=["channels"], responses=problems(401, 404))
async def read_channel(channel_id: RowId, by: Member, session: SessionDep) -> ChannelRead:
    """One channel, without its secrets."""
    return await _read(session, await service.own_channel(session, channel_id, by))


@router.patch(
    "/channels/{channel_id}", operation_id="channels_update", tags=["channels"], responses=problems(401, 404, 409)
)
async def update_channel(channel_id: RowId, change: ChannelUpdate, by: Member, session: SessionDep) -> ChannelRead:
    """Change a channel. Secrets that the body leaves out are kept."""
    return await _read(
        session, await service.update_channel(session, await service.own_channel(session, channel_id, by), change)
    )


@router.delete(
    "/channels/{channel_id}",
    operation_id="channels_delete",
    tags=["channels"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 404, 409),
)
async def delete_channel(channel_id: RowId, by: Member, session: SessionDep) -> None:
    """Remove a channel; its secrets are gone at once."""
    await service.delete_channel(session, await service.own_channel(session, channel_id, by))


@router.post(
    "/channels/{channel_id}/test", operation_id="channels_test", tags=["channels"], responses=problems(401, 404, 429)
)
async def test_channel(
    channel_id: RowId,
    database: DatabaseDep,
    settings: SettingsDep,
    sender: Annotated[Sender, Depends(sender_of)],
    token: Annotated[str | None, Depends(bearer)],
) -> TestResult:
    """Send a test message the way that reminders go, and show the provider's own answer."""
    async with database.read() as session:
        by = await principal(session, settings, token)
        channel = await service.own_channel(session, channel_id, by)
        held = (await session.exec(select(Lane.held_until).where(Lane.key == channel.lane))).first()
    now = clock.now()
    if held is not None and held > now:
        raise TooMany("channel_throttled", int((held - now).total_seconds()) + 1, "The provider throttles this channel")
    words = note(
        service.test_message(channel.name),
        key=f"daka-test-{security.new_token()[:16]}",
        due_at=now,
        now=now,
        link_for=lambda _: "",
    )
    told = await sender.tell(channel, words)
    verdict = told.verdict
    async with database.write() as session:
        if verdict.outcome is Outcome.BROKEN_CHANNEL:
            await mark_broken(session, channel, verdict)
        elif verdict.outcome is Outcome.DONE and channel.status is not ChannelStatus.OK:
            row = cast(Channel, await session.get(Channel, channel.id))
            row.status, row.status_reason, row.status_hint, row.status_at = ChannelStatus.OK, "", "", now
            session.add(row)
    return _test_result(verdict, int(told.latency.total_seconds() * 1000))


@router.get("/deliveries", operation_id="deliveries_list", tags=["deliveries"], responses=problems(401))
async def list_deliveries(
    by: Member,
    session: SessionDep,
    status: DeliveryStatus | None = None,
    channel_id: RowId | None = None,
    user_id: RowId | None = None,
    reminder_id: RowId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryRead]:
    """The log, newest first."""
    items, next_cursor = await service.list_deliveries(
        session,
        by,
        status=status,
        channel_id=channel_id,
        user_id=user_id,
        reminder_id=reminder_id,
        limit=limit,
        cursor=cursor,
    )
    return Page(items=items, next_cursor=next_cursor)


@router.get(
    "/deliveries/{delivery_id}", operation_id="deliveries_read", tags=["deliveries"], responses=problems(401, 404)
)
async def read_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """One delivery with its attempts."""
    return await service.read_delivery(session, delivery_id, by)


@router.post(
    "/deliveries/{delivery_id}/retry",
    operation_id="deliveries_retry",
    tags=["deliveries"],
    responses=problems(401, 403, 404, 409),
)
async def retry_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """Try once more what failed, with the same idempotency key."""
    await service.retry_delivery(session, delivery_id, by)
    await session.flush()
    return await service.read_delivery(session, delivery_id, by)


@router.get("/inbox", operation_id="inbox_list", tags=["inbox"], responses=problems(401))
async def list_inbox(by: Member, session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[InboxRead]:
    """Messages kept in the system, newest first."""
    rows, next_cursor = await service.inbox(session, by, limit=limit, cursor=cursor)
    return Page(items=[_inbox_read(row) for row in rows], next_cursor=next_cursor)


@router.post("/inbox/{message_id}/read", operation_id="inbox_read", tags=["inbox"], responses=problems(401, 404))
async def read_inbox_message(message_id: RowId, by: Member, session: SessionDep) -> InboxRead:
    """Mark a message as read."""
    return _inbox_read(await service.read_inbox_message(session, message_id, by))


async def _read(session: SessionDep, channel: Channel) -> ChannelRead:
    return (await service.channel_reads(session, [channel]))[0]


def _inbox_read(message: InboxMessage) -> InboxRead:
    return InboxRead.model_validate(message.model_dump())


def _test_result(verdict: Verdict, latency_ms: int) -> TestResult:
    return TestResult(
        outcome=verdict.outcome,
        provider_code=verdict.provider_code,
        provider_message=verdict.provider_message,
        hint=verdict.hint,
        http_status=verdict.http_status,
        latency_ms=latency_ms,
    )
