"""What is read from DingTalk's schedules, with its oddities, and what a pull does with the differences."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daka.syncing.dingtalk_rows import read_days, read_operator, read_shift, read_shift_times
from daka.syncing.reading import Differences, PlannedDay, ShiftDefinition, day_spans, differences, in_turn, next_pull

DAY = date(2026, 1, 5)
WORK = {"userid": "u1", "work_date": "2026-01-05 00:00:00", "shift_id": 501, "shift_version": 7, "is_rest": "N"}


def on(at: Any, **values: Any) -> dict[str, Any]:
    return {**WORK, "check_type": "OnDuty", "plan_check_time": at, **values}


def off(at: Any, **values: Any) -> dict[str, Any]:
    return {**WORK, "check_type": "OffDuty", "plan_check_time": at, **values}


def day(*times: tuple[str, str]) -> PlannedDay:
    return PlannedDay(times, "501", "7")


NINE, SIX = "2026-01-05 09:00:00", "2026-01-05 18:00:00"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([on(NINE), off(SIX)], day(("09:00", "18:00")), id="a day"),
        pytest.param([off(SIX), on(NINE, check_type="Onduty")], day(("09:00", "18:00")), id="spelling and order"),
        pytest.param([on(NINE), off(SIX), off(SIX)], day(("09:00", "18:00")), id="a row twice"),
        pytest.param([on(1767574800000), off("1767607200")], day(("09:00", "18:00")), id="milliseconds and seconds"),
        pytest.param(
            [on(NINE), off("2026-01-05 12:00:00"), on("2026-01-05 12:00:00"), off(SIX)],
            day(("09:00", "12:00"), ("12:00", "18:00")),
            id="two sections that touch",
        ),
        pytest.param([on("2026-01-05 22:00:00"), off("2026-01-06 06:00:00")], day(("22:00", "06:00")), id="a night"),
        pytest.param([{**WORK, "shift_id": 0, "is_rest": "Y"}], PlannedDay(), id="rest"),
        pytest.param([{**WORK, "shift_id": "0"}], PlannedDay(), id="rest by its shift"),
        pytest.param([{**WORK, "shift_id": 1}], PlannedDay(), id="rest as it is written"),
        pytest.param([{**WORK, "is_rest": "true"}], PlannedDay(), id="rest in another spelling"),
        pytest.param([on(NINE)], None, id="only one point"),
        pytest.param([on(NINE), on(SIX)], None, id="two of a kind"),
        pytest.param([on("9:00"), off(SIX)], None, id="no time"),
        pytest.param([on("2026-01-06 01:00:00"), off("2026-01-06 09:00:00")], None, id="all on the next day"),
        pytest.param([on(NINE), off("2026-01-06 10:00:00")], None, id="more than a day"),
    ],
)
def test_a_day(rows: list[dict[str, Any]], expected: PlannedDay | None) -> None:
    assert read_days(rows, DAY, DAY) == {("u1", DAY): expected}


def test_rows_of_other_days_and_what_is_no_row_are_ignored() -> None:
    other = {"work_date": "2026-01-06 00:00:00"}
    assert (
        read_days([on(NINE, **other), off(SIX, **other), None, {"userid": "u1"}, {**WORK, "userid": 3}], DAY, DAY) == {}
    )


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        pytest.param([False, "false"], ShiftDefinition("早班"), id="punched"),
        pytest.param(["true", True], ShiftDefinition("早班", is_free=True), id="free"),
        pytest.param(["true", False], ShiftDefinition("早班", is_partly_free=True), id="the clock-in is free"),
        pytest.param([False, "true"], ShiftDefinition("早班", asks_clock_out=False), id="the clock-out is free"),
        pytest.param(
            [False, True, False, "true"], ShiftDefinition("早班", asks_clock_out=False), id="both clock-outs are free"
        ),
        pytest.param(
            [False, True, False, False], ShiftDefinition("早班", is_partly_free=True), id="one of four is free"
        ),
        pytest.param([], ShiftDefinition("早班"), id="without points"),
    ],
)
def test_a_shift(free: list[Any], expected: ShiftDefinition) -> None:
    kinds = ("Onduty", "OffDuty") * 2
    punches = [
        {"check_type": kind, "check_time": "1970-01-01 09:00:00", "free_check": each}
        for kind, each in zip(kinds, free, strict=False)
    ]
    assert read_shift({"result": {"name": " 早班 ", "sections": [{"punches": punches}]}}) == expected


def test_what_is_no_shift() -> None:
    assert [read_shift(answer) for answer in ({}, {"result": None}, {"result": {"name": ""}})] == [None] * 3


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([{"owner_user_id": "boss"}], "boss", id="owner"),
        pytest.param([{"manager_list": []}, {"manager_list": ["m1"]}], "m1", id="manager"),
        pytest.param("?", None, id="no list"),
    ],
)
def test_somebody_who_manages_a_group(groups: Any, expected: str | None) -> None:
    assert read_operator({"result": {"groups": groups}}) == expected


CELL = (1, DAY)


@pytest.mark.parametrize(
    ("said", "imported", "present", "is_first", "wanted", "kept", "remembered"),
    [
        pytest.param(5, None, None, True, {CELL: 5}, False, {CELL: 5}, id="new"),
        pytest.param(5, None, 9, True, {CELL: 5}, False, {CELL: 5}, id="the first pull replaces"),
        pytest.param(5, None, 9, False, {}, True, {}, id="a planner was here before"),
        pytest.param(5, {CELL: 5}, 5, False, {}, False, {CELL: 5}, id="the same"),
        pytest.param(6, {CELL: 5}, 5, False, {CELL: 6}, False, {CELL: 6}, id="moved there"),
        pytest.param(None, {CELL: 5}, 5, False, {CELL: None}, False, {CELL: None}, id="a rest now"),
        pytest.param(6, {CELL: 5}, 9, False, {}, True, {CELL: 5}, id="changed here"),
        pytest.param(5, {CELL: 5}, None, False, {}, True, {CELL: 5}, id="cleared here"),
        pytest.param(9, {CELL: 5}, 9, False, {}, False, {CELL: 9}, id="changed here and there alike"),
        pytest.param("gone", {CELL: 5}, 5, False, {CELL: None}, False, {}, id="gone"),
        pytest.param("gone", {CELL: 5}, 9, False, {}, False, {}, id="gone, but changed here"),
        pytest.param("gone", None, 9, False, {}, False, {}, id="never was there"),
        pytest.param("unclear", {CELL: 5}, 5, False, {}, False, {CELL: 5}, id="unclear"),
    ],
)
def test_differences(
    said: Any, imported: Any, present: int | None, is_first: bool, wanted: Any, kept: bool, remembered: Any
) -> None:
    found = differences(
        {} if said in ("gone", "unclear") else {CELL: said},
        frozenset({CELL} if said == "unclear" else ()),
        [CELL],
        imported or {},
        {} if present is None else {CELL: present},
        is_first=is_first,
    )
    assert (found.wanted, found.kept, found.imported) == (wanted, {CELL} if kept else set(), remembered)


DAYS = [(7, date(2026, 11, 23) + timedelta(days=passed)) for passed in range(4)]


@pytest.mark.parametrize(
    ("said", "unclear", "present", "accepts_gone", "vanished", "cleared"),
    [
        pytest.param({}, (), 4, False, True, 0, id="no day is left"),
        pytest.param({}, (), 4, True, False, 4, id="it was accepted"),
        pytest.param({DAYS[3]: 5}, (), 4, False, False, 3, id="a day is left"),
        pytest.param({DAYS[3]: None}, (), 4, False, False, 4, id="a rest is left"),
        pytest.param({}, (3,), 4, False, False, 3, id="a day that is not understood"),
        pytest.param({}, (), 3, False, True, 0, id="one was changed here"),
        pytest.param({}, (), 1, False, False, 1, id="only one day"),
    ],
)
def test_a_person_of_whom_no_day_is_left_keeps_theirs(
    said: Any, unclear: tuple[int, ...], present: int, accepts_gone: bool, vanished: bool, cleared: int
) -> None:
    found = differences(
        said,
        frozenset(DAYS[index] for index in unclear),
        DAYS,
        dict.fromkeys(DAYS, 5),
        dict.fromkeys(DAYS[:present], 5),
        is_first=False,
        accepts_gone=accepts_gone,
    )
    assert (found.vanished, list(found.wanted.values())) == ({7} if vanished else set(), [None] * cleared)
    assert found.held == (present if vanished else 0)
    if vanished:
        assert found.imported == dict.fromkeys(DAYS[:present], 5)


@pytest.mark.parametrize(("gone", "known", "expected"), [(0, 0, False), (3, 10, False), (4, 10, True), (1, 1, True)])
def test_too_many_days_gone_at_once(gone: int, known: int, expected: bool) -> None:
    assert Differences(gone=gone, known=known).is_doubtful is expected


def test_a_call_asks_about_a_week() -> None:
    assert day_spans(DAY, 14, 7) == [(DAY, date(2026, 1, 11)), (date(2026, 1, 12), date(2026, 1, 18))]
    assert day_spans(DAY, 8, 7)[-1] == (date(2026, 1, 12), date(2026, 1, 12))


@pytest.mark.parametrize(
    ("now", "expected"), [("03:09", "05 03:12"), ("03:12", "05 12:42"), ("12:43", "06 03:12"), ("23:59", "06 03:12")]
)
def test_next_pull(now: str, expected: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert f"{next_pull(datetime.fromisoformat(f'{DAY}T{now}').replace(tzinfo=zone), 2):%d %H:%M}" == expected


@pytest.mark.parametrize(("count", "pulls"), [(0, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 3), (12, 4)])
def test_those_who_are_looked_up_take_turns(count: int, pulls: int) -> None:
    times = [
        datetime(2026, 1, 5 + pull // 2, 12 if pull % 2 else 3, tzinfo=ZoneInfo("Asia/Shanghai"))
        for pull in range(pulls)
    ]
    turns = [in_turn(range(count), 3, now) for now in times]
    assert {each for turn in turns for each in turn} == set(range(count))
    assert all(len(turn) == len(set(turn)) == min(3, count) for turn in turns)


@pytest.mark.parametrize("sections", [None, True, [], [None], ["text"], [{"punches": None}], [{"punches": ["text"]}]])
def test_a_shift_whose_sections_are_not_understood_has_no_times(sections: Any) -> None:
    assert read_shift_times({"result": {"name": "行政班", "sections": sections}}) is None
    assert read_shift_times({"result": {"name": "行政班"}}) is None


@pytest.mark.parametrize("groups", [None, True, [], [None], ["text"]])
def test_groups_that_are_not_understood_have_no_manager(groups: Any) -> None:
    assert read_operator({"result": {"groups": groups}}) is None
