"""When a backup is due, and which ones stay."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daka.backup.retention import file_name, made_at, next_due, slot_start, superfluous

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def names(*days_ago: float, is_sealed: bool = False) -> list[str]:
    return [file_name(NOW - timedelta(days=days), is_sealed=is_sealed) for days in days_ago]


def test_a_name_tells_when_it_was_made() -> None:
    for is_sealed in (False, True):
        assert made_at(file_name(NOW, is_sealed=is_sealed)) == NOW


@pytest.mark.parametrize("other", ["app.db", "daka.jsonl.gz", "daka-20261123T000000Z.jsonl.gz.part", "backups"])
def test_files_of_another_kind_are_nobodys_backups(other: str) -> None:
    assert made_at(other) is None
    assert superfluous([other, *names(0, 1)], NOW, keep=1, keep_days=1) == names(1)


def test_the_newest_ones_are_kept() -> None:
    assert superfluous(names(0, 1, 2, 3, 4), NOW, keep=3, keep_days=90) == names(3, 4)


def test_what_is_too_old_goes() -> None:
    assert superfluous(names(1, 5, 91, 200), NOW, keep=14, keep_days=90) == names(91, 200)


def test_the_newest_one_stays_however_old_it_is() -> None:
    assert superfluous(names(400, 500), NOW, keep=14, keep_days=90) == names(500)


def test_sealed_and_plain_ones_count_together() -> None:
    found = superfluous([*names(0, 2), *names(1, 3, is_sealed=True)], NOW, keep=2, keep_days=90)
    assert found == [*names(2), *names(3, is_sealed=True)]


@pytest.mark.parametrize(
    ("now", "every", "expected"),
    [
        ("2026-11-23 03:30", 24, "2026-11-23 03:30"),
        ("2026-11-23 03:29", 24, "2026-11-22 03:30"),
        ("2026-11-23 23:59", 24, "2026-11-23 03:30"),
        ("2026-11-23 16:00", 6, "2026-11-23 15:30"),
        ("2025-06-01 12:00", 24, "2025-06-01 03:30"),
    ],
)
def test_it_is_due_at_half_past_three_where_people_live(now: str, every: int, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    due = slot_start(moment.astimezone(UTC), every_hours=every, zone=SHANGHAI)
    assert due.astimezone(SHANGHAI) == datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("last", ["last_good", "last_failed"])
def test_one_made_while_the_clock_was_ahead_puts_off_no_other(last: str) -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    lasts = {"last_good": None, "last_failed": None, last: now + timedelta(days=90)}
    assert next_due(now, every_hours=24, zone=SHANGHAI, **lasts) == now
