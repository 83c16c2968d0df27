"""Being told of one's roster: what changed, once and grouped; and tomorrow's shift."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import MONDAY_EIGHT, Clock, Workplace
from daka.languages import Language
from daka.roster.models import RosterChange
from daka.roster.notices.messages import change_message, day_changes, day_to_announce, is_settled, tomorrow_message
from daka.roster.notices.service import Notice, take_due
from roster.people import EARLY, NIGHT, cell, new_shift, plan

TODAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def changed(
    number: int, at: datetime, day: date, before: int | None, after: int | None, changed_by: int = 1
) -> RosterChange:
    """A change of person 2's cell."""
    return RosterChange(
        id=number, at=at, user_id=2, work_date=day, before_shift_id=before, after_shift_id=after, changed_by=changed_by
    )


def history(*changes: tuple[int, int | None, int | None], own: tuple[int, ...] = ()) -> list[RosterChange]:
    """(days from today, before, after), in order."""
    return [
        changed(number, MONDAY_EIGHT, TODAY + timedelta(days=day), before, after, 2 if number in own else 1)
        for number, (day, before, after) in enumerate(changes)
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (history((1, None, 1)), [(1, None, 1)]),
        # The first before against the last after, whatever lay between.
        (history((1, 1, 2), (1, 2, None), (1, None, 3)), [(1, 1, 3)]),
        # Back to what it was: nothing to tell.
        (history((1, 1, 2), (1, 2, 1)), []),
        # By date, not by the order of the planner's hand.
        (history((3, None, 1), (0, 1, 2)), [(0, 1, 2), (3, None, 1)]),
        # Over, and too far off.
        (history((-1, 1, 2), (7, 1, 2), (6, 1, 2)), [(6, 1, 2)]),
        # What one did oneself is known.
        (history((1, 1, 2), own=(0,)), []),
        (history((1, 1, 2), (1, 2, 3), own=(0,)), [(1, 1, 3)]),
    ],
)
def test_which_days_are_worth_telling(changes, expected) -> None:
    assert [((one.work_date - TODAY).days, one.before, one.after) for one in day_changes(changes, TODAY)] == expected


@pytest.mark.parametrize(
    ("minutes", "now", "expected"),
    [
        ([], 0, False),
        ([0], 9, False),
        ([0], 10, True),
        ([0, 8], 15, False),
        ([0, 8], 18, True),
        (range(0, 120, 5), 119, False),
        (range(0, 120, 5), 120, True),
    ],
)
def test_nothing_is_told_while_the_planner_is_at_it_but_not_for_ever(minutes, now, expected) -> None:
    changes = [
        changed(number, MONDAY_EIGHT + timedelta(minutes=minute), TODAY, None, 1)
        for number, minute in enumerate(minutes)
    ]
    assert is_settled(changes, MONDAY_EIGHT + timedelta(minutes=now)) is expected


@pytest.mark.parametrize(
    ("now", "told", "expected"),
    [
        ("19:59", None, None),
        ("20:00", None, "2026-11-24"),
        ("21:59", None, "2026-11-24"),
        ("22:00", None, None),
        ("20:30", "2026-11-24", None),
        ("20:30", "2026-11-23", "2026-11-24"),
    ],
)
def test_tomorrow_is_told_at_the_chosen_hour_and_once(now, told, expected) -> None:
    local = datetime.combine(TODAY, time.fromisoformat(now), SHANGHAI)
    found = day_to_announce(time(20), local, date.fromisoformat(told) if told else None)
    assert (found and str(found)) == expected


def test_the_words_about_changes() -> None:
    changes = day_changes(history((0, 9, None), (1, None, 1), (2, 1, 9)), TODAY)
    assert change_message(changes, {1: "早班"}, TODAY, Language.CHINESE) == (
        "排班有变化：3 天",
        (
            "今天（11月23日 周一）：已删除的班次 → 没有排班\n明天（11月24日 周二）：没有排班 → 早班\n"
            "11月25日 周三：早班 → 已删除的班次"
        ),
    )
    assert change_message(changes, {1: "Early"}, TODAY, Language.ENGLISH) == (
        "Your roster has changed: 3 days",
        (
            "Today (Mon 23 Nov): a deleted shift → not on the roster\nTomorrow (Tue 24 Nov): not on the roster → Early\n"
            "Wed 25 Nov: Early → a deleted shift"
        ),
    )
    assert change_message(changes[:1], {}, TODAY, Language.ENGLISH)[0] == "Your roster has changed"


