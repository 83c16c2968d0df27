"""Limits of connections: how many there are, how many from one address, and how long they may keep the server waiting.

Reminding shares the process with the API and needs sockets of its own, so connections take a part of the file handles only.
"""

import asyncio
import logging
import socket
import struct
import time
from collections import Counter
from typing import Any

from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from daka.addresses import network_of

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 4_000
MOST_PER_ADDRESS = 400
"""Connections from one address (an IPv6 /64 is one). An office behind one router stays well below; trusted proxies are exempt."""
RESERVED_FILES = 400
"""File handles that connections leave to reminding (`SEND_CONCURRENCY` and the database) and to files."""
WANTED_FILES = 65_536

HEADERS_SECONDS = 10.0
LONGEST_HEADERS = 32_768
BODY_GRACE_SECONDS = 15.0
SLOWEST_BODY = 1_000
"""Bytes per second that a body takes on average, after the grace."""
UNREAD_SECONDS = 30.0
"""How long a client may leave an answer unread: as long as more than 64 kB are waiting, or after the end of the answer."""
REPORT_EVERY_SECONDS = 60.0


def raise_file_limit() -> int:
    """Raise the soft limit of open files, up to the hard one. Returns the limit; 1024 where it is not known."""
    try:
        import resource
    except ImportError:  # not on this system
        return 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft if soft != resource.RLIM_INFINITY else WANTED_FILES


def most_connections(file_limit: int) -> int:
    """How many connections fit beside the handles that are reserved."""
    return max(50, min(MOST_CONNECTIONS, file_limit - RESERVED_FILES))


class Admission:
    """Who may connect. One for all connections of a server."""

    def __init__(self, trusted_proxies: str, most: int) -> None:
        self._trusted = _TrustedHosts(trusted_proxies)
        self._most = most
        self._connected: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        """By reason, since the last report."""
        self._reported_at = -REPORT_EVERY_SECONDS

    def admit(self, address: str) -> str | None:
        """Count a connection and return its place; None if it is refused. The place is given back with `leave`."""
        place = "" if address in self._trusted else network_of(address)
        if self._connected.total() >= self._most:
            self.refusals["too many connections"] += 1
            return None
        if place and self._connected[place] >= MOST_PER_ADDRESS:
            self.refusals["too many connections from one address"] += 1
            return None
        self._connected[place] += 1
        return place

    def leave(self, place: str) -> None:
        self._connected[place] -= 1
        if not self._connected[place]:
            del self._connected[place]

    def report_refusals(self, now: float) -> None:
        """Log what was refused, at most once a minute."""
        if self.refusals and now - self._reported_at >= REPORT_EVERY_SECONDS:
            total, reasons = self.refusals.total(), dict(self.refusals)
            log.warning("Refused or closed %d connections", total, extra={"fields": {"reasons": reasons}})
            self.refusals.clear()
            self._reported_at = now


REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class LimitedConnection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's HTTP protocol with limits. `check` is called every second."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        now = time.monotonic()
        self.waiting_since: float | None = now
        """When the server began to wait for a request's headers; None during a request, and after one until more is sent."""
        self.waiting_bytes = 0
        self.is_in_body = False
        self.body_since, self.body_bytes = now, 0
        self.unread_since: float | None = None
        self.is_refused = False
        self.place: str | None = None
        admission: Admission | None = self.config.admission
        if admission is not None:
            self.place = admission.admit(self.client[0] if self.client else "")
            if self.place is None:
                self._refuse(REFUSED)
                return
        _end_when_the_peer_has_gone(transport.get_extra_info("socket"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.place is not None:
            self.config.admission.leave(self.place)
            self.place = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_refused:
            return
        now = time.monotonic()
        was_idle, was_in_body = self._is_idle(), self.is_in_body
        if was_idle and self.waiting_since is None:
            self.waiting_since, self.waiting_bytes = now, 0
        super().data_received(data)
        if self._is_idle():
            # The rest of a body whose request was refused early is neither: it has as long as headers, whatever its size.
            self.waiting_bytes += 0 if self.is_in_body or was_in_body else len(data)
            if self.waiting_bytes > LONGEST_HEADERS:
                self._count("headers too large")
                self._refuse(HEADERS_TOO_LARGE)
        elif was_idle:
            self.waiting_since, self.body_since, self.body_bytes = None, now, len(data)
        else:
            self.body_bytes += len(data)

    def on_headers_complete(self) -> None:
        self.is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.is_in_body = False
        super().on_message_complete()

    def pause_writing(self) -> None:
        self.unread_since = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_since = None
        super().resume_writing()

    def check(self, now: float) -> None:
        """End the connection if its client keeps the server waiting."""
        if self.transport.is_closing() and self.unread_since is None:
            self.unread_since = now  # it closes when the rest of the answer has been read
        if self.unread_since is not None and now - self.unread_since > UNREAD_SECONDS:
            self._abort("answer not read")
        elif self._is_idle():
            if self.waiting_since is not None and now - self.waiting_since > HEADERS_SECONDS:
                self._abort("no complete headers")
        elif self.cycle.more_body and not self.flow.read_paused and not self.cycle.waiting_for_100_continue:
            seconds = now - self.body_since
            if seconds > BODY_GRACE_SECONDS and self.body_bytes < (seconds - BODY_GRACE_SECONDS) * SLOWEST_BODY + 1:
                self._abort("body too slow")

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, answer: bytes) -> None:
        self.is_refused = True
        self.transport.write(answer)
        self.transport.close()

    def _abort(self, reason: str) -> None:
        self._count(reason)
        connection = self.transport.get_extra_info("socket")
        if connection is not None:  # a reset: otherwise the system keeps what was not read, for minutes
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _count(self, reason: str) -> None:
        if self.config.admission is not None:
            self.config.admission.refusals[reason] += 1


def _end_when_the_peer_has_gone(connection: socket.socket | None) -> None:
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    options: dict[str, Any] = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
