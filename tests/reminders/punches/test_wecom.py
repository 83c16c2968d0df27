"""WeCom attendance: what its rows say, how it is asked, and what becomes of reminders."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from conftest import Clock, Workplace, WorkplaceMaker
from daka.outbound.requests import HttpAnswer
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import CheckResults, Point, PunchState, SourceError, SourceErrorKind
from daka.reminders.punches.wecom import WecomAttendance, WecomAttendanceConfig, content, result_of
from daka.shifts.times import PunchKind
from daka.vendors.wecom import read
from fakes.server import FakeResponse
from fakes.wecom_attendance import AWAY, IN, OUT, FakeWecomAttendance, row
from reminders.punches.points import Counted, point, session_to
from reminders.punches.test_checker import IN_DOUBT, at, give_shift, source_of
from scenes import EARLY, SPLIT, beside, inbox_of, reminder_of, shanghai

PUNCHED, NOT_PUNCHED, UNKNOWN = PunchState.PUNCHED, PunchState.NOT_PUNCHED, PunchState.UNKNOWN
NINE = shanghai("09:00")


def said(punch: str = "08:52", kind: str = IN, *, planned: str | None = "09:00", **more: Any) -> dict[str, Any]:
    """A row of Bob's: a clock-in at 08:52 for 09:00, unless said otherwise."""
    found = row("bob", kind, shanghai(punch), planned=shanghai(planned) if planned else None)
    return {**found, **more}


MILLISECONDS = int(shanghai("08:52").timestamp() * 1000)
ROWS: dict[str, tuple[list[dict[str, Any]], PunchState]] = {
    "in time": ([said()], PUNCHED),
    "at the very moment": ([said("09:00")], PUNCHED),
    "nothing yet": ([], NOT_PUNCHED),
    "missed, with the planned time": ([said("09:00", exception_type="未打卡")], NOT_PUNCHED),
    "missed, among others": ([said("09:00", exception_type="地点异常;未打卡")], NOT_PUNCHED),
    "missed for the evening": ([said("18:00", OUT, planned="18:00", exception_type="未打卡")], NOT_PUNCHED),
    "a missed row and a punch": ([said("09:00", exception_type="未打卡"), said()], PUNCHED),
    "late": ([said("09:04", exception_type="时间异常")], PUNCHED),
    "elsewhere": ([said(exception_type="地点异常")], PUNCHED),
    "over another wifi": ([said(exception_type="wifi异常")], PUNCHED),
    "with another phone": ([said(exception_type="非常用设备")], PUNCHED),
    "everything at once": ([said("09:04", exception_type="时间异常;地点异常;wifi异常;非常用设备")], PUNCHED),
    "with blanks and wide signs": ([said(exception_type=" 时间异常； 地点异常 ")], PUNCHED),
    "an exception nobody knows": ([said(exception_type="疑似代打卡")], UNKNOWN),
    "an exception nobody knows, and a punch": ([said(exception_type="疑似代打卡"), said("08:58")], PUNCHED),
    "away": ([said(kind=AWAY)], NOT_PUNCHED),
    "out instead of in": ([said(kind=OUT)], NOT_PUNCHED),
    "a kind nobody knows": ([said(kind="加班打卡")], NOT_PUNCHED),
    "later today": ([said("09:30")], NOT_PUNCHED),
    "of yesterday": ([said("08:52", planned=None, checkin_time=int(NINE.timestamp()) - 86400)], NOT_PUNCHED),
    "planned a minute away": ([said(planned="09:01")], PUNCHED),
    "planned at another time of this point": ([said(planned="08:30")], PUNCHED),
    "planned for another point": ([said("09:04", planned="23:00")], NOT_PUNCHED),
    "without a planned time": ([said(planned=None)], PUNCHED),
    "without a planned time, before dawn": ([said("04:30", planned=None)], NOT_PUNCHED),
    "before dawn, planned for this point": ([said("04:30")], PUNCHED),
    "milliseconds": ([said(checkin_time=MILLISECONDS, sch_checkin_time=MILLISECONDS)], UNKNOWN),
    "a text instead of seconds": ([said(checkin_time="08:52")], UNKNOWN),
    "unreadable, of another point": ([said(planned="23:00", checkin_time=None)], NOT_PUNCHED),
    "no exception at all": ([{**said(), "exception_type": None}], PUNCHED),
}


