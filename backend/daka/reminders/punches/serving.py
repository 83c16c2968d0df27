"""Whom punch sources serve, and what they said last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.identity.models import Team
from daka.outbound.quota import forget_old_counts
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.results import PunchState

VERIFIED_FOR = timedelta(seconds=60)
"""How long a result counts when a reminder is sent."""
LONGEST_HOLD = timedelta(days=32)
"""Longer than a month's calls are waited for."""


async def enabled_sources(session: AsyncSession) -> list[PunchSource]:
    asked = select(PunchSource).where(PunchSource.is_enabled == sa.true(), PunchSource.deleted_at.is_(None))
    return list(await session.exec(asked.order_by(PunchSource.id)))


def sources_for(sources: Iterable[PunchSource], user_id: int, team_id: int | None) -> list[PunchSource]:
    """The sources that are asked about a person: their team's, else those of the whole server, else the environment's.

    A source about a single person serves only that person.
    """
    levels: dict[int, list[PunchSource]] = defaultdict(list)
    for source in sources:
        if source.config.get("user_id") not in (None, user_id):
            continue
        if source.team_id is not None:
            if source.team_id == team_id:
                levels[0].append(source)
        else:
            levels[1 if source.environment_name is None else 2].append(source)
    return levels[min(levels)] if levels else []


async def teams_asked_together(session: AsyncSession) -> dict[int | None, frozenset[int | None]]:
    """By team (None: people without one), the teams of whose people the same accounts are asked; each team among its own."""
    sources = await enabled_sources(session)
    teams: list[int | None] = [None, *await session.exec(select(Team.id))]
    accounts = {team: {source.account for source in sources_for(sources, 0, team)} for team in teams}
    return {
        team: frozenset(other for other in teams if other == team or accounts[team] & accounts[other]) for team in teams
    }


async def unverified(
    session: AsyncSession, people: Sequence[tuple[int, int, int | None]], now: datetime
) -> dict[int, str]:
    """The due reminders (id, user, team) that no source has confirmed as not punched, with the reason.

    A person whom no source serves is not among them.
    """
    sources = await enabled_sources(session)
    if not sources or not people:
        return {}
    serving = {reminder_id: sources_for(sources, user_id, team_id) for reminder_id, user_id, team_id in people}
    asked = [reminder_id for reminder_id, mine in serving.items() if mine]
    checks = await checks_of(session, asked, since=now - VERIFIED_FOR)
    reasons: dict[int, str] = {}
    for reminder_id in asked:
        mine = {source.id for source in serving[reminder_id]}
        said = [check for check in checks[reminder_id] if check.source_id in mine]
        if not any(check.state is not PunchState.UNKNOWN for check in said):
            reasons[reminder_id] = next((check.reason for check in said), "") or _reason(serving[reminder_id])
    return reasons


def _reason(sources: Sequence[PunchSource]) -> str:
    status = sources[0].status
    return "no_answer" if status is SourceStatus.OK else f"source_{status}"


async def checks_of(
    session: AsyncSession, reminder_ids: Sequence[int], *, since: datetime
) -> dict[int, list[PunchCheck]]:
    """Checks since a moment, by reminder id."""
    found: dict[int, list[PunchCheck]] = defaultdict(list)
    if reminder_ids:
        asked = select(PunchCheck).where(PunchCheck.reminder_id.in_(reminder_ids), PunchCheck.asked_at >= since)
        for check in await session.exec(asked):
            found[check.reminder_id].append(check)
    return found


async def forget_old_checks(session: AsyncSession, before: datetime) -> None:
    """Delete old checks, and the counts of calls of earlier years."""
    await session.exec(sa.delete(PunchCheck).where(PunchCheck.asked_at < before))
    await forget_old_counts(session, before)


async def forget_waits_ahead(session: AsyncSession) -> None:
    """Drop leases, holds and checks that only a clock which was ahead can have written."""
    now = clock.now()
    leases = sa.update(PunchSource).where(PunchSource.leased_until > now + clock.AHEAD)
    await session.exec(leases.values(leased_until=None, leased_by=""))
    held = sa.update(PunchSource).where(PunchSource.throttled_until > now + LONGEST_HOLD)
    await session.exec(held.values(throttled_until=None))
    await session.exec(sa.delete(PunchCheck).where(PunchCheck.asked_at > now + clock.AHEAD))
