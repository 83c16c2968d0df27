"""The workflows: pinned, modest, never waiting for ever, and never publishing what a pull request says."""

import importlib.util
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.proxy import ROOT

PUBLISHING = {("docker.yml", "push"), ("docker.yml", "merge"), ("docker.yml", "tag"), ("release.yml", "images")}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())
    return found


def jobs() -> list[Any]:
    return [
        pytest.param(path.name, name, job, id=f"{path.stem}:{name}")
        for path in WORKFLOWS
        for name, job in workflow(path.name)["jobs"].items()
    ]


def test_every_action_is_a_commit_with_its_release_and_the_same_everywhere() -> None:
    """So that Dependabot alone updates one: it changes the commit and the comment behind it."""
    pins: dict[str, set[tuple[str, str]]] = {}
    for line in re.findall(r"uses: (.*)", "".join(path.read_text() for path in WORKFLOWS)):
        if not line.startswith("./"):
            found = re.fullmatch(r"([\w.-]+/[\w.-]+)(?:/[\w-]+)?@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert found, line
            pins.setdefault(found[1], set()).add((found[2], found[3]))
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_begins_with_no_permission_and_runs_once_a_branch(path: Path) -> None:
    found = workflow(path.name)
    assert found["permissions"] == {}
    assert "github.ref" in found["concurrency"]["group"]


@pytest.mark.parametrize(("file", "name", "job"), jobs())
def test_each_job_says_what_it_may_do_and_ends_in_time(file: str, name: str, job: dict[str, Any]) -> None:
    assert job["permissions"], "what it needs, and nothing by default"
    if "uses" not in job:
        assert job["timeout-minutes"] <= 30
        assert "latest" not in job["runs-on"], "a runner that changes under us"


@pytest.mark.parametrize(("file", "name", "job"), jobs())
def test_packages_are_written_by_publishing_jobs_alone_and_never_for_a_pull_request(
    file: str, name: str, job: dict[str, Any]
) -> None:
    writes = job["permissions"].get("packages") == "write"
    assert writes == ((file, name) in PUBLISHING)
    if writes and file == "docker.yml":
        chain, everything = [name], workflow(file)["jobs"]
        while needed := everything[chain[-1]].get("needs"):
            chain.append(needed if isinstance(needed, str) else needed[0])
        assert everything[chain[-1]]["if"] == "github.event_name != 'pull_request'"


def test_pull_requests_build_both_architectures_and_push_nothing() -> None:
    job = workflow("docker.yml")["jobs"]["build"]
    assert job["if"] == "github.event_name == 'pull_request'"
    assert job["permissions"] == {"contents": "read"}
    assert job["strategy"]["matrix"]["arch"] == ["amd64", "arm64"]
    builds = [step["with"] for step in job["steps"] if "build-push-action" in step.get("uses", "")]
    assert [build["file"] for build in builds] == ["Dockerfile.backend", "Dockerfile.frontend"]
    assert all("push" not in build and build["load"] for build in builds)


def test_each_image_and_architecture_has_a_cache_of_its_own() -> None:
    for job in ("build", "push"):
        steps = workflow("docker.yml")["jobs"][job]["steps"]
        builds = {step["with"]["file"]: step["with"] for step in steps if "build-push-action" in step.get("uses", "")}
        for image in ("backend", "frontend"):
            cache = f"type=gha,scope={image}-${{{{ matrix.arch }}}}"
            assert builds[f"Dockerfile.{image}"]["cache-from"] == cache
            assert builds[f"Dockerfile.{image}"]["cache-to"] == f"{cache},mode=max"


def test_what_is_pushed_says_what_is_in_it_and_where_it_came_from() -> None:
    steps = workflow("docker.yml")["jobs"]["push"]["steps"]
    pushed = [step["with"] for step in steps if "build-push-action" in step.get("uses", "")]
    assert [push["file"] for push in pushed] == ["Dockerfile.backend", "Dockerfile.frontend", "Dockerfile"]
    for push in pushed:
        assert push["sbom"] is True
        assert push["provenance"] == "mode=max"
        assert "push-by-digest=true" in push["outputs"]
    assert "-backend@${{ steps.backend.outputs.digest }}" in pushed[2]["build-args"], "the very images that are tried"
    assert "-frontend@${{ steps.frontend.outputs.digest }}" in pushed[2]["build-args"]


@pytest.mark.parametrize(("file", "job"), [("docker.yml", "merge"), ("docker.yml", "scan"), ("docker.yml", "tag")])
def test_every_image_is_merged_scanned_and_named(file: str, job: str) -> None:
    every = workflow(file)["jobs"][job]["strategy"]["matrix"]["include"]
    assert {entry["image"]: entry["suffix"] for entry in every} == {
        "backend": "-backend",
        "frontend": "-frontend",
        "daka": "",
    }
    assert workflow("rescan.yml")["jobs"]["scan"]["strategy"]["matrix"]["suffix"] == ["-backend", "-frontend", ""]


@pytest.mark.parametrize("job", ["build", "smoke"])
def test_both_ways_to_run_it_are_tried_on_both_architectures(job: str) -> None:
    found = workflow("docker.yml")["jobs"][job]
    assert found["strategy"]["matrix"]["arch"] == ["amd64", "arm64"]
    assert 'images.sh try "$ARCH"\ndeploy/images.sh try-whole "$ARCH"' in found["steps"][-1]["run"]


def test_what_people_pull_moves_only_after_the_pulled_images_were_tried_and_scanned() -> None:
    assert workflow("docker.yml")["jobs"]["tag"]["needs"] == ["smoke", "scan"]
    assert workflow("docker.yml")["jobs"]["smoke"]["strategy"]["matrix"]["arch"] == ["amd64", "arm64"]


def test_arm_is_built_on_arm_unless_somebody_has_no_such_runner() -> None:
    for name in ("build", "push", "smoke"):
        job = workflow("docker.yml")["jobs"][name]
        assert "vars.ARM_RUNNER || 'ubuntu-24.04-arm'" in job["runs-on"]
        [qemu] = [step for step in job["steps"] if "setup-qemu-action" in step.get("uses", "")]
        assert qemu["if"] == "matrix.arch == 'arm64' && runner.arch != 'ARM64'"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_workflow_names_an_arm_runner_without_the_variable(path: Path) -> None:
    text = path.read_text()
    assert text.count("ubuntu-24.04-arm") == text.count("vars.ARM_RUNNER || 'ubuntu-24.04-arm'")


def test_tests_run_on_every_python_that_the_package_supports() -> None:
    assert workflow("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_what_a_private_repository_cannot_do_is_conditional_and_holds_nothing_up() -> None:
    """Attestations, code scanning and its uploads need a public repository or a plan."""
    for path in WORKFLOWS:
        for job in workflow(path.name)["jobs"].values():
            for step in job.get("steps", []):
                if re.search("attest-build-provenance|codeql-action", step.get("uses", "")):
                    condition = step.get("if", job.get("if", ""))
                    assert condition.startswith("github.event.repository.visibility == 'public' || vars."), step


def test_one_job_sums_up_what_branch_protection_requires() -> None:
    jobs = workflow("ci.yml")["jobs"]
    weekly = {name for name, job in jobs.items() if job.get("if") == "github.event_name == 'schedule'"}
    assert weekly == {"audit", "clients"}
    assert set(jobs["all"]["needs"]) == set(jobs) - {"all"} - weekly
    assert jobs["all"]["if"] == "always()", "a skipped job would count as passed"


@pytest.mark.parametrize(
    ("results", "passes"),
    [
        ("success success success success", True),
        ("success success success skipped", True),
        ("success failure success success", False),
        ("success success cancelled skipped", False),
    ],
)
def test_the_summing_job_passes_only_if_nothing_failed(results: str, passes: bool) -> None:
    [step] = workflow("ci.yml")["jobs"]["all"]["steps"]
    done = subprocess.run(["bash", "-ec", step["run"]], env={"RESULTS": results}, capture_output=True, check=False)
    assert (done.returncode == 0) == passes


@pytest.mark.parametrize(
    ("conclusion", "passes"), [("success", True), ("failure", False), ("cancelled", False), ("", False)]
)
def test_a_tag_on_a_commit_that_did_not_pass_is_not_released(tmp_path: Path, conclusion: str, passes: bool) -> None:
    jobs = workflow("release.yml")["jobs"]
    assert "green" in jobs["images"]["needs"]
    [step] = jobs["green"]["steps"]
    for name, script in (("gh", f"echo {conclusion}"), ("sleep", ":")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_REPOSITORY": "owner/daka", "GITHUB_SHA": "0" * 40}
    done = subprocess.run(
        ["bash", "-ec", step["run"]], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode == 0) == passes
    assert passes or "::error::" in done.stdout


def test_words_alone_build_no_image() -> None:
    on = workflow("docker.yml")[True]
    assert on["push"]["paths-ignore"] == on["pull_request"]["paths-ignore"] == ["**.md", "docs/**"]


def test_published_images_are_scanned_again_and_dependencies_audited_on_a_schedule() -> None:
    assert "schedule" in workflow("rescan.yml")[True]
    assert "schedule" in workflow("docker.yml")[True]
    assert workflow("ci.yml")["jobs"]["audit"]["steps"][-1]["run"] == "make audit"


def test_a_releases_bundle_has_one_top_folder_and_names_its_images(tmp_path: Path) -> None:
    subprocess.run([ROOT / "deploy" / "bundle.sh", "1.2.3", "ghcr.io/owner/daka", tmp_path], check=True)
    with tarfile.open(tmp_path / "daka-1.2.3-server.tar.gz") as bundle:
        names = set(bundle.getnames())
        bundle.extractall(tmp_path, filter="data")
    assert {name.split("/")[0] for name in names} == {"daka-1.2.3"}
    wanted = {"README.md", "LICENSE", "CHANGELOG.md", "compose.yaml", "deploy/install.sh", "docs/deployment.zh-CN.md"}
    assert {f"daka-1.2.3/{name}" for name in wanted} <= names
    folder = tmp_path / "daka-1.2.3"
    example = (folder / "deploy" / ".env.example").read_text()
    assert "\nDAKA_IMAGE=ghcr.io/owner/daka\nDAKA_VERSION=1.2.3\n" in example
    alone = (tmp_path / "daka-1.2.3-compose.yaml").read_text()
    services = yaml.safe_load(alone)["services"]
    assert services["backend"]["image"] == "${DAKA_IMAGE:-ghcr.io/owner/daka}-backend:${DAKA_VERSION:-1.2.3}"
    assert not [name for name, service in services.items() if "build" in service]
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added
- Something.

## 1.1.0

- Older.

[1.2.0]: https://example.com
"""


@pytest.mark.parametrize(("version", "expected"), [("1.2.0", "### Added\n- Something.\n"), ("1.1.0", "- Older.\n")])
def test_a_release_says_what_its_part_of_the_changelog_says(version: str, expected: str) -> None:
    assert _release_notes().notes(CHANGELOG, version) == expected


@pytest.mark.parametrize("version", ["1.3.0", "1.2", "Unreleased"])
def test_a_version_without_words_is_not_released(version: str) -> None:
    with pytest.raises(SystemExit, match="no section"):
        _release_notes().notes(CHANGELOG, version)


def test_a_tag_that_is_not_the_packages_version_is_not_released() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "release_notes.py", "v999.0.0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "the tag is 999.0.0, but the version in pyproject.toml is" in done.stderr


@pytest.mark.parametrize("heading", ["## [1.2.0] - 2026-11-27", "## 1.2.0", "## [1.2.1] - 2026-11-28"])
def test_the_date_before_which_no_clock_is_believed_is_that_of_the_release(heading: str) -> None:
    package = "RELEASED_ON = date(2026, 11, 28)\n"
    _release_notes().refuse_other_date("# Changelog\n\n## [1.2.0] - 2026-11-28\n", "1.2.0", package)
    with pytest.raises(SystemExit, match=r"RELEASED_ON .* is 2026-11-28"):
        _release_notes().refuse_other_date(f"# Changelog\n\n{heading}\n", "1.2.0", package)
    with pytest.raises(SystemExit, match="is missing"):
        _release_notes().refuse_other_date("## [1.2.0] - 2026-11-28\n", "1.2.0", "")


def _release_notes() -> Any:
    spec = importlib.util.spec_from_file_location("release_notes", ROOT / "deploy" / "release_notes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
