"""The systemd units: well-formed, and the backup as shut in as the server."""

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
