"""Which packages the installer and the workflows would take from each release's real package lists.

As far as this machine's mirror has them.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.proxy import ROOT
from deploy.run_blocks import blocks, execute, workflow

RELEASES = {
    "debian-13": ("debian", ["trixie main"], {"docker.io", "docker-cli", "docker-buildx", "docker-compose"}),
    "ubuntu-24.04": (
        "ubuntu",
        ["noble main universe", "noble-updates main universe"],
        {"docker.io", "docker-buildx", "docker-compose-v2"},
    ),
}
"""Release → distribution, suites, and the packages without which it cannot build or run the server."""


def mirrors() -> list[str]:
    """The addresses from which this machine itself installs packages, without the distribution's name at their end."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(place.read_text() for place in places if place.is_file())
    found = re.findall(r"^(?!\s*#).*?(https?://\S+?)/(?:debian|ubuntu)/?(?:\s|$)", text, re.MULTILINE)
    return list(dict.fromkeys(found))


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A release's name, and the environment in which apt sees an empty machine of it."""
    if shutil.which("apt-get") is None:
        pytest.skip("apt is not here")
    distribution, suites, _ = RELEASES[request.param]
    for folder in ("etc/apt", "var/lib/apt/lists/partial", "var/lib/dpkg", "var/cache/apt/archives/partial"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").touch()
    (tmp_path / "apt.conf").write_text(
        f'Dir "{tmp_path}"; Dir::State::status "{tmp_path}/var/lib/dpkg/status"; APT::Architecture "amd64";\n'
        'APT::Architectures {"amd64";}; Acquire::Languages "none"; APT::Sandbox::User "root"; Acquire::Retries "1";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(tmp_path / "apt.conf")}
    for mirror in mirrors():
        lines = [f"deb [trusted=yes] {mirror}/{distribution} {suite}" for suite in suites]
        (tmp_path / "etc/apt/sources.list").write_text("\n".join(lines) + "\n")
        done = subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
        asked = ["apt-cache", "show", "docker.io"]
        if done.returncode == 0 and subprocess.run(asked, env=environment, capture_output=True, check=False).stdout:
            return request.param, environment
    pytest.skip(f"the package lists of {request.param} cannot be reached")


def test_client_compose_and_buildx_come_with_docker(release: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    name, environment = release
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"  # a machine without Docker
    docker.write_text("#!/bin/sh\nexit 127\n")
    docker.chmod(0o755)
    planned = subprocess.run(
        ["bash", ROOT / "deploy" / "install.sh", "--dry-run", "--dir", tmp_path / "daka"],
        env=environment | {"PATH": f"{tmp_path / 'bin'}:{environment['PATH']}"},
        text=True,
        capture_output=True,
        check=False,
    )
    [line] = re.findall(r"^would run: env DEBIAN_FRONTEND=\S+ (apt-get install .*)$", planned.stdout, re.MULTILINE)
    simulated = subprocess.run(
        [*line.split(), "--simulate", "-q=0"], env=environment, text=True, capture_output=True, check=False
    )
    assert simulated.returncode == 0, simulated.stderr
    coming = set(re.findall(r"^Inst (\S+)", simulated.stdout, re.MULTILINE))
    assert RELEASES[name][2] <= coming


APT_BLOCKS = {
    ("ci.yml", "test", 0): {"nginx-light", "nginx-common", "gettext-base", "prometheus"},
    ("ci.yml", "browser", 0): {"fonts-noto-cjk"},
}


def test_no_other_block_installs_packages() -> None:
    assert {key for key, step in blocks().items() if "apt-get" in step["run"]} == APT_BLOCKS.keys()


@pytest.mark.parametrize("key", APT_BLOCKS, ids=lambda key: key[1])
@pytest.mark.parametrize("release", ["ubuntu-24.04"], indirect=True)
def test_the_packages_that_a_workflow_installs_are_in_the_lists_of_its_runner(
    release: tuple[str, dict[str, str]], key: tuple[str, str, int], tmp_path: Path
) -> None:
    """With the real apt on an empty machine: it fetches the lists and plans, and stops before it installs."""
    name, environment = release
    job = workflow(key[0])["jobs"][key[1]]
    assert name in job["runs-on"] + str(job.get("strategy"))
    with (tmp_path / "apt.conf").open("a") as settings:
        settings.write('APT::Get::Simulate "true";\n')
    (tmp_path / "bin").mkdir()
    sudo = tmp_path / "bin" / "sudo"
    sudo.write_text('#!/bin/sh\nexec "$@"\n')
    sudo.chmod(0o755)
    path = f"{tmp_path / 'bin'}:{environment['PATH']}"
    status, _, said = execute(key, tmp_path, PATH=path, APT_CONFIG=environment["APT_CONFIG"])
    assert status == 0, said
    assert APT_BLOCKS[key] <= set(re.findall(r"^Inst (\S+)", said, re.MULTILINE))
