"""What the READMEs say to type works: run as printed where that is possible, and looked up where it is not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import SECRET
from daka.settings import Settings
from process.servers import serving

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md"]
BIN = Path(sys.executable).parent

CLONE = re.compile(r"git clone <[^>]+> daka && cd daka")
MAKE = re.compile(r"make ([a-z-]+)")
SERVE = re.compile(r"\.venv/bin/daka serve")
DOCKER = re.compile(
    r"docker run -d --name daka --restart unless-stopped -p (\d+):(\d+) -v daka:(\S+) -e TZ=(\S+) ghcr\.io/OWNER/daka"
)
"""`deploy/images.sh try-whole` runs this line as it is printed."""
TRIED_HERE = (CLONE, MAKE, SERVE, DOCKER)


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


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one_that_is_tried_here(page: str) -> None:
    assert commands(page)
    assert [line for line in commands(page) if not any(known.fullmatch(line) for known in TRIED_HERE)] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_make_is_asked_for_it_knows(page: str) -> None:
    targets = [found[1] for line in commands(page) if (found := MAKE.fullmatch(line))]
    assert {"demo", "test", "setup"} <= set(targets)
    for target in targets:
        assert run(ROOT, "make", "--dry-run", target).strip()


@pytest.mark.parametrize("page", PAGES)
def test_one_line_of_docker_fits_the_image_and_comes_first(page: str) -> None:
    found = DOCKER.fullmatch(commands(page)[0])
    assert found, "the first thing to type"
    image, base = ((ROOT / name).read_text() for name in ("Dockerfile", "Dockerfile.backend"))
    outside, inside, folder, zone = found.groups()
    assert f"PORT={inside} " in image
    assert f"EXPOSE {inside}\n" in image
    assert f"VOLUME {folder}\n" in base
    assert zone == Settings.model_fields["timezone"].default
    assert f"http://ADDRESS:{outside}" in (ROOT / page).read_text().replace("地址", "ADDRESS")


async def test_a_server_starts_without_any_setting_and_finds_nothing_wrong_with_its_key(tmp_path: Path) -> None:
    async with serving(tmp_path, SECRET_KEY="") as server:
        asks_for_the_first_account = (await server.http.get("/api/v1/setup")).json()
        said = run(tmp_path, sys.executable, "-m", "daka", "doctor", "--offline")
    assert asks_for_the_first_account["needed"] is True
    assert re.search(r"^ok +secret +stored in data/secret.key", said, re.MULTILINE)
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
def test_the_program_that_make_setup_installs_is_there_and_serves(page: str) -> None:
    assert any(SERVE.fullmatch(line) for line in commands(page))
    assert "serve" in run(ROOT, str(BIN / "daka"), "--help", SECRET_KEY=SECRET)
