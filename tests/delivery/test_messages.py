"""The exact words of messages."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daka.delivery.messages import Action, Mention, MessageContent, ReminderLine, RenderedMessage, render
from daka.delivery.models import Occasion
from daka.languages import Language
from daka.shifts.times import PunchKind

IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT


def at(text: str) -> datetime:
    """HH:MM(:SS) of Monday 2026-11-23 in Shanghai."""
    return datetime.fromisoformat(f"2026-11-23 {text}+08:00").astimezone(UTC)


def line(name: str = "王波", point: str = "09:00", kind: PunchKind = IN, **values: Any) -> ReminderLine:
    given: dict[str, Any] = {
        "reminder_id": 1,
        "user_id": sum(map(ord, name)),
        "name": name,
        "work_date": date(2026, 11, 23),
        "kind": kind,
        "point_at": at(point),
        "ends_at": at(point) + timedelta(minutes=11),
        "shift_name": "早班",
        "zone": "Asia/Shanghai",
    }
    return ReminderLine(**{**given, **values})


def link_for(lines: Sequence[ReminderLine]) -> str:
    return "https://daka.example/a/" + ",".join(str(found.reminder_id) for found in lines)


def words(
    *lines: ReminderLine,
    now: str,
    due: str | None = None,
    occasion: Occasion = Occasion.REMINDER,
    language: Language = Language.CHINESE,
) -> RenderedMessage:
    message = MessageContent(occasion=occasion, lines=lines)
    return render(message, key="daka-1", due_at=at(due or now), now=at(now), link_for=link_for, language=language)


@pytest.mark.parametrize(
    ("kind", "point", "now", "sentence"),
    [
        (IN, "09:00", "08:45", "王波，早班 09:00 上班打卡，还有 15 分钟。"),
        (IN, "09:00", "08:59", "王波，早班 09:00 上班打卡，还有 1 分钟。"),
        (IN, "09:00", "08:59:40", "王波，早班 09:00 上班打卡，现在该打卡了。"),
        (IN, "09:00", "09:00", "王波，早班 09:00 上班打卡，现在该打卡了。"),
        (IN, "09:00", "09:05", "王波，早班 09:00 上班打卡，已过 5 分钟，还没有打卡记录。"),
        (IN, "11:00", "09:00", "王波，早班 11:00 上班打卡，还有 2 小时。"),
        (OUT, "18:00", "18:00", "王波，早班 18:00 下班打卡，现在该打卡了。"),
        (OUT, "18:00", "19:30", "王波，早班 18:00 下班打卡，已过 1 小时 30 分钟，还没有打卡记录。"),
    ],
)
def test_one_persons_reminder_says_who_what_and_how_long(kind: PunchKind, point: str, now: str, sentence: str) -> None:
    said = words(line(point=point, kind=kind), now=now)
    assert said.paragraphs == (sentence,)
    assert said.title == ("上班打卡提醒 " if kind is IN else "下班打卡提醒 ") + point


def test_one_person_gets_three_actions_and_a_group_one() -> None:
    alone = words(line(reminder_id=7), now="08:45")
    assert alone.actions == (
        Action("我已打卡", "https://daka.example/a/7"),
        Action("10 分钟后提醒", "https://daka.example/a/7#snooze"),
        Action("这次跳过", "https://daka.example/a/7#skip"),
    )
    group = words(line(reminder_id=7), line("李明", reminder_id=8), now="08:45")
    assert group.actions == (Action("我已打卡", "https://daka.example/a/7,8"),)


def test_a_group_message_counts_its_people_and_calls_each() -> None:
    group = words(line(mobile="13800000001"), line("李明", dingtalk_userid="u-2"), line("张三"), now="08:45")
    assert group.title == "上班打卡提醒 09:00 · 3 人"
    assert len(group.paragraphs) == 3
    assert group.mentions == (Mention("王波", "13800000001"), Mention("李明", None, "u-2"), Mention("张三"))
    mixed = words(line(), line("李明", point="09:30"), now="08:45")
    assert mixed.title == "上班打卡提醒 09:00 等 · 2 人"


def test_wall_clock_times_are_those_of_each_persons_zone() -> None:
    berlin = line(point="16:00", zone="Europe/Berlin")
    assert words(berlin, now="15:45").title == "上班打卡提醒 09:00"


@pytest.mark.parametrize(
    ("now", "is_late"), [("08:45", False), ("08:45:05", False), ("08:45:06", True), ("08:52", True)]
)
def test_a_message_that_left_late_says_so(now: str, is_late: bool) -> None:
    said = words(line(), now=now, due="08:45")
    assert said.is_late is is_late
    assert ("（这条提醒迟到了，本应 08:45 发出）" in said.paragraphs) is is_late


def test_an_escalation_names_those_who_are_missing_and_has_no_button() -> None:
    said = words(line(), line("李明", point="09:01"), now="09:05", occasion=Occasion.ESCALATION)
    assert said.title == "上班打卡：2 人还没有打卡记录"
    assert said.paragraphs == (
        "王波，早班 09:00，已过 5 分钟，还没有打卡记录。",
        "李明，早班 09:01，已过 4 分钟，还没有打卡记录。",
    )
    assert said.actions == ()


def test_whoever_misses_two_punches_is_one_person_and_called_once() -> None:
    night = line("王波", point="08:30", reminder_id=2, shift_name="夜班")
    said = words(night, line(), now="09:05", occasion=Occasion.ESCALATION)
    assert said.title == "上班打卡：1 人还没有打卡记录"
    assert said.mentions == (Mention("王波"),)
    assert [paragraph.split("，")[1] for paragraph in said.paragraphs] == ["夜班 08:30", "早班 09:00"]


def test_a_message_that_is_not_about_punches_is_said_as_it_was_written() -> None:
    alert = MessageContent(occasion=Occasion.ALERT, title="通知渠道「一车间群」发不出去", text="对方的回答：310000")
    said = render(alert, key="daka-1", due_at=at("08:00"), now=at("09:00"), link_for=link_for)
    assert (said.title, said.paragraphs, said.is_late) == (alert.title, (alert.text,), False)


def test_plain_text_has_everything_in_it() -> None:
    assert words(line(reminder_id=7), now="08:45").text == (
        "上班打卡提醒 09:00\n"
        "王波，早班 09:00 上班打卡，还有 15 分钟。\n"
        "我已打卡：https://daka.example/a/7\n"
        "10 分钟后提醒：https://daka.example/a/7#snooze\n"
        "这次跳过：https://daka.example/a/7#skip"
    )


@pytest.mark.parametrize(
    ("kind", "point", "now", "sentence"),
    [
        (IN, "09:00", "08:45", "王波: clock in at 09:00 (早班). 15 min left."),
        (IN, "09:00", "09:00", "王波: clock in at 09:00 (早班). It is time now."),
        (IN, "11:00", "09:00", "王波: clock in at 11:00 (早班). 2 h left."),
        (OUT, "18:00", "19:30", "王波: clock out at 18:00 (早班). 1 h 30 min late, no punch on record yet."),
    ],
)
def test_the_same_in_english(kind: PunchKind, point: str, now: str, sentence: str) -> None:
    said = words(line(point=point, kind=kind), now=now, language=Language.ENGLISH)
    assert said.paragraphs == (sentence,)


def test_a_whole_message_in_english() -> None:
    several = words(
        line(unverified="no_source"),
        line("李明", point="09:30"),
        now="08:46",
        due="08:45",
        language=Language.ENGLISH,
    )
    assert several.title == "Reminder: clock in at 09:00 and later · 2 people"
    assert several.paragraphs == (
        "王波: clock in at 09:00 (早班). 14 min left. (could not be verified)",
        "李明: clock in at 09:30 (早班). 44 min left.",
        "(This reminder is late. It was due at 08:45.)",
    )
    assert words(line(reminder_id=7), now="08:45", language=Language.ENGLISH).text == (
        "Reminder: clock in at 09:00\n"
        "王波: clock in at 09:00 (早班). 15 min left.\n"
        "I have punched: https://daka.example/a/7\n"
        "Remind me in 10 minutes: https://daka.example/a/7#snooze\n"
        "Skip this one: https://daka.example/a/7#skip"
    )
    missing = words(line(), now="09:05", occasion=Occasion.ESCALATION, language=Language.ENGLISH)
    assert missing.title == "No punch on record (clock in): 1"
