"""Punch sources over HTTP: who keeps them, what is never shown, and the test button."""

import inspect
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import Clock, Workplace, WorkplaceMaker
from daka.audit_trail import AuditEntry
from daka.identity.models import Role
from daka.reminders import punches
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.remedies import DOUBTS, HINTS
from daka.reminders.punches.results import PersonField
from fakes.airscript import FakeAirScript
from fakes.dingtalk_attendance import FakeAttendance
from fakes.server import FakeResponse, FakeServer
from scenes import EARLY, give_shift, shanghai

SOURCES = "/api/v1/punch-sources"
SECRET = "an-app-secret-nobody-may-see"
ATTENDANCE = {
    "name": "钉钉考勤",
    "kind": "dingtalk_attendance",
    "config": {"app_key": "dingabc123456", "app_secret": SECRET},
}


@pytest.fixture
async def fake() -> AsyncIterator[FakeAttendance]:
    async with FakeAttendance().running() as running:
        yield running


async def test_a_source_is_kept_without_ever_showing_its_secret(workplace: Workplace) -> None:
    made = await workplace.alice.post(SOURCES, {**ATTENDANCE, "team_id": workplace.team_a})
    assert made["config"] == {"app_key": "dingabc123456", "monthly_calls": 4000}
    assert made["saved_secrets"] == ["app_secret"]
    assert (made["status"], made["target"], made["calls_this_month"]) == ("untried", "oapi.dingtalk.com", 0)
    assert (made["may_change"], made["is_from_environment"]) == (True, False)

    changed = await workplace.alice.patch(f"{SOURCES}/{made['id']}", {"config": {"app_key": "dingxyz123456"}})
    assert changed["saved_secrets"] == ["app_secret"]  # left out is kept
    listed = await workplace.alice.get(SOURCES)
    assert SECRET not in str(listed) + str(made) + str(changed)
    async with workplace.database.read() as session:
        row = await session.get(PunchSource, made["id"])
        assert row is not None
        assert SECRET not in str(row.model_dump())

    await workplace.alice.delete(f"{SOURCES}/{made['id']}")
    assert (await workplace.alice.get(SOURCES))["items"] == []
    async with workplace.database.read() as session:
        row = await session.get(PunchSource, made["id"])
        assert row is not None
        assert row.sealed_secrets == ""


async def test_who_changed_a_source_is_kept_without_its_secret(workplace: Workplace) -> None:
    made = await workplace.alice.post(SOURCES, {**ATTENDANCE, "team_id": workplace.team_a})
    await workplace.alice.patch(f"{SOURCES}/{made['id']}", {"name": "考勤", "config": {"app_key": "dingxyz123456"}})
    await workplace.alice.delete(f"{SOURCES}/{made['id']}")
    async with workplace.database.read() as session:
        entries = list(
            await session.exec(
                select(AuditEntry).where(AuditEntry.subject_kind == "punch_source").order_by(col(AuditEntry.id))
            )
        )
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        (f"punch_source.{what}", workplace.alice.id) for what in ("created", "updated", "deleted")
    ]
    assert (entries[1].before or {})["name"] == "钉钉考勤"
    text = str([entry.model_dump() for entry in entries])
    assert SECRET not in text
    assert made["config"]["app_key"] not in text


