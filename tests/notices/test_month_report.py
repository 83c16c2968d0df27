"""A person's month, in numbers and words: what was late, missed or told afterwards, and what would have helped."""

from datetime import UTC, date, datetime, timedelta

import pytest

from daka.languages import Language
from daka.notices.month_report import Advice, AskedPunch, month_report, report_words
from daka.reminders.states import ReminderStatus
from daka.shifts.times import PunchKind

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT


def punch(
    status: ReminderStatus, at: int | None = None, *, kind: PunchKind = IN, notice: int = 15, noted: int | None = None
) -> AskedPunch:
    """Minutes after the punch point at which they punched, and at which it was noted; minutes of notice before it."""
    known = None if at is None else NINE + timedelta(minutes=at)
    noted_at = known if noted is None else NINE + timedelta(minutes=noted)
    opens, closes = NINE - timedelta(minutes=notice), NINE + timedelta(minutes=10)
    return AskedPunch(kind, NINE, opens, closes, status, known, noted_at)


PUNCHED, ACKNOWLEDGED = ReminderStatus.PUNCHED, ReminderStatus.ACKNOWLEDGED
EXPIRED, SKIPPED = ReminderStatus.EXPIRED, ReminderStatus.SKIPPED
ON_TIME = punch(PUNCHED, -3)


@pytest.mark.parametrize(
    ("punches", "has_own_channel", "expected"),
    [
        ([], False, (0, 0, 0, 0, ())),
        ([ON_TIME, ON_TIME], False, (2, 0, 0, 0, ())),
        ([punch(PUNCHED, 0)], True, (1, 0, 0, 0, ())),
        ([punch(ACKNOWLEDGED, 1)], True, (1, 1, 0, 0, ())),
        ([punch(PUNCHED, 45, kind=OUT)], True, (1, 0, 0, 1, ())),
        ([punch(PUNCHED, -3, noted=300)], True, (1, 0, 0, 1, ())),
        ([punch(EXPIRED)], True, (1, 0, 1, 0, ())),
        ([punch(EXPIRED)], False, (1, 0, 1, 0, (Advice.OWN_CHANNEL,))),
        ([punch(ReminderStatus.FAILED), punch(ReminderStatus.MISSED)], True, (2, 0, 2, 0, ())),
        ([punch(SKIPPED), ON_TIME], True, (1, 0, 0, 0, ())),
        ([punch(ReminderStatus.SCHEDULED), ON_TIME], True, (1, 0, 0, 0, ())),
        ([punch(PUNCHED, 5, notice=5)], True, (1, 1, 0, 0, (Advice.EARLIER_START,))),
        ([punch(PUNCHED, 5, notice=5)], False, (1, 1, 0, 0, (Advice.OWN_CHANNEL, Advice.EARLIER_START))),
        ([punch(PUNCHED, -1, notice=5)], True, (1, 0, 0, 0, ())),
    ],
)
def test_the_numbers(
    punches: list[AskedPunch], has_own_channel: bool, expected: tuple[int, int, int, int, tuple[Advice, ...]]
) -> None:
    found = month_report(punches, has_own_channel=has_own_channel)
    assert (found.asked, found.late, found.missed, found.told_afterwards, found.advice) == expected


def test_the_words() -> None:
    november = date(2026, 11, 1)
    good = month_report([ON_TIME] * 44, has_own_channel=False)
    assert report_words(good, november, Language.CHINESE) == ("11月打卡小结", "应打卡 44 次，都按时打了。")
    assert report_words(good, november, Language.ENGLISH) == ("Your punches in November", "44 punches, all in time.")
    mixed = month_report([ON_TIME, punch(PUNCHED, 20, notice=5), punch(EXPIRED)], has_own_channel=False)
    _, text = report_words(mixed, november, Language.CHINESE)
    assert text.splitlines()[0] == "应打卡 3 次：晚了 1 次、没有记录 1 次、事后补记 1 次。"
    assert len(text.splitlines()) == 3
    english = report_words(mixed, november, Language.ENGLISH)[1]
    assert english.startswith("3 punches: 1 late, 1 without a record, 1 told afterwards.\nYou have no channel")
