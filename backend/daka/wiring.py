"""Which functions run when the plan changes."""

from daka.database import Database
from daka.delivery import roster_notices
from daka.hooks import Hooks
from daka.reminders import replans
from daka.roster import cells
from daka.settings import Settings
from daka.syncing import service as syncing

HOOKS = Hooks(
    plan_changed=replans.replan,
    team_changed=cells.unplan_foreign_shifts,
    people_notified=roster_notices.queue_personal,
    imported_cells=syncing.imported_cells,
)


def open_database(settings: Settings) -> Database:
    """The database for processes that change rosters: a changed cell plans its reminders in the same transaction."""
    return Database(settings, hooks=HOOKS)
