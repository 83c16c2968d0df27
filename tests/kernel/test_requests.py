"""What holds for every request: an id, headers, no secret in the log, and a commit before the answer."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import ONE_DATABASE, OWN, PASSWORD, Clock, Workplace, WorkplaceMaker, test_settings
from daka import clock
from daka.database import Database, DatabaseState, database_state
from daka.errors import Conflict
from daka.observability import JsonFormatter
from daka.scheduler.models import Worker
from daka.shifts.models import Shift
from scenes import EARLY, dingtalk_workplace, give_shift, new_robot, new_shift, shanghai

PATHS = ["/api/health", "/api/v1/me", "/api/openapi.json", "/api/v1/nothing", "/a/x", "/", "/assets/nothing.js"]


@pytest.mark.parametrize("path", PATHS)
@ONE_DATABASE
async def test_every_answer_has_an_id_and_security_headers(workplace: Workplace, path: str) -> None:
    first, second = await workplace.anonymous.get(path), await workplace.anonymous.get(path)
    assert len(first.headers["x-request-id"]) == 16
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    for name, value in (
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ):
        assert first.headers[name] == value
    policy = first.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in first.headers


async def test_head_is_get_without_a_body_on_every_page_and_file(
    make_workplace: WorkplaceMaker, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>打卡</title>")
    (tmp_path / "assets" / "app-1.js").write_text("export {}")
    async with make_workplace(web_dir=tmp_path) as workplace:
        await new_shift(workplace.alice, EARLY)
        for path in ("/", "/roster", "/assets/app-1.js", "/assets/gone.js", "/a/x", "/ical/x.ics", "/api/openapi.json"):
            found, head = await workplace.anonymous.get(path), await workplace.anonymous.head(path)
            assert (head.status_code, head.content) == (found.status_code, b""), path
            assert head.headers["content-length"] == found.headers["content-length"], path
            assert head.headers["content-type"] == found.headers["content-type"], path
        assert (await workplace.root.http.head("/api/v1/events")).status_code in (404, 405)


async def test_an_address_outside_the_apps_pages_is_not_found(make_workplace: WorkplaceMaker, tmp_path: Path) -> None:
    """A monitor or a crawler that asks for an address must not take the app's page for an answer."""
    for name in ("index.html", "roster.html"):
        (tmp_path / name).write_text(f"<!doctype html><title>{name}</title>")
    async with make_workplace(web_dir=tmp_path) as workplace:
        for path, status in {
            "/": 200,
            "/roster": 200,
            "/roster/": 200,
            "/roster?team_id=1": 200,
            "/nowhere": 404,
            "/roster/1": 404,
            "/wp-login.php": 404,
            "/../secret": 404,
            "/.env": 404,
        }.items():
            found = await workplace.anonymous.get(path)
            assert found.status_code == status, path
            assert found.headers["content-type"].startswith("text/html"), path
        assert (await workplace.anonymous.get("/api/nowhere")).json()["code"] == "no_such_route"


@pytest.mark.parametrize("path", ["/health", "/healthz"])
async def test_health_is_where_monitors_look_first(workplace: Workplace, path: str) -> None:
    expected = await workplace.anonymous.get("/api/health")
    found = await workplace.anonymous.get(path)
    assert (found.status_code, found.json()["status"]) == (expected.status_code, expected.json()["status"])
    assert found.headers["cache-control"] == "no-store"


async def test_api_answers_are_not_cached(workplace: Workplace) -> None:
    for path in ("/api/v1/me", "/api/health", "/api/v1/roster?from=2026-11-23&to=2026-11-24"):
        assert (await workplace.bob.http.get(path)).headers["cache-control"] == "no-store"


async def test_an_id_from_outside_is_not_taken_over(workplace: Workplace) -> None:
    answer = await workplace.anonymous.get("/api/health", headers={"X-Request-ID": 'x"} {"level": "fake'})
    assert "fake" not in answer.headers["x-request-id"]


