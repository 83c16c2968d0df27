"""compose.yaml, its overlays and .env.example, read as they are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from daka.settings import Settings
from deploy.proxy import ROOT

ENV_EXAMPLE = (ROOT / "deploy" / ".env.example").read_text()
NAMED = dict(re.findall(r"^#?([A-Z][A-Z_]*)=(.*)$", ENV_EXAMPLE, re.MULTILINE))
COMPOSE_FILES = ["compose.yaml", *sorted(f"deploy/{path.name}" for path in (ROOT / "deploy").glob("compose.*.yaml"))]


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return found


def services() -> list[Any]:
    return [
        pytest.param(name, service, id=f"{name}:{service}")
        for name in COMPOSE_FILES
        for service in compose(name)["services"]
    ]


def test_the_example_names_every_setting() -> None:
    missing = {name.upper() for name in Settings.model_fields} - NAMED.keys()
    assert not missing, f"deploy/.env.example lacks {sorted(missing)}"


def test_every_name_in_the_example_means_something() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", "".join((ROOT / name).read_text() for name in COMPOSE_FILES)))
    unknown = NAMED.keys() - {name.upper() for name in Settings.model_fields} - used
    assert not unknown, f"nothing reads {sorted(unknown)}"


def test_every_variable_of_the_compose_files_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", "".join((ROOT / name).read_text() for name in COMPOSE_FILES)))
    assert used <= NAMED.keys()


def test_the_example_is_explained_line_by_line() -> None:
    for block in re.findall(r"(?:^#?[A-Z][A-Z_]*=.*\n)+", ENV_EXAMPLE, re.MULTILINE):
        before = ENV_EXAMPLE[: ENV_EXAMPLE.index(block)].rstrip("\n").splitlines()[-1]
        assert before.startswith("# "), f"no words before {block}"


def test_what_the_example_shows_behind_a_hash_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text(re.sub(r"^#(?=[A-Z][A-Z_]*=)", "", ENV_EXAMPLE, flags=re.MULTILINE))
    monkeypatch.chdir(tmp_path)
    shown, default = Settings(_env_file=settings), Settings(_env_file=None)  # type: ignore[call-arg]
    assert shown.model_dump() == default.model_dump()


def test_the_example_has_no_secret_so_that_a_copy_of_it_does_not_start() -> None:
    assert NAMED["SECRET_KEY"] == ""
    assert NAMED["POSTGRES_PASSWORD"] == ""


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_no_secret_stands_in_a_compose_file_and_none_has_a_default(name: str) -> None:
    text = (ROOT / name).read_text()
    for variable, rest in re.findall(r"\$\{([A-Z_]*(?:SECRET|PASSWORD|TOKEN|KEY)[A-Z_]*)(.*?)\}", text):
        assert rest in {"", ":-"} or rest.startswith(":?"), f"{variable}{rest}"
    for key, value in re.findall(r"^\s+([A-Z_]*(?:SECRET|PASSWORD|TOKEN|KEY)[A-Z_]*): (.*)$", text, re.MULTILINE):
        assert value.startswith("${"), key


@pytest.mark.parametrize(("name", "service"), services())
def test_every_service_of_every_file_restarts_keeps_small_logs_and_gains_no_privileges(name: str, service: str) -> None:
    found = {**compose()["services"].get(service, {}), **compose(name)["services"][service]}
    assert found["restart"] == "unless-stopped"
    assert set(found["logging"]["options"]) == {"max-size", "max-file"}
    assert found["security_opt"] == ["no-new-privileges:true"]
    if service != "postgres":  # which changes to its own user as it starts
        assert found["read_only"] is True
        assert found["cap_drop"] == ["ALL"]
    for port in found.get("ports", []):
        assert service in {"frontend", "caddy"} or port.startswith("127.0.0.1:"), (
            f"{port} of {service} is open to the workplace"
        )


def test_the_set_up_is_two_services_and_one_volume() -> None:
    found = compose()
    assert sorted(found["services"]) == ["backend", "frontend"]
    assert list(found["volumes"]) == ["data"]


def test_the_api_and_the_workers_share_key_and_database() -> None:
    overlay = compose("deploy/compose.postgres.yaml")["services"]
    assert overlay["backend"]["environment"]["DATABASE_URL"] == overlay["worker"]["environment"]["DATABASE_URL"]
    assert (
        compose()["services"]["backend"]["environment"]["SECRET_KEY"] == overlay["worker"]["environment"]["SECRET_KEY"]
    )
    assert overlay["backend"]["command"] == ["serve", "--no-worker"]
    assert overlay["worker"]["command"][0] == "worker"


FIXED = {"HOST", "PORT", "TRUSTED_PROXIES"}
"""Settings that a container has from its image or from Compose, and a worker not at all."""


def test_a_server_gets_every_setting_and_nothing_else_of_the_settings_file() -> None:
    backend, overlay = compose()["services"]["backend"], compose("deploy/compose.postgres.yaml")["services"]
    names = {name.upper() for name in Settings.model_fields}
    assert "env_file" not in backend | overlay["worker"]
    assert set(backend["environment"]) == names
    assert set(overlay["worker"]["environment"]) == names - FIXED
    for name, value in overlay["worker"]["environment"].items():
        if name != "DATABASE_URL":
            assert value == backend["environment"][name]


def test_compose_yaml_is_enough_by_itself() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert ":?" not in text, "no setting is demanded"
    assert not [
        volume for service in compose()["services"].values() for volume in service.get("volumes", []) if "./" in volume
    ]


@pytest.mark.parametrize(("name", "service"), services())
def test_every_service_has_limits_for_memory_and_processes(name: str, service: str) -> None:
    found = {**compose()["services"].get(service, {}), **compose(name)["services"][service]}
    assert re.fullmatch(r"\d+[mg]|\$\{[A-Z]+_MEMORY:-\d+[mg]\}", found["mem_limit"])
    assert 100 <= found["pids_limit"] <= 1000


def test_a_worker_is_healthy_by_the_age_of_the_file_that_it_touches() -> None:
    worker = compose("deploy/compose.postgres.yaml")["services"]["worker"]
    assert worker["command"][1] == "--tick-file"
    assert worker["command"][2] in worker["healthcheck"]["test"][-1]


def test_the_proxy_has_a_network_of_its_own_so_that_the_one_of_a_running_server_stays() -> None:
    overlay = compose("deploy/compose.https.yaml")
    assert list(overlay["networks"]) == ["proxy"]
    assert set(overlay["services"]["frontend"]["networks"]) == {"default", "proxy"}


def test_caddy_is_the_one_proxy_that_the_https_overlay_trusts() -> None:
    overlay = compose("deploy/compose.https.yaml")["services"]
    assert overlay["frontend"]["environment"]["TRUSTED_PROXY"] == overlay["caddy"]["networks"]["proxy"]["ipv4_address"]


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_every_image_from_elsewhere_has_a_version(name: str) -> None:
    for service in compose(name)["services"].values():
        image = service.get("image", "${DAKA_IMAGE}")
        assert image.startswith("${DAKA_IMAGE") or re.search(r":v?\d", image), image


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_every_file_that_is_mounted_is_there(name: str) -> None:
    mounted = [
        re.sub(r"\$\{[A-Z_]+:-(\w+)\}", r"\1", volume).split(":")[0]
        for service in compose(name)["services"].values()
        for volume in service.get("volumes", [])
    ]
    for source in mounted:
        assert (
            (ROOT / source).exists()
            if source.startswith(".")
            else source in compose(name)["volumes"] | compose()["volumes"]
        )
