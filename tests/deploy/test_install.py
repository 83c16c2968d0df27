"""deploy/install.sh run for real, with a fake docker that notes what it was asked."""

import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from deploy.proxy import ROOT

INSTALL = ROOT / "deploy" / "install.sh"


class Machine:
    """A machine with Docker on it, and a folder to install into."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "daka"
        self.calls_file = home / "calls"
        self._bin = home / "bin"
        self._bin.mkdir()
        self.program("docker", f'echo "docker $*" >> {self.calls_file}; case "$*" in "volume inspect"*) exit 1;; esac')

    def runs(self, and_then: str = "") -> None:
        """From now on its server runs."""
        answers = f'case "$*" in *" ps "*) echo 5f3a9c;; {and_then} *daka_postgres) exit 1;; esac'
        self.program("docker", f'echo "docker $*" >> {self.calls_file}; {answers}')

    def program(self, name: str, script: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._bin / name).chmod(0o755)

    def install(
        self, *options: str, script: Path = INSTALL, user: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        self.calls_file.write_text("")
        return subprocess.run(
            ["bash", script, "--dir", self.folder, *options],
            env={"PATH": f"{self._bin}:{os.environ['PATH']}"},
            text=True,
            capture_output=True,
            check=False,
            user=user,
        )

    @property
    def calls(self) -> list[str]:
        questions = (
            "docker version",
            "docker ps ",
            "docker inspect ",
            "docker volume inspect ",
            "docker compose version",
            "docker compose ps ",
            "docker compose config",
        )
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
    url = first["PUBLIC_URL"].replace(":8080", ":9090")
    assert machine.settings == {**first, "PORT": "9090", "DAKA_VERSION": "1.2", "PUBLIC_URL": url}


@pytest.mark.parametrize(
    ("former", "later"),
    [
        ("http://192.0.2.7:8080", "http://192.0.2.7:9090"),
        ("http://daka.lan:8080/", "http://daka.lan:9090"),
        ("http://daka.lan", "http://daka.lan"),  # a proxy of one's own, or another port
        ("http://daka.lan:8088", "http://daka.lan:8088"),
        ("https://daka.example.com:8080", "https://daka.example.com:8080"),
    ],
)
def test_a_new_port_changes_the_url_that_leads_to_the_former_port(machine: Machine, former: str, later: str) -> None:
    machine.install("--url", former)
    machine.install("--port", "9090")
    assert machine.settings["PUBLIC_URL"] == later


def test_https_off_brings_the_former_address_and_the_open_port_back(machine: Machine) -> None:
    machine.install()
    first = machine.settings["PUBLIC_URL"]
    machine.install("--domain", "daka.example.com")
    machine.install("--no-domain")
    settings = machine.settings
    assert (settings["PUBLIC_URL"], settings["BIND_ADDRESS"], settings["DOMAIN"]) == (first, "", "")
    assert settings["COMPOSE_FILE"] == "compose.yaml"


@pytest.mark.parametrize("file", ["compose.yaml:mine.yaml", "compose.yaml:deploy/compose.https.yaml:mine.yaml"])
def test_overlays_of_ones_own_stay_while_others_are_switched(machine: Machine, file: str) -> None:
    machine.install("--domain", "daka.example.com")
    text = (machine.folder / ".env").read_text()
    (machine.folder / ".env").write_text(text.replace("compose.yaml:deploy/compose.https.yaml", file))
    machine.install("--monitoring", "--no-domain")
    assert machine.settings["COMPOSE_FILE"] == "compose.yaml:mine.yaml:deploy/compose.monitoring.yaml"
    machine.install("--no-monitoring")
    assert machine.settings["COMPOSE_FILE"] == "compose.yaml:mine.yaml"


def test_a_taken_port_is_named_before_anything_is_touched(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = machine.install("--port", port)
    assert done.returncode == 1
    assert f"port {port} is in use by another program" in done.stderr
    assert "--port" in done.stderr.splitlines()[-1]
    assert not machine.folder.exists()


def test_a_port_that_prometheus_has_is_not_taken_twice(machine: Machine) -> None:
    done = machine.install("--monitoring", "--port", "9090")
    assert done.returncode == 1
    assert "port 9090 is wanted twice" in done.stderr


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("manifest unknown: manifest unknown", "check --image and --version"),
        ("error from registry: denied", "docker login"),
        ("dial tcp: lookup ghcr.io: Temporary failure in name resolution", "check this machine's connection"),
    ],
)
def test_images_that_cannot_be_pulled_leave_the_former_server_and_say_what_helps(
    machine: Machine, words: str, remedy: str
) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    before = machine.settings
    machine.runs(
        f'*" pull "*) echo "{words}" >&2; exit 1;; "image inspect"*) exit 1;; '
        '*" config --images"*) echo ghcr.io/owner/daka-backend:1.3;;'
    )
    done = machine.install("--version", "1.3")
    assert done.returncode == 1
    assert words in done.stderr
    assert remedy in done.stderr
    assert "the former settings are back; the server was not touched" in done.stderr
    assert machine.settings == before
    assert not [call for call in machine.calls if " up " in call]


def test_images_that_were_loaded_by_hand_are_used_without_a_registry(machine: Machine) -> None:
    machine.runs('*" pull "*) exit 1;; *" config --images"*) echo ghcr.io/owner/daka-backend:1.3;;')
    done = machine.install("--image", "ghcr.io/owner/daka", "--version", "1.3")
    assert done.returncode == 0, done.stderr
    assert "using the images that are on this machine" in done.stdout


def test_a_server_that_does_not_become_healthy_makes_room_for_the_former_one(machine: Machine) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    before = machine.settings
    (machine.folder / "compose.yaml").write_text("# the former one\n")
    machine.runs(
        '*" inspect "*) echo "sha256:1 ghcr.io/owner/daka-backend:1.2";; *" up "*) ! grep -qx DAKA_VERSION=1.3 .env || exit 1;;'
    )
    done = machine.install("--version", "1.3")
    assert done.returncode == 1
    assert "the former settings and the former server are back" in done.stderr
    assert machine.settings == before
    assert (machine.folder / "compose.yaml").read_text() == "# the former one\n"
    assert not list(machine.folder.glob(".before*"))


def test_data_moves_with_the_kind_of_database_and_back(machine: Machine) -> None:
    machine.install()
    machine.runs()
    for option, wanted in (("--postgres", ["stop backend"]), ("--no-postgres", ["stop backend worker"])):
        done = machine.install(option)
        assert done.returncode == 0, done.stderr
        words = [call.removeprefix("docker compose ") for call in machine.calls]
        moved = [word for word in words if word.startswith(("stop", "run"))]
        assert moved[:1] == wanted
        assert [("backup" in word, "restore --replace" in word) for word in moved[1:3]] == [
            (True, False),
            (False, True),
        ]
        assert words[-1].startswith("up ")


@pytest.mark.parametrize(
    ("option", "password"), [("--postgres", "POSTGRES_PASSWORD"), ("--monitoring", "GRAFANA_PASSWORD")]
)
def test_the_password_that_a_volume_was_created_with_outlives_a_failure(
    machine: Machine, option: str, password: str
) -> None:
    machine.install()
    machine.runs('*" up "*" --wait-timeout 300") ! grep -q "^COMPOSE_FILE=.*yaml" .env || exit 1;;')
    done = machine.install(option)
    assert "the former settings" in done.stderr
    kept = machine.settings
    assert kept[password], done.stderr
    assert "compose" not in kept.get("COMPOSE_FILE", "")
    machine.runs()
    assert machine.install(option).returncode == 0
    assert machine.settings[password] == kept[password]


def test_a_database_whose_password_is_not_known_is_asked_about(machine: Machine) -> None:
    machine.install()
    machine.runs("*daka_postgres) ;;")
    done = machine.install("--postgres")
    assert done.returncode == 1
    assert "put the POSTGRES_PASSWORD of its .env into" in done.stderr
    assert "docker volume rm daka_postgres" in done.stderr
    assert not [call for call in machine.calls if " up " in call]
    settings = machine.folder / ".env"
    settings.write_text(settings.read_text() + "POSTGRES_PASSWORD=known\n")
    assert machine.install("--postgres").returncode == 0
    assert machine.settings["POSTGRES_PASSWORD"] == "known"


def test_a_first_installation_with_postgresql_moves_nothing(machine: Machine) -> None:
    machine.install("--postgres")
    assert not [call for call in machine.calls if "restore" in call]


def bundle_of(version: str, tmp_path: Path) -> Path:
    """The installer and its files as a release's bundle holds them."""
    folder = tmp_path / f"daka-{version}"
    for name in ("compose.yaml", "deploy"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder / name)
    example = folder / "deploy" / ".env.example"
    text = example.read_text().replace("#DAKA_IMAGE=daka", "DAKA_IMAGE=ghcr.io/owner/daka")
    example.write_text(text.replace("#DAKA_VERSION=latest", f"DAKA_VERSION={version}"))
    return folder / "deploy" / "install.sh"


