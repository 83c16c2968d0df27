"""Texts of roster notices: changes of the next days, and tomorrow's shift. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from daka.languages import Language, colon_after, date_in, said
from daka.roster.models import RosterChange

QUIET = timedelta(minutes=10)
"""A notice waits until the planner has made no change for this long."""
LONGEST_WAIT = timedelta(hours=2)
"""A notice waits no longer than this, even if changes continue."""
NEXT_DAYS = 7
"""Changes are announced for this many days, including today."""
LATE_AFTER = timedelta(hours=2)
"""Tomorrow's shift is sent at most this long after the chosen time."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day's shift at the last notice, and now."""

    work_date: date
    before: int | None
    after: int | None


def is_settled(changes: Sequence[RosterChange], now: datetime) -> bool:
    """Whether the changes have settled (`QUIET`), or the person has waited long enough (`LONGEST_WAIT`)."""
    moments = [change.at for change in changes]
    return bool(moments) and (now - max(moments) >= QUIET or now - min(moments) >= LONGEST_WAIT)


def day_changes(changes: Iterable[RosterChange], today: date) -> list[DayChange]:
    """The changes to announce, by date: from the first `before` to the last `after`.

    Without days that are past or far off, days that are unchanged in the end, and days last changed by the person
    themselves.
    """
    first: dict[date, RosterChange] = {}
    last: dict[date, RosterChange] = {}
    for change in sorted(changes, key=lambda change: change.id):
        first.setdefault(change.work_date, change)
        last[change.work_date] = change
    return [
        DayChange(day, first[day].before_shift_id, last[day].after_shift_id)
        for day in sorted(first)
        if today <= day < today + timedelta(days=NEXT_DAYS)
        and first[day].before_shift_id != last[day].after_shift_id
        and last[day].changed_by != last[day].user_id
    ]


def day_label(day: date, today: date, language: Language) -> str:
    """今天（11月30日 周一）, 明天（…）, or 12月1日 周二."""
    near = {0: ("今天", "Today"), 1: ("明天", "Tomorrow")}.get((day - today).days)
    written = date_in(day, language)
    return said((f"{near[0]}（{written}）", f"{near[1]} ({written})"), language) if near else written


def change_message(
    changes: Sequence[DayChange], shift_names: Mapping[int, str], today: date, language: Language
) -> tuple[str, str]:
    """Title and text of a message about all changed days of a person."""

    def name(shift_id: int | None) -> str:
        if shift_id is None:
            return said(("没有排班", "not on the roster"), language)
        return shift_names.get(shift_id) or said(("已删除的班次", "a deleted shift"), language)

    lines = [
        f"{colon_after(day_label(one.work_date, today, language))}{name(one.before)} → {name(one.after)}"
        for one in changes
    ]
    title = said(("排班有变化", "Your roster has changed"), language)
    if (count := len(changes)) > 1:
        title += said((f"：{count} 天", f": {count} days"), language)
    return title, "\n".join(lines)


def day_to_announce(chosen: time, local_now: datetime, told: date | None) -> date | None:
    """Tomorrow's date if it is to be announced now; None if it is too early, too late, or done."""
    due = datetime.combine(local_now.date(), chosen, local_now.tzinfo)
    tomorrow = local_now.date() + timedelta(days=1)
    if not timedelta() <= local_now - due < LATE_AFTER or (told is not None and told >= tomorrow):
        return None
    return tomorrow


def tomorrow_message(
    tomorrow: date, shift: str | None, times: str, *, is_away: bool, language: Language
) -> tuple[str, str]:
    """Title and text of a message about tomorrow's shift."""
    day = date_in(tomorrow, language)
    if is_away:
        titles, texts = (
            ("明天请假", "On leave tomorrow"),
            (f"{day}：请假，不会提醒打卡。", f"{day}: on leave, no reminders."),
        )
    elif shift is None:
        titles, texts = (
            ("明天没有排班", "Not on the roster tomorrow"),
            (f"{day}：没有排班。", f"{day}: not on the roster."),
        )
    else:
        what = f"{shift} {times}".rstrip()
        titles, texts = (f"明天{shift}", f"Tomorrow: {shift}"), (f"{day}：{what}。", f"{day}: {what}.")
    return said(titles, language), said(texts, language)
