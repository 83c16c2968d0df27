"""The systemd units: well-formed, and the backup as shut in as the server."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.proxy import ROOT

UNITS = ("daka.service", "daka-backup.service", "daka-backup.timer")
ANALYZE = shutil.which("systemd-analyze")


def walls(unit: str) -> list[str]:
    """The settings that shut a service in."""
    text = (ROOT / "deploy" / unit).read_text()
    return text[text.index("DynamicUser=") :].partition("[Install]")[0].split()


def test_the_backup_is_as_shut_in_as_the_server() -> None:
    assert walls("daka-backup.service") == walls("daka.service")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not here")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for name in UNITS:
        text = (ROOT / "deploy" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/daka/venv/bin/daka", sys.executable))
    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["daka.service", "daka-backup.service"])
@pytest.mark.parametrize("guide", ["deployment.md", "deployment.zh-CN.md"])
def test_the_documentation_that_a_unit_names_is_where_the_guide_puts_it(name: str, guide: str) -> None:
    [path] = re.findall(
        r"^Documentation=file:///opt/daka/(docs/\S+)$", (ROOT / "deploy" / name).read_text(), re.MULTILINE
    )
    assert (ROOT / path).is_file()
    assert "cp -r docs /opt/daka/docs" in (ROOT / "docs" / guide).read_text()


@pytest.mark.parametrize("guide", ["deployment.md", "deployment.zh-CN.md"])
def test_a_folder_that_is_copied_again_does_not_end_up_inside_itself(guide: str) -> None:
    for target in re.findall(r"cp -r \S+ (\S+)$", (ROOT / "docs" / guide).read_text(), re.MULTILINE):
        line = next(line for line in (ROOT / "docs" / guide).read_text().splitlines() if line.endswith(target))
        assert line.startswith(f"sudo rm -rf {target} && ")


def test_systemd_restarts_a_server_whose_event_loop_hangs() -> None:
    text = (ROOT / "deploy" / "daka.service").read_text()
    assert re.search(r"^Type=notify$", text, re.MULTILINE)
    assert re.search(r"^WatchdogSec=\d+$", text, re.MULTILINE)
