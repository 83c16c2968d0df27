"""The examples of the docs run as they are printed, against a real server."""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from conftest import SECRET
from daka import clock
from daka.demo.fake_dingtalk import formatted
from daka.demo.team import shifts_around
from fakes.dingtalk import FakeDingTalk
from process.servers import Server, serving

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
ACCOUNT = {"username": "alice", "password": "correct horse battery"}


async def _run(folder: Path, *command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def _alice_signs_in(server: Server) -> None:
    created = await server.http.post("/api/v1/setup", json={**ACCOUNT, "display_name": "Alice"})
    assert created.is_success, created.text
    signed_in = (await server.http.post("/api/v1/auth/token", data=ACCOUNT)).json()
    server.http.headers["Authorization"] = f"Bearer {signed_in['access_token']}"


async def _token_of_a_planned_week(server: Server) -> str:
    """Alice made a shift, put herself on it today, and made a personal token."""
    await _alice_signs_in(server)
    shift = {"name": "早班", "code": "早", "color": "hue-1", "periods": [{"start": "09:00", "end": "18:00"}]}
    shift_id = (await server.http.post("/api/v1/shifts", json=shift)).json()["id"]
    me = (await server.http.get("/api/v1/me")).json()
    today = clock.now().astimezone().date()
    assignments = [
        {"user_id": me["id"], "date": str(today + timedelta(days=day)), "shift_id": shift_id} for day in (0, 1, 2)
    ]
    planned = await server.http.put("/api/v1/roster", json={"assignments": assignments})
    assert planned.is_success, planned.text
    made = await server.http.post("/api/v1/me/tokens", json={"name": "week", "scopes": ["roster:read"]})
    return str(made.json()["token"])


async def test_a_client_is_generated_from_the_description_and_reads_the_week(tmp_path: Path) -> None:
    async with serving(tmp_path / "server", secret_key=SECRET, reminder_enabled="false") as server:
        token = await _token_of_a_planned_week(server)
        description = await server.http.get("/api/openapi.json")
        await asyncio.to_thread((tmp_path / "openapi.json").write_bytes, description.content)
        generator = str(Path(sys.executable).with_name("openapi-python-client"))
        said = await _run(tmp_path, generator, "generate", "--path", "openapi.json", "--meta", "none")
        assert "WARNING parsing" not in said, said
        assert "Unable to parse" not in said, said
        told = await _run(
            tmp_path,
            *(sys.executable, str(EXAMPLES / "week.py")),
            DAKA=str(server.http.base_url),
            DAKA_TOKEN=token,
            PYTHONPATH=str(tmp_path),
        )
    assert told.startswith("Alice  ")
    assert told.count("早班") == 3


PRELUDE = """
set -eu -o pipefail
curl() { command curl --fail-with-body --noproxy '*' "$@"; }
jq() { "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1].lstrip(".")])' "$2"; }
"""


@pytest.mark.parametrize("page", ["api.md", "api.zh-CN.md"])
async def test_the_walk_with_curl_works_as_it_is_printed(tmp_path: Path, page: str) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    walk = "".join(block for block in blocks if "daka_…" not in block and "pip install" not in block)
    async with FakeDingTalk().running() as dingtalk:
        dingtalk.add_robot("docs-robot", secret="SECdocs")
        given = {"secret_key": SECRET, "reminder_enabled": "false", "dingtalk_base_url": dingtalk.base_url}
        async with serving(tmp_path / "server", **given) as server:
            await _alice_signs_in(server)
            for name in ("bob", "dan"):
                account = {"username": name, "display_name": name, "password": ACCOUNT["password"], "team_id": 1}
                answer = await server.http.post("/api/v1/users", json=account)
                assert answer.is_success, answer.text
            for printed, meant in (
                ("http://localhost:8000", str(server.http.base_url)),
                ('"current_password": "…"', f'"current_password": "{ACCOUNT["password"]}"'),
                ("password=…", f"password={ACCOUNT['password']}"),
                ("access_token=…", "access_token=docs-robot"),
                ("SEC…", "SECdocs"),
            ):
                assert printed in walk
                walk = walk.replace(printed, meant)
            said = await _run(tmp_path, "bash", "-c", PRELUDE + walk, PYTHON=sys.executable)
    assert '"outcome":"done"' in said
    assert '"scopes":["punch:write"]' in said


@pytest.mark.parametrize("page", ["api.md", "api.zh-CN.md"])
def test_the_walk_on_the_demo_adds_no_shift_that_is_there(page: str) -> None:
    added = re.findall(r'"code": "(\w+)"', (ROOT / "docs" / page).read_text())
    _, there = shifts_around(datetime.now(UTC), ZoneInfo("Asia/Shanghai"))
    assert added
    assert not set(added) & {shift["code"] for shift in there}


def test_a_message_of_the_demos_group_has_links_to_tap() -> None:
    words = "#### 上班打卡提醒 23:50\n\n<王波>\n\n[我已打卡](http://localhost:8000/a/AB-c_1) · [这次跳过](http://localhost:8000/a/AB#skip)"
    assert formatted(words) == (
        "<b>上班打卡提醒 23:50</b>\n\n&lt;王波&gt;\n\n"
        '<a href="http://localhost:8000/a/AB-c_1">我已打卡</a> · <a href="http://localhost:8000/a/AB#skip">这次跳过</a>'
    )
