"""The content of messages, independent of any provider. Pure.

Stored as `MessageContent`, rendered at the moment of sending as `RenderedMessage`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

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
)
from daka.languages import Language, Words, colon_after, day_in, people_in, said, weekday_in
from daka.schema import Schema
from daka.shifts.times import KIND_WORDS, PunchKind

LATE_AFTER = timedelta(seconds=5)
"""A message that is sent later than this after it was due says so."""


UNVERIFIED: Words = ("（未能核实）", " (could not be verified)")
LATE: Words = ("（这条提醒迟到了，本应 {at} 发出）", "(This reminder is late. It was due at {at}.)")

_DOT_OF_A_HOST = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})")


class ReminderLine(Schema):
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
    asked_at: datetime | None = None
    """The punch point with its overtime. None: not known when it was written."""
    ends_at: datetime
    """When the reminder's window is over."""
    shift_name: str
    zone: str
    team_id: int | None = None
    """Whose templates are used."""
    unverified: str = ""
    """Code of the reason why no punch source could tell whether they have punched; empty if one could, or if there is none."""

    @property
    def person(self) -> "Mention":
        """The person as a message mentions them."""
        return Mention(self.name, self.mobile, self.dingtalk_userid, self.has_namesake)


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody whom the message mentions: by mobile number, by DingTalk user id, or only by name."""

    name: str
    mobile: str | None = None
    dingtalk_userid: str | None = None
    has_namesake: bool = False
    """Somebody else in the team has the same name: they are not told apart by it."""
    user_id: int | None = None
    """Of a reader, so that a message that waits goes by what the profile says when it is sent."""


class MessageContent(Schema):
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

    def __str__(self) -> str:
        """As plain text."""
        return colon_after(self.label) + self.url


class Answer(StrEnum):
    """What a person may answer to a reminder with one tap."""

    ACK = "ack"
    SNOOZE = "snooze"
    SKIP = "skip"


ACTION_WORDS: dict[str, Words] = {
    Answer.ACK: ("我已打卡", "I have punched"),
    Answer.SNOOZE: ("10 分钟后提醒", "Remind me in 10 minutes"),
    Answer.SKIP: ("这次跳过", "Skip this one"),
}


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
    answers: tuple[Answer, ...] = ()
    """What can be answered in the chat itself, where the channel listens there."""
    delivery_id: int | None = None
    """What the answers are about."""
    lines: tuple[ReminderLine, ...] = ()
    at: datetime | None = None
    """The moment of the attempt, UTC."""
    is_late: bool = False
    language: Language = Language.CHINESE
    is_plain: bool = False
    """To be sent without decorations: buttons, cards, formatting, mentions. Something among them was refused."""

    @property
    def text(self) -> str:
        """Everything as plain text: title, paragraphs, and the address of each action."""
        return "\n".join([self.title, *self.paragraphs, *map(str, self.actions)])


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
    language: Language = Language.CHINESE,
    delivery_id: int | None = None,
    is_heard: bool = True,
) -> RenderedMessage:
    """The message as text, for an attempt at `now` of what was due at `due_at`; by the team's templates where it has any.
    `is_heard` is whether answers come in from where it goes.

    `language` is that of whom the channel belongs to. A message without lines was written in it.

    Without `link_for` it carries no link, because no phone could open it.
    """
    if not message.lines:
        return RenderedMessage(
            key=key,
            occasion=message.occasion,
            title=plain_name(message.title),
            paragraphs=("\n".join(map(plain_name, message.text.splitlines())),) if message.text else (),
            mentions=message.mentions,
            delivery_id=delivery_id,
            at=now,
            language=language,
        )
    lines = tuple(map(_with_plain_names, message.lines))
    names = people_in([line.name for line in lines], language)
    answers: tuple[Answer, ...] = ()
    if message.occasion is not Occasion.ESCALATION:
        answers = tuple(Answer) if len(lines) == 1 else (Answer.ACK,)
    address = link_for(lines) if answers and link_for is not None else ""
    actions = tuple(
        Action(said(ACTION_WORDS[answer], language), address + _ANCHORS[answer]) for answer in answers if address
    )

    def own_variant(line: ReminderLine) -> Variant | None:
        if not templates:
            return None
        return chosen(templates.get((line.team_id or 0, stage_of(message.occasion, line, now), language), ()), key)

    def value_of(line: ReminderLine, name: str) -> str | None:
        return _value(name, line, names, len(lines), now, language)

    def paragraph(line: ReminderLine) -> str:
        variant = own_variant(line) or BUILT_IN[stage_of(message.occasion, line, now), language]
        doubt = said(UNVERIFIED, language) if line.unverified else ""
        return filled(variant.line, partial(value_of, line), LONGEST_LINE) + doubt

    if (first := own_variant(lines[0])) is not None:
        title = filled(first.title, lambda name: names if name == "name" else value_of(lines[0], name), LONGEST_TITLE)
    else:
        title = _title(message.occasion, lines, language)
    is_late = now - due_at > LATE_AFTER
    late = (said(LATE, language).format(at=clock_time(due_at, lines[0].zone)),) if is_late else ()
    return RenderedMessage(
        key=key,
        occasion=message.occasion,
        title=title,
        paragraphs=(*map(paragraph, lines), *late),
        mentions=tuple(_people(message.lines).values()),
        readers=message.readers,
        actions=actions,
        answers=answers if is_heard else (),
        delivery_id=delivery_id,
        lines=message.lines,
        at=now,
        is_late=is_late,
        language=language,
    )


_ANCHORS = {Answer.ACK: "", Answer.SNOOZE: "#snooze", Answer.SKIP: "#skip"}
"""The fragment that makes the button that was meant the large one."""


def plain_name(name: str) -> str:
    """A name, or a line with names, as it may stand in a message: nothing in it is a link or a mention to any client.

    `https://x.cn` is shown as `https：//x．cn`, `www.x.cn` as `www．x．cn`, `@all` as `＠all`.
    """
    if name.isalnum():
        return name
    return _DOT_OF_A_HOST.sub("．", " ".join(name.split()).replace("://", "：//").replace("@", "＠"))


def _with_plain_names(line: ReminderLine) -> ReminderLine:
    name, shift_name = plain_name(line.name), plain_name(line.shift_name)
    if (name, shift_name) == (line.name, line.shift_name):
        return line
    return line.model_copy(update={"name": name, "shift_name": shift_name})


def stage_of(occasion: Occasion, line: ReminderLine, now: datetime) -> Stage:
    """The template that applies to a line."""
    if occasion is Occasion.ESCALATION:
        return Stage.ESCALATION
    if line.kind is PunchKind.CLOCK_IN:
        return Stage.CLOCK_IN_BEFORE if now < line.point_at else Stage.CLOCK_IN_AFTER
    return Stage.CLOCK_OUT_BEFORE if now < line.point_at else Stage.CLOCK_OUT_AFTER


def _people(lines: Sequence[ReminderLine]) -> dict[int, Mention]:
    """Everybody in the lines once, however many punches they are missing."""
    return {line.user_id: line.person for line in lines}


def _value(name: str, line: ReminderLine, names: str, count: int, now: datetime, language: Language) -> str | None:
    """What stands for a variable of a template; None: there is no such variable."""
    match name:
        case "name":
            return line.name
        case "names":
            return names
        case "count":
            return str(count)
        case "shift":
            return line.shift_name
        case "kind":
            return said(KIND_WORDS[line.kind], language)
        case "time":
            return clock_time(line.point_at, line.zone)
        case "date":
            return day_in(line.work_date, language)
        case "weekday":
            return weekday_in(line.work_date, language)
        case "distance":
            return _distance(line.point_at, now, language)
        case "minutes":
            return minutes_of(line.point_at - now)
    return None


@lru_cache(maxsize=1024)
def clock_time(moment: datetime, zone: str) -> str:
    """Wall clock HH:MM in a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _title(occasion: Occasion, lines: Sequence[ReminderLine], language: Language) -> str:
    kind, people = said(KIND_WORDS[lines[0].kind], language), len(_people(lines))
    if occasion is Occasion.ESCALATION:
        return said((f"{kind}：{people} 人还没有打卡记录", f"No punch on record ({kind}): {people}"), language)
    times = sorted({clock_time(line.point_at, line.zone) for line in lines})
    when = times[0] if len(times) == 1 else said((f"{times[0]} 等", f"{times[0]} and later"), language)
    title = said((f"{kind}提醒 {when}", f"Reminder: {kind} at {when}"), language)
    return title if len(lines) == 1 else title + said((f" · {len(lines)} 人", f" · {len(lines)} people"), language)


def _distance(point_at: datetime, now: datetime, language: Language) -> str:
    minutes = round((point_at - now).total_seconds() / 60)
    if minutes == 0:
        return said(("现在该打卡了。", "It is time now."), language)
    duration = _duration(abs(minutes), language)
    if minutes > 0:
        return said((f"还有 {duration}。", f"{duration} left."), language)
    return said((f"已过 {duration}，还没有打卡记录。", f"{duration} late, no punch on record yet."), language)


def _duration(minutes: int, language: Language) -> str:
    hours, rest = divmod(minutes, 60)
    of_hours, of_minutes = (
        said((f"{hours} 小时", f"{hours} h"), language),
        said((f"{rest} 分钟", f"{rest} min"), language),
    )
    return " ".join(part for part, is_shown in ((of_hours, hours), (of_minutes, rest or not hours)) if is_shown)
