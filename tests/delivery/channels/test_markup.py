"""What people wrote is shown as they wrote it: no name becomes a link, a mention or a tag, in any vendor's markup."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from daka.delivery.channels import markup
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.markup import Markup
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.messages import MessageContent, RenderedMessage, render
from daka.delivery.models import Occasion
from daka.delivery.templates import Stage, Variant
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
]
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
    ("wecom_robot", "text"): markup.WECOM_TEXT,
    ("wecom_robot", "markdown"): markup.WECOM_MARKDOWN,
    ("wecom_app", ""): markup.WECOM_TEXT,
    ("telegram", ""): markup.TELEGRAM,
    ("slack", ""): markup.SLACK,
    ("discord", ""): markup.DISCORD,
    **{(kind, ""): markup.PLAIN for kind in ("bark", "ntfy", "webhook")},
    **{
        (kind, ""): markup.MARKDOWN
        for kind in (
            *("dingtalk_work_notice", "dingtalk_one_to_one", "serverchan"),
            *("pushplus", "wxpusher", "pushdeer", "gotify"),
        )
    },
}
"""How the vendor of each kind writes text, by the kind's message formats."""


@pytest.mark.parametrize(("kind", "form"), FORMS)
@pytest.mark.parametrize("words", HOSTILE)
def test_a_persons_name_is_neither_link_nor_mention(kind: str, form: str, words: str) -> None:
    """The whole way: from a name and a shift's name to what goes over the wire, with the team's own words or without."""
    if kind == "webhook":  # its receiver gets data, not text
        pytest.skip()
    person = line(words, shift_name=words, dingtalk_userid="bob", team_id=1)
    for templates in ({}, {(1, Stage.CLOCK_IN_BEFORE): (Variant("{name} {shift}", "{names}：{name}"),)}):
        message = render(
            MessageContent(occasion=Occasion.REMINDER, lines=(person,)),
            key="daka-key-0001",
            due_at=AT,
            now=AT,
            link_for=lambda _: LINK,
            templates=templates,
        )
        texts = sent(kind, form, message)
        if "王" in words or "张" in words:
            assert any("王" in text or "张" in text for text in texts)
        for text in texts:
            for danger in ("://evil", "@all", "@所有人", "@everyone", "\n# 李四"):
                assert danger not in text, text


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
