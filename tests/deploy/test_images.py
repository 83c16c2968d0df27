"""What can be known of the images without building them."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.proxy import ROOT

Start = Callable[..., tuple[str, str]]

LOCKS = ["requirements.lock", "deploy/build.lock", "tests/requirements.lock", "frontend/package-lock.json"]
DOCKERFILES = ["Dockerfile", "Dockerfile.backend", "Dockerfile.frontend"]


def final_stage(name: str) -> str:
    return "FROM " + (ROOT / name).read_text().rsplit("\nFROM ", 1)[1]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_file_names_a_host(lock: str) -> None:
    found = re.findall(r"https?://\S+|^--?(?:extra-)?index.*$|\"resolved\".*$", (ROOT / lock).read_text(), re.MULTILINE)
    # A package may say where its authors take donations; that is nowhere that anything is fetched from.
    donations = r"sponsors|opencollective|funding|tidelift|patreon|paulmillr|donate"
    assert [line for line in found if not re.search(donations, line)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/build.lock"])
def test_everything_that_goes_into_the_image_is_pinned_with_a_hash(lock: str) -> None:
    text = re.sub(r"\\\n\s*", " ", (ROOT / lock).read_text())
    for line in text.splitlines():
        if line and not line.startswith("#"):
            assert re.match(r"^[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ;[^#]*?)? .*--hash=sha256:[0-9a-f]{64}", line), line[:80]


@pytest.mark.parametrize(
    ("platform", "version"),
    [
        ("aarch64-manylinux_2_28", "3.13"),  # the image
        ("x86_64-manylinux_2_28", "3.13"),
        ("aarch64-manylinux_2_28", "3.11"),  # Debian 12 on a Raspberry Pi, without containers
    ],
)
def test_every_locked_package_has_a_wheel_so_that_no_compiler_is_needed(
    platform: str, version: str, tmp_path: Path
) -> None:
    if (uv := shutil.which("uv")) is None:
        pytest.skip("uv is not installed")
    asked = [uv, "pip", "install", "--dry-run", "--target", str(tmp_path), "--python-platform", platform]
    asked += ["--python-version", version, "--only-binary", ":all:", "--require-hashes", "-r", "requirements.lock"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if re.search(r"error sending request|dns error|Connection refused|Network is unreachable|timed out", done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["Dockerfile.backend", "Dockerfile.frontend"])
def test_an_image_ends_as_nobody_special_and_asks_whether_it_is_well(name: str) -> None:
    stage = final_stage(name)
    user = re.search(r"^USER (\d+):(\d+)$", stage, re.MULTILINE)
    assert user, "a number, so that Kubernetes can see that it is not root"
    assert int(user[1]) > 0
    assert "HEALTHCHECK " in stage


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_says_what_it_is(name: str) -> None:
    stage = final_stage(name)
    for label in ("title", "description", "licenses", "version", "revision", "created", "source"):
        assert f"org.opencontainers.image.{label}=" in stage


@pytest.mark.parametrize("name", DOCKERFILES)
def test_nothing_is_installed_in_the_last_stage_and_bases_are_arguments(name: str) -> None:
    assert not re.search(r"apt-get|pip install|npm|curl -|wget", final_stage(name))
    for base in re.findall(r"^FROM (?:--platform=\$BUILDPLATFORM )?(\S+)", (ROOT / name).read_text(), re.MULTILINE):
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE\}", base)


def test_the_base_images_are_those_of_the_file_that_dependabot_updates() -> None:
    """It reads no ARG. After a pull request of it, write the same image behind the ARG."""
    updated = re.findall(r"^FROM (\S+)$", (ROOT / "deploy" / "bases.Dockerfile").read_text(), re.MULTILINE)
    text = "".join((ROOT / name).read_text() for name in ("Dockerfile.backend", "Dockerfile.frontend"))
    assert updated == re.findall(r"^ARG [A-Z]+_IMAGE=(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_dockerfile_keeps_to_what_buildkit_and_buildah_both_take(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"<<[-'\"]?EOF|--link|--exclude|--network|--start-interval|^# syntax=", text, re.MULTILINE)


def test_the_build_context_holds_what_is_copied_and_nothing_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored, "everything is out unless it is named"
    for name in DOCKERFILES:
        for sources in re.findall(
            r"^COPY (?!--from)(?:--chmod=\d+ )?(.+) \S+$", (ROOT / name).read_text(), re.MULTILINE
        ):
            for source in sources.split():
                assert (ROOT / source).exists(), source
                assert any(f"!{source}".startswith(line) for line in ignored if line.startswith("!")), source
    assert {"**/.env", "**/.env.*", "**/node_modules"} <= set(ignored)


def test_the_image_that_holds_everything_is_the_other_two_and_opens_one_port() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${FRONTEND_IMAGE}", "${BACKEND_IMAGE}"]
    assert "RUN " not in text, "nothing is built a second time"
    ports = [
        re.findall(r"^EXPOSE (.+)$", final_stage(name), re.MULTILINE) for name in ("Dockerfile", "Dockerfile.backend")
    ]
    assert ports == [["8080"], []], "a NAS offers each exposed port for publishing"


ENTRYPOINT = ROOT / "deploy" / "entrypoint.sh"


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Runs the entry point as if it were root, in front of a `setpriv`, a `chown` and a `stat` that say what they were asked."""
    said = tmp_path / "said"
    programs = {
        "id": "echo 0",
        "setpriv": f'[ "${{TEST_MAY:-yes}}" = yes ] || exit 1; case "$*" in *" true") ;; *) echo "setpriv $*" >> {said} ;; esac',
        "chown": f'echo "chown $*" >> {said}',
        "stat": 'case "$2" in %u) echo "$TEST_OWNER" ;; %g) echo "$TEST_OWNER" ;; esac',
    }
    folder, bin_folder = tmp_path / "data", tmp_path / "bin"
    folder.mkdir()
    bin_folder.mkdir()
    for name, script in programs.items():
        (bin_folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin_folder / name).chmod(0o755)

    def run(*files: str, **environment: str) -> tuple[str, str]:
        for file in files:
            (folder / file).touch()
        values = {"PATH": f"{bin_folder}:/usr/bin:/bin", "DATA_DIR": str(folder), "TEST_OWNER": "0", **environment}
        done = subprocess.run(["sh", ENTRYPOINT, "serve"], env=values, capture_output=True, text=True, check=False)
        return said.read_text().replace(str(folder), "/data") if said.exists() else "", done.stderr

    return run


