"""HTTP of people from a vendor's directory and of the app's permissions, for the guided set-up."""

from typing import Annotated

from fastapi import Depends, Request

from daka.identity.access import DatabaseDep, PlannerApart
from daka.identity.schemas import RowId
from daka.problems import problems
from daka.reminders.punches.service import own_source
from daka.routing import Router, joined
from daka.syncing.people import PeopleReader
from daka.syncing.schemas import DingTalkUserIdRead, PeopleOrder, PeopleRead, PermissionsRead
from daka.syncing.userids import look_up_userid

source = Router(prefix="/api/v1/punch-sources/{source_id}", tags=["punch sources"])
users = Router(prefix="/api/v1/users", tags=["users"])


async def reader_of(request: Request) -> PeopleReader:
    state = request.app.state
    return PeopleReader(state.database, state.punch_checker, state.settings)


ReaderDep = Annotated[PeopleReader, Depends(reader_of)]


@source.post("/people/preview", operation_id="source_people_preview", responses=problems(403, 404))
async def preview(
    source_id: RowId, order: PeopleOrder, by: PlannerApart, database: DatabaseDep, reader: ReaderDep
) -> PeopleRead:
    """Read departments and people from the vendor, and say who would be added. Nothing is written."""
    async with database.read() as session:
        await own_source(session, source_id, by)
    return await reader.preview(source_id, order.departments, by)


@source.post("/people", operation_id="source_people_add", responses=problems(403, 404, 409))
async def add(
    source_id: RowId, order: PeopleOrder, by: PlannerApart, database: DatabaseDep, reader: ReaderDep
) -> PeopleRead:
    """Add the people of departments to teams. Nobody is moved, deactivated or deleted."""
    async with database.read() as session:
        await own_source(session, source_id, by)
    return await reader.add(source_id, order.departments, by)


@source.post("/permissions", operation_id="source_permissions_try", responses=problems(403, 404))
async def permissions(source_id: RowId, by: PlannerApart, database: DatabaseDep, reader: ReaderDep) -> PermissionsRead:
    """Try each permission that reading people, rosters and punches from the vendor needs."""
    async with database.read() as session:
        await own_source(session, source_id, by)
    return await reader.try_permissions(source_id)


@users.post("/{user_id}/dingtalk-userid", operation_id="users_find_dingtalk_userid", responses=problems(403, 404, 409))
async def find_dingtalk_userid(
    user_id: RowId, by: PlannerApart, database: DatabaseDep, request: Request
) -> DingTalkUserIdRead:
    """Look up the DingTalk userid of the person's mobile number, and store it.

    The lookup uses the app of one of the team's channels or punch sources, which needs permission to find people by number. A
    refusal (`dingtalk_refused`, `dingtalk_knows_nobody`) has `provider_code`, `provider_message` and `hint_text`.
    """
    userid = await look_up_userid(database, request.app.state.outbound, user_id, by)
    return DingTalkUserIdRead(user_id=user_id, dingtalk_userid=userid)


router = joined(source, users)
