"""The content of messages, independent of any provider. Pure.

Stored as `MessageContent`, rendered at the moment of sending as `RenderedMessage`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from daka.delivery.models import Occasion
from daka.delivery.templates import (
    BUILT_IN,
    LONGEST_LINE,
    LONGEST_TITLE,
    Stage,
    Templates,
    Variant,
    chosen,
    filled,
    minutes_of,
    names_of,
)
from daka.reminders.states import KIND_WORDS
from daka.shifts.times import PunchKind

LATE_AFTER = timedelta(seconds=5)
"""A message that is sent later than this after it was due says so."""


_DOT_OF_A_HOST = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})")


class ReminderLine(BaseModel):
    """One person's punch point inside a message."""

    model_config = ConfigDict(frozen=True)

    reminder_id: int
    user_id: int
    name: str
    mobile: str | None = None
    dingtalk_userid: str | None = None
    has_namesake: bool = False
    work_date: date
    kind: PunchKind
    point_at: datetime
    ends_at: datetime
    """When the reminder's window is over."""
    shift_name: str
    zone: str
    team_id: int | None = None
    """Whose templates are used."""
    unverified: str = ""
    """Code of the reason why no punch source could tell whether they have punched; empty if one could, or if there is none."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody whom the message mentions: by mobile number, by DingTalk user id, or only by name."""

    name: str
    mobile: str | None = None
    dingtalk_userid: str | None = None
    has_namesake: bool = False
    """Somebody else in the team has the same name: they are not told apart by it."""


class MessageContent(BaseModel):
    """The content of a delivery. `text` is for occasions without punch points."""

    model_config = ConfigDict(frozen=True)

    occasion: Occasion
    lines: tuple[ReminderLine, ...] = ()
    title: str = ""
    text: str = ""
    mentions: tuple[Mention, ...] = ()
    """Who is mentioned if there are no lines; with lines, their people are."""
    readers: tuple[Mention, ...] = ()
    """Who gets an escalation, where a kind sends to persons; reminders go to the people in the lines."""


@dataclass(frozen=True, slots=True)
class Action:
    """A button or link of a message."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as text, for one attempt."""

    key: str
    """Idempotency key, the same for every attempt."""
    occasion: Occasion
    title: str
    paragraphs: tuple[str, ...]
    mentions: tuple[Mention, ...] = ()
    readers: tuple[Mention, ...] = ()
    """Who gets an escalation, where a kind sends to persons."""
    actions: tuple[Action, ...] = ()
    lines: tuple[ReminderLine, ...] = ()
    at: datetime | None = None
    """The moment of the attempt, UTC."""
    is_late: bool = False
    is_plain: bool = False
    """To be sent without decorations: buttons, cards, formatting, mentions. Something among them was refused."""

    @property
    def text(self) -> str:
        """Everything as plain text: title, paragraphs, and the address of each action."""
        return "\n".join([self.title, *self.paragraphs, *(f"{action.label}：{action.url}" for action in self.actions)])


LinkFor = Callable[[Sequence[ReminderLine]], str]
"""The address of the page on which these lines can be answered."""


