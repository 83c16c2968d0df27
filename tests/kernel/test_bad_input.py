"""Bad input gets a problem document with a stable code, and nothing in the database changes."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from conftest import ONE_DATABASE, PASSWORD, TODAY, Workplace
from daka.widths import key, visible
from scenes import EARLY, give_shift, new_robot, reminder_of

ROSTER = "/api/v1/roster"
HUGE = 10**400


async def everything_in(workplace: Workplace) -> dict[str, list[Any]]:
    """Every row of every table."""
    async with workplace.database.engine.connect() as connection:
        return {
            table.name: sorted(map(str, await connection.execute(sa.select(table))))
            for table in SQLModel.metadata.sorted_tables
        }


async def refused(workplace: Workplace, answering: Any) -> tuple[int, str]:
    """Status and code of an answer that must be a problem document and must have changed nothing."""
    before = await everything_in(workplace)
    answer: httpx.Response = await answering()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].endswith(problem["code"])
    assert problem["title"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    if answer.status_code == 422:
        assert problem["errors"]
        assert all(set(found) - {"text"} == {"loc", "code", "msg"} for found in problem["errors"])
    assert await everything_in(workplace) == before
    return answer.status_code, problem["code"]


def cell(**values: Any) -> dict[str, Any]:
    return {"assignments": [{"user_id": 3, "date": str(TODAY), "shift_id": 1, **values}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (cell(user_id=999), (422, "unknown_user")),
        (cell(shift_id=999), (422, "unknown_shift")),
        (cell(user_id=HUGE), (422, "invalid_input")),
        (cell(user_id=2**31), (422, "invalid_input")),
        (cell(user_id=0), (422, "invalid_input")),
        (cell(user_id=-1), (422, "invalid_input")),
        (cell(user_id="bob"), (422, "invalid_input")),
        (cell(user_id=None), (422, "invalid_input")),
        (cell(user_id=1.5), (422, "invalid_input")),
        (cell(user_id=[3]), (422, "invalid_input")),
        (cell(date="2026-13-01"), (422, "invalid_input")),
        (cell(date="2026-02-29"), (422, "invalid_input")),
        (cell(date="1999-12-31"), (422, "invalid_input")),
        (cell(date="2101-01-01"), (422, "invalid_input")),
        (cell(date="tomorrow\x00"), (422, "invalid_input")),
        (cell(note="x"), (422, "invalid_input")),
        ({"assignments": []}, (422, "invalid_input")),
        ({"assignments": {}}, (422, "invalid_input")),
        ({"assignments": None}, (422, "invalid_input")),
        ({**cell(), "revision": -1}, (422, "invalid_input")),
        ({**cell(), "revision": "x"}, (422, "invalid_input")),
        ({**cell(), "\ud800": 1}, (422, "invalid_input")),
        ([], (422, "invalid_input")),
        (None, (422, "invalid_input")),
        ("roster", (422, "invalid_input")),
    ],
    ids=lambda value: ascii(value)[:60],
)
async def test_a_roster_change_that_makes_no_sense(workplace: Workplace, body: Any, expected: tuple[int, str]) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    content = json.dumps(body)
    headers = {"Content-Type": "application/json"}
    assert (
        await refused(workplace, lambda: workplace.alice.http.put(ROSTER, content=content, headers=headers)) == expected
    )


async def test_one_wrong_cell_among_many_changes_none(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    eve = await workplace.add_person("Eve", team_id=workplace.team_a)
    cells = [{"user_id": eve.id, "date": f"2026-12-{day:02}", "shift_id": shift_id} for day in range(1, 29)]
    cells.append({"user_id": workplace.charlie.id, "date": "2026-12-29", "shift_id": shift_id})
    answering = lambda: workplace.alice.http.put(ROSTER, json={"assignments": cells})  # noqa: E731
    assert await refused(workplace, answering) == (422, "unknown_user")


async def test_a_body_that_says_something_twice_is_taken_for_neither(workplace: Workplace) -> None:
    def ask(content: str) -> Any:
        path, headers = "/api/v1/me", {"content-type": "application/json"}
        return lambda: workplace.bob.http.patch(path, content=content, headers=headers)

    twice = '{"display_name":"A","mobile":null,"display_name":"B"}'
    assert await refused(workplace, ask(twice)) == (400, "broken_json")
    assert "twice" in (await ask(twice)()).json()["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"{'a': 1}",
        b'{"a": }',
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"nul",
        b"[1,",
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:12]),
)
@ONE_DATABASE
async def test_a_body_that_is_not_json(workplace: Workplace, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    status, code = await refused(
        workplace, lambda: workplace.alice.http.post("/api/v1/shifts", content=content, headers=headers)
    )
    assert (status, code) in {(400, "broken_json"), (400, "broken_body"), (422, "invalid_input")}


async def test_a_body_of_another_kind(workplace: Workplace) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/xml"}, {}):
        answering = lambda headers=headers: workplace.alice.http.post(  # noqa: E731
            "/api/v1/shifts", content=json.dumps(EARLY).encode(), headers=headers
        )
        assert (await refused(workplace, answering))[0] in (415, 422)


TWO_MEGABYTES = 2_000_000


async def test_a_body_that_says_it_is_too_large_is_refused_unread(workplace: Workplace) -> None:
    answering = lambda: workplace.alice.http.post("/api/v1/shifts", content=b" " * TWO_MEGABYTES)  # noqa: E731
    assert await refused(workplace, answering) == (413, "body_too_large")


async def test_a_body_that_turns_out_too_large_is_refused_too(workplace: Workplace) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(TWO_MEGABYTES // 50_000):
            yield b" " * 50_000

    headers = {"Content-Type": "application/json"}
    answering = lambda: workplace.alice.http.post("/api/v1/shifts", content=pieces(), headers=headers)  # noqa: E731
    assert await refused(workplace, answering) == (413, "body_too_large")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "POST"])
async def test_somebody_elses_channel_does_not_exist(workplace: Workplace, method: str) -> None:
    channel_id = await new_robot(workplace.bob)
    path = f"/api/v1/channels/{channel_id}" + ("/test" if method == "POST" else "")
    body = {"name": "mine now"} if method == "PATCH" else None
    for stranger in (workplace.charlie, workplace.alice):
        answering = lambda stranger=stranger: stranger.http.request(method, path, json=body)  # noqa: E731
        assert await refused(workplace, answering) == (404, "channel_not_found")
    assert (await workplace.charlie.get("/api/v1/channels"))["items"] == []


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ({"kind": "carrier_pigeon"}, (422, "unknown_kind")),
        ({"kind": "environment_webhook", "config": {"url": "https://x.example/"}}, (422, "unknown_kind")),
        ({"kind": "dingtalk_robot", "config": {}}, (422, "invalid_input")),
        (
            {"kind": "dingtalk_robot", "config": {"webhook_url": "https://evil.example/robot/send?access_token=1"}},
            (422, "invalid_input"),
        ),
        ({"kind": "dingtalk_robot", "config": {"webhook_url": 7}}, (422, "invalid_input")),
        ({"kind": "dingtalk_robot", "config": {"webhook_url": "x" * 5000}}, (422, "invalid_input")),
        ({"kind": "webhook", "config": {"url": "ftp://x.example/"}}, (422, "invalid_input")),
        ({"kind": "webhook", "config": {"url": "https://user:pw@x.example/"}}, (422, "invalid_input")),
        ({"kind": "webhook", "config": {"url": "https://x.example/", "secret": "whsec_%%%"}}, (422, "invalid_input")),
        ({"kind": "webhook", "config": {"url": "https://x.example/", "also": 1}}, (422, "invalid_input")),
        ({"kind": "webhook", "config": "https://x.example/"}, (422, "invalid_input")),
        ({"kind": "inbox", "name": "a\x00b"}, (422, "invalid_input")),
        ({"kind": "inbox", "team_id": 1, "user_id": 3}, (422, "two_owners")),
        ({"kind": "inbox", "team_id": 2}, (404, "team_not_found")),
        ({"kind": "inbox", "team_id": 1}, (403, "not_your_team")),
        ({"kind": "inbox", "user_id": 2}, (404, "user_not_found")),
        ({"kind": "inbox\x00"}, (422, "invalid_input")),
    ],
    ids=lambda value: ascii(value)[:60],
)
async def test_a_channel_that_makes_no_sense(workplace: Workplace, channel: dict, expected: tuple[int, str]) -> None:
    answering = lambda: workplace.bob.http.post("/api/v1/channels", json={"name": "x", **channel})  # noqa: E731
    assert await refused(workplace, answering) == expected


async def test_a_refused_setting_is_not_repeated_in_the_answer(workplace: Workplace) -> None:
    secret = "c0ffee-do-not-tell"
    config = {"url": f"https://me:{secret}@x.example/", "secret": f"whsec_{secret}"}
    answer = await workplace.bob.http.post("/api/v1/channels", json={"name": "x", "kind": "webhook", "config": config})
    assert answer.status_code == 422
    assert secret not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/deliveries?cursor=abc",
        "/api/v1/deliveries?limit=0",
        "/api/v1/deliveries?limit=100000",
        "/api/v1/deliveries?status=lost",
        "/api/v1/deliveries?user_id=99999999999999999999",
        "/api/v1/deliveries?cursor=WzQyOTQ5NjcyOTZd",
        "/api/v1/reminders?from=2026-11-31",
        "/api/v1/reminders?user_id=x",
        "/api/v1/reminders?cursor=WyJub3ciLDFd",
        "/api/v1/reminders?cursor=WyIyMDI2LTExLTIzIiwxXQ",
        "/api/v1/inbox?cursor=%F0%9F%A6%86",
        "/api/v1/punches?from=0001-01-01",
        "/api/v1/users/99999999999999999999",
        "/api/v1/users/0",
        "/api/v1/users/abc",
        "/api/v1/shifts/1%00",
        "/api/v1/roster?from=2026-11-23",
        "/api/v1/roster?from=2026-11-23&to=2026-11-22",
        "/api/v1/roster?from=2000-01-01&to=2100-12-31",
    ],
)
async def test_a_question_that_makes_no_sense(workplace: Workplace, path: str) -> None:
    status, code = await refused(workplace, lambda: workplace.root.http.get(path))
    assert (status, code) in {(422, "invalid_input"), (422, "bad_cursor"), (422, "bad_span")}


async def test_an_address_that_there_is_not(workplace: Workplace) -> None:
    assert await refused(workplace, lambda: workplace.root.http.get("/api/v1/nothing")) == (404, "no_such_route")
    assert await refused(workplace, lambda: workplace.root.http.get("/api/v1/shifts/999")) == (404, "shift_not_found")
    assert await refused(workplace, lambda: workplace.root.http.delete("/api/v1/dashboard")) == (
        405,
        "method_not_allowed",
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/shifts", "GET, HEAD, POST"),
        ("POST", "/api/v1/shifts/1", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/api/v1/auth/token", "POST"),
        ("OPTIONS", "/api/v1/channels/kinds", "GET, HEAD"),
        ("OPTIONS", "/api/v1/calendar/import", "POST"),
        ("HEAD", "/api/v1/channels/1/test", "POST"),
        ("OPTIONS", "/health", "GET, HEAD"),
        ("HEAD", "/api/v1/events", "GET"),
        ("PUT", "/a/token", "GET, HEAD, POST"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/api/v1/nothing", None),
        ("OPTIONS", "/api/nowhere", None),
    ],
)
@ONE_DATABASE
async def test_another_method_is_told_those_of_the_address(
    workplace: Workplace, method: str, path: str, allowed: str | None
) -> None:
    """Also where the web app, which answers GET at any address, is in between."""
    answer = await workplace.anonymous.request(method, path)
    assert (answer.status_code, answer.headers.get("Allow")) == ((405, allowed) if allowed else (404, None))
    if method != "HEAD":
        assert answer.json()["code"] == ("method_not_allowed" if allowed else "no_such_route")


async def test_a_text_in_place_of_a_file_is_called_so(workplace: Workplace) -> None:
    answer = await workplace.root.http.post("/api/v1/users/import", files={"file": (None, "people.csv")})
    assert answer.json()["errors"][0]["msg"] == "This is a text and not a file; with curl: -F file=@NAME"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic cm9vdDpyb290", "Bearer daka_\x7f", "Bearer daka_" + "x" * 5000]
)
@ONE_DATABASE
async def test_whoever_is_not_signed_in_is_told_so(workplace: Workplace, header: str) -> None:
    answering = lambda: workplace.anonymous.get("/api/v1/me", headers={"Authorization": header})  # noqa: E731
    status, code = await refused(workplace, answering)
    assert (status, code) in {(401, "not_signed_in"), (401, "token_invalid")}
    assert (await answering()).headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "form",
    [
        {"username": "bob\x00", "password": "x"},
        {"username": "\x00", "password": "\x00"},
        {"username": "b" * 10_000, "password": "p" * 10_000},
        {"username": "bob", "password": "x\x00y"},
    ],
    ids=lambda form: ascii(form)[:40],
)
async def test_strange_names_and_passwords_are_wrong_ones(workplace: Workplace, form: dict) -> None:
    answer = await workplace.anonymous.post("/api/v1/auth/token", data=form)
    assert answer.status_code in (401, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_last_event_id_that_nobody_gave_out_is_ignored(workplace: Workplace) -> None:
    from daka.identity.access import Principal, find_user

    async with workplace.database.read() as session:
        by = Principal(await find_user(session, workplace.bob.id), frozenset())
    for last_id in (0, 2**31, 10**19, 10**40):
        events = workplace.app.state.live.events(by, last_id)
        assert "retry" in await anext(events)
        await events.aclose()


async def test_a_snooze_of_a_hundred_years_is_refused(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    path = f"/api/v1/reminders/{(await reminder_of(workplace.bob))['id']}/snooze"
    for minutes in (0, -5, 121, HUGE, "soon", None):
        content = json.dumps({"minutes": minutes})
        answering = lambda content=content: workplace.bob.http.post(  # noqa: E731
            path, content=content, headers={"Content-Type": "application/json"}
        )
        assert (await refused(workplace, answering))[0] in (400, 422)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/shifts", "application/json"),
        ("/api/v1/roster/import", "multipart/form-data"),
        ("/api/v1/auth/token", "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("given", ["", "text/plain", "application/xml; charset=utf-8"])
@ONE_DATABASE
async def test_a_body_of_another_type_is_refused_with_the_right_one(
    workplace: Workplace, path: str, expected: str, given: str
) -> None:
    """`curl -d` sends a form unless it is told otherwise: "field required" for a field that is there helps nobody."""
    headers = {"Content-Type": given} if given else {}
    refused = await workplace.alice.http.post(path, content=b'{"name": "x"}', headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (415, "wrong_content_type")
    assert expected in refused.json()["title"]
    assert given.partition(";")[0] in refused.json()["title"]


UNSEEN = "\u200b\ufeff\u00ad\u202e\u2067\u180e\u2060\U000e0041\u00a0\u3164\u2800\u200d"


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
async def test_what_nobody_sees_is_left_out_of_every_text(workplace: Workplace, unseen: str) -> None:
    shift = {"periods": [{"start": "09:00", "end": "18:00"}]}
    person = {"username": f"{unseen}zhang", "display_name": f"张三{unseen}", "mobile": f"138 0013 8000{unseen}"}
    asked = [
        (workplace.alice, "shifts", {**shift, "name": f"早班{unseen}", "code": f"{unseen}早"}),
        (workplace.root, "teams", {"name": f"{unseen}甲班"}),
        (workplace.bob, "channels", {"name": f"手机{unseen}", "kind": "inbox", "config": {}}),
    ]
    for by, what, body in asked:
        made = await by.post(f"/api/v1/{what}", body)
        for name in ("name", "code"):
            assert made.get(name) == (body[name].replace(unseen, "") if name in body else None)
    if unseen.strip():
        made = await workplace.root.post("/api/v1/users", {**person, "password": PASSWORD, "team_id": workplace.team_a})
        assert (made["username"], made["display_name"]) == ("zhang", "张三")
    nothing = await workplace.alice.http.post("/api/v1/shifts", json={**shift, "name": unseen, "code": "x"})
    assert nothing.status_code == 422
    assert key(f"张{unseen}三") == key("张三")


def test_joiners_between_what_one_sees_stay() -> None:
    for text in ("👨\u200d👩\u200d👧", "می\u200cخواهم", "❤\ufe0f"):
        assert visible(text, keeps_joiners=True) == text
