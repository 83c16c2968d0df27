"""What becomes of answers with faults. The server writes bytes on a socket; the client is the one of production."""

import contextlib
import gzip
import json
import random
import zlib

import pytest

from daka.outbound.answers import _inflated, body_text, plain_head
from daka.outbound.bodies import mended
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.outbound.requests import LONGEST_ANSWER_BYTES, HttpAnswer, HttpRequest, NoAnswer
from fakes.raw import RawServer

BODY = b'{"errcode":0,"errmsg":"ok"}'
TEXT = BODY.decode()
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 27\r\n"
COOKIES = b"".join(b"Set-Cookie: c%d=%s\r\n" % (number, b"x" * 60) for number in range(180))
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PACKED = gzip.compress(BODY, mtime=0)
CHUNKS = b"1b\r\n" + BODY + b"\r\n0\r\n\r\n"


async def answer_of(*parts: bytes, stays_open: bool = False) -> HttpAnswer:
    async with RawServer(*parts, stays_open=stays_open).running() as server, Outbound(Guard(["127.0.0.1"])) as outbound:
        return await outbound.send(HttpRequest(server.base_url, b"{}"))


WHOLE = {
    "plain": (OK + LENGTH, BODY),
    "a header over 8190 bytes": (OK + LENGTH + b"X-Long: " + b"x" * 9000 + b"\r\n", BODY),
    "a header of 100 kB": (OK + LENGTH + b"X-Long: " + b"x" * 100_000 + b"\r\n", BODY),
    "180 cookies": (OK + LENGTH + COOKIES, BODY),
    "length and chunks": (OK + LENGTH + CHUNKED, CHUNKS),
    "chunks and length": (OK + CHUNKED + LENGTH, CHUNKS),
    "length twice": (OK + LENGTH + LENGTH, BODY),
    "two lengths": (OK + LENGTH + b"Content-Length: 5\r\n", BODY),
    "no length": (OK, BODY),
    "a length that is no number": (OK + b"Content-Length: many\r\n", BODY),
    "a negative length": (OK + b"Content-Length: -1\r\n", BODY),
    "a long status line": (b"HTTP/1.1 200 " + b"x" * 9000 + b"\r\n" + LENGTH, BODY),
    "no reason": (b"HTTP/1.1 200\r\n" + LENGTH, BODY),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n", BODY),
    "a header without a colon": (OK + b"nonsense\r\n" + LENGTH, BODY),
    "a header with a space in its name": (OK + b"Bad Name : x\r\n" + LENGTH, BODY),
    "a header in Chinese": (OK + "X-词: 值\r\nContent-Type: 值\r\n".encode() + LENGTH, BODY),
    "control characters": (OK + b"X-Odd: a\x00b\x01\r\n" + LENGTH, BODY),
    "a folded header": (OK + b"X-Folded: a\r\n b\r\n" + LENGTH, BODY),
    "an interim response": (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + LENGTH, BODY),
    "cut before its length": (OK + b"Content-Length: 500\r\n", BODY),
    "chunks without an end": (OK + CHUNKED, b"1b\r\n" + BODY + b"\r\n"),
    "a chunk without an end": (OK + CHUNKED, b"ff\r\n" + BODY),
    "a body without chunks": (OK + CHUNKED, BODY),
    "a length, and a body without chunks": (OK + CHUNKED + LENGTH, BODY),
    "packed in transfer": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n",
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(PACKED), PACKED),
    ),
    "another version": (b"HTTP/2 200\r\n" + LENGTH, BODY),
    "small letters": (b"http/1.1 200 ok\r\n" + LENGTH, BODY),
    "a second chunk in disorder": (OK + CHUNKED, b"1b\r\n" + BODY + b"\r\nzz\r\n"),
}