@pytest.mark.parametrize("case", ROWS)
def test_only_a_clear_punch_of_the_point_counts(case: str) -> None:
    rows, expected = ROWS[case]
    assert result_of(rows, point(), shanghai("09:05")).state is expected


def test_the_first_of_several_punches_is_kept() -> None:
    found = result_of([said("08:58"), said("08:52"), said("08:55")], point(), shanghai("09:05"))
    assert found.at == shanghai("08:52")


def test_a_punch_elsewhere_may_not_count() -> None:
    rows = [said(exception_type="时间异常;地点异常")]
    assert result_of(rows, point(), shanghai("09:05"), counts_elsewhere=False).state is NOT_PUNCHED
    assert result_of([*rows, said("09:01")], point(), shanghai("09:05"), counts_elsewhere=False).state is PUNCHED


def test_what_wecom_counts_for_the_morning_is_not_the_afternoons() -> None:
    """A punch at 11:40 is nearer to 14:00, but WeCom says which card point it is for."""
    late = said("11:40", planned="09:00", exception_type="时间异常")
    morning, afternoon = point("09:00", others=("14:00",)), point("14:00", others=("09:00",))
    now = shanghai("11:45")
    assert [result_of([late], each, now).state for each in (morning, afternoon)] == [PUNCHED, NOT_PUNCHED]


# --- answers ---------------------------------------------------------------------------------------------------------

ANSWERS: list[tuple[Any, SourceErrorKind, str]] = [
    ({"errcode": 40013, "errmsg": "invalid corpid"}, SourceErrorKind.BROKEN, "wecom_app"),
    ({"errcode": 40001, "errmsg": "invalid credential"}, SourceErrorKind.BROKEN, "wecom_app"),
    ({"errcode": 42001, "errmsg": "access_token expired"}, SourceErrorKind.BROKEN, "wecom_app"),
    ({"errcode": 48002, "errmsg": "api forbidden"}, SourceErrorKind.BROKEN, "wecom_permission"),
    ({"errcode": 301002, "errmsg": "not allow operate another agent"}, SourceErrorKind.BROKEN, "wecom_permission"),
    ({"errcode": 60020, "errmsg": "not allow to access"}, SourceErrorKind.BROKEN, "wecom_app_ip"),
    ({"errcode": 45009, "errmsg": "api freq out of limit"}, SourceErrorKind.THROTTLED, "throttled"),
    ({"errcode": -1, "errmsg": "system busy"}, SourceErrorKind.PASSING, ""),
    ({"errcode": 301024, "errmsg": "invalid time range"}, SourceErrorKind.BROKEN, "wecom_unknown"),
    ("<html>", SourceErrorKind.PASSING, "not_json"),
]


@pytest.mark.parametrize(("body", "kind", "hint"), ANSWERS, ids=lambda each: str(each)[:24])
def test_what_failed_says_what_to_do(body: Any, kind: SourceErrorKind, hint: str) -> None:
    with pytest.raises(SourceError) as raised:
        content(read(HttpAnswer(200, {}, body if isinstance(body, str) else json.dumps(body), 0.1)))
    assert (raised.value.kind, raised.value.hint) == (kind, hint)


@pytest.mark.parametrize(
    ("hint", "words", "address"),
    [
        (
            "wecom_app_ip",
            "not allow to access from your ip, hint: [1], from ip: 192.0.2.1, more info at …",
            "192.0.2.1",
        ),
        ("wecom_app_ip", "not allow, from ip: 2001:db8::1, more info", "2001:db8::1"),
        ("dingtalk_app_ip", "访问ip不在白名单之中,request ip=192.0.2.1 corpId(x)", "192.0.2.1"),
        ("wecom_app_ip", "not allow to access from your ip", ""),
    ],
)
def test_the_remedy_names_the_address_that_was_refused(hint: str, words: str, address: str) -> None:
    for text in remedy(hint, words).values():
        assert address in text
        assert "{" not in text
        assert "  " not in text


# --- asking ----------------------------------------------------------------------------------------------------------

Ask = Callable[..., Awaitable[list[PunchState]]]


