"""Imports all tables in one place: migrations, backups and key rotation must not miss one."""

from sqlmodel import SQLModel

import daka.audit_trail
import daka.backup.models
import daka.change_events
import daka.chat.models
import daka.delivery.models
import daka.identity.models
import daka.one_tap.models
import daka.outbound.quota
import daka.proposing.models
import daka.reminders.models
import daka.reminders.punches.models
import daka.roster.holidays.models
import daka.roster.models
import daka.roster.requests.models
import daka.roster.transfer.models
import daka.scheduler.models
import daka.shifts.models
import daka.syncing.models  # noqa: F401

metadata = SQLModel.metadata
