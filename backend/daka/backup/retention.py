"""When a backup is due, and which ones are kept. Pure functions."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PLAIN, SEALED = ".jsonl.gz", ".jsonl.gz.sealed"
_NAME = re.compile(r"daka-(\d{8}T\d{6})Z\.jsonl\.gz(\.sealed)?")
QUIET_HOUR = datetime(2026, 1, 1, 3, 30)  # noqa: DTZ001 - the wall clock of whichever zone is asked about
"""Origin of the schedule, at an hour when hardly any shift starts or ends."""
RETRY_AFTER = timedelta(hours=1)


def file_name(made_at: datetime, *, is_sealed: bool) -> str:
    return f"daka-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}{SEALED if is_sealed else PLAIN}"


def made_at(name: str) -> datetime | None:
    """When a backup was made, from its file name; None for other files."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def slot_start(now: datetime, *, every_hours: int, zone: ZoneInfo) -> datetime:
    """The latest time at which a backup became due."""
    every = timedelta(hours=every_hours)
    first = QUIET_HOUR.replace(tzinfo=zone).astimezone(UTC)
    return first + (now - first) // every * every


def next_due(
    now: datetime, *, every_hours: int, zone: ZoneInfo, last_good: datetime | None, last_failed: datetime | None
) -> datetime | None:
    """When the next backup is due; None if automatic backups are off. A failed one is retried after an hour."""
    if not every_hours:
        return None
    slot = slot_start(now, every_hours=every_hours, zone=zone)
    # What lies ahead was made by a clock that has been set back since.
    last_good, last_failed = (at if at is not None and at <= now else None for at in (last_good, last_failed))
    if last_failed is not None and (last_good is None or last_failed > last_good):
        return max(now, last_failed + RETRY_AFTER)
    if last_good is not None and last_good >= slot:
        return slot + timedelta(hours=every_hours)
    return now


def superfluous(names: Iterable[str], now: datetime, *, keep: int, keep_days: int) -> list[str]:
    """The backups to delete: beyond the newest `keep`, or older than `keep_days`; never the newest, never any other file."""
    dated = sorted(((made, name) for name in names if (made := made_at(name))), reverse=True)
    oldest = now - timedelta(days=keep_days)
    return [name for place, (made, name) in enumerate(dated) if place and (place >= keep or made < oldest)]
