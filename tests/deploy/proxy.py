"""A real nginx with the project's own template, before an upstream that tells what reached it. No container engine."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# nginx lives in /usr/sbin, which an ordinary user's PATH may lack.
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

needs_nginx = pytest.mark.skipif(
    NGINX is None or shutil.which("envsubst") is None,
    reason="nginx and envsubst are not installed; on Debian: apt-get install nginx-light gettext-base",
)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """One request without any cleverness of a client library in between."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        found = connection.getresponse()
        return Answer(found.status, found.headers, found.read())
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Upstream(ThreadingHTTPServer):
    """Stands where the app is: answers what it was asked, and sends an event stream one event at a time."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, _Told)
        self.next_event = threading.Event()
        self.port = int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up in the middle is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Told(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        if self.path == "/api/v1/events":
            return self._stream()
        length = int(self.headers.get("Content-Length") or 0)
        received = self.rfile.read(length)
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "received": len(received),
            "filler": "x" * 4000,
        }
        answer = json.dumps(told).encode()
        self.send_response(503 if self.path == "/api/health" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(answer)
        return None

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class's names

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(3):
            event = f"id: {number}\nevent: reminder\ndata: {{}}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            if not self.server.next_event.wait(10):
                break
            self.server.next_event.clear()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def running_upstream(address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Upstream]:
    server = Upstream(address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Nginx:
    port: int
    folder: Path
    web_root: Path

    def log_once_it_has(self, line: str) -> str:
        """Both logs, as soon as this stands there."""
        until = time.monotonic() + 5
        while line not in (log := "".join((self.folder / f"{kind}.log").read_text() for kind in ("access", "error"))):
            assert time.monotonic() < until, f"{line} is not in {log}"
            time.sleep(0.02)
        return log

    def ask(self, path: str, **options: Any) -> Answer:
        return ask(self.port, path, **options)


@contextmanager
def running_nginx(folder: Path, web_root: Path, backend_url: str, **environment: str) -> Iterator[Nginx]:
    """Start it with the image's own entrypoint, everything it writes in a folder of its own."""
    port = free_port()
    (folder / "access.log").touch()
    log = (folder / "error.log").open("w")
    process = subprocess.Popen(
        ["sh", ROOT / "deploy" / "nginx-entrypoint.sh"],
        env={
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin",
            "NGINX_TEMPLATE": str(ROOT / "deploy" / "nginx.conf.template"),
            "LISTEN": f"127.0.0.1:{port}",
            "BACKEND_URL": backend_url,
            "WEB_ROOT": str(web_root),
            "RUN_DIR": str(folder),
            "ACCESS_LOG": str(folder / "access.log"),
            "RESOLVER": "127.0.0.1:1",
            **environment,
        },
        stderr=log,
        stdout=log,
    )
    try:
        until = time.monotonic() + 10
        while True:
            try:
                assert ask(port, "/nginx-health").status == 200
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"nginx did not start: {(folder / 'error.log').read_text()}")
                time.sleep(0.02)
        yield Nginx(port, folder, web_root)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        log.close()
