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
from daka.outbound.bodies import json_bytes, shortened


@dataclass(frozen=True, slots=True)
class Markup:
    """One dialect."""

    escape: Callable[[str], str]
    """A person's words so that they are shown as they are."""
    link_form: str
    """A link with `{label}` and `{url}`."""
    between_links: str = "\n"
    between: str = "\n"
    """What separates two paragraphs."""

    def links(self, actions: Sequence[Action]) -> str:
        found = (self.link_form.format(label=self.escape(action.label), url=action.url) for action in actions)
        return self.between_links.join(found)

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

        Head and tail are the kind's own markup. Too long a text loses paragraphs, so that mentions and links stay whole.
        """
        paragraphs = [self.escape(paragraph) for paragraph in message.paragraphs]
        return fitted(head, paragraphs, [*tail, self.links(actions)], limit_bytes, between=self.between)


def plain_text(message: RenderedMessage, limit_bytes: int) -> str:
    """Title, paragraphs and one address as plain text: the message without decorations. Its page offers every action."""
    return PLAIN.text_of(message, limit_bytes, head=[message.title], actions=message.actions[:1])


def fitted(
    head: Sequence[str], middle: Sequence[str], tail: Sequence[str], limit_bytes: int, *, between: str = "\n"
) -> str:
    """Head, middle and tail in so many bytes: the middle gives context, so that mentions and links at the end stay whole."""
    kept = list(middle)

    def whole() -> str:
        left_out = [f"……另有 {len(middle) - len(kept)} 行"] if len(kept) < len(middle) else []
        return between.join(part for part in (*head, *kept, *left_out, *tail) if part)

    while kept and len(whole().encode()) > limit_bytes:
        kept.pop()
    return shortened(whole(), limit_bytes)


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

PLAIN = Markup(str, "{label}：{url}")
MARKDOWN = Markup(_backslashed("\\`*_[]<>#"), "[{label}]({url})", " · ", "\n\n")
"""CommonMark, and DingTalk's subset of it."""
DISCORD = Markup(_backslashed("\\`*_[]<>#~|"), "{label}：<{url}>")
SLACK = Markup(_angle_brackets, "<{url}|{label}>", " · ")
TELEGRAM = Markup(_angle_brackets, '<a href="{url}">{label}</a>')
WECOM_TEXT = Markup(lambda text: text.translate(_FULL_WIDTH), '<a href="{url}">{label}</a>')
"""WeCom knows no escape: what would be markup becomes its full-width twin."""
WECOM_MARKDOWN = Markup(WECOM_TEXT.escape, "[{label}]({url})", " · ")
FEISHU = Markup(lambda text: _FEISHU.sub(lambda found: f"&#{ord(found[0])};", text), "[{label}]({url})", " · ")
"""Markdown of Feishu's cards, which takes HTML entities."""
