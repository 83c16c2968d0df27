"""What a delivery says, independent of any provider: stored as `Message`, rendered at the moment of sending as `Note`. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from daka.delivery.models import Occasion
from daka.shifts.times import PunchKind

LATE_AFTER = timedelta(seconds=30)
"""A message that leaves later than this after it was due says so."""

KIND_WORDS = {PunchKind.CLOCK_IN: "上班打卡", PunchKind.CLOCK_OUT: "下班打卡"}


class Line(BaseModel):
    """One person's punch point inside a message."""

    model_config = ConfigDict(frozen=True)

    reminder_id: int
    user_id: int
    name: str
    mobile: str | None = None
    dingtalk_userid: str | None = None
    work_date: date
    kind: PunchKind
    point_at: datetime
    ends_at: datetime
    """When the reminder's window is over, and its link with it."""
    shift_name: str
    zone: str
    unverified: str = ""
    """Why no punch source could say whether they have punched already, as a code; empty when one could, or none is there."""


class Message(BaseModel):
    """What a delivery is about. `text` is for occasions that are not about punch points."""

    model_config = ConfigDict(frozen=True)

    occasion: Occasion
    lines: tuple[Line, ...] = ()
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """Whom the message calls: by mobile number, by DingTalk user id, or only by name."""

    name: str
    mobile: str | None = None
    dingtalk_userid: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button or link of a message."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A message in its final words, for one attempt."""

    key: str
    """Idempotency key, the same for every attempt."""
    occasion: Occasion
    title: str
    paragraphs: tuple[str, ...]
    mentions: tuple[Mention, ...] = ()
    actions: tuple[Action, ...] = ()
    lines: tuple[Line, ...] = ()
    at: datetime | None = None
    """The moment of the attempt, UTC."""
    is_late: bool = False

    @property
    def text(self) -> str:
        """Everything as plain text: title, paragraphs, and the address of each action."""
        return "\n".join([self.title, *self.paragraphs, *(f"{action.label}：{action.url}" for action in self.actions)])


LinkFor = Callable[[Sequence[Line]], str]
"""The address of the page on which these lines can be answered."""


def note(message: Message, *, key: str, due_at: datetime, now: datetime, link_for: LinkFor) -> Note:
    """The message in words, for an attempt at `now` of what was due at `due_at`."""
    is_late = bool(message.lines) and now - due_at > LATE_AFTER
    if not message.lines:
        return Note(
            key=key,
            occasion=message.occasion,
            title=message.title,
            paragraphs=(message.text,) if message.text else (),
            at=now,
        )
    first = message.lines[0]
    late = (f"（这条提醒迟到了，本应 {clock_time(due_at, first.zone)} 发出）",) if is_late else ()
    if message.occasion is Occasion.ESCALATION:
        title, paragraphs = _escalation(message.lines, now)
        actions: tuple[Action, ...] = ()
    else:
        title = _title(message.lines)
        paragraphs = tuple(_sentence(line, now) for line in message.lines)
        address = link_for(message.lines)
        actions = (
            (
                Action("我已打卡", address),
                Action("10 分钟后提醒", f"{address}#snooze"),
                Action("今天跳过", f"{address}#skip"),
            )
            if len(message.lines) == 1
            else (Action("我已打卡", address),)
        )
    return Note(
        key=key,
        occasion=message.occasion,
        title=title,
        paragraphs=(*paragraphs, *late),
        mentions=tuple(Mention(line.name, line.mobile, line.dingtalk_userid) for line in message.lines),
        actions=actions,
        lines=message.lines,
        at=now,
        is_late=is_late,
    )


def clock_time(moment: datetime, zone: str) -> str:
    """Wall clock HH:MM in a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _title(lines: Sequence[Line]) -> str:
    words = KIND_WORDS[lines[0].kind]
    times = sorted({clock_time(line.point_at, line.zone) for line in lines})
    when = times[0] if len(times) == 1 else f"{times[0]} 等"
    return f"{words}提醒 {when}" if len(lines) == 1 else f"{words}提醒 {when} · {len(lines)} 人"


def _sentence(line: Line, now: datetime) -> str:
    return (
        f"{line.name}，{line.shift_name} {clock_time(line.point_at, line.zone)} "
        f"{KIND_WORDS[line.kind]}，{_distance(line.point_at, now)}{_doubt(line)}"
    )


def _doubt(line: Line) -> str:
    return "（未能核实）" if line.unverified else ""


def _distance(point_at: datetime, now: datetime) -> str:
    minutes = round((point_at - now).total_seconds() / 60)
    if minutes > 0:
        return f"还有 {_duration(minutes)}。"
    if minutes == 0:
        return "现在该打卡了。"
    return f"已过 {_duration(-minutes)}，还没有打卡记录。"


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分钟"
    return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"


def _escalation(lines: Sequence[Line], now: datetime) -> tuple[str, tuple[str, ...]]:
    words = KIND_WORDS[lines[0].kind]
    return f"{words}：{len(lines)} 人还没有打卡记录", tuple(
        f"{line.name}，{line.shift_name} {clock_time(line.point_at, line.zone)}，{_distance(line.point_at, now)}{_doubt(line)}"
        for line in lines
    )
