"""The routes of the API, and with them what only they need: loaded when the first of them is asked for."""

import daka.audit.routes
import daka.backup.routes
import daka.chat.routes
import daka.delivery.routes
import daka.doctor.routes
import daka.explain.routes
import daka.identity.external_login_routes
import daka.identity.me_routes
import daka.identity.sign_in_routes
import daka.identity.teams_routes
import daka.identity.users_routes
import daka.live.routes
import daka.one_tap.routes
import daka.privacy.routes
import daka.proposing.routes
import daka.reminders.punches.routes
import daka.reminders.routes
import daka.roster.routes
import daka.shifts.routes
import daka.syncing.people_routes
import daka.syncing.push_routes
import daka.syncing.routes
import daka.today.routes
from daka.routing import joined

router = joined(
    daka.identity.sign_in_routes.router,
    daka.identity.external_login_routes.router,
    daka.identity.me_routes.router,
    daka.identity.users_routes.router,
    daka.identity.teams_routes.router,
    daka.audit.routes.router,
    daka.backup.routes.router,
    daka.privacy.routes.router,
    daka.shifts.routes.router,
    daka.roster.routes.router,
    daka.proposing.routes.routes,
    daka.explain.routes.router,
    daka.reminders.routes.router,
    daka.reminders.punches.routes.router,
    daka.syncing.routes.router,
    daka.syncing.routes.roster_router,
    daka.syncing.people_routes.router,
    daka.syncing.push_routes.router,
    daka.delivery.routes.router,
    daka.one_tap.routes.router,
    daka.chat.routes.router,
    daka.today.routes.router,
    daka.live.routes.router,
    daka.doctor.routes.router,
)
