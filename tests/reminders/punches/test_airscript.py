"""AirScript as the older system asks it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Clock
from daka.reminders.punches.airscript import AirScript, AirScriptConfig, airscript_result
from daka.reminders.punches.results import PunchState, SourceError, SourceErrorKind
from daka.shifts.times import PunchKind
from fakes.airscript import FakeAirScript
from reminders.punches.points import point, session_to

KIND = AirScript()


def answer(result: Any) -> dict[str, Any]:
    return {"data": {"logs": [], "result": result}, "error": "", "status": "finished"}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (answer({"打卡检测": "上班未打卡"}), PunchState.NOT_PUNCHED),
        (answer('{"打卡检测": "下班未打卡"}'), PunchState.NOT_PUNCHED),
        (answer({"打卡检测": "上班已打卡"}), PunchState.PUNCHED),
        (answer('{"打卡检测": "下班已打卡"}'), PunchState.PUNCHED),
        (answer({"打卡检测": ""}), PunchState.UNKNOWN),
        (answer({"打卡检测": None}), PunchState.UNKNOWN),
        (answer({"other": "上班已打卡"}), PunchState.UNKNOWN),
        (answer({}), PunchState.UNKNOWN),
        (answer(None), PunchState.UNKNOWN),
        (answer("上班已打卡"), PunchState.UNKNOWN),
        (answer('"上班已打卡"'), PunchState.UNKNOWN),
        (answer("{broken"), PunchState.UNKNOWN),
        (answer([]), PunchState.UNKNOWN),
        ({"task_id": "started, not finished"}, PunchState.UNKNOWN),
        ({"data": None}, PunchState.UNKNOWN),
        ({}, PunchState.UNKNOWN),
    ],
)
def test_what_a_script_says(found: dict[str, Any], state: PunchState) -> None:
    assert airscript_result(found).state is state


def test_a_script_that_failed_is_trouble_even_with_a_result() -> None:
    with pytest.raises(SourceError) as raised:
        airscript_result(
            {**answer({"打卡检测": "上班已打卡"}), "error": "ReferenceError: x is not defined\n  at session 3"}
        )
    assert (raised.value.kind, raised.value.message) == (
        SourceErrorKind.PASSING,
        "ReferenceError: x is not defined",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["上班未打卡", "上班已打卡"]),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "result", "打卡检测", "error"]), inside, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_is_a_punch_without_the_key(found: Any) -> None:
    try:
        result = airscript_result(found)
    except SourceError:
        return
    if result.state is PunchState.PUNCHED:
        result = found["data"]["result"]
        assert isinstance((json.loads(result) if isinstance(result, str) else result)["打卡检测"], str)


@given(st.text(max_size=30), st.booleans())
def test_an_object_and_its_text_mean_the_same(cell: str, is_text: bool) -> None:
    result: Any = {"打卡检测": cell}
    said = airscript_result(answer(json.dumps(result) if is_text else result))
    assert said == airscript_result(answer(result))


async def test_it_is_asked_exactly_as_the_older_system_asks(frozen: Clock) -> None:
    async with FakeAirScript().running() as script:
        script.cells = {"A1": "上班已打卡", "A2": "下班未打卡"}
        config = AirScriptConfig(url=script.url, token=script.token)
        clock_in, clock_out = point(), point("18:00", PunchKind.CLOCK_OUT)
        async with session_to(config) as (session, _):
            results = {}
            for chunk in KIND.chunks(config, [clock_out, clock_in]):
                results |= await KIND.ask(session, chunk)
    assert [results[found.reminder_id].state for found in (clock_in, clock_out)] == [
        PunchState.PUNCHED,
        PunchState.NOT_PUNCHED,
    ]
    assert [asked.method for asked in script.asked] == ["POST", "POST"]
    assert [asked.body.decode() for asked in script.asked] == [
        '{"Context":{"argv":{"message":"A1"}}}',
        '{"Context":{"argv":{"message":"A2"}}}',
    ]
    assert {asked.headers["airscript-token"] for asked in script.asked} == {script.token}


async def test_a_result_as_text_and_an_error_come_over_the_wire_too(frozen: Clock) -> None:
    async with FakeAirScript().running() as script:
        script.is_text = True
        config = AirScriptConfig(url=script.url, token=script.token)
        bob = point()
        async with session_to(config) as (session, _):
            assert (await KIND.ask(session, [bob]))[bob.reminder_id].state is PunchState.NOT_PUNCHED
            script.error = "TypeError: cannot read"
            with pytest.raises(SourceError):
                await KIND.ask(session, [bob])


async def test_a_wrong_token_breaks_the_source_without_saying_it(frozen: Clock) -> None:
    async with FakeAirScript().running() as script:
        config = AirScriptConfig(url=script.url, token="some-other-token")
        async with session_to(config) as (session, _):
            with pytest.raises(SourceError) as raised:
                await KIND.ask(session, [point()])
    assert (raised.value.kind, raised.value.code) == (SourceErrorKind.BROKEN, "403")
    assert "some-other-token" not in repr(raised.value)
    assert script.url not in repr(raised.value)
