"""Which functions run when the plan changes."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import Database
from daka.hooks import Hooks, TeamChange
from daka.notices import roster_notices
from daka.reminders import replans
from daka.reminders.punches.serving import teams_asked_together
from daka.roster import cells
from daka.settings import Settings
from daka.syncing import service as syncing
from daka.syncing.leaves import forget_mover


async def team_changed(session: AsyncSession, change: TeamChange, dry_run: bool) -> list[date]:
    unplanned = await cells.unplan_foreign_shifts(session, change, dry_run)
    if not dry_run:
        await forget_mover(session, change)
    return unplanned


HOOKS = Hooks(
    plan_changed=replans.replan,
    team_changed=team_changed,
    people_notified=roster_notices.queue_personal,
    imported_cells=syncing.imported_cells,
    teams_asked_together=teams_asked_together,
)


def open_database(settings: Settings) -> Database:
    """The database for processes that change rosters: a changed cell plans its reminders in the same transaction."""
    return Database(settings, hooks=HOOKS)
