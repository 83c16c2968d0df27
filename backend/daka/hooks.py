"""What follows from a change of the plan, in the transaction of the change.

People, shifts and rosters know nothing of reminders and messages, nor people of rosters, nor rosters of attendance systems. They
call `plan_changed`, `team_changed` and the like; which functions that runs is decided in one place, `daka.wiring`, and handed to
the database.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.languages import Language


@dataclass(frozen=True, slots=True)
class PlanChange:
    """Whose punch points may have changed, and on which work dates (None: all)."""

    user_ids: frozenset[int] | None
    first_date: date | None = None
    last_date: date | None = None
    shift_id: int | None = None
    """Everybody who is assigned to this shift, in addition to `user_ids`."""
    team_id: int | None = None
    """Everybody with work in this team, or with a planned move to it, in addition to `user_ids`."""

    @classmethod
    def of_users(
        cls, user_ids: Iterable[int], first_date: date | None = None, last_date: date | None = None
    ) -> "PlanChange":
        return cls(frozenset(user_ids), first_date, last_date)

    @classmethod
    def of_shift(cls, shift_id: int) -> "PlanChange":
        return cls(frozenset(), shift_id=shift_id)

    @classmethod
    def of_team(cls, team_id: int, members: Iterable[int]) -> "PlanChange":
        return cls(frozenset(members), team_id=team_id)


@dataclass(frozen=True, slots=True)
class TeamChange:
    """A person who belongs to another team from a work date on."""

    user_id: int
    before: int | None
    after: int | None
    first_date: date
    changed_by: int | None


@dataclass(frozen=True, slots=True)
class PersonalNotice:
    """A message to people about something that somebody else did."""

    user_ids: frozenset[int]
    texts: Mapping[Language, tuple[str, str]]
    """Title and text in each language."""
    planners_of: int | None = None
    """Also to the planners of this team."""
    without: int | None = None
    """The person who did it, who is not notified."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The functions that run when the plan changes, before the change is committed."""

    plan_changed: Callable[[AsyncSession, PlanChange], Awaitable[None]]
    team_changed: Callable[[AsyncSession, TeamChange, bool], Awaitable[list[date]]]
    """Returns the work dates that become unplanned. The third argument is `dry_run`."""
    people_notified: Callable[[AsyncSession, PersonalNotice], Awaitable[None]]
    imported_cells: Callable[[AsyncSession, Collection[int]], Awaitable[dict[tuple[int, date], int]]]
    """The cells of these people that follow an attendance system, with the shift that it says."""
    teams_asked_together: Callable[[AsyncSession], Awaitable[dict[int | None, frozenset[int | None]]]]
    """By team (None: nobody's), the teams of whose people the same punch sources are asked."""


class HooksMissing(RuntimeError):
    """The plan was changed through a database without hooks; open it with `wiring.open_database`."""


async def plan_changed(session: AsyncSession, change: PlanChange) -> None:
    """Run what follows from a change of the plan: `replans.replan`."""
    await (await _hooks_of(session)).plan_changed(session, change)


async def team_changed(session: AsyncSession, change: TeamChange, *, dry_run: bool = False) -> list[date]:
    """Run what follows when a person changes teams: `wiring.team_changed`. Returns the work dates that become unplanned."""
    return sorted(await (await _hooks_of(session)).team_changed(session, change, dry_run))


async def notify_people(session: AsyncSession, notice: PersonalNotice) -> None:
    """Queue a notice in the transaction of what it is about: `roster_notices.queue_personal`."""
    await (await _hooks_of(session)).people_notified(session, notice)


async def imported_cells(session: AsyncSession, user_ids: Collection[int]) -> dict[tuple[int, date], int]:
    """The cells of these people that follow an attendance system: `syncing.service.imported_cells`."""
    return await (await _hooks_of(session)).imported_cells(session, user_ids)


async def teams_asked_together(session: AsyncSession) -> dict[int | None, frozenset[int | None]]:
    """By team, the teams of whose people the same punch sources are asked: `punches.service.teams_asked_together`."""
    return await (await _hooks_of(session)).teams_asked_together(session)


async def _hooks_of(session: AsyncSession) -> Hooks:
    """The functions to run; what has changed so far is in the tables. Raises HooksMissing: the database was opened without."""
    hooks = session.info.get("hooks")
    if not isinstance(hooks, Hooks):
        raise HooksMissing(HooksMissing.__doc__)
    await session.flush()
    return hooks