def test_the_bundle_of_a_release_updates_to_its_own_version_and_says_so(machine: Machine, tmp_path: Path) -> None:
    first = machine.install(script=bundle_of("0.1.0", tmp_path))
    assert "→" not in first.stdout
    machine.runs()
    done = machine.install(script=bundle_of("0.2.0", tmp_path))
    assert "==> 0.1.0 → 0.2.0" in done.stdout
    assert (machine.settings["DAKA_IMAGE"], machine.settings["DAKA_VERSION"]) == ("ghcr.io/owner/daka", "0.2.0")
    again = machine.install(script=bundle_of("0.2.0", tmp_path))
    assert "→" not in again.stdout


@pytest.mark.parametrize(
    ("installed", "older"),
    [("0.2.0", "0.1.0"), ("0.10.0", "0.9.1"), ("1.0.0", "1.0.0-rc.1"), ("1.0.0-rc.2", "1.0.0-rc.1")],
)
def test_going_back_is_refused_in_words_and_changes_nothing(
    machine: Machine, tmp_path: Path, installed: str, older: str
) -> None:
    machine.install(script=bundle_of(installed, tmp_path))
    before = machine.settings
    done = machine.install(script=bundle_of(older, tmp_path))
    assert done.returncode == 1
    assert f"{installed} is installed, and {older} is older" in done.stderr
    assert machine.settings == before
    assert machine.calls == []


