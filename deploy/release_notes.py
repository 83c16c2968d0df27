"""Prints the section of one version in CHANGELOG.md; fails if the tag differs from the version in pyproject.toml.

python deploy/release_notes.py v1.2.3
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def notes(changelog: str, version: str) -> str:
    """The section `## [1.2.3] …` or `## 1.2.3 …`, up to the next version."""
    found = re.search(
        rf"^## \[?{re.escape(version)}\]?(?:[ \t][^\n]*)?\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if not found or not found[1].strip():
        raise SystemExit(f"CHANGELOG.md has no section for {version}")
    return found[1].strip() + "\n"


def main() -> None:
    version = sys.argv[1].removeprefix("v")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if version.split("-")[0] != declared.split("-")[0]:
        raise SystemExit(f"the tag is {version}, but the version in pyproject.toml is {declared}")
    sys.stdout.write(notes((ROOT / "CHANGELOG.md").read_text(), version))


if __name__ == "__main__":
    main()
