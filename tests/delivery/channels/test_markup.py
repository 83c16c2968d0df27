"""What people wrote is shown as they wrote it: no name becomes a link, a mention or a tag, in any vendor's markup."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from daka.delivery.channels import markup
from daka.delivery.channels.email import mail_of
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import Markup
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.failover import broken_alert
from daka.delivery.messages import MessageContent, RenderedMessage, render
from daka.delivery.models import Channel, Occasion
from daka.delivery.templates import Stage, Variant
from daka.delivery.trial_send import message_of_a_test
from daka.identity.models import User
from daka.languages import Language
from daka.roster.notices.messages import DayChange, change_message, tomorrow_message
from daka.roster.requests.models import Absence, AbsenceKind, Swap, SwapStatus
from daka.roster.requests.notices import leave_notice, swap_notice
from delivery.channels.conftest import ACTIONS, AT, LINK, line
from delivery.channels.samples import full_settings, properties

HOSTILE = [
    "[补卡](https://evil.example)",
    "<@all>",
    "@所有人",
    "@everyone",
    "<b>王</b>",
    "`张`",
    "张三\n# 李四",
    "<!channel>",
    "www.evil.example",
    "evil.example/x",
    "张@evil.example",
    "HTTPS://evil.example",
    "<@U123> 王",
    "张三\r\n# 李四",
]
DANGERS = ("://evil", "evil.example", "@all", "@所有人", "@everyone", "<@")
FORMS = [
    (kind, form)
    for kind in CHOOSABLE
    for form in properties(kind).get("form", {}).get("enum", [""])
    if isinstance(KINDS[kind], HttpKind)
]


def sent(kind: str, form: str, message: RenderedMessage) -> list[str]:
    """Every text in the body that a kind sends."""
    found: Any = KINDS[kind]
    config = found.parsed({**full_settings(kind), **({"form": form} if form else {})})
    if not isinstance(found, HttpKind):
        return [found.preview(config, message)]
    return list(texts_in(json.loads(found.request(config, message).body)))


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except ValueError:
            inner = None
        yield from texts_in(inner) if isinstance(inner, dict) else [value]
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


DIALECTS = {
    ("dingtalk_robot", "markdown"): markup.MARKDOWN,
    ("dingtalk_robot", "action_card"): markup.MARKDOWN,
    ("dingtalk_robot", "text"): markup.PLAIN,
    ("feishu_robot", "post"): markup.PLAIN,
    ("feishu_robot", "card"): markup.FEISHU,
    ("feishu_app", ""): markup.FEISHU,
    ("wecom_robot", "text"): markup.WECOM_TEXT,
    ("wecom_robot", "markdown"): markup.WECOM_MARKDOWN,
    ("wecom_app", ""): markup.WECOM_TEXT,
    ("wecom_bot", ""): markup.WECOM_MARKDOWN,
    ("telegram", ""): markup.TELEGRAM,
    ("slack", ""): markup.SLACK,
    ("discord", ""): markup.DISCORD,
    **{(kind, ""): markup.PLAIN for kind in ("web_push", "bark", "ntfy", "webhook")},
    **{
        (kind, ""): markup.MARKDOWN
        for kind in (
            *("dingtalk_work_notice", "dingtalk_one_to_one", "serverchan"),
            *("pushplus", "wxpusher", "pushdeer", "gotify"),
        )
    },
}
"""How the vendor of each kind writes text, by the kind's message formats."""


def somebody(user_id: int, name: str) -> User:
    return User(id=user_id, username=f"u{user_id}", display_name=name, password_hash="", dingtalk_userid="bob")


def contents(words: str, language: Language = Language.CHINESE) -> Iterator[tuple[str, MessageContent]]:
    """Every kind of message, with these words in each place that people fill in."""
    line_of = partial(line, words, shift_name=words, dingtalk_userid="bob", team_id=1)
    lines = (line_of(), line_of(reminder_id=2, user_id=3))
    yield "reminder", MessageContent(occasion=Occasion.REMINDER, lines=lines[:1])
    yield "reminder of two", MessageContent(occasion=Occasion.REMINDER, lines=lines)
    yield "escalation", MessageContent(occasion=Occasion.ESCALATION, lines=lines)
    here = Channel(id=1, name=words, kind="bark", config={}, lane="x", status_reason=words)
    yield "test", message_of_a_test(here, somebody(1, words), language)
    yield "alert", broken_alert(here, language)
    day = date(2026, 11, 23)
    notices = [change_message([DayChange(day, 1, 2)], {1: words, 2: words}, day, language)]
    notices += [tomorrow_message(day, words, "08:00–16:00", is_away=False, language=language)]
    people = {user_id: somebody(user_id, words) for user_id in (1, 2, 3)}
    leave = Absence(user_id=1, kind=AbsenceKind.LEAVE, first_date=day, last_date=day, reason=words)
    personal = [leave_notice(leave, people[3], is_deleted=is_deleted) for is_deleted in (True, False)]
    for status in SwapStatus:
        swap = Swap(team_id=1, user_id=1, with_user_id=2, work_date=day, cells=[], status=status, reason=words)
        personal.append(swap_notice(swap, people, people[3]))
    notices += [notice.texts[language] for notice in personal]
    for number, (title, text) in enumerate(notices):
        yield f"notice {number}", MessageContent(occasion=Occasion.ROSTER, title=title, text=text)


