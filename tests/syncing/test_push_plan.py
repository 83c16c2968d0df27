"""What publishing would write, what it cannot and why, and whether it was applied: dated examples."""

from datetime import date

import pytest

from daka.syncing.push_plan import PersonHere, PushPlan, ShiftHere, Unwritable, match_shift, not_applied, plan_push
from daka.syncing.reading import Days, PlannedDay
from daka.syncing.writer import REST, Entry, GroupThere, ShiftThere, There

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
DAY, NIGHT = (("09:00", "18:00"),), (("22:00", "06:00"),)
BOB, EVE = PersonHere(1, "Bob", "u-bob"), PersonHere(2, "Eve", None)
TWIN = PersonHere(3, "Twin", None, shares_id=True)
EARLY_HERE, REST_HERE = ShiftHere(5, "行政班", DAY), ShiftHere(6, "休息", ())
SHIFTS = {shift.id: shift for shift in (EARLY_HERE, REST_HERE, ShiftHere(7, "夜班", NIGHT))}
TURN, FIXED = GroupThere("11", "产线", True), GroupThere("12", "行政", False)
THERE = {"501": ShiftThere("501", "行政班", DAY)}


def planned(
    cells: dict[tuple[int, date], int],
    days: Days | None = None,
    group: GroupThere | None = TURN,
    *,
    clears: bool = False,
    refused: bool = False,
) -> PushPlan:
    there = There(days or {}, THERE, {"u-bob": group} if group else {}, {"u-bob"} if refused else set())
    last = date(2027, 5, 22)
    dates = sorted({day for _, day in cells} | {MONDAY})
    return plan_push([BOB, EVE, TWIN], dates, cells, SHIFTS, there, today=MONDAY, last=last, chosen={}, clears=clears)


@pytest.mark.parametrize(
    ("before", "here", "entry"),
    [
        ("nothing", 5, "501"),
        ("nothing", 6, REST),
        ("rest", 5, "501"),
        ("rest", 6, "same"),
        ("day", 5, "same"),
        ("moved by leave", 5, "same"),
        ("another shift with these times", 5, "same"),
        ("night", 5, "501"),
        ("day", 6, REST),
        ("day", None, "blank"),
        ("day", None, "cleared"),
        ("rest", None, "same"),
        ("not understood", 5, "unclear"),
        ("not understood", None, "unclear"),
    ],
)
def test_a_cell(before: str, here: int | None, entry: str) -> None:
    days: Days = {}
    if before != "nothing":
        days["u-bob", MONDAY] = {
            "rest": PlannedDay(),
            "day": PlannedDay(DAY, "501"),
            "moved by leave": PlannedDay((("13:00", "18:00"),), "501"),
            "another shift with these times": PlannedDay(DAY, "599"),
            "night": PlannedDay(NIGHT, "502"),
            "not understood": None,
        }[before]
    cells = {} if here is None else {(BOB.id, MONDAY): here}
    plan = planned(cells, days, clears=entry == "cleared")
    written = [change.entry.shift_id for change in plan.changes]
    assert written == ([] if entry in ("same", "blank", "unclear") else [None] if entry == "cleared" else [entry])
    assert plan.blank == (entry == "blank")
    assert [why for why, _, _ in plan.obstacles] == ([Unwritable.UNCLEAR] if entry == "unclear" else [])
    assert ((BOB.id, MONDAY) in plan.compared) == (entry not in ("blank", "unclear"))


@pytest.mark.parametrize(
    ("cell", "group", "refused", "why"),
    [
        ((EVE.id, MONDAY, 5), TURN, False, Unwritable.PERSON),
        ((BOB.id, MONDAY, 5), TURN, True, Unwritable.PERSON),
        ((TWIN.id, MONDAY, 5), TURN, False, Unwritable.SAME_ID),
        ((BOB.id, MONDAY, 5), FIXED, False, Unwritable.GROUP),
        ((BOB.id, MONDAY, 5), None, False, Unwritable.NO_GROUP),
        ((BOB.id, MONDAY, 7), TURN, False, Unwritable.SHIFT),
        ((BOB.id, date(2026, 11, 22), 5), TURN, False, Unwritable.PAST),
        ((BOB.id, date(2027, 5, 23), 5), TURN, False, Unwritable.FAR),
    ],
)
def test_what_cannot_be_written_is_said(
    cell: tuple[int, date, int], group: GroupThere | None, refused: bool, why: Unwritable
) -> None:
    user_id, day, shift_id = cell
    plan = planned({(user_id, day): shift_id}, group=group, refused=refused)
    assert plan.changes == []
    shift = shift_id if why is Unwritable.SHIFT else None
    assert plan.obstacles == {(why, user_id, shift): 1}
    assert plan.unknown_shifts == ({shift_id} if why is Unwritable.SHIFT else set())


