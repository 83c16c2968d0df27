"""Prints one version's part of CHANGELOG.md, and refuses a tag that is not the version of pyproject.toml.

python deploy/release_notes.py v1.2.3
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def notes(changelog: str, version: str) -> str:
    """What stands under `## [1.2.3] …` or `## 1.2.3 …`, up to the next version."""
    found = re.search(
        rf"^## \[?{re.escape(version)}\]?(?:[ \t][^\n]*)?\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if not found or not found[1].strip():
        raise SystemExit(f"CHANGELOG.md says nothing about {version}")
    return found[1].strip() + "\n"


def main() -> None:
    version = sys.argv[1].removeprefix("v")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if version.split("-")[0] != declared.split("-")[0]:
        raise SystemExit(f"the tag says {version}, pyproject.toml says {declared}")
    sys.stdout.write(notes((ROOT / "CHANGELOG.md").read_text(), version))


if __name__ == "__main__":
    main()
