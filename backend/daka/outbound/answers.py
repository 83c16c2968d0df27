"""Answers as they really come: heads with faults, bodies that are cut short, packed, or in another encoding.

Once a status line has come, the provider has decided: nothing after it may turn an answer into none, which would be sent again.
"""

import asyncio
import codecs
import re
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

LONGEST_HEAD_BYTES = 256 * 1024
LONGEST_VALUE_BYTES = 2048
_STATUS_LINE = re.compile(rb"\s*HTTP/1\.([01])[ \t]+([1-9][0-9]{2})(?![0-9])")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_KEPT = {b"content-type", b"content-encoding", b"date", b"location", b"retry-after"}
"""The headers that anything here reads, besides those that frame the body."""


class TolerantConnector(aiohttp.TCPConnector):
    """A connector whose connections read heads tolerantly."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        factory: Any = partial(AnswerHandler, loop=asyncio.get_running_loop())
        self._factory = factory


class AnswerHandler(ResponseHandler):
    """aiohttp's reader of answers behind a filter: it sees a short, valid head, and a body that ends with the connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._head: bytearray | None = None
        """The head while it arrives; None while no head is expected."""

    def set_response_params(self, **options: Any) -> None:
        self._head = bytearray()
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if self._head is None or not data:
            super().data_received(data)
            return
        self._head += data
        while (found := _STATUS_LINE.match(self._head)) and (end := _HEAD_END.search(self._head, found.end())):
            head, rest = bytes(self._head[: end.start()]), bytes(self._head[end.end() :])
            if found[2].startswith(b"1"):  # an interim response: the answer follows
                self._head = bytearray(rest)
                continue
            self._pass_on(head, rest)
            return
        if len(self._head) > LONGEST_HEAD_BYTES or (not found and len(self._head) > 64):
            self._pass_on(bytes(self._head), b"", is_whole=False)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._head:
            self._pass_on(bytes(self._head), b"", is_whole=False)
        if (body := self._payload) is not None and not body.is_eof():
            self.force_close()
            self._payload = None
            body.feed_eof()  # what came is the body
        super().connection_lost(exc)

    def _pass_on(self, head: bytes, rest: bytes, *, is_whole: bool = True) -> None:
        """Give aiohttp the head, and apart from it the body, whose faults then leave the head alone."""
        self._head = None
        super().data_received(plain_head(head, is_whole=is_whole))
        if rest:
            super().data_received(rest)


def plain_head(head: bytes, *, is_whole: bool = True) -> bytes:
    """A head with the same status and framing, and only the headers that are read here. Unchanged if it is not HTTP's.

    With both `Content-Length` and `Transfer-Encoding` the second counts (RFC 9112, 6.3). One that broke off has no body.
    """
    if (found := _STATUS_LINE.match(head)) is None:
        return head
    values: dict[bytes, list[bytes]] = {}
    for line in head[found.end() :].split(b"\n")[1 : None if is_whole else -1]:
        name, colon, value = line.partition(b":")
        if colon and name == name.strip() and len(value) <= LONGEST_VALUE_BYTES:
            values.setdefault(name.lower(), []).append(value.strip())
    lines = [b"HTTP/1.1 " + found[2] + b" -"]
    kept = sorted(_KEPT & values.keys())
    lines += [name + b": " + re.sub(rb"[^\t\x20-\x7e]+", b"?", values[name][0]) for name in kept]
    connection = b", ".join(values.get(b"connection", [])).lower()
    keeps_open = b"close" not in connection and (found[1] == b"1" or b"keep-alive" in connection)
    lengths, codings = set(values.get(b"content-length", [])), values.get(b"transfer-encoding", [])
    if not is_whole:
        lines.append(b"content-length: 0")
        keeps_open = False
    elif codings and codings[-1].lower().endswith(b"chunked"):
        lines.append(b"transfer-encoding: chunked")
        keeps_open = keeps_open and not lengths
    elif len(lengths) == 1 and (length := lengths.pop()).isdigit() and len(length) < 19:
        lines.append(b"content-length: " + length)
    else:  # the body ends with the connection
        keeps_open = False
    if not keeps_open:
        lines.append(b"connection: close")
    return b"\r\n".join([*lines, b"", b""])


_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_AS_BROWSERS = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
"""Which encoding browsers use for a name (https://encoding.spec.whatwg.org)."""


def body_text(body: bytes, headers: Mapping[str, str], longest_bytes: int) -> str:
    """The text of a body: unpacked, at most so many bytes, and decoded as a browser would."""
    body = _unpacked(body, headers.get("content-encoding", "").lower(), longest_bytes)
    for bom, encoding in _BOMS.items():
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, errors="replace")
    named = re.search(r"charset=[\"']?([\w.:-]+)", headers.get("content-type", ""), re.IGNORECASE)
    if named is not None:
        try:
            encoding = codecs.lookup(named[1]).name
            return body.decode(_AS_BROWSERS.get(encoding, encoding), errors="replace")
        except (LookupError, ValueError):  # no encoding, or none of text
            pass
    for encoding in ("utf-8", "gb18030"):
        try:
            # The body may be cut inside a character.
            codecs.getincrementaldecoder(encoding)().decode(body)
        except UnicodeDecodeError:
            continue
        return body.decode(encoding, errors="replace")
    return body.decode("utf-8", errors="replace")


def _unpacked(body: bytes, coding: str, longest_bytes: int) -> bytes:
    """The body without gzip or deflate, at most so many bytes of it; as it is if it cannot be unpacked.

    None is asked for (`Accept-Encoding: identity`), but gateways pack all the same.
    """
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    for window in windows:
        try:
            return zlib.decompressobj(window).decompress(body, longest_bytes)
        except zlib.error:
            continue
    return body
