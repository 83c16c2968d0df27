"""HTTP of chats: who one is there, and the connections."""

from daka.chat import identities
from daka.chat.answering import tap_on_test
from daka.chat.schemas import ChatCodeRead, ChatConnectionRead, ChatIdentityRead, ChatTapRead
from daka.chat.supervisor import MONTHLY_FRAMES, connections, frames_this_month, vendors_of
from daka.database import SessionDep
from daka.delivery.routes import SenderDep
from daka.delivery.service import own_channel
from daka.identity.access import Admin, DatabaseDep, Member, confirmed
from daka.identity.reauthentication import MemberReauthenticated
from daka.identity.schemas import CurrentPassword, RowId
from daka.outbound.reasons import in_both
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1", tags=["chats"])


@router.get("/me/chats", operation_id="me_chats_list")
async def list_my_chats(by: Member, session: SessionDep) -> Page[ChatIdentityRead]:
    """List the chats in which you are known."""
    return Page(
        items=[
            ChatIdentityRead(id=found.id, vendor=found.realm.partition(":")[0], created_at=found.created_at)
            for found in await identities.identities_of(session, by.user)
        ]
    )


@router.post("/me/chats/code", operation_id="me_chats_code", status_code=201, responses=problems(403, 429))
async def create_my_chat_code(
    _: CurrentPassword, by: MemberReauthenticated, database: DatabaseDep, sender: SenderDep
) -> ChatCodeRead:
    """Make a one-time code. The person who sends it to the bot within ten minutes answers as you from then on."""
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        code, expires_at = await identities.new_code(session, by.user)
        vendors = await vendors_of(session, sender, by)
    return ChatCodeRead(code=code, expires_at=expires_at, vendors=vendors)


@router.delete("/me/chats/{chat_id}", operation_id="me_chats_delete", status_code=204, responses=problems(404))
async def delete_my_chat(chat_id: RowId, by: Member, session: SessionDep) -> None:
    """Be unknown there again."""
    await identities.unbind(session, by.user, chat_id)


@router.get("/chat-connections", operation_id="chat_connections_list", responses=problems(403))
async def list_chat_connections(by: Admin, session: SessionDep) -> Page[ChatConnectionRead]:
    """List the connections over which answers come in from chats."""
    found = await connections(session)
    frames = await frames_this_month(session, found)
    return Page(
        items=[
            ChatConnectionRead(
                vendor=each.dialect,
                frames=frames.get(each.app),
                monthly_frames=MONTHLY_FRAMES if each.app in frames else None,
                reason_text=dict(zip(("zh", "en"), in_both(each.reason), strict=True)),
                **each.model_dump(),
            )
            for each in found
        ]
    )


@router.get("/channels/{channel_id}/taps/{delivery_id}", operation_id="channels_test_tap", responses=problems(403, 404))
async def read_tap_on_test(
    channel_id: RowId, delivery_id: RowId, by: Member, session: SessionDep, sender: SenderDep
) -> ChatTapRead:
    """Whether the button of a test message was tapped: its answer came in, so those of reminders will."""
    app = sender.chat_app_of(await own_channel(session, channel_id, by))
    is_tapped, is_known = await tap_on_test(session, app, channel_id, delivery_id)
    return ChatTapRead(is_tapped=is_tapped, is_known=is_known)