OTHER = str(os.getuid() + 4321)
"""A user to whom the files of this test do not belong."""


@pytest.mark.parametrize(
    ("files", "environment", "user", "is_taken_over"),
    [
        ([], {"PUID": OTHER}, f"{OTHER}:10001", True),
        ([], {"PUID": OTHER, "PGID": "100"}, f"{OTHER}:100", True),
        ([], {"PUID": f"{OTHER} ", "PGID": " 100\r"}, f"{OTHER}:100", True),
        ([], {}, "10001:10001", True),
        ([], {"TEST_OWNER": "1026"}, "1026:1026", True),
        (["app.db", "notes.txt"], {}, "10001:10001", True),
        (["daka-20261128T033000Z.jsonl.gz"], {}, "10001:10001", True),
        ([".DS_Store", "@eaDir"], {}, "10001:10001", True),
        (["photo.jpg"], {}, "10001:10001", False),
    ],
)
def test_a_folder_that_root_made_becomes_dakas_and_nobody_elses_does(
    start: Start, files: list[str], environment: dict[str, str], user: str, is_taken_over: bool
) -> None:
    said, _ = start(*files, **environment)
    uid, _, gid = user.partition(":")
    lines = said.splitlines()
    assert lines[-1].startswith(f"setpriv --reuid {uid} --regid {gid} --clear-groups ")
    assert lines[-1].endswith("--no-new-privs -- /opt/daka/bin/daka serve")
    assert [line.split()[:4] for line in lines[:-1]] == ([["chown", "-h", user, "/data"]] if is_taken_over else [])


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PUID": "me"}, "PUID and PGID are numbers"),
        ({"PGID": "-1"}, "PUID and PGID are numbers"),
        ({"PUID": "1000:100"}, "PUID and PGID are numbers"),
        ({"PUID": "99999999999999999999"}, "PUID and PGID are numbers"),
        ({"PUID": "  "}, "PUID and PGID are numbers"),
        ({"TEST_MAY": "no"}, "may not become user 10001: leave it the capabilities SETUID and SETGID"),
    ],
)
def test_what_the_entry_point_cannot_do_it_says(start: Start, environment: dict[str, str], sentence: str) -> None:
    said, error = start(**environment)
    assert said == ""
    assert sentence in error
    assert error.count("\n") == 1
