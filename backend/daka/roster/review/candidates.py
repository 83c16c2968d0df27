"""Who can take a shift: who is free, rested and has had the least of it this month. The ranking is pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.identity.teams import zones_of
from daka.roster.dates import next_month
from daka.roster.requests.leaves import whole_days_away
from daka.roster.review.report import planned_and_active
from daka.roster.review.schemas import CandidateRead
from daka.roster.review.warnings import AROUND, new_warnings, work_days
from daka.roster.rules import WorkDay, share
from daka.roster.schemas import RosterWarning
from daka.shifts.service import visible_shift

Fit = Literal["free", "warned", "busy", "away"]
"""Without work that day and rested; free, but with a warning; at work already; on leave."""
FITS: tuple[Fit, ...] = ("free", "warned", "busy", "away")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What decides about one person. Totals are those of the month, without the shift in question."""

    user_id: int
    is_away: bool = False
    is_at_work: bool = False
    warnings: int = 0
    """How many the shift would cause."""
    is_planned: bool = True
    """Works at all around that day; who never does (a planner, say) comes last."""
    nights: int = 0
    work_days: int = 0
    hours: float = 0


def fit_of(candidate: Candidate) -> Fit:
    if candidate.is_away:
        return "away"
    if candidate.is_at_work:
        return "busy"
    return "warned" if candidate.warnings else "free"


def ranked(candidates: Iterable[Candidate], *, is_night: bool) -> list[Candidate]:
    """Best first: by fit, then who has the fewest nights (for a night shift), days and hours."""
    return sorted(
        candidates,
        key=lambda one: (
            FITS.index(fit_of(one)),
            one.warnings,
            not one.is_planned,
            one.nights if is_night else 0,
            one.work_days,
            one.hours,
            one.user_id,
        ),
    )


async def candidates_for(
    session: AsyncSession, by: Principal, day: date, shift_id: int, team_id: int | None
) -> list[CandidateRead]:
    """Everybody whom `by` plans and who may work this shift, best first."""
    shift = await visible_shift(session, shift_id, by)
    people = [
        user
        for user in await planned_and_active(session, by, team_id)
        if shift.team_id is None or shift.team_id == user.team_id
    ]
    zones = await zones_of(session, people)
    first, after = day.replace(day=1), next_month(day)
    days = await work_days(session, people, zones, first - AROUND, after + AROUND, drafts=True)
    taken = {(user.id, day): shift.id for user in people}
    with_shift = await work_days(session, people, zones, day, day, taken, drafts=True)
    away = await whole_days_away(session, zones.keys(), day, day)
    warnings: dict[int, list[RosterWarning]] = defaultdict(list)
    for warning in await new_warnings(session, people, taken, drafts=True):
        warnings[warning.user_id].append(warning)

    def candidate_of(user_id: int) -> Candidate:
        mine = days.get(user_id, ())
        there = _on(mine, day)
        month = share([one for one in mine if first <= one.work_date < after and one is not there], {})
        return Candidate(
            user_id=user_id,
            is_away=(user_id, day) in away,
            is_at_work=there is not None and bool(there.spans),
            warnings=len(warnings[user_id]),
            is_planned=any(one.spans for one in mine),
            nights=month.nights,
            work_days=month.work_days,
            hours=month.hours,
        )

    names = {user.id: user.display_name for user in people}
    is_night = any(one.is_night for mine in with_shift.values() for one in mine)
    return [
        CandidateRead(
            user_id=one.user_id,
            display_name=names[one.user_id],
            fit=fit_of(one),
            shift_id=there.shift_id if (there := _on(days.get(one.user_id, ()), day)) else None,
            nights=one.nights,
            work_days=one.work_days,
            hours=one.hours,
            warnings=warnings[one.user_id],
        )
        for one in ranked(map(candidate_of, names), is_night=is_night)
    ]


def _on(days: Iterable[WorkDay], day: date) -> WorkDay | None:
    return next((one for one in days if one.work_date == day), None)
