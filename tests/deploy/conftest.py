"""One nginx before one upstream for all tests of the proxy."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.proxy import Nginx, Upstream, running_nginx, running_upstream


@contextmanager
def _open_folder() -> Iterator[Path]:
    """Not pytest's folder, which only its owner may enter: an nginx that root started works as nobody."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def web_root() -> Iterator[Path]:
    """What the frontend image serves, made by hand: nothing here depends on a built web app."""
    with _open_folder() as root:
        (root / "assets").mkdir()
        for page in ("index.html", "roster.html"):
            (root / page).write_text("<!doctype html><title>打卡</title>")
        (root / "assets" / "index-0dg-AhLL.js").write_text("export default 1;\n" * 200)
        (root / "assets" / "index-0dg-AhLL.js.gz").write_bytes(gzip.compress(b"// compressed beforehand\n" * 50))
        (root / "sw.js").write_text("// the service worker")
        (root / "manifest.webmanifest").write_text('{"name": "打卡"}')
        yield root


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    with running_upstream() as server:
        yield server


@pytest.fixture(scope="session")
def nginx(web_root: Path, upstream: Upstream) -> Iterator[Nginx]:
    with _open_folder() as folder, running_nginx(folder, web_root, f"http://127.0.0.1:{upstream.port}") as server:
        yield server