OWN_WORDS = {
    (1, stage, language): (Variant("{name} {shift}", "{names}：{name} {shift}"),)
    for stage in Stage
    for language in Language
}


@pytest.mark.parametrize(("kind", "form"), [*FORMS, ("email", ""), ("inbox", "")])
@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_that_people_named_is_a_link_or_a_mention(kind: str, form: str, words: str) -> None:
    """The whole way: from a name to what goes over the wire, in every kind of message, with a team's templates or without."""
    if kind == "webhook":  # its receiver gets data, not text
        pytest.skip()
    for language, templates in ((Language.CHINESE, {}), (Language.ENGLISH, {}), (Language.CHINESE, OWN_WORDS)):
        for occasion, content in contents(words, language):
            message = render(
                content,
                key="daka-key-0001",
                due_at=AT,
                now=AT,
                link_for=lambda _: LINK,
                templates=templates,
                language=language,
            )
            for is_plain in (False, True):
                texts = sent(kind, form, replace(message, is_plain=is_plain))
                if "王" in words or "张" in words:
                    assert any("王" in text or "张" in text for text in texts), occasion
                for text in texts:
                    for danger in (*DANGERS, *(["\n# 李四"] if content.lines else [])):
                        assert danger not in text, (occasion, is_plain, text)


def test_no_name_adds_a_header_to_a_mail() -> None:
    config = KINDS["email"].parsed(full_settings("email"))
    for occasion, content in contents("张三\r\nBcc: all@evil.example"):
        message = render(content, key="k", due_at=AT, now=AT, link_for=lambda _: LINK, templates=OWN_WORDS)
        mail = mail_of(config, message)
        assert mail["Bcc"] is None, occasion
        assert "\n" not in mail["Subject"], occasion


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_what_a_team_wrote_is_escaped_wherever_the_vendor_reads_markup(kind: str, form: str) -> None:
    words, title = "[补卡](https://evil.example) <@all> <!channel> <b>x</b> `y`", "[标题](https://evil.example) <b>"
    assert (kind, form) in DIALECTS, f"DIALECTS does not say how the vendor of {kind} writes text"
    escape = DIALECTS[kind, form].escape
    message = RenderedMessage(
        key="daka-key-0001",
        occasion=Occasion.TEST,
        title=title,
        paragraphs=("first", words),
        actions=ACTIONS,
        at=AT,
        mentions=(),
        lines=(line(dingtalk_userid="bob"),),
    )
    texts = sent(kind, form, message)
    assert any(escape(words) in text for text in texts)
    if escape(words) == words:
        assert DIALECTS[kind, form] is markup.PLAIN
        return
    assert [text for text in texts if words in text] == []
    # The title stands as it is only in a field of its own, which vendors show as plain text.
    assert [text for text in texts if title in text and text.removeprefix("【打卡】") != title] == []


def test_each_kind_has_its_dialect_here() -> None:
    assert set(FORMS) == DIALECTS.keys()


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        (markup.PLAIN, "[a](b) <b> *c* `d` & #"),
        (markup.MARKDOWN, r"\[a\](b) \<b\> \*c\* \`d\` & \#"),
        (markup.DISCORD, r"\[a\](b) \<b\> \*c\* \`d\` & \#"),
        (markup.SLACK, "[a](b) &lt;b&gt; *c* `d` &amp; #"),
        (markup.TELEGRAM, "[a](b) &lt;b&gt; *c* `d` &amp; #"),
        (markup.WECOM_TEXT, "［a］(b) ＜b＞ *c* ｀d｀ & #"),
        (markup.FEISHU, "&#91;a&#93;&#40;b&#41; &#60;b&#62; &#42;c&#42; &#96;d&#96; &#38; &#35;"),
    ],
)
def test_each_dialect_escapes_what_it_reads(dialect: Markup, shown: str) -> None:
    assert dialect.escape("[a](b) <b> *c* `d` & #") == shown


def test_a_text_that_is_too_long_loses_paragraphs_and_keeps_mentions_and_links() -> None:
    message = RenderedMessage("k", Occasion.TEST, "t", tuple(f"第 {number} 行" for number in range(50)))
    text = markup.MARKDOWN.text_of(message, 300, head=["### t"], tail=["@1"], actions=ACTIONS[:1])
    assert len(text.encode()) <= 300
    assert text.startswith("### t\n\n第 0 行")
    assert text.endswith(f"@1\n\n[我已打卡]({LINK})")
    assert "另有" in text
