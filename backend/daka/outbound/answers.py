"""Answers as they really come: heads with faults, bodies that are cut short, packed, or in another encoding.

Once a status line has come, the provider has decided: nothing after it may turn an answer into none, which would be sent again.
"""

import asyncio
import codecs
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

LONGEST_HEAD_BYTES = 256 * 1024
LONGEST_VALUE_BYTES = 2048
_STATUS_LINE = re.compile(rb"\s*HTTP/[0-9](?:\.([0-9]))?[ \t]+([1-9][0-9]{2})(?![0-9])", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"(?:0++[0-9a-fA-F]{0,15}+|[1-9a-fA-F][0-9a-fA-F]{0,14}+)[ \t]*+(?:[;\r]|$)")
_ODD_SIZE = re.compile(rb"-?(?:0x)?[0-9a-fA-F]++[ \t]*+\r?\n")
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
        self._awaits_size = False
        """The body should come in chunks, and none of it has come."""
        self._is_unchunked = False
        """The head promised chunks, and the body is none: each piece of it becomes one."""

    def set_response_params(self, **options: Any) -> None:
        self._head = bytearray()
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if self._head is None or not data:
            self._pass_on_body(data)
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
        plain = plain_head(head, is_whole=is_whole)
        self._awaits_size, self._is_unchunked = b"\r\ntransfer-encoding: chunked\r\n" in plain, False
        super().data_received(plain)
        self._pass_on_body(rest)

    def _pass_on_body(self, data: bytes) -> None:
        if not data:
            return
        if self._awaits_size:
            self._awaits_size, self._is_unchunked = False, not _CHUNK_SIZE.match(data)
            if self._is_unchunked and (size := _ODD_SIZE.match(data)):
                data = data[size.end() :]
        super().data_received(b"%x\r\n%b\r\n" % (len(data), data) if self._is_unchunked else data)


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
    keeps_open = b"close" not in connection and (found[1] in (b"1", None) or b"keep-alive" in connection)
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


_AS_BROWSERS = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
"""Which encoding browsers use for a name (https://encoding.spec.whatwg.org)."""
MOST_LAYERS = 3
GZIP = b"\x1f\x8b"
PIECE_BYTES = 1 << 16


def body_text(body: bytes, headers: Mapping[str, str], longest_bytes: int) -> str:
    """The text of a body: unpacked, at most so many bytes, and decoded as a browser would, or better where its name is wrong."""
    body = _unpacked(body, headers.get("content-encoding", "").lower(), longest_bytes)
    encodings = _encodings(body, headers.get("content-type", ""))
    body = body.removeprefix(codecs.BOM_UTF8)
    encoding = next(filter(partial(_fits, body), encodings), "utf-8")
    return body.decode(encoding, errors="replace").strip("\ufeff\0 \t\r\n")


def _encodings(body: bytes, content_type: str) -> Iterator[str]:
    """What the body may be encoded in, the likeliest first. Only wide characters have a zero near the beginning (RFC 4627, 3)."""
    is_wide = 0 in body[:4] or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if is_wide or body.startswith(codecs.BOM_UTF8):
        yield json.detect_encoding(body)
    named = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    if named is not None:
        try:
            name = codecs.lookup(named[1]).name
            b"0".decode(name, "replace")
        except (LookupError, ValueError):  # no encoding, or none of text
            name = "utf-8"
        if is_wide or not name.startswith(("utf-16", "utf-32")):
            yield _AS_BROWSERS.get(name, name)
    yield from ("utf-8", "gb18030")


def _fits(body: bytes, encoding: str) -> bool:
    """Whether the body is in this encoding. It may be cut inside a character."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(body)
    except UnicodeError:
        return False
    return True


def _unpacked(body: bytes, coding: str, longest_bytes: int) -> bytes:
    """The body without gzip or deflate, at most so many bytes of it; as it is if it cannot be unpacked.

    None is asked for (`Accept-Encoding: identity`), but gateways pack all the same, some twice, some without saying so.
    """
    for layer in range(MOST_LAYERS):
        windows = (31,) if body.startswith(GZIP) else (15, -15) if "deflate" in coding and layer == 0 else ()
        found = next(filter(None, (_inflated(body, window, longest_bytes) for window in windows)), b"")
        if not found:
            break
        body = found
    return body


def _inflated(body: bytes, window: int, longest_bytes: int) -> bytes:
    """What can be unpacked of all parts of a body, until the first fault."""
    found, unpacker = bytearray(), zlib.decompressobj(window)
    at, size = 0, PIECE_BYTES
    while at < len(body) and len(found) < longest_bytes:
        before, length, piece = unpacker.copy(), len(found), body[at : at + size]
        try:
            while piece and len(found) < longest_bytes:
                found += unpacker.decompress(piece, longest_bytes - len(found))
                if piece := unpacker.unused_data:
                    unpacker = zlib.decompressobj(window)
            at += size
        except zlib.error:
            if size == 1:
                break
            # A fault takes along what came with it: up to it in smaller pieces.
            del found[length:]
            unpacker, size = before, max(size // 16, 1)
    return bytes(found)
