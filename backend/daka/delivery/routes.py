"""HTTP of channels, the delivery log and the inbox."""

from dataclasses import asdict
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, status

from daka.database import SessionDep
from daka.delivery import delivery_log, dingtalk_people, inbox, service, team_words
from daka.delivery.channels.kind import Verdict
from daka.delivery.channels.registry import KINDS
from daka.delivery.lanes import Result
from daka.delivery.models import Channel, DeliveryStatus, InboxMessage, Occasion, Outcome
from daka.delivery.records import storable
from daka.delivery.remedies import remedy_text
from daka.delivery.schemas import (
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelUpdate,
    DeliveryRead,
    DingTalkUserIdRead,
    ExchangeRead,
    InboxRead,
    RemedyText,
    TemplatePreview,
    TemplatePreviewAsk,
    TemplateRead,
    TemplateWrite,
    TestResult,
    VariableRead,
)
from daka.delivery.sender import Sender
from daka.delivery.templates import VARIABLES, Stage
from daka.delivery.test_send import try_channel
from daka.identity.access import DatabaseDep, Member, MemberApart, Planner, PlannerApart, SettingsDep
from daka.identity.schemas import RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems
from daka.roster.schemas import WorkDate

router = APIRouter(prefix="/api/v1")


async def sender_of(request: Request) -> Sender:
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
    "/channels/{channel_id}/test",
    operation_id="channels_test",
    tags=["channels"],
    responses=problems(401, 404, 409, 429),
)
async def test_channel(
    channel_id: RowId, by: MemberApart, database: DatabaseDep, sender: Annotated[Sender, Depends(sender_of)]
) -> TestResult:
    """Send a test message the way that reminders go, and show the provider's own answer."""
    result, channel = await try_channel(database, sender, channel_id, by)
    return _test_result(result, sees_answer=by.is_admin or not KINDS[channel.kind].has_free_address)