@pytest.mark.parametrize("version", ["0.2.0", "latest", "0.2"])
def test_a_bundle_refuses_the_images_of_another_version(machine: Machine, tmp_path: Path, version: str) -> None:
    done = machine.install("--version", version, script=bundle_of("0.1.0", tmp_path))
    assert done.returncode == 1
    assert "these files belong to version 0.1.0" in done.stderr
    assert not machine.folder.exists()


def test_a_clone_refuses_the_images_of_another_release(machine: Machine) -> None:
    done = machine.install("--image", "ghcr.io/owner/daka", "--version", "99.0.0")
    assert done.returncode == 1
    assert "check out v99.0.0 first" in done.stderr


def test_backups_go_to_a_folder_of_the_machine(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (machine.folder / ".env").parent.mkdir()
    (machine.folder / ".env").write_text(f"PUID={os.getuid()}\nPGID={os.getgid()}\n")
    done = machine.install("--backups", str(folder))
    assert done.returncode == 0, done.stderr
    assert folder.is_dir()
    assert (machine.settings["BACKUP_FOLDER"], machine.settings["BACKUP_DIR"]) == (str(folder), "/backups")
    (machine.folder / ".env").write_text("PUID=54321\n")
    refused = machine.install("--backups", str(folder))
    assert refused.returncode == 1
    assert f"{folder} belongs to uid {os.getuid()}, but the server runs as uid 54321" in refused.stderr


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
    assert machine.calls[0] == f"docker compose --project-directory {ROOT} --file {ROOT}/compose.yaml build --quiet"
    assert machine.calls[1].startswith("docker compose up ")
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
        ["--port", "0"],
        ["--port", "08080"],
        ["--port", "18446744073709560000"],
        ["--domain", "https://daka.example.com"],
        ["--domain", "daka.example.com/today"],
        ["--domain", "daka.example.com:8443"],
        ["--domain", "daka"],
        ["--domain", "192.168.1.10"],
        ["--domain", "打卡.example"],
        ["--domain", "daka..example"],
        ["--domain", "-daka.example"],
        ["--domain", "daka.example.com", "--port", "443"],
        ["--image", "ghcr.io/owner/daka:1.2"],
        ["--url", "http://daka.lan/today"],
        ["--url", "http://boss:secret@daka.lan"],
        ["--url", "http://fd00::1:8080/x"],
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


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("DAKA.Example.com", "daka.example.com"),
        ("daka.example.com.", "daka.example.com"),
        ("xn--hlrr16a.example", None),
    ],
)
def test_a_domain_is_written_as_browsers_write_it(machine: Machine, given: str, written: str | None) -> None:
    machine.install("--domain", given)
    assert machine.settings["PUBLIC_URL"] == f"https://{written or given}"


