"""What happens when the plan changes: whoever plans reminders listens here, in the transaction of the change.

People, shifts and rosters do not know of reminders; they only say what they touched. Nor do people know of rosters: they say
who changes teams.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class PlanChange:
    """Whose punch points may have changed, and on which work dates (None: all)."""

    user_ids: frozenset[int] | None
    first_date: date | None = None
    last_date: date | None = None
    shift_id: int | None = None
    """Everybody who is assigned to this shift, beside `user_ids`."""

    @classmethod
    def of_users(
        cls, user_ids: Iterable[int], first_date: date | None = None, last_date: date | None = None
    ) -> "PlanChange":
        return cls(frozenset(user_ids), first_date, last_date)

    @classmethod
    def of_shift(cls, shift_id: int) -> "PlanChange":
        return cls(frozenset(), shift_id=shift_id)


Listener = Callable[[AsyncSession, PlanChange], Awaitable[None]]
_listeners: list[Listener] = []


def on_plan_change(listener: Listener) -> Listener:
    """Decorator: call this function with every change, before it is committed."""
    _listeners.append(listener)
    return listener


async def plan_changed(session: AsyncSession, change: PlanChange) -> None:
    """Say that the plan changed. Everything that follows from it is in the same transaction."""
    await session.flush()
    for listener in _listeners:
        await listener(session, change)


@dataclass(frozen=True, slots=True)
class TeamChange:
    """A person who belongs to another team from a work date on."""

    user_id: int
    before: int | None
    after: int | None
    first_date: date
    changed_by: int | None


TeamListener = Callable[[AsyncSession, TeamChange, bool], Awaitable[list[date]]]
_team_listeners: list[TeamListener] = []


def on_team_change(listener: TeamListener) -> TeamListener:
    """Decorator: call this function with every change of teams. With a true third argument it only says what it would do."""
    _team_listeners.append(listener)
    return listener


async def team_changed(session: AsyncSession, change: TeamChange, *, dry_run: bool = False) -> list[date]:
    """Say that a person changes teams. Returns the work dates that become unplanned by it."""
    await session.flush()
    return sorted({day for listener in _team_listeners for day in await listener(session, change, dry_run)})
