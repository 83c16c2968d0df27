"""DingTalk attendance: which rows are punches, and how the API is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock
from daka import clock
from daka.outbound.requests import HttpAnswer
from daka.reminders.punches import dingtalk
from daka.reminders.punches.dingtalk import (
    DingTalkAttendance,
    DingTalkAttendanceConfig,
    content,
    settles_by_record,
    settles_by_result,
)
from daka.reminders.punches.results import Point, PunchState, SourceError, SourceErrorKind
from daka.shifts.times import PunchKind
from daka.vendors.dingtalk import read
from fakes.dingtalk_attendance import OFF, FakeAttendance
from fakes.server import FakeResponse
from reminders.punches.points import Counted, point, session_to
from scenes import shanghai

OUT = PunchKind.CLOCK_OUT


def ms(text: str) -> int:
    return int(shanghai(text).timestamp() * 1000)


def row(**values: Any) -> dict[str, Any]:
    """A valid clock-in at 08:52 for 09:00."""
    return {
        "userId": "u-bob",
        "workDate": ms("00:00"),
        "checkType": "OnDuty",
        "baseCheckTime": ms("09:00"),
        "userCheckTime": ms("08:52"),
        "timeResult": "Normal",
        "locationResult": "Normal",
        "sourceType": "USER",
        **values,
    }


BOTH_VIEWS = [
    ("a valid punch", {}, True),
    ("a late one", {"timeResult": "SeriousLate", "userCheckTime": ms("09:20")}, True),
    ("an outside one", {"locationResult": "Outside"}, True),
    ("a fast punch of the app", {"sourceType": "AUTO_CHECK"}, True),
    ("the machine at the door", {"sourceType": "ATM"}, True),
    ("a missing card", {"timeResult": "NotSigned", "sourceType": "SYSTEM", "userCheckTime": ms("09:00")}, False),
    ("absent for the day", {"timeResult": "Absenteeism", "userCheckTime": ms("09:00")}, False),
    ("not signed, whoever says so", {"timeResult": "NotSigned"}, False),
    ("a row of the system", {"sourceType": "SYSTEM"}, False),
    ("an approved missing card", {"sourceType": "APPROVE", "timeResult": "NotSigned"}, True),
    ("set right by the boss", {"sourceType": "BOSS"}, True),
    ("a clock-out", {"checkType": "OffDuty"}, False),
    ("no kind of punch", {"checkType": None}, False),
    ("a punch in the future", {"userCheckTime": ms("10:00")}, False),
    ("a punch of last night", {"userCheckTime": ms("04:00")}, False),
    ("no time", {"userCheckTime": None}, False),
    ("a time that is none", {"userCheckTime": 10**30}, False),
    ("a time in words", {"userCheckTime": "2026-11-23 08:52:00"}, False),
]


@pytest.mark.parametrize(("what", "values", "is_punch"), BOTH_VIEWS, ids=[case[0] for case in BOTH_VIEWS])
def test_a_punch_of_the_record_view(what: str, values: dict[str, Any], is_punch: bool) -> None:
    assert (settles_by_record(row(**values), point(), shanghai("09:25")) is not None) is is_punch


@pytest.mark.parametrize(("what", "values", "is_punch"), BOTH_VIEWS, ids=[case[0] for case in BOTH_VIEWS])
def test_a_result_of_the_result_view(what: str, values: dict[str, Any], is_punch: bool) -> None:
    assert (settles_by_result(row(**values), point(), shanghai("09:25")) is not None) is is_punch


@pytest.mark.parametrize(
    ("values", "is_punch"),
    [
        ({"isLegal": "Y"}, True),
        ({"isLegal": "N"}, False),
        ({"isLegal": "N", "invalidRecordType": "Security", "sourceType": "APPROVE"}, False),
        ({"invalidRecordType": "Other", "invalidRecordMsg": "需要二次确认"}, False),
    ],
)
def test_an_invalid_punch_is_none(values: dict[str, Any], is_punch: bool) -> None:
    assert (settles_by_record(row(**values), point(), shanghai("09:25")) is not None) is is_punch


def test_a_result_of_another_work_date_is_not_this_ones() -> None:
    yesterday = row(workDate=ms("11-22 00:00"))
    assert settles_by_result(yesterday, point(), shanghai("09:25")) is None


def test_a_night_shift_ends_on_its_own_work_date() -> None:
    night = point("11-24 06:00", OUT)
    values = {"checkType": "OffDuty", "baseCheckTime": ms("11-24 06:00"), "userCheckTime": ms("11-24 06:03")}
    assert settles_by_result(row(**values), night, shanghai("11-24 06:05")) == shanghai("11-24 06:03")
    assert settles_by_record(row(**values), night, shanghai("11-24 06:05")) == shanghai("11-24 06:03")


def test_a_late_clock_in_of_the_morning_is_not_the_afternoons() -> None:
    afternoon = point("14:00", others=("09:00",), period=1)
    late = row(userCheckTime=ms("10:20"))
    assert settles_by_record(late, afternoon, shanghai("14:00")) is None
    assert settles_by_result(late, afternoon, shanghai("14:00")) is None
    at_noon = row(userCheckTime=ms("13:30"), baseCheckTime=ms("14:00"))
    assert settles_by_record(at_noon, afternoon, shanghai("14:00")) == shanghai("13:30")


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "text", "kind", "hint"),
    [
        (200, '{"errcode":90018,"errmsg":"x"}', SourceErrorKind.THROTTLED, "throttled"),
        (200, '{"errcode":90002,"errmsg":"x"}', SourceErrorKind.THROTTLED, "throttled"),
        (200, '{"errcode":90006,"errmsg":"x"}', SourceErrorKind.THROTTLED, "throttled"),
        (200, '{"status":1111,"wait":5}', SourceErrorKind.THROTTLED, "throttled"),
        (200, '{"errcode":90020,"errmsg":"x"}', SourceErrorKind.OVER_BUDGET, "dingtalk_quota"),
        (403, '{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg"}', SourceErrorKind.OVER_BUDGET, "dingtalk_quota"),
        (200, '{"errcode":88,"sub_code":"60011","sub_msg":"没有权限"}', SourceErrorKind.BROKEN, "dingtalk_permission"),
        (200, '{"errcode":60020,"errmsg":"ip"}', SourceErrorKind.BROKEN, "dingtalk_app_ip"),
        (400, '{"code":"invalidClientIdOrSecret","message":"x"}', SourceErrorKind.BROKEN, "dingtalk_app"),
        (200, '{"errcode":40096,"errmsg":"x"}', SourceErrorKind.BROKEN, "dingtalk_app"),
        (200, '{"errcode":22,"errmsg":"Invalid method"}', SourceErrorKind.BROKEN, "dingtalk_unknown"),
        (200, '{"errcode":-1,"errmsg":"系统繁忙"}', SourceErrorKind.PASSING, ""),
        (200, "<html>login</html>", SourceErrorKind.PASSING, "not_json"),
        (200, "[]", SourceErrorKind.PASSING, "not_json"),
        (200, "{}", SourceErrorKind.PASSING, ""),
        (502, "bad gateway", SourceErrorKind.PASSING, "server_problem"),
        (429, "", SourceErrorKind.THROTTLED, "throttled"),
    ],
)
def test_a_refusal_is_understood_by_dingtalks_own_code(
    status: int, text: str, kind: SourceErrorKind, hint: str
) -> None:
    with pytest.raises(SourceError) as raised:
        content(read(HttpAnswer(status, {}, text, 0.0)))
    assert (raised.value.kind, raised.value.hint) == (kind, hint)


# --- asking ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def attendance(**values: Any) -> AsyncIterator[tuple[FakeAttendance, Any, Counted]]:
    """A DingTalk, and a function that asks it with new tokens."""
    async with FakeAttendance().running() as fake:
        secret = values.pop("app_secret", fake.app_secret)
        config = DingTalkAttendanceConfig(app_key=fake.app_key, app_secret=secret)
        kind = DingTalkAttendance()
        async with session_to(config, dingtalk_base_url=fake.base_url) as (session, counted):

            async def ask(*points: Point) -> list[PunchState]:
                now = replace(session, now=clock.now())
                results: dict[int, Any] = {}
                for chunk in kind.chunks(config, points):
                    results |= await kind.ask(now, chunk)
                return [results[found.reminder_id].state for found in points]

            yield fake, ask, counted


async def test_who_punched_has_punched_and_the_others_have_not(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        fake.punch("u-bob", shanghai("08:48"))
        fake.punch("u-eve", shanghai("08:49"), isLegal="N")
        said = await ask(point(), point(userid="u-eve", user_id=8), point(userid="u-dan", user_id=9))
        assert said == [PunchState.PUNCHED, PunchState.NOT_PUNCHED, PunchState.NOT_PUNCHED]
        assert (counted.calls, fake.calls) == (1, 1)  # before the point the results are not asked for


async def test_a_punch_counts_once_it_shows(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.punch("u-bob", shanghai("08:49"), lag_seconds=180)
        assert await ask(point()) == [PunchState.NOT_PUNCHED]
        frozen.set(shanghai("08:52"))
        assert await ask(point()) == [PunchState.PUNCHED]


async def test_a_missing_card_of_the_system_is_no_punch_and_an_approval_is_one(frozen: Clock) -> None:
    frozen.set(shanghai("13:40"))
    async with attendance() as (fake, ask, _):
        for userid in ("u-bob", "u-eve"):
            fake.plan(userid, TODAY, shanghai("09:00"), shanghai("18:00"))
        fake.approve("u-eve", TODAY)
        bob, eve = point(), point(userid="u-eve", user_id=8)
        assert await ask(bob, eve) == [PunchState.NOT_PUNCHED, PunchState.PUNCHED]
        rows = fake._planned_rows()
        assert {row["sourceType"] for row in rows} == {"SYSTEM"}  # the fake did say that a card is missing


async def test_both_views_tell_clock_in_from_clock_out(frozen: Clock) -> None:
    frozen.set(shanghai("18:10"))
    async with attendance() as (fake, ask, _):
        fake.plan("u-bob", TODAY, shanghai("09:00"), shanghai("18:00"))
        fake.punch("u-bob", shanghai("08:55"))
        assert await ask(point("18:00", OUT)) == [PunchState.NOT_PUNCHED]
        fake.punch("u-bob", shanghai("18:05"), OFF)
        assert await ask(point("18:00", OUT)) == [PunchState.PUNCHED]


async def test_people_are_asked_fifty_at_a_time_and_pages_to_their_end(frozen: Clock) -> None:
    frozen.set(shanghai("18:10"))
    async with attendance() as (fake, ask, counted):
        people = [f"u{number}" for number in range(120)]
        for userid in people:
            fake.plan(userid, TODAY, shanghai("09:00"), shanghai("18:00"))
            fake.punch(userid, shanghai("08:50"))
            fake.approve(userid, TODAY, OFF)
        said = await ask(*(point("18:00", OUT, userid=userid, user_id=n) for n, userid in enumerate(people, 1)))
        assert set(said) == {PunchState.PUNCHED}
        records, results = fake.asked_at("/attendance/listRecord"), fake.asked_at("/attendance/list")
        assert [len(asked.json["userIds"]) for asked in records] == [50, 50, 20]
        assert [asked.json["offset"] for asked in results] == [0, 50, 0, 50, 0]
        assert counted.calls == fake.calls == len(records) + len(results)


async def test_one_token_serves_many_calls_and_is_renewed_before_it_expires(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        await ask(point())
        await ask(point())
        assert len(fake.asked_at("/v1.0/oauth2/accessToken")) == 1
        frozen.forward(minutes=113)
        await ask(point())
        assert len(fake.asked_at("/v1.0/oauth2/accessToken")) == 2
        assert fake.calls == counted.calls  # tokens are not counted


async def test_a_token_that_is_refused_is_renewed_once_and_the_call_repeated(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.punch("u-bob", shanghai("08:48"))
        await ask(point())
        fake.forget_tokens()
        assert await ask(point()) == [PunchState.PUNCHED]
        assert len(fake.asked_at("/v1.0/oauth2/accessToken")) == 2

        # A fresh token that is refused too does not make it ask for ever.
        fake.next = [
            FakeResponse({"errcode": 42001}),
            FakeResponse({"accessToken": "x", "expireIn": 7200}),
            FakeResponse({"errcode": 40014}),
        ]
        with pytest.raises(SourceError) as raised:
            await ask(point())
        assert (raised.value.kind, raised.value.hint, fake.next) == (SourceErrorKind.BROKEN, "dingtalk_app", [])


async def test_wrong_credentials_break_the_source(frozen: Clock) -> None:
    async with attendance(app_secret="another-secret") as (_, ask, _):
        with pytest.raises(SourceError) as raised:
            await ask(point())
        assert (raised.value.kind, raised.value.code) == (SourceErrorKind.BROKEN, "invalidClientIdOrSecret")
        assert "another-secret" not in str(raised.value)


async def test_a_call_that_is_too_fast_is_repeated_once(frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen.set(shanghai("08:50"))
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(dingtalk.asyncio, "sleep", wait)
    async with attendance() as (fake, ask, _):
        fake.too_fast = 1
        assert await ask(point()) == [PunchState.NOT_PUNCHED]
        assert waits == [1.1]
        fake.too_fast = 2
        with pytest.raises(SourceError) as raised:
            await ask(point())
        assert (raised.value.kind, raised.value.hold) == (SourceErrorKind.THROTTLED, timedelta(seconds=2))


async def test_the_vendors_quota_ends_the_asking(frozen: Clock) -> None:
    async with attendance() as (fake, ask, _):
        fake.calls_allowed = 0
        with pytest.raises(SourceError) as raised:
            await ask(point())
        assert raised.value.kind is SourceErrorKind.OVER_BUDGET


async def test_a_userid_is_found_by_mobile_number_and_kept(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, counted):
        fake.mobiles["13800000001"] = "u-bob"
        fake.punch("u-bob", shanghai("08:48"))
        bob = point(userid=None, mobile="+86 138-0000-0001")
        stranger = point(userid=None, mobile="13900000009", user_id=8)
        nameless = point(userid=None, user_id=9)
        assert await ask(bob, stranger, nameless) == [PunchState.PUNCHED, PunchState.UNKNOWN, PunchState.UNKNOWN]
        assert counted.learned == {7: "u-bob"}
        assert counted.calls == 1  # contacts are not counted

        asked = len(fake.asked_at("/topapi/v2/user/getbymobile"))
        await ask(stranger)
        assert len(fake.asked_at("/topapi/v2/user/getbymobile")) == asked  # not asked again for an hour


async def test_one_person_whom_dingtalk_refuses_does_not_spoil_the_batch(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        fake.strangers.add("u13")
        people = [point(userid=f"u{number}", user_id=number) for number in range(1, 21)]
        for number in range(1, 21):
            fake.punch(f"u{number}", shanghai("08:48"))
        said = await ask(*people)
        assert said.count(PunchState.PUNCHED) == 19
        assert said[12] is PunchState.UNKNOWN
        calls = fake.calls
        await ask(*people)
        assert fake.calls == calls + 1  # it is known by now who is not asked about


async def test_fifty_peoples_punches_with_addresses_and_devices_are_one_answer(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        for number in range(50):
            fake.punch(f"u{number}", shanghai("08:48"), userAddress="长安街一号" * 150)
        said = await ask(*(point(userid=f"u{number}", user_id=number + 1) for number in range(50)))
        assert (set(said), fake.calls) == ({PunchState.PUNCHED}, 1)


async def test_an_answer_that_is_too_large_is_asked_for_in_halves(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        for number in range(40):
            fake.punch(f"u{number}", shanghai("08:48"), userAddress="长安街一号" * 3000)
        said = await ask(*(point(userid=f"u{number}", user_id=number + 1) for number in range(40)))
        assert set(said) == {PunchState.PUNCHED}


async def test_only_the_points_own_time_is_asked_for(frozen: Clock) -> None:
    frozen.set(shanghai("08:50"))
    async with attendance() as (fake, ask, _):
        await ask(point())
        body = fake.asked_at("/attendance/listRecord")[0].json
        assert body == {
            "userIds": ["u-bob"],
            "checkDateFrom": "2026-11-23 05:00:00",
            "checkDateTo": "2026-11-23 08:55:00",
            "isI18n": False,
        }
