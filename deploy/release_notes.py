"""Prints the section of one version in CHANGELOG.md.

Fails if the tag differs from the version in pyproject.toml, or the section's date from `RELEASED_ON`.

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


def refuse_other_date(changelog: str, version: str, package: str) -> None:
    """`RELEASED_ON = date(2026, 11, 28)` in the package is the date of the version's section."""
    found = re.search(r"^RELEASED_ON = date\((\d+), (\d+), (\d+)\)$", package, re.MULTILINE)
    date = "{:04}-{:02}-{:02}".format(*map(int, found.groups())) if found else "missing"
    if not re.search(rf"^## \[?{re.escape(version)}\]?[^\n]*{date}", changelog, re.MULTILINE):
        raise SystemExit(
            f"RELEASED_ON in backend/daka/__init__.py is {date}: not the date of {version} in CHANGELOG.md"
        )


def main() -> None:
    version = sys.argv[1].removeprefix("v")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if version.split("-")[0] != declared.split("-")[0]:
        raise SystemExit(f"the tag is {version}, but the version in pyproject.toml is {declared}")
    changelog = (ROOT / "CHANGELOG.md").read_text()
    text = notes(changelog, version)
    refuse_other_date(changelog, version, (ROOT / "backend" / "daka" / "__init__.py").read_text())
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
