"""Reads what a proposal depends on: a team's cells as its planners see them, shifts, needs, leave, contracts, wishes, history."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Invalid
from daka.identity.access import Principal
from daka.identity.models import Role, Team, TeamMove, User
from daka.identity.teams import team_of, today_of, zones_of
from daka.proposing.building import (
    AFTER,
    BEFORE,
    HISTORY,
    Facts,
    Key,
    PastTotals,
    PersonFacts,
    ShiftFacts,
    WishFacts,
    least_hours,
    rest_shift,
)
from daka.proposing.models import WorkTerms
from daka.proposing.schemas import MOST_PEOPLE, ProposalBody, ProposedShare, SharePart
from daka.proposing.wishes import wishes_of
from daka.roster.calendar import dates_between
from daka.roster.cells import read_cells
from daka.roster.holidays.service import calendar_days
from daka.roster.models import CoverageNeed
from daka.roster.requests.leaves import whole_days_away
from daka.roster.review.report import planned_and_active
from daka.roster.review.warnings import work_days
from daka.roster.rules import LONGEST_RUN_DAYS, Share, WorkDay, share
from daka.shifts.models import Shift
from daka.shifts.service import is_night_in, periods_of, shift_nights, visible_shifts


async def read_facts(session: AsyncSession, by: Principal, team: Team, body: ProposalBody) -> tuple[Facts, list[User]]:
    """The facts of a request, and the people among them.

    Raises Invalid: a person or shift that is not the team's, nobody, too many people, or no needs.
    """
    _, zone = await team_of(session, team.id)
    first_known, last_known = body.first - HISTORY, body.last + AFTER
    everybody = await planned_and_active(session, by, team.id)
    cells = await read_cells(session, {user.id for user in everybody}, first_known, last_known, drafts=True)
    at_work = {user_id for user_id, _ in cells}
    people = [user for user in everybody if user.role is Role.MEMBER or user.id in at_work]
    if not 0 < len(people) <= MOST_PEOPLE:
        raise Invalid("proposal_people", f"A proposal is for 1 to {MOST_PEOPLE} people", loc=("body", "team_id"))
    _refuse_strangers({user.id for user in people}, body)
    needs = {
        (need.shift_id, need.day): need.people
        for need in await session.exec(select(CoverageNeed).where(CoverageNeed.team_id == team.id))
    }
    if not any(needs.values()):
        raise Invalid("proposal_without_needs", "The team has no required headcounts yet", loc=("body", "team_id"))
    rests = [shift.id for shift in await visible_shifts(session, by, team_id=team.id) if shift.is_rest]
    rest = rest_shift(rests, cells.values())
    wanted = {*cells.values(), *(shift_id for shift_id, _ in needs), *([rest] if rest else ())}
    shifts = await _shifts(session, team.id, wanted, body)
    kinds = {day: found.kind for day, found in (await calendar_days(session, first_known, last_known))[0].items()}
    away = await whole_days_away(session, {user.id for user in people}, body.first - BEFORE, last_known)
    terms = await read_terms(session, [user.id for user in people])
    zones = await zones_of(session, people)
    history = await work_days(session, people, zones, first_known, body.first - timedelta(days=1), drafts=True)
    there = await _presence(session, people, team.id, first_known, last_known)
    planned: dict[int, dict[date, int]] = defaultdict(dict)
    for (user_id, day), shift_id in cells.items():
        if day >= body.first - BEFORE:
            planned[user_id][day] = shift_id
    wishes: dict[int, list[WishFacts]] = defaultdict(list)
    for wish in await wishes_of(session, [user.id for user in people], body.first, body.last):
        wishes[wish.user_id].append(WishFacts(wish.work_date, wish.kind, wish.shift_id))
    facts = Facts(
        first=body.first,
        last=body.last,
        zone=zone,
        today=await today_of(session, team.id),
        kinds=kinds,
        shifts=shifts,
        needs=needs,
        people=[
            PersonFacts(
                user_id=user.id,
                planned=planned[user.id],
                away=frozenset(day for user_id, day in away if user_id == user.id),
                not_there=frozenset(day for day in dates_between(body.first, last_known) if day not in there[user.id]),
                allowed_shift_ids=None if contract.shift_ids is None else frozenset(contract.shift_ids),
                least_hours=contract.least_hours,
                most_hours=contract.most_hours,
                most_days=contract.most_days or LONGEST_RUN_DAYS,
                wishes=tuple(wishes[user.id]),
                past=_past(
                    share(history.get(user.id, ()), kinds),
                    sum(day < body.first for day in there[user.id]),
                ),
                can_change=body.user_ids is None or user.id in body.user_ids,
            )
            for user in people
            for contract in (terms.get(user.id) or WorkTerms(user_id=user.id),)
        ],
        keeps_planned=body.keep == "planned",
        fixed={(kept.user_id, kept.date): kept.shift_id for kept in body.kept},
        rest_shift_id=rest,
        short_rest_is_hard=body.short_rest == "never",
        weights=body.weights,
    )
    return facts, people


def _refuse_strangers(user_ids: Collection[int], body: ProposalBody) -> None:
    for index, kept in enumerate(body.kept):
        if kept.user_id not in user_ids:
            raise Invalid("unknown_user", f"There is no user {kept.user_id}", loc=("body", "kept", index, "user_id"))
    for index, user_id in enumerate(body.user_ids or ()):
        if user_id not in user_ids:
            raise Invalid("unknown_user", f"There is no user {user_id}", loc=("body", "user_ids", index))


async def _shifts(session: AsyncSession, team_id: int, known: Collection[int], body: ProposalBody) -> list[ShiftFacts]:
    """The shifts that stand somewhere, are needed or kept. Archived ones are not proposed, since nobody needs them."""
    nights = await shift_nights(session)
    found = {shift.id: shift for shift in await session.exec(select(Shift).order_by(Shift.id))}
    for index, kept in enumerate(body.kept):
        shift = found.get(kept.shift_id) if kept.shift_id is not None else None
        if kept.shift_id is not None and (shift is None or shift.team_id not in (None, team_id)):
            loc = ("body", "kept", index, "shift_id")
            raise Invalid("unknown_shift", f"There is no shift {kept.shift_id}", loc=loc)
    wanted = {*known, *(kept.shift_id for kept in body.kept)}
    return [
        ShiftFacts(shift.id, tuple(periods_of(shift)), is_night_in(shift, nights, team_id))
        for shift in found.values()
        if shift.id in wanted
    ]


async def read_terms(session: AsyncSession, user_ids: Sequence[int]) -> dict[int, WorkTerms]:
    asked = select(WorkTerms).where(WorkTerms.user_id.in_(user_ids))
    return {terms.user_id: terms for terms in await session.exec(asked)}


async def _presence(
    session: AsyncSession, people: Sequence[User], team_id: int, first: date, last: date
) -> dict[int, frozenset[date]]:
    """The days on which each person belongs to the team: moves count from their date on."""
    asked = select(TeamMove).where(TeamMove.user_id.in_([user.id for user in people])).order_by(TeamMove.from_date)
    moves: dict[int, list[TeamMove]] = defaultdict(list)
    for move in await session.exec(asked):
        moves[move.user_id].append(move)
    days = dates_between(first, last)
    found = {}
    for user in people:
        mine = moves[user.id]
        begun = mine[0].from_date if mine and mine[0].applied_at is not None else first
        there = {day for day in days if day >= begun}
        for move in mine:
            after = {day for day in days if day >= move.from_date}
            there = there | after if move.team_id == team_id else there - after
        found[user.id] = frozenset(there)
    return found


def _past(totals: Share, days: int) -> PastTotals:
    return PastTotals(
        days=days,
        nights=totals.nights,
        weekends=totals.weekends,
        holidays=totals.holidays,
        minutes=round(totals.hours * 60),
    )


async def read_shares(
    session: AsyncSession, facts: Facts, people: Sequence[User], changes: Mapping[Key, int | None]
) -> list[ProposedShare]:
    """Each person's totals before and after the proposal."""
    zones = await zones_of(session, people)
    now = await work_days(session, people, zones, facts.first, facts.last, drafts=True)
    then = await work_days(session, people, zones, facts.first, facts.last, changes, drafts=True)

    def part(days: Sequence[WorkDay]) -> SharePart:
        totals = dataclasses.asdict(share(days, facts.kinds))
        return SharePart(**{name: totals[name] for name in SharePart.model_fields})

    return [
        ProposedShare(
            user_id=user.id,
            display_name=user.display_name,
            before=part(now.get(user.id, ())),
            after=part(then.get(user.id, ())),
            weeks_before=SharePart(
                nights=person.past.nights,
                weekends=person.past.weekends,
                holidays=person.past.holidays,
                hours=round(person.past.minutes / 60, 2),
            ),
            least_hours=round(least_hours(person, dates_between(facts.first, facts.last)), 2),
        )
        for user, person in zip(people, facts.people, strict=True)
    ]