@asynccontextmanager
async def attendance(**config: Any) -> AsyncIterator[tuple[FakeWecomAttendance, Ask, Counted]]:
    async with FakeWecomAttendance().running() as fake:
        settings = WecomAttendanceConfig(**{"corp_id": fake.corp_id, "corp_secret": fake.corp_secret, **config})
        kind = WecomAttendance()
        async with session_to(settings, wecom_base_url=fake.base_url) as (session, counted):

            async def ask(*points: Point) -> list[PunchState]:
                results: CheckResults = {}
                for chunk in kind.chunks(settings, points):
                    results |= await kind.ask(session, chunk)
                return [results[each.reminder_id].state for each in points]

            yield fake, ask, counted


def person(number: int = 7, **values: Any) -> Point:
    return point(user_id=number, wecom_userid=f"u{number}", **values)


async def test_missed_rows_from_outside_the_span_and_of_the_future_settle_nothing(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.plan("u7", IN, NINE)
        fake.plan("u7", OUT, shanghai("18:00"))
        fake.plan("u7", IN, NINE + timedelta(days=1))
        points = person(), person(at="18:00", kind=PunchKind.CLOCK_OUT)
        assert await ask(*points) == [NOT_PUNCHED, NOT_PUNCHED]
        fake.punch("u7", IN, shanghai("08:49"), planned=NINE)
        assert await ask(*points) == [PUNCHED, NOT_PUNCHED]


async def test_a_hundred_people_are_one_call(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        people = [person(number) for number in range(1, 251)]
        for each in people[::2]:
            fake.punch(each.wecom_userid or "", IN, shanghai("08:48"), planned=NINE)
        assert await ask(*people) == [PUNCHED, NOT_PUNCHED] * 125
        asked = [each.json for each in fake.asked if "getcheckindata" in each.path]
        assert [len(each["useridlist"]) for each in asked] == [100, 100, 50]
        assert {each["opencheckindatatype"] for each in asked} == {1}
        assert counted.calls == 4  # with the one for a token


async def test_userids_are_not_told_apart_by_capital_letters(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.punch("ZhangSan", IN, shanghai("08:49"), planned=NINE)
        assert await ask(point(wecom_userid="zhangsan")) == [PUNCHED]


async def test_a_token_that_runs_out_is_renewed(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        assert await ask(person()) == [NOT_PUNCHED]
        fake.expire_token()
        assert await ask(person()) == [NOT_PUNCHED]
        assert fake.tokens_given == 2


async def test_one_person_outside_the_range_does_not_spoil_the_batch(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        fake.outside_range.add("u13")
        people = [person(number) for number in range(1, 21)]
        for each in people:
            fake.punch(each.wecom_userid or "", IN, shanghai("08:48"), planned=NINE)
        found = await ask(*people)
        assert (found.count(PUNCHED), found[12]) == (19, UNKNOWN)
        calls = counted.calls
        await ask(*people)
        assert counted.calls == calls + 1  # it is known by now who is not asked about


async def test_a_userid_is_found_by_number_and_a_wrong_number_is_not_tried_again(frozen: Clock) -> None:
    """WeCom closes the search for a day after too many wrong numbers."""
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        fake.mobiles["13800000001"] = "u7"
        fake.punch("u7", IN, shanghai("08:48"), planned=NINE)
        bob = point(mobile="+86 138-0000-0001")
        stranger = point(mobile="13900000009", user_id=8)
        nameless = point(user_id=9)
        assert await ask(bob, stranger, nameless) == [PUNCHED, UNKNOWN, UNKNOWN]
        assert counted.learned == {7: "u7"}
        frozen.forward(hours=20)
        await ask(stranger)
        assert fake.wrong_numbers == ["13900000009"]


async def test_a_search_that_is_closed_spoils_nobody_who_is_known(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.punch("u7", IN, shanghai("08:48"), planned=NINE)
        assert await ask(person()) == [PUNCHED]  # it has a token by now
        fake.next = [FakeResponse({"errcode": 45033, "errmsg": "api concurrent out of limit"})]
        assert await ask(person(), point(mobile="13900000009", user_id=8)) == [PUNCHED, UNKNOWN]


async def test_beyond_six_hundred_calls_a_minute_it_waits(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.calls[shanghai("08:50")] = 600
        with pytest.raises(SourceError) as raised:
            await ask(person())
        assert (raised.value.kind, raised.value.hold) == (SourceErrorKind.THROTTLED, timedelta(minutes=1))


# --- the chain -------------------------------------------------------------------------------------------------------


Office = tuple[Workplace, FakeWecomAttendance]


@pytest.fixture
async def office(make_workplace: WorkplaceMaker) -> AsyncIterator[Office]:
    async with beside(FakeWecomAttendance(), "wecom", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "w-bob"
        yield workplace, fake


async def add_wecom(workplace: Workplace, fake: FakeWecomAttendance, **config: Any) -> dict[str, Any]:
    settings = {"corp_id": fake.corp_id, "corp_secret": fake.corp_secret, **config}
    body = {"name": "企业微信", "kind": "wecom_attendance", "team_id": workplace.team_a, "config": settings}
    source: dict[str, Any] = await workplace.alice.post("/api/v1/punch-sources", body)
    return source


async def test_a_missed_row_never_silences_a_reminder(frozen: Clock, office: Office) -> None:
    workplace, fake = office
    await add_wecom(workplace, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    fake.plan("w-bob", IN, NINE)
    fake.plan("w-bob", OUT, shanghai("18:00"))
    for moment in ("08:45", "08:50", "09:00", "09:05"):
        await at(workplace, frozen, moment)
    messages = await inbox_of(workplace.bob)
    assert len(messages) == 4
    assert not any(IN_DOUBT in message["text"] for message in messages)
    assert (await workplace.bob.get("/api/v1/punches"))["items"] == []

    fake.punch("w-bob", IN, shanghai("09:07"), planned=NINE, exceptions="时间异常;地点异常")
    await at(workplace, frozen, "09:10")
    assert len(await inbox_of(workplace.bob)) == 4
    reminder = await reminder_of(workplace.bob)
    assert (reminder["status"], reminder["ended_by"]) == ("punched", "wecom_attendance")
    assert (await reminder_of(workplace.bob, "clock_out"))["status"] == "scheduled"
    assert (await workplace.bob.get("/api/v1/me"))["wecom_userid"] == "w-bob"  # found by number once, and kept
    assert len([each for each in fake.asked if "getuserid" in each.path]) == 1


async def test_a_split_shift_is_settled_one_period_at_a_time(frozen: Clock, office: Office) -> None:
    workplace, fake = office
    await add_wecom(workplace, fake)
    await give_shift(workplace, SPLIT, workplace.bob)
    fake.punch("w-bob", IN, shanghai("13:40"), planned=NINE, exceptions="时间异常")
    await at(workplace, frozen, "13:45")
    assert (await reminder_of(workplace.bob, period=1))["status"] == "nagging"
    fake.punch("w-bob", IN, shanghai("13:46"), planned=shanghai("14:00"))
    await at(workplace, frozen, "13:50")
    assert (await reminder_of(workplace.bob, period=1))["status"] == "punched"


@pytest.mark.parametrize("fault", ["wecom_app", "wecom_permission", "wecom_app_ip"])
async def test_what_is_wrong_is_said_and_reminders_go_out(frozen: Clock, fault: str, office: Office) -> None:
    workplace, fake = office
    fake.may_call, fake.is_trusted = fault != "wecom_permission", fault != "wecom_app_ip"
    source = await add_wecom(workplace, fake, **({"corp_secret": "another-one"} if fault == "wecom_app" else {}))
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    assert IN_DOUBT in (await inbox_of(workplace.bob))[0]["text"]
    found = await source_of(workplace, source["id"])
    assert (found["status"], found["status_hint"]) == ("broken", fault)
    assert ("192.0.2.1" in found["remedy"]["zh"]) == (fault == "wecom_app_ip")


async def test_settings_are_tried_before_they_are_saved(frozen: Clock, office: Office) -> None:
    workplace, fake = office
    config = {"corp_id": fake.corp_id, "corp_secret": fake.corp_secret}
    body = {"kind": "wecom_attendance", "team_id": workplace.team_a, "user_id": workplace.bob.id, "config": config}
    tried = await workplace.alice.post("/api/v1/punch-sources/test", body)
    assert tried["outcome"] == "ok"
    assert tried["proof"]
    fake.is_trusted = False
    refused = await workplace.alice.post("/api/v1/punch-sources/test", body)
    assert (refused["outcome"], refused["provider_code"], refused["proof"]) == ("broken", "60020", None)
    assert "192.0.2.1" in refused["remedy"]["en"]
