"""HTTP of channels, the delivery log, the inbox and teams' message templates."""

from typing import Annotated

from fastapi import Query

from daka.database import SessionDep
from daka.delivery import delivery_log, inbox, service, team_templates
from daka.delivery.models import Channel, InboxMessage, Outcome
from daka.delivery.schemas import (
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelTry,
    ChannelUpdate,
    DeliveryRead,
    DeliverySearch,
    InboxRead,
    RemedyText,
    TemplatePreview,
    TemplatePreviewAsk,
    TemplateRead,
    TemplateWrite,
    TestResult,
    VariableRead,
    WebPushKeyRead,
)
from daka.delivery.sender import Sender
from daka.delivery.templates import VARIABLES, Stage
from daka.delivery.trial_send import send_test, try_settings
from daka.identity.access import DatabaseDep, Member, MemberApart, Planner, SettingsDep
from daka.identity.schemas import RowId
from daka.languages import Language
from daka.outbound.proofs import proof_of
from daka.outbound.web_push import public_point, server_key, to_base64
from daka.paging import Cursor, Limit, Page
from daka.problems import problems
from daka.routing import Router, joined, of_app

channels = Router(prefix="/api/v1/channels", tags=["channels"])
deliveries = Router(prefix="/api/v1/deliveries", tags=["deliveries"])
messages = Router(prefix="/api/v1/inbox", tags=["inbox"])
templates = Router(prefix="/api/v1/templates", tags=["templates"])


SenderDep = Annotated[Sender, of_app("sender")]


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


@channels.post("/test", operation_id="channels_try", responses=problems(403, 404, 409, 429))
async def try_channel(
    asked: ChannelTry, by: MemberApart, database: DatabaseDep, settings: SettingsDep, sender: SenderDep
) -> TestResult:
    """Send a test message with settings that are not saved, and return the provider's answer. Nothing is kept.

    If it worked, `proof` lets the channel start as tried when these settings are saved within the hour.
    """
    result, config, called = await try_settings(database, sender, asked, by)
    channel = result.job.channel
    is_done = result.outcome is Outcome.DONE
    proof = proof_of(settings, by.id, channel.kind, config, at=result.at) if is_done else None
    return service.test_result(result, channel, called, by, proof=proof)


@channels.get("/web-push-key", operation_id="channels_web_push_key")
async def read_web_push_key(_: Member, settings: SettingsDep) -> WebPushKeyRead:
    """The public key to which browsers subscribe for channels of the kind `web_push` (`applicationServerKey`)."""
    return WebPushKeyRead(public_key=to_base64(public_point(server_key(settings.secret))))


@channels.get("/{channel_id}", operation_id="channels_read", responses=problems(404))
async def read_channel(channel_id: RowId, by: Member, session: SessionDep) -> ChannelRead:
    """One channel, without its secrets."""
    return await _read(session, await service.own_channel(session, channel_id, by))


@channels.patch("/{channel_id}", operation_id="channels_update", responses=problems(404, 409))
async def update_channel(channel_id: RowId, change: ChannelUpdate, by: Member, session: SessionDep) -> ChannelRead:
    """Change a channel. Secrets that the body leaves out are kept."""
    return await _read(
        session, await service.update_channel(session, by, await service.own_channel(session, channel_id, by), change)
    )


@channels.delete("/{channel_id}", operation_id="channels_delete", status_code=204, responses=problems(404, 409))
async def delete_channel(channel_id: RowId, by: Member, session: SessionDep) -> None:
    """Delete a channel and its secrets."""
    await service.delete_channel(session, await service.own_channel(session, channel_id, by))


@channels.post("/{channel_id}/test", operation_id="channels_test", responses=problems(404, 409, 429))
async def test_channel(channel_id: RowId, by: MemberApart, database: DatabaseDep, sender: SenderDep) -> TestResult:
    """Send a test message as reminders are sent; return the provider's answer, and whom reminders would call."""
    result, channel, called = await send_test(database, sender, channel_id, by)
    return service.test_result(result, channel, called, by, proof=None)


async def _read(session: SessionDep, channel: Channel) -> ChannelRead:
    return (await service.channel_reads(session, [channel]))[0]


@deliveries.get("", operation_id="deliveries_list")
async def list_deliveries(
    by: Member,
    session: SessionDep,
    search: Annotated[DeliverySearch, Query()],
) -> Page[DeliveryRead]:
    """The delivery log, newest first."""
    items, next_cursor = await delivery_log.list_deliveries(session, by, search)
    return Page(items=items, next_cursor=next_cursor)


@deliveries.get("/{delivery_id}", operation_id="deliveries_read", responses=problems(404))
async def read_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """One delivery with its attempts."""
    return await delivery_log.read_delivery(session, delivery_id, by)


@deliveries.post("/{delivery_id}/retry", operation_id="deliveries_retry", responses=problems(403, 404, 409))
async def retry_delivery(delivery_id: RowId, by: Member, session: SessionDep) -> DeliveryRead:
    """Retry a failed or expired delivery, with the same idempotency key."""
    await delivery_log.retry_delivery(session, delivery_id, by)
    await session.flush()
    return await delivery_log.read_delivery(session, delivery_id, by)


@messages.get("", operation_id="inbox_list")
async def list_inbox(by: Member, session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[InboxRead]:
    """Messages in the built-in inbox, newest first."""
    rows, next_cursor = await inbox.inbox(session, by, limit=limit, cursor=cursor)
    return Page(items=[_inbox_read(row) for row in rows], next_cursor=next_cursor)


@messages.post("/{message_id}/read", operation_id="inbox_read", responses=problems(404))
async def read_inbox_message(message_id: RowId, by: Member, session: SessionDep) -> InboxRead:
    """Mark a message as read."""
    return _inbox_read(await inbox.read_inbox_message(session, message_id, by))


def _inbox_read(message: InboxMessage) -> InboxRead:
    return InboxRead.model_validate(message.model_dump())


@templates.get("/variables", operation_id="templates_variables", responses=problems(403))
async def list_variables(by: Planner) -> Page[VariableRead]:
    """The variables of templates."""
    return Page(items=[VariableRead(name=name, meaning=RemedyText(**words)) for name, words in VARIABLES.items()])


@templates.get("", operation_id="templates_list", responses=problems(403, 404))
async def list_templates(team_id: RowId, by: Planner, session: SessionDep) -> Page[TemplateRead]:
    """A team's templates; stages that are not listed use the built-in texts."""
    return Page(items=await team_templates.list_templates(session, team_id, by))


@templates.put("/{team_id}/{stage}", operation_id="templates_write", responses=problems(403, 404))
async def write_template(
    team_id: RowId,
    stage: Stage,
    change: TemplateWrite,
    by: Planner,
    session: SessionDep,
    language: Language = Language.CHINESE,
) -> TemplateRead:
    """Set a team's template for a stage in one language, in one or several variants."""
    return await team_templates.write_template(session, team_id, stage, language, change, by)


@templates.delete("/{team_id}/{stage}", operation_id="templates_delete", status_code=204, responses=problems(403, 404))
async def delete_template(
    team_id: RowId, stage: Stage, by: Planner, session: SessionDep, language: Language = Language.CHINESE
) -> None:
    """Return to the built-in texts."""
    await team_templates.delete_template(session, team_id, stage, language, by)


@templates.post("/preview", operation_id="templates_preview", responses=problems(403))
async def preview_template(ask: TemplatePreviewAsk, by: Planner, settings: SettingsDep) -> TemplatePreview:
    """How a kind of channel would send this template to example people."""
    return team_templates.template_preview(ask, settings)


router = joined(channels, deliveries, messages, templates)