def render(
    message: MessageContent,
    *,
    key: str,
    due_at: datetime,
    now: datetime,
    link_for: LinkFor | None,
    templates: Templates = MappingProxyType({}),
) -> RenderedMessage:
    """The message as text, for an attempt at `now` of what was due at `due_at`; by the team's templates where it has any.

    Without `link_for` it carries no link, because no phone could open it.
    """
    if not message.lines:
        return RenderedMessage(
            key=key,
            occasion=message.occasion,
            title=plain_name(message.title),
            paragraphs=("\n".join(map(plain_name, message.text.splitlines())),) if message.text else (),
            mentions=message.mentions,
            at=now,
        )
    lines = tuple(map(_with_plain_names, message.lines))
    names = names_of([line.name for line in lines])
    actions: tuple[Action, ...] = ()
    if message.occasion is not Occasion.ESCALATION and link_for is not None:
        address = link_for(lines)
        actions = (Action("我已打卡", address),)
        if len(lines) == 1:
            actions += (Action("10 分钟后提醒", f"{address}#snooze"), Action("这次跳过", f"{address}#skip"))

    def own_variant(line: ReminderLine) -> Variant | None:
        return chosen(templates.get((line.team_id or 0, stage_of(message.occasion, line, now)), ()), key)

    def paragraph(line: ReminderLine) -> str:
        variant = own_variant(line) or BUILT_IN[stage_of(message.occasion, line, now)]
        doubt = "（未能核实）" if line.unverified else ""
        return filled(variant.line, _values(line, names, len(lines), now), LONGEST_LINE) + doubt

    if (first := own_variant(lines[0])) is not None:
        title = filled(first.title, {**_values(lines[0], names, len(lines), now), "name": names}, LONGEST_TITLE)
    else:
        title = _title(message.occasion, lines)
    is_late = now - due_at > LATE_AFTER
    late = (f"（这条提醒迟到了，本应 {clock_time(due_at, lines[0].zone)} 发出）",) if is_late else ()
    return RenderedMessage(
        key=key,
        occasion=message.occasion,
        title=title,
        paragraphs=(*map(paragraph, lines), *late),
        mentions=tuple(_people(message.lines).values()),
        readers=message.readers,
        actions=actions,
        lines=message.lines,
        at=now,
        is_late=is_late,
    )


def plain_name(name: str) -> str:
    """A name, or a line with names, as it may stand in a message: nothing in it is a link or a mention to any client.

    `https://x.cn` is shown as `https：//x．cn`, `www.x.cn` as `www．x．cn`, `@all` as `＠all`.
    """
    return _DOT_OF_A_HOST.sub("．", " ".join(name.split()).replace("://", "：//").replace("@", "＠"))


def _with_plain_names(line: ReminderLine) -> ReminderLine:
    return line.model_copy(update={"name": plain_name(line.name), "shift_name": plain_name(line.shift_name)})


def stage_of(occasion: Occasion, line: ReminderLine, now: datetime) -> Stage:
    """The template that applies to a line."""
    if occasion is Occasion.ESCALATION:
        return Stage.ESCALATION
    if line.kind is PunchKind.CLOCK_IN:
        return Stage.CLOCK_IN_BEFORE if now < line.point_at else Stage.CLOCK_IN_AFTER
    return Stage.CLOCK_OUT_BEFORE if now < line.point_at else Stage.CLOCK_OUT_AFTER


def _people(lines: Sequence[ReminderLine]) -> dict[int, Mention]:
    """Everybody in the lines once, however many punches they are missing."""
    return {line.user_id: Mention(line.name, line.mobile, line.dingtalk_userid, line.has_namesake) for line in lines}


def _values(line: ReminderLine, names: str, count: int, now: datetime) -> dict[str, str]:
    return {
        "name": line.name,
        "names": names,
        "count": str(count),
        "shift": line.shift_name,
        "kind": KIND_WORDS[line.kind],
        "time": clock_time(line.point_at, line.zone),
        "date": f"{line.work_date.month}月{line.work_date.day}日",
        "weekday": "周" + "一二三四五六日"[line.work_date.weekday()],
        "distance": _distance(line.point_at, now),
        "minutes": minutes_of(line.point_at - now),
    }


@lru_cache(maxsize=1024)
def clock_time(moment: datetime, zone: str) -> str:
    """Wall clock HH:MM in a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _title(occasion: Occasion, lines: Sequence[ReminderLine]) -> str:
    words = KIND_WORDS[lines[0].kind]
    if occasion is Occasion.ESCALATION:
        return f"{words}：{len(_people(lines))} 人还没有打卡记录"
    times = sorted({clock_time(line.point_at, line.zone) for line in lines})
    when = times[0] if len(times) == 1 else f"{times[0]} 等"
    return f"{words}提醒 {when}" if len(lines) == 1 else f"{words}提醒 {when} · {len(lines)} 人"


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
