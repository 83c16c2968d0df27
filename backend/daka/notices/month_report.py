"""A person's month: how many punches were late, missed or told afterwards, and what would have helped. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from daka.languages import Language, Words, said
from daka.reminders.states import UNANSWERED, ReminderStatus
from daka.shifts.times import PunchKind

SHORT_NOTICE = timedelta(minutes=15)
"""Reminders that begin later than this before a punch point begin late."""
LATE_FROM = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AskedPunch:
    """A punch point of the month and what became of it."""

    kind: PunchKind
    point_at: datetime
    opens_at: datetime
    closes_at: datetime
    status: ReminderStatus
    punched_at: datetime | None
    """When they punched; else when they said so."""
    noted_at: datetime | None
    """When the system learned of it."""

    @property
    def is_known(self) -> bool:
        return self.status in (ReminderStatus.PUNCHED, ReminderStatus.ACKNOWLEDGED)

    @property
    def is_late(self) -> bool:
        """Somebody who clocked in after the moment. Nobody clocks out too late."""
        is_clock_in = self.kind is PunchKind.CLOCK_IN and self.is_known
        return is_clock_in and self.punched_at is not None and self.punched_at >= self.point_at + LATE_FROM

    @property
    def is_missed(self) -> bool:
        return self.status in UNANSWERED

    @property
    def is_told_afterwards(self) -> bool:
        return self.is_known and self.noted_at is not None and self.noted_at > self.closes_at


class Advice(StrEnum):
    """What would have helped."""

    OWN_CHANNEL = "own_channel"
    EARLIER_START = "earlier_start"


@dataclass(frozen=True, slots=True)
class MonthReport:
    asked: int
    late: int
    missed: int
    told_afterwards: int
    advice: tuple[Advice, ...]


ADVICE: dict[Advice, Words] = {
    Advice.OWN_CHANNEL: (
        "你没有自己的通知渠道，提醒只发到群里或「今天」这一页。在「渠道」里加一个，手机就会单独响。",
        "You have no channel of your own: reminders go to a group, or to Today. Add one under Channels, and your phone rings.",
    ),
    Advice.EARLIER_START: (
        "晚的那几次，提醒在上班前不到 15 分钟才开始。可以请排班员把提醒提前。",
        "When you were late, reminders had begun less than 15 minutes before. A planner can let them begin earlier.",
    ),
}


def month_report(punches: Sequence[AskedPunch], *, has_own_channel: bool) -> MonthReport:
    """The report of all punch points of a month that were not skipped."""
    asked = [each for each in punches if each.is_known or each.is_missed]
    late, missed = [each for each in asked if each.is_late], [each for each in asked if each.is_missed]
    advice = []
    if (late or missed) and not has_own_channel:
        advice.append(Advice.OWN_CHANNEL)
    if any(each.point_at - each.opens_at < SHORT_NOTICE for each in late):
        advice.append(Advice.EARLIER_START)
    return MonthReport(
        len(asked), len(late), len(missed), sum(each.is_told_afterwards for each in asked), tuple(advice)
    )


def report_words(report: MonthReport, month: date, language: Language) -> tuple[str, str]:
    """Title and text."""
    title = said((f"{month.month}月打卡小结", f"Your punches in {month:%B}"), language)
    parts: list[Words] = []
    if report.late:
        parts.append((f"晚了 {report.late} 次", f"{report.late} late"))
    if report.missed:
        parts.append((f"没有记录 {report.missed} 次", f"{report.missed} without a record"))
    if report.told_afterwards:
        parts.append((f"事后补记 {report.told_afterwards} 次", f"{report.told_afterwards} told afterwards"))
    details = said(("、", ", "), language).join(said(part, language) for part in parts)
    if details:
        first: Words = (f"应打卡 {report.asked} 次：{details}。", f"{report.asked} punches: {details}.")
    else:
        first = (f"应打卡 {report.asked} 次，都按时打了。", f"{report.asked} punches, all in time.")
    return title, "\n".join(said(each, language) for each in (first, *map(ADVICE.__getitem__, report.advice)))
