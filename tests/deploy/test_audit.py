"""`make audit` as the weekly job runs it: the real pip-audit and npm; only the two lists of known holes are made up."""

import gzip
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.proxy import ROOT
from deploy.run_blocks import execute
from fakes.server import own_certificate

BLOCK = ("ci.yml", "audit", 0)
PYPI = ".".join(("pypi", "org"))  # no file names a host that packages come from


class Lists(ThreadingHTTPServer):
    """What PyPI and an npm registry say of packages: PyPI through a proxy's tunnel, npm at the registry's address."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.tls = tls
        self.asked: set[str] = set()
        self.python_hole: str | None = None
        self.npm_hole: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Lists
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        if self.path != f"{PYPI}:443":
            return self.send_error(403)
        self.send_response(200)
        self.end_headers()
        self.close_connection = False  # the client may speak HTTP/1.0 to a proxy
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)  # type: ignore[assignment]
        return None

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def do_GET(self) -> None:
        found = re.fullmatch(r"/pypi/([^/]+)/([^/]+)/json", self.path)
        if not found:
            return self.send_error(404)
        self.server.asked.add(found[1])
        hole = {"id": "PYSEC-1", "aliases": [], "fixed_in": [], "summary": "a hole", "details": ""}
        return self._answer({"vulnerabilities": [hole] if found[1] == self.server.python_hole else []})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.server.asked |= asked.keys()
        hole = {
            "id": 1,
            "url": "https://example.com/1",
            "title": "a hole",
            "severity": "high",
            "vulnerable_versions": "*",
        }
        return self._answer({name: [hole] for name in asked if name == self.server.npm_hole})

    def _answer(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Lists]:
    with Lists(own_certificate(tmp_path, PYPI)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def audit(lists: Lists, folder: Path) -> tuple[int, str]:
    """The block's exit status and what it printed."""
    if not (shutil.which("npm") and shutil.which("uvx")):
        pytest.skip("uv and npm are needed")
    # Before the proxy is there: from the cache, or from the package index.
    fetched = subprocess.run(["uvx", "pip-audit", "--version"], capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        pytest.skip(f"pip-audit cannot be fetched: {fetched.stderr.strip().splitlines()[-1]}")
    named = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PYENV_", "XDG_"))}
    status, _, said = execute(
        BLOCK,
        folder,
        **named,
        UV_OFFLINE="1",
        HTTPS_PROXY=lists.url,
        REQUESTS_CA_BUNDLE=str(folder / "server.pem"),
        npm_config_registry=lists.url,
        npm_config_cache=str(folder / "npm"),
        npm_config_fetch_retries="0",
    )
    return status, said


def test_without_a_known_hole_the_audit_is_green_and_every_package_was_asked_for(lists: Lists, tmp_path: Path) -> None:
    status, said = audit(lists, tmp_path)
    assert status == 0, said
    locked = re.findall(r"^([\w.-]+)==.*?(;|\\)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {name for name, condition in locked if condition != ";"} <= lists.asked
    packages = json.loads((ROOT / "frontend" / "package.json").read_text())
    wanted = packages["dependencies"] | packages["devDependencies"]
    assert {name for name, version in wanted.items() if not version.startswith("npm:")} <= lists.asked


@pytest.mark.parametrize("hole", ["aiohttp", "preact"])
def test_a_known_hole_makes_it_red_and_is_named(lists: Lists, tmp_path: Path, hole: str) -> None:
    lists.python_hole = lists.npm_hole = hole
    status, said = audit(lists, tmp_path)
    assert status != 0
    assert re.search(rf"^{hole}\b", said, re.MULTILINE), said
