"""Imports all tables in one place: migrations, backups and key rotation must not miss one."""

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
import daka.roster.feeds.models
import daka.roster.holidays.models
import daka.roster.models
import daka.roster.notices.models
import daka.roster.patterns.models
import daka.roster.requests.models
import daka.roster.review.models
import daka.roster.transfer.models
import daka.shifts.models

MODULES: tuple[ModuleType, ...] = (
    daka.audit_trail,
    daka.backup.models,
    daka.change_events,
    daka.delivery.models,
    daka.identity.models,
    daka.reminders.models,
    daka.reminders.punches.models,
    daka.roster.feeds.models,
    daka.roster.holidays.models,
    daka.roster.models,
    daka.roster.notices.models,
    daka.roster.patterns.models,
    daka.roster.requests.models,
    daka.roster.review.models,
    daka.roster.transfer.models,
    daka.shifts.models,
)
metadata = SQLModel.metadata
