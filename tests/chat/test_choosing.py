"""Which reminder an answer is about, how long a connection waits, and what a message says afterwards: tables."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daka.chat import replies
from daka.chat.choosing import Choice, Chosen, Doubtful, Nothing, Others, PossibleReminder, TooLate, of_message, of_word
from daka.chat.connection import Ended, Lost, Pause, Refused, TakenOver, pause_after
from daka.chat.models import ConnectionState
from daka.chat.words import Word
from daka.delivery.card_states import Answered, state_of
from daka.delivery.channels.kind import CardState
from daka.delivery.messages import Answer
from daka.languages import Language
from daka.reminders.states import ReminderStatus

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOW = NINE - timedelta(minutes=5)
TEN = timedelta(minutes=10)
"""After the punch point its window is over."""
BOB, CHARLIE, ALICE = 2, 3, 4
S = ReminderStatus


def of(
    number: int,
    user: int,
    status: ReminderStatus = S.NAGGING,
    *,
    plans: bool = False,
    at: datetime = NINE,
    overtime: timedelta = timedelta(0),
) -> PossibleReminder:
    name = {BOB: "Bob", CHARLIE: "Charlie"}[user]
    return PossibleReminder(number, user, name, status, at, at + overtime, at + overtime + TEN, plans)


@pytest.mark.parametrize(
    ("sender", "candidates", "expected"),
    [
        (BOB, [], Nothing()),
        (BOB, [of(1, BOB)], Chosen(1, False)),
        (BOB, [of(1, CHARLIE), of(2, BOB)], Chosen(2, False)),
        (BOB, [of(1, BOB, S.PUNCHED), of(2, BOB)], Chosen(2, False)),
        (BOB, [of(1, BOB, S.EXPIRED)], Chosen(1, False)),
        (BOB, [of(1, BOB, S.EXPIRED, at=NOW - TEN - timedelta(hours=12))], Chosen(1, False)),
        (BOB, [of(1, BOB, S.EXPIRED, at=NOW - TEN - timedelta(hours=12, seconds=1))], TooLate()),
        (ALICE, [of(1, BOB, S.EXPIRED, at=NOW - timedelta(days=1), plans=True)], TooLate()),
        (CHARLIE, [of(1, BOB, S.EXPIRED, at=NOW - timedelta(days=1))], Others(("Bob",))),
        (BOB, [of(1, BOB, S.PUNCHED, at=NOW - timedelta(days=1))], Chosen(1, False)),
        (CHARLIE, [of(1, BOB)], Others(("Bob",))),
        (ALICE, [of(1, BOB, plans=True)], Chosen(1, True)),
        (ALICE, [of(1, BOB, plans=True), of(2, CHARLIE)], Others(("Bob", "Charlie"))),
        (
            ALICE,
            [of(1, BOB, plans=True), of(2, CHARLIE, plans=True)],
            Doubtful((of(1, BOB, plans=True), of(2, CHARLIE, plans=True))),
        ),
        (BOB, [of(1, BOB, plans=True), of(2, CHARLIE, plans=True)], Chosen(1, False)),
    ],
    ids=lambda value: "x",
)
def test_what_a_button_is_about(sender: int, candidates: list[PossibleReminder], expected: Choice) -> None:
    assert of_message(sender, candidates, NOW) == expected


EVENING = NINE + timedelta(hours=9)


@pytest.mark.parametrize(
    ("word", "own", "expected"),
    [
        (Word.ACKNOWLEDGE, [], Nothing()),
        (Word.ACKNOWLEDGE, [of(1, BOB), of(2, BOB, S.SCHEDULED, at=EVENING)], Chosen(1, False)),
        (Word.ACKNOWLEDGE, [of(1, BOB, S.SCHEDULED), of(2, BOB, S.SCHEDULED, at=EVENING)], Chosen(1, False)),
        (Word.ACKNOWLEDGE, [of(2, BOB, S.SCHEDULED, at=EVENING)], Nothing()),
        (Word.ACKNOWLEDGE, [of(1, BOB, S.SCHEDULED, overtime=timedelta(hours=3))], Nothing()),
        (Word.ACKNOWLEDGE, [of(2, BOB, at=NINE), of(1, BOB)], Doubtful((of(1, BOB), of(2, BOB)))),
        (Word.ACKNOWLEDGE, [of(1, BOB, S.EXPIRED, at=NINE - timedelta(hours=3))], Chosen(1, False)),
        (Word.SNOOZE, [of(1, BOB, S.EXPIRED, at=NINE - timedelta(hours=3))], Nothing()),
        (Word.ACKNOWLEDGE, [of(1, BOB, S.EXPIRED, at=NINE - timedelta(hours=13))], Nothing()),
        (Word.ACKNOWLEDGE, [of(1, BOB, S.ACKNOWLEDGED)], Nothing()),
        (Word.SKIP, [of(1, BOB), of(2, BOB, S.SCHEDULED)], Chosen(1, False)),
    ],
    ids=lambda value: "x",
)
def test_what_a_word_is_about(word: Word, own: list[PossibleReminder], expected: Choice) -> None:
    assert of_word(word, own, NOW) == expected


@pytest.mark.parametrize(
    ("end", "failures", "expected"),
    [
        (Lost(), 1, Pause(ConnectionState.CONNECTING, 1.5)),
        (Lost(), 2, Pause(ConnectionState.CONNECTING, 2.5)),
        (Lost(), 6, Pause(ConnectionState.CONNECTING, 32.5)),
        (Lost(), 7, Pause(ConnectionState.CONNECTING, 60.5)),
        (Lost(), 100_000, Pause(ConnectionState.CONNECTING, 60.5)),
        (Lost(wait=timedelta(seconds=30)), 1, Pause(ConnectionState.CONNECTING, 30.5)),
        (Lost(wait=timedelta(days=1)), 1, Pause(ConnectionState.CONNECTING, 600.5)),
        (Refused(), 1, Pause(ConnectionState.REFUSED, 600.5)),
        (TakenOver(), 9, Pause(ConnectionState.TAKEN_OVER, 600.5)),
    ],
    ids=str,
)
def test_how_long_a_connection_waits(end: Ended, failures: int, expected: Pause) -> None:
    assert pause_after(end, failures, 0.5) == expected


def is_now(name: str, status: ReminderStatus, **values: object) -> Answered:
    return Answered(name, "Asia/Shanghai", status, **values)  # type: ignore[arg-type]


ALL = tuple(Answer)
AT_0858 = NINE - timedelta(minutes=2)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([is_now("Bob", S.NAGGING)], CardState("", ALL)),
        ([is_now("Bob", S.NAGGING, snoozed_until=NINE)], CardState("09:00 再提醒", ALL)),
        ([is_now("Bob", S.NAGGING, snoozed_until=NOW)], CardState("", ALL)),
        ([is_now("Bob", S.ACKNOWLEDGED, at=AT_0858)], CardState("● 已打卡 08:58")),
        ([is_now("Bob", S.PUNCHED, at=AT_0858)], CardState("● 已打卡 08:58")),
        ([is_now("Bob", S.SKIPPED, ended_by="leave")], CardState("— 请假")),
        ([is_now("Bob", S.SKIPPED, ended_by="skip")], CardState("— 已跳过")),
        ([is_now("Bob", S.EXPIRED)], CardState("○ 没有打卡记录，提醒已结束")),
        ([is_now("Bob", S.NAGGING), is_now("Dan", S.NAGGING)], CardState("", (Answer.ACK,))),
        (
            [is_now("Bob", S.PUNCHED, at=AT_0858), is_now("Dan", S.NAGGING)],
            CardState("● 已打卡 1/2：Bob 08:58", (Answer.ACK,)),
        ),
        (
            [is_now("Bob", S.PUNCHED, at=AT_0858), is_now("Dan", S.ACKNOWLEDGED, at=NINE)],
            CardState("● 已打卡 2/2：Bob 08:58、Dan 09:00"),
        ),
        ([is_now("Bob", S.EXPIRED), is_now("Dan", S.EXPIRED)], CardState("提醒已结束")),
    ],
    ids=lambda value: "x",
)
def test_what_a_message_says_afterwards(found: list[Answered], expected: CardState) -> None:
    assert state_of(found, NOW, Language.CHINESE) == expected


def test_what_a_crowd_says_fits() -> None:
    crowd = [is_now("阿依古丽·买买提" * 3, S.PUNCHED, at=AT_0858) for _ in range(50)]
    assert len(state_of(crowd, NOW, Language.CHINESE).text) == 400


def test_a_doubt_lists_the_words_that_end_it() -> None:
    said = replies.doubtful(
        Word.SNOOZE, [of(81234, BOB), of(81235, CHARLIE)], ZoneInfo("Asia/Shanghai"), Language.CHINESE
    )
    assert said.splitlines() == ["是哪一条？请发送：", "稍后 2FAJ　Bob 09:00", "稍后 2FAK　Charlie 09:00"]
