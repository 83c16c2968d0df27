"""The packages for a NAS, a panel and Kubernetes: each in its format, and all of one mind."""

import hashlib
import importlib.util
import io
import json
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from daka.settings import Settings
from deploy.proxy import ROOT

VERSION, IMAGE = "1.2.3", "ghcr.io/owner/daka"
BIN = Path(sys.executable).parent


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("packages", ROOT / "deploy" / "packages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE: dict[str, bytes] = _module().packages(VERSION, IMAGE)
FACTS: dict[str, str] = json.loads((ROOT / "deploy" / "packages" / "facts.json").read_text())


def tar(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive.getmembers()}  # type: ignore[union-attr]


FPK = {platform: tar(MADE[f"daka-{VERSION}-fnos-{platform}.fpk"]) for platform in ("x86", "arm")}
PANEL = tar(MADE[f"daka-{VERSION}-1panel.tar.gz"])
with zipfile.ZipFile(io.BytesIO(MADE[f"daka-{VERSION}-baota.zip"])) as archive:
    BAOTA = {name: archive.read(name) for name in archive.namelist()}
PROGRAM = tar(FPK["x86"]["app.tgz"])
COMPOSE = {
    "nas": MADE[f"daka-{VERSION}-nas-compose.yaml"],
    "casaos": MADE[f"daka-{VERSION}-casaos.yaml"],
    "1panel": PANEL[f"daka/{VERSION}/docker-compose.yml"],
    "baota": BAOTA["daka/latest/docker-compose.yml"],
    "fnos": PROGRAM["docker/docker-compose.yaml"],
}


def environment(service: dict[str, Any]) -> dict[str, str]:
    found = service["environment"]
    return found if isinstance(found, dict) else dict(line.split("=", 1) for line in found)


def ends(value: Any) -> str:
    """The container's side of a port or a mount."""
    return str(value["target"]) if isinstance(value, dict) else str(value).rsplit(":", 1)[1]


@pytest.mark.parametrize("platform", COMPOSE)
def test_every_package_runs_the_same_image_with_the_same_port_folder_and_settings(platform: str) -> None:
    [service] = yaml.safe_load(COMPOSE[platform])["services"].values()
    assert service["image"] == f"{IMAGE}:{VERSION}"
    assert [ends(port) for port in service["ports"]] == [FACTS["PORT"]]
    assert [ends(volume) for volume in service["volumes"]] == [FACTS["DATA"]]
    assert {"TZ", "PUBLIC_URL"} <= set(environment(service)) <= {"TZ", "PUBLIC_URL", "PUID", "PGID"}
    assert environment(service)["TZ"] in {FACTS["ZONE"], "$TZ", "${TIME_ZONE}"}
    assert service["restart"] in {"always", "unless-stopped"}


def test_the_facts_are_those_of_the_image() -> None:
    image, base = ((ROOT / name).read_text() for name in ("Dockerfile", "Dockerfile.backend"))
    assert f"EXPOSE {FACTS['PORT']}\n" in image
    assert f"VOLUME {FACTS['DATA']}\n" in base
    assert Settings.model_fields["timezone"].default == FACTS["ZONE"]


@pytest.mark.parametrize("platform", COMPOSE)
def test_a_compose_file_needs_no_source_and_is_one_by_its_schema(platform: str, tmp_path: Path) -> None:
    text = COMPOSE[platform].decode()
    assert not re.search(r"build:|env_file|:\?", text)
    (tmp_path / "compose.yaml").write_text(text)
    checked = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", tmp_path / "compose.yaml"]
    done = subprocess.run(checked, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", MADE)
def test_no_placeholder_is_left(name: str) -> None:
    files = (
        {name: MADE[name]} if not name.endswith((".fpk", ".tar.gz", ".zip")) else FPK["arm"] | PANEL | BAOTA | PROGRAM
    )
    for content in files.values():
        assert not re.search(rb"@[A-Z_]+@", content)


def test_a_nas_that_only_takes_a_pasted_file_needs_nothing_else() -> None:
    assert "${" not in COMPOSE["nas"].decode(), "values stand in the file, where the user interface shows them"


@pytest.mark.parametrize("language", ["", ".zh-CN"])
def test_what_the_guide_says_to_change_leaves_a_valid_file(language: str, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / f"nas{language}.md").read_text()
    text = COMPOSE["nas"].decode()
    for before, after in (("data:/data", "./data:/data"), ('"8080:8080"', '"18080:8080"')):
        assert f"`{before}`" in guide
        assert f"`{after}`" in guide
        assert before in text
        text = text.replace(before, after, 1)
    [proxies] = re.findall(r"`(TRUSTED_PROXIES: .*?)`", guide)
    text = text.replace("    environment:\n", f"    environment:\n      {proxies}\n")
    text = "".join(text.splitlines(keepends=True)[:-2])
    found = yaml.safe_load(text)
    assert found.keys() == {"name", "services"}, "the last two lines were the volume"
    assert found["services"]["daka"]["volumes"] == ["./data:/data"]
    (tmp_path / "compose.yaml").write_text(text)
    checked = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", tmp_path / "compose.yaml"]
    done = subprocess.run(checked, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("address", ["", "http://192.168.1.10:18080", "https://daka.example.com"])
@pytest.mark.parametrize("platform", COMPOSE)
def test_the_server_takes_what_a_compose_file_gives_it(
    platform: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [service] = yaml.safe_load(COMPOSE[platform])["services"].values()
    for name in set(environment(service)) - {"TZ", "PUID", "PGID"}:  # those are the entrypoint's
        monkeypatch.setenv(name, address)
    monkeypatch.setenv("TIMEZONE", FACTS["ZONE"])
    monkeypatch.setenv("TRUSTED_PROXIES", "172.16.0.0/12")
    settings = Settings(_env_file=None)
    assert (settings.public_url or "") == address
    assert settings.timezone == FACTS["ZONE"]


def test_a_panel_gets_every_variable_from_a_field_of_its_form() -> None:
    asked = {
        field["envKey"]
        for field in yaml.safe_load(PANEL[f"daka/{VERSION}/data.yml"])["additionalProperties"]["formFields"]
    }
    used = set(re.findall(r"\$\{(\w+)\}", COMPOSE["1panel"].decode()))
    assert used - {"CONTAINER_NAME"} == asked
    app = yaml.safe_load(PANEL["daka/data.yml"])["additionalProperties"]
    assert app["key"] == "daka"
    assert app["architectures"] == ["amd64", "arm64"]
    assert "daka/logo.png" in PANEL


def test_baota_fills_every_variable_and_has_the_fields_that_it_insists_on() -> None:
    app = json.loads(BAOTA["daka/app.json"])
    keys = {entry["key"].upper() for entry in app["env"]}
    assert set(re.findall(r"^(\w+)=$", BAOTA["daka/latest/.env"].decode(), re.MULTILINE)) == keys
    assert set(re.findall(r"\$\{(\w+)\}", COMPOSE["baota"].decode())) == keys
    assert {"domain", "allow_access", "cpus", "memory_limit", "web_port"} <= {field["attr"] for field in app["field"]}
    assert [version["m_version"] for version in app["appversion"]] == ["latest"]
    labels = yaml.safe_load(COMPOSE["baota"])["services"]["daka"]["labels"]
    assert labels == {"createdBy": "bt_apps"}


def test_casaos_has_what_its_store_checks() -> None:
    found = yaml.safe_load(COMPOSE["casaos"])
    store = found["x-casaos"]
    assert store["main"] in found["services"]
    assert store["port_map"] == found["services"]["daka"]["ports"][0]["published"]
    assert store["architectures"] == ["amd64", "arm64"]
    for name in ("title", "tagline", "description"):
        assert {"en_us", "zh_cn"} <= set(store[name])


@pytest.mark.parametrize("platform", FPK)
def test_fnos_finds_its_parts_and_the_checksum_of_the_program(platform: str) -> None:
    package = FPK[platform]
    manifest = dict(line.split("=", 1) for line in package["manifest"].decode().splitlines())
    assert {"appname", "version", "display_name", "desc", "source"} <= set(manifest)
    assert (manifest["version"], manifest["platform"], manifest["service_port"]) == (VERSION, platform, FACTS["PORT"])
    assert manifest["checksum"] == hashlib.md5(package["app.tgz"], usedforsecurity=False).hexdigest()
    for name in ("config/privilege", "config/resource", "wizard/install", "wizard/config"):
        json.loads(package[name])
    [project] = json.loads(package["config/resource"])["docker-project"]["projects"]
    assert yaml.safe_load(COMPOSE["fnos"])["name"] == project["name"] == manifest["appname"]
    assert f"{project['path']}/docker-compose.yaml" in PROGRAM
    entry = json.loads(PROGRAM["ui/config"])[".url"][manifest["desktop_applaunchname"]]
    assert entry["port"] == manifest["service_port"]
    for size in (64, 256):
        assert entry["icon"].format(size).replace("images", "ui/images") in PROGRAM
    hooks = [
        f"{what}_{when}" for what in ("install", "upgrade", "config", "uninstall") for when in ("init", "callback")
    ]
    for hook in ("main", *hooks):
        assert package[f"cmd/{hook}"].startswith(b"#!/bin/bash\n")


ICONS = {
    "fnos-64": (FPK["x86"]["ICON.PNG"], 64),
    "fnos-256": (FPK["x86"]["ICON_256.PNG"], 256),
    "1panel": (PANEL["daka/logo.png"], 100),
    "baota": (BAOTA["daka/icon.png"], 100),
}


@pytest.mark.parametrize(("content", "size"), ICONS.values(), ids=ICONS)
def test_icons_have_the_sizes_that_the_stores_ask_for(content: bytes, size: int) -> None:
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (size, size)


def test_what_the_wizard_of_fnos_asked_for_survives_an_update(tmp_path: Path) -> None:
    program, kept, cmd = tmp_path / "program", tmp_path / "kept", tmp_path / "cmd"
    for folder in (program / "docker", kept, cmd):
        folder.mkdir(parents=True)
    for name, content in FPK["x86"].items():
        if name.startswith("cmd/"):
            (tmp_path / name).write_bytes(content)
            (tmp_path / name).chmod(0o755)
    base = {"TRIM_PKGVAR": str(kept), "TRIM_APPDEST": str(program), "PATH": "/usr/bin:/bin"}

    def hook(name: str, **more: str) -> str:
        subprocess.run([cmd / name], env=base | more, check=True)
        return (program / "docker" / ".env").read_text()

    assert hook("install_callback", wizard_public_url="http://nas.lan:8080") == "PUBLIC_URL=http://nas.lan:8080\n"
    (program / "docker" / ".env").unlink()  # an update replaces the folder
    assert hook("upgrade_callback") == "PUBLIC_URL=http://nas.lan:8080\n"
    assert hook("config_callback", wizard_public_url="") == "PUBLIC_URL=\n"


def test_portainer_offers_the_same() -> None:
    [template] = json.loads(MADE[f"daka-{VERSION}-portainer.json"])["templates"]
    assert template["image"] == f"{IMAGE}:{VERSION}"
    assert template["ports"] == [f"{FACTS['PORT']}:{FACTS['PORT']}/tcp"]
    assert template["volumes"] == [{"container": FACTS["DATA"]}]
    assert {entry["name"] for entry in template["env"]} == {"TZ", "PUBLIC_URL"}


KUBERNETES = list(yaml.safe_load_all(MADE[f"daka-{VERSION}-kubernetes.yaml"]))


@pytest.mark.parametrize("release", ["1.28", "1.32", "1.37"])
def test_kubernetes_takes_every_resource_strictly(release: str, tmp_path: Path) -> None:
    (tmp_path / "daka.yaml").write_bytes(MADE[f"daka-{VERSION}-kubernetes.yaml"])
    checked = [BIN / "kubernetes-validate", "--strict", "-k", release, tmp_path / "daka.yaml"]
    done = subprocess.run(checked, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_on_kubernetes_nothing_is_root_and_every_setting_exists() -> None:
    names = {name.upper() for name in Settings.model_fields}
    [settings] = [found["data"] for found in KUBERNETES if found["kind"] == "ConfigMap"]
    assert set(settings) <= names
    Settings(_env_file=None, **{name.lower(): value for name, value in settings.items()})
    for found in KUBERNETES:
        if found["kind"] in {"Deployment", "StatefulSet"}:
            pod = found["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True
            for container in pod["containers"]:
                assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
                assert container["resources"]["limits"]["memory"]
                if container["name"] == "daka":
                    assert container["image"] == f"{IMAGE}:{VERSION}"
                    assert container["securityContext"]["readOnlyRootFilesystem"] is True
                    assert {entry["name"] for entry in container["env"]} - names == {"POSTGRES_PASSWORD"}


def test_the_list_of_what_is_what_names_every_file() -> None:
    words = (ROOT / "deploy" / "README.md").read_text()
    listed = subprocess.run(["git", "ls-files", "deploy"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = {line.split("/")[1] for line in listed.stdout.splitlines()} - {"README.md"}
    missing = [name for name in names if f"`{name}`" not in words and f"`{name}/`" not in words]
    assert missing == []
