"""What can be known of the images without building them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.proxy import ROOT

LOCKS = ["requirements.lock", "deploy/build.lock", "tests/requirements.lock", "frontend/package-lock.json"]
DOCKERFILES = ["Dockerfile.backend", "Dockerfile.frontend"]


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


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_ends_as_nobody_special_and_asks_whether_it_is_well(name: str) -> None:
    stage = final_stage(name)
    user = re.search(r"^USER (\d+):(\d+)$", stage, re.MULTILINE)
    assert user, "a number, so that Kubernetes can see that it is not root"
    assert int(user[1]) > 0
    assert "HEALTHCHECK " in stage
    for label in ("title", "description", "licenses", "version", "revision", "created", "source"):
        assert f"org.opencontainers.image.{label}=" in stage


@pytest.mark.parametrize("name", DOCKERFILES)
def test_nothing_is_installed_in_the_last_stage_and_bases_are_arguments(name: str) -> None:
    assert not re.search(r"apt-get|pip install|npm|curl -|wget", final_stage(name))
    for base in re.findall(r"^FROM (?:--platform=\$BUILDPLATFORM )?(\S+)", (ROOT / name).read_text(), re.MULTILINE):
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE\}", base)


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