@pytest.mark.parametrize(
    ("shift", "times", "is_away", "chinese", "english"),
    [
        (
            *("早班", "09:00–18:00", False, ("明天早班", "11月23日 周一：早班 09:00–18:00。")),
            ("Tomorrow: 早班", "Mon 23 Nov: 早班 09:00–18:00."),
        ),
        (
            *("休息", "", False, ("明天休息", "11月23日 周一：休息。")),
            ("Tomorrow: 休息", "Mon 23 Nov: 休息."),
        ),
        (
            *(None, "", False, ("明天没有排班", "11月23日 周一：没有排班。")),
            ("Not on the roster tomorrow", "Mon 23 Nov: not on the roster."),
        ),
        (
            *("早班", "", True, ("明天请假", "11月23日 周一：请假，不会提醒打卡。")),
            ("On leave tomorrow", "Mon 23 Nov: on leave, no reminders."),
        ),
    ],
)
def test_the_words_about_tomorrow(
    shift: str | None, times: str, is_away: bool, chinese: tuple[str, str], english: tuple[str, str]
) -> None:
    for language, words in ((Language.CHINESE, chinese), (Language.ENGLISH, english)):
        assert tomorrow_message(TODAY, shift, times, is_away=is_away, language=language) == words


async def told(workplace: Workplace, frozen: Clock) -> list[Notice]:
    async with workplace.database.write() as session:
        return await take_due(session, frozen.now)


async def test_people_are_told_once_of_all_their_changed_days_after_a_pause(
    workplace: Workplace, frozen: Clock
) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early), cell(workplace.alice, "2026-11-24", early))
    frozen.forward(minutes=5)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-25", night), cell(workplace.bob, "2026-12-25", night))
    frozen.forward(minutes=9)
    # Alice planned herself: she knows.
    assert await told(workplace, frozen) == []
    frozen.forward(minutes=1)
    (notice,) = await told(workplace, frozen)
    assert (notice.user_id, notice.kind, notice.title) == (workplace.bob.id, "changed", "排班有变化：2 天")
    assert notice.text == "明天（11月24日 周二）：没有排班 → 早班\n11月25日 周三：没有排班 → 夜班"
    frozen.forward(minutes=30)
    assert await told(workplace, frozen) == []

    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", None))
    frozen.forward(minutes=10)
    (later,) = await told(workplace, frozen)
    assert later.text == "明天（11月24日 周二）：早班 → 没有排班"
    assert later.key != notice.key


async def test_who_does_not_want_to_be_told_is_not_told_also_not_later(workplace: Workplace, frozen: Clock) -> None:
    early = await new_shift(workplace, EARLY)
    assert await workplace.bob.get("/api/v1/me/notices") == {
        "tells_changes": True,
        "tells_month": False,
        "tomorrow_at": None,
    }
    await workplace.bob.put("/api/v1/me/notices", {"tells_changes": False, "tomorrow_at": None})
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early))
    frozen.forward(minutes=10)
    assert await told(workplace, frozen) == []
    await workplace.bob.put("/api/v1/me/notices", {"tells_changes": True, "tomorrow_at": None})
    assert await told(workplace, frozen) == []


async def test_tomorrows_shift_is_told_at_ones_own_hour_in_ones_own_zone(workplace: Workplace, frozen: Clock) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early))
    await workplace.bob.put("/api/v1/me/notices", {"tells_changes": False, "tomorrow_at": "20:00"})
    frozen.set(datetime(2026, 11, 23, 19, 59, tzinfo=SHANGHAI))
    assert await told(workplace, frozen) == []
    frozen.forward(minutes=1)
    (notice,) = await told(workplace, frozen)
    assert (notice.user_id, notice.kind, notice.title) == (workplace.bob.id, "tomorrow", "明天早班")
    assert notice.text == "11月24日 周二：早班 09:00–18:00。"
    assert await told(workplace, frozen) == []

    await workplace.bob.post("/api/v1/leaves", {"from": "2026-11-25"})
    frozen.forward(days=1)
    assert [one.title for one in await told(workplace, frozen)] == ["明天请假"]
    answer = await workplace.bob.http.put("/api/v1/me/notices", json={"tells_changes": True, "tomorrow_at": "25:00"})
    assert answer.status_code == 422
