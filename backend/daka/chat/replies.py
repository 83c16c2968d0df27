"""What Daka says in a chat, in Chinese and English. Pure."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from daka.chat.choosing import PossibleReminder
from daka.chat.words import Word
from daka.delivery.codes import code_of
from daka.languages import Language, Words, people_in, said
from daka.reminders.states import STATUS_WORDS, ReminderStatus
from daka.shifts.times import KIND_WORDS, PunchKind

UNKNOWN_SENDER: Words = (
    "还不认识你。请在网页「设置 › 聊天应答」取一个绑定码，再在这里发送：绑定 六位数字",
    "I do not know you yet. Get a code in the web app (Settings › Answers in chats) and send it here: bind 123456",
)
BOUND: Words = (
    "已绑定：{name}。以后可以在这里应答打卡提醒。",
    "Hello {name}. You can answer reminders here from now on.",
)
BAD_CODE: Words = (
    "这个绑定码不对或已过期。请在网页「设置 › 聊天应答」重新获取。",
    "This code is wrong or has expired. Get a new one in the web app (Settings › Answers in chats).",
)
TOO_MANY_CODES: Words = ("试得太多了，请一小时后再绑定。", "Too many tries. Please wait an hour.")
ALREADY_BOUND: Words = (
    "这个绑定码不对或已过期。不过你在这里已经绑定为 {name}，可以直接应答。",
    "This code is wrong or has expired. But you are {name} here already, and can answer.",
)
HELP: Words = ("可以发送：打卡、稍后、跳过、今天", "You can send: done, later, skip, today")
HELP_PLANNER: Words = ("可以发送：打卡、稍后、跳过、今天、谁", "You can send: done, later, skip, today, who")
NOTHING: Words = ("现在没有要应答的提醒。", "There is no reminder to answer now.")
NO_SUCH_CODE: Words = (
    "没有这个代码的提醒。应答自己的，只发「打卡」就行。",
    "No reminder has this code. For your own, just send “done”.",
)
TEST_WORKS: Words = ("按钮可以用。", "The buttons work.")
TEST_WORKS_FOR_STRANGER: Words = (
    "按钮可以用，但还不认识你。请在网页「设置 › 聊天应答」取一个绑定码，再在这里发送：绑定 六位数字",
    "The buttons work, but I do not know you yet. Get a code in the web app (Settings › Answers in chats): bind 123456",
)
FAILED: Words = ("没有成功，请在网页上应答。", "That did not work. Please answer in the web app.")
MOVED: Words = (
    "班次改了，请按新打卡点的提醒应答。",
    "The shift has changed; answer the reminder of the new time.",
)
ENDED: Words = ("这条提醒已经结束。", "This reminder has ended already.")
ONLY_PLANNERS: Words = (
    "只有排班员能看谁还没打卡。发送「今天」看自己的班次。",
    "Only planners see who has not punched. Send “today” for your own shifts.",
)
NOBODY_MISSING: Words = ("现在没有人缺打卡。", "Nobody is missing a punch now.")
NO_SHIFT_TODAY: Words = ("今天没有要打的卡。", "You have nothing to punch today.")
MOST_NAMES = 20


def acknowledged(at: datetime, zone: ZoneInfo, name: str = "") -> Words:
    """`已记录 08:58`; with a name, for whom."""
    clock = _clock(at, zone)
    return (
        (f"已替 {name} 记录 {clock}", f"Noted for {name}: {clock}") if name else (f"已记录 {clock}", f"Noted: {clock}")
    )


def snoozed(until: datetime, zone: ZoneInfo, name: str = "") -> Words:
    clock = _clock(until, zone)
    if name:
        return f"好的，{clock} 再提醒 {name}。", f"All right, {name} is reminded again at {clock}."
    return f"好的，{clock} 再提醒。", f"All right, again at {clock}."


def nothing_open(kind: PunchKind, point_at: datetime, status: ReminderStatus, at: datetime, zone: ZoneInfo) -> Words:
    """That nothing is open, and what became of the last reminder."""
    point, noted = _clock(point_at, zone), _clock(at, zone)
    (kind_zh, kind_en), (status_zh, status_en) = KIND_WORDS[kind], STATUS_WORDS[status]
    return (
        f"现在没有要应答的提醒。{point} {kind_zh}：{status_zh}（{noted}）。",
        f"There is no reminder to answer now. {point} {kind_en}: {status_en} ({noted}).",
    )


def skipped(name: str = "") -> Words:
    if name:
        return f"好的，这次不再提醒 {name}。", f"All right, {name} is not reminded of this one any more."
    return "好的，这次不再提醒。", "All right, no more reminders of this one."


def not_yours(names: Sequence[str]) -> Words:
    zh, en = (people_in(names, language, most=3) for language in (Language.CHINESE, Language.ENGLISH))
    return f"这是 {zh} 的提醒。", f"This reminder is for {en}."


def doubtful(word: Word, possible: Sequence[PossibleReminder], zone: ZoneInfo, language: Language) -> str:
    """Several reminders are possible: each with the words that name it."""
    words: dict[Word, Words] = {
        Word.ACKNOWLEDGE: ("打卡", "done"),
        Word.SNOOZE: ("稍后", "later"),
        Word.SKIP: ("跳过", "skip"),
    }
    lines = [
        f"{said(words[word], language)} {code_of(each.reminder_id)}　{each.name} {_clock(each.point_at, zone)}"
        for each in possible[:MOST_NAMES]
    ]
    return "\n".join([said(("是哪一条？请发送：", "Which one? Please send:"), language), *lines])


def missing(people: Sequence[tuple[str, PunchKind, datetime]], zone: ZoneInfo, language: Language) -> str:
    """Who has not punched, for planners."""
    if not people:
        return said(NOBODY_MISSING, language)
    lines = [f"{_clock(at, zone)} {said(KIND_WORDS[kind], language)}　{name}" for name, kind, at in people[:MOST_NAMES]]
    if (more := len(people) - MOST_NAMES) > 0:
        lines.append(said((f"还有 {more} 条", f"and {more} more"), language))
    return "\n".join([said(("还没有打卡记录：", "No punch on record yet:"), language), *lines])


def today(points: Sequence[tuple[PunchKind, datetime, ReminderStatus]], zone: ZoneInfo, language: Language) -> str:
    if not points:
        return said(NO_SHIFT_TODAY, language)
    return "\n".join(
        f"{_clock(at, zone)} {said(KIND_WORDS[kind], language)}　{said(STATUS_WORDS[status], language)}"
        for kind, at, status in points
    )


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"