@pytest.mark.parametrize("url", ["http://daka.lan:8080/", "http://[fd00::1]:8080"])
def test_an_address_for_messages(machine: Machine, url: str) -> None:
    done = machine.install("--url", url)
    assert (done.returncode, machine.settings["PUBLIC_URL"]) == (0, url.rstrip("/"))


def test_with_https_the_servers_own_port_makes_room_for_caddys(machine: Machine) -> None:
    machine.install("--port", "80")
    done = machine.install("--domain", "daka.example.com")
    assert done.returncode == 0, done.stderr
    assert "Caddy needs port 80" in done.stdout
    assert (machine.settings["PORT"], machine.settings["PUBLIC_URL"]) == ("8080", "https://daka.example.com")


@pytest.mark.parametrize(
    "line",
    [
        "{name}={value}\r",
        '{name}="{value}"',
        "{name}='{value}' # as it was",
        "{name}={value}   # as it was",
        "export {name}={value}",
        "  {name} = {value}  ",
    ],
)
def test_settings_are_read_as_compose_reads_them(machine: Machine, line: str) -> None:
    """Read otherwise, an overlay in quotes is none, and the data would be moved into a database that has it already."""
    machine.install("--postgres", "--port", "8123")
    first = machine.settings
    text = (machine.folder / ".env").read_text()
    for name in ("PORT", "COMPOSE_FILE", "POSTGRES_PASSWORD"):
        text = text.replace(f"{name}={first[name]}", line.format(name=name, value=first[name]))
    (machine.folder / ".env").write_bytes(text.encode())
    machine.runs()
    done = machine.install("--postgres", "--monitoring", "--port", "8124")
    assert done.returncode == 0, done.stderr
    assert not [call for call in machine.calls if "restore" in call]
    again = (machine.folder / ".env").read_text()
    assert f"COMPOSE_FILE={first['COMPOSE_FILE']}:deploy/compose.monitoring.yaml\n" in again
    assert [row for row in again.splitlines() if "PORT" in row.partition("=")[0].split()[-1:]] == ["PORT=8124"]
    assert f"PUBLIC_URL={first['PUBLIC_URL'].replace('8123', '8124')}\n" in again


def test_a_port_in_the_settings_that_cannot_be_one_is_named(machine: Machine) -> None:
    machine.install()
    with (machine.folder / ".env").open("a") as file:
        file.write("PORT=http\n")
    done = machine.install("--monitoring")
    assert (done.returncode, machine.calls) == (1, [])
    assert f"PORT=http in {machine.folder}/.env is not a valid port" in done.stderr


