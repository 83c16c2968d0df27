import pytest

from daka.chat.words import UNKNOWN, ChatCommand, Word, read
from daka.delivery.codes import code_of, reminder_of

UNDERSTOOD = [
    ("打卡", ChatCommand(Word.ACKNOWLEDGE)),
    (" 我已打卡。", ChatCommand(Word.ACKNOWLEDGE)),
    ("1", ChatCommand(Word.ACKNOWLEDGE)),
    ("\uff11", ChatCommand(Word.ACKNOWLEDGE)),
    ("DONE", ChatCommand(Word.ACKNOWLEDGE)),
    ("我已打卡 2FAJ", ChatCommand(Word.ACKNOWLEDGE, 81234)),
    ("我已打卡2faj", ChatCommand(Word.ACKNOWLEDGE, 81234)),
    ("done \uff12\uff26\uff21\uff2a", ChatCommand(Word.ACKNOWLEDGE, 81234)),
    *(
        (said, ChatCommand(Word.ACKNOWLEDGE))
        for said in ("打卡了", "我打卡了。", "已经打卡了!", "打过了", "I have punched")
    ),
    ("稍后", ChatCommand(Word.SNOOZE)),
    ("2", ChatCommand(Word.SNOOZE)),
    ("10", ChatCommand(Word.SNOOZE)),
    ("10 分钟后", ChatCommand(Word.SNOOZE)),
    ("10分钟后 2FAJ", ChatCommand(Word.SNOOZE, 81234)),
    ("跳过", ChatCommand(Word.SKIP)),
    ("3", ChatCommand(Word.SKIP)),
    ("谁", ChatCommand(Word.WHO)),
    ("今天", ChatCommand(Word.TODAY)),
    ("今天跳过", ChatCommand(Word.SKIP)),
    ("绑定 483920", ChatCommand(Word.BIND, bind_code="483920")),
    ("绑定483920", ChatCommand(Word.BIND, bind_code="483920")),
]
NOT_UNDERSTOOD = [
    "打卡了?", "打了吗", "打卡了没", "打了个电话", "还没打了",
    "", "没打卡", "还没打卡", "不跳过", "打卡了吗", "打卡?", "打卡\uff1f", "打卡 吗", "稍后 10", "打卡 7", "打卡 7U3", "谁 2FAJ",
    "绑定", "绑定 48392", "绑定 48392a", "绑定 ٤٨٣٩٢٠x", "doneall", "4", "100", "打卡" + " " * 100,
]  # fmt: skip


@pytest.mark.parametrize(("text", "command"), UNDERSTOOD)
def test_words_that_answer(text: str, command: ChatCommand) -> None:
    assert read(text) == command


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_no_answer_is_never_taken_for_one(text: str) -> None:
    assert read(text) == UNKNOWN


@pytest.mark.parametrize(("reminder_id", "code"), [(1, "001"), (81234, "2FAJ"), (32767, "ZZZ"), (32768, "1000")])
def test_a_code_names_its_reminder(reminder_id: int, code: str) -> None:
    assert code_of(reminder_id) == code
    assert reminder_of(code) == reminder_of(code.lower()) == reminder_id


def test_characters_that_people_mistake_are_read_as_meant() -> None:
    assert reminder_of("OIL") == reminder_of("011")
