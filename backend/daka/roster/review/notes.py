"""Notes of planners on cells of the roster."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.identity.access import Principal
from daka.identity.models import User
from daka.roster.models import CellNote
from daka.roster.review.history import find_planned
from daka.roster.review.report import people_planned_by
from daka.roster.review.schemas import CellNoteBody, CellNoteRead


async def read_notes(
    session: AsyncSession, by: Principal, first: date, last: date, team_id: int | None
) -> list[CellNoteRead]:
    """The notes on the cells of people whom `by` plans, by date."""
    people = people_planned_by(by, team_id).with_only_columns(User.id)
    asked = (
        select(CellNote, User.display_name)
        .outerjoin(User, User.id == CellNote.written_by)
        .where(CellNote.work_date.between(first, last), CellNote.user_id.in_(people))
        .order_by(CellNote.work_date, CellNote.user_id)
    )
    return [
        CellNoteRead(user_id=note.user_id, date=note.work_date, text=note.text, by_name=name or "", at=note.at)
        for note, name in await session.exec(asked)
    ]


async def set_note(session: AsyncSession, by: Principal, body: CellNoteBody) -> None:
    user = await find_planned(session, by, body.user_id)
    await session.exec(sa.delete(CellNote).where(CellNote.user_id == user.id, CellNote.work_date == body.date))
    if body.text:
        session.add(CellNote(user_id=user.id, work_date=body.date, text=body.text, written_by=by.id))
    publish(session, Topic.ROSTER, team_id=user.team_id)
    await session.flush()