@pytest.mark.parametrize("form", ["one packet", "head and body", "many packets"])
@pytest.mark.parametrize("fault", WHOLE)
async def test_an_answer_with_a_fault_is_an_answer(fault: str, form: str) -> None:
    head, body = WHOLE[fault]
    whole = head + b"\r\n" + body
    size = len(whole) // 7
    parts = {"one packet": [whole], "head and body": [head + b"\r\n", body]}.get(form)
    answer = await answer_of(*(parts or [whole[at : at + size] for at in range(0, len(whole), size)]))
    assert (answer.status, answer.text) == (200, TEXT)


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        (OK, 200, ""),
        (OK + b"Content-Le", 200, ""),
        (OK + LENGTH + b"\r\n", 200, ""),
        (OK + LENGTH + b"\r\n" + BODY[:9], 200, TEXT[:9]),
        (OK + CHUNKED + b"\r\nzz\r\n" + BODY, 200, "zz\r\n" + TEXT),
        (OK + CHUNKED + b"\r\n0x1b\r\n" + BODY + b"\r\n0\r\n\r\n", 200, TEXT + "\r\n0"),
        (OK + CHUNKED + b"\r\n1b\n" + BODY + b"\n0\n\n", 200, TEXT + "\n0"),
        (OK + CHUNKED + b"\r\nffffffffffffffffffff\r\n" + BODY, 200, TEXT),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 502 Bad Gateway\r\nX: " + b"x" * 9000, 502, ""),
        (OK + b"X: " + b"x" * 300_000 + b"\r\n\r\n", 200, ""),
    ],
)
async def test_an_answer_that_breaks_off_keeps_its_status_and_what_came(sent: bytes, status: int, text: str) -> None:
    answer = await answer_of(sent)
    assert (answer.status, answer.text) == (status, text)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 ", b"HTTP/1.1 2", b"garbage\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n" * 9])
async def test_without_a_status_line_there_is_no_answer(sent: bytes) -> None:
    with pytest.raises(NoAnswer) as failure:
        await answer_of(sent)
    assert failure.value.code == "connection"


async def test_a_body_that_stops_coming_is_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daka.outbound.client.OVERALL_SECONDS", 0.5)
    answer = await answer_of(OK + b"Content-Length: 500\r\n\r\n" + BODY, stays_open=True)
    assert (answer.status, answer.text) == (200, TEXT)


async def test_a_good_answer_keeps_the_connection_and_one_with_two_lengths_does_not() -> None:
    for head, connections in ((OK + LENGTH, 1), (OK + LENGTH + CHUNKED, 2)):
        server = RawServer(head + b"\r\n" + (CHUNKS if CHUNKED in head else BODY), stays_open=True)
        async with server.running(), Outbound(Guard(["127.0.0.1"])) as outbound:
            for _ in range(2):
                assert (await outbound.send(HttpRequest(server.base_url, b"{}"))).text == TEXT
        assert (server.requests, server.connections) == (2, connections)


def test_a_head_keeps_only_what_is_read() -> None:
    head = OK + b"Retry-After: 7\r\nSet-Cookie: a=b\r\nContent-Type: text/plain\r\nContent-Length: 3"
    assert plain_head(head).split(b"\r\n") == [
        b"HTTP/1.1 200 -",
        b"content-type: text/plain",
        b"retry-after: 7",
        b"content-length: 3",
        b"",
        b"",
    ]


WORDS = '{"errcode":310000,"errmsg":"关键词不匹配"}'


PACKED_WORDS = gzip.compress(WORDS.encode(), mtime=0)


