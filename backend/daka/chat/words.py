"""What a person writes to the robot: the few words that answer a reminder, and the short code of one reminder."""

from dataclasses import dataclass
from enum import StrEnum

from daka.delivery.codes import reminder_of
from daka.widths import in_one_width


class Word(StrEnum):
    """What is asked for; `UNKNOWN` is answered with the words that work."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    SKIP = "skip"
    WHO = "who"
    TODAY = "today"
    BIND = "bind"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """One message. `reminder_id` only with a code; `bind_code` only of `BIND`, six digits."""

    word: Word
    reminder_id: int | None = None
    bind_code: str = ""


UNKNOWN = ChatCommand(Word.UNKNOWN)

_WORDS = {
    Word.ACKNOWLEDGE: (
        *(
            "打卡",
            "打卡了",
            "已打卡",
            "已打卡了",
            "我已打卡",
            "我打卡了",
            "我已打卡了",
            "已经打卡",
            "已经打卡了",
            "我已经打卡了",
        ),
        *(
            "打了",
            "已打",
            "我打了",
            "打过了",
            "打完了",
            "done",
            "punched",
            "i have punched",
            "clocked in",
            "clocked out",
        ),
    ),
    Word.SNOOZE: ("稍后", "10 分钟后", "10分钟后", "later"),
    Word.SKIP: ("跳过", "今天跳过", "skip"),
    Word.WHO: ("谁", "who"),
    Word.TODAY: ("今天", "today"),
    Word.BIND: ("绑定", "bind"),
}
_BY_TEXT = {text: word for word, texts in _WORDS.items() for text in texts}
_LONGEST_FIRST = sorted(_BY_TEXT, key=len, reverse=True)
TAPS = {"ack": Word.ACKNOWLEDGE, "snooze": Word.SNOOZE, "skip": Word.SKIP}
"""What buttons say, in every chat."""
_NUMBERS = {"1": Word.ACKNOWLEDGE, "2": Word.SNOOZE, "10": Word.SNOOZE, "3": Word.SKIP}
_WITH_REMINDER = {Word.ACKNOWLEDGE, Word.SNOOZE, Word.SKIP}
LONGEST = 64
"""Characters; whatever is longer is a conversation, not an answer."""


def read(text: str) -> ChatCommand:
    """Understand one message. Full-width forms, case and blanks do not matter; a question is never an answer."""
    if len(text) > LONGEST:
        return UNKNOWN
    folded = " ".join(in_one_width(text).casefold().split()).rstrip("。.! ")
    if folded in _NUMBERS:
        return ChatCommand(_NUMBERS[folded])
    for known in _LONGEST_FIRST:
        if not folded.startswith(known):
            continue
        rest = folded[len(known) :]
        if known.isascii() and rest and not rest.startswith(" "):
            continue
        return _with_rest(_BY_TEXT[known], rest.strip())
    return UNKNOWN


def _with_rest(word: Word, rest: str) -> ChatCommand:
    if word is Word.BIND:
        return ChatCommand(word, bind_code=rest) if len(rest) == 6 and rest.isascii() and rest.isdecimal() else UNKNOWN
    if not rest:
        return ChatCommand(word)
    if word not in _WITH_REMINDER:
        return UNKNOWN
    reminder_id = reminder_of(rest)
    return UNKNOWN if reminder_id is None else ChatCommand(word, reminder_id)
