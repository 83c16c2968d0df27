"""Every table, imported in one place, so that migrations see all of them."""

import daka.announcements
import daka.audit.trail
import daka.backup.models
import daka.delivery.models
import daka.identity.models
import daka.reminders.models
import daka.reminders.punches.models
import daka.roster.models
import daka.shifts.models  # noqa: F401
