"""deploy/install.sh run for real, with a fake docker that notes what it was asked."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.proxy import ROOT

INSTALL = ROOT / "deploy" / "install.sh"


class Machine:
    """A machine with Docker on it, and a folder to install into."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "daka"
        self.calls_file = home / "calls"
        self._bin = home / "bin"
        self._bin.mkdir()
        self.program("docker", f'echo "docker $*" >> {self.calls_file}')

    def runs(self, and_then: str = "") -> None:
        """From now on its server runs."""
        answers = f'case "$*" in *" ps "*) echo 5f3a9c;; {and_then} esac'
        self.program("docker", f'echo "docker $*" >> {self.calls_file}; {answers}')

    def program(self, name: str, script: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._bin / name).chmod(0o755)

    def install(self, *options: str) -> subprocess.CompletedProcess[str]:
        self.calls_file.write_text("")
        return subprocess.run(
            ["bash", INSTALL, "--dir", self.folder, *options],
            env={"PATH": f"{self._bin}:{os.environ['PATH']}"},
            text=True,
            capture_output=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        questions = ("docker compose version", "docker compose ps ")
        return [line for line in self.calls_file.read_text().splitlines() if not line.startswith(questions)]

    @property
    def settings(self) -> dict[str, str]:
        lines = (self.folder / ".env").read_text().splitlines()
        pairs = [(name, value) for name, _, value in (line.partition("=") for line in lines if line) if name[0] != "#"]
        assert len({name for name, _ in pairs}) == len(pairs), "each setting once"
        return dict(pairs)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_fresh_machine_gets_the_files_a_secret_of_its_own_and_a_started_server(machine: Machine) -> None:
    done = machine.install("--image", "ghcr.io/owner/daka")
    assert done.returncode == 0, done.stderr
    assert (machine.folder / "compose.yaml").read_text() == (ROOT / "compose.yaml").read_text()
    assert len(machine.settings["SECRET_KEY"]) == 64
    assert machine.settings["PUBLIC_URL"].startswith("http://")
    assert machine.settings["PUBLIC_URL"].endswith(":8080")
    assert stat.S_IMODE((machine.folder / ".env").stat().st_mode) == 0o600
    assert machine.calls == [
        "docker compose pull --quiet",
        "docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 300",
    ]
    assert machine.settings["PUBLIC_URL"] in done.stdout


def test_a_second_run_changes_no_setting(machine: Machine) -> None:
    machine.install("--postgres")
    first = machine.settings
    with (machine.folder / ".env").open("a") as file:
        file.write("WORK_OVERTIME=30\n")
    machine.install("--postgres")
    assert machine.settings == {**first, "WORK_OVERTIME": "30"}


def test_an_option_of_a_later_run_changes_that_setting_alone(machine: Machine) -> None:
    machine.install()
    first = machine.settings
    machine.install("--port", "9090", "--version", "1.2")
    assert machine.settings == {**first, "PORT": "9090", "DAKA_VERSION": "1.2"}


def test_https_and_postgresql_are_overlays_that_later_commands_find_by_themselves(machine: Machine) -> None:
    machine.install("--domain", "daka.example.com")
    machine.install("--postgres")
    settings = machine.settings
    assert settings["COMPOSE_FILE"] == "compose.yaml:deploy/compose.https.yaml:deploy/compose.postgres.yaml"
    assert all((machine.folder / name).is_file() for name in settings["COMPOSE_FILE"].split(":"))
    assert settings["PUBLIC_URL"] == "https://daka.example.com"
    assert settings["BIND_ADDRESS"] == "127.0.0.1"
    assert settings["POSTGRES_PASSWORD"].isalnum()


def test_without_ready_images_they_are_built_from_the_source_under_the_names_that_compose_knows(
    machine: Machine,
) -> None:
    machine.install()
    assert [call.split()[1] for call in machine.calls] == ["build", "build", "compose"]
    assert [call.split("--tag ")[1].split()[0] for call in machine.calls[:2]] == [
        "daka-backend:latest",
        "daka-frontend:latest",
    ]
    assert "DAKA_IMAGE" not in machine.settings


def test_where_images_come_from_is_remembered(machine: Machine) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    machine.install("--version", "1.3")
    assert (machine.settings["DAKA_IMAGE"], machine.settings["DAKA_VERSION"]) == ("ghcr.io/owner/daka", "1.3")
    assert [call.split()[2] for call in machine.calls] == ["pull", "up"]


BACKUP = "docker compose exec -T backend daka backup"


def test_a_server_that_runs_is_backed_up_before_anything_of_it_changes(machine: Machine) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    assert BACKUP not in machine.calls, "there was nothing yet"
    machine.runs()
    machine.install("--version", "1.3")
    assert machine.calls[0] == BACKUP
    assert [call.split()[2] for call in machine.calls[1:]] == ["pull", "up"]
    machine.install("--version", "1.4", "--no-backup")
    assert BACKUP not in machine.calls


def test_a_backup_that_fails_leaves_everything_as_it_was(machine: Machine) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    (machine.folder / "compose.yaml").write_text("# the former one\n")
    before = machine.settings
    machine.runs('*"daka backup") exit 1;;')
    done = machine.install("--version", "1.3")
    assert done.returncode == 1
    assert done.stderr.startswith("install: the backup failed, so nothing was changed")
    assert machine.settings == before
    assert (machine.folder / "compose.yaml").read_text() == "# the former one\n"
    assert machine.calls == [BACKUP]


def test_a_dry_run_on_a_server_that_runs_names_the_backup_and_makes_none(machine: Machine) -> None:
    machine.install()
    machine.runs()
    said = machine.install("--dry-run")
    assert f"would run: {BACKUP}" in said.stdout
    assert machine.calls == []


def test_monitoring_gets_its_files_and_two_secrets_of_its_own(machine: Machine) -> None:
    machine.install("--monitoring")
    settings = machine.settings
    assert settings["COMPOSE_FILE"] == "compose.yaml:deploy/compose.monitoring.yaml"
    assert len({settings["METRICS_TOKEN"], settings["GRAFANA_PASSWORD"], settings["SECRET_KEY"]}) == 3
    for name in ("prometheus.yml", "prometheus-rules.yml", "grafana/dashboards/daka.json"):
        file = machine.folder / "deploy" / "monitoring" / name
        assert file.read_text() == (ROOT / "deploy" / "monitoring" / name).read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
    said = machine.install("--monitoring", "--dry-run")
    assert settings["GRAFANA_PASSWORD"] not in said.stdout
    machine.install("--monitoring")
    assert machine.settings == settings


def test_a_dry_run_says_everything_and_does_nothing(machine: Machine) -> None:
    said = machine.install("--dry-run", "--domain", "daka.example.com", "--postgres")
    assert said.returncode == 0, said.stderr
    assert "would run: docker compose up" in said.stdout
    assert "would set: SECRET_KEY=(a random value)" in said.stdout
    assert not machine.folder.exists()
    assert machine.calls == []


def test_a_server_that_does_not_become_healthy_ends_with_its_own_last_words(machine: Machine) -> None:
    machine.program("docker", 'case "$*" in *" up "*) exit 1;; *" logs "*) echo "SECRET_KEY is too short";; esac')
    done = machine.install()
    assert done.returncode == 1
    assert "SECRET_KEY is too short" in done.stdout
    assert "did not become healthy" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "http"],
        ["--port", "70000"],
        ["--domain", "https://daka.example.com"],
        ["--version", "1 2"],
        ["--image", "ghcr.io/Owner/Daka"],
        ["--url", "daka"],
        ["--url"],
        ["--surprise"],
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_touched(machine: Machine, options: list[str]) -> None:
    done = machine.install(*options)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("install: ")
    assert not machine.folder.exists()


def test_a_machine_without_images_is_told_so(machine: Machine) -> None:
    machine.program("uname", "echo armv7l")
    done = machine.install()
    assert done.returncode == 1
    assert "not for armv7l" in done.stderr
