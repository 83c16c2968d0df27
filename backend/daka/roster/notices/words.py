"""What people are told of their roster: which of their next days changed, and tomorrow's shift. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

QUIET = timedelta(minutes=10)
"""Nothing is told while the planner is still at it."""
LONGEST_WAIT = timedelta(hours=2)
"""But somebody whose days change all the time is told after this long."""
NEXT_DAYS = 7
"""Changes of today and the days after it, this many in all, are told; later ones are seen in the calendar."""
LATE_AFTER = timedelta(hours=2)
"""Tomorrow's shift is not told later than this after the hour that was chosen."""
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class CellHistory:
    """One change of one person's cell."""

    id: int
    at: datetime
    work_date: date
    before: int | None
    after: int | None
    is_own: bool = False
    """Done by the person."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a day was when the person was last told, and what it is now."""

    work_date: date
    before: int | None
    after: int | None


def is_settled(changes: Sequence[CellHistory], now: datetime) -> bool:
    """Whether the planner has paused long enough, or the person has waited long enough."""
    moments = [change.at for change in changes]
    return bool(moments) and (now - max(moments) >= QUIET or now - min(moments) >= LONGEST_WAIT)


def day_changes(changes: Iterable[CellHistory], today: date) -> list[DayChange]:
    """What is worth telling, by date: the first `before` against the last `after`.

    Left out: days that are over or far off, days that came back to what they were, and days whose last change is the
    person's own.
    """
    first: dict[date, CellHistory] = {}
    last: dict[date, CellHistory] = {}
    for change in sorted(changes, key=lambda change: change.id):
        first.setdefault(change.work_date, change)
        last[change.work_date] = change
    return [
        DayChange(day, first[day].before, last[day].after)
        for day in sorted(first)
        if today <= day < today + timedelta(days=NEXT_DAYS)
        and first[day].before != last[day].after
        and not last[day].is_own
    ]


def said_day(day: date, today: date) -> str:
    """今天, 明天, or 12月1日 周二."""
    near = {0: "今天", 1: "明天"}.get((day - today).days)
    plain = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"
    return f"{near}（{plain}）" if near else plain


def change_words(changes: Sequence[DayChange], shift_names: Mapping[int, str], today: date) -> tuple[str, str]:
    """Title and text of the one message about all of somebody's changed days."""

    def name(shift_id: int | None) -> str:
        return "没有排班" if shift_id is None else shift_names.get(shift_id, "已删除的班次")

    lines = [f"{said_day(one.work_date, today)}：{name(one.before)} → {name(one.after)}" for one in changes]
    title = "排班有变化" if len(changes) == 1 else f"排班有变化：{len(changes)} 天"
    return title, "\n".join(lines)


def is_hour_to_tell(chosen: time, local_now: datetime, told: date | None) -> date | None:
    """The date to be told as tomorrow, or None: not yet, too late, or told already."""
    due = datetime.combine(local_now.date(), chosen, local_now.tzinfo)
    tomorrow = local_now.date() + timedelta(days=1)
    if not timedelta() <= local_now - due < LATE_AFTER or (told is not None and told >= tomorrow):
        return None
    return tomorrow


def tomorrow_words(tomorrow: date, shift: str | None, times: str, *, is_away: bool) -> tuple[str, str]:
    """Title and text about tomorrow."""
    day = f"{tomorrow.month}月{tomorrow.day}日 周{WEEKDAYS[tomorrow.weekday()]}"
    if is_away:
        return "明天请假", f"{day}：请假，不会提醒打卡。"
    if shift is None:
        return "明天没有排班", f"{day}：没有排班。"
    return f"明天{shift}", f"{day}：{shift} {times}".rstrip() + "。"
