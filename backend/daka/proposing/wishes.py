"""Wishes: planners ask a team's people for them until a day, people wish, and proposals weigh it."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import audit
from daka.errors import Conflict, Invalid
from daka.hooks import PersonalNotice, notify_people
from daka.identity.access import Principal, find_team, refuse_foreign_team
from daka.identity.models import User
from daka.identity.teams import today_of
from daka.languages import Language, Words, date_in, said
from daka.proposing.models import Wish, WishCall
from daka.proposing.schemas import WishBody, WishCallBody, WishCallRead
from daka.roster.cells import lock_roster
from daka.roster.review.report import planned_and_active
from daka.roster.service import refuse_unfitting
from daka.shifts.service import visible_shifts


async def read_call(session: AsyncSession, by: Principal, team_id: int | None) -> WishCallRead | None:
    """For which days a team's people are asked for wishes; without a team: one's own."""
    if team_id is not None:
        await find_team(session, team_id, by)
    asked = by.user.team_id if team_id is None else team_id
    found = await session.get(WishCall, asked) if asked is not None else None
    if found is None:
        return None
    is_open = await today_of(session, found.team_id) <= found.closes_on
    return WishCallRead.model_validate({**found.model_dump(), "is_open": is_open})


async def ask_for_wishes(session: AsyncSession, by: Principal, team_id: int, body: WishCallBody) -> WishCallRead:
    """Ask a team's people, and tell them; it takes the place of what they were asked before.

    Raises Invalid: the last day to answer is over.
    """
    await refuse_foreign_team(session, by, team_id)
    team = await find_team(session, team_id, by)
    if body.closes_on < await today_of(session, team_id):
        raise Invalid("day_is_over", "The last day to answer is over", loc=("body", "closes_on"))
    await lock_roster(session)  # two planners at once: one after the other
    before = await session.get(WishCall, team_id)
    asked = WishCall(
        team_id=team_id, first_date=body.first, last_date=body.last, closes_on=body.closes_on, most=body.most
    )
    found = WishCallRead.model_validate({**asked.model_dump(), "is_open": True})
    was, now = (call.model_dump(mode="json") if call else None for call in (before, asked))
    if was != now:
        await session.merge(asked)
        audit(session, "team.wishes_asked", team_id, team.name, before=was, after=now)
        people = await planned_and_active(session, by, team_id)
        await notify_people(session, _notice(asked, people, by))
    return found


async def ask_no_longer(session: AsyncSession, by: Principal, team_id: int) -> None:
    """Ask for no wishes any more. Those that were made stay."""
    await refuse_foreign_team(session, by, team_id)
    team = await find_team(session, team_id, by)
    await lock_roster(session)
    if call := await session.get(WishCall, team_id):
        await session.delete(call)
        audit(session, "team.wishes_ended", team_id, team.name, before=call.model_dump(mode="json"))


def _notice(call: WishCall, people: list[User], by: Principal) -> PersonalNotice:
    def words(language: Language) -> tuple[str, str]:
        first, last, until = (date_in(day, language) for day in (call.first_date, call.last_date, call.closes_on))
        who = by.user.display_name
        asked: Words = (
            f"{who}想知道你对{first}至{last}的意愿：哪天想休息，想上或不想上哪个班。请在{until}前填写。",
            f"{who} asks what you would like for {first} to {last}: free days, shifts wanted or not. Answer by {until}.",
        )
        return said(("请填写排班意愿", "Your wishes for the roster"), language), said(asked, language)

    ids = frozenset(user.id for user in people)
    return PersonalNotice(ids, {language: words(language) for language in Language}, None, by.id)


async def list_wishes(session: AsyncSession, by: Principal, first: date, last: date, team_id: int | None) -> list[Wish]:
    """One's own wishes, or those of a team's people, for its planners."""
    user_ids = [by.id]
    if team_id is not None:
        await refuse_foreign_team(session, by, team_id)
        user_ids = [user.id for user in await planned_and_active(session, by, team_id)]
    return await wishes_of(session, user_ids, first, last)


async def wishes_of(session: AsyncSession, user_ids: list[int], first: date, last: date) -> list[Wish]:
    asked = select(Wish).where(Wish.user_id.in_(user_ids), Wish.work_date.between(first, last))
    return list(await session.exec(asked.order_by(Wish.user_id, Wish.work_date)))


async def make_wish(session: AsyncSession, by: Principal, day: date, body: WishBody) -> Wish:
    """Wish something for a day, in place of what was wished before.

    Raises:
        Conflict: `wishes_closed`: nobody asks for this day, or no longer; `too_many_wishes`.
        Invalid: a shift that the team does not work.
    """
    await lock_roster(session)
    call = await _open_call(session, by, day)
    if body.shift_id is not None:
        shift = next((each for each in await visible_shifts(session, by) if each.id == body.shift_id), None)
        refuse_unfitting(shift, body.shift_id, [call.team_id], ("body", "shift_id"))
        if shift is None or shift.is_rest:
            raise Invalid("rest_not_wished", "Wish for a free day instead", loc=("body", "shift_id"))
    others = await wishes_of(session, [by.id], call.first_date, call.last_date)
    if sum(wish.work_date != day for wish in others) >= call.most:
        raise Conflict("too_many_wishes", f"At most {call.most} days may be wished for", most=call.most)
    return await session.merge(Wish(user_id=by.id, work_date=day, **body.model_dump()))


async def take_back(session: AsyncSession, by: Principal, day: date) -> None:
    """Raises Conflict: `wishes_closed`."""
    await _open_call(session, by, day)
    await session.exec(sa.delete(Wish).where(Wish.user_id == by.id, Wish.work_date == day))


async def _open_call(session: AsyncSession, by: Principal, day: date) -> WishCall:
    team_id = by.user.team_id
    call = await session.get(WishCall, team_id) if team_id is not None else None
    is_open = call is not None and await today_of(session, call.team_id) <= call.closes_on
    if call is None or not is_open or not call.first_date <= day <= call.last_date:
        raise Conflict("wishes_closed", "Wishes for this day are not asked for, or no longer")
    return call
