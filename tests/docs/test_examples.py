"""The examples of the docs run as they are printed, against a real server."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from conftest import SECRET
from daka import clock
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


async def _token_of_a_planned_week(server: Server) -> str:
    """Alice made a shift, put herself on it today, and made a personal token."""
    created = await server.http.post("/api/v1/setup", json={**ACCOUNT, "display_name": "Alice"})
    assert created.is_success, created.text
    signed_in = (await server.http.post("/api/v1/auth/token", data=ACCOUNT)).json()
    server.http.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
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
