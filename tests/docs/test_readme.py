"""What the READMEs say to type works: run as printed where that is possible, and looked up where it is not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import SECRET
from process.servers import serving

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md"]
BIN = Path(sys.executable).parent

CLONE = re.compile(r"git clone <[^>]+> daka && cd daka")
MAKE = re.compile(r"make ([a-z-]+)")
COPY_OF_THE_SETTINGS = re.compile(r"cp deploy/\.env\.example \.env")
SECRET_OF_ITS_OWN = re.compile(r"sed -i .*SECRET_KEY.* \.env")
COMPOSE = re.compile(r"docker compose up -d")
SERVE = re.compile(r"\.venv/bin/daka serve")
TRIED_HERE = (CLONE, MAKE, COPY_OF_THE_SETTINGS, SECRET_OF_ITS_OWN, COMPOSE, SERVE)


def commands(page: str) -> list[str]:
    blocks = re.findall(
        r"^```(?:bash|sh|shell|console)?\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE
    )
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def plain_environment(**more: str) -> dict[str, str]:
    """Nothing of whoever runs the tests but where programs are."""
    return {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/"), **more}


def run(folder: Path, *command: str, **more: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=plain_environment(**more), text=True, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def settings_made(folder: Path, page: str) -> dict[str, str]:
    """The README's own lines, in a folder that holds what they touch. What the .env says then."""
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / ".env.example", folder / "deploy")
    lines = [line for line in commands(page) if COPY_OF_THE_SETTINGS.search(line) or SECRET_OF_ITS_OWN.search(line)]
    assert len(lines) == 2
    run(folder, "bash", "-euc", "\n".join(lines))
    pairs = (line.partition("=") for line in (folder / ".env").read_text().splitlines() if not line.startswith("#"))
    return {name: value for name, _, value in pairs if name}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one_that_is_tried_here(page: str) -> None:
    assert commands(page)
    assert [line for line in commands(page) if not any(known.fullmatch(line) for known in TRIED_HERE)] == []


def test_both_languages_say_the_same_commands() -> None:
    english, chinese = ([re.sub("<.*?>", "<>", line) for line in commands(page)] for page in PAGES)
    assert english == chinese


@pytest.mark.parametrize("page", PAGES)
def test_what_make_is_asked_for_it_knows(page: str) -> None:
    targets = [found[1] for line in commands(page) if (found := MAKE.fullmatch(line))]
    assert {"demo", "test", "setup"} <= set(targets)
    for target in targets:
        assert run(ROOT, "make", "--dry-run", target).strip()


@pytest.mark.parametrize("page", PAGES)
async def test_a_server_starts_with_the_settings_and_finds_nothing_wrong_with_the_key(
    tmp_path: Path, page: str
) -> None:
    key = settings_made(tmp_path, page)["SECRET_KEY"]
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert key != settings_made(tmp_path / "again", page)["SECRET_KEY"], "it is random"
    async with serving(tmp_path) as server:
        asks_for_the_first_account = (await server.http.get("/api/v1/setup")).json()
        said = run(tmp_path, sys.executable, "-m", "daka", "doctor", "--offline")
    assert asks_for_the_first_account["needed"] is True
    assert "SECRET_KEY is strong" in said
    assert not re.search("^error", said, re.MULTILINE), said


def test_a_placeholder_is_not_a_key(tmp_path: Path) -> None:
    """The server refuses a placeholder; an empty key is generated."""
    shutil.copy(ROOT / "deploy" / ".env.example", tmp_path / ".env")
    done = subprocess.run(
        [sys.executable, "-m", "daka", "doctor", "--offline"],
        cwd=tmp_path,
        env=plain_environment(SECRET_KEY="change-me-please-please"),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert "SECRET_KEY is still the placeholder" in done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_compose_finds_all_that_it_insists_on(tmp_path: Path, page: str) -> None:
    made = settings_made(tmp_path, page)
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    insisted = set(re.findall(r"\$\{([A-Z_]+):\?", yaml.safe_dump(compose)))
    assert not {name for name in insisted if not made.get(name)}
    for service in compose["services"].values():
        assert (ROOT / service["build"]["dockerfile"]).is_file(), "it builds what is not there yet"
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    run(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    if shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        told: dict[str, Any] = yaml.safe_load(run(tmp_path, "docker", "compose", "config"))
        assert told["services"]["backend"]["environment"]["SECRET_KEY"] == made["SECRET_KEY"]
        assert {str(port["published"]) for port in told["services"]["frontend"]["ports"]} == {"8080"}


@pytest.mark.parametrize("page", PAGES)
def test_the_port_that_is_named_is_the_one_that_is_opened(page: str) -> None:
    opened = re.search(r"\$\{PORT:-(\d+)\}", (ROOT / "compose.yaml").read_text())
    assert opened is not None
    after = (ROOT / page).read_text().partition("docker compose up -d")[2][:120]
    assert opened[1] in after


@pytest.mark.parametrize("page", PAGES)
def test_the_program_that_make_setup_installs_is_there_and_serves(page: str) -> None:
    assert any(SERVE.fullmatch(line) for line in commands(page))
    assert "serve" in run(ROOT, str(BIN / "daka"), "--help", SECRET_KEY=SECRET)
