"""The one-tap page as HTML: it needs no login and no JavaScript, and speaks the browser's language.

GET shows it; only its POST acts, so that a link preview cannot acknowledge. A POST redirects to the page: neither Back nor a
reload acts again. What the reminders do not say of the action, the query does (`said`). A fragment of the address (`#snooze`,
`#skip`) makes the button that was meant the large one.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from html import escape
from urllib.parse import urlencode

from daka import clock
from daka.delivery.messages import ACTION_WORDS
from daka.languages import Language, Words, date_in, said
from daka.one_tap.service import ActionResult, LinkedReminder
from daka.reminders.actions import UNDO_FOR, Action
from daka.reminders.states import OPEN, STATUS_WORDS, UNANSWERED, ReminderStatus
from daka.reminders.transitions import window_of
from daka.shifts.times import KIND_WORDS

TITLE: Words = ("打卡提醒", "Clock-in reminder")
LEAVE: Words = ("请假", "On leave")
ACTIONS: dict[str, Words] = {
    **ACTION_WORDS,
    "skip_work_date": ("今天都不提醒", "No reminders today"),
    "undo": ("撤销", "Undo"),
}
SAID: dict[str, Words] = {
    "undone": ("已撤销", "Taken back"),
    "done_before": ("这一步之前已经做过了", "This was already done"),
    "reminder_ended": ("这条提醒已经结束", "This reminder has ended"),
    "reminder_moved": (
        "班次改了，请按新打卡点的提醒应答",
        "The shift has changed; answer the reminder of the new time",
    ),
    "too_late_to_undo": ("已经不能撤销了", "This can no longer be undone"),
    "nothing_to_undo": ("没有可以撤销的操作", "There is nothing to undo"),
    "no_effect": ("这一步没有生效", "This had no effect"),
}
"""What became of an action."""
SHAPES: dict[ReminderStatus, str] = {
    ReminderStatus.SCHEDULED: "○",
    ReminderStatus.NAGGING: "◐",
    ReminderStatus.ACKNOWLEDGED: "●",
    ReminderStatus.PUNCHED: "●",
    ReminderStatus.SKIPPED: "⏸\ufe0e",
    **dict.fromkeys(UNANSWERED, "✕"),
}
CLOSED: Words = (
    "提醒到 {at} 已结束。如果打过卡，可以补记。",
    "Reminders ended at {at}. If you did punch, say so here.",
)
SNOOZED: Words = ("好的，{at} 再提醒", "All right: you are reminded again at {at}")
OPEN_UNTIL: Words = ("提醒到 {at} 为止", "Reminders stop at {at}")
MINUTES_LEFT: Words = ("还有 {n} 分钟", "{n} min left")
MINUTES_PAST: Words = ("已过 {n} 分钟", "{n} min ago")
PHONE_WORDS: dict[bool | None, tuple[Words, Words]] = {
    True: (
        ("手机点得开", "Your phone opens it"),
        (
            "这台手机从外网打开了这个地址，消息里的链接在哪儿都能用。",
            "This phone reached the address over the internet, so the links in messages work anywhere.",
        ),
    ),
    False: (
        ("在这个网络里点得开", "Your phone opens it in this network"),
        (
            "关掉 Wi-Fi，用流量再打开一次，看看在外面能不能用。",
            "Turn Wi-Fi off and open it once more over mobile data to see whether it works outside, too.",
        ),
    ),
    None: (
        ("请用手机打开", "Open this with your phone"),
        ("这是电脑。用手机扫那个二维码才算试过。", "This is a computer. Scan the QR code with your phone."),
    ),
}
NOW: Words = ("就是现在", "Now")


def language_of(accept_language: str) -> Language:
    """The first language of an Accept-Language header that the page speaks; Chinese if it names neither."""
    for part in accept_language.lower().split(","):
        for language in Language:
            if part.strip().startswith(language):
                return language
    return Language.CHINESE


def address_of(result: ActionResult, action: Action, reminder_id: int | None) -> str:
    """Where the page says what became of an action: relative to the link, at the reminder that it was about."""
    if result.refusal:
        said = result.refusal if result.refusal in SAID else "no_effect"
    elif not result.is_new:
        said = "done_before"
    else:
        said = "undone" if action == "undo" else ""  # otherwise the reminder itself says it
    of = {} if reminder_id is None else {"of": reminder_id}
    return f"?{urlencode({'said': said, **of})}#of{reminder_id or ''}"


def page(
    rows: Sequence[LinkedReminder], language: Language, *, nonce: str, said: str = "", of: int | None = None
) -> str:
    """The page for one or several reminders; `said` is what became of an action on the reminder `of`."""
    say = _words_in(language)
    note = f'<p class="said" role="status">{say(SAID[said])}</p>' if said in SAID else ""
    is_alone = len(rows) == 1
    title = "" if is_alone else f'<h1 class="words">{say(TITLE)}</h1>'
    cards = "".join(_card(row, language, is_alone=is_alone, note=note if row.reminder.id == of else "") for row in rows)
    is_of_none = all(row.reminder.id != of for row in rows)
    return _document(title + (note if is_of_none else "") + cards, language, nonce=nonce)


def expired_page(language: Language, *, nonce: str) -> str:
    body = {
        "zh": '<h1 class="words">这个链接已失效</h1>'
        '<p>提醒已过期，或链接不完整。请打开 <a href="/">打卡</a> 查看今天的班次。</p>',
        "en": '<h1 class="words">This link has expired</h1>'
        '<p>The reminder is over, or the link is incomplete. Open <a href="/">Daka</a> to see today’s shift.</p>',
    }
    return _document(f"<section>{body[language]}</section>", language, nonce=nonce)


def phone_page(is_from_internet: bool | None, language: Language, *, nonce: str) -> str:
    """The page behind the QR code that tries the address; None: it was not a phone that opened it."""
    title, text = PHONE_WORDS[is_from_internet]
    words = f'<h1 class="words">{said(title, language)}</h1><p>{said(text, language)}</p>'
    return _document(f"<section>{words}</section>", language, nonce=nonce)


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def headers(nonce: str, language: Language) -> dict[str, str]:
    """Headers that forbid scripts, frames, caching and referrers."""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Content-Language": "zh-CN" if language is Language.CHINESE else "en",
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }


def _words_in(language: Language) -> Callable[[Words], str]:
    return partial(said, language=language)


def _card(row: LinkedReminder, language: Language, *, is_alone: bool, note: str) -> str:
    say, reminder = _words_in(language), row.reminder
    point = reminder.point_at.astimezone(row.zone)
    who, what = escape(row.user.display_name), say(KIND_WORDS[reminder.kind])
    heading = f"<h1>{point:%H:%M}</h1>" if is_alone else f"<h2>{who} · {point:%H:%M}</h2>"
    comma = "，" if language is Language.CHINESE else ", "
    lines = [f"<p>{who}{comma}{what}</p>" if is_alone else f"<p>{what.capitalize()}</p>"]
    lines.append(f"<p class=quiet>{escape(row.shift.name)} · {date_in(reminder.work_date, language)}</p>")
    lines.append(_state(row, language))
    buttons = "".join(
        f'<button name="action" value="{action}" {f"id={action} " if is_alone else ""}class="{style}">'
        f"{say(ACTIONS[action])}</button>"
        for action, style in _actions(row)
    )
    form = f'<form method="post"><input type="hidden" name="reminder" value="{reminder.id}">{buttons}</form>'
    return f'<section id="of{reminder.id}">{heading}{"".join(lines)}{note}{form if buttons else ""}</section>'


def _state(row: LinkedReminder, language: Language) -> str:
    """The state by shape and word; what the person did stands out."""
    reminder, say = row.reminder, _words_in(language)
    is_leave = reminder.status is ReminderStatus.SKIPPED and reminder.ended_by == "leave"
    word, shape = say(LEAVE if is_leave else STATUS_WORDS[reminder.status]), SHAPES[reminder.status]
    look = "quiet" if reminder.status in (*OPEN, *UNANSWERED) else "done" if shape == "●" else "told"
    return f"<p class={look}><span aria-hidden=true>{shape}</span> {word}{_time_left(row, language)}</p>"


def _time_left(row: LinkedReminder, language: Language) -> str:
    """How far the punch point is, and until when reminders go on, or when again; that they have ended, if nobody punched."""
    say, reminder, now = _words_in(language), row.reminder, clock.now()
    window = window_of(reminder)
    at = f"{window.last_step_at.astimezone(row.zone):%H:%M}"
    if reminder.status in UNANSWERED or (reminder.status in OPEN and now >= window.ends_at):
        return f"<br>{say(CLOSED).format(at=at)}"
    if reminder.status not in OPEN:
        return ""
    if reminder.snoozed_until is not None and reminder.snoozed_until > now:
        return f"</p><p class=told>{say(SNOOZED).format(at=f'{reminder.snoozed_until.astimezone(row.zone):%H:%M}')}"
    left = -((now - reminder.point_at) // timedelta(minutes=1))  # begun minutes count before, whole ones after
    minutes = abs(left)
    far = say(NOW if not minutes else MINUTES_LEFT if left > 0 else MINUTES_PAST)
    return f" · {far.format(n=minutes)}<br>{say(OPEN_UNTIL).format(at=at)}"


def _actions(row: LinkedReminder) -> list[tuple[str, str]]:
    """What the page offers, with the class of each button."""
    reminder, now = row.reminder, clock.now()
    if reminder.status in OPEN and now < window_of(reminder).ends_at:
        is_snoozed = reminder.snoozed_until is not None and reminder.snoozed_until > now
        again = [] if is_snoozed else [("snooze", "")]
        return [("ack", "main"), *again, ("skip", ""), ("skip_work_date", "wide" if again else "")]
    can_undo = (
        reminder.status in (ReminderStatus.ACKNOWLEDGED, ReminderStatus.SKIPPED)
        and reminder.ended_at is not None
        and now - reminder.ended_at <= UNDO_FOR
    )
    if can_undo:
        return [("undo", "")]
    if reminder.status in (*OPEN, *UNANSWERED):
        return [("ack", "main")]
    return []


_STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#f6f2ea,#16181d);--ink:light-dark(#22201c,#ece7dc);
--quiet:light-dark(#5d574d,#a9a294);--done:light-dark(#2c6b45,#8ec9a3);
--line:light-dark(#d9d2c4,#34373f);--act:light-dark(#bf3a20,#ef6a4c);--on-act:light-dark(#fff,#1b0d09)}
*{box-sizing:border-box}body{margin:0;min-height:100svh;display:grid;place-content:center;padding:1.5rem;
background:var(--ground);color:var(--ink);font:1.0625rem/1.6 system-ui,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif}
main{display:grid;gap:1.5rem}section{width:min(22rem,calc(100vw - 3rem));border-top:1px solid var(--line);padding-top:1rem}
h1{font-size:4.5rem;line-height:1;margin:.25rem 0;font-variant-numeric:tabular-nums;font-weight:600;letter-spacing:-.02em}
h1.words{font-size:1.5rem;line-height:1.4;letter-spacing:0}
h2{font-size:1.25rem;margin:0;font-variant-numeric:tabular-nums}
p{margin:.25rem 0}.quiet,.said{color:var(--quiet)}.done,.told{font-size:1.25rem;font-weight:600}.done{color:var(--done)}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1rem}
button{font:inherit;flex:1 1 auto;min-height:3rem;padding:0 .5rem;
border:1px solid var(--line);border-radius:6px;background:none;color:inherit;cursor:pointer}
button.main{flex-basis:100%;min-height:4rem;font-size:1.25rem;font-weight:600;background:var(--act);color:var(--on-act);border-color:transparent}
button.wide{flex-basis:100%}
button:target{flex-basis:100%;order:-1;min-height:4rem;font-size:1.25rem;font-weight:600;
background:var(--act);color:var(--on-act);border-color:transparent}
form:has(button:target:not(.main)) button.main{min-height:3rem;font-size:inherit;font-weight:inherit;
background:none;color:inherit;border-color:var(--line)}
button:focus-visible,a:focus-visible{outline:3px solid var(--act);outline-offset:2px}a{color:inherit}
"""


def _document(body: str, language: Language, *, nonce: str) -> str:
    return (
        f'<!doctype html><html lang="{"zh-CN" if language is Language.CHINESE else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_words_in(language)(TITLE)}</title>"
        f'<style nonce="{nonce}">{_STYLE}</style></head><body><main>{body}</main></body></html>'
    )