@router.get("/deliveries", operation_id="deliveries_list", tags=["deliveries"], responses=problems(401))
async def list_deliveries(
    by: Member,
    session: SessionDep,
    status: DeliveryStatus | None = None,
    channel_id: RowId | None = None,
    user_id: RowId | None = None,
    reminder_id: RowId | None = None,
    occasion: Occasion | None = None,
    first: Annotated[WorkDate | None, Query(alias="from", description="First day, in the server's TIMEZONE")] = None,
    last: Annotated[WorkDate | None, Query(alias="to", description="Last day")] = None,
    q: Annotated[str | None, Query(max_length=80, description="Channel, person, or the provider's words")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryRead]:
    """The log, newest first."""
    items, next_cursor = await delivery_log.list_deliveries(
        session,
        by,
        status=status,
        channel_id=channel_id,
        user_id=user_id,
        reminder_id=reminder_id,
        occasion=occasion,
        first=first,
        last_day=last,
        words=q,
        limit=limit,
        cursor=cursor,
    )
    return Page(items=items, next_cursor=next_cursor)


@router.get(
    "/deliveries/{delivery_id}", operation_id="deliveries_read", tags=["deliveries"], responses=problems(401, 404)
)
async def read_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """One delivery with its attempts."""
    return await delivery_log.read_delivery(session, delivery_id, by)


@router.post(
    "/deliveries/{delivery_id}/retry",
    operation_id="deliveries_retry",
    tags=["deliveries"],
    responses=problems(401, 403, 404, 409),
)
async def retry_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """Try once more what failed, with the same idempotency key."""
    await delivery_log.retry_delivery(session, delivery_id, by)
    await session.flush()
    return await delivery_log.read_delivery(session, delivery_id, by)


@router.post(
    "/users/{user_id}/dingtalk-userid",
    operation_id="users_find_dingtalk_userid",
    tags=["users"],
    responses=problems(401, 403, 404, 409),
)
async def find_dingtalk_userid(
    user_id: RowId, by: PlannerApart, database: DatabaseDep, sender: Annotated[Sender, Depends(sender_of)]
) -> DingTalkUserIdRead:
    """Ask DingTalk who has the person's mobile number, and keep the userid.

    It asks with the app of one of the team's channels or punch sources, which must be allowed to find people by number. A
    refusal (`dingtalk_refused`, `dingtalk_knows_nobody`) has `provider_code`, `provider_message` and `hint_text`.
    """
    return DingTalkUserIdRead(
        user_id=user_id, dingtalk_userid=await dingtalk_people.look_up_userid(database, sender, user_id, by)
    )


@router.get("/inbox", operation_id="inbox_list", tags=["inbox"], responses=problems(401))
async def list_inbox(by: Member, session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[InboxRead]:
    """Messages kept in the system, newest first."""
    rows, next_cursor = await inbox.inbox(session, by, limit=limit, cursor=cursor)
    return Page(items=[_inbox_read(row) for row in rows], next_cursor=next_cursor)


@router.post("/inbox/{message_id}/read", operation_id="inbox_read", tags=["inbox"], responses=problems(401, 404))
async def read_inbox_message(message_id: RowId, by: Member, session: SessionDep) -> InboxRead:
    """Mark a message as read."""
    return _inbox_read(await inbox.read_inbox_message(session, message_id, by))


async def _read(session: SessionDep, channel: Channel) -> ChannelRead:
    return (await service.channel_reads(session, [channel]))[0]


def _inbox_read(message: InboxMessage) -> InboxRead:
    return InboxRead.model_validate(message.model_dump())


def _test_result(result: Result, *, sees_answer: bool) -> TestResult:
    verdict = result.verdict or Verdict(Outcome.RETRY, "expired", "no time was left to send it")
    return TestResult(
        outcome=verdict.outcome,
        provider_code=storable(verdict.provider_code),
        provider_message=storable(verdict.provider_message),
        hint=verdict.hint,
        hint_text=remedy_text(verdict.hint),
        http_status=verdict.http_status,
        latency_ms=int(result.latency.total_seconds() * 1000),
        delivery_id=result.job.delivery.id,
        exchanges=[
            ExchangeRead(**{**asdict(exchange), "answer": storable(exchange.answer) if sees_answer else ""})
            for exchange in result.exchanges
        ],
    )


# --- templates -------------------------------------------------------------------------------------------------------


@router.get(
    "/templates/variables", operation_id="templates_variables", tags=["templates"], responses=problems(401, 403)
)
async def list_variables(by: Planner) -> Page[VariableRead]:
    """What may stand in braces."""
    return Page(items=[VariableRead(name=name, meaning=RemedyText(**words)) for name, words in VARIABLES.items()])


@router.get("/templates", operation_id="templates_list", tags=["templates"], responses=problems(401, 403, 404))
async def list_templates(team_id: RowId, by: Planner, session: SessionDep) -> Page[TemplateRead]:
    """A team's own words; stages that are not listed use the built-in ones."""
    return Page(items=await team_words.team_templates(session, team_id, by))


@router.put(
    "/templates/{team_id}/{stage}",
    operation_id="templates_write",
    tags=["templates"],
    responses=problems(401, 403, 404),
)
async def write_template(
    team_id: RowId, stage: Stage, change: TemplateWrite, by: Planner, session: SessionDep
) -> TemplateRead:
    """Give a stage of a team's messages its own words, in one or several variants."""
    return await team_words.write_template(session, team_id, stage, change, by)


@router.delete(
    "/templates/{team_id}/{stage}",
    operation_id="templates_delete",
    tags=["templates"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)
async def delete_template(team_id: RowId, stage: Stage, by: Planner, session: SessionDep) -> None:
    """Go back to the built-in words."""
    await team_words.delete_template(session, team_id, stage, by)


@router.post("/templates/preview", operation_id="templates_preview", tags=["templates"], responses=problems(401, 403))
async def preview_template(ask: TemplatePreviewAsk, by: Planner, settings: SettingsDep) -> TemplatePreview:
    """How a kind of channel would send these words to made-up people."""
    return team_words.template_preview(ask, settings)
