"""Every table, imported in one place, so that migrations see all of them."""

import daka.audit_trail
import daka.backup.models
import daka.change_events
import daka.delivery.models
import daka.identity.models
import daka.outbound.quota
import daka.reminders.models
import daka.reminders.punches.models
import daka.roster.models
import daka.shifts.models  # noqa: F401
