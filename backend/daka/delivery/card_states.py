"""What a message that was sent says of its reminders now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from daka.delivery.channels.kind import CardState
from daka.delivery.messages import Answer, clock_time
from daka.languages import Language, Words, said
from daka.reminders.states import OPEN, ReminderStatus

DONE = (ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED)
LONGEST = 400
"""Characters, see `DeliveryCard.shown`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One reminder of the message as it is now."""

    name: str
    zone: str
    status: ReminderStatus
    ended_by: str = ""
    at: datetime | None = None
    """When they punched or answered."""
    snoozed_until: datetime | None = None


def state_of(found: Sequence[Answered], now: datetime, language: Language) -> CardState:
    """What stands beneath the text, and the buttons that remain: none once nothing is open."""
    is_open = any(each.status in OPEN for each in found)
    if len(found) == 1:
        answers = tuple(Answer) if is_open else ()
        return CardState(said(_words(found[0], now), language), answers)
    done = [each for each in found if each.status in DONE]
    names = said(("、", ", "), language).join(f"{each.name} {_at(each)}".strip() for each in done)
    count = f"{len(done)}/{len(found)}"
    text = said((f"● 已打卡 {count}：{names}", f"● Punched {count}: {names}"), language) if done else ""
    if not is_open and not done:
        text = said(("提醒已结束", "Reminders have ended"), language)
    return CardState(text[:LONGEST], (Answer.ACK,) if is_open else ())


def _words(only: Answered, now: datetime) -> Words:
    match only.status:
        case ReminderStatus.ACKNOWLEDGED | ReminderStatus.PUNCHED:
            return f"● 已打卡 {_at(only)}".strip(), f"● Punched {_at(only)}".strip()
        case ReminderStatus.SKIPPED:
            return ("— 请假", "— On leave") if only.ended_by == "leave" else ("— 已跳过", "— Skipped")
        case ReminderStatus.SCHEDULED | ReminderStatus.NAGGING:
            if only.snoozed_until is not None and only.snoozed_until > now:
                at = clock_time(only.snoozed_until, only.zone)
                return f"{at} 再提醒", f"Again at {at}"
            return "", ""
        case _:
            return "○ 没有打卡记录，提醒已结束", "○ No punch on record; reminders have ended"


def _at(one: Answered) -> str:
    return clock_time(one.at, one.zone) if one.at is not None else ""
