"""HTTP of preview and explain."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from daka.database import SessionDep
from daka.errors import Invalid
from daka.explain.preview import preview
from daka.explain.schemas import Explanation, Preview
from daka.explain.service import explain
from daka.identity.access import Member
from daka.identity.schemas import RowId
from daka.identity.users import visible_user
from daka.problems import problems
from daka.roster.schemas import WorkDate
from daka.routing import Router

router = Router(prefix="/api/v1/reminders", tags=["reminders"])


@router.get("/preview", operation_id="reminders_preview")
async def preview_reminders(
    by: Member,
    session: SessionDep,
    days: Annotated[int, Query(ge=1, le=31)] = 7,
    at: Annotated[datetime | None, Query(description="Preview from this moment instead of now, with offset")] = None,
    after: Annotated[
        datetime | None,
        Query(description="Only what comes later: `to_at` of an answer that was cut, for the next part"),
    ] = None,
    team_id: RowId | None = None,
    user_id: RowId | None = None,
) -> Preview:
    """What will be sent, to whom and when, if nobody punches before. `at` starts from another moment than now."""
    for name, moment in (("at", at), ("after", after)):
        if moment is not None and (moment.tzinfo is None or not 2000 <= moment.year <= 2100):
            message = f"`{name}` needs an offset, such as 2026-12-01T08:50:00+08:00"
            raise Invalid("bad_moment", message, loc=("query", name))
    return await preview(session, by, days=days, at=at, after=after, team_id=team_id, user_id=user_id)


@router.get("/explain", operation_id="reminders_explain", responses=problems(404))
async def explain_reminders(user_id: RowId, date: WorkDate, by: Member, session: SessionDep) -> Explanation:
    """Why a person was or was not reminded on a work date."""
    return await explain(session, by, await visible_user(session, user_id, by), date)
