"""HTTP of channels."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from daka.database import SessionDep
from daka.delivery import dingtalk_people, service
from daka.delivery.models import Channel
from daka.delivery.schemas import (
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelUpdate,
    DingTalkUserIdRead,
    TestResult,
)
from daka.delivery.sender import Sender
from daka.delivery.test_send import send_test
from daka.identity.access import DatabaseDep, Member, MemberApart, PlannerApart
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems

router = APIRouter()
channels = APIRouter(prefix="/api/v1/channels", tags=["channels"])


async def sender_of(request: Request) -> Sender:
    return cast(Sender, request.app.state.sender)


SenderDep = Annotated[Sender, Depends(sender_of)]


@channels.get("/kinds", operation_id="channels_kinds")
async def list_kinds(by: Member) -> Page[ChannelKindRead]:
    """The kinds of channels, with the schemas of their settings."""
    return Page(items=service.kinds())


@channels.get("", operation_id="channels_list")
async def list_channels(by: Member, session: SessionDep) -> Page[ChannelRead]:
    """One's own channels and those of the teams that one plans."""
    return Page(items=await service.channel_reads(session, await service.visible_channels(session, by)))


@channels.post("", operation_id="channels_create", status_code=201, responses=problems(403, 404, 409))
async def create_channel(new: ChannelCreate, by: Member, session: SessionDep) -> ChannelRead:
    """Create a channel of one's own, or of a team that one plans."""
    return await _read(session, await service.create_channel(session, by, new))


@channels.get("/{channel_id}", operation_id="channels_read", responses=problems(404))
async def read_channel(channel_id: RowId, by: Member, session: SessionDep) -> ChannelRead:
    """One channel, without its secrets."""
    return await _read(session, await service.own_channel(session, channel_id, by))


@channels.patch("/{channel_id}", operation_id="channels_update", responses=problems(404, 409))
async def update_channel(channel_id: RowId, change: ChannelUpdate, by: Member, session: SessionDep) -> ChannelRead:
    """Change a channel. Secrets that the body leaves out are kept."""
    return await _read(
        session, await service.update_channel(session, await service.own_channel(session, channel_id, by), change)
    )


@channels.delete("/{channel_id}", operation_id="channels_delete", status_code=204, responses=problems(404, 409))
async def delete_channel(channel_id: RowId, by: Member, session: SessionDep) -> None:
    """Delete a channel and its secrets."""
    await service.delete_channel(session, await service.own_channel(session, channel_id, by))


@channels.post("/{channel_id}/test", operation_id="channels_test", responses=problems(404, 409, 429))
async def test_channel(channel_id: RowId, by: MemberApart, database: DatabaseDep, sender: SenderDep) -> TestResult:
    """Send a test message as reminders are sent, and return the provider's answer."""
    result, channel = await send_test(database, sender, channel_id, by)
    return service.test_result(result, channel, by)


@router.post(
    "/api/v1/users/{user_id}/dingtalk-userid",
    operation_id="users_find_dingtalk_userid",
    tags=["users"],
    responses=problems(403, 404, 409),
)
async def find_dingtalk_userid(
    user_id: RowId, by: PlannerApart, database: DatabaseDep, request: Request
) -> DingTalkUserIdRead:
    """Look up the DingTalk userid of the person's mobile number, and store it.

    The lookup uses the app of one of the team's channels or punch sources, which needs permission to find people by number. A
    refusal (`dingtalk_refused`, `dingtalk_knows_nobody`) has `provider_code`, `provider_message` and `hint_text`.
    """
    userid = await dingtalk_people.look_up_userid(database, request.app.state.outbound, user_id, by)
    return DingTalkUserIdRead(user_id=user_id, dingtalk_userid=userid)


async def _read(session: SessionDep, channel: Channel) -> ChannelRead:
    return (await service.channel_reads(session, [channel]))[0]


router.include_router(channels)
