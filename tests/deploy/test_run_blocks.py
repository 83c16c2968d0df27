"""Each `run:` block of the workflows is executed: here, or where a comment in the table says."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.proxy import ROOT
from deploy.run_blocks import COMMIT, blocks, evaluated, execute, outputs, workflow

Key = tuple[str, str, int]
ELSEWHERE: dict[Key, str] = {
    ("ci.yml", "check", 0): "make check, by everybody before a merge",
    ("ci.yml", "test", 1): "this very run",
    ("ci.yml", "browser", 1): "this very run",
    ("ci.yml", "wheel", 0): "make setup and make check build the web app",
    ("ci.yml", "wheel", 1): "make wheel",
    ("ci.yml", "wheel", 2): "make wheel",
    ("ci.yml", "clients", 0): "make clients, with the network",
    ("docker.yml", "build", 0): "make images, with Docker",
    ("docker.yml", "build", 1): "make images-test, with Docker",
    ("docker.yml", "smoke", 0): "make images-test, with Docker",
    ("release.yml", "package", 0): "make setup",
    ("release.yml", "package", 1): "make wheel",
    ("update.yml", "locks", 0): "make lock, with the network",
}
"""Blocks that are one command of the project: they are executed by that command, and only checked to be one here."""


def test_no_block_is_forgotten() -> None:
    here = {key for test in HERE for key in test}
    assert set(blocks()) == here | ELSEWHERE.keys()
    assert not here & ELSEWHERE.keys()


@pytest.mark.parametrize("key", ELSEWHERE, ids=lambda key: f"{key[0].removesuffix('.yml')}-{key[1]}-{key[2]}")
def test_a_block_that_is_run_elsewhere_calls_a_program_that_is_there(key: Key) -> None:
    targets = re.findall(r"^([a-z0-9-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in re.split(r"\n| && ", blocks()[key]["run"]):
        words = line.split()
        match words:
            case ["make", target, *_]:
                assert target in targets
            case [program, *_] if program.startswith("deploy/"):
                assert os.access(ROOT / program, os.X_OK)
            case ["npm", "run", script]:
                assert script in json.loads((ROOT / "frontend" / "package.json").read_text())["scripts"]
            case ["npm", "ci", *_] | ["export", *_] | []:
                pass
            case _:
                raise AssertionError(line)


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(folder: Path, name: str, script: str) -> None:
    """A program that notes how it was called, and then does what the script says."""
    (folder / name).write_text(f'#!/bin/bash\nprintf "%s\\n" "{name} $*" >> "{folder.parent}/calls"\n{script}\n')
    (folder / name).chmod(0o755)


def calls(folder: Path) -> list[str]:
    return (folder.parent / "calls").read_text().splitlines()


def path(folder: Path) -> str:
    return f"{folder}:{os.environ['PATH']}"


def test_names_and_labels_of_what_is_pushed(tmp_path: Path) -> None:
    status, named, said = execute(("docker.yml", "push", 0), tmp_path)
    assert status == 0, said
    assert named["image"] == "ghcr.io/owner/daka", "a registry takes no capital letters"
    labels = dict(line.removeprefix("org.opencontainers.image.").split("=", 1) for line in named["labels"].splitlines())
    assert (labels["version"], labels["revision"]) == ("1.2.3", COMMIT)
    assert labels["source"] == "https://git.example.com/Owner/Daka"
    status, named, said = execute(("docker.yml", "push", 0), tmp_path, GITHUB_REF_NAME="feature/x")
    assert "image.version=feature-x" in named["labels"]


def test_from_digests_to_one_manifest_and_its_tags(tmp_path: Path, fakes: Path) -> None:
    program(
        fakes,
        "docker",
        'case "$*" in *"--format {{json .Manifest}}") echo {\\"digest\\":\\"sha256:both\\"} ;; *inspect*) echo "Name: x" ;; esac',
    )
    for arch in ("amd64", "arm64"):
        digests = {
            f"steps.{image}.outputs.digest": f"sha256:{image}{arch}" for image in ("backend", "frontend", "daka")
        }
        status, _, said = execute(("docker.yml", "push", 1), tmp_path, digests)
        assert status == 0, said
    for entry in workflow("docker.yml")["jobs"]["merge"]["strategy"]["matrix"]["include"]:
        matrix = {f"matrix.{name}": value for name, value in entry.items()} | {"runner.temp": str(tmp_path)}
        status, merged, said = execute(("docker.yml", "merge", 0), tmp_path, matrix, PATH=path(fakes))
        assert status == 0, said
        name, image = f"ghcr.io/owner/daka{entry['suffix']}", entry["image"]
        assert merged == {"image": name, "digest": "sha256:both"}
        both = f"{name}@sha256:{image}amd64 {name}@sha256:{image}arm64"
        assert f"docker buildx imagetools create --tag {name}:sha-{COMMIT} {both}" in calls(fakes)
        _, scanned, _ = execute(("docker.yml", "scan", 0), tmp_path, matrix)
        assert scanned == {"image": f"{name}:sha-{COMMIT}"}
        meta = {"steps.meta.outputs.tags": f"{name}:1.2.3\n{name}:1.2"}
        status, _, said = execute(("docker.yml", "tag", 0), tmp_path, matrix | meta, PATH=path(fakes))
        assert status == 0, said
        for tag in ("1.2.3", "1.2"):
            assert f"docker buildx imagetools create --tag {name}:{tag} {name}:sha-{COMMIT}" in calls(fakes)


def test_a_manifest_of_one_architecture_is_not_made(tmp_path: Path, fakes: Path) -> None:
    program(fakes, "docker", "")
    (tmp_path / "digests" / "daka").mkdir(parents=True)
    (tmp_path / "digests" / "daka" / "alone").touch()
    matrix = {"matrix.suffix": "", "matrix.image": "daka", "runner.temp": str(tmp_path)}
    assert execute(("docker.yml", "merge", 0), tmp_path, matrix, PATH=path(fakes))[0] != 0


@pytest.mark.parametrize(
    ("is_there", "outcome"), [("exit 0", {"name": "ghcr.io/owner/daka-backend:latest"}), ("exit 1", {})]
)
def test_a_rescan_without_a_release_has_nothing_to_do(
    tmp_path: Path, fakes: Path, is_there: str, outcome: dict[str, str]
) -> None:
    program(fakes, "docker", is_there)
    status, named, said = execute(("rescan.yml", "scan", 0), tmp_path, {"matrix.suffix": "-backend"}, PATH=path(fakes))
    assert (status, named) == (0, outcome), said


@pytest.mark.parametrize(
    "results", ["success success success success skipped", "success failure success success success"]
)
def test_the_sum_of_all_checks(tmp_path: Path, results: str) -> None:
    status, _, said = execute(("ci.yml", "all", 0), tmp_path, {"join(needs.*.result, ' ')": results})
    assert (status == 0) == ("failure" not in results), said


def test_a_release_waits_for_ci(tmp_path: Path, fakes: Path) -> None:
    program(
        fakes, "gh", f'[ "$(cat {tmp_path}/asked 2>/dev/null)" != xx ] || echo success; printf x >> {tmp_path}/asked'
    )
    program(fakes, "sleep", "")
    status, _, said = execute(("release.yml", "green", 0), tmp_path, {"github.token": "t"}, PATH=path(fakes))
    assert status == 0, said
    assert sum(call.startswith("gh api ") for call in calls(fakes)) == 3


def test_from_a_tag_to_a_published_release(tmp_path: Path, fakes: Path) -> None:
    """On a copy of the repository whose version is the tag's; docker and gh are fakes, everything else is real."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("compose.yaml", "LICENSE", "README.md", "README.zh-CN.md"):
        shutil.copy(ROOT / name, copy)
    for name in ("deploy", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    project = (ROOT / "pyproject.toml").read_text()
    (copy / "pyproject.toml").write_text(re.sub("^version = .*", 'version = "1.2.3"', project, flags=re.MULTILINE))
    (copy / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2026-12-01\n\nWords.\n")
    (copy / "backend" / "daka").mkdir(parents=True)
    (copy / "backend" / "daka" / "__init__.py").write_text("RELEASED_ON = date(2026, 12, 1)\n")
    status, _, said = execute(("release.yml", "notes", 0), tmp_path, place=copy)
    assert status == 0, said
    assert "Words." in (copy / "notes.md").read_text()
    (copy / "dist").mkdir()
    (copy / "dist" / "daka-1.2.3-py3-none-any.whl").write_text("wheel")
    program(fakes, "docker", 'case "$1" in save) echo "layers of $2" ;; esac')
    status, _, said = execute(("release.yml", "release", 0), tmp_path, PATH=path(fakes), place=copy)
    assert status == 0, said
    made = {file.name for file in (copy / "dist").iterdir()}
    for name in (
        "server.tar.gz",
        "image-amd64.tar.gz",
        "image-arm64.tar.gz",
        "fnos-arm.fpk",
        "py3-none-any.whl",
        "nas-compose.yaml",
    ):
        assert f"daka-1.2.3-{name}" in made
    sums = (copy / "dist" / "SHA256SUMS").read_text()
    assert all(name in sums for name in made - {"SHA256SUMS"})
    assert "docker pull --quiet --platform linux/arm64 ghcr.io/owner/daka:1.2.3" in calls(fakes)
    program(fakes, "gh", "")
    status, _, said = execute(
        ("release.yml", "release", 1), tmp_path, {"github.token": "t"}, PATH=path(fakes), place=copy
    )
    assert status == 0, said
    [published] = [call for call in calls(fakes) if call.startswith("gh release create v1.2.3 --verify-tag")]
    assert all(f"dist/{name}" in published for name in made)
    assert "--prerelease" not in published


@pytest.mark.parametrize("changed", [True, False])
def test_newer_locks_become_one_pull_request(tmp_path: Path, fakes: Path, changed: bool) -> None:
    """With a real git and a remote of its own; gh is a fake."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}

    def run(*words: str | Path, place: Path = tmp_path) -> str:
        done = subprocess.run(
            ["git", *words], cwd=place, env=os.environ | git, capture_output=True, text=True, check=True
        )
        return done.stdout

    run("init", "--quiet", "--bare", remote)
    run("init", "--quiet", clone)
    (clone / "requirements.lock").write_text("a==1\n")
    run("add", ".", place=clone)
    run("commit", "--quiet", "--message", "first", place=clone)
    run("config", f"url.{remote}.insteadOf", "https://x-access-token:t@git.example.com/Owner/Daka.git", place=clone)
    if changed:
        (clone / "requirements.lock").write_text("a==2\n")
    program(fakes, "gh", "")
    token = {"secrets.UPDATE_TOKEN || github.token": "t"}
    status, _, said = execute(("update.yml", "locks", 1), tmp_path, token, place=clone, PATH=path(fakes))
    assert status == 0, said
    assert ("update/locks" in run("branch", "--list", place=remote)) == changed
    if changed:
        assert run("show", "update/locks:requirements.lock", place=remote) == "a==2\n"
        assert calls(fakes)[-1].startswith("gh pr create --head update/locks")


def test_outputs_and_expressions_are_read_as_a_runner_reads_them() -> None:
    assert outputs("a=1\nlong<<EOF\nx=1\ny\nEOF\nb=2=3\n") == {"a": "1", "long": "x=1\ny", "b": "2=3"}
    assert evaluated("x ${{ matrix.arch }}", {"matrix.arch": "arm64"}) == "x arm64"
    with pytest.raises(KeyError):
        evaluated("${{ unknown }}", {})


HERE: list[list[Key]] = [
    [("docker.yml", "push", 0), ("docker.yml", "push", 1), ("docker.yml", "merge", 0)],
    [("docker.yml", "scan", 0), ("docker.yml", "tag", 0), ("rescan.yml", "scan", 0)],
    [("ci.yml", "all", 0), ("release.yml", "green", 0), ("release.yml", "notes", 0)],
    [("ci.yml", "test", 0), ("ci.yml", "browser", 0)],  # test_packages.py
    [("ci.yml", "audit", 0)],  # test_audit.py
    [("release.yml", "release", 0), ("release.yml", "release", 1), ("update.yml", "locks", 1)],
]
