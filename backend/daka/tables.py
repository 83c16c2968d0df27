"""Every table, imported in one place: migrations, backups and key rotation must not miss one."""

from types import ModuleType

from sqlmodel import SQLModel

import daka.audit_trail
import daka.backup.models
import daka.change_events
import daka.delivery.models
import daka.identity.models
import daka.outbound.quota
import daka.reminders.models
import daka.reminders.punches.models
import daka.roster.models
import daka.shifts.models

MODULES: tuple[ModuleType, ...] = (
    daka.audit_trail,
    daka.backup.models,
    daka.change_events,
    daka.delivery.models,
    daka.identity.models,
    daka.reminders.models,
    daka.reminders.punches.models,
    daka.roster.models,
    daka.shifts.models,
)
metadata = SQLModel.metadata
