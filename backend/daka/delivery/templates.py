"""Teams' message templates: a title and a line for each person, with `{variables}`. Pure.

The engine replaces the variables below and does nothing else: no expressions, no attributes, no loops, so there is nothing to
break out of, and the result is cut to a length. (`str.format` would reach attributes; a template language would need a sandbox.)
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from daka.languages import Language

LONGEST_TITLE = 100
LONGEST_LINE = 300
LONGEST_VALUE = 120
MOST_VARIANTS = 10

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class Stage(StrEnum):
    """Which of a team's messages: before and after the punch point, and the escalation."""

    CLOCK_IN_BEFORE = "clock_in_before"
    CLOCK_IN_AFTER = "clock_in_after"
    CLOCK_OUT_BEFORE = "clock_out_before"
    CLOCK_OUT_AFTER = "clock_out_after"
    ESCALATION = "escalation"


VARIABLES: dict[str, dict[str, str]] = {
    "name": {"zh": "姓名", "en": "The person's name"},
    "names": {"zh": "这条消息里的人，最多写出五个", "en": "Everybody in the message, up to five by name"},
    "count": {"zh": "人数", "en": "How many people"},
    "shift": {"zh": "班次名", "en": "Name of the shift"},
    "kind": {
        "zh": "上班打卡 / 下班打卡（英文：clock in / clock out）",
        "en": "clock in or clock out (in Chinese: 上班打卡 or 下班打卡)",
    },
    "time": {"zh": "打卡时间，如 09:00", "en": "Time of the punch point, such as 09:00"},
    "date": {"zh": "工作日期，如 11月23日", "en": "Work date, such as 23 Nov"},
    "weekday": {"zh": "星期，如 周一", "en": "Day of the week, such as Mon"},
    "distance": {"zh": "还有 15 分钟。/ 已过 5 分钟……", "en": "15 min left. / 5 min late …"},
    "minutes": {"zh": "离打卡时间的分钟数", "en": "Minutes before or after the punch point"},
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording."""

    title: str
    line: str


_REMINDING = {
    Language.CHINESE: Variant("{kind}提醒 {time}", "{name}，{shift} {time} {kind}，{distance}"),
    Language.ENGLISH: Variant("Reminder: {kind} at {time}", "{name}: {kind} at {time} ({shift}). {distance}"),
}
_ESCALATION = {
    Language.CHINESE: Variant("{kind}：{count} 人还没有打卡记录", "{name}，{shift} {time}，{distance}"),
    Language.ENGLISH: Variant("No punch on record ({kind}): {count}", "{name}: {time} ({shift}). {distance}"),
}
BUILT_IN: dict[tuple[Stage, Language], Variant] = {
    (stage, language): (_ESCALATION if stage is Stage.ESCALATION else _REMINDING)[language]
    for stage in Stage
    for language in Language
}
"""The built-in texts, from which a team's own templates start. Titles for several people say more (`messages`)."""

Templates = Mapping[tuple[int, Stage, Language], Sequence[Variant]]
"""The variants of each team, stage and language."""


def chosen(variants: Sequence[Variant], key: str) -> Variant | None:
    """One of the variants at random, the same one for every attempt at a delivery."""
    return variants[zlib.crc32(key.encode()) % len(variants)] if variants else None


def problem_with(text: str) -> tuple[str, str] | None:
    """Why a template cannot be used, as a code and a text; None if it can. Its length is the schema's business."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        return "template_lines", "must be one line"
    unknown = sorted({name for name in _VARIABLE.findall(text) if name not in VARIABLES})
    if unknown:
        return "template_variable", f"unknown variable {{{unknown[0][:40]}}}; known are {', '.join(VARIABLES)}"
    if "{" in _VARIABLE.sub("", text) or "}" in _VARIABLE.sub("", text):
        return "template_brace", "a brace is not closed"
    return None


def filled(text: str, value_of: Callable[[str], str | None], longest: int) -> str:
    """The template with its variables replaced once; braces inside a value are left alone, as are unknown variables."""

    def value(found: re.Match[str]) -> str:
        known = value_of(found[1])
        return found[0] if known is None else " ".join(known.split())[:LONGEST_VALUE]

    return _VARIABLE.sub(value, text)[:longest]


def minutes_of(distance: timedelta) -> str:
    return str(abs(round(distance.total_seconds() / 60)))
