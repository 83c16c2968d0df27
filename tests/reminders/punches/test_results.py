"""What cells and values mean, and to which point a punch belongs."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.results import (
    PersonField,
    PunchState,
    counting_span,
    is_same_person,
    meaning_of_cell,
    meaning_of_value,
)
from scenes import shanghai

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=6), inside, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("上班未打卡", PunchState.NOT_PUNCHED),
        ("下班未打卡", PunchState.NOT_PUNCHED),
        (" 上班 未打卡\n", PunchState.NOT_PUNCHED),
        ("缺卡", PunchState.NOT_PUNCHED),
        ("上班已打卡", PunchState.PUNCHED),
        ("08:52", PunchState.PUNCHED),
        ("", PunchState.UNKNOWN),
        ("   ", PunchState.UNKNOWN),
        (None, PunchState.UNKNOWN),
        (True, PunchState.UNKNOWN),
        (1, PunchState.UNKNOWN),
        (["上班已打卡"], PunchState.UNKNOWN),
        ("#N/A", PunchState.UNKNOWN),
        ("#REF!", PunchState.UNKNOWN),
        ("Error: timeout", PunchState.UNKNOWN),
        ("查询失败", PunchState.UNKNOWN),
        ("打卡异常", PunchState.UNKNOWN),
        ("undefined", PunchState.UNKNOWN),
    ],
)
def test_a_cell_of_the_older_system(cell: object, state: PunchState) -> None:
    assert meaning_of_cell(cell).state is state


@given(ANYTHING.filter(lambda value: not isinstance(value, str)))
def test_only_a_text_in_a_cell_is_ever_a_punch(cell: object) -> None:
    assert meaning_of_cell(cell).state is PunchState.UNKNOWN


@given(st.text(), st.text())
def test_whatever_stands_around_it_not_punched_is_not_punched(before: str, after: str) -> None:
    assert meaning_of_cell(f"{before}未打卡{after}").state is PunchState.NOT_PUNCHED


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("done", PunchState.PUNCHED),
        (True, PunchState.PUNCHED),
        (1, PunchState.PUNCHED),
        ("open", PunchState.NOT_PUNCHED),
        (False, PunchState.NOT_PUNCHED),
        ("other", PunchState.UNKNOWN),
        ("Done", PunchState.UNKNOWN),
        (None, PunchState.UNKNOWN),
        ("", PunchState.UNKNOWN),
        ({"done": True}, PunchState.UNKNOWN),
    ],
)
def test_a_value_means_what_the_settings_say(value: object, state: PunchState) -> None:
    assert meaning_of_value(value, punched=("done", "true", "1"), not_punched=("open", "false")).state is state


@given(ANYTHING)
def test_a_value_in_neither_list_is_unknown(value: object) -> None:
    assert meaning_of_value(value, punched=("\0done",), not_punched=("\0open",)).state is PunchState.UNKNOWN


@pytest.mark.parametrize(
    ("point", "others", "first", "last"),
    [
        ("09:00", [], "05:00", "21:00"),
        ("14:00", ["09:00"], "11:30", "11-24 02:00"),
        ("09:00", ["14:00"], "05:00", "11:30"),
        ("14:00", ["13:00", "19:00"], "13:30", "16:30"),
        ("09:00", ["11-22 22:00"], "05:00", "21:00"),
    ],
)
def test_the_middle_divides_two_points_of_one_kind(point: str, others: list[str], first: str, last: str) -> None:
    same_kind = [shanghai(point), *map(shanghai, others)]
    assert counting_span(shanghai(point), same_kind) == (shanghai(first), shanghai(last))


@given(st.lists(st.integers(0, 48 * 60), min_size=2, max_size=6, unique=True))
def test_no_moment_belongs_to_two_points(minutes: list[int]) -> None:
    midnight: datetime = shanghai("00:00")
    points = sorted(midnight + timedelta(minutes=number) for number in minutes)
    spans = [counting_span(point, points) for point in points]
    for point, (first, last) in zip(points, spans, strict=True):
        assert first <= point < last
    for (_, last), (first, _) in pairwise(spans):
        assert last <= first


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("13800000001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("008613800000001", "13800000001"),
        ("+1 415 555 0100", "+14155550100"),
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written: str, bare: str) -> None:
    assert bare_mobile(written) == bare
    assert is_same_person(written, bare, PersonField.MOBILE)


def test_a_boolean_is_nobody() -> None:
    assert not is_same_person(True, "True", PersonField.USERNAME)
    assert is_same_person(17, "17", PersonField.USERNAME)
