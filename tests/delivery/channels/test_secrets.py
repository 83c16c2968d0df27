"""Secrets are encrypted at rest, never shown, and survive a change of the key. Canaries sit in every secret field."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import PASSWORD, SECRET, TODAY, Clock, Workplace, WorkplaceMaker
from daka.database import Database
from daka.delivery import service
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.models import Channel
from daka.errors import ConfigurationError
from daka.key_rotation import rotate_key, sealed_columns, warn_of_another_key
from daka.observability import configure_logging
from daka.outbound.masking import masked, secret_parts
from daka.security import SecretBox
from fakes.server import Asked, FakeResponse, FakeServer

NEW_SECRET = "another-secret-that-only-tests-know-987"
WHSEC = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"


CANARY = "zq7-canary-{}-0001"
WRITTEN: dict[str, dict[str, Any]] = {
    "serverchan": {"sendkey": "SCTcanarycanarycanary"},
    "slack": {"webhook_url": "https://hooks.slack.com/services/Tcanary0001/Bcanary0001/canarycanary01"},
    "email": {"host": "127.0.0.1", "username": "a", "password": "zq7-canary-password1"},
    "webhook": {
        "url": "{base_url}/hook/zq7-canary-path-001?key=zq7-canary-key-0002",
        "secret": WHSEC,
        "former_secret": WHSEC,
    },
}
"""Canaries that cannot stand where the example has `0000`."""


def configs(base_url: str) -> dict[str, dict[str, Any]]:
    """Settings of every kind with a canary in each secret field: in place of the `0000` of its example, or alone."""
    planted: dict[str, dict[str, Any]] = {}
    for kind in CHOOSABLE:
        config = dict(KINDS[kind].example)
        for name in KINDS[kind].config.secret_fields():
            found = str(config.get(name, "0000"))
            config[name] = found.replace("0000", CANARY.format(name), 1)
        written = {name: str(value).format(base_url=base_url) for name, value in WRITTEN.get(kind, {}).items()}
        server = {"server": base_url} if "server" in KINDS[kind].config.model_fields else {}
        planted[kind] = {**config, **written, **server}
    return planted


def everything_back(asked: Asked) -> FakeResponse:
    """A provider that repeats all that it was told, in an error."""
    echo = f"{asked.path} {asked.query} {asked.headers} {asked.body.decode()}"
    if "oauth2" in asked.path:
        return FakeResponse({"accessToken": "zq7-canary-app-token", "expireIn": 7200, "message": echo})
    if "gettoken" in asked.path:
        return FakeResponse({"errcode": 0, "access_token": "zq7-canary-corp-token", "expires_in": 7200, "errmsg": echo})
    words = {"errmsg": echo, "msg": echo, "message": echo, "description": echo, "error": echo}
    return FakeResponse({"errcode": 1, "code": 1, "error_code": 400, **words}, 400)


VENDORS = sorted({kind.vendor.setting for kind in KINDS.values() if kind.vendor})


@contextmanager
def all_that_is_logged() -> Iterator[io.StringIO]:
    """What the process would write to its log at the most talkative level."""
    root, written, stderr = logging.getLogger(), io.StringIO(), sys.stderr
    kept, level = root.handlers[:], root.level
    sys.stderr = written
    try:
        configure_logging("DEBUG")
        yield written
    finally:
        root.handlers[:], sys.stderr = kept, stderr
        root.setLevel(level)


def test_every_secret_field_of_every_kind_has_a_canary() -> None:
    planted = configs("http://127.0.0.1:1")
    assert set(planted) == set(CHOOSABLE)
    for kind, config in planted.items():
        assert KINDS[kind].config.secret_fields() <= set(config), kind
        assert all("canary" in config[name] or config[name] == WHSEC for name in KINDS[kind].config.secret_fields())


async def test_no_canary_appears_in_any_answer_log_or_table(
    make_workplace: WorkplaceMaker, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_CHANNELS_PER_OWNER", len(CHOOSABLE) + 1)  # and the inbox that she has
    said: list[str] = []
    async with FakeServer(everything_back).running() as vendor:
        settings = dict.fromkeys(VENDORS, vendor.base_url)
        with all_that_is_logged() as logged:
            async with make_workplace(allow_private_targets=("127.0.0.1",), log_level="DEBUG", **settings) as workplace:
                for kind, config in configs(vendor.base_url).items():
                    before = len(vendor.asked)
                    said += await _everything_about(workplace, kind, config)
                    assert len(vendor.asked) > before or kind in ("email", "inbox"), (
                        f"{kind} sent its request past the fake: see `VENDOR.request` and `server`"
                    )
                shift = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
                shift_id = (await workplace.alice.post("/api/v1/shifts", shift))["id"]
                cells = [{"user_id": workplace.alice.id, "date": str(TODAY), "shift_id": shift_id}]
                await workplace.alice.put("/api/v1/roster", {"assignments": cells})
                frozen.forward(hours=1)
                await workplace.tick()
                for path in ("channels", "deliveries", "inbox", "audit", "channels/kinds"):
                    said.append((await workplace.root.http.get(f"/api/v1/{path}", params={"limit": 100})).text)
                    said.append((await workplace.alice.http.get(f"/api/v1/{path}")).text)
                said += await _all_rows(workplace.database)
        assert len(vendor.asked) > 15
    for text in [*said, logged.getvalue()]:
        assert "canary" not in text, text[max(text.find("canary") - 200, 0) : text.find("canary") + 100]
        assert WHSEC.removeprefix("whsec_") not in text
    assert "cana" not in logged.getvalue()


async def _everything_about(workplace: Workplace, kind: str, config: dict[str, Any]) -> list[str]:
    """All that the API says of one channel in its life, good and bad."""
    http = workplace.alice.http
    made = await http.post("/api/v1/channels", json={"name": kind, "kind": kind, "config": config})
    assert made.status_code == 201, made.text
    path = f"/api/v1/channels/{made.json()['id']}"
    answers = [
        made,
        await http.get(path),
        await http.post(f"{path}/test"),
        await http.get(path),
        await http.patch(path, json={"config": {**config, "nonsense": "x"}}),
        await http.post("/api/v1/channels", json={"name": kind, "kind": kind, "config": {**config, "nonsense": 1}}),
    ]
    for name in KINDS[kind].config.secret_fields():
        answers.append(await http.patch(path, json={"config": {**config, name: config[name] + "\n\x01 " + "x" * 3000}}))
        assert answers[-1].status_code == 422, answers[-1].text
    return [answer.text for answer in answers]


async def _all_rows(database: Database) -> list[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        return [str(list(await connection.execute(sa.text(f'SELECT * FROM "{name}"')))) for name in names]


async def test_secrets_that_are_left_out_are_kept_and_null_takes_one_away(workplace: Workplace) -> None:
    config = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=abc", "secret": "SEC1", "keyword": "k"}
    made = await workplace.bob.post("/api/v1/channels", {"name": "x", "kind": "dingtalk_robot", "config": config})
    path = f"/api/v1/channels/{made['id']}"
    assert made["saved_secrets"] == ["secret", "webhook_url"]
    kept = await workplace.bob.patch(path, {"config": {"keyword": "other"}})
    assert (kept["saved_secrets"], kept["config"]["keyword"]) == (["secret", "webhook_url"], "other")
    assert (await workplace.bob.patch(path, {"config": {"secret": None}}))["saved_secrets"] == ["webhook_url"]


def test_masking_knows_a_secret_in_all_its_forms() -> None:
    secret = 'p@ss/wörd"0123456789'
    parts = secret_parts([secret, "https://x.example/open-apis/bot/v2/hook/abcdef?key=a%2Fb%2Bc"])
    text = json.dumps({"a": secret}) + f" {secret} p%40ss%2Fw%C3%B6rd%220123456789 /hook/abcdef?key=a%2Fb%2Bc a/b+c"
    found = masked(text, parts)
    assert "0123456789" not in found
    assert "abcdef" not in found
    assert "a/b+c" not in found
    assert "a%2Fb%2Bc" not in found
    assert "/hook/" in found


# --- a new key -------------------------------------------------------------------------------------------------------


def test_every_table_with_secrets_is_known_to_the_rotation() -> None:
    assert {column.table.name for column in sealed_columns()} >= {"channel", "punch_source", "second_factor"}


async def test_a_new_key_opens_everything_and_changes_it_once(workplace: Workplace) -> None:
    config = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=abc", "secret": "SECold"}
    await workplace.bob.post("/api/v1/channels", {"name": "x", "kind": "dingtalk_robot", "config": config})
    await workplace.bob.post("/api/v1/channels", {"name": "y", "kind": "inbox"})
    assert await rotate_key(workplace.database, former=SECRET, present=NEW_SECRET) == 1
    assert await rotate_key(workplace.database, former=SECRET, present=NEW_SECRET) == 0
    async with workplace.database.read() as session:
        sealed = (await session.exec(select(Channel.sealed_secrets).where(Channel.name == "x"))).one()
    assert SecretBox(NEW_SECRET).open(sealed)["secret"] == "SECold"
    with pytest.raises(ConfigurationError):
        SecretBox(SECRET).open(sealed)


async def test_a_wrong_former_key_changes_nothing(workplace: Workplace) -> None:
    config = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=abc"}
    await workplace.bob.post("/api/v1/channels", {"name": "x", "kind": "dingtalk_robot", "config": config})
    with pytest.raises(ConfigurationError, match="Neither key"):
        await rotate_key(workplace.database, former="x" * 32, present=NEW_SECRET)
    async with workplace.database.read() as session:
        assert SecretBox(SECRET).opens((await session.exec(select(Channel.sealed_secrets))).one())


SOURCE = {"app_key": "dingabc123456", "app_secret": "an app's secret"}


async def test_what_a_lost_key_encrypted_can_be_entered_again(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    root, robot = workplace.root, "https://oapi.dingtalk.com/robot/send?access_token=abc"
    await warn_of_another_key(workplace.database, SECRET)
    assert caplog.text == ""
    channel = await root.post(
        "/api/v1/channels",
        {"name": "x", "kind": "dingtalk_robot", "config": {"webhook_url": robot, "secret": "SEC1", "keyword": "k"}},
    )
    source = await root.post("/api/v1/punch-sources", {"name": "y", "kind": "dingtalk_attendance", "config": SOURCE})
    await rotate_key(workplace.database, former=SECRET, present=NEW_SECRET)  # and the new one is not in the settings
    await warn_of_another_key(workplace.database, SECRET)
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert "SECRET_KEY cannot decrypt" in caplog.text

    paths = (await root.get("/api/openapi.json"))["paths"]
    for path in (path for path, item in paths.items() if "get" in item and "{" not in path and "events" not in path):
        assert (await root.http.get(path)).status_code != 500, path
    assert (await root.get("/api/v1/channels"))["items"][0]["saved_secrets"] == []
    found = (await root.get("/api/v1/punch-sources"))["items"][0]
    assert (found["saved_secrets"], found["target"], found["monthly_calls"]) == ([], "", 4000)

    tried = await root.post(f"/api/v1/channels/{channel['id']}/test", {})
    assert (tried["outcome"], "SECRET_KEY" in tried["provider_message"]) == ("broken_channel", True)
    refused = await root.http.patch(f"/api/v1/channels/{channel['id']}", json={"config": {"keyword": "other"}})
    assert (refused.status_code, refused.json()["errors"][0]["loc"][-1]) == (422, "webhook_url")
    again = await root.patch(f"/api/v1/channels/{channel['id']}", {"config": {"webhook_url": robot, "keyword": "k"}})
    assert (again["saved_secrets"], again["status"]) == (["webhook_url"], "untried")
    again = await root.patch(f"/api/v1/punch-sources/{source['id']}", {"config": SOURCE})
    assert (again["saved_secrets"], again["target"]) == (["app_secret"], "oapi.dingtalk.com")


async def test_a_second_factor_of_a_lost_key_says_why_no_code_fits(workplace: Workplace) -> None:
    begun = await workplace.bob.post("/api/v1/me/second-factor", {"current_password": PASSWORD})
    assert begun["secret"]
    await rotate_key(workplace.database, former=SECRET, present=NEW_SECRET)
    refused = await workplace.bob.http.post("/api/v1/me/second-factor/confirm", json={"code": "123456"})
    assert (refused.status_code, refused.json()["code"]) == (503, "wrong_configuration")
    assert "SECRET_KEY" in refused.json()["detail"]
