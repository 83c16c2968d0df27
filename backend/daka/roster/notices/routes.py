"""Routes for the settings of your roster notices."""

from pydantic import Field

from daka.database import SessionDep
from daka.identity.access import Member
from daka.identity.schemas import Body, example
from daka.roster.notices import service
from daka.routing import Router
from daka.schema import Schema
from daka.shifts.schemas import ClockTime

router = Router(prefix="/api/v1/me/notices", tags=["me"])


class NoticesRead(Schema):
    tells_changes: bool = Field(description="Whether to send a notice when your next seven days change")
    tomorrow_at: str | None = Field(description="HH:MM at which tomorrow's shift is sent; null: never")
    tells_month: bool = Field(description="Whether the report of the last month is also sent to your channels")


class NoticesUpdate(Body):
    model_config = example({"tells_changes": True, "tomorrow_at": "20:00"})
    tells_changes: bool
    tomorrow_at: ClockTime | None
    tells_month: bool = False


@router.get("", operation_id="notices_read")
async def read_notices(by: Member, session: SessionDep) -> NoticesRead:
    """Your roster notice settings."""
    return NoticesRead.model_validate((await service.choice_of(session, by.id)).model_dump())


@router.put("", operation_id="notices_update")
async def update_notices(change: NoticesUpdate, by: Member, session: SessionDep) -> NoticesRead:
    """Set your roster notices: changes of the next days, and tomorrow's shift at a time of your choice, the last month."""
    choice = await service.choice_of(session, by.id)
    choice.tells_changes, choice.tomorrow_at = change.tells_changes, change.tomorrow_at
    choice.tells_month = change.tells_month
    session.add(choice)
    await session.flush()
    return NoticesRead.model_validate(choice.model_dump())
