"""HTTP of the built-in inbox."""

from fastapi import APIRouter

from daka.database import SessionDep
from daka.delivery import inbox
from daka.delivery.models import InboxMessage
from daka.delivery.schemas import InboxRead
from daka.identity.access import Member
from daka.identity.schemas import RowId
from daka.paging import Cursor, Limit, Page
from daka.problems import problems

router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"])


@router.get("", operation_id="inbox_list")
async def list_inbox(by: Member, session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[InboxRead]:
    """Messages in the built-in inbox, newest first."""
    rows, next_cursor = await inbox.inbox(session, by, limit=limit, cursor=cursor)
    return Page(items=[_inbox_read(row) for row in rows], next_cursor=next_cursor)


@router.post("/{message_id}/read", operation_id="inbox_read", responses=problems(404))
async def read_inbox_message(message_id: RowId, by: Member, session: SessionDep) -> InboxRead:
    """Mark a message as read."""
    return _inbox_read(await inbox.read_inbox_message(session, message_id, by))


def _inbox_read(message: InboxMessage) -> InboxRead:
    return InboxRead.model_validate(message.model_dump())