async def test_a_refusal_of_settings_names_the_place_and_not_the_value(workplace: Workplace) -> None:
    refused = await workplace.alice.http.post(
        SOURCES, json={**ATTENDANCE, "team_id": workplace.team_a, "config": {"app_key": "x y", "app_secret": SECRET}}
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["body", "config", "app_key"]
    assert SECRET not in refused.text


async def statuses(workplace: Workplace, method: str, path: str, body: Any = None) -> dict[str, int]:
    """What each of them is answered."""
    people = {"root": workplace.root, "alice": workplace.alice, "bob": workplace.bob}
    return {
        name: (await person.http.request(method, path, json=body)).status_code for name, person in people.items()
    } | {"nobody": (await workplace.anonymous.request(method, path, json=body)).status_code}


async def test_administrators_keep_the_servers_sources_and_planners_see_how_they_stand(workplace: Workplace) -> None:
    refused = await statuses(workplace, "POST", SOURCES, ATTENDANCE)
    assert refused == {"root": 201, "alice": 403, "bob": 403, "nobody": 401}
    (made,) = (await workplace.root.get(SOURCES))["items"]
    (seen,) = (await workplace.alice.get(SOURCES))["items"]
    assert (seen["name"], seen["status"], seen["may_change"]) == (made["name"], "untried", False)
    assert (seen["config"], seen["saved_secrets"]) == ({}, [])
    one = f"{SOURCES}/{made['id']}"
    assert await statuses(workplace, "GET", one) == {"root": 200, "alice": 200, "bob": 403, "nobody": 401}
    assert await statuses(workplace, "POST", f"{one}/test") == {"root": 200, "alice": 403, "bob": 403, "nobody": 401}
    assert await statuses(workplace, "PATCH", one, {"name": "考勤"}) == {
        "root": 200,
        "alice": 403,
        "bob": 403,
        "nobody": 401,
    }
    assert await statuses(workplace, "DELETE", one) == {"root": 204, "alice": 404, "bob": 403, "nobody": 401}


async def test_another_teams_source_does_not_exist(workplace: Workplace) -> None:
    dora = await workplace.add_person("Dora", team_id=workplace.team_c, role=Role.PLANNER)
    made = await workplace.alice.post(SOURCES, {**ATTENDANCE, "team_id": workplace.team_a})
    assert (await dora.get(SOURCES))["items"] == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body = {"name": "mine"} if method == "PATCH" else None
        answer = await dora.http.request(method, f"{SOURCES}/{made['id']}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "punch_source_not_found")
    answer = await dora.http.post(SOURCES, json={**ATTENDANCE, "team_id": workplace.team_a})
    assert answer.status_code == 404


async def test_a_source_speaks_only_of_people_whom_it_serves(workplace: Workplace) -> None:
    table = {
        "name": "考勤表",
        "kind": "vika",
        "team_id": workplace.team_a,
        "config": {
            "token": "uskToken",
            "datasheet_id": "dstSheet",
            "clock_in_row": 1,
            "clock_out_row": 2,
            "user_id": workplace.charlie.id,
        },
    }
    answer = await workplace.alice.http.post(SOURCES, json=table)
    assert (answer.status_code, answer.json()["code"]) == (422, "user_not_found")
    table["config"]["user_id"] = workplace.bob.id  # type: ignore[index]
    assert (await workplace.alice.post(SOURCES, table))["config"]["user_id"] == workplace.bob.id


@pytest.mark.parametrize("kind", ["airscript", "fax", "inbox"])
async def test_a_kind_that_people_cannot_add_is_refused(workplace: Workplace, kind: str) -> None:
    answer = await workplace.root.http.post(SOURCES, json={"name": "x", "kind": kind, "config": {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_kind")


async def test_a_team_has_a_handful_of_sources(workplace: Workplace) -> None:
    for _ in range(10):
        await workplace.alice.post(SOURCES, {**ATTENDANCE, "team_id": workplace.team_a})
    answer = await workplace.alice.http.post(SOURCES, json={**ATTENDANCE, "team_id": workplace.team_a})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_sources")


async def test_the_environments_source_follows_the_environment(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with (
        FakeAirScript().running() as script,
        make_workplace(check_url=script.url, api_token=script.token) as workplace,
    ):
        await workplace.app.state.punch_checker.check_ahead()
        (source,) = (await workplace.root.get(SOURCES))["items"]
        assert (source["name"], source["kind"], source["is_from_environment"]) == ("CHECK_URL", "airscript", True)
        assert script.token not in str(source)
        assert script.url not in str(source)
        one = f"{SOURCES}/{source['id']}"
        for body in ({"name": "x"}, {"is_enabled": False}, {"config": {"url": "https://elsewhere.example"}}):
            answer = await workplace.root.http.patch(one, json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "set_by_environment")
        assert (await workplace.root.http.delete(one)).status_code == 409
        changed = await workplace.root.patch(one, {"config": {"user_id": workplace.bob.id, "monthly_calls": 500}})
        assert changed["config"] == {"user_id": workplace.bob.id, "monthly_calls": 500}
        assert changed["saved_secrets"] == ["token", "url"]


async def test_without_check_url_its_source_is_off(
    make_workplace: WorkplaceMaker, frozen: Clock, database_url: str
) -> None:
    from daka.database import Database
    from daka.reminders.punches.service import sync_environment_source
    from daka.reminders.punches.serving import enabled_sources
    from daka.settings import Settings

    async with make_workplace(check_url="http://127.0.0.1:9/x", api_token="first-token") as workplace:

        async def sync(**values: Any) -> list[PunchSource]:
            settings: Settings = workplace.settings.model_copy(update=values)
            database: Database = workplace.database
            async with database.write() as session:
                await sync_environment_source(session, settings)
            async with database.read() as session:
                return await enabled_sources(session)

        (first,) = await sync()
        (changed,) = await sync(api_token="second-token")
        assert changed.id == first.id
        assert changed.sealed_secrets != first.sealed_secrets
        assert await sync(check_url="", api_token="") == []
        (again,) = await sync()
        assert again.id == first.id


# --- the test button --------------------------------------------------------------------------------------------------


async def test_the_test_button_says_what_the_source_says_and_records_no_punch(
    make_workplace: WorkplaceMaker, frozen: Clock, fake: FakeAttendance
) -> None:
    async with make_workplace(dingtalk_base_url=fake.base_url) as workplace:
        fake.mobiles["13800000001"] = "u-bob"
        fake.punch("u-bob", shanghai("07:50"))
        await give_shift(workplace, EARLY, workplace.bob)
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        source = await workplace.alice.post(SOURCES, {**ATTENDANCE, "team_id": workplace.team_a, "config": config})
        said = await workplace.alice.post(f"{SOURCES}/{source['id']}/test", {"user_id": workplace.bob.id})
        assert (said["outcome"], said["user_id"]) == ("ok", workplace.bob.id)
        assert [(found["kind"], found["state"]) for found in said["results"]] == [
            ("clock_in", "punched"),
            ("clock_out", "not_punched"),
        ]
        assert (await workplace.bob.get("/api/v1/punches"))["items"] == []

        # About a person whom DingTalk does not know it says why it knows nothing.
        said = await workplace.alice.post(f"{SOURCES}/{source['id']}/test")
        assert [found["reason"] for found in said["results"]] == ["no_dingtalk_userid"] * 2
        answer = await workplace.alice.http.post(
            f"{SOURCES}/{source['id']}/test", json={"user_id": workplace.charlie.id}
        )
        assert answer.status_code == 404


async def test_the_test_button_shows_what_is_wrong_with_its_remedy(
    make_workplace: WorkplaceMaker, frozen: Clock, fake: FakeAttendance
) -> None:
    async with make_workplace(dingtalk_base_url=fake.base_url) as workplace:
        source = await workplace.root.post(SOURCES, {**ATTENDANCE})
        await workplace.root.patch(f"/api/v1/users/{workplace.root.id}", {"dingtalk_userid": "u-root"})
        said = await workplace.root.post(f"{SOURCES}/{source['id']}/test")
        assert (said["outcome"], said["provider_code"], said["hint"]) == (
            "broken",
            "invalidClientIdOrSecret",
            "dingtalk_app",
        )
        assert "AppSecret" in said["remedy"]["zh"]
        found = await workplace.root.get(f"{SOURCES}/{source['id']}")
        assert (found["status"], found["status_hint"]) == ("broken", "dingtalk_app")
        assert found["throttled_until"] is not None

        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        mended = await workplace.root.patch(f"{SOURCES}/{source['id']}", {"config": config})
        assert (mended["status"], mended["throttled_until"]) == ("untried", None)


TRY = f"{SOURCES}/test"


async def test_settings_are_tested_before_they_are_saved_and_nothing_of_the_test_is_kept(
    make_workplace: WorkplaceMaker, frozen: Clock, fake: FakeAttendance
) -> None:
    async with make_workplace(dingtalk_base_url=fake.base_url) as workplace:
        fake.mobiles["13800000001"] = "u-bob"
        await give_shift(workplace, EARLY, workplace.bob)
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        typed = {"kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config}
        said = await workplace.alice.post(TRY, {**typed, "user_id": workplace.bob.id})
        assert (said["outcome"], said["results"][0]["state"]) == ("ok", "not_punched")
        assert fake.app_secret not in str(said)
        assert (await workplace.alice.get(SOURCES))["items"] == []
        bob = await workplace.root.get(f"/api/v1/users/{workplace.bob.id}")
        assert bob["dingtalk_userid"] is None  # of an app that may never be saved
        new = {"name": "考勤", **typed, "proof": said["proof"]}
        saved = await workplace.alice.post(SOURCES, new)
        assert (saved["status"], saved["answered_at"] is not None) == ("ok", True)
        by_another = await workplace.root.post(SOURCES, new)
        assert by_another["status"] == "untried"

        # Changed settings are tested with the secrets that are saved, and saved with the proof.
        change = {"app_key": fake.app_key, "monthly_calls": 300}
        asked = {**typed, "source_id": saved["id"], "config": change, "user_id": workplace.bob.id}
        proof = (await workplace.alice.post(TRY, asked))["proof"]
        one = f"{SOURCES}/{saved['id']}"
        assert (await workplace.alice.patch(one, {"config": {**change, "monthly_calls": 200}, "proof": proof}))[
            "status"
        ] == "untried"
        assert (await workplace.alice.patch(one, {"config": change, "proof": proof}))["status"] == "ok"


async def test_no_proof_without_a_result(make_workplace: WorkplaceMaker, frozen: Clock, fake: FakeAttendance) -> None:
    async with make_workplace(dingtalk_base_url=fake.base_url) as workplace:
        wrong = {"app_key": fake.app_key, "app_secret": "a-wrong-secret"}
        right = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        for config, outcome in ((wrong, "broken"), (right, "ok")):
            if outcome == "broken":
                await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"dingtalk_userid": "u-bob"})
            about = workplace.bob.id if outcome == "broken" else workplace.alice.id  # whom DingTalk does not know
            typed = {"kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config, "user_id": about}
            said = await workplace.alice.post(TRY, typed)
            assert (said["outcome"], said["proof"]) == (outcome, None)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"kind": "airscript"}, 422, "unknown_kind"),
        ({"config": {"app_key": "x y"}}, 422, "invalid_input"),
        ({"team_id": None}, 403, "admins_only"),
        ({"team_id": 99}, 404, "team_not_found"),
        ({"source_id": 99}, 404, "punch_source_not_found"),
    ],
)
async def test_what_could_not_be_saved_is_not_asked_either(
    workplace: Workplace, asked: dict[str, Any], status: int, code: str
) -> None:
    typed = {"kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": ATTENDANCE["config"], **asked}
    refused = await workplace.alice.http.post(TRY, json=typed)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_settings_that_name_nobody_are_refused_before_they_are_saved(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob, workplace.alice)
    config = {"url": "https://hr.example.com/punched", "value_path": "data.{kind}"}
    said = await workplace.alice.post(TRY, {"kind": "json_url", "team_id": workplace.team_a, "config": config})
    assert (said["outcome"], said["hint"], said["proof"]) == ("broken", "names_nobody", None)


async def test_the_test_of_an_address_inside_the_lan_says_that_it_is_refused(workplace: Workplace) -> None:
    async with FakeServer(lambda asked: FakeResponse({"punched": True})).running() as server:
        config = {"url": f"{server.base_url}/{{username}}", "value_path": "{kind}"}
        source = await workplace.alice.post(
            SOURCES, {"name": "门禁", "kind": "json_url", "team_id": workplace.team_a, "config": config}
        )
        said = await workplace.alice.post(f"{SOURCES}/{source['id']}/test")
        assert (said["outcome"], said["hint"]) == ("broken", "address_refused")
        assert server.asked == []


# --- words ------------------------------------------------------------------------------------------------------------


async def test_the_kinds_come_with_forms(workplace: Workplace) -> None:
    kinds = (await workplace.alice.get(f"{SOURCES}/kinds"))["items"]
    assert [kind["kind"] for kind in kinds] == [
        "dingtalk_attendance",
        "feishu_attendance",
        "wecom_attendance",
        "vika",
        "json_url",
        "airscript",
    ]
    for kind in kinds:
        assert set(kind["labels"]) == {"zh", "en"}
        for name, field in kind["config_schema"]["properties"].items():
            assert field.get("title"), name
        assert kind["secret_fields"]


def test_every_hint_has_words_in_both_languages() -> None:
    source = "\n".join(file.read_text() for file in Path(inspect.getfile(punches)).parent.glob("*.py"))
    used = set(re.findall(r'hint="(\w+)"', source)) | {"timeout", "connection", "certificate", "dns"}
    used |= {"address_refused"}
    used |= set(re.findall(r'"((?:dingtalk|feishu|wecom|vika)_[a-z_]+)"', source))
    used -= set(PersonField) | set(KINDS) | set(DOUBTS) | {"dingtalk_base_url"}
    assert used <= set(HINTS), used - set(HINTS)
    assert all(set(words) == {"zh", "en"} for words in HINTS.values())


def test_every_kind_is_what_its_name_says() -> None:
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_setting_has_its_words_in_both_languages(name: str) -> None:
    for field, found in KINDS[name].config.model_json_schema()["properties"].items():
        assert set(found["titles"]) == {"zh", "en"}, field
        assert "descriptions" not in found or (found["descriptions"]["zh"] and found["descriptions"]["en"]), field
        assert ("description" in found) == ("descriptions" in found), field
