"""Why somebody was or was not reminded, in one sentence. Pure."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from daka.delivery.channels.registry import INBOX
from daka.explain.schemas import Reason
from daka.reminders.models import Reminder
from daka.reminders.plan_rules import ASSIGNED_TOO_LATE
from daka.reminders.punches.remedies import DOUBTS
from daka.reminders.punches.results import PunchState
from daka.reminders.states import ReminderStatus

_ENDED_WORDS = {
    "web": ("在网页上", "in the web app"),
    "link": ("通过消息里的链接", "with the link of a message"),
    "api": ("通过接口", "through the API"),
    "chat": ("在聊天里", "in the chat"),
}


def _reason(code: str, zh: str, en: str) -> Reason:
    return Reason(code=code, zh=zh, en=en)


def why_point(
    reminder: Reminder | None,
    work_date: date,
    zone: ZoneInfo,
    *,
    is_past: bool,
    is_beyond_horizon: bool,
    is_paused: bool,
    provider_words: str,
    arrived_over: Collection[str],
) -> Reason:
    """The sentence for one punch point.

    `provider_words` is the provider's answer to the last failed attempt, `arrived_over` the kinds that took a message.
    """
    status, ended_by = (reminder.status, reminder.ended_by) if reminder else (None, "")
    ended_at, next_due_at = (reminder.ended_at, reminder.next_due_at) if reminder else (None, None)
    steps_sent = reminder.steps_sent if reminder else 0

    def at(moment: datetime | None) -> str:
        """The clock alone on the work date itself."""
        if moment is None:
            return ""
        local = moment.astimezone(zone)
        return f"{local:%H:%M}" if local.date() == work_date else f"{local:%m-%d %H:%M}"

    words_zh, words_en = provider_words or "没有说明", provider_words or "none given"
    times = "once" if steps_sent == 1 else f"{steps_sent} times"
    if not steps_sent:
        reminded_zh, reminded_en = "还没有提醒过", "not reminded yet"
    elif not arrived_over:
        reminded_zh = f"试过 {steps_sent} 次，还没有一条送到（最后一次返回：{words_zh}）"
        reminded_en = f"tried {times}, and nothing has arrived (the last answer: {words_en})"
    elif set(arrived_over) == {INBOX.name}:
        reminded_zh, reminded_en = f"提醒过 {steps_sent} 次，只在收件箱里", f"reminded {times}, in the inbox only"
    else:
        reminded_zh, reminded_en = f"提醒过 {steps_sent} 次", f"reminded {times}"
    by_zh, by_en = _ENDED_WORDS.get(ended_by, (f"（来源：{ended_by}）", f"(source: {ended_by})"))
    if is_paused and status in (ReminderStatus.SCHEDULED, ReminderStatus.NAGGING):
        return _reason(
            "paused", "提醒已暂停，恢复后才会发送。", "Reminding is paused; reminders are sent once it is resumed."
        )
    assigned_too_late = _reason(
        ASSIGNED_TOO_LATE,
        "录入或改动排班（或班组时区），或取消请假、跳过时，提醒时间已过，所以没有提醒。",
        "The shift (or its team's time zone) was entered or changed, or leave or a skip taken back, after the reminder window "
        "had passed, so no reminder was sent.",
    )
    match status:
        case None if is_past:
            return assigned_too_late
        case None if is_beyond_horizon:
            return _reason(
                "not_planned_yet",
                "还没到安排提醒的时间，届时会自动安排。",
                "It is too early; reminders are planned closer to the day.",
            )
        case None:
            return _reason("not_planned", "没有安排提醒。", "No reminder is planned.")
        case ReminderStatus.SCHEDULED:
            return _reason("scheduled", f"将在 {at(next_due_at)} 提醒。", f"Will be reminded at {at(next_due_at)}.")
        case ReminderStatus.NAGGING:
            return _reason(
                "nagging",
                f"正在提醒：{reminded_zh}，下一次 {at(next_due_at)}。",
                f"Being reminded: {reminded_en}; next at {at(next_due_at)}.",
            )
        case ReminderStatus.ACKNOWLEDGED:
            return _reason(
                "acknowledged",
                f"{at(ended_at)} {by_zh}点了「我已打卡」，之后不再提醒。",
                f"Confirmed at {at(ended_at)} {by_en}; no more reminders were sent.",
            )
        case ReminderStatus.PUNCHED:
            return _reason("punched", f"已经打卡{by_zh}，不需要再提醒。", f"Punched {by_en}; no reminder was needed.")
        case ReminderStatus.SKIPPED if ended_by == "leave":
            return _reason("on_leave", "请假中，不提醒。", "On leave; no reminders are sent.")
        case ReminderStatus.SKIPPED if ended_by == "roster":
            return _reason("taken_off", "班次后来被取消，不再提醒。", "The shift was removed from the roster.")
        case ReminderStatus.SKIPPED:
            return _reason("skipped", "这次打卡已跳过，不再提醒。", "Skipped; no more reminders are sent.")
        case ReminderStatus.EXPIRED:
            return _reason(
                "expired",
                f"{reminded_zh}，直到提醒窗口结束仍无打卡记录。",
                f"{reminded_en.capitalize()}; no punch until the end.",
            )
        case ReminderStatus.MISSED if ended_by == ASSIGNED_TOO_LATE:
            return assigned_too_late
        case ReminderStatus.MISSED:
            return _reason(
                "missed",
                "整个提醒窗口内服务没有运行或已暂停，所以没有发出提醒。",
                "The service was down or paused during the whole window; nothing was sent.",
            )
        case ReminderStatus.FAILED:
            return _reason(
                "failed",
                f"已发送，但没有渠道确认收到。最后一次返回：{words_zh}。",
                f"Reminders were sent, but no provider confirmed any. The last answer: {words_en}.",
            )
    raise AssertionError(status)


def source_reason(state: PunchState | None, doubt: str) -> Reason:
    """A punch source's answer about a punch point, or why there is none. None: it has not been asked yet."""
    match state:
        case None:
            return _reason("not_asked", "还没有问过。", "It has not been asked yet.")
        case PunchState.PUNCHED:
            return _reason("punched", "已打卡。", "Punched.")
        case PunchState.NOT_PUNCHED:
            return _reason("not_punched", "还没有打卡。", "Not punched yet.")
        case PunchState.UNKNOWN:
            why = DOUBTS.get(doubt, {"zh": "原因不明", "en": "for an unknown reason"})
            return _reason(
                doubt or "unknown",
                f"未能核实：{why['zh']}。提醒照常发出。",
                f"Could not tell: {why['en']}. Reminders go out as usual.",
            )


def why_day(*, has_assignment: bool, is_rest: bool, is_active: bool, points: list[Reason]) -> Reason:
    """The sentence for the whole work date: that of its first unhappy point, or of its first one."""
    if not is_active:
        return _reason("inactive", "账号已停用，不提醒。", "The account is disabled; no reminders are sent.")
    if not has_assignment:
        return _reason(
            "no_assignment",
            "这一天没有排班，所以没有提醒。",
            "Nothing is planned on this date, so there is no reminder.",
        )
    if is_rest or not points:
        return _reason("rest", "这一天是休息班次，所以没有提醒。", "This is a rest day, so there is no reminder.")
    unhappy = [point for point in points if point.code in ("failed", "missed", "expired", ASSIGNED_TOO_LATE, "paused")]
    return (unhappy or points)[0]
