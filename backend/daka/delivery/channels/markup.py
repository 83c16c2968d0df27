"""How vendors write text, and how people's words are kept from being read as markup: names, shift names, templates.

A kind takes one `Markup` for what it sends and builds its text with `text_of`; nothing that a person wrote can then
become a link, a mention or a tag.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from daka.delivery.messages import Action, RenderedMessage
from daka.languages import colon_after, said
from daka.outbound.bodies import json_bytes, shortened


@dataclass(frozen=True, slots=True)
class Markup:
    """One dialect."""

    escape: Callable[[str], str]
    """A person's words so that they are shown as they are."""
    link_form: str
    """A link with `{label}`, or with `{heading}`, the label and a colon; and `{url}`."""
    between_links: str = "\n"
    between: str = "\n"
    """What separates two paragraphs."""

    def links(self, actions: Sequence[Action]) -> str:
        labels = map(self.escape, (action.label for action in actions))
        return self.between_links.join(
            self.link_form.format(label=label, heading=colon_after(label), url=action.url)
            for label, action in zip(labels, actions, strict=True)
        )

    def text_of(
        self,
        message: RenderedMessage,
        limit_bytes: int,
        *,
        head: Sequence[str] = (),
        tail: Sequence[str] = (),
        actions: Sequence[Action] = (),
    ) -> str:
        """Head, the message's paragraphs (escaped), tail and links in so many bytes.

        Head and tail are the kind's own markup. Too long a text loses paragraphs, which give context, so that mentions and
        links at the end stay whole.
        """
        paragraphs = [self.escape(paragraph) for paragraph in message.paragraphs]
        kept = list(paragraphs)

        def whole() -> str:
            missing = len(paragraphs) - len(kept)
            note = said((f"……另有 {missing} 行", f"… {missing} more lines"), message.language) if missing else ""
            return self.between.join(part for part in (*head, *kept, note, *tail, self.links(actions)) if part)

        while kept and len(whole().encode()) > limit_bytes:
            kept.pop()
        return shortened(whole(), limit_bytes)


def plain_text(message: RenderedMessage, limit_bytes: int) -> str:
    """Title, paragraphs and one address as plain text: the message without decorations. Its page offers every action."""
    return PLAIN.text_of(message, limit_bytes, head=[message.title], actions=message.actions[:1])


def body_within(longest_bytes: int, body: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """The body made with the most bytes of text with which all of it, escaped as JSON, is within a vendor's limit."""
    limit = longest_bytes
    found = body(limit)
    while (size := len(json_bytes(found))) > longest_bytes and limit > 0:
        limit = max(limit * longest_bytes // size - 100, 0)
        found = body(limit)
    return found


def _backslashed(characters: str) -> Callable[[str], str]:
    pattern = re.compile(f"([{re.escape(characters)}])")
    return lambda text: pattern.sub(r"\\\1", text)


def _angle_brackets(text: str) -> str:
    return html.escape(text, quote=False)


_FULL_WIDTH = str.maketrans("<>[]`", "＜＞［］｀")
_FEISHU = re.compile(r"[&<>\[\]()*~_`#\\]")

PLAIN = Markup(str, "{heading}{url}")
MARKDOWN = Markup(_backslashed("\\`*_[]<>#"), "[{label}]({url})", " · ", "\n\n")
"""CommonMark, and DingTalk's subset of it."""
DISCORD = Markup(_backslashed("\\`*_[]<>#~|"), "{heading}<{url}>")
SLACK = Markup(_angle_brackets, "<{url}|{label}>", " · ")
TELEGRAM = Markup(_angle_brackets, '<a href="{url}">{label}</a>')
WECOM_TEXT = Markup(lambda text: text.translate(_FULL_WIDTH), '<a href="{url}">{label}</a>')
"""WeCom knows no escape: what would be markup becomes its full-width twin."""
WECOM_MARKDOWN = Markup(WECOM_TEXT.escape, "[{label}]({url})", " · ")
FEISHU = Markup(lambda text: _FEISHU.sub(lambda found: f"&#{ord(found[0])};", text), "[{label}]({url})", " · ")
"""Markdown of Feishu's cards, which takes HTML entities."""
