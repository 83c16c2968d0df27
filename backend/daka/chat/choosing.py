"""Which reminder an answer is about, and whether its sender may answer it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daka.chat.words import Word
from daka.delivery.links import LATE_ANSWER
from daka.reminders.states import OPEN, UNANSWERED, ReminderStatus

EARLY_ANSWER = timedelta(hours=2)
"""How long before its punch point a reminder takes a word that names none."""


@dataclass(frozen=True, slots=True)
class PossibleReminder:
    """A reminder that the answer may be about."""

    reminder_id: int
    user_id: int
    name: str
    """Of its person."""
    status: ReminderStatus
    point_at: datetime
    asked_at: datetime
    """The punch point with its overtime."""
    closes_at: datetime
    """When its window is over."""
    may_answer: bool
    """Whether the sender is its person, or plans for them."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is acted on: for the sender, or for somebody whom they plan."""

    reminder_id: int
    is_for_somebody_else: bool


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Several are possible: the reply lists them."""

    candidates: tuple[PossibleReminder, ...]


@dataclass(frozen=True, slots=True)
class Others:
    """They are other people's; the reply says whose."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is none."""


@dataclass(frozen=True, slots=True)
class TooLate:
    """It ended unanswered, longer ago than 我已打卡 is still taken for."""


Choice = Chosen | Doubtful | Others | Nothing | TooLate


def of_message(sender_id: int, candidates: Sequence[PossibleReminder], now: datetime) -> Choice:
    """The reminder that a button of a message, or a code, is about. The sender's own comes before all others."""
    if not candidates:
        return Nothing()
    own = [each for each in candidates if each.user_id == sender_id]
    if not own and not all(each.may_answer for each in candidates):
        return Others(tuple(dict.fromkeys(each.name for each in candidates)))
    if all(_is_too_late(each, now) for each in own or candidates):
        return TooLate()
    if own:
        still_open = [each for each in own if each.status in OPEN]
        return Chosen(min(still_open or own, key=_place).reminder_id, False)
    return Chosen(candidates[0].reminder_id, True) if len(candidates) == 1 else Doubtful(tuple(candidates))


def of_word(word: Word, own: Sequence[PossibleReminder], now: datetime) -> Choice:
    """The one of the sender's own reminders that a word without a code is about.

    What is being reminded comes first; then what begins soon; 我已打卡 also corrects the last one that ended unanswered.
    """
    open_now = [each for each in own if each.status in OPEN and each.asked_at <= now + EARLY_ANSWER]
    reminded = [each for each in open_now if each.status is ReminderStatus.NAGGING]
    found = reminded or open_now
    if not found and word is Word.ACKNOWLEDGE:
        found = [each for each in own if each.status in UNANSWERED and each.point_at >= now - LATE_ANSWER]
    if not found:
        return Nothing()
    return Chosen(found[0].reminder_id, False) if len(found) == 1 else Doubtful(tuple(sorted(found, key=_place)))


def _is_too_late(each: PossibleReminder, now: datetime) -> bool:
    """As a link, which expires then."""
    return each.status in UNANSWERED and now > each.closes_at + LATE_ANSWER


def _place(candidate: PossibleReminder) -> tuple[datetime, int]:
    return candidate.point_at, candidate.reminder_id