def test_an_installation_elsewhere_is_not_taken_over(machine: Machine) -> None:
    machine.program(
        "docker", f'echo "docker $*" >> {machine.calls_file}; case "$*" in "ps "*working_dir*) echo /opt/daka;; esac'
    )
    done = machine.install()
    assert (done.returncode, machine.calls) == (1, [])
    assert "Daka is installed in /opt/daka already: change that one with --dir /opt/daka" in done.stderr
    assert not machine.folder.exists()


def test_data_without_settings_keeps_the_key_on_its_volume(machine: Machine) -> None:
    machine.program("docker", f'echo "docker $*" >> {machine.calls_file}')  # it has every volume
    done = machine.install()
    assert "There is data of an earlier installation (volume daka_data)" in done.stdout
    assert machine.settings["SECRET_KEY"] == ""
    assert "The first visitor" not in done.stdout


def test_a_place_that_is_no_folder_is_named(machine: Machine) -> None:
    machine.folder.write_text("a file")
    done = machine.install()
    assert done.stderr == f"install: --dir {machine.folder}: {machine.folder} is not a folder\n"


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("existed", [False, True])
def test_somebody_without_the_right_is_told_to_use_sudo(existed: bool) -> None:
    with tempfile.TemporaryDirectory() as home:  # pytest's own is root's alone
        machine = Machine(Path(home))
        if existed:
            machine.install()
        Path(home).chmod(0o755)
        machine.program("docker", "exit 1")  # it is not asked
        done = machine.install(user=65534)
    assert done.returncode == 1
    [said] = done.stderr.splitlines()
    assert "nobody may not" in said
    assert "sudo" in said


def test_a_full_disk_is_named(machine: Machine) -> None:
    machine.install("--image", "ghcr.io/owner/daka", "--version", "1.2")
    machine.runs(
        '*" pull "*) echo "write /var/lib/docker/tmp/x: no space left on device" >&2; exit 1;; "image inspect"*) exit 1;; '
        '*" config --images"*) echo ghcr.io/owner/daka-backend:1.3;;'
    )
    assert "there is no room for ghcr.io/owner/daka-backend:1.3" in machine.install("--version", "1.3").stderr


def test_a_machine_without_images_is_told_so(machine: Machine) -> None:
    machine.program("uname", "echo armv7l")
    done = machine.install()
    assert done.returncode == 1
    assert "not for armv7l" in done.stderr


def test_mirrors_reach_the_build_as_the_arguments_of_compose_yaml(machine: Machine) -> None:
    mirrors = ["--base-images", "registry.example.com/library", "--pip-index", "https://pip.example.com/simple"]
    done = machine.install("--dry-run", *mirrors, "--npm-registry", "https://npm.example.com")
    [build] = [line for line in done.stdout.splitlines() if " build --quiet" in line]
    given = dict(word.split("=", 1) for word in build.removeprefix("would run: env ").split(" docker ")[0].split())
    arguments = [
        name
        for service in yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
        for name in service["build"]["args"]
    ]
    assert set(arguments) == set(given) - {"DAKA_IMAGE", "DAKA_VERSION"}
    for name in arguments:
        dockerfile = "".join((ROOT / file).read_text() for file in ("Dockerfile.backend", "Dockerfile.frontend"))
        assert re.search(rf"^ARG {name}\b", dockerfile, re.MULTILINE)
    assert given["PYTHON_IMAGE"].startswith("registry.example.com/library/python:3")
    assert given["NGINX_IMAGE"].startswith("registry.example.com/library/nginx:1")


def test_without_mirrors_the_build_is_given_none(machine: Machine) -> None:
    [build] = [line for line in machine.install("--dry-run").stdout.splitlines() if " build --quiet" in line]
    assert build.startswith("would run: env DAKA_IMAGE=daka DAKA_VERSION=latest docker compose ")


@pytest.mark.parametrize(
    "options", [("--base-images", "https://x"), ("--pip-index", "pip.example.com"), ("--npm-registry", "x")]
)
def test_a_mirror_that_cannot_be_one_is_refused(machine: Machine, options: tuple[str, str]) -> None:
    assert machine.install("--dry-run", *options).returncode == 1
