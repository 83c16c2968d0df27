"""Makes the packages for home servers, shop servers and Kubernetes of one release, from deploy/packages.

    python3 deploy/packages.py VERSION IMAGE FOLDER     for example: 1.2.3 ghcr.io/owner/daka dist

facts.json is the one place for port, data folder, time zone and descriptions; the other files name them as @PORT@ and so on.
"""

import gzip
import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent / "packages"
ARCHITECTURES = {"x86": "x86_64", "arm": "aarch64"}
"""fnOS: platform → architecture."""
EXECUTABLE = 0o755


def facts(version: str, image: str) -> dict[str, str]:
    """What stands for each @NAME@."""
    found: dict[str, str] = json.loads((HERE / "facts.json").read_text())
    postgres = re.search(r"image: (postgres:\S+)", (HERE.parent / "compose.postgres.yaml").read_text())
    assert postgres is not None
    project = image.partition("/")[2] or image
    website = f"https://github.com/{project}"
    return found | {
        "VERSION": version,
        "IMAGE": image,
        "WEBSITE": website,
        "ICON_URL": f"{website}/raw/v{version}/deploy/packages/icons/256.png",
        "POSTGRES": postgres[1],
        "SECONDS": "1764288000",
    }


def filled(text: str, values: dict[str, str]) -> str:
    """The text with its values.

    Raises:
        KeyError: a name that nobody gave a value.
    """
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)


def folder(name: str, values: dict[str, str]) -> dict[str, bytes]:
    """The files of a template folder: path → content."""
    root = HERE / name
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): filled(path.read_text(), values).encode() for path in files}


def icon(size: int) -> bytes:
    return (HERE / "icons" / f"{size}.png").read_bytes()


def tar_gz(files: dict[str, bytes]) -> bytes:
    """A reproducible archive. What begins like a script is executable."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = EXECUTABLE if content.startswith(b"#!") else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def fpk(platform: str, values: dict[str, str]) -> bytes:
    """A package of fnOS: its program folder is an archive of its own, whose MD5 the manifest names."""
    files = folder("fnos", values | {"FNOS_PLATFORM": platform, "FNOS_ARCH": ARCHITECTURES[platform]})
    program = {name.removeprefix("app/"): files.pop(name) for name in list(files) if name.startswith("app/")}
    program |= {f"ui/images/icon_{size}.png": icon(size) for size in (64, 256)}
    files["app.tgz"] = tar_gz(program)
    checksum = hashlib.md5(files["app.tgz"], usedforsecurity=False).hexdigest()
    files["manifest"] += f"checksum={checksum}\n".encode()
    return tar_gz(files | {"ICON.PNG": icon(64), "ICON_256.PNG": icon(256)})


def packages(version: str, image: str) -> dict[str, bytes]:
    """The files of a release: name → content."""
    values = facts(version, image)
    panel = {name.replace("/version/", f"/{version}/"): text for name, text in folder("1panel", values).items()}
    baota = {name.replace("/env", "/.env"): text for name, text in folder("baota", values).items()}
    stem = f"daka-{version}"
    return {
        f"{stem}-nas-compose.yaml": folder("compose", values)["daka.yaml"],
        f"{stem}-portainer.json": folder("portainer", values)["templates.json"],
        f"{stem}-casaos.yaml": folder("casaos", values)["docker-compose.yml"],
        f"{stem}-kubernetes.yaml": folder("kubernetes", values)["daka.yaml"],
        f"{stem}-1panel.tar.gz": tar_gz(panel | {"daka/logo.png": icon(100)}),
        f"{stem}-baota.zip": zipped(baota | {"daka/icon.png": icon(100)}),
        **{f"{stem}-fnos-{platform}.fpk": fpk(platform, values) for platform in ARCHITECTURES},
    }


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    version, image, target = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    for name, content in packages(version, image).items():
        (target / name).write_bytes(content)


if __name__ == "__main__":
    main()