async def test_a_failure_of_ours_is_a_problem_whose_details_are_in_the_log_only(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the secret plan is c0ffee")

    monkeypatch.setattr("daka.today.service.dashboard", fails)
    answer = await workplace.bob.http.get("/api/v1/dashboard")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "c0ffee" not in answer.text
    assert "x-content-type-options" in answer.headers
    assert any("Unexpected error at GET /api/v1/dashboard" in record.getMessage() for record in caplog.records)


async def test_a_request_commits_before_it_answers(workplace: Workplace) -> None:
    """Whoever reads "201" can read the row, through any other connection."""
    for number in range(5):
        shift_id = await new_shift(workplace.alice, {**EARLY, "code": str(number)})
        async with workplace.database.read() as session:
            assert (await session.exec(select(Shift).where(Shift.id == shift_id))).first() is not None


async def test_what_fails_in_the_middle_leaves_nothing(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise Conflict("broken_for_the_test", "after the row was written")

    shift_id = await new_shift(workplace.alice, EARLY)
    monkeypatch.setattr("daka.shifts.service.plan_changed", fails)
    answer = await workplace.alice.http.patch(
        f"/api/v1/shifts/{shift_id}", json={"periods": [{"start": "07:00", "end": "15:00"}]}
    )
    assert answer.json()["code"] == "broken_for_the_test"
    assert (await workplace.alice.get(f"/api/v1/shifts/{shift_id}"))["periods"] == EARLY["periods"]


async def test_no_secret_reaches_the_log(
    make_workplace: WorkplaceMaker, frozen: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Secrets that people give, in every way that they give them, while everything goes wrong that can."""
    robot, signing, hook, token = (
        "c0ffee01" * 8,
        "SEC" + "c0ffee02" * 8,
        "c0ffee03path",
        "daka_c0ffee04c0ffee04c0ffee04",
    )
    caplog.set_level(logging.DEBUG)
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        dingtalk.verdicts[robot] = {"errcode": 300001, "errmsg": "token is not exist"}
        url = f"https://oapi.dingtalk.com/robot/send?access_token={robot}"
        await new_robot(workplace.bob, config={"webhook_url": url, "secret": signing})
        refused = {"name": "x", "kind": "webhook", "config": {"url": f"http://10.0.0.7/services/{hook}"}}
        await workplace.bob.http.post("/api/v1/channels", json=refused)
        await workplace.anonymous.post("/api/v1/auth/token", data={"username": "bob", "password": PASSWORD})
        await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        await workplace.anonymous.get(f"/a/{token}")
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        await workplace.tick()
        await workplace.tick()
        assert dingtalk.asked, "nothing was sent, so nothing could be logged"
    lines = [
        JsonFormatter().format(record)
        for record in caplog.records
        if record.name.startswith(("daka", "httpx", "aiohttp.access"))
    ]
    assert lines, "the log must not be empty, or this test says nothing"
    assert all(json.loads(line) for line in lines)
    secrets = (robot, signing, hook, token, PASSWORD, workplace.settings.secret_key)
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


async def test_no_secret_comes_back_from_the_api(workplace: Workplace) -> None:
    robot, signing = "c0ffee01" * 8, "SEC" + "c0ffee02" * 8
    url = f"https://oapi.dingtalk.com/robot/send?access_token={robot}"
    channel_id = await new_robot(workplace.bob, config={"webhook_url": url, "secret": signing})
    for path in (
        "/api/v1/channels",
        f"/api/v1/channels/{channel_id}",
        "/api/v1/dashboard",
        "/api/v1/me",
        "/api/v1/deliveries",
    ):
        text = (await workplace.bob.http.get(path)).text
        assert robot not in text
        assert signing not in text
    channel = await workplace.bob.get(f"/api/v1/channels/{channel_id}")
    assert channel["saved_secrets"] == ["secret", "webhook_url"]
    assert channel["target"] == "oapi.dingtalk.com"
    async with workplace.database.read() as session:
        connection = await session.connection()
        (row,) = (await connection.exec_driver_sql("SELECT * FROM channel")).all()
    assert robot not in str(row)
    assert signing not in str(row)


# --- health -----------------------------------------------------------------------------------------------------------


async def health(workplace: Workplace) -> tuple[int, dict]:
    answer = await workplace.anonymous.get("/api/health")
    return answer.status_code, answer.json()


async def test_health_is_red_as_soon_as_the_tick_is_stale(workplace: Workplace, frozen: Clock) -> None:
    status, body = await health(workplace)
    assert (status, body["status"], body["checks"]["scheduler"]) == (503, "failing", "stale")
    async with workplace.database.write() as session:
        session.add(Worker(id="one", started_at=clock.now(), last_tick_at=clock.now()))
    status, body = await health(workplace)
    assert (status, body["status"], set(body["checks"].values())) == (200, "ok", {"ok"})
    assert body["version"]
    frozen.forward(seconds=60)
    assert (await health(workplace))[0] == 200
    frozen.forward(seconds=1)
    assert (await health(workplace))[0] == 503
    async with workplace.database.write() as session:
        session.add(Worker(id="two", started_at=clock.now(), last_tick_at=clock.now()))
    assert (await health(workplace))[0] == 200


async def test_health_is_red_when_the_database_does_not_answer(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(workplace.database, "read", unreachable)
    status, body = await health(workplace)
    assert (status, body["checks"]["database"]) == (503, "unreachable")
    assert "no route" not in json.dumps(body)


async def test_health_answers_in_time_also_when_the_database_does_not(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("daka.today.health.execute", silence)
    monkeypatch.setattr("daka.today.health.ANSWER_SECONDS", 0.01)
    status, body = await health(workplace)
    assert (status, body["checks"]["database"]) == (503, "unreachable")


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_writers_wait_for_each_other_and_none_is_lost(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace.alice, EARLY)
    people = await workplace.add_people(8, team_id=workplace.team_a)

    async def assign(person_id: int, day: int) -> int:
        cells = [{"user_id": person_id, "date": f"2026-12-{day:02}", "shift_id": shift_id}]
        return (await workplace.alice.http.put("/api/v1/roster", json={"assignments": cells})).status_code

    statuses = await asyncio.gather(*(assign(person.id, day) for person in people for day in range(1, 4)))
    assert set(statuses) == {200}
    roster = await workplace.alice.get(
        "/api/v1/roster", **{"from": "2026-12-01", "to": "2026-12-03", "team_id": workplace.team_a}
    )
    filled = {row["id"]: row["shift_ids"] for row in roster["users"]}
    assert all(filled[person.id] == [shift_id] * 3 for person in people)


async def test_an_access_token_ends_after_a_quarter_of_an_hour(workplace: Workplace, frozen: Clock) -> None:
    answer = await workplace.anonymous.post("/api/v1/auth/token", data={"username": "bob", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await workplace.anonymous.get("/api/v1/me", headers=headers)).status_code == 200
    frozen.forward(seconds=timedelta(minutes=15).total_seconds() + 1)
    assert (await workplace.anonymous.get("/api/v1/me", headers=headers)).json()["code"] == "token_invalid"


class FromPostgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("alice's mobile number")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (sa.exc.OperationalError("UPDATE", {}, Exception("database is locked")), "busy"),
        (sa.exc.TimeoutError("QueuePool limit of size 5 overflow 10 reached"), "busy"),
        (sa.exc.DBAPIError("UPDATE", {}, FromPostgres("40P01")), "busy"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("53300")), "busy"),
        (sa.exc.OperationalError("COMMIT", {}, Exception("database or disk is full")), "disk_full"),
        (sa.exc.DBAPIError("INSERT", {}, FromPostgres("53100")), "disk_full"),
        (sa.exc.OperationalError("BEGIN", {}, Exception("attempt to write a readonly database")), "database_read_only"),
        (sa.exc.DBAPIError("INSERT", {}, FromPostgres("25006")), "database_read_only"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("57P01")), "database_away"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("57P03")), "database_away"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("08003")), "database_away"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("28P01")), "database_away"),
        (sa.exc.DBAPIError("SELECT", {}, FromPostgres("3D000")), "database_away"),
        (sa.exc.InterfaceError("SELECT", {}, Exception("closed"), connection_invalidated=True), "database_away"),
    ],
)
async def test_what_a_database_cannot_do_now_is_said_in_words(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr("daka.today.service.dashboard", fails)
    answer = await workplace.bob.http.get("/api/v1/dashboard")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, code, "5")
    assert "alice" not in answer.text


async def test_a_database_server_that_is_not_there_is_said_to_be_away(workplace: Workplace) -> None:
    gone = Database(test_settings(database_url="postgresql://daka@127.0.0.1:1/daka"))
    with pytest.raises(sa.exc.OperationalError) as refused:
        async with gone.read() as session:
            await session.exec(sa.text("SELECT 1"))
    assert database_state(refused.value) is DatabaseState.AWAY


async def test_another_failure_of_the_database_is_none_of_the_readers_business(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error at sector c0ffee"))

    monkeypatch.setattr("daka.today.service.dashboard", fails)
    answer = await workplace.bob.http.get("/api/v1/dashboard")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "c0ffee" not in answer.text


async def test_head_is_get_without_the_body_for_every_list_of_the_api(workplace: Workplace) -> None:
    """Also for what is refused: the status and the headers are those of GET."""
    paths = (await workplace.anonymous.get("/api/openapi.json")).json()["paths"]
    lists = [path for path, item in paths.items() if "get" in item and "{" not in path and path != "/api/v1/events"]
    assert len(lists) > 20
    shown = 0
    for path in lists:
        for who in (workplace.root.http, workplace.anonymous):
            found, head = await who.get(path), await who.head(path)
            assert (head.status_code, head.content) == (found.status_code, b""), path
            assert path in WORKBOOKS or head.headers.get("content-length") == found.headers.get("content-length"), path
            assert head.headers["content-type"] == found.headers["content-type"], path
            shown += found.status_code == 200
    assert shown > 20


SPAN = "from=2026-11-23&to=2026-11-30"
DOWNLOADS = [
    f"/api/v1/roster/export?{SPAN}&format=csv",
    f"/api/v1/roster/export?{SPAN}&format=json",
    "/api/v1/audit/export",
    "/api/metrics",
    "feed",
    "about a person",
]
WORKBOOKS = [
    f"/api/v1/roster/export?{SPAN}&format=xlsx",
    f"/api/v1/roster/report/export?{SPAN}",
    "/api/v1/roster/import/template",
]
"""They hold the moment at which they were made, and so may differ by a byte."""


@pytest.mark.parametrize("path", DOWNLOADS + WORKBOOKS)
async def test_head_is_get_without_the_body_for_every_download(make_workplace: WorkplaceMaker, path: str) -> None:
    async with make_workplace(metrics_token="m" * 32) as workplace:
        await give_shift(workplace, EARLY, workplace.bob)
        who = workplace.root.http
        if path == "feed":
            feed = await workplace.bob.post("/api/v1/me/ical", {"name": "x"} | OWN)
            path, who = feed["url"].removeprefix("http://daka.test"), workplace.anonymous
        elif path == "about a person":
            path = f"/api/v1/users/{workplace.bob.id}/export"
        elif path == "/api/metrics":
            who = workplace.anonymous
            who.headers["Authorization"] = f"Bearer {'m' * 32}"
        found, head = await who.get(path), await who.head(path)
        assert (found.status_code, head.status_code, head.content) == (200, 200, b"")
        for name in ("content-type", "content-disposition", "etag", "cache-control"):
            assert head.headers.get(name) == found.headers.get(name), name
        if path not in WORKBOOKS:
            assert head.headers.get("content-length") == found.headers.get("content-length")


async def test_every_download_of_the_api_is_among_them(workplace: Workplace) -> None:
    paths = (await workplace.anonymous.get("/api/openapi.json")).json()["paths"]
    files = {
        path
        for path, item in paths.items()
        if item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).keys() - {"application/json"}
    }
    pages = {"/a/{token}", "/api/v1/events", "/ical/{token}.ics"}
    assert files - pages == {path.partition("?")[0] for path in DOWNLOADS + WORKBOOKS} - {"feed", "about a person"}


async def test_a_backup_which_asks_for_the_password_is_no_page(workplace: Workplace) -> None:
    asked = await workplace.root.http.head("/api/v1/backups/x/file")
    assert asked.status_code in (404, 405)  # 404 where the web app is served as well