def deflated(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (WORDS.encode(), {}),
        (WORDS.encode(), {"content-type": "application/json; charset=UTF-8"}),
        (WORDS.encode("utf-8-sig"), {}),
        (WORDS.encode("utf-8-sig"), {"content-type": "text/plain; charset=gbk"}),
        (WORDS.encode("utf-16"), {}),
        (b"\xfe\xff" + WORDS.encode("utf-16-be"), {}),
        (WORDS.encode("gbk"), {}),
        (WORDS.encode("gbk"), {"content-type": "application/json; charset=GBK"}),
        (WORDS.encode("gbk"), {"content-type": 'text/html; charset="gb2312"'}),
        (WORDS.encode("gb18030"), {"content-type": "text/html; charset=no-such"}),
        (WORDS.encode("big5", "replace"), {"content-type": "text/html; charset=rot13"}),
        (gzip.compress(WORDS.encode(), mtime=0), {"content-encoding": "gzip"}),
        (gzip.compress(WORDS.encode("utf-8-sig"), mtime=0), {"content-encoding": "x-gzip"}),
        (gzip.compress(WORDS.encode(), mtime=0)[:-6], {"content-encoding": "gzip"}),
        (deflated(WORDS.encode("gbk"), 15), {"content-encoding": "deflate"}),
        (deflated(WORDS.encode(), -15), {"content-encoding": "Deflate"}),
        (WORDS.encode(), {"content-encoding": "gzip"}),
        (WORDS.encode(), {"content-type": "application/json; charset=utf-16"}),
        (WORDS.encode(), {"content-type": "application/json; charset=idna"}),
        (WORDS.encode("gbk"), {"content-type": "application/json; charset=utf-8"}),
        (b"\xef\xbb\xbf" * 2 + WORDS.encode(), {}),
        (b"\xef\xbb\xbf" + WORDS.encode("gbk"), {}),
        (b"\r\n \xef\xbb\xbf" + WORDS.encode() + b"\r\n\0\0", {}),
        (WORDS.encode("utf-16-le"), {}),
        (WORDS.encode("utf-16-be"), {"content-type": "application/json; charset=utf-8"}),
        (WORDS.encode("utf-32"), {}),
        (PACKED_WORDS, {}),
        (PACKED_WORDS, {"content-encoding": "identity, gzip"}),
        (gzip.compress(PACKED_WORDS, mtime=0), {"content-encoding": "gzip"}),
        (gzip.compress(PACKED_WORDS, mtime=0), {"content-encoding": "gzip, gzip"}),
        (gzip.compress(WORDS.encode()[:9], mtime=0) + gzip.compress(WORDS.encode()[9:], mtime=0), {}),
        (PACKED_WORDS[:-8] + b"\0" * 8, {"content-encoding": "gzip"}),
    ],
)
def test_a_body_is_read_as_a_browser_would(body: bytes, headers: dict[str, str]) -> None:
    assert json.loads(body_text(body, headers, 1000))["errcode"] == 310000
    if "rot13" not in str(headers):
        assert body_text(body, headers, 1000) == WORDS


def test_a_body_that_is_cut_inside_a_character_keeps_its_encoding() -> None:
    for encoding in ("utf-8", "gb18030"):
        cut = "打卡成功打卡成功".encode(encoding)[:-1]
        assert body_text(cut, {}, 1000).startswith("打卡成功打卡成")


RANDOM = random.Random(7).randbytes(150_000)
PACKED_RANDOM = gzip.compress(RANDOM, mtime=0)


@pytest.mark.parametrize("at", [0, 10, 500, 65_535, 65_536, 65_537, 131_072, len(PACKED_RANDOM)])
def test_what_comes_before_a_fault_is_kept(at: int) -> None:
    """As much as a byte at a time gives, wherever the fault is."""
    faulty = PACKED_RANDOM[:at] + b"\xff" * 4_000
    expected, unpacker = b"", zlib.decompressobj(31)
    with contextlib.suppress(zlib.error):
        for place in range(len(faulty)):
            expected += unpacker.decompress(faulty[place : place + 1])
    assert _inflated(faulty, 31, 1_000_000) == expected
    assert _inflated(faulty, 31, 100_000) == expected[:100_000]


async def test_a_bomb_is_unpacked_to_the_limit_only() -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    assert len(bomb) < LONGEST_ANSWER_BYTES
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert len((await answer_of(head + bomb)).text) == LONGEST_ANSWER_BYTES


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (TEXT[:-1], TEXT),
        ('{"errcode":0,"errm', '{"errcode":0}'),
        ('{"errcode":0,"data":{"a":[1,2', '{"errcode":0,"data":{"a":[1]}}'),
        ('{"errcode":3100', "{}"),  # perhaps not all its digits
        ('{"errcode":0', "{}"),
        (TEXT + "<script></script>", TEXT),
        (TEXT + TEXT, TEXT),
        ('{"errcode":310000,"errmsg":"没有关键', '{"errcode":310000,"errmsg":"没有关键"}'),
        ('{"errcode":0,"invalidStaffIdList":["zh', '{"errcode":0,"invalidStaffIdList":["zh"]}'),  # somebody was refused
        ('{"errcode":0,"invaliduser":"zhang|wa', '{"errcode":0,"invaliduser":"zhang|wa"}'),
        ('{"requestid":"1","code":"Forbidden', '{"requestid":"1"}'),  # perhaps not all of it
        ('{"errcode":0}{"errcode":1', '{"errcode":0}'),
    ],
)
def test_an_object_that_broke_off_is_what_of_it_is_whole(text: str, whole: str) -> None:
    assert json.loads(mended(text)) == json.loads(whole)


@pytest.mark.parametrize("text", [TEXT, "", "ok", "[0", "<p>{}", '{"a":' * 100_000, "{" * 100_000, "{]", '{"a":NaN}'])
def test_any_other_text_stays(text: str) -> None:
    assert mended(text) == text
