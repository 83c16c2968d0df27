"""One-tap links: signed, expiring with the reminder, valid for the reminders that they name and nothing else.

GET shows a page that needs no login and no JavaScript; only its POST acts, so that a link preview cannot acknowledge.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from daka import clock, security
from daka.identity.models import User
from daka.reminders.actions import UNDO_FOR
from daka.reminders.models import Reminder
from daka.reminders.states import KIND_WORDS, OPEN, UNANSWERED, ReminderStatus
from daka.settings import Settings

STATUS_WORDS = {
    ReminderStatus.SCHEDULED: "○ 待提醒",
    ReminderStatus.NAGGING: "◐ 提醒中",
    ReminderStatus.ACKNOWLEDGED: "● 已打卡",
    ReminderStatus.PUNCHED: "● 已打卡",
    ReminderStatus.SKIPPED: "⏸ 已跳过",
    ReminderStatus.EXPIRED: "✕ 未打卡",
    ReminderStatus.MISSED: "✕ 未提醒",
    ReminderStatus.FAILED: "✕ 未送达",
}


def link(settings: Settings, reminder_ids: Iterable[int], *, expires_at: datetime) -> str:
    """The address of the page for these reminders."""
    now = clock.now()
    token = security.signed(
        settings.secret,
        "link",
        issued_at=now,
        lifetime=max(expires_at - now, timedelta(minutes=1)),
        sub=",".join(map(str, reminder_ids)),
    )
    return f"{settings.base_url}/a/{token}"


def linked_reminder_ids(settings: Settings, token: str) -> list[int] | None:
    """The reminders that a link names; None if it is forged, of another kind, or expired."""
    claims = security.verified(settings.secret, "link", token, at=clock.now())
    if claims is None:
        return None
    return [int(part) for part in str(claims["sub"]).split(",") if part.isdecimal()] or None


def page(rows: Sequence[tuple[Reminder, User, ZoneInfo]], *, nonce: str, refusal: str = "") -> str:
    """The page for one or several reminders."""
    cards = "".join(_card(reminder, user, zone, is_alone=len(rows) == 1) for reminder, user, zone in rows)
    note = f'<p class="said" role="status">{escape(refusal)}</p>' if refusal else ""
    title = "" if len(rows) == 1 else '<h1 class="words">打卡提醒</h1>'
    return _document(title + note + cards, nonce=nonce)


def expired_page(*, nonce: str) -> str:
    """The page of a link that has expired."""
    return _document(
        '<section><h1 class="words">这个链接已失效</h1><p lang="en">This link has expired.</p>'
        '<p>提醒已过期，或链接不完整。请打开 <a href="/">打卡</a> 查看今天的班次。</p></section>',
        nonce=nonce,
    )


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def page_headers(nonce: str) -> dict[str, str]:
    """Headers that forbid scripts, frames, caching and referrers."""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }


def _card(reminder: Reminder, user: User, zone: ZoneInfo, *, is_alone: bool) -> str:
    point = reminder.point_at.astimezone(zone)
    what = KIND_WORDS[reminder.kind]
    actions = "".join(
        f'<button name="action" value="{action}" class="{style}">{label}</button>'
        for action, label, style in _actions(reminder)
    )
    form = (
        f'<form method="post"><input type="hidden" name="reminder" value="{reminder.id}">{actions}</form>'
        if actions
        else ""
    )
    heading = f"<h1>{point:%H:%M}</h1>" if is_alone else f"<h2>{escape(user.display_name)} · {point:%H:%M}</h2>"
    who = f"{escape(user.display_name)}，{what}" if is_alone else what
    return f"<section>{heading}<p>{who}</p><p class=state>{STATUS_WORDS[reminder.status]}</p>{form}</section>"


def _actions(reminder: Reminder) -> list[tuple[str, str, str]]:
    if reminder.status in OPEN:
        return [
            ("ack", "我已打卡", "main"),
            ("snooze", "10 分钟后提醒", ""),
            ("skip", "这次跳过", ""),
            ("skip_work_date", "今天都不提醒", "wide"),
        ]
    can_undo = (
        reminder.status in (ReminderStatus.ACKNOWLEDGED, ReminderStatus.SKIPPED)
        and reminder.ended_at is not None
        and clock.now() - reminder.ended_at <= UNDO_FOR
    )
    if can_undo:
        return [("undo", "撤销", "")]
    if reminder.status in UNANSWERED:
        return [("ack", "我已打卡", "main")]
    return []


_STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#f6f2ea,#16181d);--ink:light-dark(#22201c,#ece7dc);
--quiet:light-dark(#5d574d,#a9a294);
--line:light-dark(#d9d2c4,#34373f);--act:light-dark(#bf3a20,#ef6a4c);--on-act:light-dark(#fff,#1b0d09)}
*{box-sizing:border-box}body{margin:0;min-height:100svh;display:grid;place-content:center;justify-items:stretch;gap:1.5rem;padding:1.5rem;
background:var(--ground);color:var(--ink);font:1.0625rem/1.6 system-ui,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif}
section{width:min(22rem,calc(100vw - 3rem));border-top:1px solid var(--line);padding-top:1rem}
h1{font-size:4.5rem;line-height:1;margin:.25rem 0;font-variant-numeric:tabular-nums;font-weight:600;letter-spacing:-.02em}
h1.words{font-size:1.5rem;line-height:1.4;letter-spacing:0}
h2{font-size:1.25rem;margin:0;font-variant-numeric:tabular-nums}
p{margin:.25rem 0}.state,.said{color:var(--quiet)}form{display:grid;grid-template-columns:1fr 1fr;gap:.5rem;margin-top:1rem}
button{font:inherit;min-height:3rem;border:1px solid var(--line);border-radius:6px;background:none;color:inherit;cursor:pointer}
button.main{grid-column:1/-1;min-height:4rem;font-size:1.25rem;font-weight:600;background:var(--act);color:var(--on-act);border-color:transparent}
button.wide{grid-column:1/-1}
button:focus-visible,a:focus-visible{outline:3px solid var(--act);outline-offset:2px}a{color:inherit}
"""


def _document(body: str, *, nonce: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>打卡提醒</title><style nonce="{nonce}">{_STYLE}</style></head><body><main>{body}</main></body></html>'
    )
