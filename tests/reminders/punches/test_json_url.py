"""Any JSON address."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Clock
from daka.reminders.punches.json_url import JsonUrl, JsonUrlConfig, address_for, json_results, values_of
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import PunchState, SourceError, SourceErrorKind
from daka.shifts.times import PunchKind
from fakes.names import no_names as no_names
from fakes.server import Asked, FakeResponse, FakeServer
from reminders.punches.points import point, session_to

OUT = PunchKind.CLOCK_OUT
KIND = JsonUrl()


def config(**values: Any) -> JsonUrlConfig:
    return JsonUrlConfig(
        **{"url": "https://hr.example/punches?who={username}&day={work_date}", "value_path": "data.{kind}", **values}
    )


LIST = {
    "url": "https://hr.example/today",
    "people_path": "data.people",
    "person_path": "id",
    "value_path": "{kind}",
    "clock_in_word": "in",
    "clock_out_word": "out",
}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"data": {"clock_in": True}}, PunchState.PUNCHED),
        ({"data": {"clock_in": 1}}, PunchState.PUNCHED),
        ({"data": {"clock_in": False}}, PunchState.NOT_PUNCHED),
        ({"data": {"clock_in": "yes"}}, PunchState.UNKNOWN),
        ({"data": {"clock_in": None}}, PunchState.UNKNOWN),
        ({"data": {"clock_out": True}}, PunchState.UNKNOWN),
        ({"data": []}, PunchState.UNKNOWN),
        ([], PunchState.UNKNOWN),
        ("true", PunchState.UNKNOWN),
    ],
)
def test_one_answer_for_one_person(found: Any, state: PunchState) -> None:
    bob = point()
    assert json_results(found, [bob], config())[bob.reminder_id].state is state


def test_one_answer_for_all() -> None:
    found = {"data": {"people": [{"id": "bob", "in": True}, {"id": "eve", "in": False, "out": True}, {"id": "bob2"}]}}
    bob, eve, dan = point(), point(name="eve"), point(name="dan")
    evening = point("18:00", OUT, name="eve")
    results = json_results(found, [bob, eve, dan, evening], config(**LIST))
    known = [results[about.reminder_id].state for about in (bob, eve, dan, evening)]
    assert known == [PunchState.PUNCHED, PunchState.NOT_PUNCHED, PunchState.UNKNOWN, PunchState.PUNCHED]


def test_two_rows_of_one_person_count_as_none() -> None:
    found = {"data": {"people": [{"id": "bob", "in": True}, {"id": "bob", "in": False}]}}
    bob = point()
    assert json_results(found, [bob], config(**LIST))[bob.reminder_id].state is PunchState.UNKNOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["bob", "true"]),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "people", "id", "in", "out"]), inside, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_no_document_makes_it_fail(found: Any, is_list: bool) -> None:
    bob = point()
    json_results(found, [bob], config(**(LIST if is_list else {})))


@pytest.mark.parametrize(
    "values",
    [
        {"value_path": "data.state"},  # one answer would settle both punches
        {"clock_in_word": "x", "clock_out_word": "x"},
        {"people_path": "data.people"},
        {"person_path": "id"},
        {"value_path": "data..{kind}"},
        {"value_path": "data.{kind}.{password}"},
        {"url": "https://{username}.example/{kind}"},
        {"url": "https://hr.example/{token}/{kind}"},
        {"url": "https://bob:secret@hr.example/{kind}"},
        {"url": "file:///etc/passwd?{kind}"},
        {"url": "https://[::1/{kind}"},
        {"punched_values": []},
        {"punched_values": ["1"], "not_punched_values": ["1"]},
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        config(**values)


@given(st.text(min_size=1, max_size=20))
def test_a_name_in_an_address_cannot_lead_elsewhere(name: str) -> None:
    bob = point(name=name)
    address = address_for(config(), values_of(bob, config()))
    assert address is not None
    before, after = address.split("who=")
    assert before == "https://hr.example/punches?"
    assert after.count("&") == 1
    assert not set(after) & set("/?#@ ")


def test_people_whom_the_address_cannot_name_are_not_asked_about() -> None:
    settings = config(url="https://hr.example/{mobile}/{kind}", value_path="state")
    bob, eve = point(mobile="13800000001"), point(name="eve")
    assert address_for(settings, values_of(bob, settings)) == "https://hr.example/13800000001/clock_in"
    assert address_for(settings, values_of(eve, settings)) is None


@pytest.mark.parametrize(
    ("values", "names_people"),
    [
        ({}, True),
        (LIST, True),
        ({"url": "https://hr.example/x", "value_path": "{username}.{kind}"}, True),
        ({"url": "https://hr.example/x"}, False),
    ],
)
def test_whether_it_can_tell_people_apart(values: dict[str, Any], names_people: bool) -> None:
    assert KIND.names_people(config(**values)) is names_people


async def test_people_are_asked_about_at_their_own_address_and_a_list_once(frozen: Clock) -> None:
    def answer(asked: Asked) -> FakeResponse:
        if asked.path == "/today":
            return FakeResponse({"data": {"people": [{"id": "bob", "in": True}, {"id": "eve", "in": False}]}})
        return FakeResponse({"data": {"clock_in": asked.query["who"] == "bob"}})

    async with FakeServer(answer).running() as server:
        bob, eve = point(), point(name="eve")
        for values, calls in (({"url": f"{server.base_url}/punches?who={{username}}"}, 2), (LIST, 1)):
            settings = config(**{**values, "url": values["url"].replace("https://hr.example", server.base_url)})
            server.asked.clear()
            async with session_to(settings) as (session, _):
                results: dict[int, Any] = {}
                for chunk in KIND.chunks(settings, [bob, eve]):
                    results |= await KIND.ask(session, chunk)
            assert [results[about.reminder_id].state for about in (bob, eve)] == [
                PunchState.PUNCHED,
                PunchState.NOT_PUNCHED,
            ]
            assert len(server.asked) == calls


async def test_the_authorization_goes_along_and_is_never_shown(frozen: Clock) -> None:
    async with FakeServer(lambda asked: FakeResponse("no", 401)).running() as server:
        settings = config(url=f"{server.base_url}/x/{{username}}", authorization="Bearer very-secret")
        async with session_to(settings) as (session, _):
            with pytest.raises(SourceError) as raised:
                await KIND.ask(session, [point()])
    assert server.last.headers["authorization"] == "Bearer very-secret"
    assert (raised.value.kind, raised.value.hint) == (SourceErrorKind.BROKEN, "credentials")
    assert "very-secret" not in repr(raised.value) + repr(settings)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (FakeResponse("<html>"), SourceErrorKind.PASSING, "not_json"),
        (FakeResponse("", 500), SourceErrorKind.PASSING, "500"),
        (FakeResponse("", 302, {"Location": "https://elsewhere.example"}), SourceErrorKind.BROKEN, "302"),
        (FakeResponse({"x": "y" * 1_100_000}), SourceErrorKind.PASSING, "too_large"),
        (FakeResponse(is_reset=True), SourceErrorKind.PASSING, "connection"),
        (FakeResponse("[" * 50_000), SourceErrorKind.PASSING, "not_json"),
    ],
)
async def test_a_failed_ask_is_trouble(frozen: Clock, said: FakeResponse, kind: SourceErrorKind, code: str) -> None:
    async with (
        FakeServer(lambda asked: said).running() as server,
        session_to(config(url=f"{server.base_url}/{{username}}")) as (session, _),
    ):
        with pytest.raises(SourceError) as raised:
            await KIND.ask(session, [point()])
    assert (raised.value.kind, raised.value.code) == (kind, code)


async def test_addresses_of_people_stay_away_from_the_lan(frozen: Clock) -> None:
    async with session_to(config(url="https://169.254.169.254/{username}")) as (session, _):
        with pytest.raises(SourceError) as raised:
            await KIND.ask(session, [point()])
    assert (raised.value.kind, raised.value.hint) == (SourceErrorKind.BROKEN, "address_refused")


async def test_a_name_that_does_not_resolve_passes(frozen: Clock, no_names: dict[str, str]) -> None:
    async with session_to(config(url="https://hr.example/{username}")) as (session, _):
        with pytest.raises(SourceError) as raised:
            await KIND.ask(session, [point()])
    assert (raised.value.kind, raised.value.hint) == (SourceErrorKind.PASSING, "dns")
    assert set(remedy("dns")) == {"zh", "en"}