def test_a_shift_of_another_group_is_none() -> None:
    theirs = ShiftThere("12/1", "行政班", DAY, group_id="12")
    own = ShiftThere("11/7", "白班", DAY, group_id="11")
    for offered, expected in (([theirs], []), ([theirs, own], ["11/7"])):
        there = There({}, {shift.id: shift for shift in offered}, {"u-bob": TURN})
        plan = plan_push(
            [BOB],
            [MONDAY],
            {(BOB.id, MONDAY): 5},
            SHIFTS,
            there,
            today=MONDAY,
            last=TUESDAY,
            chosen={5: "12/1"},
            clears=False,
        )
        assert [change.entry.shift_id for change in plan.changes] == expected
        assert plan.unknown_shifts == (set() if expected else {5})


@pytest.mark.parametrize(
    ("there", "chosen", "found"),
    [
        ([("1", "白班", DAY, 0)], None, "1"),
        ([("1", "行政班", NIGHT, 0)], None, None),  # the name alone is not enough
        ([("1", "白班", DAY, 0), ("2", "行政班", DAY, 0)], None, "2"),
        ([("1", "白班", DAY, 0), ("2", "甲班", DAY, 0)], None, None),
        ([("1", "弹性班", (("08:00", "17:00"),), 60)], None, "1"),
        ([("1", "行政班", NIGHT, 0)], "1", "1"),
        ([("1", "白班", DAY, 0)], "gone", "1"),
        ([], None, None),
    ],
)
def test_a_shift_is_found_by_its_times_then_its_name_or_asked(
    there: list[tuple[str, str, tuple[tuple[str, str], ...], int]], chosen: str | None, found: str | None
) -> None:
    shifts = {each[0]: ShiftThere(*each) for each in there}
    assert match_shift(EARLY_HERE, shifts.values(), shifts.get(chosen or "")) == found


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([("11/7", "甲班", NIGHT)], ["11/7"]),
        ([("11/7", "乙班", NIGHT)], []),
        ([("11/7", "甲班", (("21:00", "06:00"),))], []),
        ([("11/7", "甲班", NIGHT), ("11/8", "甲班", NIGHT)], []),  # which of the two, nobody has said
    ],
)
def test_a_choice_stands_for_the_equal_shift_of_another_group(
    own: list[tuple[str, str, tuple[tuple[str, str], ...]]], expected: list[str]
) -> None:
    chosen = ShiftThere("12/1", "甲班", NIGHT, group_id="12")
    shifts = [chosen, *(ShiftThere(*each, group_id="11") for each in own)]
    there = There({}, {shift.id: shift for shift in shifts}, {"u-bob": TURN})
    cells, last = {(BOB.id, MONDAY): 5}, TUESDAY
    plan = plan_push([BOB], [MONDAY], cells, SHIFTS, there, today=MONDAY, last=last, chosen={5: "12/1"}, clears=False)
    assert [change.entry.shift_id for change in plan.changes] == expected


@pytest.mark.parametrize(
    ("shift_id", "day", "shows"),
    [
        ("501", PlannedDay(DAY, "501"), True),
        ("501", PlannedDay((("13:00", "18:00"),), "501"), True),
        ("501", PlannedDay(DAY, "599"), False),
        ("501", PlannedDay(), False),
        ("501", "no schedule", False),
        ("501", None, False),
        (REST, PlannedDay(), True),
        (REST, "no schedule", True),
        (REST, PlannedDay(DAY, "501"), False),
        (None, "no schedule", True),
        (None, PlannedDay(DAY, "501"), False),
        (None, None, False),
    ],
)
def test_what_was_written_is_compared_with_what_is_read_back(
    shift_id: str | None, day: PlannedDay | str | None, shows: bool
) -> None:
    entry = Entry("u-bob", MONDAY, "11", shift_id)
    days: Days = {} if isinstance(day, str) else {("u-bob", MONDAY): day}
    assert not_applied([entry], days) == ([] if shows else [entry])


def test_the_token_stands_for_what_is_written_and_over_what() -> None:
    cells = {(BOB.id, MONDAY): 5, (BOB.id, TUESDAY): 5}
    token = planned(cells).token
    assert token == planned(dict(reversed(cells.items()))).token
    assert token != planned({(BOB.id, MONDAY): 5, (BOB.id, TUESDAY): 6}).token
    assert token != planned(cells, {("u-bob", MONDAY): PlannedDay(NIGHT, "502")}).token
    assert token != planned(cells, group=GroupThere("13", "产线二", True)).token
